package dev.everfeed.hub.record;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.List;

/// What the first line of each part says of its recording.
///
/// @param id        the same in all parts: `binance-20261122T144500Z`
/// @param part      1 and up
/// @param url       of the venue's WebSocket, without user and password
/// @param streams   that were wanted
/// @param startedAt wall time of the monotonic moment 0; a frame was received at `startedAt`
///     plus its monotonic time, whatever was done to the wall clock meanwhile
public record RecordingHeader(
    String id,
    int part,
    SourceId source,
    String exchange,
    String url,
    List<Stream> streams,
    Instant startedAt) {
  /// Of the format. A reader ignores fields and lines that it does not know; a version that it
  /// does not know it refuses.
  public static final int VERSION = 1;

  public RecordingHeader {
    streams = List.copyOf(streams);
    if (part < 1 || streams.isEmpty()) {
      throw new IllegalArgumentException(
          "recording %s: a part has a number from 1 on and at least one stream, was %d with %d"
              .formatted(id, part, streams.size()));
    }
  }

  RecordingHeader ofPart(int number) {
    return new RecordingHeader(id, number, source, exchange, url, streams, startedAt);
  }

  /// [Stream#name] read back.
  ///
  /// @throws IllegalArgumentException when it is none
  static Stream streamOf(String name) {
    String[] parts = name.split("\\|", -1);
    if (parts.length == 2 && parts[0].equals(Channel.TRADE.text())) {
      return Stream.trades(Symbol.of(parts[1]));
    }
    if (parts.length == 2 && parts[0].equals(Channel.QUOTE.text())) {
      return Stream.quotes(Symbol.of(parts[1]));
    }
    if (parts.length == 3 && parts[0].equals(Channel.BAR.text())) {
      return Stream.bars(
          Symbol.of(parts[1]),
          Interval.parse(parts[2])
              .orElseThrow(() -> new IllegalArgumentException("no interval " + parts[2])));
    }
    throw new IllegalArgumentException("\"%s\" is no stream".formatted(name));
  }
}

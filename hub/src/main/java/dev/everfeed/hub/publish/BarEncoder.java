package dev.everfeed.hub.publish;

import dev.everfeed.core.bars.BuiltBar;
import dev.everfeed.core.bars.RunningDecimal;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Writes bars that were built here: the fields of every bar (wire/CANONICAL.md), then `built`,
/// then what all published forms have. `exchange` and `source` are those of its trades, and null
/// where they are of several; `gateway` is null, since trades come over several lines.
///
/// Allocates nothing for a bar of the sources that the one before of its stream had, and whose
/// numbers fit in a mantissa. Owned by one thread.
final class BarEncoder {
  private static final byte[] TIME = ascii(",\"time\":\"");
  private static final byte[][] NUMBERS = {
    ascii("\",\"open\":"),
    ascii(",\"high\":"),
    ascii(",\"low\":"),
    ascii(",\"close\":"),
    ascii(",\"volume\":")
  };
  private static final byte[] COMPLETE = ascii(",\"complete\":true");
  private static final byte[] UNFINISHED = ascii(",\"complete\":false");
  private static final byte[] TRADES = ascii(",\"trades\":");
  private static final byte[] MISSING = ascii(",\"missing\":");
  private static final byte[] WHOLE = ascii(",\"whole\":true,\"revision\":");
  private static final byte[] NOT_WHOLE = ascii(",\"whole\":false,\"revision\":");
  private static final byte[] RECEIVED_AT = ascii("},\"gateway\":null,\"received_at\":\"");
  private static final byte[][] STATUSES = new byte[ValueStatus.values().length][];

  static {
    for (ValueStatus status : ValueStatus.values()) {
      STATUSES[status.ordinal()] = ascii("\",\"status\":\"" + status.text() + "\"");
    }
  }

  private final Streams streams;
  private final List<Gateway> known = new ArrayList<>();
  private final byte[] epochField;
  private final byte[][] begins;
  private final byte[][] sources;

  /// Of which contents the two above are.
  private final long[] contents;

  private final Bytes out = new Bytes();

  BarEncoder(Streams streams, long epoch) {
    this.streams = streams;
    this.epochField = ascii(",\"epoch\":" + epoch + ",\"seq\":");
    this.begins = new byte[streams.size()][];
    this.sources = new byte[streams.size()][];
    this.contents = new long[streams.size()];
  }

  /// From now on a number means the content of this gateway.
  void put(int number, Gateway gateway) {
    if (number == known.size()) {
      known.add(gateway);
    } else if (!known.get(number).source().equals(gateway.source())) {
      throw new IllegalArgumentException("content %d is that of %s for good, was to be that of %s"
          .formatted(number, known.get(number).source(), gateway.source()));
    }
  }

  /// Writes one message.
  ///
  /// @param receivedAtNanos of the epoch, by our clock
  /// @return its length in bytes; it is `bytes()[0, length)` until the next call
  int encode(int stream, BuiltBar bar, ValueStatus status, long seq, long receivedAtNanos) {
    if (contents[stream] != bar.contents()) {
      name(stream, bar.contents());
    }
    out.clear();
    out.put(begins[stream]);
    out.put(TIME);
    out.putTime(bar.timeNanos());
    number(0, bar.open());
    number(1, bar.high());
    number(2, bar.low());
    number(3, bar.close());
    number(4, bar.volume());
    out.put(bar.isComplete() ? COMPLETE : UNFINISHED);
    out.put(sources[stream]);
    out.put(TRADES);
    out.put(bar.trades());
    out.put(MISSING);
    out.put(bar.missing());
    out.put(bar.isWhole() ? WHOLE : NOT_WHOLE);
    out.put(bar.revision());
    out.put(RECEIVED_AT);
    out.putTime(receivedAtNanos);
    out.put(STATUSES[status.ordinal()]);
    out.put(epochField);
    out.put(seq);
    out.put((byte) '}');
    return out.length();
  }

  /// Reused; see [#encode].
  byte[] bytes() {
    return out.array();
  }

  private void number(int place, RunningDecimal value) {
    out.put(NUMBERS[place]);
    if (value.isSmall()) {
      out.putDecimal(value.mantissa(), value.scale());
    } else {
      out.putAscii(value.toString());
    }
  }

  private void name(int stream, long of) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> exchanges = new LinkedHashSet<>();
    for (int i = 0; i < known.size(); i++) {
      if ((of & 1L << i) != 0) {
        names.add(quoted(known.get(i).source().name()));
        exchanges.add(quoted(known.get(i).exchange()));
      }
    }
    Stream bars = streams.stream(stream);
    Interval interval = bars.interval();
    if (interval == null) {
      throw new IllegalArgumentException("bars are built of " + bars + ", which has no interval");
    }
    begins[stream] =
        ("{\"type\":\"bar\",\"symbol\":%s,\"exchange\":%s,\"source\":%s,\"interval\":\"%s\""
                .formatted(quoted(bars.symbol().text()), only(exchanges), only(names), interval))
            .getBytes(StandardCharsets.UTF_8);
    sources[stream] = ascii(",\"built\":{\"sources\":[" + String.join(",", names) + "]");
    contents[stream] = of;
  }

  private static String only(Set<String> names) {
    return names.size() == 1 ? names.iterator().next() : "null";
  }

  private static String quoted(String value) {
    StringBuilder text = new StringBuilder();
    CanonicalJson.appendString(text, value);
    return text.toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

package dev.everfeed.hub.publish;

import dev.everfeed.core.bars.BuiltBar;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;

/// Publishes what the engine gives it: encodes and appends to the log. Owned by the tick loop;
/// it waits for nobody, and allocates nothing for a tick in primitives nor for a bar.
public final class Publisher {
  private final Publications publications;
  private final PublicationLog log;
  private final TickEncoder encoder;
  private final long epoch;
  private final BarEncoder bars;
  private final long[] barSeqs;
  private final long[] eventSeqs = new long[Publications.EVENT_TYPES];
  private final Bytes event = new Bytes();

  /// @param epoch    of this start of the hub; larger than that of every start before
  /// @param gateways by their numbers
  /// @param logBytes as in [PublicationLog]
  public Publisher(Streams streams, List<Gateway> gateways, long epoch, long logBytes) {
    this.epoch = epoch;
    log = new PublicationLog(streams.size() + Publications.EVENT_TYPES, logBytes);
    publications = new Publications(streams, epoch, log);
    encoder = new TickEncoder(streams, gateways);
    bars = new BarEncoder(streams, epoch);
    barSeqs = new long[streams.size()];
  }

  /// From now on a number means this gateway.
  public void gateway(int number, Gateway gateway) {
    encoder.put(number, gateway);
  }

  /// Publishes one event of a stream.
  ///
  /// @param gateway         the number of the one it came through
  /// @param seq             of the stream, 1 more than the one before
  /// @param receivedAtNanos of the epoch, by our clock
  public void publish(Tick tick, int gateway, ValueStatus status, long seq, long receivedAtNanos) {
    int length = encoder.encode(tick, gateway, status, epoch, seq, receivedAtNanos);
    log.append(tick.stream(), seq, encoder.bytes(), 0, length);
  }

  /// From now on a number means the content of this gateway, in bars that are built here.
  ///
  /// @param number the next one, or one that means this content already
  public void content(int number, Gateway gateway) {
    bars.put(number, gateway);
  }

  /// Publishes a bar that was built here, on a stream that no venue gives.
  ///
  /// @param receivedAtNanos of the epoch, by our clock
  public void publish(int stream, BuiltBar bar, ValueStatus status, long receivedAtNanos) {
    long seq = ++barSeqs[stream];
    int length = bars.encode(stream, bar, status, seq, receivedAtNanos);
    log.append(stream, seq, bars.bytes(), 0, length);
  }

  /// Publishes an event of the hub on its stream `event|type`, numbered from 1.
  ///
  /// @param type   `gap_declared`; 1 to 40 of `a-z`, `0-9` and `_`
  /// @param fields of the JSON object, without its braces; may be empty
  /// @throws IllegalArgumentException for a type that is none, or an event beyond
  ///     [PublicationLog#messageMax]
  public void event(String type, String fields) {
    int stream = publications.numberOfEvent(type);
    int index = stream - publications.streams().size();
    long seq = eventSeqs[index] + 1;
    event.clear();
    event.put("{\"type\":\"event\",\"event_type\":\"");
    event.put(type);
    event.put("\"");
    if (!fields.isEmpty()) {
      event.put(",");
      event.put(fields);
    }
    event.put(",\"epoch\":");
    event.put(epoch);
    event.put(",\"seq\":");
    event.put(seq);
    event.put("}");
    log.append(stream, seq, event.array(), 0, event.length());
    eventSeqs[index] = seq;
  }

  /// Makes a type of event known before the first of it: a reader may name it, to be told of all
  /// that come.
  ///
  /// @throws IllegalArgumentException as in [#event]
  public void mayHappen(String type) {
    publications.numberOfEvent(type);
  }

  /// Says how far the newest value of a stream can be trusted from now on; `live` before the
  /// first word of it.
  public void statusNow(int stream, ValueStatus status) {
    publications.statusNow(stream, status);
  }

  public long epoch() {
    return epoch;
  }

  public PublicationLog log() {
    return log;
  }

  public Streams streams() {
    return publications.streams();
  }

  /// For readers on other threads.
  public Publications publications() {
    return publications;
  }
}

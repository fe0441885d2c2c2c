package dev.everfeed.hub.publish;

import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// What was published, for whoever reads it: the log, and the names of what is in it. Any thread
/// may use it.
///
/// Streams of ticks have the numbers of [Streams]; behind them come those of the hub's own
/// events, `event|gap_declared`, each of which gets a number when it first happens.
public final class Publications {
  /// How many types of events a hub may have.
  public static final int EVENT_TYPES = 64;

  private static final ValueStatus[] STATUSES = ValueStatus.values();

  private final Streams streams;
  private final long epoch;
  private final PublicationLog log;
  private final Map<String, Integer> numbers = new LinkedHashMap<>();
  private final Map<Symbol, List<Integer>> bySymbol = new LinkedHashMap<>();
  private volatile List<String> events = List.of();

  /// How far what was published last can be trusted now: a [ValueStatus] by its place.
  private final AtomicIntegerArray statuses;

  Publications(Streams streams, long epoch, PublicationLog log) {
    this.streams = streams;
    this.epoch = epoch;
    this.log = log;
    this.statuses = new AtomicIntegerArray(streams.size());
    for (int i = 0; i < streams.size(); i++) {
      Stream stream = streams.stream(i);
      numbers.put(stream.name(), i);
      bySymbol.computeIfAbsent(stream.symbol(), _ -> new ArrayList<>()).add(i);
    }
  }

  /// One message as it was published: a JSON object in UTF-8.
  ///
  /// @param json never changed, and not compared
  @SuppressWarnings("ArrayRecordComponent")
  public record Message(int stream, long seq, byte[] json) {
    /// The object as text.
    public String text() {
      return new String(json, StandardCharsets.UTF_8);
    }
  }

  /// What [#replay] found.
  public sealed interface Replay {
    /// Messages in order, none missing between them.
    ///
    /// @param lastSeq of the newest message that there is; `from_seq - 1` or less when there is
    ///     none
    record Messages(List<Message> messages, long lastSeq) implements Replay {}

    /// What was asked for is of another epoch or has been overwritten.
    ///
    /// @param firstSeq the first one that is there; [PublicationLog#NOWHERE] for none
    /// @param lastSeq  the last one that was published; [PublicationLog#NOWHERE] for none
    record Gone(long firstSeq, long lastSeq) implements Replay {}
  }

  public long epoch() {
    return epoch;
  }

  public PublicationLog log() {
    return log;
  }

  /// The streams of ticks.
  public Streams streams() {
    return streams;
  }

  /// How many numbers there can be: those of ticks and of events.
  public int size() {
    return streams.size() + EVENT_TYPES;
  }

  public boolean isEvent(int stream) {
    return stream >= streams.size();
  }

  /// The number of `trade|BTC/USDT`, or [Streams#NONE].
  public int numberOf(String name) {
    if (name.startsWith("event|")) {
      int index = events.indexOf(name);
      return index < 0 ? Streams.NONE : streams.size() + index;
    }
    return numbers.getOrDefault(name, Streams.NONE);
  }

  /// The name of a number that is in the log.
  public String name(int stream) {
    return isEvent(stream)
        ? events.get(stream - streams.size())
        : streams.stream(stream).name();
  }

  /// The numbers of all streams of a symbol; empty for one that is not streamed.
  public List<Integer> of(Symbol symbol) {
    return List.copyOf(bySymbol.getOrDefault(symbol, List.of()));
  }

  /// The symbols that are streamed.
  public List<Symbol> symbols() {
    return List.copyOf(bySymbol.keySet());
  }

  /// The names of the events that have happened, or are known to be able to.
  public List<String> events() {
    return events;
  }

  /// How far the newest message of a stream can be trusted now, whatever it said when it was
  /// published: `live` while a gateway delivers, `maybe_stale` while that is in doubt, else
  /// `stale`.
  public ValueStatus statusNow(int stream) {
    return STATUSES[statuses.get(stream)];
  }

  void statusNow(int stream, ValueStatus status) {
    statuses.set(stream, status.ordinal());
  }

  /// The writer's thread.
  int numberOfEvent(String type) {
    String name = "event|" + type;
    int index = events.indexOf(name);
    if (index < 0) {
      if (!type.matches("[a-z][a-z0-9_]{0,39}") || events.size() == EVENT_TYPES) {
        throw new IllegalArgumentException(
            "an event's type is 1 to 40 of a-z, 0-9 and _, and there are at most %d, was \"%s\""
                .formatted(EVENT_TYPES, type));
      }
      List<String> more = new ArrayList<>(events);
      more.add(name);
      index = events.size();
      events = List.copyOf(more);
    }
    return streams.size() + index;
  }

  /// The newest message of a stream.
  public Optional<Message> latest(int stream) {
    return latestBefore(stream, Long.MAX_VALUE);
  }

  /// The newest message of a stream before a position of the log.
  public Optional<Message> latestBefore(int stream, long position) {
    LogRecord record = new LogRecord();
    return log.newestBefore(stream, position, record) ? read(record) : Optional.empty();
  }

  private Optional<Message> read(LogRecord record) {
    byte[] json = new byte[record.length()];
    return log.message(record, json)
        ? Optional.of(new Message(record.stream(), record.seq(), json))
        : Optional.empty();
  }

  /// The messages of a stream from a `seq` on. Costs a step for each 256 messages of the stream
  /// in the log, and one for each that is given.
  ///
  /// @param limit at most so many
  public Replay replay(int stream, long ofEpoch, long fromSeq, int limit) {
    return replay(stream, ofEpoch, fromSeq, Long.MAX_VALUE, limit);
  }

  /// @param toSeq at most up to this one
  public Replay replay(int stream, long ofEpoch, long fromSeq, long toSeq, int limit) {
    long last = log.lastSeq(stream);
    if (ofEpoch != epoch) {
      return gone(stream);
    }
    if (last == PublicationLog.NOWHERE || fromSeq > last) {
      return new Replay.Messages(List.of(), last);
    }
    long from = Math.max(fromSeq, log.firstSeq(stream));
    long to =
        Math.min(Math.min(last, toSeq), from > Long.MAX_VALUE - limit ? last : from + limit - 1);
    LogRecord record = new LogRecord();
    if (!log.newestUpTo(stream, to, record)) {
      return gone(stream);
    }
    long[] positions = new long[Math.toIntExact(Math.max(0, to - from + 1))];
    int count = 0;
    while (record.seq() >= from && count < positions.length) {
      positions[count++] = record.position();
      if (record.seq() == from) {
        break;
      }
      long previous = record.previous;
      if (previous == PublicationLog.NOWHERE || !log.header(previous, record)) {
        return gone(stream);
      }
    }
    List<Message> messages = new ArrayList<>(count);
    while (count > 0) {
      if (!log.header(positions[--count], record)) {
        return gone(stream);
      }
      Optional<Message> message = read(record);
      if (message.isEmpty()) {
        return gone(stream);
      }
      messages.add(message.get());
    }
    return new Replay.Messages(messages, last);
  }

  private Replay.Gone gone(int stream) {
    LogRecord oldest = new LogRecord();
    long first = log.oldest(stream, oldest) ? oldest.seq() : PublicationLog.NOWHERE;
    return new Replay.Gone(first, log.lastSeq(stream));
  }
}

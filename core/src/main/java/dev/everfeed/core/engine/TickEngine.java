package dev.everfeed.core.engine;

import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.Arrays;

/// Numbers what is published: of each stream the events of one gateway, each once, in the order
/// in which they came, `seq` rising by 1.
///
/// | channel of the gateway | what has been had                   | what is missing              |
/// |------------------------|-------------------------------------|------------------------------|
/// | dense ids              | dropped: its id is not above the last | told as a gap, before the
/// next |
/// | other                  | published again                     | cannot be known              |
///
/// Touches the state of the one stream that an event is of; allocates nothing. Owned by one
/// thread.
public final class TickEngine {

  /// Takes the decisions. The tick is valid until the call returns.
  public interface Output {
    void publish(int gateway, Tick tick, ValueStatus status, long seq);

    /// Trades from the first to the last id, both included, have not come.
    void gap(int gateway, int stream, long firstId, long lastId);
  }

  /// The gateway of a stream that none has.
  public static final int NOBODY = -1;

  /// Trades that may be missing at once: a quarter of an hour of the busiest symbol there is.
  static final long LEAP_MAX = 1_000_000;

  private final int[] active;
  private final boolean[] dense;
  private final long[] seq;
  private final long[] lastId;

  /// What a gateway has said to be its newest, the last time.
  private final long[] saidNewest;

  /// A trade far from the last one, which waits for the next one to go on from it.
  private final long[] doubted;

  private long doubts;
  private long published;
  private long duplicates;
  private long gaps;
  private long missing;

  /// @param streams their number; each is nobody's until [#route]
  public TickEngine(int streams) {
    this.active = new int[streams];
    this.dense = new boolean[streams];
    this.seq = new long[streams];
    this.lastId = new long[streams];
    this.saidNewest = new long[streams];
    this.doubted = new long[streams];
    Arrays.fill(doubted, Tick.NONE);
    Arrays.fill(active, NOBODY);
    Arrays.fill(saidNewest, Tick.NONE);
    Arrays.fill(lastId, Tick.NONE);
  }

  /// From now on a stream is published from a gateway.
  ///
  /// @param gateway its number, or [#NOBODY]
  /// @param dense whether the ids there rise by 1, so that a hole in them is a gap
  public void route(int stream, int gateway, boolean dense) {
    if (active[stream] != gateway) {
      lastId[stream] = Tick.NONE; // ids of another venue say nothing here
      saidNewest[stream] = Tick.NONE;
      doubted[stream] = Tick.NONE;
    }
    active[stream] = gateway;
    this.dense[stream] = dense;
  }

  /// An event came through a gateway.
  public void on(int gateway, Tick tick, Output out) {
    int stream = tick.stream();
    if (stream == Streams.NONE || active[stream] != gateway) {
      return;
    }
    if (dense[stream]
        && tick.idNumber() != Tick.NONE
        && !takes(gateway, stream, tick.idNumber(), out)) {
      return;
    }
    published++;
    out.publish(gateway, tick, ValueStatus.LIVE, ++seq[stream]);
  }

  /// Whether an id is the next one, or one further on; what lies between is told as a gap.
  private boolean takes(int gateway, int stream, long id, Output out) {
    long last = lastId[stream];
    if (last != Tick.NONE && (id - last > LEAP_MAX || last - id > LEAP_MAX)) {
      return leaps(gateway, stream, id, out);
    }
    doubted[stream] = Tick.NONE;
    if (last != Tick.NONE && id <= last) {
      duplicates++;
      return false;
    }
    gapUpTo(gateway, stream, id - 1, out);
    lastId[stream] = id;
    return true;
  }

  /// An id far from all others is believed when the next one goes on from it: a single wrong one
  /// would make duplicates of all trades that follow.
  private boolean leaps(int gateway, int stream, long id, Output out) {
    long first = doubted[stream];
    if (first == Tick.NONE || id <= first || id - first > LEAP_MAX) {
      doubted[stream] = id;
      doubts++;
      return false;
    }
    doubted[stream] = Tick.NONE;
    if (id < lastId[stream]) { // the venue counts anew; of that the first one was not published
      lastId[stream] = first - 1;
    }
    gapUpTo(gateway, stream, id - 1, out);
    lastId[stream] = id;
    return true;
  }

  /// A gateway says which trade is its newest. It may say so just before the trade comes: what
  /// has not come when it says so again is missing.
  public void newest(int gateway, int stream, long id, Output out) {
    if (stream != Streams.NONE && active[stream] == gateway && dense[stream]) {
      long said = saidNewest[stream];
      if (said != Tick.NONE && said - lastId[stream] <= LEAP_MAX) {
        gapUpTo(gateway, stream, said, out);
      }
      saidNewest[stream] = id;
    }
  }

  private void gapUpTo(int gateway, int stream, long id, Output out) {
    long last = lastId[stream];
    if (last == Tick.NONE || id <= last) {
      return;
    }
    gaps++;
    missing += id - last;
    lastId[stream] = id;
    out.gap(gateway, stream, last + 1, id);
  }

  /// The gateway that a stream is published from, or [#NOBODY].
  public int active(int stream) {
    return active[stream];
  }

  /// Whether a stream's ids are known to rise by 1, so that each is published once.
  public boolean isDense(int stream) {
    return stream != Streams.NONE && dense[stream];
  }

  /// The number of the stream's last published event; 0 before the first.
  public long seq(int stream) {
    return seq[stream];
  }

  public long published() {
    return published;
  }

  public long duplicates() {
    return duplicates;
  }

  public long gaps() {
    return gaps;
  }

  /// Trades that were not published, since their ids were far from the last one: wrong ones, and
  /// the first after each leap, which is declared missing.
  public long doubts() {
    return doubts;
  }

  /// Trades in all gaps together.
  public long missing() {
    return missing;
  }
}

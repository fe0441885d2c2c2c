package dev.everfeed.benchmarks.load;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/// The trades that one reader has had: how many, which are missing, and how late they came.
/// Filled by the reader's thread; figures are for others once nothing comes any more.
public final class Receipts {
  private static final long HIGHEST_NANOS = 60_000_000_000L;

  private final byte[] mark;
  private final Stamps stamps;
  private final AtomicLong trades = new AtomicLong();
  private final AtomicLong others = new AtomicLong();
  private final Histogram sinceDue = new Histogram(HIGHEST_NANOS, 3);
  private final Histogram sinceWritten = new Histogram(HIGHEST_NANOS, 3);
  private int idAt;
  private long lastId;
  private long missing;
  private volatile boolean isTiming;

  /// @param mark what stands before the id of a trade, `"trade_id":"`
  Receipts(String mark, Stamps stamps) {
    this.mark = mark.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    this.stamps = stamps;
  }

  /// From now on it is noted how late they come, or not any more.
  public void time(boolean on) {
    isTiming = on;
  }

  /// A message was there at that moment.
  void message(byte[] bytes, int from, int length, long nowNanos) {
    int at = idIn(bytes, from, from + length);
    if (at < 0) {
      others.lazySet(others.getPlain() + 1);
      return;
    }
    long id = 0;
    for (int i = at; i < at + TradeLine.ID_DIGITS; i++) {
      id = id * 10 + bytes[i] - '0';
    }
    missing += lastId == 0 ? 0 : id - lastId - 1;
    lastId = id;
    trades.lazySet(trades.getPlain() + 1);
    if (isTiming) {
      sinceDue.recordValue(late(nowNanos - stamps.due(id)));
      sinceWritten.recordValue(late(nowNanos - stamps.written(id)));
    }
  }

  private static long late(long nanos) {
    return Math.clamp(nanos, 0, HIGHEST_NANOS);
  }

  /// Where the id begins: mostly where it began in the message before.
  private int idIn(byte[] bytes, int from, int to) {
    if (isAt(bytes, from + idAt, to)) {
      return from + idAt;
    }
    for (int at = from + mark.length; at + TradeLine.ID_DIGITS <= to; at++) {
      if (isAt(bytes, at, to)) {
        idAt = at - from;
        return at;
      }
    }
    return -1;
  }

  private boolean isAt(byte[] bytes, int at, int to) {
    return at >= mark.length
        && at + TradeLine.ID_DIGITS <= to
        && Arrays.equals(bytes, at - mark.length, at, mark, 0, mark.length);
  }

  public long trades() {
    return trades.get();
  }

  /// Messages that are no trades.
  long others() {
    return others.get();
  }

  /// As if all had come so far; while nothing comes.
  public void forgetMissing() {
    missing = 0;
  }

  /// Trades whose ids lie between those that came.
  public long missing() {
    return missing;
  }

  /// Nanoseconds from when a trade was due.
  public Histogram sinceDue() {
    return sinceDue;
  }

  /// Nanoseconds from when a trade was given to the socket of the venue.
  public Histogram sinceWritten() {
    return sinceWritten;
  }
}

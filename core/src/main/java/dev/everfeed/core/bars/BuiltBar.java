package dev.everfeed.core.bars;

/// A bar that is built from trades, and what is known of how it was built. Who is given one may
/// look at it until it returns.
///
/// | trades  | open, high, low, close        | volume |
/// |---------|-------------------------------|--------|
/// | 1, 2, … | of its trades                 | sum    |
/// | 0       | the close of the bar before   | 0      |
///
/// Its first and last trade are those of the least and the greatest time by the venue's clock,
/// of equal ones the first and the last that were published, which is the order of their ids.
/// Owned by one thread.
public final class BuiltBar {
  static final long NEVER = Long.MAX_VALUE;

  final RunningDecimal open = new RunningDecimal();
  final RunningDecimal high = new RunningDecimal();
  final RunningDecimal low = new RunningDecimal();
  final RunningDecimal close = new RunningDecimal();
  private final RunningDecimal volume = new RunningDecimal();
  private long fromNanos;
  private long endNanos;
  private long firstNanos;
  private long lastNanos;
  private long trades;
  private long contents;
  private long missing;
  private long revision;
  private boolean complete;

  /// That trades of its time may be missing without a number: they were not listened to.
  private boolean uncovered;

  /// Over by the clock while its stream did not deliver: what comes next shows what it was.
  private boolean unproven;

  /// Since when something later is known, so that it is over after a short grace.
  long overSinceNanos;

  /// Since when it is otherwise than it was told, or [#NEVER].
  long changedNanos;

  // ---- building

  void begin(long from, long end) {
    fromNanos = from;
    endNanos = end;
    trades = 0;
    contents = 0;
    missing = 0;
    revision = 0;
    complete = false;
    uncovered = false;
    unproven = false;
    overSinceNanos = NEVER;
    changedNanos = NEVER;
    volume.set(0, 0);
  }

  void beFlat(RunningDecimal price, int content) {
    open.set(price);
    high.set(price);
    low.set(price);
    close.set(price);
    contents = 1L << content;
  }

  void add(RunningDecimal price, RunningDecimal size, long timeNanos, int content) {
    if (trades == 0) {
      beFlat(price, content);
      firstNanos = timeNanos;
      lastNanos = timeNanos;
    } else {
      if (timeNanos < firstNanos) {
        firstNanos = timeNanos;
        open.set(price);
      }
      if (timeNanos >= lastNanos) {
        lastNanos = timeNanos;
        close.set(price);
      }
      if (price.compareTo(high) > 0) {
        high.set(price);
      }
      if (price.compareTo(low) < 0) {
        low.set(price);
      }
      contents |= 1L << content;
    }
    trades++;
    volume.add(size);
  }

  void lack(long more, long nowNanos) {
    if (more != 0) {
      missing += more;
      changed(nowNanos);
    }
  }

  void uncover(long nowNanos) {
    boolean wasWhole = isWhole();
    uncovered = true;
    changedIf(wasWhole, nowNanos);
  }

  void prove(long nowNanos) {
    boolean wasWhole = isWhole();
    unproven = false;
    changedIf(!wasWhole && isWhole(), nowNanos);
  }

  private void changedIf(boolean condition, long nowNanos) {
    if (condition) {
      changed(nowNanos);
    }
  }

  void changed(long nowNanos) {
    changedNanos = Math.min(changedNanos, nowNanos);
  }

  /// @param proven whether its stream delivers
  void complete(boolean proven) {
    complete = true;
    unproven = !proven;
  }

  void revise() {
    revision++;
  }

  // ---- what it is

  /// The begin of its interval, nanoseconds of the epoch by the venue's clock.
  public long timeNanos() {
    return fromNanos;
  }

  /// The first moment after it.
  public long endNanos() {
    return endNanos;
  }

  public RunningDecimal open() {
    return open;
  }

  public RunningDecimal high() {
    return high;
  }

  public RunningDecimal low() {
    return low;
  }

  public RunningDecimal close() {
    return close;
  }

  /// In base units.
  public RunningDecimal volume() {
    return volume;
  }

  /// How many it was built from.
  public long trades() {
    return trades;
  }

  /// A bit for each content that its trades are of; where there were none, of the content that
  /// brought none.
  public long contents() {
    return contents;
  }

  /// At most so many trades of its time were lost: those of a gap that lies in it, or partly.
  public long missing() {
    return missing;
  }

  /// Whether every trade of its whole time is in it, all of one content: it is what the venue's
  /// own bar is.
  public boolean isWhole() {
    return !uncovered && !unproven && missing == 0;
  }

  /// Whether it was over when it was told.
  public boolean isComplete() {
    return complete;
  }

  /// How often it was told anew after it was complete.
  public long revision() {
    return revision;
  }
}

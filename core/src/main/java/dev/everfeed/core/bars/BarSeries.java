package dev.everfeed.core.bars;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The newest bars of one interval of one symbol, oldest first. Those that fall out are used
/// again, so that nothing is allocated once there are as many as are kept.
final class BarSeries {

  /// Is told a bar as it is now.
  interface Output {
    void bar(BuiltBar bar);
  }

  /// A trade in hand.
  static final class Trade {
    final RunningDecimal price = new RunningDecimal();
    final RunningDecimal size = new RunningDecimal();
    long timeNanos;
    int content;

    /// Whether nothing is unknown between the one before and this one.
    boolean goesOn;
  }

  private final long length;
  private final BarPolicy policy;
  private final Output out;
  private final @Nullable BuiltBar[] bars;
  private int count;
  private long toldNanos;

  /// When [#look] has something to do.
  long dueNanos = BuiltBar.NEVER;

  /// @param length nanoseconds; intervals begin at its multiples
  BarSeries(long length, BarPolicy policy, Output out) {
    this.length = length;
    this.policy = policy;
    this.out = out;
    this.bars = new BuiltBar[policy.bars()];
    this.toldNanos = -policy.updateNanos();
  }

  private BuiltBar bar(int i) {
    BuiltBar bar = bars[i];
    if (bar == null) {
      throw new IllegalStateException("bar %d of %d is not there".formatted(i, count));
    }
    return bar;
  }

  private BuiltBar newest() {
    return bar(count - 1);
  }

  // ---- what happens

  /// @param of as it was before the trade
  /// @return false when the trade is of a time whose bars are not kept any more
  boolean trade(TradeSeries of, Trade trade, long now) {
    if (count > 0) {
      if (trade.goesOn) {
        prove(of.lastNanos(), now);
      } else {
        uncover(Math.min(of.lastNanos(), trade.timeNanos), now);
      }
      boundLoss(of, trade.timeNanos, now);
    }
    int at = place(of, trade, now);
    if (at < 0) {
      return false;
    }
    BuiltBar bar = bar(at);
    bar.add(trade.price, trade.size, trade.timeNanos, trade.content);
    bar.changed(now);
    for (int i = at + 1; i < count && bar(i).trades() == 0; i++) {
      if (bar(i).open.compareTo(bar.close) != 0) {
        bar(i).beFlat(bar.close, of.content());
        bar(i).changed(now);
      }
    }
    dueNanos = Math.min(
        dueNanos, bar.isComplete() ? now + policy.reviseNanos() : toldNanos + policy.updateNanos());
    return true;
  }

  /// Where the bar of a trade is, which may be made now; negative when it is not kept.
  private int place(TradeSeries of, Trade trade, long now) {
    long time = trade.timeNanos;
    if (count > 0 && time >= newest().timeNanos() && time < newest().endNanos()) {
      return count - 1;
    }
    long from = Math.floorDiv(time, length) * length;
    if (count == 0 || from > newest().timeNanos()) {
      return begin(of, trade, from, now);
    }
    for (int i = count - 1; i >= 0; i--) {
      if (bar(i).timeNanos() == from) {
        return i;
      }
      if (bar(i).timeNanos() < from) {
        return between(i + 1, from, now);
      }
    }
    return newest().timeNanos() - from < policy.bars() * length ? between(0, from, now) : -1;
  }

  private int begin(TradeSeries of, Trade trade, long from, long now) {
    boolean first = count == 0;
    if (!first) {
      over(now);
      if (trade.goesOn) {
        fill(of, from, now);
      }
    }
    BuiltBar bar = append(of, from, now);
    if (first || !trade.goesOn) {
      bar.uncover(now);
    }
    return count - 1;
  }

  /// Something later is known.
  private void over(long now) {
    for (int i = count - 1; i >= 0 && !bar(i).isComplete(); i--) {
      bar(i).overSinceNanos = Math.min(bar(i).overSinceNanos, now);
      dueNanos = Math.min(dueNanos, now + policy.graceNanos());
    }
  }

  /// Nobody traded between the newest bar and this time: as many of these intervals as are kept.
  private void fill(TradeSeries of, long to, long now) {
    long first = Math.max(newest().endNanos(), to - (policy.bars() - 1) * length);
    for (long from = first; from < to; from += length) {
      flat(of, from, now).overSinceNanos = now;
      dueNanos = Math.min(dueNanos, now + policy.graceNanos());
    }
  }

  private BuiltBar flat(TradeSeries of, long from, long now) {
    RunningDecimal price = newest().close;
    BuiltBar bar = append(of, from, now);
    bar.beFlat(price, of.content());
    return bar;
  }

  /// A bar for a time that was passed over, because nothing was known of it.
  private int between(int at, long from, long now) {
    if (count == bars.length) {
      if (at == 0) {
        return -1;
      }
      drop(now);
      return between(at - 1, from, now);
    }
    BuiltBar bar = spare();
    System.arraycopy(bars, at, bars, at + 1, count - at);
    bars[at] = bar;
    count++;
    bar.begin(from, from + length);
    bar.uncover(now);
    bar.overSinceNanos = now;
    dueNanos = Math.min(dueNanos, now + policy.graceNanos());
    return at;
  }

  private BuiltBar append(TradeSeries of, long from, long now) {
    if (count == bars.length) {
      drop(now);
    }
    BuiltBar bar = spare();
    bars[count++] = bar;
    bar.begin(from, from + length);
    bar.lack(of.lost(), now);
    bar.changed(now);
    return bar;
  }

  /// Behind the last one that is used there is one that was, or none yet.
  private BuiltBar spare() {
    BuiltBar known = bars[count];
    if (known == null) {
      known = new BuiltBar();
      bars[count] = known;
    }
    return known;
  }

  /// The oldest makes room; it is told first where it has not been as it is.
  private void drop(long now) {
    BuiltBar oldest = bar(0);
    if (!oldest.isComplete()) {
      finish(oldest, true, now);
    } else if (oldest.changedNanos != BuiltBar.NEVER) {
      revise(oldest, now);
    }
    System.arraycopy(bars, 1, bars, 0, count - 1);
    bars[--count] = oldest;
  }

  /// Trades were lost after the last one.
  void lost(long lastNanos, long trades, long now) {
    for (int i = count - 1; i >= 0 && bar(i).endNanos() > lastNanos; i--) {
      bar(i).lack(trades, now);
      dueNanos = Math.min(dueNanos, now + policy.reviseNanos());
    }
  }

  /// What was lost was before this trade.
  private void boundLoss(TradeSeries of, long timeNanos, long now) {
    if (of.lost() > 0) {
      long until = Math.max(of.lastNanos(), timeNanos);
      for (int i = count - 1; i >= 0 && bar(i).timeNanos() > until; i--) {
        bar(i).lack(-of.lost(), now);
      }
    }
  }

  /// A later trade shows that nothing was missed since.
  private void prove(long sinceNanos, long now) {
    for (int i = count - 1; i >= 0 && bar(i).endNanos() > sinceNanos; i--) {
      if (bar(i).isComplete()) {
        bar(i).prove(now);
        dueNanos = Math.min(dueNanos, now + policy.reviseNanos());
      }
    }
  }

  /// What traded since then is not known.
  private void uncover(long sinceNanos, long now) {
    for (int i = count - 1; i >= 0 && bar(i).endNanos() > sinceNanos; i--) {
      bar(i).uncover(now);
      dueNanos = Math.min(dueNanos, now + policy.reviseNanos());
    }
  }

  // ---- time

  /// Tells what is over, what has changed for long enough, and that nobody traded.
  ///
  /// @param waits whether trades are held back, which are of a time that seems to be over
  void look(TradeSeries of, VenueTime venue, boolean waits, long now) {
    dueNanos = BuiltBar.NEVER;
    for (int i = 0; i < count; i++) {
      BuiltBar bar = bar(i);
      if (bar.isComplete()) {
        if (bar.changedNanos != BuiltBar.NEVER
            && isReached(bar.changedNanos + policy.reviseNanos(), now)) {
          revise(bar, now);
        }
      } else if (isOver(bar, venue, waits, now)) {
        finish(bar, bar.overSinceNanos != BuiltBar.NEVER || of.isHeard(), now);
      } else if (bar.changedNanos != BuiltBar.NEVER
          && bar.overSinceNanos == BuiltBar.NEVER
          && isReached(toldNanos + policy.updateNanos(), now)) {
        tell(bar, now);
      }
    }
    if (of.isHeard() && newest().isComplete()) {
      beQuiet(of, venue, waits, now);
    }
  }

  /// Notes when it is to be looked again, where a moment is still to come.
  private boolean isReached(long atNanos, long now) {
    if (atNanos <= now) {
      return true;
    }
    dueNanos = Math.min(dueNanos, atNanos);
    return false;
  }

  private boolean isOver(BuiltBar bar, VenueTime venue, boolean waits, long now) {
    if (bar.overSinceNanos != BuiltBar.NEVER
        && isReached(bar.overSinceNanos + policy.graceNanos(), now)) {
      return true;
    }
    return isOverByTheClock(bar.endNanos(), venue, waits, now);
  }

  private boolean isOverByTheClock(long end, VenueTime venue, boolean waits, long now) {
    if (!isReached(venue.when(end) + policy.quietNanos(), now)) {
      return false;
    }
    if (waits) {
      dueNanos = now; // it is bounded how long trades are held
    }
    return !waits;
  }

  /// Intervals in which nobody has traded are over, too.
  private void beQuiet(TradeSeries of, VenueTime venue, boolean waits, long now) {
    long heard = Math.max(of.heardFromNanos(), venue.at(now) - policy.bars() * length);
    long from = Math.max(newest().endNanos(), Math.ceilDiv(heard, length) * length);
    while (isOverByTheClock(from + length, venue, waits, now)) {
      finish(flat(of, from, now), true, now);
      from += length;
    }
  }

  private void finish(BuiltBar bar, boolean proven, long now) {
    bar.complete(proven);
    tell(bar, now);
  }

  private void revise(BuiltBar bar, long now) {
    bar.revise();
    tell(bar, now);
  }

  private void tell(BuiltBar bar, long now) {
    if (!bar.isComplete()) {
      toldNanos = now;
    }
    bar.changedNanos = BuiltBar.NEVER;
    out.bar(bar);
  }

  long bytes() {
    return 4L * bars.length + Arrays.stream(bars).filter(bar -> bar != null).count() * BYTES;
  }

  /// Of a bar with its five numbers, as the JVM lays them out.
  private static final long BYTES = 128 + 5 * 32;
}

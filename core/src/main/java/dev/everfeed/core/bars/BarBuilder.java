package dev.everfeed.core.bars;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;

/// Builds bars from the trades of many symbols as they are published, of several intervals at
/// once, exactly.
///
/// | a bar is   | when                                                                     |
/// |------------|--------------------------------------------------------------------------|
/// | unfinished | its first trade comes; told at most every `updateNanos`                  |
/// | complete   | `graceNanos` after a trade of a later interval, or `quietNanos` after its |
/// |            | end by the venue's clock                                                 |
/// | revised    | a late trade, a gap, or the proof that nothing was missed makes it       |
/// |            | another one: it is told whole again                                      |
///
/// An interval in which nobody traded has a flat bar of 0 trades, but only where that is known:
/// the stream delivered, or the next id shows it. Of an interval of which nothing is known there
/// is no bar. A bar that may lack something says so ([BuiltBar#isWhole]).
///
/// Late trades change the newest `bars` intervals; for older ones they are counted and lost.
/// Pure; allocates nothing for a trade once every series is as long as it gets. Owned by one
/// thread.
public final class BarBuilder {

  /// Is told bars.
  public interface Output {
    /// @param bar           as it is now; valid until the call returns
    /// @param interval      its place in the list of intervals
    /// @param status        of the trades
    /// @param receivedNanos now, by the clock that stamps what is received
    void bar(int series, int interval, BuiltBar bar, ValueStatus status, long receivedNanos);
  }

  /// Knows which trades are held back until those before them come.
  public interface Holding {
    boolean waits(int series);
  }

  private final List<Interval> intervals;
  private final BarPolicy policy;
  private final Holding holding;
  private final Output out;
  private final TradeSeries[] trades;

  /// By series and interval.
  private final BarSeries[][] bars;

  /// By content.
  private final VenueTime[] venues;

  private final BarSeries.Trade trade = new BarSeries.Trade();

  /// What the process stood still.
  private long pausedNanos;

  private long nowNanos;
  private long completed;
  private long revised;
  private long notWhole;
  private long tooLate;
  private long mistimed;

  /// @param series    how many symbols
  /// @param intervals of fixed length, counted from the epoch
  /// @param contents  how many there are: venues, by number
  public BarBuilder(
      int series,
      List<Interval> intervals,
      int contents,
      BarPolicy policy,
      Holding holding,
      Output out) {
    this.intervals = List.copyOf(intervals);
    this.policy = policy;
    this.holding = holding;
    this.out = out;
    this.trades = new TradeSeries[series];
    this.bars = new BarSeries[series][];
    this.venues = new VenueTime[contents];
    for (int i = 0; i < contents; i++) {
      venues[i] = new VenueTime();
    }
    for (Interval interval : intervals) {
      if (!isBuilt(interval)) {
        throw new IllegalArgumentException(
            "bars of a fixed length are built, %s has none".formatted(interval));
      }
    }
    for (int i = 0; i < series; i++) {
      trades[i] = new TradeSeries();
      bars[i] = new BarSeries[intervals.size()];
      for (int k = 0; k < bars[i].length; k++) {
        bars[i][k] = series(i, k);
      }
    }
  }

  private BarSeries series(int series, int interval) {
    long length = intervals.get(interval).duration().toNanos();
    return new BarSeries(length, policy, bar -> told(series, interval, bar));
  }

  /// Weeks begin on a Monday and months have different lengths.
  public static boolean isBuilt(Interval interval) {
    return interval != Interval.W1 && interval != Interval.MONTH;
  }

  private void told(int series, int interval, BuiltBar bar) {
    if (bar.isComplete()) {
      if (bar.revision() > 0) {
        revised++;
      } else {
        completed++;
        notWhole += bar.isWhole() ? 0 : 1;
      }
    }
    TradeSeries of = trades[series];
    out.bar(series, interval, bar, of.status(), of.receivedNanos(nowNanos));
  }

  // ---- what happens

  /// A trade is published.
  ///
  /// @param content       of the gateway that it came through
  /// @param dense         whether its ids rise by 1 there
  /// @param receivedNanos when it came, nanoseconds of the epoch
  public void trade(
      int series, int content, boolean dense, Tick tick, long receivedNanos, long now) {
    long awake = begin(now);
    TradeSeries of = trades[series];
    long time = tick.timeNanos();
    VenueTime venue = venues[content];
    if (cannotBe(venue, time, time - receivedNanos, awake)) {
      mistimed++;
      lost(series, 1, now);
      return;
    }
    long id = dense && tick.idNumber() != Tick.NONE ? tick.idNumber() : TradeSeries.NONE;
    read(tick);
    trade.timeNanos = time;
    trade.content = content;
    trade.goesOn = of.goesOn(content, id);
    of.received(receivedNanos, awake);
    venue.stamped(time, awake);
    boolean late = false;
    long due = BuiltBar.NEVER;
    for (BarSeries each : bars[series]) {
      late |= !each.trade(of, trade, awake);
      due = Math.min(due, each.dueNanos);
    }
    tooLate += late ? 1 : 0;
    of.traded(content, id, time, venue.at(awake));
    of.dueNanos = due;
    if (due <= awake) {
      look(series, awake);
    }
  }

  private boolean cannotBe(VenueTime venue, long time, long aheadNanos, long awake) {
    return time == Tick.NONE
        || aheadNanos > policy.aheadMaxNanos()
        || venue.leaps(time, aheadNanos, awake, policy.leapNanos());
  }

  private void read(Tick tick) {
    if (tick.event() instanceof Event.Trade event) {
      trade.price.set(event.price());
      trade.size.set(event.size());
    } else {
      trade.price.set(tick.mantissa(Tick.PRICE), tick.scale(Tick.PRICE));
      trade.size.set(tick.mantissa(Tick.SIZE), tick.scale(Tick.SIZE));
    }
  }

  /// Trades after the last one that was published are lost.
  public void lost(int series, long count, long now) {
    long awake = begin(now);
    TradeSeries of = trades[series];
    if (of.hasBegun()) {
      of.lost(count);
      for (BarSeries each : bars[series]) {
        each.lost(of.lastNanos(), count, awake);
        of.dueNanos = Math.min(of.dueNanos, each.dueNanos);
      }
    }
  }

  /// How far the trades of a symbol can be trusted from now on; `live` before the first word of
  /// it.
  public void status(int series, ValueStatus status, long now) {
    TradeSeries of = trades[series];
    of.status(status);
    of.dueNanos = of.hasBegun() ? Math.min(of.dueNanos, begin(now)) : of.dueNanos;
  }

  /// The process stood still: what it did not hear meanwhile comes now.
  public void paused(long slipNanos) {
    pausedNanos += slipNanos;
  }

  private long begin(long now) {
    nowNanos = now - pausedNanos;
    return nowNanos;
  }

  // ---- time

  /// To be called often: 20 ms later is 20 ms later for a reader.
  public void timePassed(long now) {
    long awake = begin(now);
    for (int i = 0; i < trades.length; i++) {
      if (trades[i].dueNanos <= awake) {
        look(i, awake);
      }
    }
  }

  private void look(int series, long awake) {
    TradeSeries of = trades[series];
    boolean waits = holding.waits(series);
    long due = BuiltBar.NEVER;
    for (BarSeries each : bars[series]) {
      each.look(of, venues[of.content()], waits, awake);
      due = Math.min(due, each.dueNanos);
    }
    of.dueNanos = due;
  }

  // ---- what there is

  /// Bars that were complete for the first time.
  public long completed() {
    return completed;
  }

  /// Bars that were told again after that.
  public long revised() {
    return revised;
  }

  /// Bars that may have lacked something when they were complete for the first time.
  public long notWhole() {
    return notWhole;
  }

  /// Trades that came when a bar of theirs was not kept any more.
  public long tooLate() {
    return tooLate;
  }

  /// Trades without a time, or with one that cannot be: they are in no bar, and counted as
  /// missing.
  public long mistimed() {
    return mistimed;
  }

  /// What the state takes.
  public long bytes() {
    long sum = 0;
    for (BarSeries[] of : bars) {
      sum += TRADES_BYTES;
      for (BarSeries each : of) {
        sum += each.bytes();
      }
    }
    return sum;
  }

  private static final long TRADES_BYTES = 96;
}

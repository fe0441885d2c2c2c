package dev.everfeed.simulator.venue;

import org.jspecify.annotations.Nullable;

/// The life of one symbol's price as a function of time: any stretch can be asked, in any
/// order, and the answers agree with each other.
///
/// It is built from the top down. A day's open and close lie on a smooth curve; a day is
/// divided into 24 hours, an hour into 60 minutes, a minute into 60 seconds, a second into 4 to
/// 8 trades, and each part is a bridge from its parent's open to its close that stays inside
/// the parent's range and touches its high and its low. So a day costs one division, however
/// long ago it was, and the bars of an hour fold into exactly the bar of that hour. Volumes and
/// numbers of trades are differences of cumulative functions, so they add up too. Quote volumes
/// are shared out from the hour downwards and add up as well; the price for it is that the mean
/// price of a minute may lie a little outside of its range.
///
/// Prices count ticks, sizes 1e-5 base units. Confined to one thread: it remembers its last
/// divisions. Only `StrictMath` and IEEE arithmetic, so every JVM gives the same bytes.
final class PricePath {
  static final int DAY = 86_400;
  static final int HOUR = 3_600;
  static final int MINUTE = 60;

  /// Trades per second on average where nothing else is said; a second has 4 to 8.
  private static final int TRADES_PER_SECOND = 6;

  private static final int SLOTS = 64;

  private final long seed;
  private final long baseTicks;
  private final Flow flow;
  private final Pace pace;
  private final Halts halts;
  private final boolean mayHalt;

  /// Turns ticks times 1e-5 base units into 1e-8 quote units.
  private final double quoteScale;

  private final Division[] hours = new Division[SLOTS];
  private final Division[] minutes = new Division[SLOTS];
  private final Division[] seconds = new Division[SLOTS];

  PricePath(long seed, Listing listing) {
    this(seed, listing, 0);
  }

  /// @param perSecond trades in an average second, with bursts; 0 for a steady few
  PricePath(long seed, Listing listing, int perSecond) {
    this.seed = Noise.hash(seed, Noise.hash(listing.symbol().text()));
    this.baseTicks = listing.basePrice() / listing.tick();
    this.flow = new Flow(this.seed, listing.halfFlow());
    this.halts = new Halts(this.seed, this);
    this.mayHalt = perSecond > 0;
    this.pace = perSecond == 0
        ? Pace.steady(this.seed, TRADES_PER_SECOND, 3)
        : new BurstyPace(this.seed, perSecond, halts::first);
    this.quoteScale = listing.tick() / 1e5;
  }

  /// A parent cut into `n` equal parts.
  ///
  /// @param key index of the parent, in its own lengths since the epoch
  /// @param at prices at the n + 1 borders
  /// @param high highest price of each part
  /// @param low lowest price of each part
  /// @param quote quote volume of the first k parts, in 1e-8; `quote[n]` is the parent's
  /// @param takerQuote the same for what takers bought
  @SuppressWarnings("ArrayRecordComponent") // never compared, never leaves this class
  private record Division(
      long key, long[] at, long[] high, long[] low, long[] quote, long[] takerQuote) {}

  /// Adds whole seconds `[from, to)` to the fold.
  void fold(long from, long to, PriceFold into) {
    long s = from;
    while (s < to) {
      if (s % DAY == 0 && s + DAY <= to) {
        Division d = day(s / DAY);
        into.add(
            d.at[0], dayHigh(s / DAY), dayLow(s / DAY), d.at[24], d.quote[24], d.takerQuote[24]);
        s += DAY;
      } else if (s % HOUR == 0 && s + HOUR <= to) {
        add(day(s / DAY), (int) (s % DAY / HOUR), into);
        s += HOUR;
      } else if (s % MINUTE == 0 && s + MINUTE <= to) {
        add(hour(s / HOUR), (int) (s % HOUR / MINUTE), into);
        s += MINUTE;
      } else {
        add(minute(s / MINUTE), (int) (s % MINUTE), into);
        s += 1;
      }
    }
  }

  /// Base units bought by takers from the epoch to the start of the second, in 1e-5.
  long bought(long second) {
    return flow.bought(second);
  }

  /// Base units sold by takers from the epoch to the start of the second, in 1e-5.
  long sold(long second) {
    return flow.sold(second);
  }

  /// Number of trades from the epoch to the start of the second.
  long tradesBefore(long second) {
    return pace.before(second);
  }

  /// When it trades and when it does not; null for a symbol that trades in every second.
  @Nullable
  Halts halts() {
    return mayHalt ? halts : null;
  }

  /// A second at or shortly before the one that has the trade with so many before it.
  long secondOf(long trades) {
    return pace.secondOf(trades);
  }

  /// The prices of the trades of a second, in order: the first is its open, the last its close,
  /// and its high and low are among those between.
  long[] tradePrices(long second) {
    Division d = minute(second / MINUTE);
    int k = (int) (second % MINUTE);
    long trades = tradesBefore(second + 1) - tradesBefore(second);
    // Where this symbol is halted it may trade elsewhere.
    int n = (int) Math.max(Pace.LEAST_PER_SECOND, trades);
    long[] prices = new long[n];
    long range = d.high[k] - d.low[k];
    for (int i = 1; i < n - 1; i++) {
      prices[i] = d.low[k] + Noise.below(Noise.hash(seed, second, 40 + i), range + 1);
    }
    boolean highFirst = (Noise.hash(seed, 4, second) & 1) == 0;
    prices[1] = highFirst ? d.high[k] : d.low[k];
    prices[n - 2] = highFirst ? d.low[k] : d.high[k];
    prices[0] = d.at[k];
    prices[n - 1] = d.at[k + 1];
    return prices;
  }

  /// The first minute of the hour, 0 to 59, that reaches the hour's high.
  int highestMinute(long hour) {
    long[] highs = hour(hour).high;
    int highest = 0;
    for (int k = 1; k < highs.length; k++) {
      highest = highs[k] > highs[highest] ? k : highest;
    }
    return highest;
  }

  /// The first minute of the hour, 0 to 59, that reaches the hour's low.
  int lowestMinute(long hour) {
    long[] lows = hour(hour).low;
    int lowest = 0;
    for (int k = 1; k < lows.length; k++) {
      lowest = lows[k] < lows[lowest] ? k : lowest;
    }
    return lowest;
  }

  private void add(Division d, int k, PriceFold into) {
    into.add(
        d.at[k],
        d.high[k],
        d.low[k],
        d.at[k + 1],
        d.quote[k + 1] - d.quote[k],
        d.takerQuote[k + 1] - d.takerQuote[k]);
  }

  private Division day(long day) {
    Division d = hours[(int) Math.floorMod(day, (long) SLOTS)];
    if (d == null || d.key != day) {
      d = divide(
          1, day, 24, HOUR, dayOpen(day), dayHigh(day), dayLow(day), dayOpen(day + 1), -1, -1);
      hours[(int) Math.floorMod(day, (long) SLOTS)] = d;
    }
    return d;
  }

  private Division hour(long hour) {
    Division d = minutes[(int) Math.floorMod(hour, (long) SLOTS)];
    if (d == null || d.key != hour) {
      d = divide(2, hour, 60, MINUTE, day(hour / 24), (int) (hour % 24));
      minutes[(int) Math.floorMod(hour, (long) SLOTS)] = d;
    }
    return d;
  }

  private Division minute(long minute) {
    Division d = seconds[(int) Math.floorMod(minute, (long) SLOTS)];
    if (d == null || d.key != minute) {
      d = divide(3, minute, 60, 1, hour(minute / 60), (int) (minute % 60));
      seconds[(int) Math.floorMod(minute, (long) SLOTS)] = d;
    }
    return d;
  }

  private Division divide(int level, long key, int n, int partSeconds, Division parent, int k) {
    return divide(
        level,
        key,
        n,
        partSeconds,
        parent.at[k],
        parent.high[k],
        parent.low[k],
        parent.at[k + 1],
        parent.quote[k + 1] - parent.quote[k],
        parent.takerQuote[k + 1] - parent.takerQuote[k]);
  }

  /// @param quote the parent's quote volume to share out, or -1 when the parts say what it is
  private Division divide(
      int level,
      long key,
      int n,
      int partSeconds,
      long open,
      long high,
      long low,
      long close,
      long quote,
      long takerQuote) {
    long base = Noise.hash(seed, 10 + level, key);
    double[] walk = new double[n + 1];
    for (int k = 1; k <= n; k++) {
      walk[k] = walk[k - 1] + Noise.unit(Noise.hash(base, k)) - 0.5;
    }
    // A step has a deviation of sqrt(1/12); the bridge then spans about half of the range.
    double scale = (high - low) * 0.9 / Math.sqrt(n);
    long[] at = new long[n + 1];
    for (int k = 1; k < n; k++) {
      double straight = open + (double) (close - open) * k / n;
      double bridge = walk[k] - walk[n] * k / n;
      at[k] = Math.clamp(Math.round(straight + bridge * scale), low, high);
    }
    at[0] = open;
    at[n] = close;
    long[] highs = new long[n];
    long[] lows = new long[n];
    int highest = 0;
    int lowest = 0;
    double wick = (high - low) * 0.25 / n;
    for (int k = 0; k < n; k++) {
      long top = Math.max(at[k], at[k + 1]);
      long bottom = Math.min(at[k], at[k + 1]);
      highs[k] = Math.min(high, top + Math.round(wick * Noise.unit(Noise.hash(base, 1_000 + k))));
      lows[k] = Math.max(low, bottom - Math.round(wick * Noise.unit(Noise.hash(base, 2_000 + k))));
      highest = highs[k] > highs[highest] ? k : highest;
      lowest = lows[k] < lows[lowest] ? k : lowest;
    }
    highs[highest] = high;
    lows[lowest] = low;
    return shareOut(key, n, partSeconds, at, highs, lows, quote, takerQuote);
  }

  private Division shareOut(
      long key, int n, int partSeconds, long[] at, long[] highs, long[] lows, long q, long tq) {
    double[] all = new double[n + 1];
    double[] taken = new double[n + 1];
    long start = key * n * partSeconds;
    long bought = bought(start);
    long sold = sold(start);
    for (int k = 0; k < n; k++) {
      long end = start + (long) (k + 1) * partSeconds;
      long boughtThen = bought(end);
      long soldThen = sold(end);
      double mean = ((double) at[k] + at[k + 1] + highs[k] + lows[k]) / 4;
      taken[k + 1] = taken[k] + (boughtThen - bought) * mean;
      all[k + 1] = all[k] + (boughtThen - bought + soldThen - sold) * mean;
      bought = boughtThen;
      sold = soldThen;
    }
    return new Division(key, at, highs, lows, shares(all, q), shares(taken, tq));
  }

  private long[] shares(double[] weight, long total) {
    int n = weight.length - 1;
    long[] shares = new long[n + 1];
    long sum = total < 0 ? (long) (weight[n] * quoteScale) : total;
    for (int k = 1; k < n; k++) {
      shares[k] = (long) (sum * (weight[k] / weight[n]));
    }
    shares[n] = sum;
    return shares;
  }

  private long dayOpen(long day) {
    double log = 0;
    double amplitude = 0.012;
    for (int octave = 0; octave < 10; octave++) {
      log += amplitude * Noise.smooth(seed + octave, day, 1L << octave);
      amplitude *= 1.4142;
    }
    return Math.max(10, Math.round(baseTicks * StrictMath.exp(log)));
  }

  private long dayHigh(long day) {
    double reach = 1.003 + 0.015 * Noise.unit(Noise.hash(seed, 5, day));
    return Math.round(Math.max(dayOpen(day), dayOpen(day + 1)) * reach);
  }

  private long dayLow(long day) {
    double reach = 0.997 - 0.015 * Noise.unit(Noise.hash(seed, 6, day));
    return Math.max(1, Math.round(Math.min(dayOpen(day), dayOpen(day + 1)) * reach));
  }
}

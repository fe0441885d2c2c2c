package dev.everfeed.simulator.venue;

import java.util.function.LongToIntFunction;

/// A pace as markets have it: hours that are quiet and hours that are busy, in a wave of a day,
/// minutes that differ, a few bursts of 5 to 20 s in every hour with ten times the trades, and
/// halts without any.
///
/// An hour has between 0.4 and 1.6 times the average. Trades above the least of each second are
/// shared out by the weights of the seconds of their hour. Only `StrictMath` and IEEE
/// arithmetic: equal seeds give equal numbers in every JVM. Confined to one thread: it remembers
/// its last hours.
final class BurstyPace implements Pace {
  /// Below that, a quiet hour would have less than the least.
  static final int LEAST_AVERAGE = 10;

  static final int BURSTS_PER_HOUR = 6;
  private static final int HOUR = 3_600;
  private static final int SLOTS = 4;
  private static final double QUIET_BELOW_AVERAGE = 0.6;
  private static final double BURST = 10;

  private final long seed;
  private final int perSecond;
  private final LongToIntFunction haltOfHour;
  private final long[] hours = new long[SLOTS];
  private final long[][] tables = new long[SLOTS][];

  /// @param perSecond trades in an average second, [#LEAST_AVERAGE] or more
  /// @param haltOfHour the first of [Halts#MINUTES] minutes without trades in an hour, or -1
  BurstyPace(long seed, int perSecond, LongToIntFunction haltOfHour) {
    this.seed = seed;
    this.perSecond = perSecond;
    this.haltOfHour = haltOfHour;
  }

  @Override
  public long before(long second) {
    long hour = Math.floorDiv(second, (long) HOUR);
    int within = (int) Math.floorMod(second, (long) HOUR);
    // Every id is counted from a first hour: to draw that one again and again, where it shares
    // its slot with the present one, took three quarters of a venue's time.
    return within == 0 ? beforeHour(hour) : table(hour)[within];
  }

  @Override
  public long secondOf(long count) {
    long hour = Math.floorDiv(count, (long) HOUR * perSecond);
    while (beforeHour(hour) > count) {
      hour--;
    }
    while (beforeHour(hour + 1) <= count) {
      hour++;
    }
    long[] table = table(hour);
    int low = 0;
    int high = HOUR;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (table[middle] <= count) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return hour * HOUR + low;
  }

  private long beforeHour(long hour) {
    double phase = Noise.unit(Noise.hash(seed, 31)) * 2 * Math.PI;
    double angle = 2 * Math.PI * Math.floorMod(hour, 24L) / 24;
    double wave = QUIET_BELOW_AVERAGE * 24 / (2 * Math.PI) * StrictMath.sin(angle + phase);
    return hour * HOUR * perSecond + Math.round((double) HOUR * perSecond * wave);
  }

  /// Trades before each second of the hour, and before the next hour.
  private long[] table(long hour) {
    int slot = (int) Math.floorMod(hour, (long) SLOTS);
    long[] table = tables[slot];
    if (table == null || hours[slot] != hour) {
      table = draw(hour);
      tables[slot] = table;
      hours[slot] = hour;
    }
    return table;
  }

  private long[] draw(long hour) {
    double[] weights = new double[HOUR];
    for (int second = 0; second < HOUR; second++) {
      double minute = 0.3 + 1.4 * Noise.unit(Noise.hash(seed, hour, 1_000 + second / 60));
      weights[second] = minute * Noise.unit(Noise.hash(seed, hour, 2_000 + second));
    }
    for (int i = 0; i < BURSTS_PER_HOUR; i++) {
      long chance = Noise.hash(seed, hour, 100 + i);
      int start = (int) Noise.below(chance, HOUR - 20);
      int end = start + 5 + (int) Noise.below(Noise.hash(chance, 1), 16);
      for (int second = start; second < end; second++) {
        weights[second] = BURST;
      }
    }
    int halt = haltOfHour.applyAsInt(hour) * 60;
    int haltEnd = halt < 0 ? halt : halt + Halts.MINUTES * 60;
    double[] sums = new double[HOUR + 1];
    long[] least = new long[HOUR + 1];
    for (int second = 0; second < HOUR; second++) {
      boolean halted = second >= halt && second < haltEnd;
      sums[second + 1] = sums[second] + (halted ? 0 : weights[second]);
      least[second + 1] = least[second] + (halted ? 0 : LEAST_PER_SECOND);
    }
    long[] table = new long[HOUR + 1];
    long first = beforeHour(hour);
    long spare = beforeHour(hour + 1) - first - least[HOUR];
    for (int second = 0; second <= HOUR; second++) {
      table[second] = first + least[second] + (long) (spare * (sums[second] / sums[HOUR]));
    }
    return table;
  }
}

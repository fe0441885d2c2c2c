package dev.everfeed.simulator.venue;

/// Base units bought and sold by takers since the listing, as growing functions of time, in
/// 1e-5.
///
/// The rate lies between 0.3 and 1.7 of the average, in waves of six hours, a day and a week,
/// with a jitter smaller than the smallest rate: it always grows. Differences of it add up.
final class Flow {
  private static final int DAY = 86_400;

  private final long seed;
  private final long halfFlow;

  /// @param halfFlow bought, and again sold, in an average second, in 1e-5
  Flow(long seed, long halfFlow) {
    this.seed = seed;
    this.halfFlow = halfFlow;
  }

  /// Up to the start of the second.
  long bought(long second) {
    return side(second, 1);
  }

  /// Up to the start of the second.
  long sold(long second) {
    return side(second, 2);
  }

  private long side(long second, int side) {
    double waves = wave(second, 21_600, 0.2, side)
        + wave(second, DAY, 0.3, side)
        + wave(second, 7 * DAY, 0.2, side);
    long jitter = Noise.below(Noise.hash(seed, 20 + side, second), halfFlow / 8);
    return (long) (halfFlow * (second - SimulatedMarket.LISTED_SECOND + waves)) + jitter;
  }

  private double wave(long second, int period, double share, int side) {
    double phase = Noise.unit(Noise.hash(seed, period, side)) * 2 * Math.PI;
    double angle = 2 * Math.PI * Math.floorMod(second, (long) period) / period;
    return share * period / (2 * Math.PI) * StrictMath.sin(angle + phase);
  }
}

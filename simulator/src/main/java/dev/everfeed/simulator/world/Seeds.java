package dev.everfeed.simulator.world;

import java.util.SplittableRandom;

/// One stream of randomness for each component, so that a fault taken away leaves everything
/// else as it was.
final class Seeds {
  private final long seed;

  Seeds(long seed) {
    this.seed = seed;
  }

  SplittableRandom of(String component) {
    return new SplittableRandom(
        TraceHash.mix(seed * 0x9E3779B97F4A7C15L ^ TraceHash.of(component)));
  }

  /// Between `least` and `most`, both included, evenly on a logarithmic scale.
  static double logUniform(SplittableRandom random, double least, double most) {
    return least * StrictMath.exp(random.nextDouble() * StrictMath.log(most / least));
  }

  static long logUniform(SplittableRandom random, long least, long most) {
    return Math.round(logUniform(random, (double) least, (double) most));
  }

  static boolean chance(SplittableRandom random, int percent) {
    return random.nextInt(100) < percent;
  }
}

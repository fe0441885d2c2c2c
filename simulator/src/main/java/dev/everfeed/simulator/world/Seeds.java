package dev.everfeed.simulator.world;

import java.util.SplittableRandom;

/// One stream of randomness for each component, so that a fault taken away leaves everything
/// else as it was.
public final class Seeds {
  private final long seed;

  public Seeds(long seed) {
    this.seed = seed;
  }

  public SplittableRandom of(String component) {
    return new SplittableRandom(
        TraceHash.mix(seed * 0x9E3779B97F4A7C15L ^ TraceHash.of(component)));
  }

  /// Between `least` and `most`, both included, evenly on a logarithmic scale.
  public static double logUniform(SplittableRandom random, double least, double most) {
    return least * StrictMath.exp(random.nextDouble() * StrictMath.log(most / least));
  }

  public static long logUniform(SplittableRandom random, long least, long most) {
    return Math.round(logUniform(random, (double) least, (double) most));
  }

  public static boolean chance(SplittableRandom random, int percent) {
    return random.nextInt(100) < percent;
  }
}

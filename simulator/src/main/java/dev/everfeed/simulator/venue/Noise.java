package dev.everfeed.simulator.venue;

/// Randomness as a pure function of its arguments: equal arguments, equal answer, in every JVM.
///
/// The mixer is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
/// Number Generators, OOPSLA 2014).
final class Noise {
  private Noise() {}

  static long hash(long a, long b) {
    return mix(mix(a + 0x9E3779B97F4A7C15L) ^ b);
  }

  static long hash(long a, long b, long c) {
    return hash(hash(a, b), c);
  }

  static long hash(String text) {
    long value = text.length();
    for (int i = 0; i < text.length(); i++) {
      value = hash(value, text.charAt(i));
    }
    return value;
  }

  /// In `[0, 1)`, from the upper 53 bits.
  static double unit(long hash) {
    return (hash >>> 11) * 0x1.0p-53;
  }

  /// In `[0, bound)`.
  static long below(long hash, long bound) {
    return Math.floorMod(hash, bound);
  }

  /// Smooth noise in `[-1, 1]`: random values at whole `x / period`, joined by a cosine-like
  /// curve.
  static double smooth(long seed, long x, long period) {
    long cell = Math.floorDiv(x, period);
    double t = (double) Math.floorMod(x, period) / period;
    double from = unit(hash(seed, period, cell)) * 2 - 1;
    double to = unit(hash(seed, period, cell + 1)) * 2 - 1;
    return from + (to - from) * t * t * (3 - 2 * t);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

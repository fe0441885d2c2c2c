package dev.everfeed.benchmarks.stall;

/// The market: when something happens on it, nanoseconds, never falling. Endless.
interface EventTimes {
  long next();

  /// Whether a halt has begun or gone on since a moment, as far as it is drawn by now.
  boolean hasHaltedSince(long nanos);
}

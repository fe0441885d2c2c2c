package dev.everfeed.core.guard;

import java.util.random.RandomGenerator;

/// How often, and how far apart, the same source is asked again.
///
/// @param attempts  further attempts after the first, 0 to 10 (REQUIREMENTS A3: 2)
/// @param baseNanos longest delay before the first further attempt; doubles with each
/// @param capNanos  no delay is longer
public record RetryPolicy(int attempts, long baseNanos, long capNanos) {

  public RetryPolicy {
    new Mistakes()
        .within("attempts", attempts, 0, 10)
        .positive("baseNanos", baseNanos)
        .unless(
            capNanos >= baseNanos,
            "capNanos",
            "baseNanos (" + baseNanos + " ns) or longer",
            capNanos + " ns")
        .refuse();
  }

  public static RetryPolicy defaults() {
    return new RetryPolicy(2, 100_000_000L, 2_000_000_000L);
  }

  /// Uniform between 0 and `min(cap, base * 2^(furtherAttempt - 1))`, both included: full jitter
  /// keeps callers that failed together from coming back together (AWS Architecture Blog,
  /// "Exponential Backoff And Jitter", 2015).
  ///
  /// @param furtherAttempt 1 for the first one after the call
  public long delayNanos(int furtherAttempt, RandomGenerator random) {
    if (furtherAttempt < 1) {
      throw new IllegalArgumentException("furtherAttempt must be 1 or more, was " + furtherAttempt);
    }
    int doublings = furtherAttempt - 1;
    // Shifting the cap down instead of the base up: the base may not fit a long any more.
    long longest = doublings >= Long.SIZE - 1 || baseNanos > capNanos >> doublings
        ? capNanos
        : baseNanos << doublings;
    return longest == Long.MAX_VALUE ? random.nextLong(longest) : random.nextLong(longest + 1);
  }
}

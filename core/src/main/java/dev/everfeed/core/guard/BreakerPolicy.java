package dev.everfeed.core.guard;

import java.util.List;

/// When a circuit opens, for how long, and what closes it again.
///
/// Origin of the defaults: thresholds, window and open time from REQUIREMENTS D1 and A3;
/// multipliers and cap from RESILIENCE section 1 (Envoy's and gRPC's ejection time, Finagle's
/// equal jitter).
///
/// @param failureThreshold failures within the window that open the circuit, 1 to 1,000
/// @param successThreshold successes of a half-open circuit that close it, 1 to 1,000
/// @param windowNanos      length of the sliding window: a failure counts while it is younger
/// @param openNanos        the cooldown before multiplier and jitter
/// @param openMaxNanos     no cooldown is longer, whatever multiplier and jitter say
/// @param multipliers      the first opening uses `multipliers[0]`, each re-opening without a
///     quiet spell the next, the last one stays; at least 1 each, never falling
/// @param halfOpenMax      calls a half-open circuit has out at the same time, 1 to 1,000
/// @param slowCallNanos    a call that takes longer counts as a failure
public record BreakerPolicy(
    int failureThreshold,
    int successThreshold,
    long windowNanos,
    long openNanos,
    long openMaxNanos,
    List<Integer> multipliers,
    int halfOpenMax,
    long slowCallNanos) {

  /// Bounds the memory of the window: it keeps the moment of every failure that counts.
  public static final int MAX_THRESHOLD = 1_000;

  public BreakerPolicy {
    multipliers = List.copyOf(multipliers);
    new Mistakes()
        .within("failureThreshold", failureThreshold, 1, MAX_THRESHOLD)
        .within("successThreshold", successThreshold, 1, MAX_THRESHOLD)
        .positive("windowNanos", windowNanos)
        .positive("openNanos", openNanos)
        .unless(
            openMaxNanos >= openNanos,
            "openMaxNanos",
            "openNanos (" + openNanos + " ns) or longer",
            openMaxNanos + " ns")
        .unless(
            rising(multipliers),
            "multipliers",
            "one or more numbers, the first 1 or more, none smaller than the one before",
            multipliers)
        .within("halfOpenMax", halfOpenMax, 1, MAX_THRESHOLD)
        .positive("slowCallNanos", slowCallNanos)
        .refuse();
  }

  public static BreakerPolicy defaults() {
    return new BreakerPolicy(
        5,
        3,
        60_000_000_000L,
        60_000_000_000L,
        300_000_000_000L,
        List.of(1, 2, 4, 5),
        3,
        2_000_000_000L);
  }

  /// The longest cooldown of the opening that uses this multiplier; jitter only shortens it.
  ///
  /// @param step index into the multipliers; beyond the last one the last one holds
  long longestCooldownNanos(int step) {
    long multiplier = multipliers.get(Math.min(step, multipliers.size() - 1));
    // Dividing instead of multiplying: the product may not fit a long.
    return multiplier > openMaxNanos / openNanos ? openMaxNanos : openNanos * multiplier;
  }

  private static boolean rising(List<Integer> multipliers) {
    int before = 1;
    for (int multiplier : multipliers) {
      if (multiplier < before) {
        return false;
      }
      before = multiplier;
    }
    return !multipliers.isEmpty();
  }
}

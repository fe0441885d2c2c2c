package dev.everfeed.core.arbitrate;

/// What an [Arbiter] keeps to. Times are nanoseconds.
///
/// @param reorderNanos     so long an event waits for those before it while another line may
///     still bring them: lines are some 20 to 45 ms apart (RESILIENCE section 1)
/// @param refillNanos      so long it waits for the answer to a refill
/// @param refillMost       ids that are asked for; a longer hole is declared lost at once
/// @param heldPerStreamMax events that may wait in a stream
/// @param heldMax          and in all of them together
/// @param countsAnewNanos  after so long without anything new, a line whose numbers rise from a
///     lower one is believed: the venue has begun to count anew
public record ArbiterPolicy(
    long reorderNanos,
    long refillNanos,
    int refillMost,
    int heldPerStreamMax,
    int heldMax,
    long countsAnewNanos) {
  private static final long MILLI = 1_000_000;

  public static final ArbiterPolicy USUAL =
      new ArbiterPolicy(50 * MILLI, 1_000 * MILLI, 1_000, 2_048, 16_384, 10_000 * MILLI);

  public ArbiterPolicy {
    if (reorderNanos < 0 || refillNanos < 0 || refillMost < 0 || countsAnewNanos < 1) {
      throw new IllegalArgumentException(
          "an arbiter's times and sizes are not negative, were %d, %d, %d, %d"
              .formatted(reorderNanos, refillNanos, refillMost, countsAnewNanos));
    }
    if (heldPerStreamMax < 1 || heldMax < heldPerStreamMax) {
      throw new IllegalArgumentException(
          "at least 1 event may wait in a stream, and not more than in all; were %d and %d"
              .formatted(heldPerStreamMax, heldMax));
    }
  }
}

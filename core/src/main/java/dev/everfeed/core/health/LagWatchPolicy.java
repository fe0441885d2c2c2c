package dev.everfeed.core.health;

/// What a [LagWatch] takes for lag. All are nanoseconds.
///
/// @param lagNanos      a gateway lags when the least delay of [#spanNanos] is more than this
///     above its usual one
/// @param lessNanos     and does not any more when it is less than this above it
/// @param backNanos     for so long
/// @param spanNanos     the least delay is of so long, and of three events
/// @param driftPerSecondNanos so much may two clocks drift apart: the usual delay rises by it
/// @param stepNanos     a rise of more than this from one span to the next may be a clock that
///     was set
/// @param levelNanos    when after it the least delays stay as close as this together
/// @param levelForNanos for so long, they are the usual delay from then on
/// @param oldForNanos   events that are not newer than what came before count when there is
///     nothing else for so long
/// @param aheadNanos    an event that is by more than this ahead of our clock, and of the usual
///     delays, is of a time that has not come
/// @param aheadAloneNanos for so long that is not believed where nobody else is in time
/// @param graceFloorNanos after this process stood still nothing counts for as long as it
///     stood, and at least for this
/// @param graceCapNanos and at most for this
public record LagWatchPolicy(
    long lagNanos,
    long lessNanos,
    long backNanos,
    long spanNanos,
    long driftPerSecondNanos,
    long stepNanos,
    long levelNanos,
    long levelForNanos,
    long oldForNanos,
    long aheadNanos,
    long aheadAloneNanos,
    long graceFloorNanos,
    long graceCapNanos) {
  private static final long MILLI = 1_000_000;

  /// More than 500 ms for a second; less than 250 ms for five; clocks drift by 0.1 ms a second
  /// and may be set: a minute within 100 ms of each other is the usual delay then. Nobody sets a
  /// venue's clock by a minute.
  public static final LagWatchPolicy USUAL = new LagWatchPolicy(
      500 * MILLI,
      250 * MILLI,
      5_000 * MILLI,
      1_000 * MILLI,
      MILLI / 10,
      250 * MILLI,
      100 * MILLI,
      60_000 * MILLI,
      5_000 * MILLI,
      60_000 * MILLI,
      10_000 * MILLI,
      250 * MILLI,
      10_000 * MILLI);

  public LagWatchPolicy {
    if (lessNanos < 1 || lagNanos < lessNanos || backNanos < 0 || spanNanos < 1) {
      throw new IllegalArgumentException(
          "lag must not end above where it begins, and a span not be empty, was %d, %d, %d, %d ns"
              .formatted(lessNanos, lagNanos, backNanos, spanNanos));
    }
    if (driftPerSecondNanos < 0
        || stepNanos < 1
        || levelNanos < 0
        || levelForNanos < spanNanos
        || oldForNanos < 1) {
      throw new IllegalArgumentException(
          "times must be positive, and a level last for a span at least, was %d, %d, %d, %d, %d ns"
              .formatted(driftPerSecondNanos, stepNanos, levelNanos, levelForNanos, oldForNanos));
    }
    if (aheadNanos < 1 || aheadAloneNanos < spanNanos) {
      throw new IllegalArgumentException("what is ahead must last for a span, was %d and %d ns"
          .formatted(aheadNanos, aheadAloneNanos));
    }
    if (graceFloorNanos < 0 || graceCapNanos < graceFloorNanos) {
      throw new IllegalArgumentException("a grace must not be negative, nor its cap below its"
          + " floor, was %d and %d ns".formatted(graceFloorNanos, graceCapNanos));
    }
  }
}

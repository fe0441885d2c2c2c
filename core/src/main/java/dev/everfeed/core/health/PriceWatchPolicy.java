package dev.everfeed.core.health;

/// What a [PriceWatch] takes for the same price, and for how long it bears another one. Bounds
/// are parts of the price, times nanoseconds.
///
/// @param bound        two prices no further apart than this are the same
/// @param usualFactor  nor are they when they are no further apart than so many times what is
///     usual for the gateway
/// @param boundMost    but this is the most of it; and the bound while nothing is known
/// @param gross        no market moves so far within [#sureNanos], however wild
/// @param grossNanos   who is off by more than that is told after this time
/// @param sureNanos    everybody else after this: the venues of a market follow each other
///     within seconds
/// @param backNanos    who is back within the bound agrees after this time
/// @param freshNanos   a price older than this says nothing
/// @param learnNanos   time constant of what is usual; long against the drift of a market away
///     from a price that is frozen
/// @param everyNanos   contracts of which a price has changed are looked at this often
/// @param graceFloorNanos after this process stood still nobody is judged for as long as it
///     stood, and at least for this
/// @param graceCapNanos and at most for this
public record PriceWatchPolicy(
    double bound,
    double usualFactor,
    double boundMost,
    double gross,
    long grossNanos,
    long sureNanos,
    long backNanos,
    long freshNanos,
    long learnNanos,
    long everyNanos,
    long graceFloorNanos,
    long graceCapNanos) {
  private static final long MILLI = 1_000_000;

  /// 1 %, or 4 times the usual up to 5 %; told after 3 s, off by more than 10 % after 1 s; back
  /// after 5 s; prices of the last 10 s; what is usual is learnt over 6 hours.
  public static final PriceWatchPolicy USUAL = new PriceWatchPolicy(
      0.01,
      4,
      0.05,
      0.1,
      1_000 * MILLI,
      3_000 * MILLI,
      5_000 * MILLI,
      10_000 * MILLI,
      6 * 3_600_000 * MILLI,
      100 * MILLI,
      250 * MILLI,
      10_000 * MILLI);

  public PriceWatchPolicy {
    if (!(bound > 0) || !(boundMost >= bound) || !(gross >= boundMost) || !(usualFactor >= 1)) {
      throw new IllegalArgumentException(
          "bounds must rise from above 0, and the factor be at least 1, was %s, %s, %s and %s"
              .formatted(bound, boundMost, gross, usualFactor));
    }
    if (grossNanos < 1
        || sureNanos < grossNanos
        || backNanos < 1
        || freshNanos < sureNanos
        || learnNanos < 1
        || everyNanos < 1) {
      throw new IllegalArgumentException(
          ("times must be positive, a gross error be told first, and a price be fresh for longer"
                  + " than that takes, was %d, %d, %d, %d, %d, %d ns")
              .formatted(grossNanos, sureNanos, backNanos, freshNanos, learnNanos, everyNanos));
    }
    if (graceFloorNanos < 0 || graceCapNanos < graceFloorNanos) {
      throw new IllegalArgumentException("a grace must not be negative, nor its cap below its"
          + " floor, was %d and %d ns".formatted(graceFloorNanos, graceCapNanos));
    }
  }
}

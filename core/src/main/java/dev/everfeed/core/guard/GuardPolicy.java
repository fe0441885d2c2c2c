package dev.everfeed.core.guard;

/// How one source is guarded.
///
/// @param weightLimit       weight that the source allows in a window; a call without a
///     published weight weighs 1
/// @param weightWindowNanos length of that window
/// @param timeoutNanos      a call that takes longer has failed (REQUIREMENTS A3: 3 s)
/// @param hedgeFloorNanos   a hedge never starts sooner after the first call (RESILIENCE
///     section 4: 50 ms)
public record GuardPolicy(
    BreakerPolicy breaker,
    RetryPolicy retry,
    int weightLimit,
    long weightWindowNanos,
    long timeoutNanos,
    long hedgeFloorNanos) {

  public GuardPolicy {
    new Mistakes()
        .within("weightLimit", weightLimit, 1, WeightBudget.MAX_LIMIT)
        .unless(
            weightWindowNanos >= WeightBudget.MIN_WINDOW_NANOS,
            "weightWindowNanos",
            WeightBudget.MIN_WINDOW_NANOS + " ns or longer",
            weightWindowNanos + " ns")
        .positive("timeoutNanos", timeoutNanos)
        .positive("hedgeFloorNanos", hedgeFloorNanos)
        .refuse();
  }

  /// Weight 1,200 in a minute: the least that Binance has ever allowed (`wire/SPEC.md`); the
  /// source itself may tell another limit later.
  public static GuardPolicy defaults() {
    return new GuardPolicy(
        BreakerPolicy.defaults(),
        RetryPolicy.defaults(),
        1_200,
        60_000_000_000L,
        3_000_000_000L,
        50_000_000L);
  }
}

package dev.everfeed.core.engine;

/// What the [Control] keeps to. Times are nanoseconds.
///
/// @param connectGraceNanos    after the start so long a gateway may take to connect before it
///     ails
/// @param deadlineNanos        of a migration; after it what did not move stays where it was
/// @param firstTickNanos       a subscription that is acknowledged and brings nothing for so
///     long is of a contract that trades rarely: it counts as moved, `waiting_first_tick`
/// @param probationNanos       so long the gateway before stays attached, for a way back
/// @param cooldownNanos        between two moves of a contract, unless the active gateway is
///     down
/// @param reinstateNanos       so long a convicted gateway must deliver before it is healthy
/// @param failBackNanos        so long a better gateway must be healthy before a contract
///     returns to it; twice as long for each conviction in the last [#historyNanos]
/// @param historyNanos         how long a conviction counts against a gateway
/// @param canaryNanos          without an event of its canaries a gateway is unhealthy
/// @param avoidNanos           a gateway that a contract could not move to is left alone by it;
///     twice as long each further time, up to 16 times
/// @param movesAtOnceMax       contracts that move to one gateway at a time
/// @param reconnectNanos       between two new connections of a gateway that is stalled; twice
///     as long each further time, up to 16 times
public record ControlPolicy(
    long connectGraceNanos,
    long deadlineNanos,
    long firstTickNanos,
    long probationNanos,
    long cooldownNanos,
    long reinstateNanos,
    long failBackNanos,
    long historyNanos,
    long canaryNanos,
    long avoidNanos,
    int movesAtOnceMax,
    long reconnectNanos) {
  private static final long SECOND = 1_000_000_000;

  public static final ControlPolicy USUAL = new ControlPolicy(
      10 * SECOND,
      5 * SECOND,
      SECOND,
      5 * SECOND,
      30 * SECOND,
      5 * SECOND,
      60 * SECOND,
      3_600 * SECOND,
      60 * SECOND,
      5 * SECOND,
      1_000,
      10 * SECOND);

  public ControlPolicy {
    if (deadlineNanos < 1 || firstTickNanos < 0 || firstTickNanos >= deadlineNanos) {
      throw new IllegalArgumentException(
          "the first tick is awaited for less than the deadline of a migration, were %d and %d ns"
              .formatted(firstTickNanos, deadlineNanos));
    }
    if (movesAtOnceMax < 1) {
      throw new IllegalArgumentException(
          "at least 1 contract may move at a time, was " + movesAtOnceMax);
    }
  }
}

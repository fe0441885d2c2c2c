package dev.everfeed.core.guard;

import dev.everfeed.core.model.SourceId;
import org.jspecify.annotations.Nullable;

/// The health of one source as its guard knows it at one moment. Every view of a source's
/// health (`/health/scheduler`, `/health/gateways`, metrics) is drawn from it.
///
/// All moments are monotonic nanoseconds; -1 stands for "never".
///
/// @param state           of the circuit
/// @param successCount    calls answered in time with a usable value since the start; probes
///     count neither here nor as failures
/// @param failureCount    calls failed since the start, of the kinds that count against the
///     breaker, slow ones included
/// @param windowFailures  failures that the breaker counts at this moment
/// @param skippedCount    calls not made because the circuit was open
/// @param openedAtNanos   when the circuit last opened, also from half open or after a probe
/// @param closedAtNanos   when the circuit was last seen closed; the snapshot's moment while
///     closed
/// @param cooldownNanos   length of the current or last cooldown, 0 before the first
/// @param probeAtNanos    when the next probe is due, -1 when the circuit is not open
/// @param pausedUntilNanos when the source may be called again after 429 or 418, -1 when not
///     paused
/// @param budgetUsed      weight used in the current window
/// @param budgetLimit     weight allowed in a window
/// @param latencyP95Nanos 95th percentile of recent answers, 0 before the first
/// @param lastFailure     text of the last failure, or null
/// @param lastFailureAtNanos when it happened
public record GuardSnapshot(
    SourceId source,
    CircuitBreaker.State state,
    long successCount,
    long failureCount,
    int windowFailures,
    long skippedCount,
    long openedAtNanos,
    long closedAtNanos,
    long cooldownNanos,
    long probeAtNanos,
    long pausedUntilNanos,
    int budgetUsed,
    int budgetLimit,
    long latencyP95Nanos,
    @Nullable String lastFailure,
    long lastFailureAtNanos) {

  public boolean circuitOpen() {
    return state != CircuitBreaker.State.CLOSED;
  }
}

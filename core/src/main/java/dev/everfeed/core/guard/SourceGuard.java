package dev.everfeed.core.guard;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.SourceId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Stands between the hub and one source, and is the one truth about its health: breaker,
/// pause, weight budget, retry budget, latency and counters. Owned by one thread; only
/// [#breaker] may be read by others.
///
/// **Calls.** [#admit] or [#admitProbe] says whether a call may be made. An admitted call is
/// ended by exactly one of [#succeeded], [#failed] and [#abandoned] with its permit. The guard
/// knows every call that is out by its permit, so an outcome that comes a second time changes
/// nothing. [#slow] may come before the end, once or more: the first time it counts the call as
/// one failure, and from then on the call's outcome counts nothing more for the breaker or the
/// counters (its latency and a pause it brings still do).
///
/// **What an outcome does** (DESIGN section 7)
///
/// | outcome | breaker | counters | else |
/// |---|---|---|---|
/// | succeeded in time | success | successes + 1 | latency noted, pauses are short again |
/// | succeeded later, or slow | failure | failures + 1 | latency noted |
/// | failed, of a kind that counts | failure | failures + 1 | |
/// | failed, 429 or 418 | released | | the source is paused |
/// | failed otherwise, abandoned | released | | |
///
/// A probe is judged alike but changes neither counters nor latency. `admitted = succeeded +
/// failed + released + out` for the calls that are no probes.
///
/// **Pauses.** As long as the source asks for, at most [#LONGEST_PAUSE_NANOS]. When it does not
/// say: 5 s for 429, 120 s for 418, doubled each time that a call made after the pause is
/// refused again, at most 5 min and 1 h, from the beginning after a success. Refusals of calls
/// that were out together are one. Binance bans for 2 minutes to 3 days (`wire/SPEC.md`,
/// errors).
///
/// **Budgets.** A refused call takes nothing from any budget. The retry budget is the caller's
/// to use: [RetryBudget#onCall] for each first call, [RetryBudget#tryRetry] before a retry or
/// hedge.
public final class SourceGuard {

  /// The longest ban that Binance announces: 3 days.
  public static final long LONGEST_PAUSE_NANOS = 3 * 86_400_000_000_000L;

  /// Calls that may be out at the same time. A bound for this table, far above what a weight
  /// budget and a timeout allow together; when it is reached, the caller does not end its
  /// calls.
  static final int MAX_OUT = 10_000;

  private static final long REFUSED = -1;
  private static final long SECOND = 1_000_000_000L;

  private final SourceId source;
  private final GuardPolicy policy;
  private final CircuitBreaker breaker;
  private final WeightBudget budget;
  private final RetryBudget retryBudget = RetryBudget.defaults();
  private final LatencyWindow latency = new LatencyWindow();

  /// By permit.
  private final Map<Long, Call> out = new LinkedHashMap<>();

  private final Pauses rateLimits = new Pauses(5 * SECOND, 300 * SECOND);
  private final Pauses bans = new Pauses(120 * SECOND, 3_600 * SECOND);

  private long nextPermit;
  private long successes;
  private long failures;
  private long skips;
  private long lastSkippedTrip = -1;
  private @Nullable String lastFailure;
  private long lastFailureAtNanos = -1;

  /// When the budget has room for the probe that it refused last.
  private long probeHeldUntilNanos = Long.MIN_VALUE;

  /// A call that is out.
  ///
  /// @param permit of the breaker
  /// @param probe  whether it is one
  /// @param judged it was slow: its outcome counts nothing more
  private record Call(long permit, long admittedAtNanos, boolean probe, boolean judged) {}

  /// @param random asked once, here; gives the jitter of cooldowns
  public SourceGuard(SourceId source, GuardPolicy policy, RandomGenerator random, long nowNanos) {
    this.source = source;
    this.policy = policy;
    this.breaker = new CircuitBreaker(policy.breaker(), random, nowNanos);
    this.budget = new WeightBudget(policy.weightLimit(), policy.weightWindowNanos());
  }

  public SourceId source() {
    return source;
  }

  /// As configured. Thresholds that change while it runs are the [#breaker]'s policy.
  public GuardPolicy policy() {
    return policy;
  }

  /// Its state may be read, and its policy changed, by any thread; calls go through this guard.
  public CircuitBreaker breaker() {
    return breaker;
  }

  public RetryBudget retryBudget() {
    return retryBudget;
  }

  /// Admits a call, taking its weight and a permit of the breaker, or says why not:
  /// `CIRCUIT_OPEN`, `PAUSED` or `OVER_BUDGET`, looked at in this order. The latter two say when
  /// to come again; `Long.MAX_VALUE` for a call that weighs more than it ever may.
  public Admission admit(int weight, Priority priority, long nowNanos) {
    if (circuitRefuses()) {
      return refused(Kind.CIRCUIT_OPEN, circuitText(nowNanos), 0);
    }
    Admission refused = pauseOrBudgetRefuses(weight, priority, nowNanos);
    if (refused != null) {
      return refused;
    }
    long permit = breaker.tryAcquire(nowNanos);
    if (permit == CircuitBreaker.REJECTED) {
      return refused(Kind.CIRCUIT_OPEN, circuitText(nowNanos), 0);
    }
    return admitted(permit, weight, priority, false, nowNanos);
  }

  /// Admits the light call that must succeed before an open circuit lets others through, or says
  /// why not. A probe takes its weight like a user's call.
  public Admission admitProbe(int weight, long nowNanos) {
    if (!breaker.probeDue(nowNanos)) {
      return refused(Kind.CIRCUIT_OPEN, "no probe is due: " + circuitText(nowNanos), 0);
    }
    Admission refused = pauseOrBudgetRefuses(weight, Priority.USER, nowNanos);
    if (refused != null) {
      long room = budget.availableAtNanos(weight, Priority.USER, nowNanos);
      probeHeldUntilNanos = room > nowNanos ? room : nowNanos + CircuitBreaker.PROBE_AGAIN_NANOS;
      return refused;
    }
    long permit = breaker.tryProbe(nowNanos);
    if (permit == CircuitBreaker.REJECTED) {
      return refused(Kind.CIRCUIT_OPEN, "no probe is due: " + circuitText(nowNanos), 0);
    }
    return admitted(permit, weight, Priority.USER, true, nowNanos);
  }

  private Admission admitted(
      long breakerPermit, int weight, Priority priority, boolean probe, long nowNanos) {
    if (!budget.tryTake(weight, priority, nowNanos)) {
      throw new IllegalStateException(source + ": the budget had room for weight " + weight
          + " and then had not: the guard is used by more than one thread");
    }
    long permit = nextPermit++;
    out.put(permit, new Call(breakerPermit, nowNanos, probe, false));
    return new Admission(permit, null);
  }

  /// A usable answer.
  ///
  /// @param latencyNanos from the call to the whole answer
  public void succeeded(long permit, long latencyNanos, long nowNanos) {
    Call call = out.remove(permit);
    if (call == null) {
      return;
    }
    if (!call.probe()) {
      latency.record(latencyNanos);
    }
    rateLimits.succeeded(call.admittedAtNanos());
    bans.succeeded(call.admittedAtNanos());
    if (call.judged()) {
      return;
    }
    if (latencyNanos > breaker.policy().slowCallNanos()) {
      judgedSlow(call, "answered after " + millis(latencyNanos), nowNanos);
      return;
    }
    breaker.onSuccess(call.permit(), nowNanos);
    if (!call.probe()) {
      successes++;
    }
  }

  /// No usable answer.
  public void failed(long permit, Failure failure, long nowNanos) {
    Call call = out.remove(permit);
    if (call == null) {
      return;
    }
    switch (failure.kind()) {
      case TIMEOUT, CONNECTION, SERVER_ERROR, UNDECODABLE, WRONG_DATA, FROZEN ->
        remember(failure.message(), nowNanos);
      case RATE_LIMITED -> {
        remember(failure.message(), nowNanos);
        pause(rateLimits, call, failure, nowNanos);
      }
      case BANNED -> {
        remember(failure.message(), nowNanos);
        pause(bans, call, failure, nowNanos);
      }
      case CALLER, CIRCUIT_OPEN, PAUSED, OVER_BUDGET, NOT_OFFERED, NO_ANSWER_YET -> {
        // Says nothing about the source.
      }
    }
    if (call.judged()) {
      return;
    }
    if (failure.kind().countsAgainstBreaker()) {
      breaker.onFailure(call.permit(), nowNanos);
      if (!call.probe()) {
        failures++;
      }
    } else {
      breaker.release(call.permit(), nowNanos);
    }
  }

  /// Nobody wants the answer any more, whatever it will be.
  public void abandoned(long permit, long nowNanos) {
    Call call = out.remove(permit);
    if (call != null && !call.judged()) {
      breaker.release(call.permit(), nowNanos);
    }
  }

  /// The call has been out for longer than `slowCallNanos` and still is.
  public void slow(long permit, long nowNanos) {
    Call call = out.get(permit);
    if (call == null || call.judged()) {
      return;
    }
    out.put(permit, new Call(call.permit(), call.admittedAtNanos(), call.probe(), true));
    judgedSlow(call, "no answer for " + millis(nowNanos - call.admittedAtNanos()), nowNanos);
  }

  private void judgedSlow(Call call, String what, long nowNanos) {
    breaker.onFailure(call.permit(), nowNanos);
    if (!call.probe()) {
      failures++;
    }
    String limit = millis(breaker.policy().slowCallNanos());
    remember(what + " (slow from " + limit + " on), counted as a failure", nowNanos);
  }

  private void remember(String failure, long nowNanos) {
    lastFailure = failure;
    lastFailureAtNanos = nowNanos;
  }

  private void pause(Pauses pauses, Call call, Failure failure, long nowNanos) {
    long asked = Math.min(failure.retryAfterNanos(), LONGEST_PAUSE_NANOS);
    budget.pauseUntil(nowNanos + pauses.next(asked, call.admittedAtNanos(), nowNanos));
  }

  /// The venue's own count of the weight used in its current window.
  public void weightUsed(int used, long nowNanos) {
    budget.correctUsed(used, nowNanos);
  }

  /// The weight that the venue allows in a window.
  public void weightLimit(int limit) {
    budget.limit(limit);
    probeHeldUntilNanos = Long.MIN_VALUE;
  }

  /// How long to wait for an answer before another source is asked as well.
  public long hedgeAfterNanos() {
    return Math.max(latency.p95Nanos(), policy.hedgeFloorNanos());
  }

  /// When [#admitProbe] is worth trying; `Long.MAX_VALUE` when no probe will be due unless
  /// something else happens first.
  public long nextProbeAtNanos() {
    if (breaker.state() != CircuitBreaker.State.OPEN) {
      return Long.MAX_VALUE;
    }
    long at = Math.max(breaker.probeAtNanos(), budget.pausedUntilNanos());
    return Math.max(at, probeHeldUntilNanos);
  }

  /// Counts a call not made because the circuit is open.
  ///
  /// @return true for the first of this opening, which is worth a line in the log
  public boolean noteSkip() {
    skips++;
    long trip = breaker.trips();
    boolean first = trip != lastSkippedTrip;
    lastSkippedTrip = trip;
    return first;
  }

  public GuardSnapshot snapshot(long nowNanos) {
    return new GuardSnapshot(
        source,
        breaker.state(),
        successes,
        failures,
        breaker.failuresInWindow(nowNanos),
        skips,
        breaker.openedAtNanos(),
        breaker.closedAtNanos(nowNanos),
        breaker.cooldownNanos(),
        breaker.probeAtNanos(),
        paused(nowNanos) ? budget.pausedUntilNanos() : -1,
        budget.used(nowNanos),
        budget.limit(),
        latency.p95Nanos(),
        lastFailure,
        lastFailureAtNanos);
  }

  private boolean paused(long nowNanos) {
    return budget.pausedUntilNanos() > nowNanos;
  }

  private boolean circuitRefuses() {
    return switch (breaker.state()) {
      case CLOSED, HALF_OPEN -> false;
      case OPEN, PROBING -> true;
    };
  }

  private @Nullable Admission pauseOrBudgetRefuses(int weight, Priority priority, long nowNanos) {
    if (paused(nowNanos)) {
      long left = budget.pausedUntilNanos() - nowNanos;
      return refused(
          Kind.PAUSED, "asked to be left alone, " + seconds(left) + " to go; not called", left);
    }
    if (out.size() >= MAX_OUT) {
      return refused(
          Kind.OVER_BUDGET, out.size() + " of " + MAX_OUT + " calls are out; not called", 0);
    }
    long availableAt = budget.availableAtNanos(weight, priority, nowNanos);
    if (availableAt > nowNanos) {
      String when = availableAt == Long.MAX_VALUE
          ? "more than it may ever use"
          : "room in " + seconds(availableAt - nowNanos);
      return refused(
          Kind.OVER_BUDGET,
          "weight " + budget.used(nowNanos) + " of " + budget.limit() + " used in "
              + seconds(policy.weightWindowNanos()) + ", " + priority + " may use "
              + budget.share(priority) + ", this call weighs " + weight + ": " + when
              + "; not called",
          availableAt == Long.MAX_VALUE ? Long.MAX_VALUE : availableAt - nowNanos);
    }
    return null;
  }

  private String circuitText(long nowNanos) {
    String last = lastFailure == null ? "" : "; last failure: " + lastFailure;
    return switch (breaker.state()) {
      case CLOSED -> "circuit closed";
      case OPEN -> {
        long toGo = nextProbeAtNanos() - nowNanos;
        yield "circuit open for " + seconds(nowNanos - breaker.openedAtNanos())
            + (toGo > 0 ? ", probe in " + seconds(toGo) : ", probe due") + "; not called" + last;
      }
      case PROBING -> "circuit open, a probe is out; not called" + last;
      case HALF_OPEN ->
        "circuit half open, " + breaker.policy().halfOpenMax() + " of "
            + breaker.policy().halfOpenMax() + " trial calls are out; not called" + last;
    };
  }

  private Admission refused(Kind kind, String why, long retryAfterNanos) {
    return new Admission(REFUSED, new Failure(kind, why, retryAfterNanos));
  }

  /// Rounded up to tenths: nobody is told to come too early.
  private static String seconds(long nanos) {
    long tenths = Math.ceilDiv(Math.max(0, nanos), SECOND / 10);
    return tenths / 10 + "." + tenths % 10 + " s";
  }

  private static String millis(long nanos) {
    return nanos / 1_000_000 + " ms";
  }
}

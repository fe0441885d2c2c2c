package dev.everfeed.core.guard;

import dev.everfeed.core.guard.Circuit.Closed;
import dev.everfeed.core.guard.Circuit.HalfOpen;
import dev.everfeed.core.guard.Circuit.Open;
import dev.everfeed.core.guard.Circuit.Past;
import dev.everfeed.core.guard.Circuit.Permits;
import dev.everfeed.core.guard.Circuit.Probing;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/// Stops calls to a source that keeps failing, and lets them through again step by step: first
/// one light probe, then a few calls, then all.
///
/// Any thread may call any method, none waits. The whole state is one immutable [Circuit]
/// behind one reference; every change is one compare-and-set, so each outcome counts exactly
/// once or not at all. While closed, admitting a call and reporting its success only read that
/// reference: no write, no allocation. Time is an argument; threads that race may pass it
/// slightly out of order.
///
/// | input         | CLOSED   | OPEN     | PROBING   | HALF_OPEN |
/// |---------------|----------|----------|-----------|-----------|
/// | acquire       | permit   | rejected | rejected  | permit    |
/// | acquire, full | -        | -        | -         | rejected  |
/// | probe, early  | rejected | rejected | rejected  | rejected  |
/// | probe, due    | rejected | PROBING  | rejected  | rejected  |
/// | success       | CLOSED   | -        | -         | HALF_OPEN |
/// | last success  | -        | -        | HALF_OPEN | CLOSED    |
/// | failure       | CLOSED   | -        | -         | -         |
/// | last failure  | OPEN     | -        | OPEN      | OPEN      |
/// | release       | CLOSED   | -        | OPEN      | HALF_OPEN |
/// | stale outcome | CLOSED   | OPEN     | PROBING   | HALF_OPEN |
///
/// `permit` and `rejected` leave the state as it is; `-` cannot happen. *last* is the outcome
/// that reaches a threshold, a *stale outcome* belongs to a call admitted before the last
/// change of state or is reported for the second time. A test walks this table.
///
/// - **Window.** Closed, it counts failures younger than `windowNanos`; the one that makes
///   `failureThreshold` of them opens the circuit. Closing empties the window.
/// - **Cooldown.** `openNanos` times a multiplier, at most `openMaxNanos`, of which the first
///   half is certain and the second random (equal jitter): never longer than `openMaxNanos`,
///   never shorter than half. The multiplier rises with each opening and falls one step for
///   each minute that the circuit is closed without a failure. The jitter is a function of one
///   number drawn from the generator at the start and of the count of openings: equal seeds
///   give equal cooldowns, and threads share no generator.
/// - **Permits.** Numbers never repeat. All calls of one closed spell share one permit, a probe
///   and each half-open call has its own, and an outcome counts only while the current state
///   knows its permit. So a late failure of an old call cannot re-open a half-open circuit, nor
///   can a late success close it; and an outcome reported twice frees one half-open slot, not
///   two. (Closed, a failure reported twice is two failures: [SourceGuard] tells calls apart.)
/// - **Policy.** A new one holds from the next input on. Failures already counted and calls
///   already out stay; a lower threshold that is already exceeded opens the circuit at the next
///   failure, a running cooldown keeps its length, a longer window sees what the last failure
///   still saw.
///
/// Every permit must be given back by one of [#onSuccess], [#onFailure] and [#release]: a
/// half-open circuit whose calls never end admits no others.
public final class CircuitBreaker {

  /// The states of the circuit.
  public enum State {
    /// All calls go through.
    CLOSED,
    /// None does.
    OPEN,
    /// None does, a probe is out.
    PROBING,
    /// A few do.
    HALF_OPEN
  }

  /// Instead of a permit: no call.
  public static final long REJECTED = -1;

  /// After a probe whose outcome said nothing the next one is due in 1 s.
  public static final long PROBE_AGAIN_NANOS = 1_000_000_000L;

  /// Closed and without a failure for this long (1 minute) takes the multiplier one step down.
  public static final long QUIET_SPELL_NANOS = 60_000_000_000L;

  private enum Outcome {
    SUCCESS,
    FAILURE,
    NOTHING
  }

  private final AtomicReference<Circuit> circuit;
  private final long jitterSeed;
  private volatile BreakerPolicy policy;

  /// Closed.
  ///
  /// @param jitter asked once, here
  public CircuitBreaker(BreakerPolicy policy, RandomGenerator jitter, long nowNanos) {
    this.policy = policy;
    this.jitterSeed = jitter.nextLong();
    this.circuit = new AtomicReference<>(new Closed(0, Past.NONE, nowNanos));
  }

  /// A permit for a call, or [#REJECTED].
  public long tryAcquire(long nowNanos) {
    while (true) {
      Circuit before = circuit.get();
      if (before instanceof Closed) {
        return before.serial();
      }
      if (!(before instanceof HalfOpen half) || half.out().size() >= policy.halfOpenMax()) {
        return REJECTED;
      }
      long permit = half.serial() + 1;
      HalfOpen after = new HalfOpen(permit, half.past(), half.out().plus(permit), half.successes());
      if (circuit.compareAndSet(before, after)) {
        return permit;
      }
    }
  }

  /// Open, and the cooldown is over.
  public boolean probeDue(long nowNanos) {
    return circuit.get() instanceof Open open && nowNanos - open.probeAtNanos() >= 0;
  }

  /// A permit for the one probe, or [#REJECTED] when none is due.
  public long tryProbe(long nowNanos) {
    while (true) {
      Circuit before = circuit.get();
      if (!(before instanceof Open open) || nowNanos - open.probeAtNanos() < 0) {
        return REJECTED;
      }
      long permit = open.serial() + 1;
      if (circuit.compareAndSet(before, new Probing(permit, open.past()))) {
        return permit;
      }
    }
  }

  public void onSuccess(long permit, long nowNanos) {
    if (circuit.get() instanceof Closed) {
      return; // The common case: a success says nothing new.
    }
    settle(permit, Outcome.SUCCESS, nowNanos);
  }

  public void onFailure(long permit, long nowNanos) {
    settle(permit, Outcome.FAILURE, nowNanos);
  }

  /// Gives a permit back whose outcome says nothing about the source: the caller's own mistake,
  /// or a call that was given up. The probe is then due again after [#PROBE_AGAIN_NANOS].
  public void release(long permit, long nowNanos) {
    settle(permit, Outcome.NOTHING, nowNanos);
  }

  @SuppressWarnings("ReferenceEquality") // The same object is what "nothing changed" means here.
  private void settle(long permit, Outcome outcome, long nowNanos) {
    while (true) {
      Circuit before = circuit.get();
      Circuit after = switch (before) {
        case Closed closed
        when permit == closed.serial() ->
          outcome == Outcome.FAILURE ? failed(closed, nowNanos) : closed;
        case Probing probing
        when permit == probing.serial() ->
          switch (outcome) {
            case SUCCESS -> new HalfOpen(permit + 1, probing.past(), Permits.NONE, 0);
            case FAILURE -> opened(probing, probing.past().step(), nowNanos);
            case NOTHING -> new Open(permit + 1, probing.past(), nowNanos + PROBE_AGAIN_NANOS);
          };
        case HalfOpen half
        when half.out().contains(permit) ->
          switch (outcome) {
            case SUCCESS -> succeeded(half, permit, nowNanos);
            case FAILURE -> opened(half, half.past().step(), nowNanos);
            case NOTHING ->
              new HalfOpen(half.serial(), half.past(), half.out().minus(permit), half.successes());
          };
        // The state does not know the permit: too late, or for the second time.
        case Closed stays -> stays;
        case Open stays -> stays;
        case Probing stays -> stays;
        case HalfOpen stays -> stays;
      };
      if (after == before || circuit.compareAndSet(before, after)) {
        return;
      }
    }
  }

  private Circuit failed(Closed closed, long nowNanos) {
    BreakerPolicy now = policy;
    Past past = closed.past();
    long moment = Math.max(nowNanos, closed.cleanSinceNanos());
    long quietSpells = (moment - closed.cleanSinceNanos()) / QUIET_SPELL_NANOS;
    int step = (int) Math.max(0, past.step() - quietSpells);
    Moments failures = past.failures().plus(moment, now.windowNanos());
    return failures.size() >= now.failureThreshold()
        ? opened(closed, step, moment)
        : new Closed(closed.serial(), past.with(failures, step), moment);
  }

  private Circuit succeeded(HalfOpen half, long permit, long nowNanos) {
    int successes = half.successes() + 1;
    return successes >= policy.successThreshold()
        ? new Closed(
            half.serial() + 1, half.past().with(Moments.NONE, half.past().step()), nowNanos)
        : new HalfOpen(half.serial(), half.past(), half.out().minus(permit), successes);
  }

  private Open opened(Circuit before, int step, long nowNanos) {
    BreakerPolicy now = policy;
    Past past = before.past();
    long openings = past.openings() + 1;
    long longest = now.longestCooldownNanos(step);
    long jittered = longest / 2;
    long cooldown =
        longest - jittered + Math.unsignedMultiplyHigh(mix(jitterSeed + openings), jittered + 1);
    long leftClosed = before instanceof Closed ? nowNanos : past.leftClosedNanos();
    return new Open(
        before.serial() + 1,
        new Past(
            past.failures().plus(nowNanos, now.windowNanos()),
            Math.min(step + 1, now.multipliers().size() - 1),
            openings,
            nowNanos,
            leftClosed,
            cooldown),
        nowNanos + cooldown);
  }

  /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014):
  /// every bit of the result depends on every bit of the input.
  private static long mix(long value) {
    long z = value * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  public BreakerPolicy policy() {
    return policy;
  }

  /// Changes thresholds and times while calls go on.
  public void policy(BreakerPolicy policy) {
    this.policy = policy;
  }

  public State state() {
    return circuit.get().state();
  }

  /// Counted failures younger than the window, those of probes and half-open calls included.
  public int failuresInWindow(long nowNanos) {
    return circuit.get().past().failures().within(policy.windowNanos(), nowNanos);
  }

  /// When the last cooldown began, -1 before the first.
  public long openedAtNanos() {
    return circuit.get().past().openedAtNanos();
  }

  /// When the circuit was last closed: now while it is.
  public long closedAtNanos(long nowNanos) {
    Circuit current = circuit.get();
    return current instanceof Closed ? nowNanos : current.past().leftClosedNanos();
  }

  /// Length of the current or last cooldown, 0 before the first.
  public long cooldownNanos() {
    return circuit.get().past().cooldownNanos();
  }

  /// When the next probe is due, -1 when the circuit is not open.
  public long probeAtNanos() {
    return circuit.get() instanceof Open open ? open.probeAtNanos() : -1;
  }

  /// Cooldowns begun since the start: the circuit opened, or opened again.
  public long trips() {
    return circuit.get().past().openings();
  }
}

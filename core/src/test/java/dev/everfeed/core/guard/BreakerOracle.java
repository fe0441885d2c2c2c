package dev.everfeed.core.guard;

import dev.everfeed.core.guard.CircuitBreaker.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The breaker as one would write it without threads: plain fields, plain lists, each call an
/// object that remembers the spell in which it was admitted. Twin of [CircuitBreaker].
final class BreakerOracle {
  private static final long MINUTE = 60_000_000_000L;

  /// A call that was admitted.
  static final class Call {
    final int spell;
    boolean ended;

    Call(int spell) {
      this.spell = spell;
    }
  }

  BreakerPolicy policy;
  State state = State.CLOSED;
  long openedAt = -1;
  long leftClosedAt = -1;
  long cooldown;
  long probeAt = -1;
  long trips;
  final List<Long> failures = new ArrayList<>();
  private int spell;
  private int callsOut;
  private int successes;
  private int multiplierIndex;
  private long cleanSince;

  /// Jitter is the breaker's own; the oracle says only between what it must lie.
  long shortestCooldown;

  long longestCooldown;

  BreakerOracle(BreakerPolicy policy, long now) {
    this.policy = policy;
    this.cleanSince = now;
  }

  @Nullable
  Call tryAcquire() {
    if (state == State.CLOSED) {
      return new Call(spell);
    }
    if (state == State.HALF_OPEN && callsOut < policy.halfOpenMax()) {
      callsOut++;
      return new Call(spell);
    }
    return null;
  }

  boolean probeDue(long now) {
    return state == State.OPEN && now >= probeAt;
  }

  @Nullable
  Call tryProbe(long now) {
    if (!probeDue(now)) {
      return null;
    }
    enter(State.PROBING);
    return new Call(spell);
  }

  void onSuccess(Call call, long now) {
    if (!counts(call)) {
      return;
    }
    if (state == State.PROBING) {
      enter(State.HALF_OPEN);
    } else if (state == State.HALF_OPEN) {
      callsOut--;
      successes++;
      if (successes >= policy.successThreshold()) {
        enter(State.CLOSED);
        failures.clear();
        cleanSince = now;
      }
    }
  }

  void onFailure(Call call, long now) {
    if (!counts(call)) {
      return;
    }
    if (state != State.CLOSED) {
      remember(now);
      open(now);
      return;
    }
    long moment = Math.max(now, cleanSince);
    for (long t = cleanSince + MINUTE; t <= moment && multiplierIndex > 0; t += MINUTE) {
      multiplierIndex--;
    }
    cleanSince = moment;
    remember(moment);
    if (failures.size() >= policy.failureThreshold()) {
      leftClosedAt = moment;
      open(moment);
    }
  }

  void release(Call call, long now) {
    if (!counts(call)) {
      return;
    }
    if (state == State.PROBING) {
      enter(State.OPEN);
      probeAt = now + CircuitBreaker.PROBE_AGAIN_NANOS;
    } else if (state == State.HALF_OPEN) {
      callsOut--;
    }
  }

  int failuresInWindow(long now) {
    int count = 0;
    for (long failure : failures) {
      if (now - failure < policy.windowNanos()) {
        count++;
      }
    }
    return count;
  }

  /// Takes over the cooldown that the breaker drew for the opening that just happened.
  void drew(long breakersCooldown) {
    cooldown = breakersCooldown;
    probeAt = openedAt + cooldown;
  }

  private boolean counts(Call call) {
    if (call.spell != spell || (call.ended && state != State.CLOSED)) {
      return false;
    }
    call.ended = true;
    return true;
  }

  private void remember(long now) {
    long moment = failures.isEmpty() ? now : Math.max(now, failures.getLast());
    failures.add(moment);
    failures.removeIf(failure -> moment - failure >= policy.windowNanos());
  }

  private void open(long now) {
    enter(State.OPEN);
    openedAt = now;
    trips++;
    List<Integer> multipliers = policy.multipliers();
    int multiplier = multipliers.get(Math.min(multiplierIndex, multipliers.size() - 1));
    longestCooldown = Math.min(policy.openMaxNanos(), policy.openNanos() * multiplier);
    shortestCooldown = longestCooldown / 2;
    multiplierIndex = Math.min(multiplierIndex + 1, multipliers.size() - 1);
  }

  private void enter(State next) {
    state = next;
    spell++;
    callsOut = 0;
    successes = 0;
    probeAt = -1;
  }
}

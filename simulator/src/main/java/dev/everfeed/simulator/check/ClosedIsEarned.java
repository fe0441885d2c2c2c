package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import java.util.Map;
import java.util.TreeMap;

/// P6 (RESILIENCE I-07).
final class ClosedIsEarned extends Invariant {
  private static final class Since {
    boolean probed;
    int answered;
    int threshold = Integer.MAX_VALUE;
  }

  private final Map<SourceId, Since> sinceOpen = new TreeMap<>();

  ClosedIsEarned(Checks checks) {
    super("P6", "a circuit closes only after its probe and success_threshold calls", checks);
  }

  private void ended(Decision.CallEnded decision) {
    Ledger.Made ended = ledger.out(decision.callId());
    Since since = sinceOpen.get(decision.source());
    if (ended == null || since == null) {
      return;
    }
    since.threshold = Math.min(
        since.threshold, truth.guard(ended.source()).breaker().policy().successThreshold());
    if (decision.failure() == null
        && ended.trips() == truth.guard(ended.source()).breaker().trips()) {
      if (ended.state() == State.PROBING) {
        since.probed = true;
      } else if (ended.state() == State.HALF_OPEN) {
        since.answered++;
      }
    }
  }

  @Override
  void decision(Decision decision, long now) {
    if (decision instanceof Decision.CallEnded ended) {
      ended(ended);
    }
    if (!(decision instanceof Decision.CircuitChanged changed)) {
      return;
    }
    switch (changed.to()) {
      case OPEN -> sinceOpen.put(changed.source(), new Since());
      case PROBING, HALF_OPEN -> {}
      case CLOSED -> {
        Since since = sinceOpen.remove(changed.source());
        if (since == null || !since.probed || since.answered < since.threshold) {
          broken(
              "%s closed, its probe %s and %d calls were answered since it opened"
                  .formatted(
                      changed.source(),
                      since != null && since.probed ? "was answered" : "was not answered",
                      since == null ? 0 : since.answered),
              now);
        }
      }
    }
  }
}

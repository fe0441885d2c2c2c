package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;

/// P5 (RESILIENCE I-07).
final class HalfOpenIsNarrow extends Invariant {
  HalfOpenIsNarrow(Checks checks) {
    super("P5", "a half-open circuit has at most half_open_max calls out", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    switch (decision) {
      case Decision.Call call -> look(call.source(), call.callId(), now);
      case Decision.Probe probe -> look(probe.source(), probe.callId(), now);
      default -> {}
    }
  }

  private void look(SourceId source, long id, long now) {
    CircuitBreaker breaker = truth.guard(source).breaker();
    if (breaker.state() != State.HALF_OPEN) {
      return;
    }
    int before = 0;
    for (Ledger.Made made : ledger.out()) {
      if (made.source().equals(source)
          && made.state() == State.HALF_OPEN
          && made.trips() == breaker.trips()) {
        before++;
      }
    }
    if (before >= breaker.policy().halfOpenMax()) {
      broken(
          "call %d to %s is number %d of at most %d"
              .formatted(id, source, before + 1, breaker.policy().halfOpenMax()),
          now);
    }
  }
}

package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.request.Decision;

/// P4 (RESILIENCE I-08).
final class OpenIsNotCalled extends Invariant {
  OpenIsNotCalled(Checks checks) {
    super("P4", "a source whose circuit is open is called by its one probe only", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    switch (decision) {
      case Decision.Call call -> {
        State state = truth.guard(call.source()).breaker().state();
        if (state == State.OPEN || state == State.PROBING) {
          broken("call %d to %s, which is %s".formatted(call.callId(), call.source(), state), now);
        }
      }
      case Decision.Probe probe -> {
        State state = truth.guard(probe.source()).breaker().state();
        if (state == State.OPEN || state == State.CLOSED) {
          broken(
              "probe %d to %s, which is %s".formatted(probe.callId(), probe.source(), state), now);
        }
        for (Ledger.Made made : ledger.out()) {
          if (made.probe()
              && made.source().equals(probe.source())
              && made.state() == State.PROBING
              && state == State.PROBING) {
            broken(
                "probe %d to %s, probe %d is still out"
                    .formatted(probe.callId(), probe.source(), made.id()),
                now);
          }
        }
      }
      default -> {}
    }
  }
}

package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.request.Decision;

/// P18 (RESILIENCE I-12).
final class HealthyIsNotConvicted extends Invariant {
  HealthyIsNotConvicted(Checks checks) {
    super(
        "P18",
        "no circuit opens without a fault of its source, not by a pause of our own either",
        checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.CircuitChanged changed) || changed.to() != State.OPEN) {
      return;
    }
    if (ledger.beliefs().everMisled()) {
      return; // who is right may look wrong then
    }
    // A policy may have changed since the failures were counted; no window here is longer.
    long from = now - 120_000_000_000L;
    if (truth.healthy(changed.source(), from, now)) {
      broken(
          "%s opened (%s), nothing was wrong with it for two minutes"
              .formatted(changed.source(), changed.reason()),
          now);
    }
  }
}

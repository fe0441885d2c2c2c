package dev.everfeed.simulator.check;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import java.util.Map;
import java.util.TreeMap;

/// P15 (REQUIREMENTS A4).
final class SkipIsToldOnce extends Invariant {
  private final Map<SourceId, Long> told = new TreeMap<>();

  SkipIsToldOnce(Checks checks) {
    super("P15", "skipped_due_to_circuit is told at most once per opening", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (decision instanceof Decision.SkippedDueToCircuit skipped) {
      long trip = truth.guard(skipped.source()).breaker().trips();
      Long before = told.put(skipped.source(), trip);
      if (before != null && before == trip) {
        broken("%s: again for opening %d".formatted(skipped.source(), trip), now);
      }
    }
  }
}

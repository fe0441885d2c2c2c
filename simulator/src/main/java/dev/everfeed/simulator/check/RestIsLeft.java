package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;

/// P21 (DESIGN section 7: when budgets are short, failover refill before user before refresh
/// before backfill). Seen on questions of history: a half of the budget is left by them for the
/// others.
final class RestIsLeft extends Invariant {
  RestIsLeft(Checks checks) {
    super("P21", "what is less urgent leaves the rest of a budget to what is more urgent", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Call call)
        || call.purpose() != Decision.Purpose.FIRST
        || !(ledger.current() instanceof Input.Ask ask)
        || ask.priority() != Priority.BACKFILL) {
      return;
    }
    GuardSnapshot guard = truth.guard(call.source()).snapshot(now);
    long share = Math.ceilDiv(guard.budgetLimit() * 50L, 100);
    if (guard.budgetUsed() > share) {
      broken(
          "call %d for history takes the weight used at %s to %d of %d, its share ends at %d"
              .formatted(
                  call.callId(), call.source(), guard.budgetUsed(), guard.budgetLimit(), share),
          now);
    }
  }
}

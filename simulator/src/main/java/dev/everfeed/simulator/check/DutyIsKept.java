package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import java.util.LinkedHashSet;
import java.util.Set;

/// P27 (REQUIREMENTS B9). What users ask is called while their question comes in, or when
/// history was asked first and has not all of it; every other first call is the schedule's.
final class DutyIsKept extends Invariant {
  private final Set<Query> askedOfHistory = new LinkedHashSet<>();
  private boolean mine = true;

  DutyIsKept(Checks checks) {
    super("P27", "without duty the schedule asks nothing", checks);
  }

  @Override
  void input(Input input, long now) {
    if (input instanceof Input.Duty duty) {
      mine = duty.mine();
    }
  }

  @Override
  void decision(Decision decision, long now) {
    if (decision instanceof Decision.Recall recall && recall.whole()) {
      askedOfHistory.add(recall.query());
    }
    if (decision instanceof Decision.Call call && call.purpose() == Decision.Purpose.FIRST) {
      boolean afterHistory = askedOfHistory.remove(call.query());
      if (!mine && !afterHistory && !(ledger.current() instanceof Input.Ask)) {
        broken("call %d to %s for %s".formatted(call.callId(), call.source(), call.query()), now);
      }
    }
  }
}

package dev.everfeed.simulator.check;

import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;

/// P27 (REQUIREMENTS B9). What users ask is called while their question comes in; every other
/// first call is the schedule's.
final class DutyIsKept extends Invariant {
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
    if (!mine
        && decision instanceof Decision.Call call
        && call.purpose() == Decision.Purpose.FIRST
        && !(ledger.current() instanceof Input.Ask)) {
      broken("call %d to %s for %s".formatted(call.callId(), call.source(), call.query()), now);
    }
  }
}

package dev.everfeed.simulator.check;

import dev.everfeed.core.request.Decision;

/// P16 (RESILIENCE I-18, L-5).
final class CallsEnd extends Invariant {
  private static final int MOST_CALLS = 2_000;

  CallsEnd(Checks checks) {
    super(
        "P16", "every call ends or is given up in time, and the engine knows what is out", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    switch (decision) {
      case Decision.CallEnded ended -> {
        if (ledger.out(ended.callId()) == null) {
          broken(
              "call %d to %s ended, and was not out".formatted(ended.callId(), ended.source()),
              now);
        }
      }
      case Decision.Cancel cancel -> {
        if (ledger.out(cancel.callId()) == null) {
          broken(
              "call %d to %s is given up, and was not out"
                  .formatted(cancel.callId(), cancel.source()),
              now);
        }
      }
      default -> {}
    }
  }

  @Override
  void settled(long now) {
    int out = truth.engine().callCount();
    if (out != ledger.outCount()) {
      broken("the engine counts %d calls, %d are out".formatted(out, ledger.outCount()), now);
    }
    if (out > MOST_CALLS || truth.engine().flightCount() > MOST_CALLS) {
      broken("%d calls and %d questions are out".formatted(out, truth.engine().flightCount()), now);
    }
  }

  @Override
  void everySecond(long now) {
    for (Ledger.Made made : ledger.out()) {
      long over = made.madeAt() + made.timeoutNanos();
      // After a local pause a call gets up to a second more: its answer may wait to be read.
      long grace = truth.pausedWithin(made.madeAt(), over) ? 1_000_000_000L : 0;
      if (now > truth.endOfPause(over) + grace) {
        broken(
            "call %d to %s is out for %,d ms of %,d"
                .formatted(
                    made.id(),
                    made.source(),
                    (now - made.madeAt()) / 1_000_000,
                    made.timeoutNanos() / 1_000_000),
            now);
      }
    }
  }
}

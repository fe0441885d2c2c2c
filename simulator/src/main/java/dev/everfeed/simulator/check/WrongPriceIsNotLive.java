package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Reply;

/// P12 (RESILIENCE I-21). A price at or below zero is never served at all.
final class WrongPriceIsNotLive extends Invariant {
  WrongPriceIsNotLive(Checks checks) {
    super("P12", "a wrong price is not served as live, an impossible one not at all", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply.Value value))) {
      return;
    }
    for (Event event : value.served().events()) {
      if (event instanceof Event.Price price) {
        boolean impossible = price.price().signum() <= 0;
        boolean wrong = value.status() == ValueStatus.LIVE
            && ledger.beliefs().areSound(price.symbol())
            && !truth.isRight(price);
        if (impossible || wrong) {
          broken("request %d got as %s: %s".formatted(id, value.status(), price), now);
        }
      }
    }
  }
}

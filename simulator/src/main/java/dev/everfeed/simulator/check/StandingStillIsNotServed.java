package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;

/// P19 (DESIGN section 1: if one source of an instrument is alive, readers have fresh data).
final class StandingStillIsNotServed extends Invariant {
  private final Usable usable;

  StandingStillIsNotServed(Checks checks) {
    super("P19", "a user with a usable provider is not answered by one that stands still", checks);
    this.usable = new Usable(truth, ledger);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply.Value value))
        || value.status() != ValueStatus.STALE
        || !(ledger.current() instanceof Input.Answered)
        || ledger.ending() == null) {
      return;
    }
    Ledger.Request request = ledger.request(id);
    if (request == null || request.ask.priority() != Priority.USER) {
      return;
    }
    usable
        .provider(request, value.tried(), now)
        .filter(source -> !source.equals(value.served().source()))
        .ifPresent(source -> broken(
            "request %d for %s got from %s what is %,d s old, %s was there"
                .formatted(
                    id,
                    value.query(),
                    value.served().source(),
                    value.ageNanos() / 1_000_000_000,
                    source),
            now));
  }
}

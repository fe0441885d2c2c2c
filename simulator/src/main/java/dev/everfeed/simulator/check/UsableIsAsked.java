package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Reply;

/// P3 (RESILIENCE I-06).
final class UsableIsAsked extends Invariant {
  private final Usable usable;

  UsableIsAsked(Checks checks) {
    super("P3", "a user with a usable provider never gets Unavailable", checks);
    this.usable = new Usable(truth, ledger);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply.Unavailable reply))) {
      return;
    }
    Ledger.Request request = ledger.request(id);
    if (request == null || request.ask.priority() != Priority.USER) {
      return;
    }
    usable
        .provider(request, reply.tried(), now)
        .ifPresent(source -> broken(
            "request %d for %s is Unavailable after %,d ms, but %s was there: %s"
                .formatted(
                    id,
                    reply.query(),
                    (now - request.askedAt) / 1_000_000,
                    source,
                    reply.message()),
            now));
  }
}

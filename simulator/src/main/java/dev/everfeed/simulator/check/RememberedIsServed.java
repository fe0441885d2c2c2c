package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import java.util.LinkedHashMap;
import java.util.Map;

/// P2 (RESILIENCE I-06). What a provider has just answered is remembered until `stale_if_error`.
final class RememberedIsServed extends Invariant {
  /// When each question was last answered by a provider.
  private final Map<Query, Long> answeredAt = new LinkedHashMap<>();

  RememberedIsServed(Checks checks) {
    super("P2", "a user with a usable remembered answer never gets Unavailable", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply reply))) {
      return;
    }
    Ledger.Request request = ledger.request(id);
    if (request == null || request.ask.priority() != Priority.USER) {
      return;
    }
    switch (reply) {
      case Reply.Value value -> {
        boolean fresh = ledger.ending() != null
            && ledger.current() instanceof Input.Answered
            && value.served().receivedAtNanos() == now;
        boolean single =
            !(value.query() instanceof Query.Prices p) || p.symbols().size() == 1;
        if (fresh && single) {
          answeredAt.put(value.query(), now);
        }
      }
      case Reply.Unavailable unavailable -> {
        Long at = answeredAt.get(unavailable.query());
        long lasts = truth.route(unavailable.query().kind()).staleIfErrorNanos();
        if (at != null && now - at <= lasts) {
          broken(
              "request %d for %s is Unavailable, an answer of %,d ms ago may stand in for %,d ms"
                  .formatted(id, unavailable.query(), (now - at) / 1_000_000, lasts / 1_000_000),
              now);
        }
      }
    }
  }
}

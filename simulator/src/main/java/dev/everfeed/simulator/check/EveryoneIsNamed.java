package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;
import java.util.List;

/// P13 (REQUIREMENTS A1, RESILIENCE I-09).
final class EveryoneIsNamed extends Invariant {
  EveryoneIsNamed(Checks checks) {
    super(
        "P13",
        "Unavailable names every provider, an answer every provider before the one who gave it",
        checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply reply))) {
      return;
    }
    boolean batchForLater = reply instanceof Reply.Unavailable
        && !isUsers(id)
        && reply.query() instanceof Query.Prices prices
        && prices.symbols().size() > 1
        && reply.tried().stream().anyMatch(one -> one.failure().kind() == Failure.Kind.CALLER);
    if (batchForLater) {
      return; // whoever asked that asks again, one by one
    }
    SourceId answerer = null;
    if (reply instanceof Reply.Value value) {
      Ledger.Made ended = ledger.ending();
      boolean fresh = ledger.current() instanceof Input.Answered
          && ended != null
          && ended.source().equals(value.served().source())
          && value.served().receivedAtNanos() == now;
      if (!fresh) {
        return;
      }
      answerer = value.served().source();
    }
    for (SourceId source : truth.route(reply.query().kind()).providers()) {
      if (source.equals(answerer)) {
        return;
      }
      if (!names(reply.tried(), source)) {
        broken(
            "request %d for %s, %s: not a word of %s in %s"
                .formatted(
                    id,
                    reply.query(),
                    answerer == null ? "unavailable" : "answered by " + answerer,
                    source,
                    reply.tried()),
            now);
      }
    }
  }

  private boolean isUsers(long id) {
    Ledger.Request request = ledger.request(id);
    return request == null || request.ask.priority() == Priority.USER;
  }

  private static boolean names(List<Tried> tried, SourceId source) {
    for (Tried one : tried) {
      if (one.source().equals(source)) {
        return true;
      }
    }
    return false;
  }
}

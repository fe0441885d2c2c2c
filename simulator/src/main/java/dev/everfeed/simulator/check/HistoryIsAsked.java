package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Reply;
import java.util.List;

/// P24 (REQUIREMENTS A1). While a provider is still out nobody can say that it will not answer;
/// then the deadline may come first.
final class HistoryIsAsked extends Invariant {
  HistoryIsAsked(Checks checks) {
    super("P24", "no user is told that there is nothing while history has it", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Answer(long id, Reply.Unavailable reply))
        || !(reply.query() instanceof Query.Bars wanted)) {
      return;
    }
    Ledger.Request request = ledger.request(id);
    if (request == null
        || request.ask.priority() != Priority.USER
        || !truth.historyAnswers(truth.beganAt(), now)
        || truth.pausedWithin(request.askedAt, now)
        || reply.tried().stream()
            .anyMatch(one -> one.failure().kind() == Failure.Kind.NO_ANSWER_YET)) {
      return;
    }
    boolean tooLate = now + 50_000_000L > request.deadlineAt;
    List<Input.Past> past = truth.history(wanted);
    if (!tooLate
        && HistoryIsServed.isWhole(
            wanted, HistoryIsServed.ofTheFirst(past), truth.clock().at(request.askedAt))) {
      broken(
          "request %d for %s, history has %d bars of it: %s"
              .formatted(id, wanted, past.size(), reply.message()),
          now);
    }
  }
}

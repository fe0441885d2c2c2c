package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/// P1. The deadline that falls into a local pause is kept at its end.
final class AnsweredOnce extends Invariant {
  /// Those who wait, by kind: the deadlines of one kind come in the order of the questions.
  private final Map<Query.Kind, Deque<Ledger.Request>> waiting = new TreeMap<>();

  AnsweredOnce(Checks checks) {
    super(
        "P1",
        "every request is answered exactly once, by its deadline (plus a local pause)",
        checks);
  }

  @Override
  void input(Input input, long now) {
    if (input instanceof Input.Ask ask && ask.priority() == Priority.USER) {
      Ledger.Request request = ledger.request(ask.requestId());
      if (request != null) {
        waiting.computeIfAbsent(ask.query().kind(), _ -> new ArrayDeque<>()).add(request);
      }
    }
  }

  @Override
  void decision(Decision decision, long now) {
    if (decision instanceof Decision.Answer answer) {
      Ledger.Request request = ledger.request(answer.requestId());
      if (request == null) {
        broken("an answer to request %d, which nobody made".formatted(answer.requestId()), now);
      } else if (request.answers > 0) {
        broken("request %d is answered again".formatted(answer.requestId()), now);
      } else if (!answer.reply().query().equals(request.ask.query())) {
        broken(
            "request %d asked %s and got an answer to %s"
                .formatted(
                    answer.requestId(), request.ask.query(), answer.reply().query()),
            now);
      }
    }
  }

  @Override
  void settled(long now) {
    for (Deque<Ledger.Request> queue : waiting.values()) {
      Ledger.Request first = queue.peek();
      while (first != null && (first.answers > 0 || isLate(first, now))) {
        if (first.answers == 0) {
          broken(
              "request %d of %,d ms for %s has no answer"
                  .formatted(first.ask.requestId(), first.askedAt / 1_000_000, first.ask.query()),
              now);
        }
        queue.remove();
        first = queue.peek();
      }
    }
  }

  private boolean isLate(Ledger.Request request, long now) {
    return now >= request.deadlineAt && now >= truth.endOfPause(request.deadlineAt);
  }

  @Override
  void end(long now) {
    for (int id = 1; id <= ledger.requestCount(); id++) {
      Ledger.Request request = ledger.request(id);
      if (request != null && request.answers == 0) {
        broken("request %d was never answered".formatted(id), now);
      }
    }
  }
}

package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The requests and calls of a run, as seen from outside. Users' request ids are 1, 2, 3 and so
/// on.
final class Ledger {

  /// A user's question.
  static final class Request {
    final Input.Ask ask;
    final long askedAt;
    final long deadlineAt;
    int answers;

    Request(Input.Ask ask, long askedAt, long deadlineAt) {
      this.ask = ask;
      this.askedAt = askedAt;
      this.deadlineAt = deadlineAt;
    }
  }

  /// A call or probe that was made.
  ///
  /// @param call  null for a probe
  /// @param state of the source's circuit when the call was made
  /// @param trips openings of the circuit until then
  record Made(
      long id,
      SourceId source,
      Decision.@Nullable Call call,
      CircuitBreaker.State state,
      long trips,
      long madeAt,
      long timeoutNanos) {

    boolean probe() {
      return call == null;
    }
  }

  private final Truth truth;
  private final List<Request> requests = new ArrayList<>();
  private final Map<Long, Made> out = new LinkedHashMap<>();
  private final Map<SourceId, Long> closedSince = new TreeMap<>();
  private final Beliefs beliefs;
  private final Map<Long, Query> recalls = new LinkedHashMap<>();

  /// Users who wait, by question; for bars and trades only.
  private final Map<Query, Integer> open = new LinkedHashMap<>();

  private @Nullable Made ending;
  private @Nullable Input current;

  Ledger(Truth truth, Beliefs beliefs) {
    this.truth = truth;
    this.beliefs = beliefs;
  }

  void input(Input input, long now) {
    current = input;
    ending = switch (input) {
      case Input.Answered answered -> out.get(answered.callId());
      case Input.Failed failed -> out.get(failed.callId());
      case Input.Ask ask -> {
        Query.Kind kind = ask.query().kind();
        boolean waits = ask.priority() == dev.everfeed.core.guard.Priority.USER;
        long deadline = waits ? now + truth.route(kind).deadlineNanos() : Long.MAX_VALUE;
        requests.add(new Request(ask, now, deadline));
        if (waits && isOfHistory(ask.query())) {
          open.merge(ask.query(), 1, Integer::sum);
        }
        yield null;
      }
      case Input.WeightReported _, Input.TimePassed _ -> null;
      case Input.Recalled _,
          Input.HistoryAvailable _,
          Input.Restored _,
          Input.Duty _,
          Input.AskedBefore _ -> null;
    };
    if (ending != null && input instanceof Input.Answered answered) {
      for (Event event : answered.events()) {
        if (event instanceof Event.Price price) {
          beliefs.told(price, now);
        }
      }
    }
  }

  void decision(Decision decision, long now) {
    switch (decision) {
      case Decision.Call call -> made(call.callId(), call.source(), call, now, call.timeoutNanos());
      case Decision.Probe probe ->
        made(probe.callId(), probe.source(), null, now, probe.timeoutNanos());
      case Decision.CallEnded ended -> out.remove(ended.callId());
      case Decision.Answer answer -> {
        Request request = request(answer.requestId());
        if (request != null) {
          request.answers++;
          if (request.deadlineAt != Long.MAX_VALUE && isOfHistory(request.ask.query())) {
            open.merge(request.ask.query(), -1, Integer::sum);
          }
        }
      }
      case Decision.CircuitChanged changed ->
        closedSince.put(
            changed.source(), changed.to() == CircuitBreaker.State.CLOSED ? now : Long.MAX_VALUE);
      case Decision.Cancel _, Decision.SkippedDueToCircuit _, Decision.Fetched _ -> {}
      case Decision.Recall recall -> {
        if (!recall.whole()) {
          recalls.put(recall.callId(), recall.query());
        }
      }
      case Decision.Keep _, Decision.Reject _ -> {}
    }
  }

  private void made(
      long id, SourceId source, Decision.@Nullable Call call, long now, long timeoutNanos) {
    CircuitBreaker breaker = truth.guard(source).breaker();
    out.put(id, new Made(id, source, call, breaker.state(), breaker.trips(), now, timeoutNanos));
  }

  /// The call that the input of this event has ended; null when it has ended none.
  @Nullable
  Made ending() {
    return ending;
  }

  /// The input of this event.
  @Nullable
  Input current() {
    return current;
  }

  /// Null for an id that nobody used.
  @Nullable
  Request request(long id) {
    return id < 1 || id > requests.size() ? null : requests.get((int) id - 1);
  }

  Beliefs beliefs() {
    return beliefs;
  }

  /// `Long.MAX_VALUE` while it is not closed.
  long closedSince(SourceId source) {
    return closedSince.getOrDefault(source, Long.MIN_VALUE);
  }

  private static boolean isOfHistory(Query query) {
    return query instanceof Query.Bars || query instanceof Query.Trades;
  }

  /// Whether a user waits for an answer to it, which is for bars or trades.
  boolean isOpen(Query query) {
    return open.getOrDefault(query, 0) > 0;
  }

  /// What history was asked; null when it was not.
  @Nullable
  Query recallQuery(long callId) {
    return recalls.get(callId);
  }

  int requestCount() {
    return requests.size();
  }

  /// Null when it is not out.
  @Nullable
  Made out(long callId) {
    return out.get(callId);
  }

  Iterable<Made> out() {
    return out.values();
  }

  int outCount() {
    return out.size();
  }
}

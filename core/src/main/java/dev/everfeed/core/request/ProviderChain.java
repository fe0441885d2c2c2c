package dev.everfeed.core.request;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.time.AnchoredClock;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The walk of every request along its providers.
///
/// Pure: reads no clock, opens no socket; same inputs, same decisions. One instance serves all
/// kinds of data and is owned by one thread.
///
/// A question is a [Flight]; equal questions asked while it is out join it. What moves a
/// flight:
///
/// | input               | a user waits                          | only refresh waits    |
/// |---------------------|---------------------------------------|-----------------------|
/// | asked for no bar    | answered at once: there is none       | the same              |
/// | asked, young memory | answered at once, revalidated if due  | -                     |
/// | asked, long over    | history is asked, if it has it all    | -                     |
/// | asked               | first usable provider is called       | the same              |
/// | answered            | all answered                          | the same              |
/// | failed, or is slow  | next at once, the last one again      | again, then next      |
/// | hedge time over     | next too, within the budget; after    | -                     |
/// |                     | the last one history                  |                       |
/// | half of the time    | next too, whatever the budget says    | -                     |
/// | patience over       | remembered answer, the flight goes on | -                     |
/// | deadline over       | remembered answer, or unavailable     | -                     |
/// | nobody left         | history is asked, if it may know more | unavailable           |
/// | history is done     | remembered answer, or unavailable     | unavailable           |
///
/// A call that was beaten by a hedge goes on to its timeout, so that the guard learns what
/// became of it. A late answer is remembered.
final class ProviderChain {
  /// A timer that fires later than this shows that the process itself stood still (RESILIENCE
  /// section 1, guard a).
  private static final long LOCAL_PAUSE_NANOS = 25_000_000L;

  /// How much longer an answer is waited for because of that, at most: by then it has been read.
  private static final long LONGEST_GRACE_NANOS = 1_000_000_000L;

  private final Map<Query.Kind, Route> routes;
  private final Memory memory;
  private final Doubts doubts;

  private final Map<Query, Flight> flights = new LinkedHashMap<>();
  private final OutCalls calls = new OutCalls();
  private final Timers<Alarm> timers = new Timers<>();
  private final Circuits circuits;
  private final Caller caller;
  private final Retries retries;
  private final Recalls recalls;
  private final Replies replies;

  ProviderChain(
      List<SourceGuard> guards,
      Map<Query.Kind, Route> routes,
      Catalogue catalogue,
      AnchoredClock clock,
      RandomGenerator random,
      long nowNanos) {
    this.routes = new TreeMap<>(routes);
    this.memory = new Memory(nowNanos, exchanges(routes.get(Query.Kind.BARS), catalogue));
    Judge judge = new Judge(clock, catalogue, memory);
    this.doubts = new Doubts(judge, memory);
    this.circuits = new Circuits(guards, catalogue, timers);
    this.caller = new Caller(circuits, catalogue, timers, calls, memory, this::found);
    this.retries = new Retries(circuits, timers, random);
    this.recalls = new Recalls(calls, timers, memory, judge, clock);
    this.replies = new Replies(memory, judge, catalogue);
    for (Route route : routes.values()) {
      route.providers().forEach(circuits::guard); // refuses a provider without one
    }
  }

  private static List<String> exchanges(@Nullable Route bars, Catalogue catalogue) {
    Set<String> inOrder = new LinkedHashSet<>();
    if (bars != null) {
      for (SourceId source : bars.providers()) {
        String exchange = catalogue.exchangeOf(source);
        if (exchange != null) {
          inOrder.add(exchange);
        }
      }
    }
    return List.copyOf(inOrder);
  }

  void on(Input input, long nowNanos, Consumer<Decision> out) {
    fireTimers(nowNanos, out);
    switch (input) {
      case Input.Ask ask -> ask(ask, nowNanos, out);
      case Input.Answered answered -> answered(answered, nowNanos, out);
      case Input.Failed failed -> failed(failed, nowNanos, out);
      case Input.WeightReported report -> circuits.weightReported(report, nowNanos);
      case Input.Recalled recalled -> recallEnded(recalls.recalled(recalled), nowNanos, out);
      case Input.HistoryAvailable history -> recalls.available(history.available());
      case Input.Restored restored -> memory.restore(restored.answers(), nowNanos);
      case Input.TimePassed _, Input.Duty _, Input.AskedBefore _ -> {}
    }
  }

  /// When the chain must be called again though nothing has happened; `Long.MAX_VALUE` for
  /// never.
  long nextDeadlineNanos() {
    return timers.nextNanos();
  }

  Memory memory() {
    return memory;
  }

  int flightCount() {
    return flights.size();
  }

  int callCount() {
    return calls.size();
  }

  int recallCount() {
    return recalls.size();
  }

  // ---- requests

  private void ask(Input.Ask ask, long nowNanos, Consumer<Decision> out) {
    Route route = routes.get(ask.query().kind());
    if (route == null) {
      out.accept(
          new Decision.Answer(ask.requestId(), new Reply.Unavailable(ask.query(), List.of())));
      return;
    }
    if (ask.query() instanceof Query.Bars asked
        && asked.isEmpty()
        && replies.ofNothing(ask, caller.candidates(asked, route), nowNanos, out)) {
      return;
    }
    boolean user = ask.priority() == Priority.USER;
    if (user) {
      switch (replies.fromYoungMemory(
          ask, route, caller.candidates(ask.query(), route), nowNanos, out)) {
        case YOUNG -> {
          return;
        }
        case TO_REVALIDATE -> {
          if (!flights.containsKey(ask.query())) {
            begin(ask.query(), route, null, nowNanos, out);
          }
          return;
        }
        case NONE -> {}
      }
    }
    Flight.Waiter waiter = new Flight.Waiter(
        ask.requestId(), ask.priority(), user ? nowNanos + route.deadlineNanos() : Long.MAX_VALUE);
    Flight flight = flights.get(ask.query());
    if (flight == null) {
      flight = begin(ask.query(), route, waiter, nowNanos, out);
    } else {
      boolean firstUser = user && !flight.userWaits();
      flight.join(waiter);
      if (firstUser) {
        hurry(flight, nowNanos, out);
      }
    }
    if (user && !flight.ended) {
      timers.set(waiter.deadlineNanos(), new Alarm.Deadline(flight, waiter.requestId()));
      SourceId asked = flight.historyFirst && !flight.providers.isEmpty()
          ? flight.providers.getFirst()
          : flight.calls.isEmpty() ? null : flight.calls.getFirst().source;
      long hedge = asked == null
          ? 0 // everybody has failed, and the last one is waited for before it is asked again
          : caller.hedgeAfterNanos(asked, route);
      timers.set(
          nowNanos + hedge + route.patienceNanos(), new Alarm.Patience(flight, waiter.requestId()));
    }
  }

  private Flight begin(
      Query query,
      Route route,
      Flight.@Nullable Waiter waiter,
      long nowNanos,
      Consumer<Decision> out) {
    Flight flight = new Flight(query, route, caller.candidates(query, route));
    if (waiter != null) {
      flight.join(waiter);
    }
    flights.put(query, flight);
    if (recalls.beginFirst(flight, nowNanos, out)) {
      return flight;
    }
    if (!caller.advance(flight, Decision.Purpose.FIRST, nowNanos, out)) {
      conclude(flight, nowNanos, out);
    }
    return flight;
  }

  // ---- outcomes

  private void answered(Input.Answered answered, long nowNanos, Consumer<Decision> out) {
    OutCall call = calls.remove(answered.callId());
    if (call == null) {
      return; // given up before: its timeout has been counted
    }
    calls.answered(call.source, nowNanos);
    Flight flight = call.flight;
    if (flight == null) {
      succeeded(call, "its probe answered", nowNanos, out);
      return;
    }
    Served served = Doubts.served(call, flight, answered, nowNanos);
    Failure objection = doubts.objection(call, flight, served, nowNanos, out);
    if (objection != null) {
      callFailed(call, objection, nowNanos, out);
      return;
    }
    succeeded(call, "it answered", nowNanos, out);
    caller.answered(call, flight);
    flight.calls.remove(call);
    Failure apart = flight.trial ? null : doubts.reservation(flight, served);
    if (apart != null) {
      replies.rememberApart(served, apart, out);
      flight.tried.add(new Tried(call.source, apart));
      if (!flight.ended) {
        afterFailure(flight, call, apart, nowNanos, out);
      }
      return;
    }
    if (!flight.trial) {
      replies.remember(served, call.askedAs, flight.priority(), out);
    }
    if (!flight.ended) {
      replies.toAll(flight, served, nowNanos, out);
      end(flight);
    }
  }

  private void succeeded(OutCall call, String reason, long nowNanos, Consumer<Decision> out) {
    long latency = nowNanos - call.startedAtNanos - call.creditNanos;
    circuits.guard(call.source).succeeded(call.permit, latency / call.requests, nowNanos);
    out.accept(new Decision.CallEnded(call.id, call.source, call.isProbe(), null, latency));
    long slowAfter = circuits.guard(call.source).breaker().policy().slowCallNanos() * call.requests;
    String what = latency < slowAfter
        ? reason
        : "answered only after %,d ms (slow from %,d ms on)"
            .formatted(latency / 1_000_000, slowAfter / 1_000_000);
    noteCircuit(call.source, what, nowNanos, out);
  }

  private void failed(Input.Failed failed, long nowNanos, Consumer<Decision> out) {
    OutCall call = calls.remove(failed.callId());
    if (call != null) {
      callFailed(call, failed.failure(), nowNanos, out);
    } else {
      recallEnded(recalls.failed(failed.callId(), failed.failure()), nowNanos, out);
    }
  }

  /// `call` is no longer among the calls that are out.
  private void callFailed(OutCall call, Failure failure, long nowNanos, Consumer<Decision> out) {
    circuits.guard(call.source).failed(call.permit, failure, nowNanos);
    out.accept(new Decision.CallEnded(
        call.id, call.source, call.isProbe(), failure, nowNanos - call.startedAtNanos));
    Flight flight = call.flight;
    if (flight != null) {
      flight.calls.remove(call);
      flight.tried.add(new Tried(call.source, failure));
      if (!flight.ended) {
        afterFailure(flight, call, failure, nowNanos, out);
      }
    }
    noteCircuit(call.source, failure.message(), nowNanos, out);
  }

  private void afterFailure(
      Flight flight, OutCall call, Failure failure, long nowNanos, Consumer<Decision> out) {
    boolean batchRefused = failure.kind() == Failure.Kind.CALLER
        && flight.query instanceof Query.Prices wanted
        && wanted.symbols().size() > 1;
    if (batchRefused && !flight.userWaits()) {
      conclude(flight, nowNanos, out); // one bad symbol; the schedule asks one by one
      return;
    }
    if (flight.retryWaits) {
      return; // goes on after the pause
    }
    if (call.passed && !flight.calls.isEmpty()) {
      return; // the next provider has been called already
    }
    if (!flight.userWaits() && retries.plan(flight, failure, nowNanos)) {
      return;
    }
    if (!call.passed && caller.advance(flight, Decision.Purpose.NEXT, nowNanos, out)) {
      return;
    }
    if (!flight.calls.isEmpty() || retries.plan(flight, failure, nowNanos)) {
      return;
    }
    if (caller.advance(flight, Decision.Purpose.NEXT, nowNanos, out)) {
      return;
    }
    conclude(flight, nowNanos, out);
  }

  /// A user has joined what was only a refresh: no more pauses, and hedges where they are due.
  private void hurry(Flight flight, long nowNanos, Consumer<Decision> out) {
    if (flight.retryWaits) {
      caller.advance(flight, Decision.Purpose.NEXT, nowNanos, out);
    }
    for (OutCall call : flight.calls) {
      if (!call.passed) {
        caller.setHedge(call, flight, nowNanos);
      }
    }
  }

  /// No provider is left. History is, perhaps.
  private void conclude(Flight flight, long nowNanos, Consumer<Decision> out) {
    if (recalls.isOut(flight) || recall(flight, nowNanos, out)) {
      return;
    }
    replies.toAllWithoutProvider(flight, nowNanos, out);
    end(flight);
  }

  private boolean recall(Flight flight, long nowNanos, Consumer<Decision> out) {
    return recalls.mayBegin(flight)
        && recalls.begin(flight, replies.remembered(flight, nowNanos), nowNanos, out);
  }

  private void recallEnded(@Nullable Flight flight, long nowNanos, Consumer<Decision> out) {
    if (flight == null) {
      return;
    }
    if (flight.historyFirst) {
      flight.historyFirst = false;
      Remembered whole = flight.recalled;
      if (whole != null) {
        replies.toAllRemembered(flight, whole, nowNanos, out);
        end(flight);
      } else if (!caller.advance(flight, Decision.Purpose.FIRST, nowNanos, out)) {
        conclude(flight, nowNanos, out);
      } else if (!flight.impatient.isEmpty() && replies.hasEnough(flight, nowNanos)) {
        for (long requestId : List.copyOf(flight.impatient)) {
          leave(flight, requestId, nowNanos, out);
        }
      }
      return;
    }
    if (flight.calls.isEmpty() && !flight.retryWaits) {
      conclude(flight, nowNanos, out);
    } else if (replies.hasEnough(flight, nowNanos)) {
      for (long requestId : flight.impatient) {
        leave(flight, requestId, nowNanos, out);
      }
    }
  }

  /// A provider's last answer stands in for a new one.
  private void found(Flight flight, Served served, long nowNanos, Consumer<Decision> out) {
    replies.toAll(flight, served, nowNanos, out);
    end(flight);
  }

  private void end(Flight flight) {
    flight.end();
    flights.remove(flight.query, flight);
  }

  // ---- time

  private void fireTimers(long nowNanos, Consumer<Decision> out) {
    long late = timers.isDue(nowNanos) ? nowNanos - timers.nextNanos() : 0;
    boolean stoodStill = late > LOCAL_PAUSE_NANOS;
    if (stoodStill) {
      calls.credit(late);
    }
    while (timers.isDue(nowNanos)) {
      Timers.Timer<Alarm> timer = timers.take();
      if (stoodStill && timer.subject().accusesASource()) {
        // The answer may be waiting to be read: look again after that.
        timers.set(nowNanos + Math.min(late, LONGEST_GRACE_NANOS), timer.subject());
        continue;
      }
      switch (timer.subject()) {
        case Alarm.Hedge alarm -> hedge(alarm.call(), nowNanos, out);
        case Alarm.Slow alarm -> slow(alarm.call(), nowNanos, out);
        case Alarm.Timeout alarm -> timeout(alarm.call(), nowNanos, out);
        case Alarm.Retry alarm -> {
          if (alarm.number() == alarm.flight().retriesPlanned) {
            retry(alarm.flight(), nowNanos, out);
          }
        }
        case Alarm.Patience alarm -> patienceOver(alarm.flight(), alarm.requestId(), nowNanos, out);
        case Alarm.Deadline alarm -> {
          if (!alarm.flight().ended) {
            leave(alarm.flight(), alarm.requestId(), nowNanos, out);
          }
        }
        case Alarm.Recall alarm -> recallTimeout(alarm.callId(), nowNanos, out);
        case Alarm.Trial alarm -> {
          if (circuits.setTrialAlarm(alarm.source(), nowNanos)) {
            caller.trial(alarm.source(), nowNanos, out);
          }
        }
        case Alarm.Probe alarm -> {
          long permit = circuits.permitForProbe(alarm.source(), nowNanos);
          if (permit != CircuitBreaker.REJECTED) {
            noteCircuit(alarm.source(), "its cooldown is over", nowNanos, out);
            caller.probe(alarm.source(), permit, nowNanos, out);
          }
        }
      }
    }
  }

  private void patienceOver(Flight flight, long requestId, long nowNanos, Consumer<Decision> out) {
    if (flight.ended) {
      return;
    }
    if (flight.historyFirst) {
      flight.impatient.add(requestId); // history has 400 ms; memory is looked at once, after it
    } else if (replies.hasEnough(flight, nowNanos)) {
      leave(flight, requestId, nowNanos, out);
    } else if (recalls.isOut(flight)) {
      flight.impatient.add(requestId);
    }
  }

  /// The call takes longer than usual: the next provider is asked too, or history.
  private void hedge(OutCall call, long nowNanos, Consumer<Decision> out) {
    Flight flight = call.flight;
    boolean wanted =
        flight != null && calls.isOut(call) && !call.passed && !flight.ended && flight.userWaits();
    if (flight == null || !wanted) {
      return;
    }
    if (flight.next >= flight.providers.size()) {
      recall(flight, nowNanos, out);
      return;
    }
    long lastMoment = call.startedAtNanos + flight.route.deadlineNanos() / 2;
    if (circuits.guard(call.source).retryBudget().tryRetry()) {
      call.passed = true;
      caller.advance(flight, Decision.Purpose.HEDGE, nowNanos, out);
    } else if (nowNanos >= lastMoment) {
      call.passed = true; // no more hedge: for this user the call has failed
      caller.advance(flight, Decision.Purpose.NEXT, nowNanos, out);
    } else {
      timers.set(lastMoment, new Alarm.Hedge(call));
    }
  }

  private void slow(OutCall call, long nowNanos, Consumer<Decision> out) {
    if (calls.isOut(call)) {
      circuits.guard(call.source).slow(call.permit, nowNanos);
      noteCircuit(call.source, call.noAnswerYet(nowNanos).message(), nowNanos, out);
      Flight flight = call.flight;
      if (flight != null && !flight.ended && !call.passed && flight.userWaits()) {
        call.passed = true; // it counts as failed: the next one is asked, whatever the budget says
        caller.advance(flight, Decision.Purpose.NEXT, nowNanos, out);
      }
    }
  }

  private void timeout(OutCall call, long nowNanos, Consumer<Decision> out) {
    if (calls.remove(call.id) != null) {
      out.accept(new Decision.Cancel(call.id, call.source));
      Failure failure = Failure.of(
          Failure.Kind.TIMEOUT,
          "no whole answer within %,d ms".formatted((nowNanos - call.startedAtNanos) / 1_000_000));
      callFailed(call, failure, nowNanos, out);
    }
  }

  private void recallTimeout(long callId, long nowNanos, Consumer<Decision> out) {
    Failure failure = Failure.of(Failure.Kind.TIMEOUT, "no answer before the last user's deadline");
    recallEnded(recalls.failed(callId, failure), nowNanos, out);
  }

  private void retry(Flight flight, long nowNanos, Consumer<Decision> out) {
    SourceId source = flight.lastCalled;
    if (flight.ended || !flight.retryWaits || source == null) {
      return;
    }
    flight.retryWaits = false;
    boolean goesOn = caller.call(flight, source, Decision.Purpose.RETRY, nowNanos, out)
        || caller.advance(flight, Decision.Purpose.NEXT, nowNanos, out)
        || !flight.calls.isEmpty();
    if (!goesOn) {
      conclude(flight, nowNanos, out);
    }
  }

  /// Answers one waiter with what there is; the flight goes on without it.
  private void leave(Flight flight, long requestId, long nowNanos, Consumer<Decision> out) {
    Flight.Waiter waiter = flight.leave(requestId);
    if (waiter != null) {
      replies.withoutProvider(flight, waiter, flight.triedSoFar(nowNanos), nowNanos, out);
    }
  }

  // ---- circuits

  /// A circuit that opens sends on everybody who waits for its source.
  private void noteCircuit(SourceId source, String reason, long nowNanos, Consumer<Decision> out) {
    if (!circuits.note(source, reason, nowNanos, out)) {
      return;
    }
    for (OutCall call : calls.of(source)) {
      Flight flight = call.flight;
      if (flight != null && !flight.ended && !call.passed) {
        call.passed = true;
        caller.advance(flight, Decision.Purpose.NEXT, nowNanos, out);
      }
    }
  }
}

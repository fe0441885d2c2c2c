package dev.everfeed.core.request;

import dev.everfeed.core.guard.Admission;
import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Picks the provider that is called next, and calls it.
///
/// A provider is passed over, with the reason kept in [Flight#tried], when its circuit is open,
/// it asked to be left alone, its budget is spent, or it does not offer what is asked; and,
/// while a user waits and another provider is left, when it seems to have gone silent
/// ([OutCalls]).
final class Caller {
  private final Circuits circuits;
  private final Catalogue catalogue;
  private final Timers<Alarm> timers;
  private final OutCalls calls;
  private final Memory memory;
  private final Found found;

  /// A question for each source that it can be tried with: the last one that it has answered, or
  /// else the last one that it was asked.
  private final Map<SourceId, Question> forTrial = new TreeMap<>();

  private record Question(Query query, Route route, boolean answered) {}

  /// Ends a flight with an answer that needs no call.
  interface Found {
    void found(Flight flight, Served served, long nowNanos, Consumer<Decision> out);
  }

  Caller(
      Circuits circuits,
      Catalogue catalogue,
      Timers<Alarm> timers,
      OutCalls calls,
      Memory memory,
      Found found) {
    this.memory = memory;
    this.found = found;
    this.circuits = circuits;
    this.catalogue = catalogue;
    this.timers = timers;
    this.calls = calls;
  }

  /// Who may answer, in order: those of the one exchange that is asked, or all of the route.
  List<SourceId> candidates(Query query, Route route) {
    String exchange = query.exchange();
    return exchange == null
        ? route.providers()
        : route.providers().stream()
            .filter(source -> exchange.equals(catalogue.exchangeOf(source)))
            .toList();
  }

  /// Calls the next usable provider, or takes its last answer where it is not to be asked again
  /// so soon. False when none is left.
  boolean advance(Flight flight, Decision.Purpose purpose, long nowNanos, Consumer<Decision> out) {
    List<SourceId> providers = flight.providers;
    while (flight.next < providers.size()) {
      SourceId source = providers.get(flight.next++);
      Served known = knownOf(flight, source, nowNanos);
      if (known != null) {
        found.found(flight, known, nowNanos, out);
        return true;
      }
      boolean another = flight.next < providers.size();
      Failure silent = another && flight.userWaits()
          ? calls.goneSilent(source, hedgeAfterNanos(source, flight.route), nowNanos)
          : null;
      if (silent != null) {
        flight.tried.add(new Tried(source, silent));
      } else if (call(flight, source, purpose, nowNanos, out)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Served knownOf(Flight flight, SourceId source, long nowNanos) {
    long askAgainAfter = catalogue.askAgainAfterNanos(source);
    if (askAgainAfter == 0
        || circuits.guard(source).breaker().state() != CircuitBreaker.State.CLOSED) {
      return null;
    }
    Served known = memory.recallExactly(flight.query);
    boolean young = known != null
        && !memory.isRestored(known)
        && known.source().equals(source)
        && nowNanos - known.receivedAtNanos() < askAgainAfter;
    return young ? known : null;
  }

  /// False when the provider was passed over.
  boolean call(
      Flight flight,
      SourceId source,
      Decision.Purpose purpose,
      long nowNanos,
      Consumer<Decision> out) {
    SourceGuard guard = circuits.guard(source);
    SortedMap<Symbol, Symbol> askedAs = askedAs(flight, source);
    Query asked = askable(flight.query, askedAs);
    int weight = asked == null ? Catalogue.NOT_OFFERED : catalogue.weight(source, asked);
    if (asked == null || weight == Catalogue.NOT_OFFERED) {
      Failure failure = Failure.of(
          Failure.Kind.NOT_OFFERED,
          catalogue.whyNotOffered(source, asked == null ? flight.query : asked));
      flight.tried.add(new Tried(source, failure));
      return false;
    }
    Admission admission = guard.admit(weight, flight.priority(), nowNanos);
    Failure refused = admission.refused();
    if (refused != null) {
      flight.tried.add(new Tried(source, refused));
      if (refused.kind() == Failure.Kind.CIRCUIT_OPEN && guard.noteSkip()) {
        out.accept(new Decision.SkippedDueToCircuit(source, refused));
      }
      return false;
    }
    if (purpose == Decision.Purpose.FIRST || purpose == Decision.Purpose.NEXT) {
      guard.retryBudget().onCall();
    }
    int requests = Math.max(1, catalogue.requests(source, asked));
    OutCall call =
        new OutCall(calls.newId(), flight, source, admission.permit(), nowNanos, requests, askedAs);
    flight.calls.add(call);
    flight.retryWaits = false; // whoever is called now, nobody has to be waited for
    Question known = forTrial.get(source);
    if (known == null || !known.answered()) {
      forTrial.put(source, new Question(flight.query, flight.route, false));
    }
    if (!source.equals(flight.lastCalled)) {
      flight.lastCalled = source;
      flight.furtherAttempts = 0;
    }
    long timeout = sendOff(call, nowNanos);
    long slowAfter = guard.breaker().policy().slowCallNanos() * requests;
    if (slowAfter < timeout) {
      timers.set(nowNanos + slowAfter, new Alarm.Slow(call));
    }
    setHedge(call, flight, nowNanos);
    out.accept(new Decision.Call(call.id, source, asked, purpose, weight, timeout));
    return true;
  }

  /// Calls a source that nobody else calls, so that its circuit does not stay half open for
  /// ever: a backup is asked only when the providers before it fail.
  void trial(SourceId source, long nowNanos, Consumer<Decision> out) {
    Question question = forTrial.get(source);
    if (question != null && calls.of(source).isEmpty()) {
      Flight flight = new Flight(
          question.query(), question.route(), candidates(question.query(), question.route()));
      flight.ended = true;
      flight.trial = true;
      call(flight, source, Decision.Purpose.TRIAL, nowNanos, out);
    }
  }

  void answered(OutCall call, Flight flight) {
    forTrial.put(call.source, new Question(flight.query, flight.route, true));
  }

  void probe(SourceId source, long permit, long nowNanos, Consumer<Decision> out) {
    OutCall call = new OutCall(calls.newId(), null, source, permit, nowNanos, 1, new TreeMap<>());
    long timeout = sendOff(call, nowNanos);
    out.accept(new Decision.Probe(call.id, source, timeout));
  }

  /// Looks at the call again when it is out for longer than usual, or at once if it is already.
  void setHedge(OutCall call, Flight flight, long nowNanos) {
    long usual = circuits.guard(call.source).hedgeAfterNanos() * call.requests;
    long hedgeAt = call.startedAtNanos + Math.min(usual, flight.route.deadlineNanos() / 2);
    timers.set(Math.max(nowNanos, hedgeAt), new Alarm.Hedge(call));
  }

  /// When a source takes longer than usual. A source whose usual time has become long must still
  /// leave a user the time for another one: at most half of the deadline.
  long hedgeAfterNanos(SourceId source, Route route) {
    return Math.min(circuits.guard(source).hedgeAfterNanos(), route.deadlineNanos() / 2);
  }

  private long sendOff(OutCall call, long nowNanos) {
    long timeout = circuits.guard(call.source).policy().timeoutNanos() * call.requests;
    calls.add(call);
    timers.set(nowNanos + timeout, new Alarm.Timeout(call));
    return timeout;
  }

  /// Each wanted symbol that this provider can be asked for, and what it is called there.
  private SortedMap<Symbol, Symbol> askedAs(Flight flight, SourceId source) {
    SortedMap<Symbol, Symbol> askedAs = new TreeMap<>();
    if (flight.query instanceof Query.Prices wanted) {
      for (Symbol symbol : wanted.symbols()) {
        Symbol there = flight.route.symbolAt(source, symbol);
        if (catalogue.weight(source, Query.Prices.of(there)) != Catalogue.NOT_OFFERED) {
          askedAs.put(symbol, there);
        }
      }
    }
    return askedAs;
  }

  private static @Nullable Query askable(Query query, SortedMap<Symbol, Symbol> askedAs) {
    if (!(query instanceof Query.Prices)) {
      return query;
    }
    return askedAs.isEmpty() ? null : Query.Prices.of(askedAs.values());
  }
}

package dev.everfeed.core.request;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.normalise.Consistency;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is said to those who ask: an answer that has just come, a remembered one with the status
/// that its age allows, or who was tried and why there is none.
final class Replies {

  /// What the memory had for a new question.
  enum Young {
    /// Nothing that may be served at once.
    NONE,
    /// An answer within `fresh_for`; it has been given.
    YOUNG,
    /// An answer within `stale_while_revalidate`; it has been given, and is due to be fetched
    /// anew.
    TO_REVALIDATE
  }

  private final Memory memory;
  private final Judge judge;
  private final Catalogue catalogue;

  Replies(Memory memory, Judge judge, Catalogue catalogue) {
    this.memory = memory;
    this.judge = judge;
    this.catalogue = catalogue;
  }

  /// Answers a question for bars of a range in which none can open, in the name of the first one
  /// that could be asked. False when there is nobody.
  boolean ofNothing(
      Input.Ask ask, List<SourceId> candidates, long nowNanos, Consumer<Decision> out) {
    for (SourceId source : candidates) {
      if (catalogue.weight(source, ask.query()) != Catalogue.NOT_OFFERED) {
        Served nothing = new Served(ask.query(), source, List.of(), nowNanos, false);
        say(ask.requestId(), nothing, ValueStatus.LIVE, List.of(), nowNanos, out);
        return true;
      }
    }
    return false;
  }

  /// @param candidates who may answer, in order
  Young fromYoungMemory(
      Input.Ask ask,
      Route route,
      List<SourceId> candidates,
      long nowNanos,
      Consumer<Decision> out) {
    Served known = memory.recallExactly(ask.query());
    if (ask.query() instanceof Query.Bars bars && bars.exchange() == null) {
      known = youngerOfTheFirst(bars, known, candidates);
    }
    if (known == null || memory.isRestored(known)) {
      return Young.NONE; // what another process remembered is the last resort of this one
    }
    if (candidates.isEmpty() || !known.source().equals(candidates.getFirst())) {
      return Young.NONE; // a stand-in's answer says who was tried before: the walk finds that out
    }
    long sinceReceived = nowNanos - known.receivedAtNanos();
    if (sinceReceived < route.freshForNanos()) {
      ValueStatus status = judge.statusOfFresh(known, route, nowNanos);
      say(ask.requestId(), known, status, List.of(), nowNanos, out);
      return Young.YOUNG;
    }
    if (sinceReceived < route.freshForNanos() + route.staleWhileRevalidateNanos()) {
      ValueStatus status = judge.statusOfRemembered(Remembered.of(known), route, nowNanos);
      say(ask.requestId(), known, status, List.of(), nowNanos, out);
      return Young.TO_REVALIDATE;
    }
    return Young.NONE;
  }

  /// What the first one was asked for its own exchange's sake will do for all of them, unless it
  /// disagrees with the others or lacks the beginning.
  private @Nullable Served youngerOfTheFirst(
      Query.Bars asked, @Nullable Served known, List<SourceId> candidates) {
    String exchange = candidates.isEmpty() ? null : catalogue.exchangeOf(candidates.getFirst());
    Served own = exchange == null ? null : memory.recallExactly(asked.at(exchange));
    Served younger =
        own != null && (known == null || own.receivedAtNanos() > known.receivedAtNanos())
            ? own
            : known;
    boolean disagrees = younger != null
        && memory
            .deviation(asked, younger.events())
            .filter(Consistency.Deviation::disagrees)
            .isPresent();
    boolean late = younger != null && Doubts.beginsLate(asked, younger);
    return disagrees || late ? null : younger;
  }

  /// Gives everybody who waits what history has, which is all there is.
  void toAllRemembered(Flight flight, Remembered known, long nowNanos, Consumer<Decision> out) {
    ValueStatus status = judge.statusOfRemembered(known, flight.route, nowNanos);
    for (Flight.Waiter waiter : flight.waiters()) {
      say(waiter.requestId(), known.served(), status, flight.tried, nowNanos, out);
    }
  }

  /// Gives everybody who waits an answer that has just come.
  void toAll(Flight flight, Served served, long nowNanos, Consumer<Decision> out) {
    ValueStatus status = judge.statusOfFresh(served, flight.route, nowNanos);
    List<Tried> tried = flight.triedSoFar(nowNanos);
    for (Flight.Waiter waiter : flight.waiters()) {
      say(waiter.requestId(), served, status, tried, nowNanos, out);
    }
  }

  /// Nobody is left to ask. A value that stands still is remembered now, since nobody has a
  /// newer one.
  void toAllWithoutProvider(Flight flight, long nowNanos, Consumer<Decision> out) {
    Flight.Frozen frozen = flight.frozen;
    if (frozen != null && isBest(frozen.served(), flight, nowNanos)) {
      remember(frozen.served(), frozen.askedAs(), flight.priority(), out);
    }
    List<Tried> tried = flight.triedSoFar(nowNanos);
    for (Flight.Waiter waiter : flight.waiters()) {
      withoutProvider(flight, waiter, tried, nowNanos, out);
    }
  }

  void withoutProvider(
      Flight flight,
      Flight.Waiter waiter,
      List<Tried> tried,
      long nowNanos,
      Consumer<Decision> out) {
    Remembered known = waiter.takesRemembered() ? remembered(flight, nowNanos) : null;
    Served partial = flight.partial;
    if (partial != null
        && waiter.takesRemembered()
        && (known == null || !Doubts.beginOf(known.served()).isBefore(Doubts.beginOf(partial)))) {
      ValueStatus status = judge.statusOfFresh(partial, flight.route, nowNanos);
      say(waiter.requestId(), partial, status, tried, nowNanos, out);
    } else if (known == null) {
      List<Tried> all = waiter.takesRemembered() ? withHistory(tried, flight) : tried;
      out.accept(new Decision.Answer(waiter.requestId(), new Reply.Unavailable(flight.query, all)));
    } else {
      ValueStatus status = judge.statusOfRemembered(known, flight.route, nowNanos);
      say(waiter.requestId(), known.served(), status, tried, nowNanos, out);
    }
  }

  private static List<Tried> withHistory(List<Tried> tried, Flight flight) {
    Tried history = flight.historyTried;
    if (history == null) {
      return tried;
    }
    List<Tried> all = new ArrayList<>(tried);
    all.add(history);
    return all;
  }

  /// Whether what is remembered spares a user the wait for a slow provider. Bars without the
  /// beginning do not, while an exchange that may have it is asked.
  boolean hasEnough(Flight flight, long nowNanos) {
    Remembered known = remembered(flight, nowNanos);
    return known != null && !Doubts.beginsLate(flight.query, known.served());
  }

  /// The best there is without a provider, if it is young enough to be served, or cannot become
  /// wrong by its age.
  @Nullable
  Remembered remembered(Flight flight, long nowNanos) {
    Flight.Frozen frozen = flight.frozen;
    if (frozen != null && isBest(frozen.served(), flight, nowNanos)) {
      return Remembered.of(frozen.served());
    }
    Remembered recalled = flight.recalled;
    if (isUsable(recalled, flight, nowNanos)) {
      return recalled;
    }
    Remembered known = memory.recall(flight.query);
    if (isUsable(known, flight, nowNanos)) {
      return known;
    }
    // Bars put together are known as long as the least known of them, the last answer may be
    // younger.
    Served exact = memory.recallExactly(flight.query);
    Remembered alone = exact == null ? null : Remembered.of(exact);
    return isUsable(alone, flight, nowNanos) ? alone : null;
  }

  private boolean isUsable(@Nullable Remembered known, Flight flight, long nowNanos) {
    return known != null
        && (judge.isSettled(known.served(), nowNanos)
            || nowNanos - known.knownAtNanos() <= flight.route.staleIfErrorNanos());
  }

  /// Keeps an answer that was believed, and has it written down. What only a backfill asked for
  /// is written down alone: it would push out what users ask every minute.
  void remember(
      Served served, SortedMap<Symbol, Symbol> askedAs, Priority priority, Consumer<Decision> out) {
    Served remembered = priority == Priority.BACKFILL ? served : memory.remember(served, askedAs);
    if (!(served.query() instanceof Query.Listings)) {
      out.accept(new Decision.Keep(remembered));
    }
  }

  /// Keeps the bars of an exchange that may not stand for all, under its own name. When it
  /// disagrees with the others they are not noted as all there is: it is asked again, also by a
  /// backfill, when it is right again.
  void rememberApart(Served served, Failure reservation, Consumer<Decision> out) {
    if (served.query() instanceof Query.Bars asked
        && !served.events().isEmpty()
        && served.events().getFirst() instanceof Event.Bar bar) {
      Served apart = new Served(
          asked.at(bar.exchange()),
          served.source(),
          served.events(),
          served.receivedAtNanos(),
          served.equivalent(),
          reservation.kind() == Failure.Kind.DISAGREES ? null : served.covered());
      memory.rememberApart(asked, apart);
      out.accept(new Decision.Keep(apart));
    }
  }

  private boolean isBest(Served frozen, Flight flight, long nowNanos) {
    Served known = memory.recallExactly(flight.query);
    return known == null || judge.isAsYoung(frozen, known, nowNanos);
  }

  private void say(
      long requestId,
      Served served,
      ValueStatus status,
      List<Tried> tried,
      long nowNanos,
      Consumer<Decision> out) {
    out.accept(new Decision.Answer(
        requestId,
        new Reply.Value(served.query(), served, status, judge.ageNanos(served, nowNanos), tried)));
  }
}

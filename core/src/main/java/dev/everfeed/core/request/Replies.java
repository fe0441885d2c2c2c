package dev.everfeed.core.request;

import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;
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

  Replies(Memory memory, Judge judge) {
    this.memory = memory;
    this.judge = judge;
  }

  Young fromYoungMemory(Input.Ask ask, Route route, long nowNanos, Consumer<Decision> out) {
    Served known = memory.recallExactly(ask.query());
    if (known == null || !known.source().equals(route.providers().getFirst())) {
      return Young.NONE; // a stand-in's answer says who was tried before: the walk finds that out
    }
    long sinceReceived = nowNanos - known.receivedAtNanos();
    if (sinceReceived < route.freshForNanos()) {
      ValueStatus status = judge.statusOfFresh(known, route, nowNanos);
      say(ask.requestId(), known, status, List.of(), nowNanos, out);
      return Young.YOUNG;
    }
    if (sinceReceived < route.freshForNanos() + route.staleWhileRevalidateNanos()) {
      ValueStatus status = judge.statusOfRemembered(known, route, nowNanos);
      say(ask.requestId(), known, status, List.of(), nowNanos, out);
      return Young.TO_REVALIDATE;
    }
    return Young.NONE;
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
      memory.remember(frozen.served(), frozen.askedAs());
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
    Served known = waiter.takesRemembered() ? remembered(flight, nowNanos) : null;
    if (known == null) {
      out.accept(
          new Decision.Answer(waiter.requestId(), new Reply.Unavailable(flight.query, tried)));
    } else {
      ValueStatus status = judge.statusOfRemembered(known, flight.route, nowNanos);
      say(waiter.requestId(), known, status, tried, nowNanos, out);
    }
  }

  /// The best there is without a provider, if it is young enough to be served.
  @Nullable
  Served remembered(Flight flight, long nowNanos) {
    Flight.Frozen frozen = flight.frozen;
    if (frozen != null && isBest(frozen.served(), flight, nowNanos)) {
      return frozen.served();
    }
    Served known = memory.recall(flight.query);
    if (isUsable(known, flight, nowNanos)) {
      return known;
    }
    // Bars put together are as old as the oldest of them, the last answer may be younger.
    Served exact = memory.recallExactly(flight.query);
    return isUsable(exact, flight, nowNanos) ? exact : null;
  }

  private static boolean isUsable(@Nullable Served known, Flight flight, long nowNanos) {
    return known != null && nowNanos - known.receivedAtNanos() <= flight.route.staleIfErrorNanos();
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

package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.time.AnchoredClock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// History, the last provider of bars and trades that users ask for (REQUIREMENTS A1).
///
/// It is asked once for a flight, when every provider was tried or passed over and none of them
/// answers, or the last one is slow; while there is time left; and when what is remembered is
/// not the whole of what was asked: every bar of the range without a gap (or the first `limit`
/// of them, or the newest), as many trades as were asked for, and none of it stale. What it
/// knows is put together with what is remembered; when it fails, is late or has nothing, the
/// answer is the one there would have been without it.
final class Recalls {
  /// Its name among those who were tried.
  static final SourceId HISTORY = new SourceId("history");

  /// How long the providers wait for history at most, where it is asked before them.
  static final long FIRST_NANOS = 400_000_000L;

  private final OutCalls calls;
  private final Timers<Alarm> timers;
  private final Memory memory;
  private final Judge judge;
  private final AnchoredClock clock;
  private final Map<Long, Flight> out = new LinkedHashMap<>();
  private boolean available;

  Recalls(OutCalls calls, Timers<Alarm> timers, Memory memory, Judge judge, AnchoredClock clock) {
    this.calls = calls;
    this.timers = timers;
    this.memory = memory;
    this.judge = judge;
    this.clock = clock;
  }

  void available(boolean available) {
    this.available = available;
  }

  int size() {
    return out.size();
  }

  boolean isOut(Flight flight) {
    return out.containsValue(flight);
  }

  /// Whether history may be asked for the flight, whatever is remembered.
  boolean mayBegin(Flight flight) {
    return available
        && !flight.historyAsked
        && flight.userWaits()
        && (flight.query instanceof Query.Bars || flight.query instanceof Query.Trades);
  }

  /// Asks history before the providers, for bars of a time that is over: if it knows them all,
  /// nobody has to be called. False when that is of no use.
  boolean beginFirst(Flight flight, long nowNanos, Consumer<Decision> decisions) {
    if (!mayBegin(flight)
        || !(flight.query instanceof Query.Bars wanted)
        || !isOver(wanted, clock.at(nowNanos))) {
      return false;
    }
    long timeout = Math.min(FIRST_NANOS, flight.latestUserDeadlineNanos() - nowNanos);
    if (timeout <= 0) {
      return false;
    }
    flight.historyFirst = true;
    ask(flight, true, timeout, nowNanos, decisions);
    return true;
  }

  private static boolean isOver(Query.Bars wanted, Instant now) {
    Instant from = wanted.from();
    if (from == null) {
      return false;
    }
    Instant to = wanted.to();
    Instant full = from.plus(wanted.interval().duration().multipliedBy(wanted.limit() + 1L));
    return !(to != null && to.isBefore(full) ? to : full).isAfter(now);
  }

  private void ask(
      Flight flight, boolean whole, long timeout, long nowNanos, Consumer<Decision> decisions) {
    long id = calls.newId();
    out.put(id, flight);
    timers.set(nowNanos + timeout, new Alarm.Recall(id));
    decisions.accept(new Decision.Recall(id, flight.query, whole, timeout));
  }

  /// Asks history for a flight that no provider has answered. False when that is of no use.
  /// [#mayBegin] must be true.
  ///
  /// @param known the best there is without it
  boolean begin(
      Flight flight, @Nullable Remembered known, long nowNanos, Consumer<Decision> decisions) {
    long timeout = flight.latestUserDeadlineNanos() - nowNanos;
    if (timeout <= 0 || !isMissing(flight, known, nowNanos)) {
      return false;
    }
    flight.historyAsked = true;
    ask(flight, false, timeout, nowNanos, decisions);
    return true;
  }

  /// The flight that goes on, or null when nobody waits for this any more.
  @Nullable
  Flight recalled(Input.Recalled recalled) {
    Flight flight = out.remove(recalled.callId());
    if (flight == null || flight.ended) {
      return null;
    }
    if (flight.historyFirst) {
      flight.recalled = whole(flight.query, recalled);
      return flight;
    }
    flight.recalled = memory.recallWith(flight.query, recalled.past());
    if (recalled.past().isEmpty()) {
      flight.historyTried = new Tried(
          HISTORY,
          Failure.of(
              Failure.Kind.NOT_OFFERED, "has no such " + flight.query.kind().text()));
    }
    return flight;
  }

  /// What history has of it, alone: it is all there is.
  private static @Nullable Remembered whole(Query query, Input.Recalled recalled) {
    List<Input.Past> past = recalled.past().stream()
        .filter(one -> query instanceof Query.Bars wanted
            && one.event() instanceof Event.Bar bar
            && BarMemory.isWanted(wanted, bar))
        .toList();
    if (past.isEmpty()) {
      return null;
    }
    List<Event> events = past.stream().map(Input.Past::event).toList();
    long oldest = Long.MAX_VALUE;
    for (Input.Past one : past) {
      oldest = Math.min(oldest, one.receivedAtNanos());
    }
    SourceId source = events.getLast().source();
    return Remembered.of(new Served(query, source, events, oldest, false, recalled.covered()));
  }

  /// The flight that goes on, or null when this was no recall, or nobody waits for it any more.
  @Nullable
  Flight failed(long callId, Failure failure) {
    Flight flight = out.remove(callId);
    if (flight == null || flight.ended) {
      return null;
    }
    if (!flight.historyFirst) {
      flight.historyTried = new Tried(HISTORY, failure);
    }
    return flight;
  }

  private boolean isMissing(Flight flight, @Nullable Remembered known, long nowNanos) {
    if (known == null
        || judge.statusOfRemembered(known, flight.route, nowNanos) == ValueStatus.STALE) {
      return true;
    }
    return switch (flight.query) {
      case Query.Bars wanted -> !isWhole(wanted, known, clock.at(nowNanos));
      case Query.Trades wanted -> known.served().events().size() < wanted.limit();
      case Query.Prices _, Query.Sentiments _, Query.Listings _ -> false;
    };
  }

  /// Whether the bars, which are not stale, are all that can be.
  private static boolean isWhole(Query.Bars wanted, Remembered known, Instant now) {
    List<Event> bars = known.served().events();
    Interval interval = wanted.interval();
    Instant next = null;
    Instant first = null;
    for (Event event : bars) {
      if (event instanceof Event.Bar bar) {
        if (next != null && !next.equals(bar.time())) {
          return false;
        }
        first = first == null ? bar.time() : first;
        next = interval.next(bar.time());
      }
    }
    if (first == null || next == null) {
      return false;
    }
    Instant from = wanted.from();
    boolean full = bars.size() >= wanted.limit();
    if (from != null && first.isAfter(interval.firstOpen(from))) {
      return false;
    }
    Instant to = wanted.to();
    boolean reachesEnd = !next.isBefore(to == null || to.isAfter(now) ? now : to);
    return from == null ? full && (to == null || reachesEnd) : full || reachesEnd;
  }
}

package dev.everfeed.core.request;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.normalise.Plausibility;
import dev.everfeed.core.time.AnchoredClock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How old an answer is, what it may be called, and whether it can be believed.
final class Judge {
  private final AnchoredClock clock;
  private final Catalogue catalogue;
  private final Memory memory;

  Judge(AnchoredClock clock, Catalogue catalogue, Memory memory) {
    this.clock = clock;
    this.catalogue = catalogue;
    this.memory = memory;
  }

  /// Why an answer is not believed, or null. Prices are held against the last believed ones,
  /// bars against themselves. What cannot be true is not believed whoever says it too.
  ///
  /// @param parts    the prices in the answer, by the symbol that was wanted
  /// @param suspects the same of a provider that was not believed
  @Nullable
  Failure objection(
      Served served,
      Map<Symbol, Served> parts,
      Map<Symbol, Served> suspects,
      Route route,
      long nowNanos) {
    for (Event event : served.events()) {
      Optional<String> impossible = Plausibility.impossible(event);
      if (impossible.isPresent()) {
        return Failure.of(Failure.Kind.WRONG_DATA, impossible.get());
      }
    }
    Optional<String> outOfOrder = Plausibility.outOfOrder(served.events());
    if (outOfOrder.isPresent()) {
      return Failure.of(Failure.Kind.WRONG_DATA, outOfOrder.get());
    }
    if (!(served.query() instanceof Query.Prices)) {
      return null;
    }
    if (parts.isEmpty()) {
      return Failure.of(Failure.Kind.CALLER, "the answer has no price of " + served.query());
    }
    for (Map.Entry<Symbol, Served> part : parts.entrySet()) {
      Served suspect = suspects.get(part.getKey());
      Failure objection = objectionToPrice(part.getKey(), part.getValue(), suspect, nowNanos);
      if (objection == null) {
        objection = objectionToAge(part.getKey(), part.getValue(), route, nowNanos);
      }
      if (objection != null) {
        return objection;
      }
    }
    return null;
  }

  private @Nullable Failure objectionToPrice(
      Symbol symbol, Served served, @Nullable Served suspect, long nowNanos) {
    Served believed = memory.recallPrice(symbol);
    Decimal price = Memory.priceOf(served.events());
    Decimal before = believed == null ? null : Memory.priceOf(believed.events());
    if (believed == null || price == null || before == null) {
      return null;
    }
    if (Plausibility.isDoubtful(price, before, nowNanos - believed.receivedAtNanos())
        && !saysTheSame(suspect, served.source(), price)) {
      return Failure.of(
          Failure.Kind.WRONG_DATA,
          "%s at %s is too far from %s believed %,d ms ago"
              .formatted(
                  symbol, price, before, (nowNanos - believed.receivedAtNanos()) / 1_000_000));
    }
    return null;
  }

  private @Nullable Failure objectionToAge(
      Symbol symbol, Served served, Route route, long nowNanos) {
    long age = ageNanos(served, nowNanos);
    long most = staleAfterNanos(served.source(), route);
    return age <= most
        ? null
        : Failure.of(
            Failure.Kind.FROZEN,
            "%s has not moved for %,d ms, allowed are %,d ms"
                .formatted(symbol, age / 1_000_000, most / 1_000_000));
  }

  /// Whether one answer is not older than the other.
  boolean isAsYoung(Served one, Served other, long nowNanos) {
    return ageNanos(one, nowNanos) <= ageNanos(other, nowNanos);
  }

  /// Whether another source has said so too.
  private static boolean saysTheSame(@Nullable Served suspect, SourceId source, Decimal price) {
    Decimal suspected = suspect == null ? null : Memory.priceOf(suspect.events());
    return suspect != null
        && suspected != null
        && !suspect.source().equals(source)
        && Plausibility.agree(suspected, price);
  }

  /// Of the oldest part: since the venue's own stamp for prices and sentiment, if it has one,
  /// else since it was received. A stamp in the future counts as now.
  long ageNanos(Served served, long nowNanos) {
    long since = served.receivedAtNanos();
    for (Event event : served.events()) {
      since = Math.min(since, sinceNanos(event, served));
    }
    return Math.max(0, nowNanos - since);
  }

  /// What an answer that has just come may be called: what its worst part may. The parts of a
  /// remembered one may come from several sources, each with an interval of its own.
  ValueStatus statusOfFresh(Served served, Route route, long nowNanos) {
    ValueStatus worst = statusOf(served.source(), nowNanos - served.receivedAtNanos(), route);
    for (Event event : served.events()) {
      ValueStatus status = statusOf(event.source(), nowNanos - sinceNanos(event, served), route);
      worst = status.compareTo(worst) > 0 ? status : worst;
    }
    return worst;
  }

  /// What a remembered answer may be called. What is settled is never [ValueStatus#STALE].
  ///
  /// Other bars and trades are as old as what may have changed since they were known. Bars,
  /// since they are asked for as the newest there are, are not younger either than the moment
  /// at which the bar after them ended: a range of last week that was received a moment ago
  /// says nothing of today.
  ValueStatus statusOfRemembered(Remembered known, Route route, long nowNanos) {
    Served served = known.served();
    if (isSettled(served, nowNanos)) {
      return ValueStatus.CACHED;
    }
    boolean stale = switch (served.query()) {
      case Query.Bars _, Query.Trades _ ->
        nowNanos - knownAtNanos(known) > staleAfterNanos(served.source(), route);
      case Query.Prices _, Query.Sentiments _, Query.Listings _ ->
        statusOfFresh(served, route, nowNanos) == ValueStatus.STALE;
    };
    return stale ? ValueStatus.STALE : ValueStatus.CACHED;
  }

  private long knownAtNanos(Remembered known) {
    List<Event> events = known.served().events();
    if (events.isEmpty() || !(events.getLast() instanceof Event.Bar newest)) {
      return known.knownAtNanos();
    }
    Interval interval = newest.interval();
    Instant followed = interval.next(interval.next(newest.time()));
    return Math.min(known.knownAtNanos(), clock.nanosAt(followed));
  }

  /// Whether an answer stays right however old it becomes: complete bars of a range that is
  /// over, or as many from its beginning as were asked for; trades likewise. No bar and no
  /// trade can be added to it, and none of it changes (a venue that revises a complete bar is
  /// the exception; the hub learns of that when it asks again).
  boolean isSettled(Served served, long nowNanos) {
    if (served.events().isEmpty()) {
      return false;
    }
    return switch (served.query()) {
      case Query.Bars wanted -> {
        Instant to = wanted.to();
        boolean over = to != null && !to.isAfter(clock.at(nowNanos));
        boolean full = wanted.from() != null && served.events().size() >= wanted.limit();
        yield (over || full) && served.events().stream().allMatch(Judge::isComplete);
      }
      case Query.Trades wanted ->
        wanted.fromId() != null && served.events().size() >= wanted.limit();
      case Query.Prices _, Query.Sentiments _, Query.Listings _ -> false;
    };
  }

  private static boolean isComplete(Event event) {
    return event instanceof Event.Bar bar && Boolean.TRUE.equals(bar.complete());
  }

  /// [ValueStatus#LIVE], [ValueStatus#MAYBE_STALE] or [ValueStatus#STALE], which rise in this
  /// order.
  private ValueStatus statusOf(SourceId source, long ageNanos, Route route) {
    if (ageNanos <= catalogue.usualIntervalNanos(source)) {
      return ValueStatus.LIVE;
    }
    return ageNanos <= staleAfterNanos(source, route) ? ValueStatus.MAYBE_STALE : ValueStatus.STALE;
  }

  private long staleAfterNanos(SourceId source, Route route) {
    return Math.max(route.staleAfterNanos(), catalogue.usualIntervalNanos(source));
  }

  private long sinceNanos(Event event, Served served) {
    Instant time = timeOf(event);
    return time == null
        ? served.receivedAtNanos()
        : Math.min(clock.nanosAt(time), served.receivedAtNanos());
  }

  private static @Nullable Instant timeOf(Event event) {
    return switch (event) {
      case Event.Price price -> price.time();
      case Event.Sentiment sentiment -> sentiment.time();
      default -> null;
    };
  }
}

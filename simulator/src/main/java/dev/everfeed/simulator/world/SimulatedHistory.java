package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Route;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.simulator.check.HistoryIsServed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// What was written down: outlives our process. Knows nothing of the engine but what it told to
/// keep.
final class SimulatedHistory {
  private static final long SECOND = 1_000_000_000L;

  private final StorePlan plan;
  private final SortedMap<Query.Kind, Route> routes;
  private final AnchoredClock clock;
  private final SplittableRandom random;
  private final Map<Symbol, Map<String, NavigableMap<Instant, Input.Past>>> bars = new TreeMap<>();
  private final Map<Symbol, Served> prices = new TreeMap<>();
  private final Map<Query, Served> moods = new LinkedHashMap<>();
  private final SortedMap<String, Instant> asked = new TreeMap<>();

  SimulatedHistory(
      StorePlan plan,
      SortedMap<Query.Kind, Route> routes,
      AnchoredClock clock,
      SplittableRandom random) {
    this.plan = plan;
    this.routes = routes;
    this.clock = clock;
    this.random = random;
  }

  // ---- writing

  void keep(Served served) {
    switch (served.query()) {
      case Query.Bars _ -> {
        for (Event event : served.events()) {
          keepBar(event, served.receivedAtNanos());
        }
      }
      case Query.Prices wanted -> {
        for (Symbol symbol : wanted.symbols()) {
          keepPrice(symbol, served);
        }
      }
      case Query.Sentiments mood -> moods.put(mood, served);
      case Query.Trades _, Query.Listings _ ->
        throw new IllegalStateException("kept: " + served.query());
    }
  }

  /// A complete one stands before one that is not, else the one received later.
  void keepBar(Event event, long receivedAtNanos) {
    if (event instanceof Event.Bar bar) {
      bars.computeIfAbsent(bar.symbol(), _ -> new TreeMap<>())
          .computeIfAbsent(bar.source().name(), _ -> new TreeMap<>())
          .merge(bar.time(), new Input.Past(bar, receivedAtNanos), (known, latest) -> {
            boolean was = isComplete(known.event());
            boolean is = isComplete(latest.event());
            boolean replaced = was == is ? latest.receivedAtNanos() >= known.receivedAtNanos() : is;
            return replaced ? latest : known;
          });
    }
  }

  private void keepPrice(Symbol wanted, Served served) {
    Route route = routes.get(Query.Kind.PRICE);
    SortedMap<SourceId, Symbol> named =
        route == null ? null : route.equivalents().get(wanted);
    Symbol there = named == null ? wanted : named.getOrDefault(served.source(), wanted);
    for (Event event : served.events()) {
      if (event instanceof Event.Price price && price.symbol().equals(there)) {
        prices.put(
            wanted,
            new Served(
                Query.Prices.of(wanted),
                served.source(),
                List.of(price),
                served.receivedAtNanos(),
                !there.equals(wanted)));
      }
    }
  }

  void asked(RunReport run) {
    for (RunReport.Asked one : run.periodic()) {
      asked.merge(one.what(), clock.at(one.atNanos()), SimulatedHistory::later);
    }
  }

  /// Another hub, which has the duty, asks about a half of it too.
  void askedByAnother(long nowNanos) {
    asked.replaceAll((_, at) ->
        random.nextBoolean() ? later(at, clock.at(nowNanos - random.nextLong(20 * SECOND))) : at);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  // ---- reading

  Input.Restored remembered() {
    List<Served> all = new ArrayList<>(prices.values());
    all.addAll(moods.values());
    return new Input.Restored(all);
  }

  Input.AskedBefore askedBefore() {
    return new Input.AskedBefore(asked);
  }

  /// Null when nothing ever comes back.
  Input recalled(long callId, Query query, long nowNanos) {
    return trouble(nowNanos, nowNanos) == StorePlan.Trouble.FAILING
        ? new Input.Failed(
            callId,
            dev.everfeed.core.model.Failure.of(
                dev.everfeed.core.model.Failure.Kind.CONNECTION, "the store is away"))
        : new Input.Recalled(callId, query instanceof Query.Bars wanted ? of(wanted) : List.of());
  }

  /// `Long.MAX_VALUE` for never.
  long delayNanos(long nowNanos) {
    StorePlan.Trouble trouble = trouble(nowNanos, nowNanos);
    if (trouble == StorePlan.Trouble.MUTE) {
      return Long.MAX_VALUE;
    }
    return trouble == StorePlan.Trouble.SLOW
        ? Seeds.logUniform(random, SECOND / 10, 6 * SECOND)
        : Seeds.logUniform(random, SECOND / 1_000, SECOND / 50);
  }

  boolean isAvailable(long nowNanos) {
    return trouble(nowNanos, nowNanos) != StorePlan.Trouble.AWAY;
  }

  /// Whether every question from `from` to `to` is answered at once.
  boolean answersWell(long from, long to) {
    return trouble(from, to) == null;
  }

  private StorePlan.@org.jspecify.annotations.Nullable Trouble trouble(long from, long to) {
    for (StorePlan.Spell spell : plan.spells()) {
      if (spell.overlaps(from, to)) {
        return spell.trouble();
      }
    }
    return null;
  }

  /// Only a series that is whole, of the first exchange that has one; else nothing.
  Input recalledWhole(long callId, Query query, long nowNanos) {
    Input answer = recalled(callId, query, nowNanos);
    if (answer instanceof Input.Failed || !(query instanceof Query.Bars wanted)) {
      return answer;
    }
    for (String exchange : exchanges()) {
      List<Input.Past> past = of(wanted, exchange);
      if (HistoryIsServed.isWhole(wanted, past, clock.at(nowNanos))) {
        return new Input.Recalled(callId, past);
      }
    }
    return new Input.Recalled(callId, List.of());
  }

  private List<String> exchanges() {
    Route route = routes.get(Query.Kind.BARS);
    return route == null
        ? List.of()
        : route.providers().stream().map(SourceId::name).toList();
  }

  /// Of each exchange, in the order of the route.
  List<Input.Past> of(Query.Bars wanted) {
    List<Input.Past> past = new ArrayList<>();
    exchanges().forEach(exchange -> past.addAll(of(wanted, exchange)));
    return past;
  }

  private List<Input.Past> of(Query.Bars wanted, String exchange) {
    NavigableMap<Instant, Input.Past> range =
        bars.getOrDefault(wanted.symbol(), Map.of()).getOrDefault(exchange, new TreeMap<>());
    if (wanted.from() != null) {
      range = range.tailMap(wanted.from(), true);
    }
    if (wanted.to() != null) {
      range = range.headMap(wanted.to(), false);
    }
    List<Input.Past> past = new ArrayList<>(range.values());
    int surplus = Math.max(0, past.size() - wanted.limit());
    return wanted.from() == null
        ? past.subList(surplus, past.size())
        : past.subList(0, past.size() - surplus);
  }

  private static boolean isComplete(Event event) {
    return event instanceof Event.Bar bar && Boolean.TRUE.equals(bar.complete());
  }

  /// Bars of before the beginning, now and then one missing, and the price at its end.
  List<Event> fill(ProviderPlan first, Market market, List<Symbol> symbols) {
    List<Event> said = new ArrayList<>();
    long length = Interval.M1.duration().toNanos();
    for (Symbol symbol : symbols) {
      if (!first.offered().contains(symbol) || plan.pastMinutes() == 0) {
        continue;
      }
      for (int minute = -plan.pastMinutes(); minute < -1; minute++) {
        if (Seeds.chance(random, 97)) {
          Event.Bar bar = SimulatedProvider.bar(
              first.id(), symbol, Interval.M1, minute * length, 0, market, clock);
          keepBar(bar, (minute + 1) * length + SECOND / 10);
          said.add(bar);
        }
      }
      long at = -Seeds.logUniform(random, SECOND, 300 * SECOND);
      Event.Price price = new Event.Price(
          symbol,
          first.id().name(),
          first.id(),
          dev.everfeed.core.model.Decimal.of(market.cents(symbol, at), 2),
          clock.at(at));
      said.add(price);
      prices.put(
          symbol, new Served(Query.Prices.of(symbol), first.id(), List.of(price), at, false));
      asked.put(
          symbol.text() + " " + Interval.M1,
          clock.at(-Seeds.logUniform(random, SECOND, 200 * SECOND)));
    }
    return said;
  }
}

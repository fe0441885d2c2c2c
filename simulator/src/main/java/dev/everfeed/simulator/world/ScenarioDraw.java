package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.BreakerPolicy;
import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.RetryPolicy;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Planned;
import dev.everfeed.core.request.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// Draws a scenario from a seed: a random subset of faults, rates, providers, symbols and
/// policies each time (swarm testing, Groce et al. 2012), because a run with everything in it
/// finds less than many runs with different halves of it.
final class ScenarioDraw {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> EXCHANGES = List.of("binance", "kraken", "okx");
  private static final List<String> ASSETS = List.of(
      "BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "DOT", "LTC", "LINK", "AVAX", "ATOM", "UNI");

  private final Seeds seeds;
  private final List<Symbol> symbols = new ArrayList<>();
  private final List<ProviderPlan> providers = new ArrayList<>();

  private ScenarioDraw(Seeds seeds) {
    this.seeds = seeds;
  }

  static Scenario of(Seeds seeds) {
    return new ScenarioDraw(seeds).draw();
  }

  private Scenario draw() {
    SplittableRandom random = seeds.of("scenario");
    int assets = random.nextInt(2, ASSETS.size() + 1);
    for (String asset : ASSETS.subList(0, assets)) {
      symbols.add(Symbol.of(asset, "USDT"));
    }
    drawProviders(seeds.of("providers"));
    long safety = Seeds.logUniform(random, 80 * SECOND, 360 * SECOND);
    List<Query> questions = questions(seeds.of("questions"));
    return new Scenario(
        providers,
        routes(seeds.of("routes")),
        symbols,
        questions,
        plan(seeds.of("plan")),
        Seeds.logUniform(random, 10 * SECOND, 60 * SECOND),
        safety,
        Seeds.logUniform(random, 0.5, 12.0),
        faults(safety),
        pauses(seeds.of("pauses"), safety),
        herds(seeds.of("herds"), questions, safety),
        policyChanges(seeds.of("policy changes"), safety),
        random.nextBoolean(),
        StoreDraw.of(seeds, World.BEGINNING, symbols, safety));
  }

  // ---- providers and routes

  private void drawProviders(SplittableRandom random) {
    int chain = random.nextInt(2, 5);
    boolean aggregate = chain == 4 || Seeds.chance(random, 85);
    Set<Symbol> nobodys = new TreeSet<>(symbols);
    for (String name : EXCHANGES.subList(0, aggregate ? chain - 1 : chain)) {
      SortedSet<Symbol> offered = new TreeSet<>();
      for (Symbol symbol : symbols) {
        if (symbol.equals(symbols.getFirst()) || Seeds.chance(random, 92)) {
          offered.add(symbol);
        }
      }
      nobodys.removeAll(offered);
      if (!aggregate && name.equals(EXCHANGES.get(chain - 1))) {
        offered.addAll(nobodys); // what nobody offers nobody can answer
      }
      providers.add(provider(random, name, false, false, offered));
    }
    if (aggregate) {
      SortedSet<Symbol> offered = new TreeSet<>();
      symbols.forEach(symbol -> offered.add(equivalent(symbol)));
      providers.add(provider(random, "coingecko", true, false, offered));
    }
    providers.add(provider(random, "alternative_me", false, true, new TreeSet<>()));
  }

  static Symbol equivalent(Symbol symbol) {
    return Symbol.of(symbol.base().orElseThrow(), "USD");
  }

  private ProviderPlan provider(
      SplittableRandom random,
      String name,
      boolean aggregate,
      boolean moodOnly,
      SortedSet<Symbol> offered) {
    boolean tight = Seeds.chance(random, 25);
    int limit = tight ? random.nextInt(40, 200) : random.nextInt(1_200, 6_000);
    long usual = aggregate ? 90 * SECOND : moodOnly ? 1_300 * SECOND : 8 * SECOND;
    return new ProviderPlan(
        new SourceId(name),
        aggregate,
        moodOnly,
        Seeds.logUniform(random, 8 * MILLI, 120 * MILLI),
        0.2 + 0.4 * random.nextDouble(),
        limit,
        random.nextLong(60 * SECOND),
        Seeds.chance(random, 60),
        Seeds.chance(random, 15) ? random.nextInt(10, 80) : 0,
        random.nextInt(-500, 501),
        offered,
        usual,
        new GuardPolicy(
            breaker(random),
            new RetryPolicy(
                random.nextInt(3), Seeds.logUniform(random, 50 * MILLI, 500 * MILLI), 2 * SECOND),
            limit,
            60 * SECOND,
            random.nextLong(2_100, 3_001) * MILLI,
            50 * MILLI));
  }

  private static BreakerPolicy breaker(SplittableRandom random) {
    return new BreakerPolicy(
        random.nextInt(3, 11),
        random.nextInt(1, 5),
        random.nextLong(20, 61) * SECOND,
        Seeds.logUniform(random, 3 * SECOND, 60 * SECOND),
        Seeds.logUniform(random, 60 * SECOND, 300 * SECOND),
        List.of(1, 2, 4, 5),
        random.nextInt(1, 4),
        random.nextLong(1_000, 2_001) * MILLI);
  }

  private SortedMap<Query.Kind, Route> routes(SplittableRandom random) {
    List<SourceId> prices = new ArrayList<>();
    List<SourceId> bars = new ArrayList<>();
    List<SourceId> mood = new ArrayList<>();
    SortedMap<Symbol, SortedMap<SourceId, Symbol>> equivalents = new TreeMap<>();
    for (ProviderPlan provider : providers) {
      if (provider.moodOnly()) {
        mood.addFirst(provider.id());
      } else {
        prices.add(provider.id());
        (provider.aggregate() ? mood : bars).add(provider.id());
      }
      if (provider.aggregate()) {
        for (Symbol symbol : symbols) {
          equivalents.put(symbol, new TreeMap<>());
          equivalents.get(symbol).put(provider.id(), equivalent(symbol));
        }
      }
    }
    SortedMap<Query.Kind, Route> routes = new TreeMap<>();
    routes.put(Query.Kind.PRICE, route(random, prices, equivalents));
    routes.put(Query.Kind.BARS, route(random, bars, new TreeMap<>()));
    routes.put(Query.Kind.SENTIMENT, route(random, mood, new TreeMap<>()));
    return routes;
  }

  private static Route route(
      SplittableRandom random,
      List<SourceId> providers,
      SortedMap<Symbol, SortedMap<SourceId, Symbol>> equivalents) {
    return new Route(
        providers,
        equivalents,
        Seeds.chance(random, 30) ? 0 : random.nextLong(200, 3_001) * MILLI,
        Seeds.chance(random, 50) ? 0 : random.nextLong(1, 11) * SECOND,
        random.nextLong(15, 61) * SECOND,
        Seeds.logUniform(random, 20 * SECOND, 3_600 * SECOND),
        random.nextLong(20, 301) * MILLI,
        random.nextLong(1_000, 9_001) * MILLI);
  }

  // ---- questions

  private List<Query> questions(SplittableRandom random) {
    List<Query> questions = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Symbol symbol = symbols.get(random.nextInt(symbols.size()));
      int kind = random.nextInt(100);
      if (kind < 60) {
        questions.add(Query.Prices.of(symbol));
      } else if (kind < 72) {
        Symbol other = symbols.get(random.nextInt(symbols.size()));
        questions.add(Query.Prices.of(new TreeSet<>(List.of(symbol, other))));
      } else if (kind < 90) {
        questions.add(new Query.Bars(symbol, Interval.M1, null, null, random.nextInt(1, 6)));
      } else {
        questions.add(new Query.Sentiments(Seeds.chance(random, 70) ? null : symbol));
      }
    }
    return questions;
  }

  private List<Planned> plan(SplittableRandom random) {
    long barsEvery = Seeds.chance(random, 50) ? 0 : random.nextLong(20, 121) * SECOND;
    List<Planned> plan = new ArrayList<>();
    plan.add(Planned.everyRun(Query.Prices.of(symbols)));
    for (Symbol symbol : symbols) {
      plan.add(new Planned(new Query.Bars(symbol, Interval.M1, null, null, 3), barsEvery));
    }
    plan.add(new Planned(new Query.Sentiments(null), 2 * barsEvery));
    return plan;
  }

  // ---- what goes wrong

  private SortedMap<SourceId, List<Fault>> faults(long safety) {
    SplittableRandom swarm = seeds.of("fault kinds");
    List<Fault.Kind> kinds = new ArrayList<>();
    int share = swarm.nextInt(15, 90);
    for (Fault.Kind kind : Fault.Kind.values()) {
      if (Seeds.chance(swarm, share)) {
        kinds.add(kind);
      }
    }
    SortedMap<SourceId, List<Fault>> faults = new TreeMap<>();
    for (ProviderPlan provider : providers) {
      SplittableRandom random = seeds.of("faults of " + provider.id());
      List<Fault> own = new ArrayList<>();
      int count = kinds.isEmpty() ? 0 : random.nextInt(0, 13);
      for (int i = 0; i < count; i++) {
        long from = random.nextLong(safety);
        long length = Seeds.logUniform(random, SECOND / 2, 120 * SECOND);
        own.add(new Fault(
            kinds.get(random.nextInt(kinds.size())),
            from,
            Math.min(safety, from + length),
            random.nextLong()));
      }
      own.sort(Comparator.comparingLong(Fault::fromNanos));
      faults.put(provider.id(), List.copyOf(own));
    }
    return faults;
  }

  private static List<Scenario.Pause> pauses(SplittableRandom random, long safety) {
    List<Scenario.Pause> pauses = new ArrayList<>();
    int count = Seeds.chance(random, 50) ? 0 : random.nextInt(1, 5);
    for (int i = 0; i < count; i++) {
      pauses.add(new Scenario.Pause(
          random.nextLong(safety), Seeds.logUniform(random, 10 * MILLI, 10 * SECOND)));
    }
    pauses.sort(Comparator.comparingLong(Scenario.Pause::atNanos));
    return pauses;
  }

  private static List<Scenario.Herd> herds(
      SplittableRandom random, List<Query> questions, long safety) {
    List<Scenario.Herd> herds = new ArrayList<>();
    int count = Seeds.chance(random, 45) ? 0 : random.nextInt(1, 3);
    for (int i = 0; i < count; i++) {
      herds.add(new Scenario.Herd(
          random.nextLong(safety),
          questions.get(random.nextInt(questions.size())),
          (int) Seeds.logUniform(random, 100L, 10_000L),
          Seeds.chance(random, 90) ? Priority.USER : Priority.BACKFILL));
    }
    return herds;
  }

  private List<Scenario.PolicyChange> policyChanges(SplittableRandom random, long safety) {
    List<Scenario.PolicyChange> changes = new ArrayList<>();
    int count = Seeds.chance(random, 60) ? 0 : random.nextInt(1, 5);
    for (int i = 0; i < count; i++) {
      changes.add(new Scenario.PolicyChange(
          random.nextLong(safety),
          providers.get(random.nextInt(providers.size())).id(),
          breaker(random)));
    }
    return changes;
  }
}

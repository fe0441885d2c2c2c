package dev.everfeed.hub.runtime;

import dev.everfeed.core.guard.BreakerPolicy;
import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.guard.RetryPolicy;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Planned;
import dev.everfeed.core.request.Route;
import dev.everfeed.core.time.NextRun;
import dev.everfeed.hub.config.RouteSettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceSettings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What the configuration means for the pull side, in the words of `core`.
///
/// @param sources   enabled, in the order of the list of known sources
/// @param baseUrls  where each is asked
/// @param limits    configured weight limits; a source without one may use what it allows itself
/// @param plan      what the schedule asks
/// @param symbols   configured
record PullPlan(
    Map<SourceId, PolledSource> sources,
    Map<SourceId, URI> baseUrls,
    Map<SourceId, Integer> limits,
    List<SourceGuard> guards,
    Map<Query.Kind, Route> routes,
    List<Planned> plan,
    NextRun nextRun,
    List<Symbol> symbols) {

  /// Lists of instruments change rarely; Binance's weighs 20.
  private static final Duration LISTINGS_EVERY = Duration.ofHours(1);

  private static final long SECOND = 1_000_000_000L;

  static PullPlan of(Settings settings, RandomGenerator random, long nowNanos) {
    Map<SourceId, PolledSource> sources = new LinkedHashMap<>();
    Map<SourceId, URI> baseUrls = new LinkedHashMap<>();
    Map<SourceId, Integer> limits = new LinkedHashMap<>();
    List<SourceGuard> guards = new ArrayList<>();
    for (String name : KnownSources.names()) {
      SourceId id = new SourceId(name);
      Settings.Source configured = settings.source(id);
      if (!configured.enabled()) {
        continue;
      }
      URI baseUrl = configured.baseUrl() != null
          ? configured.baseUrl()
          : KnownSources.baseUrl(name).orElseThrow();
      String apiKey = configured.apiKey() == null ? null : configured.apiKey().reveal();
      baseUrls.put(id, baseUrl);
      Integer limit = configured.weightLimit();
      if (limit != null) {
        limits.put(id, limit);
      }
      PolledSource source =
          KnownSources.polled(name, new SourceSettings(baseUrl, apiKey, configured.ids()));
      sources.put(id, source);
      guards.add(new SourceGuard(id, policy(configured, source), random, nowNanos));
    }
    Map<Query.Kind, Route> routes = new EnumMap<>(Query.Kind.class);
    List<Symbol> symbols = settings.symbols();
    routes.put(Query.Kind.PRICE, route(settings.routes().prices(), sources, symbols));
    routes.put(Query.Kind.BARS, route(settings.routes().bars(), sources, List.of()));
    routes.put(Query.Kind.TRADES, route(settings.routes().trades(), sources, List.of()));
    routes.put(Query.Kind.SENTIMENT, route(settings.routes().sentiment(), sources, List.of()));
    routes.put(Query.Kind.LISTINGS, listings(sources));
    return new PullPlan(
        sources,
        baseUrls,
        limits,
        guards,
        routes,
        plan(settings, sources),
        nextRun(settings),
        symbols);
  }

  /// The same, with nothing for the schedule to do.
  PullPlan withoutSchedule() {
    return new PullPlan(
        sources, baseUrls, limits, guards, routes, List.of(), _ -> Instant.MAX, symbols);
  }

  /// From now on the source knows what it lists. On the loop's context.
  void listed(SourceId id, List<Event> listings) {
    sources.put(id, source(id).knowing(listings));
  }

  PolledSource source(SourceId id) {
    return known(sources.get(id), id);
  }

  URI baseUrl(SourceId id) {
    return known(baseUrls.get(id), id);
  }

  /// The limit that a source reported, or what is configured where that is less: several
  /// programs may share one address, and the source knows nothing of that.
  OptionalInt mayUse(SourceId id, OptionalInt reported) {
    Integer configured = limits.get(id);
    return configured == null || reported.isEmpty()
        ? reported
        : OptionalInt.of(Math.min(configured, reported.getAsInt()));
  }

  private <T> T known(@Nullable T found, SourceId id) {
    if (found == null) {
      throw new IllegalArgumentException("no source " + id + ", known are " + sources.keySet());
    }
    return found;
  }

  private static GuardPolicy policy(Settings.Source source, PolledSource adapter) {
    GuardPolicy defaults = GuardPolicy.defaults();
    Settings.Breaker breaker = source.breaker();
    Settings.Retry retry = source.retry();
    return new GuardPolicy(
        new BreakerPolicy(
            breaker.failureThreshold(),
            breaker.successThreshold(),
            breaker.window().toNanos(),
            breaker.open().toNanos(),
            breaker.openMax().toNanos(),
            BreakerPolicy.defaults().multipliers(),
            breaker.halfOpenMax(),
            breaker.slowCall().toNanos()),
        new RetryPolicy(
            retry.attempts() - 1, retry.base().toNanos(), retry.cap().toNanos()),
        source.weightLimit() == null ? adapter.weightPerWindow() : source.weightLimit(),
        adapter.weightWindow().toNanos(),
        source.timeout().toNanos(),
        defaults.hedgeFloorNanos());
  }

  private static Route route(
      RouteSettings.Route configured, Map<SourceId, PolledSource> sources, List<Symbol> symbols) {
    List<SourceId> providers =
        configured.providers().stream().filter(sources::containsKey).toList();
    SortedMap<Symbol, SortedMap<SourceId, Symbol>> equivalents = new TreeMap<>();
    for (Symbol symbol : symbols) {
      for (SourceId source : providers) {
        configured
            .equivalent(symbol, source)
            .ifPresent(there ->
                equivalents.computeIfAbsent(symbol, _ -> new TreeMap<>()).put(source, there));
      }
    }
    return new Route(
        providers,
        equivalents,
        configured.freshFor().toNanos(),
        configured.staleWhileRevalidate().toNanos(),
        configured.staleAfter().toNanos(),
        configured.staleIfError().toNanos(),
        configured.patience().toNanos(),
        configured.deadline().toNanos());
  }

  private static Route listings(Map<SourceId, PolledSource> sources) {
    List<SourceId> providers = sources.values().stream()
        .filter(source -> source.offers().contains(Query.Kind.LISTINGS))
        .map(PolledSource::id)
        .toList();
    return new Route(
        providers,
        new TreeMap<>(),
        0,
        0,
        2 * LISTINGS_EVERY.toNanos(),
        7 * 24 * LISTINGS_EVERY.toNanos(),
        SECOND,
        10 * SECOND);
  }

  private static List<Planned> plan(Settings settings, Map<SourceId, PolledSource> sources) {
    List<Planned> plan = new ArrayList<>();
    List<Symbol> symbols = settings.symbols();
    for (int i = 0; i < symbols.size(); i += Query.Prices.MAX_SYMBOLS) {
      List<Symbol> batch =
          symbols.subList(i, Math.min(symbols.size(), i + Query.Prices.MAX_SYMBOLS));
      plan.add(Planned.everyRun(Query.Prices.of(batch)));
    }
    Settings.Refresh refresh = settings.refresh();
    plan.add(new Planned(new Query.Sentiments(null), refresh.sentimentEvery().toNanos()));
    for (PolledSource source : sources.values()) {
      if (source.offers().contains(Query.Kind.LISTINGS)) {
        plan.add(new Planned(new Query.Listings(source.id()), LISTINGS_EVERY.toNanos()));
      }
    }
    for (Symbol symbol : symbols) {
      for (Interval interval : refresh.intervals()) {
        Query.Bars asked = new Query.Bars(symbol, interval, null, null, refresh.bars());
        plan.add(
            bars(asked, settings.routes().bars(), sources, refresh.barsEvery().toNanos()));
      }
      Duration tradesEvery = refresh.tradesEvery();
      if (tradesEvery != null) {
        plan.add(new Planned(
            new Query.Trades(symbol, null, Query.Trades.MAX_LIMIT), tradesEvery.toNanos()));
      }
    }
    return plan;
  }

  /// One question that walks along the route, or one to each exchange.
  private static Planned bars(
      Query.Bars asked,
      RouteSettings.Route route,
      Map<SourceId, PolledSource> sources,
      long everyNanos) {
    List<Query> byExchange = new ArrayList<>();
    for (String exchange : exchanges(route, sources)) {
      byExchange.add(asked.at(exchange));
    }
    return route.fetch() == RouteSettings.Route.Fetch.PRIMARY || byExchange.isEmpty()
        ? new Planned(asked, everyNanos)
        : new Planned(byExchange, route.fetch().wanted(byExchange.size()), everyNanos);
  }

  /// In the order of the route, each once.
  private static SequencedSet<String> exchanges(
      RouteSettings.Route route, Map<SourceId, PolledSource> sources) {
    SequencedSet<String> exchanges = new LinkedHashSet<>();
    for (SourceId id : route.providers()) {
      PolledSource source = sources.get(id);
      String exchange = source == null ? null : source.exchange();
      if (exchange != null) {
        exchanges.add(exchange);
      }
    }
    return exchanges;
  }

  private static NextRun nextRun(Settings settings) {
    return time -> settings.refresh().schedule().next(time).orElse(Instant.MAX);
  }
}

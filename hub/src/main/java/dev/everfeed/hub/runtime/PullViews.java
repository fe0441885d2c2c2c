package dev.everfeed.hub.runtime;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Route;
import dev.everfeed.hub.api.RouteView;
import dev.everfeed.hub.api.SourceView;
import dev.everfeed.hub.config.RouteSettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.source.PolledSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// What the pull side shows: its sources, its routes, and what the sources list. On the hub's event
/// loop.
final class PullViews {
  /// Told what a source lists, whenever that changes.
  interface Listener {
    void listed(SourceId source, Set<Symbol> symbols);
  }

  private final Settings settings;
  private final PullPlan plan;
  private final PullLoop loop;
  private final PullMetrics metrics;
  private final Listener listener;
  private final Map<SourceId, List<Event>> listings = new LinkedHashMap<>();
  private Map<SourceId, List<Event.Listing>> instruments = Map.of();

  PullViews(
      Settings settings, PullPlan plan, PullLoop loop, PullMetrics metrics, Listener listener) {
    this.settings = settings;
    this.plan = plan;
    this.loop = loop;
    this.metrics = metrics;
    this.listener = listener;
  }

  List<SourceView> sources() {
    List<SourceView> sources = new ArrayList<>();
    for (GuardSnapshot guard : loop.snapshots()) {
      sources.add(source(plan.source(guard.source()), guard));
    }
    return sources;
  }

  private SourceView source(PolledSource source, GuardSnapshot guard) {
    Map<Query.Kind, Integer> offers = new EnumMap<>(Query.Kind.class);
    for (Query.Kind kind : source.offers()) {
      Route route = plan.routes().get(kind);
      offers.put(kind, route == null ? 0 : route.providers().indexOf(source.id()) + 1);
    }
    return new SourceView(
        source.id(),
        source.exchange(),
        source.content(),
        source.attribution(),
        source.usualInterval(),
        plan.baseUrl(source.id()).getAuthority(),
        true,
        offers,
        source.proofs(),
        source.bars(),
        guard);
  }

  List<RouteView> routes() {
    List<RouteView> routes = new ArrayList<>();
    plan.routes().forEach((kind, route) -> {
      SequencedMap<SourceId, Long> calls = new LinkedHashMap<>();
      route.providers().forEach(id -> calls.put(id, metrics.calls(kind, id)));
      routes.add(new RouteView(kind, fetchOf(kind), calls));
    });
    return routes;
  }

  private String fetchOf(Query.Kind kind) {
    return (kind == Query.Kind.BARS
            ? settings.routes().bars().fetch()
            : RouteSettings.Route.Fetch.PRIMARY)
        .text();
  }

  /// The same map object until a source lists anew, which it and the listener are then told.
  Map<SourceId, List<Event.Listing>> instruments() {
    boolean anew = false;
    for (SourceId source : List.copyOf(plan.sources().keySet())) {
      List<Event> listed = loop.listings(source);
      if (!listed.isEmpty() && listed != listings.put(source, listed)) {
        plan.listed(source, listed);
        listener.listed(source, symbols(listed));
        anew = true;
      }
    }
    if (anew) {
      Map<SourceId, List<Event.Listing>> bySource = new LinkedHashMap<>();
      listings.forEach((source, listed) -> bySource.put(source, instruments(listed)));
      instruments = bySource;
    }
    return instruments;
  }

  private static List<Event.Listing> instruments(List<Event> listed) {
    return listed.stream()
        .filter(Event.Listing.class::isInstance)
        .map(Event.Listing.class::cast)
        .toList();
  }

  private static Set<Symbol> symbols(List<Event> listed) {
    Set<Symbol> symbols = new HashSet<>();
    instruments(listed).forEach(listing -> symbols.add(listing.symbol()));
    return symbols;
  }
}

package dev.everfeed.hub.api;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.core.time.AnchoredClock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The hub at one moment. Every health page and every list is drawn from one of these, so they
/// never contradict each other. Immutable; made by the runtime, read by the API.
///
/// @param phase       decides readiness
/// @param startedAt   start of this process
/// @param nowNanos    the monotonic moment of this view; all moments inside it are on that
///     clock
/// @param clock       turns monotonic moments into wall time
/// @param sources     every known source, in the order of the list of known sources
/// @param lastRun     the newest finished run of the schedule, null before the first
/// @param currentRun  the run that is under way, null between runs
/// @param nextRunAt   null when no run is planned
/// @param symbols     configured, in the file's order
/// @param intervals   that at least one enabled source serves bars of
/// @param instruments what each source lists, empty until it was asked; the same map object
///     until it changes
/// @param routes      who is asked for what
/// @param remembered  values held in memory (prices, series of bars, sentiments)
/// @param store       how the keeping of data is
/// @param streaming   the gateways that are listened to, in the order of preference
/// @param failovers   of this start of the hub
/// @param faults      what a person has to look after, of the accounts, the keys, the certificate
/// @param playback    what is published in place of the present, null for the present
public record HubView(
    Phase phase,
    Instant startedAt,
    long nowNanos,
    AnchoredClock clock,
    List<SourceView> sources,
    @Nullable RunReport lastRun,
    @Nullable RunReport currentRun,
    @Nullable Instant nextRunAt,
    List<Symbol> symbols,
    NavigableSet<Interval> intervals,
    Map<SourceId, List<Event.Listing>> instruments,
    List<RouteView> routes,
    int remembered,
    StoreView store,
    List<StreamView> streaming,
    FailoverHistory failovers,
    StandingOrders standing,
    List<String> faults,
    @Nullable String playback) {

  /// The life of the hub.
  public enum Phase {
    /// Not everything that answers is up yet.
    STARTING,
    SERVING,
    /// Answers what is under way and takes nothing new.
    STOPPING
  }

  public HubView {
    sources = List.copyOf(sources);
    symbols = List.copyOf(symbols);
    routes = List.copyOf(routes);
    streaming = List.copyOf(streaming);
    faults = List.copyOf(faults);
  }

  /// The wall time of this view.
  public Instant at() {
    return clock.at(nowNanos);
  }

  public Optional<SourceView> source(SourceId id) {
    return sources.stream().filter(source -> source.id().equals(id)).findFirst();
  }
}

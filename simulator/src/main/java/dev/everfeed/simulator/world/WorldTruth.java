package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Catalogue;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.Planned;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.Route;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.simulator.check.Truth;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is true in a world, for the invariants.
final class WorldTruth implements Truth {
  private static final long RIGHT_PPM = 50_000;

  private final Scenario scenario;
  private final Map<SourceId, SimulatedProvider> providers;
  private final Map<SourceId, SourceGuard> guards = new TreeMap<>();
  private PullEngine engine;
  private long beganAt;
  private final @Nullable SimulatedHistory history;
  private final Catalogue catalogue;
  private final AnchoredClock clock;
  private final Market market;
  private final Map<String, Long> periods = new TreeMap<>();

  WorldTruth(
      Scenario scenario,
      Map<SourceId, SimulatedProvider> providers,
      PullEngine engine,
      Catalogue catalogue,
      AnchoredClock clock,
      Market market,
      @Nullable SimulatedHistory history) {
    this.scenario = scenario;
    this.providers = providers;
    this.engine = engine;
    this.catalogue = catalogue;
    this.clock = clock;
    this.market = market;
    for (Planned planned : scenario.plan()) {
      String what = switch (planned.questions().getFirst()) {
        case Query.Bars bars -> bars.symbol() + " " + bars.interval();
        case Query.Sentiments _ -> "market";
        default -> "";
      };
      if (planned.everyNanos() > 0 && !what.isEmpty()) {
        periods.put(what, planned.everyNanos());
      }
    }
    this.history = history;
    restarted(engine, 0);
  }

  void restarted(PullEngine engine, long now) {
    this.engine = engine;
    this.beganAt = now;
    engine.guards().forEach(guard -> guards.put(guard.source(), guard));
  }

  @Override
  public long beganAt() {
    return beganAt;
  }

  @Override
  public List<Input.Past> history(Query.Bars wanted) {
    return history == null ? List.of() : history.of(wanted);
  }

  @Override
  public boolean historyAnswers(long from, long to) {
    return history != null && history.answersWell(from, to);
  }

  @Override
  public Map<String, Long> periods() {
    return periods;
  }

  @Override
  public PullEngine engine() {
    return engine;
  }

  @Override
  public SourceGuard guard(SourceId source) {
    return known(guards.get(source), source);
  }

  @Override
  public Route route(Query.Kind kind) {
    return known(scenario.routes().get(kind), kind);
  }

  @Override
  public Catalogue catalogue() {
    return catalogue;
  }

  @Override
  public AnchoredClock clock() {
    return clock;
  }

  @Override
  public boolean healthy(SourceId source, long from, long to) {
    return known(providers.get(source), source).healthy(from, to);
  }

  @Override
  public long healthyLatencyNanos() {
    return SimulatedProvider.HEALTHY_LATENCY_NANOS;
  }

  @Override
  public long endOfPause(long moment) {
    // One that is due while another one goes on does not begin, so the longest that holds it ends.
    long end = moment;
    for (Scenario.Pause pause : scenario.pauses()) {
      if (pause.atNanos() <= moment) {
        end = Math.max(end, pause.atNanos() + pause.lengthNanos());
      }
    }
    return end;
  }

  @Override
  public boolean pausedWithin(long from, long to) {
    for (Scenario.Pause pause : scenario.pauses()) {
      if (pause.atNanos() <= to && pause.atNanos() + pause.lengthNanos() >= from) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean isRight(Event.Price price) {
    Instant time = price.time();
    if (time == null) {
      return false;
    }
    Decimal right = Decimal.of(market.cents(price.symbol(), clock.nanosAt(time)), 2);
    return price.price().partsPerMillionFrom(right) <= RIGHT_PPM;
  }

  @Override
  public boolean tellsRightLimit(SourceId source) {
    return known(providers.get(source), source).tellsRightLimit();
  }

  private static <T> T known(@Nullable T thing, Object name) {
    if (thing == null) {
      throw new IllegalArgumentException("the world has no " + name);
    }
    return thing;
  }
}

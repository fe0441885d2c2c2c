package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Query;
import dev.everfeed.hub.api.FailoverView;
import dev.everfeed.hub.api.HubView;
import dev.everfeed.hub.telemetry.Metrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// The meters that alerts need of the hub as a whole: the same picture that `/health` is drawn
/// from, in figures (`operations/alerts`). They are drawn from the newest view when the page is,
/// by any thread.
final class ViewMetrics {
  private static final double NANOS = 1e9;

  private ViewMetrics() {}

  /// @param view  the newest
  /// @param clock of the hub, by which everything that it tells is dated
  static void register(Metrics metrics, Supplier<HubView> view, Supplier<Instant> clock) {
    MeterRegistry registry = metrics.registry();
    gauge(
        registry,
        view,
        "everfeed.ready",
        "1 while the hub serves, else 0",
        it -> it.phase() == HubView.Phase.SERVING ? 1 : 0);
    gauge(
        registry,
        view,
        "everfeed.price.sources",
        "Sources that prices are asked of",
        it -> priceSources(it, false));
    gauge(
        registry,
        view,
        "everfeed.price.sources.usable",
        "Of these, those with a closed circuit",
        it -> priceSources(it, true));
    gauge(
        registry,
        view,
        "everfeed.failover.stranded.symbols",
        "Symbols at a gateway that ails, with no healthy one to go to",
        it -> it.failovers().stranded().stream()
            .mapToInt(each -> each.symbols().size())
            .sum());
    gauge(
        registry,
        view,
        "everfeed.failover.waiting",
        "Failovers that happen only when an operator says so",
        it -> it.failovers().open().stream()
            .filter(FailoverView::waitsForOperator)
            .count());
    gauge(
        registry,
        view,
        "everfeed.failover.oldest.moving.seconds",
        "How long the oldest failover is moving contracts, 0 when none does",
        ViewMetrics::oldestMoving);
    TimeGauge.builder("everfeed.clock.timestamp", clock, TimeUnit.SECONDS, it -> seconds(it.get()))
        .description("The hub's wall clock, Unix time; it never steps back")
        .strongReference(true)
        .register(registry);
  }

  private static long priceSources(HubView view, boolean usable) {
    return view.sources().stream()
        .filter(source -> source.enabled())
        .filter(source -> source.offers().getOrDefault(Query.Kind.PRICE, 0) > 0)
        .filter(source -> !usable || !source.guard().circuitOpen())
        .count();
  }

  private static double oldestMoving(HubView view) {
    List<Instant> since = view.failovers().open().stream()
        .filter(failover -> failover.state() == FailoverView.State.MOVING)
        .map(FailoverView::decidedAt)
        .sorted()
        .toList();
    return since.isEmpty()
        ? 0
        : Math.max(0, Duration.between(since.getFirst(), view.at()).toNanos() / NANOS);
  }

  private static double seconds(Instant at) {
    return at.getEpochSecond() + at.getNano() / NANOS;
  }

  private static void gauge(
      MeterRegistry registry,
      Supplier<HubView> view,
      String name,
      String description,
      ToDoubleFunction<HubView> value) {
    Gauge.builder(name, view, it -> value.applyAsDouble(it.get()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }
}

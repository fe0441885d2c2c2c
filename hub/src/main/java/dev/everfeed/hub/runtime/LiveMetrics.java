package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.verdict.Verdict;
import dev.everfeed.hub.api.StreamView;
import dev.everfeed.hub.publish.ZeroMqPublisher;
import dev.everfeed.hub.telemetry.Metrics;
import dev.everfeed.hub.telemetry.StreamMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The meters of the push side, drawn from what it shows of itself.
final class LiveMetrics {
  private LiveMetrics() {}

  static void register(Metrics metrics, StreamLoop loop, @Nullable ZeroMqPublisher zeromq) {
    MeterRegistry registry = metrics.registry();
    count(registry, loop, "published", "Events given to readers", StreamLoop.Shown::published);
    count(registry, loop, "duplicates", "Events had before", StreamLoop.Shown::duplicates);
    count(registry, loop, "gaps", "Holes in dense ids", StreamLoop.Shown::gaps);
    count(registry, loop, "missing", "Trades in all holes together", StreamLoop.Shown::missing);
    count(registry, loop, "refilled", "Trades asked for and published", StreamLoop.Shown::refilled);
    count(
        registry,
        loop,
        "reordered",
        "Events that waited for those before them",
        StreamLoop.Shown::reordered);
    count(
        registry,
        loop,
        "ahead",
        "Events that were left out, since they were of a time that has not come",
        StreamLoop.Shown::ahead);
    loop.shown().gateways().forEach(gateway -> gatewayCame(registry, loop, gateway.id()));
    bars(registry, loop.bars());
    if (zeromq != null) {
      StreamMetrics.zeromq(
          metrics, zeromq::published, zeromq::lost, zeromq::overruns, zeromq::refused);
    }
  }

  /// Meters of one gateway, for as long as it is there.
  static void gatewayCame(MeterRegistry registry, StreamLoop loop, String id) {
    countOf(registry, loop, id, "messages", "Messages of a venue's sockets", StreamView::messages);
    countOf(
        registry, loop, id, "unreadable", "Messages that cannot be read", StreamView::unreadable);
    countOf(
        registry,
        loop,
        id,
        "reconnects",
        "Connections begun after one that ended, or to replace one in time",
        StreamView::reconnects);
    Gauge.builder(
            "everfeed.gateway.healthy",
            loop,
            it -> of(it, id, gateway -> gateway.state() == GatewayState.HEALTHY ? 1 : 0))
        .description("Whether a gateway is healthy")
        .tag("gateway", id)
        .register(registry);
  }

  static void gatewayLeft(MeterRegistry registry, String id) {
    for (String name : List.of("messages", "unreadable", "reconnects", "healthy")) {
      registry
          .find("everfeed.gateway." + name)
          .tag("gateway", id)
          .meters()
          .forEach(registry::remove);
    }
  }

  private static void countOf(
      MeterRegistry registry,
      StreamLoop loop,
      String id,
      String name,
      String description,
      ToLongFunction<StreamView> value) {
    FunctionCounter.builder("everfeed.gateway." + name, loop, it -> of(it, id, value))
        .description(description)
        .tag("gateway", id)
        .register(registry);
  }

  private static long of(StreamLoop loop, String id, ToLongFunction<StreamView> value) {
    for (StreamView gateway : loop.shown().gateways()) {
      if (gateway.id().equals(id)) {
        return value.applyAsLong(gateway);
      }
    }
    return 0;
  }

  static void verdicts(Metrics metrics, Verdicts verdicts) {
    for (Verdict.Action action : Verdict.Action.values()) {
      Gauge.builder("everfeed.verdict.symbols", verdicts, it -> it.count(action))
          .description("Symbols that are published, by what programs may do with them")
          .tag("verdict", action.text())
          .register(metrics.registry());
    }
    FunctionCounter.builder("everfeed.verdict.changes", verdicts, Verdicts::changes)
        .description("Events verdict_changed")
        .register(metrics.registry());
  }

  private static void bars(MeterRegistry registry, BuiltBars bars) {
    bars(registry, bars, "built", "Bars that were complete", BuiltBars.Shown::completed);
    bars(registry, bars, "revised", "Complete bars told again", BuiltBars.Shown::revised);
    bars(
        registry,
        bars,
        "not.whole",
        "Bars that may have lacked a trade when they were complete",
        BuiltBars.Shown::notWhole);
    bars(
        registry,
        bars,
        "late.trades",
        "Trades in no bar, since theirs was not kept any more",
        BuiltBars.Shown::tooLate);
    bars(
        registry,
        bars,
        "mistimed.trades",
        "Trades in no bar, since they have no time that can be",
        BuiltBars.Shown::mistimed);
  }

  private static void bars(
      MeterRegistry registry,
      BuiltBars bars,
      String name,
      String description,
      ToLongFunction<BuiltBars.Shown> value) {
    FunctionCounter.builder("everfeed.bars." + name, bars, it -> value.applyAsLong(it.shown()))
        .description(description)
        .register(registry);
  }

  private static void count(
      MeterRegistry registry,
      StreamLoop loop,
      String name,
      String description,
      ToLongFunction<StreamLoop.Shown> value) {
    FunctionCounter.builder("everfeed.engine." + name, loop, it -> value.applyAsLong(it.shown()))
        .description(description)
        .register(registry);
  }
}

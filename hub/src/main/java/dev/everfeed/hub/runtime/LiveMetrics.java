package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.GatewayState;
import dev.everfeed.hub.publish.ZeroMqPublisher;
import dev.everfeed.hub.telemetry.Metrics;
import dev.everfeed.hub.telemetry.StreamMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
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
    for (int i = 0; i < loop.shown().gateways().size(); i++) {
      int number = i;
      String id = loop.shown().gateways().get(i).id();
      FunctionCounter.builder(
              "everfeed.gateway.messages",
              loop,
              it -> it.shown().gateways().get(number).messages())
          .description("Messages of a venue's sockets")
          .tag("gateway", id)
          .register(registry);
      FunctionCounter.builder(
              "everfeed.gateway.unreadable",
              loop,
              it -> it.shown().gateways().get(number).unreadable())
          .description("Messages that cannot be read")
          .tag("gateway", id)
          .register(registry);
      FunctionCounter.builder(
              "everfeed.gateway.reconnects",
              loop,
              it -> it.shown().gateways().get(number).reconnects())
          .description("Connections begun after one that ended, or to replace one in time")
          .tag("gateway", id)
          .register(registry);
      Gauge.builder(
              "everfeed.gateway.healthy",
              loop,
              it -> it.shown().gateways().get(number).state() == GatewayState.HEALTHY ? 1 : 0)
          .description("Whether a gateway is healthy")
          .tag("gateway", id)
          .register(registry);
    }
    if (zeromq != null) {
      StreamMetrics.zeromq(metrics, zeromq::published, zeromq::lost, zeromq::overruns);
    }
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

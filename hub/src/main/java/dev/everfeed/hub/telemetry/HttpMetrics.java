package dev.everfeed.hub.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The meters of the hub's own HTTP server. Safe for every thread.
public final class HttpMetrics {
  private record Key(String route, int status) {}

  private final MeterRegistry registry;
  private final Map<Key, Timer> requests = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Counter refused;
  private final Timer loopLag;

  public HttpMetrics(Metrics metrics) {
    registry = metrics.registry();
    Gauge.builder("everfeed.http.connections", connections, AtomicInteger::get)
        .description("Open connections of readers")
        .register(registry);
    refused = Counter.builder("everfeed.http.connections.refused")
        .description("Connections closed at once because http.max_connections were open")
        .register(registry);
    loopLag = Timer.builder("everfeed.event.loop.lag")
        .description("How much later than planned a timer of the event loop ran")
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofMillis(100))
        .register(registry);
  }

  /// @param route the path of a known route, or a fixed word: never what a reader sent
  public void answered(String route, int status, long nanos) {
    requests
        .computeIfAbsent(
            new Key(route, status),
            key -> Timer.builder("everfeed.http.requests")
                .description("Answered requests")
                .tag("route", key.route())
                .tag("status", Integer.toString(key.status()))
                .serviceLevelObjectives(
                    Duration.ofMillis(1),
                    Duration.ofMillis(5),
                    Duration.ofMillis(25),
                    Duration.ofMillis(100),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(3))
                .register(registry))
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  public void connected(int open) {
    connections.set(open);
  }

  public void refused() {
    refused.increment();
  }

  public void loopLag(long nanos) {
    loopLag.record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }
}

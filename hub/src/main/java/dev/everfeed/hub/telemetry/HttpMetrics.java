package dev.everfeed.hub.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;

/// The meters of the hub's own HTTP server. Safe for every thread.
public final class HttpMetrics {
  private record Key(String route, int status) {}

  private final MeterRegistry registry;
  private final Map<Key, Timer> requests = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Counter refused;
  private final Counter limited;
  private final Map<String, Counter> refusedKeys = new ConcurrentHashMap<>();
  private final Timer loopLag;

  public HttpMetrics(Metrics metrics) {
    registry = metrics.registry();
    Gauge.builder("everfeed.http.connections", connections, AtomicInteger::get)
        .description("Open connections of readers")
        .register(registry);
    refused = refused(metrics);
    limited = Counter.builder("everfeed.http.limited")
        .description("Requests refused because their key has too much in use")
        .register(registry);
    List.of("missing", "malformed", "unknown", "expired", "revoked", "plain", "role")
        .forEach(this::refusedKeys);
    loopLag = Timer.builder("everfeed.event.loop.lag")
        .description("How much later than planned a timer of the event loop ran")
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofMillis(100))
        .register(registry);
  }

  private static Counter refused(Metrics metrics) {
    return Counter.builder("everfeed.http.connections.refused")
        .description("Connections closed at once because as many as may be were open")
        .register(metrics.registry());
  }

  /// Counts connections that are refused before a server hears of them; for any thread.
  public static Runnable refusals(Metrics metrics) {
    return refused(metrics)::increment;
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

  /// A request without a good key.
  ///
  /// @param reason a fixed word
  public void refusedKey(String reason) {
    refusedKeys(reason).increment();
  }

  private Counter refusedKeys(String reason) {
    return refusedKeys.computeIfAbsent(
        reason,
        word -> Counter.builder("everfeed.http.refused.keys")
            .description("Requests refused for the key that they showed, or did not show")
            .tag("reason", word)
            .register(registry));
  }

  public void limited() {
    limited.increment();
  }

  /// @param notAfter the end of the certificate that is shown, in seconds since 1970; not a number
  ///     without one
  public void certificateUntil(DoubleSupplier notAfter) {
    Gauge.builder("everfeed.tls.certificate.expires", notAfter, DoubleSupplier::getAsDouble)
        .description("When the certificate that is shown ends, in seconds since 1970")
        .baseUnit("seconds")
        .register(registry);
  }

  public void loopLag(long nanos) {
    loopLag.record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }
}

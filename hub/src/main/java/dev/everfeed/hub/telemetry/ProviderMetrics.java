package dev.everfeed.hub.telemetry;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The meters of the sources (requirements A7, A8 and B7). Safe for every thread, but for
/// [#called] and [#calls], which are of the loop's.
///
/// `qt_provider_success_total` and `qt_provider_failures_total` are the guard's own counts, the
/// same figures that `/health/scheduler` shows: a call that answered too slowly is a failure
/// there. `everfeed_provider_failed_calls_total{kind}` counts calls without a usable value,
/// also those that are not held against the source. A call that an open circuit prevented is in
/// `everfeed_provider_skipped_total` and in neither; an alert on the failure rate adds it.
public final class ProviderMetrics {
  /// One source's meters.
  private static final class Meters {
    final Counter skipped;
    final Counter hedged;
    final Counter retried;
    final Timer latency;
    final Map<Failure.Kind, Counter> byKind = new EnumMap<>(Failure.Kind.class);
    volatile @Nullable GuardSnapshot guard;
    volatile double lastClosedSeconds = Double.NaN;

    Meters(MeterRegistry registry, SourceId source) {
      count(
          registry,
          "qt.provider.success",
          source,
          "Calls that brought a usable value in time",
          GuardSnapshot::successCount);
      count(
          registry,
          "qt.provider.failures",
          source,
          "Calls that failed, as the breaker counts them",
          GuardSnapshot::failureCount);
      skipped = counter(
          registry,
          "everfeed.provider.skipped",
          source,
          "Calls not made because the circuit was open");
      hedged = counter(
          registry,
          "everfeed.provider.hedges",
          source,
          "Calls made because an earlier provider was slow");
      retried = counter(registry, "everfeed.provider.retries", source, "Further attempts");
      latency = Timer.builder("qt.provider.latency")
          .description("Time from the call to its answer or failure")
          .tag("provider", source.name())
          .serviceLevelObjectives(
              Duration.ofMillis(5),
              Duration.ofMillis(10),
              Duration.ofMillis(25),
              Duration.ofMillis(50),
              Duration.ofMillis(100),
              Duration.ofMillis(250),
              Duration.ofMillis(500),
              Duration.ofSeconds(1),
              Duration.ofMillis(2_500),
              Duration.ofSeconds(5),
              Duration.ofSeconds(10))
          .register(registry);
      for (Failure.Kind kind : Failure.Kind.values()) {
        byKind.put(
            kind,
            Counter.builder("everfeed.provider.failed.calls")
                .description("Calls without a usable value, by kind of failure")
                .tag("provider", source.name())
                .tag("kind", kind.text())
                .register(registry));
      }
      gauge(
          registry,
          "qt.provider.circuit.open",
          source,
          "1 while the circuit is not closed",
          g -> g.circuitOpen() ? 1 : 0);
      gauge(
          registry,
          "everfeed.provider.weight.used",
          source,
          "Weight used in the current window",
          GuardSnapshot::budgetUsed);
      gauge(
          registry,
          "everfeed.provider.weight.limit",
          source,
          "Weight allowed in a window",
          GuardSnapshot::budgetLimit);
      TimeGauge.builder(
              "everfeed.provider.circuit.last.closed.timestamp",
              this,
              TimeUnit.SECONDS,
              m -> m.lastClosedSeconds)
          .description("Unix time at which the circuit was last seen closed")
          .tag("provider", source.name())
          .strongReference(true)
          .register(registry);
    }

    private void gauge(
        MeterRegistry registry,
        String name,
        SourceId source,
        String means,
        ToDoubleFunction<GuardSnapshot> value) {
      Gauge.builder(name, this, m -> {
            GuardSnapshot latest = m.guard;
            return latest == null ? 0 : value.applyAsDouble(latest);
          })
          .description(means)
          .tag("provider", source.name())
          .strongReference(true)
          .register(registry);
    }

    private void count(
        MeterRegistry registry,
        String name,
        SourceId source,
        String means,
        ToDoubleFunction<GuardSnapshot> value) {
      FunctionCounter.builder(name, this, m -> {
            GuardSnapshot latest = m.guard;
            return latest == null ? 0 : value.applyAsDouble(latest);
          })
          .description(means)
          .tag("provider", source.name())
          .register(registry);
    }

    private static Counter counter(
        MeterRegistry registry, String name, SourceId source, String means) {
      return Counter.builder(name)
          .description(means)
          .tag("provider", source.name())
          .register(registry);
    }
  }

  private final Map<SourceId, Meters> meters = new TreeMap<>();
  private final MeterRegistry registry;

  /// Of the loop's thread.
  private final Map<Query.Kind, Map<SourceId, Counter>> calls = new EnumMap<>(Query.Kind.class);

  public ProviderMetrics(Metrics metrics, Collection<SourceId> sources) {
    this.registry = metrics.registry();
    sources.forEach(source -> meters.put(source, new Meters(metrics.registry(), source)));
  }

  /// @param latencyNanos from the call to the last byte
  public void succeeded(SourceId source, long latencyNanos) {
    of(source).latency.record(latencyNanos, TimeUnit.NANOSECONDS);
  }

  /// A call that was made and failed, whatever its kind.
  ///
  /// @param latencyNanos from the call to the failure
  public void failed(SourceId source, Failure.Kind kind, long latencyNanos) {
    Meters m = of(source);
    Counter ofKind = m.byKind.get(kind);
    if (ofKind != null) {
      ofKind.increment();
    }
    m.latency.record(latencyNanos, TimeUnit.NANOSECONDS);
  }

  /// A call that was not made because the circuit was open.
  public void skipped(SourceId source) {
    of(source).skipped.increment();
  }

  /// A call that was made because an earlier provider had not answered yet.
  public void hedged(SourceId source) {
    of(source).hedged.increment();
  }

  /// A call was made.
  ///
  /// @param fetch from how many exchanges this kind is fetched: `primary`, `all`
  public void called(SourceId source, Query.Kind kind, String fetch) {
    calls
        .computeIfAbsent(kind, _ -> new TreeMap<>())
        .computeIfAbsent(
            source,
            _ -> Counter.builder("everfeed.upstream.calls")
                .description("Calls made to a source, by kind of data and fetch mode")
                .tag("provider", source.name())
                .tag("kind", kind.text())
                .tag("fetch", fetch)
                .register(registry))
        .increment();
  }

  /// How often a source was called for a kind.
  public long calls(SourceId source, Query.Kind kind) {
    Map<SourceId, Counter> ofKind = calls.get(kind);
    Counter counter = ofKind == null ? null : ofKind.get(source);
    return counter == null ? 0 : (long) counter.count();
  }

  /// A further attempt at the same source.
  public void retried(SourceId source) {
    of(source).retried.increment();
  }

  /// The newest picture of the guards, for the gauges.
  ///
  /// @param unixSeconds wall time of a monotonic moment, in seconds since 1970
  public void observed(Collection<GuardSnapshot> guards, LongFunction<Double> unixSeconds) {
    for (GuardSnapshot guard : guards) {
      Meters m = of(guard.source());
      m.guard = guard;
      if (guard.closedAtNanos() >= 0) {
        m.lastClosedSeconds = unixSeconds.apply(guard.closedAtNanos());
      }
    }
  }

  private Meters of(SourceId source) {
    Meters m = meters.get(source);
    if (m == null) {
      throw new IllegalArgumentException(
          "no meters for source %s; known: %s".formatted(source, meters.keySet()));
    }
    return m;
  }
}

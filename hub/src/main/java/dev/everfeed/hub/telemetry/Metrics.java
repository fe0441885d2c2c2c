package dev.everfeed.hub.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/// The hub's meters and their Prometheus page. Safe for every thread; one per hub, closed with
/// it.
///
/// Names: `qt_provider_…` where requirement A7 fixes them, `everfeed_…` for all others, those
/// of the JVM included.
public final class Metrics implements AutoCloseable {
  private static final String FIXED = "qt.";
  private static final String OURS = "everfeed.";

  /// Every series of a meter is a cost at the collector; a runaway label ends here.
  private static final int MAX_VALUES_PER_LABEL = 500;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();

  public Metrics() {
    registry.config().meterFilter(new MeterFilter() {
      @Override
      public Meter.Id map(Meter.Id id) {
        boolean named = id.getName().startsWith(FIXED) || id.getName().startsWith(OURS);
        return named ? id : id.withName(OURS + id.getName());
      }
    });
    registry
        .config()
        .meterFilter(MeterFilter.maximumAllowableTags(
            OURS + "http.requests", "route", MAX_VALUES_PER_LABEL, MeterFilter.deny()));
    gc.bindTo(registry);
    List.of(
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ClassLoaderMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics(),
            new FileDescriptorMetrics())
        .forEach(binder -> binder.bindTo(registry));
  }

  public MeterRegistry registry() {
    return registry;
  }

  /// The page, in Prometheus' text format 0.0.4. It takes milliseconds: not for an event loop.
  public String page() {
    return registry.scrape();
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}

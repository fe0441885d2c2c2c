package dev.everfeed.hub.telemetry;

import dev.everfeed.core.request.RunReport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The meters of the refresh schedule and of what it keeps. Safe for every thread.
///
/// Identity: `everfeed_scheduler_asked_total` is `…_refreshed_total` plus the questions that no
/// provider answered.
public final class RunMetrics {
  private final Timer runs;
  private final Counter asked;
  private final Counter refreshed;
  private final Counter errors;
  private final Counter overlaps;
  private final AtomicInteger remembered = new AtomicInteger();

  public RunMetrics(Metrics metrics) {
    MeterRegistry registry = metrics.registry();
    runs = Timer.builder("everfeed.scheduler.runs")
        .description("Finished runs of the refresh schedule")
        .register(registry);
    asked = Counter.builder("everfeed.scheduler.asked")
        .description("Questions of all runs")
        .register(registry);
    refreshed = Counter.builder("everfeed.scheduler.refreshed")
        .description("Questions of all runs that a provider answered")
        .register(registry);
    errors = Counter.builder("everfeed.scheduler.errors")
        .description("Failures of providers in all runs")
        .register(registry);
    overlaps = Counter.builder("everfeed.scheduler.overlaps.prevented")
        .description("Runs not started because the one before was still under way")
        .register(registry);
    Gauge.builder("everfeed.cache.values", remembered, AtomicInteger::get)
        .description("Values held in memory: prices, series of bars, sentiments")
        .register(registry);
  }

  public void finished(RunReport run) {
    runs.record(run.endedAtNanos() - run.startedAtNanos(), TimeUnit.NANOSECONDS);
    asked.increment(run.asked());
    refreshed.increment(run.refreshed());
    errors.increment(run.errors().size() + (double) run.errorsDropped());
  }

  public void overlapPrevented() {
    overlaps.increment();
  }

  public void remembered(int values) {
    remembered.set(values);
  }
}

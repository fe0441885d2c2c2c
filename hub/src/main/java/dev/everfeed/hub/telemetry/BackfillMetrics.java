package dev.everfeed.hub.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/// The meters of backfills and repairs. Safe for every thread.
public final class BackfillMetrics {
  private static final String EXCHANGE = "exchange";

  private final MeterRegistry registry;
  private final AtomicInteger running = new AtomicInteger();
  private final Counter holes;
  private final Counter repaired;

  public BackfillMetrics(Metrics metrics) {
    registry = metrics.registry();
    Gauge.builder("everfeed.backfill.running", running, AtomicInteger::get)
        .description("Backfills under way")
        .register(registry);
    for (String outcome : new String[] {"done", "cancelled", "failed"}) {
      jobs(outcome);
    }
    holes = Counter.builder("everfeed.backfill.holes")
        .description("Holes found between what is covered of a series")
        .register(registry);
    repaired = Counter.builder("everfeed.backfill.holes.repaired")
        .description("Of these, covered by a repair")
        .register(registry);
  }

  public void begun() {
    running.incrementAndGet();
  }

  /// @param outcome `done`, `cancelled` or `failed`
  public void ended(String outcome) {
    running.decrementAndGet();
    jobs(outcome).increment();
  }

  private Counter jobs(String outcome) {
    return Counter.builder("everfeed.backfill.jobs")
        .description("Backfills that have ended")
        .tag("outcome", outcome)
        .register(registry);
  }

  public void called(String exchange, boolean answered) {
    Counter.builder("everfeed.backfill.calls")
        .description("Questions of backfills that were put to an exchange")
        .tag(EXCHANGE, exchange)
        .tag("outcome", answered ? "answered" : "failed")
        .register(registry)
        .increment();
  }

  public void covered(String exchange, long intervals, long bars) {
    Counter.builder("everfeed.backfill.intervals")
        .description("Intervals of which all bars are on disk now")
        .tag(EXCHANGE, exchange)
        .register(registry)
        .increment(intervals);
    Counter.builder("everfeed.backfill.bars")
        .description("Bars that backfills have brought")
        .tag(EXCHANGE, exchange)
        .register(registry)
        .increment(bars);
  }

  public void repaired(int found, int covered) {
    holes.increment(found);
    repaired.increment(covered);
  }
}

package dev.everfeed.hub.telemetry;

import dev.everfeed.hub.journal.JournalListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// The meters of the journal and the database. Safe for every thread.
///
/// Identity: what was offered is `everfeed_journal_accepted_total` plus
/// `everfeed_journal_refused_total`, but for what is in the buffer.
public final class StoreMetrics implements JournalListener {
  private final MeterRegistry registry;
  private final Counter accepted;
  private final Counter refused;
  private final Timer sync;
  private volatile double waitingBytes;
  private volatile double oldestAgeSeconds;
  private volatile double up;
  private volatile double onDuty = 1;

  public StoreMetrics(Metrics metrics) {
    registry = metrics.registry();
    accepted = Counter.builder("everfeed.journal.accepted")
        .description("Entries written to the journal and synced")
        .register(registry);
    refused = Counter.builder("everfeed.journal.refused")
        .description("Entries not written down, because the journal was full or the disk failed")
        .register(registry);
    sync = Timer.builder("everfeed.journal.sync")
        .description("How long each sync of the journal took")
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(1))
        .register(registry);
    Gauge.builder("everfeed.journal.waiting.bytes", this, m -> m.waitingBytes)
        .description("Accepted, not yet in the database")
        .register(registry);
    Gauge.builder("everfeed.journal.oldest.age.seconds", this, m -> m.oldestAgeSeconds)
        .description("Of the oldest entry that is not yet in the database, 0 when none waits")
        .register(registry);
    Gauge.builder("everfeed.store.up", this, m -> m.up)
        .description("1 while the database can be used, else 0")
        .register(registry);
    Gauge.builder("everfeed.store.on.duty", this, m -> m.onDuty)
        .description("1 while this hub runs the schedule, else 0")
        .register(registry);
  }

  /// Where the journal lies, and how far it may fill that.
  ///
  /// @param minFreeBytes nothing is written down when less of the disk is free
  /// @param limitBytes   entries are refused when more than that waits
  public void disk(Path folder, long minFreeBytes, long limitBytes) {
    Gauge.builder("everfeed.disk.free.bytes", folder, StoreMetrics::freeBytes)
        .description("Free on the disk of the data folder; NaN when it cannot be asked")
        .strongReference(true)
        .register(registry);
    Gauge.builder("everfeed.journal.min.free.bytes", () -> minFreeBytes)
        .description("Nothing is written down when less of the disk is free")
        .register(registry);
    Gauge.builder("everfeed.journal.limit.bytes", () -> limitBytes)
        .description("What may wait in the journal before entries are refused")
        .register(registry);
  }

  private static double freeBytes(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return Double.NaN; // an alert on a missing figure says more than one on a wrong one
    }
  }

  /// Whether orders of operators are written down.
  public static void audit(Metrics metrics, BooleanSupplier isFailing) {
    Gauge.builder("everfeed.audit.failing", isFailing, it -> it.getAsBoolean() ? 1 : 0)
        .description("1 when orders of operators were not written down, or cannot be read again")
        .strongReference(true)
        .register(metrics.registry());
  }

  @Override
  public void synced(int entries, long bytes, long syncNanos) {
    accepted.increment(entries);
    sync.record(syncNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void refused(int entries, String reason) {
    refused.increment(entries);
  }

  /// A stretch of the journal is in the database.
  ///
  /// @param rows inserted or changed, by table
  public void written(Map<String, Integer> rows, long tookNanos) {
    rows.forEach((table, count) -> Counter.builder("everfeed.store.rows")
        .description("Rows inserted or changed")
        .tag("table", table)
        .register(registry)
        .increment(count));
    Timer.builder("everfeed.store.write")
        .description("How long each transaction took")
        .register(registry)
        .record(tookNanos, TimeUnit.NANOSECONDS);
  }

  /// @param oldestAgeMillis -1 when nothing waits
  public void observed(boolean isUp, boolean isOnDuty, long waiting, long oldestAgeMillis) {
    up = isUp ? 1 : 0;
    onDuty = isOnDuty ? 1 : 0;
    waitingBytes = waiting;
    oldestAgeSeconds = Math.max(0, oldestAgeMillis) / 1e3;
  }
}

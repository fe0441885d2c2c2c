package dev.everfeed.hub.runtime;

import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalListener;
import dev.everfeed.hub.telemetry.StoreMetrics;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts what the journal does, and logs when it begins to refuse entries and when it has
/// accepted again, with how many were refused between. On the threads that [JournalListener]
/// names.
final class JournalNews implements JournalListener {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.store");

  private final StoreMetrics metrics;
  private final AtomicLong refused = new AtomicLong();

  JournalNews(StoreMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void synced(int entries, long bytes, long syncNanos) {
    metrics.synced(entries, bytes, syncNanos);
  }

  @Override
  public void refused(int entries, String reason) {
    refused.addAndGet(entries);
    metrics.refused(entries, reason);
  }

  @Override
  public void changed(Journal.Condition to, String reason) {
    switch (to) {
      case ACCEPTING ->
        LOG.info("journal: accepts again; {} entries were refused", refused.getAndSet(0));
      case FULL, FAILED ->
        LOG.warn(
            "journal: refuses entries: {}; what comes is served and not kept, and it is tried again"
                + " once a second",
            reason);
      case CLOSED -> {}
    }
  }
}

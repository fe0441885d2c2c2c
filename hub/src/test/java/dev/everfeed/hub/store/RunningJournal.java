package dev.everfeed.hub.store;

import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalListener;
import dev.everfeed.hub.journal.SegmentLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A real journal on disk with small segments, run by a thread of its own until it is closed.
final class RunningJournal implements AutoCloseable {
  static final int SEGMENT_BYTES = 4 << 10;

  final Journal journal;
  private final Thread thread;

  RunningJournal(Path folder) throws IOException {
    SegmentLog.Limits limits =
        new SegmentLog.Limits(SEGMENT_BYTES, 64 << 20, Duration.ofDays(1), 2 << 10, 0);
    journal = Journal.open(
        folder,
        new Journal.Settings(limits, 8 << 20, Duration.ofSeconds(20)),
        System::nanoTime,
        InstantSource.system(),
        JournalListener.NONE);
    thread = Thread.ofPlatform().name("journal").daemon().start(journal);
  }

  /// @return the position after the last of them, all of which are accepted
  long accept(List<Entry> entries) throws Exception {
    return journal.submit(entries).get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    journal.close();
    journal.reader().close();
    try {
      thread.join(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.everfeed.hub.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A program that fills a small disk with a journal, makes room, goes on, and reads everything:
/// run by `FullDiskTest` on a real file system of 1 MiB.
final class FullDisk {
  /// Hides how full it is, as if others filled it between the question and the write.
  private static final class SaysNothing extends FileDisk {
    @Override
    public long usableBytes(Path directory) {
      return Long.MAX_VALUE;
    }
  }

  private FullDisk() {}

  /// @param args a directory on the small disk
  public static void main(String[] args) throws IOException {
    Path ballast = Path.of(args[0], "ballast");
    Files.write(ballast, new byte[300 << 10]);
    Path directory = Path.of(args[0], "journal");
    List<Integer> accepted = new ArrayList<>();
    long[] nanos = {0};
    Journal journal = open(directory, nanos);
    int next = 0;
    while (journal.state().condition() == Journal.Condition.ACCEPTING) {
      next = offer(journal, next, accepted);
    }
    String reason = journal.state().reason();
    Files.delete(ballast);
    nanos[0] += 2_000_000_000L;
    for (int i = 0; i < 5; i++) {
      next = offer(journal, next, accepted);
    }
    Journal.Condition healed = journal.state().condition();
    journal.close();

    List<Integer> read = new ArrayList<>();
    JournalReader reader = open(directory, nanos).reader();
    for (JournalReader.Batch b = reader.next(100, 1 << 20); !b.isEmpty(); ) {
      b.entries().forEach(each -> read.add(Entries.numberOf(each.entry())));
      b = reader.next(100, 1 << 20);
    }
    System.out.printf(
        "healed=%s accepted=%d offered=%d equal=%s reason=%s%n",
        healed, accepted.size(), next, read.equals(accepted), reason);
  }

  private static int offer(Journal journal, int from, List<Integer> accepted) {
    CompletableFuture<Long> outcome = journal.submit(JournalTest.numbers(from, from + 500));
    journal.commitWhatIsOffered();
    if (!outcome.isCompletedExceptionally()) {
      for (int i = from; i < from + 500; i++) {
        accepted.add(i);
      }
    }
    return from + 500;
  }

  private static Journal open(Path directory, long[] nanos) throws IOException {
    return Journal.open(
        new SaysNothing(),
        directory,
        new Journal.Settings(
            new SegmentLog.Limits(100 << 10, 10 << 20, Duration.ZERO, 1_000, 0),
            256 << 10,
            Duration.ofSeconds(5)),
        () -> nanos[0],
        () -> Instant.EPOCH,
        JournalListener.NONE);
  }
}

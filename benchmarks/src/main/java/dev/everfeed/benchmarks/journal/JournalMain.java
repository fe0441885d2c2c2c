package dev.everfeed.benchmarks.journal;

import com.sun.management.ThreadMXBean;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalListener;
import dev.everfeed.hub.journal.JournalReader;
import dev.everfeed.hub.journal.SegmentLog;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// How many trades a second the journal accepts, and writes the measured part of
/// `results/journal.md`. Everything is on the disk that holds the project.
public final class JournalMain {
  private static final Path DIRECTORY = Path.of("benchmarks/target/journal");
  private static final Duration WARM_UP = Duration.ofSeconds(8);
  private static final Duration MEASURED = Duration.ofSeconds(20);
  private static final int BATCH = 100;
  private static final int TRADES = 100_000;
  private static final long HIGHEST_NANOS = 60_000_000_000L;

  /// A run: `perSecond` 0 is as fast as it goes.
  private record Load(String name, int producers, int batch, int perSecond) {}

  private record Seen(
      double perSecond,
      double mebibytesPerSecond,
      Histogram sync,
      Histogram accepted,
      Histogram perGroup,
      long refused,
      double bytesAllocatedPerEvent) {}

  private final List<Entry> trades = trades();

  private JournalMain() {}

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 2) {
      System.err.println("usage: JournalMain RESULT-FILE COMMIT; `benchmarks/run journal` does it");
      System.exit(2);
    }
    String loadBefore = ResultFile.load();
    JournalMain main = new JournalMain();
    StringBuilder text = new StringBuilder("A bare fdatasync after 4 KiB: ")
        .append(bareSync())
        .append(
            "\n\n| load | accepted, events/s | MiB/s | events a group, p50 | fsync, ms: p50 / p99"
                + " | offered to accepted, ms: p50 / p99 | refused offers | bytes allocated an event |\n"
                + "|---|---|---|---|---|---|---|---|\n");
    main.run(new Load("warm-up", 2, BATCH, 0), WARM_UP);
    for (Load load : List.of(
        new Load("1 producer, 100 a call, as fast as it goes", 1, BATCH, 0),
        new Load("2 producers, 100 a call, as fast as it goes", 2, BATCH, 0),
        new Load("2 producers, 1 a call, as fast as it goes", 2, 1, 0),
        new Load("1 producer, 10 a call, 20,000 events/s", 1, 10, 20_000))) {
      text.append(row(load, main.run(load, MEASURED)));
    }
    text.append("\n").append(main.readAll());
    clear();
    ResultFile.write(
        Path.of(args[0]),
        ResultFile.conditions(args[1], loadBefore, "benchmarks/run journal") + text);
  }

  private Seen run(Load load, Duration during) throws IOException, InterruptedException {
    clear();
    Histogram sync = new ConcurrentHistogram(HIGHEST_NANOS, 3);
    Histogram accepted = new ConcurrentHistogram(HIGHEST_NANOS, 3);
    Histogram groups = new ConcurrentHistogram(100_000_000, 3);
    LongAdder bytes = new LongAdder();
    Journal journal = open(new JournalListener() {
      @Override
      public void synced(int entries, long written, long syncNanos) {
        sync.recordValue(Math.min(syncNanos, HIGHEST_NANOS));
        groups.recordValue(entries);
        bytes.add(written);
      }
    });
    Thread committing = Thread.ofPlatform().name("journal").start(journal);
    LongAdder refused = new LongAdder();
    long allocatedBefore = allocated();
    long began = System.nanoTime();
    List<Thread> producers = new ArrayList<>();
    for (int p = 0; p < load.producers(); p++) {
      producers.add(Thread.ofPlatform()
          .name("producer-" + p)
          .start(() -> produce(journal, load, began + during.toNanos(), accepted, refused)));
    }
    for (Thread producer : producers) {
      producer.join();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    long events = journal.state().accepted();
    long allocatedBytes = allocated() - allocatedBefore;
    journal.close();
    committing.join();
    return new Seen(
        events / seconds,
        bytes.sum() / seconds / (1 << 20),
        sync,
        accepted,
        groups,
        refused.sum(),
        (double) allocatedBytes / events);
  }

  /// Offers until the time is over; every 16th call asks when it is accepted. A refused call is
  /// made again a moment later.
  private void produce(
      Journal journal, Load load, long until, Histogram accepted, LongAdder refused) {
    long between = load.perSecond() == 0 ? 0 : 1_000_000_000L * load.batch() / load.perSecond();
    long due = System.nanoTime();
    int at = 0;
    for (long call = 0; System.nanoTime() < until; call++) {
      List<Entry> entries = trades.subList(at, at + load.batch());
      at = (at + load.batch()) % (TRADES - load.batch());
      if (call % 16 == 0) {
        long offered = System.nanoTime();
        CompletableFuture<Long> outcome = journal.submit(entries);
        if (outcome.isCompletedExceptionally()) {
          refused.increment();
          LockSupport.parkNanos(200_000);
        } else {
          outcome.thenAccept(
              _ -> accepted.recordValue(Math.min(System.nanoTime() - offered, HIGHEST_NANOS)));
        }
      } else if (!journal.offer(entries)) {
        refused.increment();
        LockSupport.parkNanos(200_000);
      }
      due += between;
      while (between > 0 && System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
    }
  }

  /// How fast what the last run left is read and decoded, the third time.
  private String readAll() throws IOException {
    try (Journal journal = open(JournalListener.NONE);
        JournalReader reader = journal.reader()) {
      readOnce(reader);
      readOnce(reader);
      return readOnce(reader);
    }
  }

  private static String readOnce(JournalReader reader) throws IOException {
    reader.seek(0);
    long began = System.nanoTime();
    long events = 0;
    long losses = 0;
    for (JournalReader.Batch batch = reader.next(10_000, 4 << 20);
        !batch.isEmpty();
        batch = reader.next(10_000, 4 << 20)) {
      events += batch.entries().size();
      losses += batch.losses().size();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    return String.format(
        Locale.ROOT,
        "Read and decoded in batches of 10,000: %,.0f events/s (%,d events, %d losses).%n",
        events / seconds,
        events,
        losses);
  }

  private static Journal open(JournalListener listener) throws IOException {
    SegmentLog.Limits limits = new SegmentLog.Limits(8L << 30, Duration.ZERO, 1L << 30);
    return Journal.open(
        DIRECTORY, new Journal.Settings(limits), System::nanoTime, Instant::now, listener);
  }

  private static String bareSync() throws IOException {
    Files.createDirectories(DIRECTORY);
    Path file = DIRECTORY.resolve("bare");
    Histogram sync = new Histogram(HIGHEST_NANOS, 3);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      java.nio.ByteBuffer page = java.nio.ByteBuffer.allocateDirect(4_096);
      for (int i = 0; i < 1_000; i++) {
        channel.write(page.rewind());
        long began = System.nanoTime();
        channel.force(false);
        sync.recordValue(System.nanoTime() - began);
      }
    }
    return String.format(Locale.ROOT, "p50 %s ms, p99 %s ms.", millis(sync, 50), millis(sync, 99));
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
  }

  private static String row(Load load, Seen seen) {
    return String.format(
        Locale.ROOT,
        "| %s | %,.0f | %.1f | %,d | %s / %s | %s / %s | %,d | %.0f |%n",
        load.name(),
        seen.perSecond(),
        seen.mebibytesPerSecond(),
        seen.perGroup().getValueAtPercentile(50),
        millis(seen.sync(), 50),
        millis(seen.sync(), 99),
        millis(seen.accepted(), 50),
        millis(seen.accepted(), 99),
        seen.refused(),
        seen.bytesAllocatedPerEvent());
  }

  private static String millis(Histogram histogram, double percentile) {
    return String.format(
        Locale.ROOT, "%.2f", histogram.getValueAtPercentile(percentile) / 1_000_000.0);
  }

  private static void clear() throws IOException {
    if (!Files.exists(DIRECTORY)) {
      return;
    }
    try (Stream<Path> files = Files.walk(DIRECTORY)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<Entry> trades() {
    List<Entry> trades = new ArrayList<>(TRADES);
    SourceId binance = new SourceId("binance");
    Symbol symbol = Symbol.of("BTC/USDT");
    for (int i = 0; i < TRADES; i++) {
      Instant time = Instant.ofEpochSecond(1_790_000_000L + i / 1_000, i % 1_000 * 1_000_000L);
      trades.add(new Entry.Received(
          new Event.Trade(
              symbol,
              "binance",
              binance,
              Decimal.of(6_500_000_000_000L + i, 8),
              Decimal.of(100_000 + i % 1_000, 8),
              i % 2 == 0 ? Side.BUY : Side.SELL,
              Long.toString(3_000_000_000L + i),
              time),
          time));
    }
    return trades;
  }
}

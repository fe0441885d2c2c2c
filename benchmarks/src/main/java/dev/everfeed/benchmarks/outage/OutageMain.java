package dev.everfeed.benchmarks.outage;

import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalListener;
import dev.everfeed.hub.journal.SegmentLog;
import dev.everfeed.hub.store.ConnectionPool;
import dev.everfeed.hub.store.Drain;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.hub.store.StoreWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// The database is away for ten minutes' worth of entries, which are offered in one; then it
/// comes back, and the journal is drained while as much goes on coming in as usual. Journal,
/// drainer and server are the hub's own. Writes the measured part of `results/outage.md`.
public final class OutageMain {
  private static final Path DIRECTORY = Path.of("benchmarks/target/outage");
  private static final int PER_SECOND = 2_000;
  private static final int GROUP = 20;
  private static final int AWAY_MINUTES = 10;
  private static final int HASTE = 10;
  private static final Duration BEFORE = Duration.ofSeconds(20);
  private static final Symbol SYMBOL = Symbol.of("BTC/USDT");
  private static final SourceId SOURCE = new SourceId("binance");
  private static final long HIGHEST_NANOS = 60_000_000_000L;

  private final Journal journal;
  private final EmbeddedServer server =
      new EmbeddedServer(DIRECTORY.resolve("postgres"), System::nanoTime);
  private final AtomicLong number = new AtomicLong();
  private final long first = Instant.now().minus(Duration.ofHours(12)).toEpochMilli();

  private OutageMain() throws IOException {
    journal = Journal.open(
        DIRECTORY.resolve("journal"),
        new Journal.Settings(
            new SegmentLog.Limits(16L << 20, 2L << 30, Duration.ofHours(1), 1 << 20, 0)),
        System::nanoTime,
        Instant::now,
        JournalListener.NONE);
  }

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("usage: OutageMain RESULT-FILE COMMIT; `benchmarks/run outage` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    clear();
    Files.createDirectories(DIRECTORY);
    OutageMain main = new OutageMain();
    Thread.ofPlatform().name("journal").daemon().start(main.journal);
    String text;
    try {
      text = main.measure();
    } finally {
      main.journal.close();
      main.server.close();
    }
    clear();
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run outage") + text);
  }

  private record Served(Histogram accepted, Histogram asked) {
    Served() {
      this(new ConcurrentHistogram(HIGHEST_NANOS, 3), new ConcurrentHistogram(HIGHEST_NANOS, 3));
    }

    String row(String name) {
      return String.format(
          Locale.ROOT,
          "| %s | %s / %s | %s / %s |%n",
          name,
          millis(accepted, 50),
          millis(accepted, 99),
          asked.getTotalCount() == 0 ? "-" : millis(asked, 50),
          asked.getTotalCount() == 0 ? "-" : millis(asked, 99));
    }
  }

  private String measure() throws Exception {
    Served before = new Served();
    Served away = new Served();
    Served back = new Served();
    StringBuilder heaps = new StringBuilder();
    long waited;
    long drainedIn;
    try (ConnectionPool pool = up()) {
      drain(pool.dataSource(), before, BEFORE.toNanos());
    }
    server.stop();
    heaps.append(heap());
    for (int minute = 0; minute < AWAY_MINUTES; minute++) {
      offer(away, 60 * PER_SECOND, PER_SECOND * HASTE);
      heaps.append(", ").append(heap());
    }
    waited = journal.reader().depth().bytes();
    long entries = (long) AWAY_MINUTES * 60 * PER_SECOND;
    String order;
    try (ConnectionPool pool = up()) {
      drainedIn = drain(pool.dataSource(), back, Long.MAX_VALUE);
      order = order(pool.dataSource());
    }
    return String.format(
        Locale.ROOT,
        "| | offered to accepted, ms: p50 / p99 | 500 bars from history, ms: p50 / p99 |%n"
            + "|---|---|---|%n%s%s%s%n"
            + "Away: %,d entries, %,d MiB of journal. Heap after a full collection before, and"
            + " after each minute's worth, MiB: %s.%n%nBack: drained in %.1f s with"
            + " %,d entries a second coming in, %,.0f entries a second in all. %s%n",
        before.row("the database is there, %,d entries/s".formatted(PER_SECOND)),
        away.row("it is away, %,d entries/s".formatted(PER_SECOND * HASTE)),
        back.row("it is back and catches up, %,d entries/s".formatted(PER_SECOND)),
        entries,
        waited >> 20,
        heaps,
        drainedIn / 1e9,
        PER_SECOND,
        entries / (drainedIn / 1e9) + PER_SECOND,
        order);
  }

  private ConnectionPool up() throws Exception {
    ConnectionPool pool = new ConnectionPool(server.start(EmbeddedServer.START_WITHIN));
    Migrations.run(pool.dataSource());
    return pool;
  }

  /// Drains as the hub does, for a time or until nothing waits, while entries come in and
  /// history is asked.
  private long drain(DataSource database, Served served, long mostNanos) throws Exception {
    Drain drain = new Drain(
        journal, new StoreWriter(database, System::nanoTime, Duration.ofDays(30)), Instant::now);
    drain.begin();
    Thread live = Thread.ofPlatform().start(() -> live(served));
    Thread reader = Thread.ofPlatform().start(() -> read(database, served));
    long began = System.nanoTime();
    long caughtUp = 0;
    while (System.nanoTime() - began < mostNanos) {
      Drain.Step step = drain.step();
      boolean little = journal.reader().depth().bytes() < 1 << 20;
      if (mostNanos == Long.MAX_VALUE && little) {
        caughtUp = System.nanoTime() - began;
        break;
      }
      LockSupport.parkNanos(step.idle() ? 100_000_000L : step.restNanos());
    }
    live.interrupt();
    reader.interrupt();
    live.join();
    reader.join();
    for (int idle = 0; idle < 3; ) {
      idle = drain.step().idle() ? idle + 1 : 0;
      LockSupport.parkNanos(20_000_000L);
    }
    return caughtUp;
  }

  private void live(Served served) {
    while (!Thread.currentThread().isInterrupted()) {
      offer(served, PER_SECOND / 10, PER_SECOND);
    }
  }

  /// Blocks for as long as so many entries take at that rate.
  private void offer(Served served, int count, int perSecond) {
    long due = System.nanoTime();
    for (int offered = 0; offered < count; offered += GROUP) {
      long at = System.nanoTime();
      journal
          .submit(group())
          .thenAccept(_ -> served.accepted().recordValue(System.nanoTime() - at))
          .exceptionally(refused -> {
            throw new IllegalStateException("refused", refused);
          });
      due += 1_000_000_000L * GROUP / perSecond;
      while (System.nanoTime() < due && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
    }
  }

  private List<Entry> group() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < GROUP; i++) {
      long n = number.incrementAndGet();
      Instant time = Instant.ofEpochMilli(first + n);
      entries.add(
          i == 0
              ? new Entry.Happened("numbered", null, "{\"number\":" + n + "}", time)
              : new Entry.Received(event(n, i, time), time));
    }
    return entries;
  }

  private static Event event(long n, int i, Instant time) {
    Decimal price = Decimal.of(6_000_000 + n % 1_000, 2);
    return i % 2 == 0
        ? new Event.Trade(
            SYMBOL, "binance", SOURCE, price, Decimal.of(n % 977, 5), Side.SELL, "" + n, time)
        : new Event.Bar(
            SYMBOL,
            "binance",
            SOURCE,
            Interval.M1,
            Interval.M1.openOf(time.minusSeconds(60 * (n % 1_000))),
            price,
            price,
            price,
            price,
            Decimal.of(n),
            false);
  }

  private static void read(DataSource database, Served served) {
    History history = new History(database, Duration.ofSeconds(10));
    while (!Thread.currentThread().isInterrupted()) {
      long at = System.nanoTime();
      try {
        history.bars(List.of("binance"), SYMBOL, Interval.M1, null, null, 500);
      } catch (java.sql.SQLException e) {
        if (Thread.currentThread().isInterrupted()) {
          return; // the interrupt has closed its connection
        }
        throw new IllegalStateException(e);
      }
      served.asked().recordValue(System.nanoTime() - at);
      LockSupport.parkNanos(100_000_000L);
    }
  }

  private String order(DataSource database) throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("""
            SELECT count(*), count(DISTINCT n), count(*) FILTER (WHERE n <= before), max(n)
            FROM (SELECT (detail->>'number')::bigint n,
                    lag((detail->>'number')::bigint) OVER (ORDER BY position) before
                  FROM event WHERE type = 'numbered') numbered""")) {
      row.next();
      long expected = number.get() / GROUP;
      return String.format(
          Locale.ROOT,
          "Of %,d numbered events %,d are stored, %,d of them different, %,d out of order.",
          expected,
          row.getLong(1),
          row.getLong(2),
          row.getLong(3));
    }
  }

  private static String heap() {
    System.gc();
    long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return String.format(Locale.ROOT, "%.1f", used / (double) (1 << 20));
  }

  private static String millis(Histogram histogram, double percentile) {
    return String.format(Locale.ROOT, "%.2f", histogram.getValueAtPercentile(percentile) / 1e6);
  }

  private static void clear() throws IOException {
    if (Files.exists(DIRECTORY)) {
      try (Stream<Path> files = Files.walk(DIRECTORY)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}

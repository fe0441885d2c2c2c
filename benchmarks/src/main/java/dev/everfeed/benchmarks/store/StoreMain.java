package dev.everfeed.benchmarks.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.hub.store.StoreWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;

/// How fast the store writes bars and deals, beside SQL written by hand for the same tables in
/// the same run (GOALS G11: at least 0.8 of it), and how long 5,000 bars of one symbol take to
/// read (at most 15 ms). On the embedded server, with its `fsync`. The two ways take turns,
/// each round with rows of its own. Writes the measured part of `results/store.md`.
public final class StoreMain {
  private static final int ROUNDS = 9;
  private static final int WARM_UP = 2;
  private static final int BATCH = 5_000;
  private static final int BATCHES = 8;
  private static final int READS = 300;

  private final StoreWriter writer;
  private final BareSql bare;
  private final UUID journal = new UUID(1, 2);
  private long position;

  private StoreMain(HikariDataSource database) throws Exception {
    writer = new StoreWriter(database, System::nanoTime, Duration.ofDays(10_000));
    bare = new BareSql(database);
    position = writer.begin(journal, 0);
  }

  /// Writes one batch.
  private interface Way {
    void write(Rows rows) throws Exception;
  }

  /// Rows each second of one round.
  private record Speeds(double[] store, double[] bare) {
    Speeds() {
      this(new double[ROUNDS], new double[ROUNDS]);
    }

    String row(String name) {
      double ours = median(store);
      double theirs = median(bare);
      return String.format(
          Locale.ROOT,
          "| %s | %,.0f (%,.0f-%,.0f) | %,.0f (%,.0f-%,.0f) | %.2f |%n",
          name,
          ours,
          Arrays.stream(store).min().orElse(0),
          Arrays.stream(store).max().orElse(0),
          theirs,
          Arrays.stream(bare).min().orElse(0),
          Arrays.stream(bare).max().orElse(0),
          ours / theirs);
    }
  }

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("usage: StoreMain RESULT-FILE COMMIT; `benchmarks/run store` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    Path folder = Files.createTempDirectory("everfeed-benchmark-");
    String measured;
    try (EmbeddedServer server = new EmbeddedServer(folder.resolve("postgres"), System::nanoTime)) {
      DatabaseAddress address = server.start(EmbeddedServer.START_WITHIN);
      HikariConfig config = new HikariConfig();
      config.setDataSource(address.dataSource());
      config.setMaximumPoolSize(2);
      try (HikariDataSource database = new HikariDataSource(config)) {
        Migrations.run(database);
        measured = new StoreMain(database).measure(database);
      }
    } finally {
      delete(folder);
    }
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run store") + measured);
  }

  private String measure(HikariDataSource database) throws Exception {
    Speeds fresh = new Speeds();
    Speeds changed = new Speeds();
    Speeds same = new Speeds();
    Speeds deals = new Speeds();
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      boolean storeFirst = round % 2 == 0;
      for (int turn = 0; turn < 2; turn++) {
        boolean isStore = storeFirst == (turn == 0);
        String symbol = (isStore ? "S" : "B") + (round + WARM_UP) + "/USDT";
        Way bars = isStore ? this::store : bare::bars;
        Way trades = isStore ? this::store : bare::trades;
        List<Rows> first = new ArrayList<>();
        List<Rows> second = new ArrayList<>();
        List<Rows> ticks = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
          first.add(Rows.bars(symbol, i * BATCH, BATCH, 1));
          second.add(Rows.bars(symbol, i * BATCH, BATCH, 2));
          ticks.add(Rows.trades(symbol, i * BATCH, BATCH));
        }
        checkpoint(database);
        take(isStore, fresh, round, rowsPerSecond(bars, first));
        checkpoint(database);
        take(isStore, changed, round, rowsPerSecond(bars, second));
        checkpoint(database);
        take(isStore, same, round, rowsPerSecond(bars, second));
        checkpoint(database);
        take(isStore, deals, round, rowsPerSecond(trades, ticks));
      }
    }
    return """
        %,d rows a round in batches of %,d, each batch a transaction; median (least-most) of %d rounds.

        | rows each second | store | bare SQL | ratio |
        |---|---|---|---|
        %s%s%s%s
        %s""".formatted(
            BATCH * BATCHES,
            BATCH,
            ROUNDS,
            fresh.row("new bars"),
            changed.row("bars that all changed (each a revision)"),
            same.row("the same bars again"),
            deals.row("deals"),
            read(database));
  }

  private void store(Rows rows) throws Exception {
    long to = position + rows.entries().size();
    writer.write(journal, rows.entries(), position, to);
    position = to;
  }

  private static void take(boolean isStore, Speeds speeds, int round, double speed) {
    if (round >= 0) {
      (isStore ? speeds.store : speeds.bare)[round] = speed;
    }
  }

  private static double rowsPerSecond(Way way, List<Rows> batches) throws Exception {
    long began = System.nanoTime();
    for (Rows batch : batches) {
      way.write(batch);
    }
    return BATCH * BATCHES * 1e9 / (System.nanoTime() - began);
  }

  /// So that no round pays for the pages of another.
  private static void checkpoint(HikariDataSource database) throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT");
    }
  }

  private static String read(HikariDataSource database) throws Exception {
    History history = new History(database, Duration.ofSeconds(10));
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM (ANALYZE)");
    }
    double[] millis = new double[READS];
    for (int i = -READS; i < READS; i++) {
      Symbol symbol = Symbol.of("S" + Math.floorMod(i, ROUNDS + WARM_UP) + "/USDT");
      long began = System.nanoTime();
      int bars = history
          .bars(List.of("binance"), symbol, Interval.M1, null, null, 5_000)
          .size();
      if (bars != 5_000) {
        throw new IllegalStateException("read " + bars + " bars of 5,000");
      }
      if (i >= 0) {
        millis[i] = (System.nanoTime() - began) / 1e6;
      }
    }
    Arrays.sort(millis);
    return String.format(
        Locale.ROOT,
        "5,000 bars of one symbol read, of %d times: p50 %.1f ms, p99 %.1f ms, most %.1f ms.%n",
        READS,
        millis[READS / 2],
        millis[READS * 99 / 100],
        millis[READS - 1]);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

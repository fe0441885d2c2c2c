package dev.everfeed.benchmarks.merged;

import dev.everfeed.benchmarks.load.DataFolder;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalListener;
import dev.everfeed.hub.journal.SegmentLog;
import dev.everfeed.hub.store.ConnectionPool;
import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.Drain;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.hub.store.StoreWriter;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// A store with the minutes of one symbol at five exchanges, written the way the hub writes:
/// into its journal, and drained from there.
///
/// @param first   open of the first bar
/// @param bars    of each exchange, up to a day ago
/// @param unknown so many of the first bars nobody has asked the first exchange for in full: who
///     asks for any of them is answered by the second
record Filled(Instant first, int bars, int unknown) {
  static final Symbol SYMBOL = Symbol.of("BTC/USDT");

  private static final int GROUP = 1_000;
  private static final long BTC_MARKET = 20_261_122;

  /// In the order of the route; the source that told the bars of each.
  private static final Map<String, String> EXCHANGES = exchanges();

  private static Map<String, String> exchanges() {
    Map<String, String> exchanges = new LinkedHashMap<>();
    exchanges.put("binance", "binance");
    exchanges.put("coinbase", "coinbase_exchange");
    exchanges.put("kraken", "kraken");
    exchanges.put("okx", "okx");
    exchanges.put("bybit", "bybit");
    return exchanges;
  }

  /// @return when all of it is in the database, and nobody has the folder any more
  static Filled fill(DataFolder folder, int bars, int unknown) throws Exception {
    Instant end = Instant.now().minus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MINUTES);
    Filled filled = new Filled(end.minus(Duration.ofMinutes(bars)), bars, unknown);
    try (DataDirectory directory = DataDirectory.open(folder.path());
        Journal journal = Journal.open(
            directory.privateFolder("journal"),
            new Journal.Settings(
                new SegmentLog.Limits(16L << 20, 2L << 30, Duration.ofHours(1), 1 << 20, 0)),
            System::nanoTime,
            Instant::now,
            JournalListener.NONE);
        EmbeddedServer server = new EmbeddedServer(folder.postgres(), System::nanoTime);
        ConnectionPool pool = new ConnectionPool(server.start(EmbeddedServer.START_WITHIN))) {
      Thread.ofPlatform().name("journal").daemon().start(journal);
      Migrations.run(pool.dataSource());
      Drain drain = new Drain(
          journal,
          new StoreWriter(pool.dataSource(), System::nanoTime, Duration.ofDays(30)),
          Instant::now);
      drain.begin();
      for (Map.Entry<String, String> exchange : EXCHANGES.entrySet()) {
        filled.submit(journal, exchange.getKey(), new SourceId(exchange.getValue()));
        while (!drain.step().idle()) {
          // one batch after the other: nobody else needs the machine now
        }
      }
      try (Connection connection = pool.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("VACUUM (ANALYZE)");
        statement.execute("CHECKPOINT");
      }
    }
    return filled;
  }

  private void submit(Journal journal, String exchange, SourceId source) throws Exception {
    Random market = new Random(BTC_MARKET); // the same at all of them
    Random random = new Random(exchange.hashCode());
    Instant told = Instant.now();
    List<Entry> entries = new ArrayList<>();
    long price = 6_000_000;
    for (int i = 0; i < bars; i++) {
      price = Math.max(1_000_000, price + market.nextInt(-2_000, 2_001));
      entries.add(new Entry.Received(
          new Event.Bar(
              SYMBOL,
              exchange,
              source,
              Interval.M1,
              first.plus(Duration.ofMinutes(i)),
              Decimal.of(price, 2),
              Decimal.of(price + 1_500 + random.nextInt(500), 2),
              Decimal.of(price - 1_500 - random.nextInt(500), 2),
              Decimal.of(price + random.nextInt(-1_000, 1_000), 2),
              Decimal.of(random.nextInt(1, 10_000_000), 5),
              true),
          told));
      if (entries.size() == GROUP || i == bars - 1) {
        journal.submit(entries).get(10, TimeUnit.SECONDS);
        entries = new ArrayList<>();
      }
    }
    boolean isFirst = exchange.equals(EXCHANGES.keySet().iterator().next());
    Span span = new Span(at(isFirst ? unknown : 0), at(bars));
    journal
        .submit(List.of(new Entry.Covered(exchange, SYMBOL, Interval.M1, span, told)))
        .get(10, TimeUnit.SECONDS);
  }

  /// Open of a bar.
  Instant at(int number) {
    return first.plus(Duration.ofMinutes(number));
  }
}

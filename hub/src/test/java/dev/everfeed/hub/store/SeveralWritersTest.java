package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.T0;
import static dev.everfeed.hub.store.Sample.at;
import static dev.everfeed.hub.store.Sample.bar;
import static dev.everfeed.hub.store.Sample.price;
import static dev.everfeed.hub.store.Sample.quote;
import static dev.everfeed.hub.store.Sample.received;
import static dev.everfeed.hub.store.Sample.trade;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Writers that meet, and writers that are killed.
class SeveralWritersTest {
  private static StoreFixture store;

  @BeforeAll
  static void open() throws MigrationException {
    store = new StoreFixture();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  @BeforeEach
  void empty() {
    store.empty();
  }

  /// Each writes the same keys in another order, in new partitions too: a deadlock would end one
  /// of them with SQLSTATE 40P01.
  @Test
  void writersOfTheSameRowsWaitForEachOtherAndNeverInACircle() throws Exception {
    int writers = 4;
    try (ExecutorService pool = Executors.newFixedThreadPool(writers)) {
      List<Future<Integer>> ends = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        int number = w;
        ends.add(pool.submit(() -> {
          UUID journal = new UUID(7, number);
          StoreWriter writer = new StoreWriter(store.pool, System::nanoTime, StoreFixture.FOR_EVER);
          Random random = new Random(number);
          long position = writer.begin(journal, 0);
          for (int round = 0; round < 12; round++) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
              var time = T0.minusSeconds(86_400L * (i % 9 + 9 * round)).plusSeconds(60L * i);
              var seen = T0.plusMillis(random.nextInt(100_000));
              entries.add(received(bar(time, "" + (1 + random.nextInt(99)), true), seen));
              entries.add(received(trade("" + i, time, "1"), seen));
            }
            entries.add(received(random.nextBoolean() ? price("1", T0) : quote("1", "2", T0), T0));
            Collections.shuffle(entries, random);
            List<Positioned> stretch = at(position, entries.toArray(Entry[]::new));
            long to = stretch.getLast().position() + 100;
            assertThat(writer.write(journal, stretch, position, to).quarantined())
                .isZero();
            position = to;
          }
          return 0;
        }));
      }
      for (Future<Integer> end : ends) {
        end.get();
      }
    }
    assertThat(store.one("SELECT count(*), count(DISTINCT (time_ns, id)) FROM trade"))
        .isEqualTo("3600|3600");
  }

  @Test
  void ofTwoWritersOfOneJournalEachStretchIsWrittenByOne() throws Exception {
    store.writer.begin(store.journal, 0);
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> ends = new ArrayList<>();
      for (int w = 0; w < 2; w++) {
        ends.add(pool.submit(() -> {
          StoreWriter writer = new StoreWriter(store.pool, System::nanoTime, StoreFixture.FOR_EVER);
          int written = 0;
          long position = 0;
          while (position < 2_000) {
            Entry.Happened happened = new Entry.Happened("e" + position, null, "{}", T0);
            try {
              writer.write(store.journal, at(position, happened), position, position + 100);
              written++;
              position += 100;
            } catch (OffsetMovedException e) {
              position = e.stored().orElseThrow();
            }
          }
          return written;
        }));
      }
      assertThat(ends.get(0).get() + ends.get(1).get()).isEqualTo(20);
    }
    assertThat(store.one("SELECT count(*) FROM event")).isEqualTo("20");
  }

  /// Whoever kills the writer's connection at whatever moment: a stretch is there with its
  /// offset, or neither is.
  @Test
  void aWriterThatIsKilledInTheMiddleLeavesAllOrNothing() throws Exception {
    store.writer.begin(store.journal, 0);
    AtomicBoolean over = new AtomicBoolean();
    int killed = 0;
    try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
      Future<Integer> killer = pool.submit(() -> {
        int kills = 0;
        while (!over.get()) {
          store.one("SELECT pg_sleep(0.06 * random())");
          kills += Integer.parseInt(store.one("SELECT count(pg_terminate_backend(pid))"
              + " FROM pg_stat_activity WHERE datname = current_database()"
              + " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
              + " AND (query LIKE '%staging%' OR query LIKE 'COPY%' OR query LIKE '%offset%'"
              + " OR query = 'COMMIT')"));
        }
        return kills;
      });
      long position = 0;
      int stretches = 0;
      while (stretches < 20) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          int number = stretches * 100 + i;
          entries.add(received(trade("" + number, T0, "1"), T0));
          entries.add(received(bar(T0.plusSeconds(60L * number), "1", true), T0));
        }
        List<Positioned> stretch = at(position, entries.toArray(Entry[]::new));
        try {
          store.writer.write(store.journal, stretch, position, position + 20_000);
        } catch (SQLException e) {
          killed++;
          if (killed > 60) {
            over.set(true); // it is too good at it
          }
        }
        OptionalLong stored = ask();
        String bars = count("ohlcv");
        assertThat(bars).isEqualTo("" + stored.getAsLong() / 200);
        assertThat(count("trade")).isEqualTo(bars);
        position = stored.getAsLong();
        stretches = (int) (position / 20_000);
      }
      over.set(true);
      killer.get();
    }
    assertThat(killed).as("stretches that were cut off").isPositive();
  }

  private static OptionalLong ask() throws SQLException {
    while (true) {
      try {
        return store.writer.offset(store.journal);
      } catch (SQLException e) {
        if (!"57P01".equals(e.getSQLState()) && !"08006".equals(e.getSQLState())) {
          throw e;
        }
      }
    }
  }

  private static String count(String table) throws SQLException {
    while (true) {
      try {
        return store.one("SELECT count(*) FROM " + table);
      } catch (SQLException e) {
        if (!"57P01".equals(e.getSQLState()) && !"08006".equals(e.getSQLState())) {
          throw e;
        }
      }
    }
  }
}

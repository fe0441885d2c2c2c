package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.BTC;
import static dev.everfeed.hub.store.Sample.T0;
import static dev.everfeed.hub.store.Sample.bar;
import static dev.everfeed.hub.store.Sample.received;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Gap;
import dev.everfeed.hub.journal.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is covered, and what between the bars is a gap, in a real database.
@Timeout(120)
class SeriesHistoryTest {
  private static StoreFixture store;

  @BeforeAll
  static void open() throws Exception {
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

  private static Instant minute(long number) {
    return T0.plusSeconds(60 * number);
  }

  private static Span minutes(long from, long to) {
    return new Span(minute(from), minute(to));
  }

  private static Entry covered(String exchange, long from, long to) {
    return covered(exchange, BTC, minutes(from, to), T0);
  }

  private static Entry covered(String exchange, Symbol symbol, Span span, Instant at) {
    return new Entry.Covered(exchange, symbol, Interval.M1, span, at);
  }

  private static List<Span> coveredWithin(long from, long to) throws Exception {
    return store.history.covered("binance", BTC, Interval.M1, minutes(from, to));
  }

  @Test
  void whatIsCoveredIsAddedUpAndReadWithinBounds() throws Exception {
    assertThat(coveredWithin(0, 100)).isEmpty();
    store.write(covered("binance", 0, 10), covered("binance", 20, 30), covered("kraken", 0, 99));
    store.write(covered("binance", 10, 12), covered("binance", 25, 40), covered("binance", 60, 70));

    assertThat(coveredWithin(-100, 100))
        .containsExactly(minutes(0, 12), minutes(20, 40), minutes(60, 70));
    assertThat(coveredWithin(5, 30)).containsExactly(minutes(5, 12), minutes(20, 30));
    assertThat(coveredWithin(40, 60)).isEmpty();
    assertThat(store.history.covered("binance", BTC, Interval.M5, minutes(0, 9)))
        .isEmpty();
  }

  /// Whatever the batches and the order: the row of each series is the same in the end.
  @Test
  void theOrderAndTheBatchesDoNotMatterAndTheNewestTimeStays() throws Exception {
    List<Entry> entries = new ArrayList<>();
    Random random = new Random(11);
    for (int i = 0; i < 60; i++) {
      int from = random.nextInt(300);
      Span span = minutes(from, from + 1 + random.nextInt(10));
      entries.add(covered("binance", BTC, span, T0.plusSeconds(random.nextInt(1_000))));
    }
    String expected = null;
    for (int round = 0; round < 5; round++) {
      store.empty();
      Collections.shuffle(entries, random);
      for (int i = 0; i < entries.size(); ) {
        int size = Math.min(entries.size() - i, 1 + random.nextInt(20));
        store.write(entries.subList(i, i + size).toArray(Entry[]::new));
        i += size;
      }
      String row = store.one("SELECT covered, updated_at FROM ohlcv_coverage");
      assertThat(expected == null ? row : expected).isEqualTo(row);
      expected = row;
    }
  }

  @Test
  void whatNobodyCanHaveToldIsPutAsideAndTheRestIsWritten() throws Exception {
    Instant soon = Instant.now().plus(Duration.ofDays(400));
    Written written =
        store.write(covered("binance", BTC, new Span(T0, soon), T0), covered("binance", 0, 10));

    assertThat(written.quarantined()).isEqualTo(1);
    assertThat(coveredWithin(0, 100)).containsExactly(minutes(0, 10));
    assertThat(store.one("SELECT kind, reason FROM quarantine"))
        .startsWith("coverage|nobody can have told bars up to ");
  }

  private static void bars(int... minutes) throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (int minute : minutes) {
      entries.add(received(bar(minute(minute), "100", true), T0));
    }
    store.write(entries.toArray(Entry[]::new));
  }

  private static List<Gap> gaps(long from, long to, boolean emptyIntervals) throws Exception {
    return store.history.gaps(
        "binance",
        BTC,
        Interval.M1,
        minutes(from, to),
        coveredWithin(from, to),
        emptyIntervals,
        100);
  }

  @Test
  void aGapSaysWhetherTheExchangeHasNoneOrWeLackIt() throws Exception {
    bars(3, 4, 8, 9, 20);
    store.write(covered("binance", 0, 9), covered("binance", 15, 18));
    store.write(received(bar(minute(5), "100", false), T0)); // unfinished: it is none

    assertThat(gaps(1, 25, false))
        .containsExactly(
            new Gap(minutes(1, 3), 2, Gap.Kind.NO_TRADES),
            new Gap(minutes(5, 8), 3, Gap.Kind.NO_TRADES),
            new Gap(minutes(10, 15), 5, Gap.Kind.MISSING),
            new Gap(minutes(15, 18), 3, Gap.Kind.NO_TRADES),
            new Gap(minutes(18, 20), 2, Gap.Kind.MISSING),
            new Gap(minutes(21, 25), 4, Gap.Kind.MISSING));
    assertThat(gaps(1, 9, true)).extracting(Gap::kind).containsOnly(Gap.Kind.VENUE_HAS_NONE);
    assertThat(gaps(3, 5, false)).isEmpty();
    assertThat(gaps(30, 40, false)).containsExactly(new Gap(minutes(30, 40), 10, Gap.Kind.MISSING));
    assertThat(store.history.count("binance", BTC, Interval.M1, minutes(3, 9))).isEqualTo(3);
    assertThat(store.history.gaps("binance", BTC, Interval.M1, minutes(1, 25), List.of(), false, 2))
        .hasSize(2);
  }

  /// The statement beside the rule of `core`, which looks at the bars one by one.
  @Test
  void theGapsAreThoseOfTheNaiveRule() throws Exception {
    Random random = new Random(5);
    for (int round = 0; round < 20; round++) {
      store.empty();
      List<Instant> opens = new ArrayList<>();
      List<Entry> entries = new ArrayList<>();
      for (int minute = 0; minute < 200; minute++) {
        if (random.nextInt(10) < round % 10) {
          opens.add(minute(minute));
          entries.add(received(bar(minute(minute), "100", true), T0));
        }
      }
      for (int i = random.nextInt(8); i > 0; i--) {
        int from = random.nextInt(190);
        entries.add(covered("binance", from, from + 1 + random.nextInt(30)));
      }
      if (!entries.isEmpty()) {
        store.write(entries.toArray(Entry[]::new));
      }
      List<Span> covered = coveredWithin(0, 200);
      assertThat(store.history.gaps(
              "binance", BTC, Interval.M1, minutes(0, 200), covered, false, 1_000))
          .as("round %d", round)
          .isEqualTo(Gap.between(opens, Interval.M1, minutes(0, 200), covered, false));
    }
  }

  @Test
  void monthsAreAsLongAsTheyAre() throws Exception {
    store.database.execute("ALTER ROLE CURRENT_USER SET TimeZone = 'Pacific/Apia'");
    try {
      store.pool.getHikariPoolMXBean().softEvictConnections();
      store.write(month("2024-01-01"), month("2024-02-01"), month("2024-04-01"));
      Span year =
          new Span(Instant.parse("2024-01-01T00:00:00Z"), Instant.parse("2025-01-01T00:00:00Z"));
      assertThat(store.history.gaps("binance", BTC, Interval.MONTH, year, List.of(), true, 100))
          .extracting(gap -> gap.span().from() + " " + gap.bars())
          .containsExactly("2024-03-01T00:00:00Z 1", "2024-05-01T00:00:00Z 8");
    } finally {
      store.database.execute("ALTER ROLE CURRENT_USER RESET TimeZone");
    }
  }

  private static Entry month(String day) {
    Event.Bar bar = bar(Instant.parse(day + "T00:00:00Z"), "100", true);
    return received(
        new Event.Bar(
            BTC,
            "binance",
            bar.source(),
            Interval.MONTH,
            bar.time(),
            bar.open(),
            bar.high(),
            bar.low(),
            bar.close(),
            null,
            true),
        T0);
  }

  @Test
  void holesAreWhatLiesBetweenTwoCoveredStretches() throws Exception {
    Symbol eth = Symbol.of("ETH/USDT");
    store.write(
        covered("binance", 0, 10),
        covered("binance", 15, 20),
        covered("binance", 30, 40),
        covered("kraken", eth, minutes(0, 5), T0),
        covered("kraken", eth, minutes(25, 26), T0),
        covered("okx", 0, 100));

    assertThat(store.history.holes(minutes(12, 28), 10))
        .containsExactly(
            new History.Hole("binance", BTC, Interval.M1, minutes(20, 28)),
            new History.Hole("kraken", eth, Interval.M1, minutes(12, 25)),
            new History.Hole("binance", BTC, Interval.M1, minutes(12, 15)));
    assertThat(store.history.holes(minutes(12, 28), 1)).hasSize(1);
    assertThat(store.history.holes(minutes(50, 60), 10)).isEmpty();
  }

  /// A year of minutes is verified while somebody looks on.
  @Test
  void aMillionBarsAreLookedThroughInSeconds() throws Exception {
    Instant begin = Instant.parse("2024-01-01T00:00:00Z");
    store.write(received(bar(begin, "100", true), T0)); // makes a partition
    store.database.execute("""
        DO $$ BEGIN FOR m IN 0..24 LOOP EXECUTE format(
          'CREATE TABLE IF NOT EXISTS ohlcv_%s PARTITION OF ohlcv FOR VALUES FROM (%L) TO (%L)',
          to_char('2024-01-01'::date + m * interval '1 month', 'YYYY_MM'),
          ('2024-01-01'::timestamp + m * interval '1 month') AT TIME ZONE 'UTC',
          ('2024-01-01'::timestamp + (m + 1) * interval '1 month') AT TIME ZONE 'UTC');
        END LOOP; END $$""", """
        INSERT INTO ohlcv SELECT 'binance', 'BTC/USDT', '1m', t, 1, 1, 1, 1, 1, true, 'binance', t
          FROM generate_series('2024-01-01Z'::timestamptz, '2025-11-25 10:39Z', '1 minute') AS t
          WHERE extract(epoch FROM t)::bigint % 600000 <> 0
          ON CONFLICT DO NOTHING""", "ANALYZE ohlcv");
    Span within = new Span(begin, begin.plusSeconds(60_000_000));
    long before = System.nanoTime();
    long count = store.history.count("binance", BTC, Interval.M1, within);
    long counted = System.nanoTime();
    List<Gap> gaps =
        store.history.gaps("binance", BTC, Interval.M1, within, List.of(), false, 1_000);
    long looked = System.nanoTime();
    System.out.printf(
        "counted %,d in %,d ms, looked through in %,d ms%n",
        count, (counted - before) / 1_000_000, (looked - counted) / 1_000_000);

    assertThat(count + gaps.size()).isEqualTo(1_000_000);
    assertThat(gaps).hasSize(100);
    assertThat(Duration.ofNanos(looked - before)).isLessThan(Duration.ofSeconds(20));
  }
}

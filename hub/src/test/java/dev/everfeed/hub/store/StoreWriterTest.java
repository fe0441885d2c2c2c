package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.BTC;
import static dev.everfeed.hub.store.Sample.T0;
import static dev.everfeed.hub.store.Sample.at;
import static dev.everfeed.hub.store.Sample.bar;
import static dev.everfeed.hub.store.Sample.price;
import static dev.everfeed.hub.store.Sample.quote;
import static dev.everfeed.hub.store.Sample.received;
import static dev.everfeed.hub.store.Sample.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What becomes of entries in the tables of a real PostgreSQL.
class StoreWriterTest {
  private static final String BARS = "SELECT exchange, symbol, interval, extract(epoch FROM time),"
      + " open, high, low, close, volume, complete, source, received_at FROM ohlcv ORDER BY 1,2,3,4";

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

  @Test
  void theQuestionOfTheReadmeIsAnswered() throws Exception {
    store.write(
        received(bar(T0, "100", true), T0),
        received(bar(T0.plusSeconds(60), "101", true), T0),
        received(bar(null, BTC, T0, "100.5", true), T0));

    assertThat(store.rows("SELECT exchange, symbol, COUNT(*) FROM ohlcv WHERE symbol = 'BTC/USDT'"
            + " GROUP BY exchange, symbol"))
        .containsExactlyInAnyOrder("binance|BTC/USDT|2", "|BTC/USDT|1");
  }

  @Test
  void everyKindOfEntryHasItsTable() throws Exception {
    Written written = store.write(
        received(bar(T0, "100", true), T0),
        received(trade("7", T0.plusNanos(123), "100.10"), T0),
        received(price("100.20", T0), T0),
        received(quote("100", "101", T0), T0),
        received(
            new Event.Sentiment(Sample.BINANCE, "fear_greed", null, Decimal.of(40), "Fear", null),
            T0),
        new Entry.RunEnded(
            3,
            T0,
            T0.plusSeconds(1),
            10,
            9,
            List.of(new Entry.RunError(
                Sample.BINANCE, "BTC/USDT", Failure.Kind.TIMEOUT, "no answer", T0)),
            0,
            List.of(new Entry.Asked("BTC/USDT 1m", T0))),
        new Entry.Happened("hub_started", null, "{\"pid\": 12}", T0),
        new Entry.Rejected(price("0", null), "a price of 0", T0),
        received(new Event.Heartbeat(Sample.BINANCE), T0),
        new Entry.Covered(
            "binance", Sample.BTC, Interval.M1, new Span(T0, T0.plusSeconds(60)), T0));

    assertThat(written.rows())
        .containsEntry("ohlcv", 1)
        .containsEntry("ohlcv_coverage", 1)
        .containsEntry("trade", 1)
        .containsEntry("latest_quote", 1)
        .containsEntry("sentiment", 1)
        .containsEntry("scheduler_run", 1)
        .containsEntry("refresh", 1)
        .containsEntry("event", 1)
        .containsEntry("quarantine", 1);
    assertThat(written.ignored()).isEqualTo(1);
    assertThat(written.tookNanos()).isPositive();
    assertThat(store.one("SELECT number, questions, refreshed, errors FROM scheduler_run"))
        .isEqualTo("3|10|9|[{\"at\": \"2026-11-20T12:00:00Z\", \"kind\": \"timeout\", \"source\":"
            + " \"binance\", \"message\": \"no answer\", \"subject\": \"BTC/USDT\"}]");
    assertThat(store.one("SELECT type, source, detail FROM event"))
        .isEqualTo("hub_started|-|{\"pid\": 12}");
    assertThat(store.one("SELECT time_ns, id, price FROM trade"))
        .isEqualTo("1795176000000000123|7|100.10");
  }

  @Test
  void theSameStretchTwiceChangesNothing() throws Exception {
    Entry[] entries = {
      received(bar(T0, "100", true), T0),
      received(trade("7", T0, "100"), T0),
      received(price("100", T0), T0),
      new Entry.Happened("hub_started", null, "{}", T0),
      new Entry.Covered("binance", Sample.BTC, Interval.M1, new Span(T0, T0.plusSeconds(60)), T0)
    };
    store.write(entries);
    List<Positioned> again = at(0, entries);

    store.database.execute("UPDATE journal_offset SET position = 0");
    Written written = store.writer.write(store.journal, again, 0, 500);

    assertThat(written.rows().values()).containsOnly(0);
    assertThat(store.one("SELECT count(*) FROM trade")).isEqualTo("1");
    assertThat(store.one("SELECT count(*) FROM ohlcv_revision")).isEqualTo("0");
  }

  @Test
  void anOverlappingStretchAddsWhatIsNew() throws Exception {
    store.write(received(trade("1", T0, "100"), T0), received(trade("2", T0, "101"), T0));
    Written written = store.write(
        received(trade("2", T0, "101"), T0),
        received(trade("3", T0, "102"), T0),
        received(trade("3", T0, "102"), T0));

    assertThat(written.rows("trade")).isEqualTo(1);
    assertThat(store.rows("SELECT id FROM trade ORDER BY id")).containsExactly("1", "2", "3");
  }

  /// Whatever is written when and together with what, the same bars are there in the end.
  /// Seeded; each state of a bar has values of its own, as a bar that flaps between two would
  /// end with the one that was there first.
  @Test
  void batchesInAnyOrderEndInTheSameState() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      Random random = new Random(seed);
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Instant time = T0.plusSeconds(60L * random.nextInt(12));
        Boolean complete = random.nextInt(3) == 0 ? Boolean.TRUE : Boolean.FALSE;
        entries.add(received(bar(time, "100." + (1_000 + i), complete), T0.plusMillis(7L * i)));
        entries.add(received(trade("" + random.nextInt(50), T0, "100"), T0));
        entries.add(received(price("1." + i, T0.plusMillis(i)), T0.plusSeconds(i)));
      }
      List<String> expected = null;
      for (int order = 0; order < 4; order++) {
        store.empty();
        List<Entry> left = new ArrayList<>(entries);
        java.util.Collections.shuffle(left, random);
        while (!left.isEmpty()) {
          List<Entry> some = left.subList(0, Math.min(left.size(), 1 + random.nextInt(150)));
          store.write(some.toArray(Entry[]::new));
          some.clear();
        }
        List<String> state = store.rows(BARS);
        state.addAll(store.rows("SELECT id FROM trade ORDER BY id"));
        state.addAll(store.rows("SELECT price, price_time FROM latest_quote"));
        expected = expected == null ? state : expected;
        assertThat(state).as("seed %d", seed).isEqualTo(expected);
      }
    }
  }

  /// The rule is written twice, in SQL and for one batch in Java: states that come one by one
  /// and states that come together end alike. Seeded; with bars that say the same, with unknown
  /// completeness, and with stamps from the future.
  @Test
  void statesThatComeTogetherEndAsThoseThatComeOneByOne() throws Exception {
    Random random = new Random(11);
    int keys = 300;
    int states = 6;
    Entry[][] rounds = new Entry[states][2 * keys];
    Boolean[] complete = {true, false, false, null};
    for (int round = 0; round < states; round++) {
      for (int key = 0; key < keys; key++) {
        Instant seen = random.nextInt(8) == 0
            ? T0.plusSeconds(400L * 86_400 + random.nextInt(5))
            : T0.plusSeconds(random.nextInt(5));
        Instant venue = random.nextInt(3) == 0
            ? null
            : random.nextInt(8) == 0
                ? Instant.now().plusSeconds(86_400 + random.nextInt(3))
                : T0.plusSeconds(random.nextInt(3));
        String value = "" + (1 + random.nextInt(3));
        rounds[round][2 * key] =
            received(bar(T0.plusSeconds(60L * key), value, complete[random.nextInt(4)]), seen);
        rounds[round][2 * key + 1] = received(
            new Event.Price(
                dev.everfeed.core.model.Symbol.of("S" + key),
                null,
                Sample.BINANCE,
                Decimal.parse(value),
                venue),
            seen);
      }
    }
    String prices = "SELECT symbol, price, price_time, price_received_at FROM latest_quote"
        + " ORDER BY symbol";

    List<Entry> all = new ArrayList<>();
    for (Entry[] round : rounds) {
      store.write(round);
      all.addAll(List.of(round));
    }
    List<String> barsOneByOne = store.rows(BARS);
    List<String> pricesOneByOne = store.rows(prices);
    store.empty();
    store.write(all.toArray(Entry[]::new));

    assertThat(store.rows(BARS)).isEqualTo(barsOneByOne);
    assertThat(store.rows(prices)).isEqualTo(pricesOneByOne);
  }

  @Test
  void aCompleteBarReplacesAnUnfinishedOneWhateverTheClocksSay() throws Exception {
    store.write(received(bar(T0, "100", false), T0.plusSeconds(50)));
    store.write(received(bar(T0, "101", true), T0.plusSeconds(10)));
    assertThat(store.one("SELECT close, complete FROM ohlcv")).isEqualTo("101|t");

    store.write(received(bar(T0, "102", false), T0.plusSeconds(90)));
    store.write(received(bar(T0, "103", null), T0.plusSeconds(90)));
    assertThat(store.one("SELECT close, complete FROM ohlcv")).isEqualTo("101|t");
  }

  @Test
  void ofTwoBarsAlikeTheOneReceivedLaterStays() throws Exception {
    store.write(received(bar(T0, "100", false), T0.plusSeconds(20)));
    store.write(received(bar(T0, "99", false), T0.plusSeconds(10)));
    assertThat(store.one("SELECT close FROM ohlcv")).isEqualTo("100");

    store.write(received(bar(T0, "101", false), T0.plusSeconds(30)));
    assertThat(store.one("SELECT close FROM ohlcv")).isEqualTo("101");
  }

  @Test
  void anEqualBarLeavesNoDeadRow() throws Exception {
    store.write(received(bar(T0, "100.0", true), T0));
    String before = store.one("SELECT ctid, xmin, received_at FROM ohlcv");
    Written written = store.write(received(bar(T0, "100.00", true), T0.plusSeconds(60)));

    assertThat(written.rows("ohlcv")).isZero();
    assertThat(store.one("SELECT ctid, xmin, received_at FROM ohlcv")).isEqualTo(before);
  }

  /// The hub's clock was a year ahead for a while: what it stored then must not stay for a year.
  @Test
  void whatAClockFromTheFutureStoredGivesWay() throws Exception {
    Instant future = Instant.now().plusSeconds(365 * 86_400);
    store.write(
        received(bar(T0, "100", false), future),
        received(price("100", null), future),
        new Entry.RunEnded(
            1, T0, T0, 0, 0, List.of(), 0, List.of(new Entry.Asked("BTC/USDT 1m", future))));
    store.write(
        received(bar(T0, "101", false), T0),
        received(price("101", null), T0),
        new Entry.RunEnded(
            1, T0, T0, 0, 0, List.of(), 0, List.of(new Entry.Asked("BTC/USDT 1m", T0))));

    assertThat(store.one("SELECT close FROM ohlcv")).isEqualTo("101");
    assertThat(store.one("SELECT price FROM latest_quote")).isEqualTo("101");
    assertThat(store.history.asked()).containsEntry("BTC/USDT 1m", T0);
  }

  @Test
  void aCorrectedBarLeavesItsOldStateAsARevision() throws Exception {
    store.write(received(bar(T0, "99", false), T0));
    store.write(received(bar(T0, "100", true), T0.plusSeconds(1)));
    store.write(received(bar(T0, "100", true), T0.plusSeconds(2)));
    assertThat(store.one("SELECT count(*) FROM ohlcv_revision")).isEqualTo("0");

    store.write(received(bar(T0, "101", true), T0.plusSeconds(3)));
    store.write(received(bar(T0, "102", true), T0.plusSeconds(4)));

    assertThat(store.rows("SELECT close, received_at = '2026-11-20T12:00:01Z' FROM ohlcv_revision"
            + " ORDER BY revised_at"))
        .containsExactly("100|t", "101|f");
    assertThat(store.one("SELECT close FROM ohlcv")).isEqualTo("102");
  }

  @Test
  void theNewerPriceByTheVenuesTimeStays() throws Exception {
    store.write(received(price("100", T0), T0.plusSeconds(1)));
    store.write(received(price("99", T0.minusSeconds(1)), T0.plusSeconds(2)));
    assertThat(store.one("SELECT price FROM latest_quote")).isEqualTo("100");

    store.write(
        received(price("101", T0.plusSeconds(1)), T0.plusSeconds(3)),
        received(price("100.5", T0), T0.plusSeconds(4)));
    assertThat(store.one("SELECT price FROM latest_quote")).isEqualTo("101");
  }

  @Test
  void aQuoteLeavesThePriceAlone() throws Exception {
    store.write(received(price("100", T0), T0));
    store.write(received(quote("99", null, null), T0.plusSeconds(1)));
    store.write(received(quote(null, "101", null), T0.plusSeconds(2)));
    store.write(received(quote("98", "102", null), T0.plusSeconds(1)));

    assertThat(store.one("SELECT price, bid, ask, ask_size FROM latest_quote"))
        .isEqualTo("100|-|101|2");
  }

  /// NaN is not among them: a [Decimal] cannot be one.
  @Test
  void whatCannotBeTrueIsQuarantinedWithTheReason() throws Exception {
    Event.Trade timeless =
        new Event.Trade(BTC, "binance", Sample.BINANCE, Decimal.ONE, Decimal.ONE, null, "1", null);
    Event.Bar upsideDown = new Event.Bar(
        BTC,
        "binance",
        Sample.BINANCE,
        Interval.M1,
        T0,
        Decimal.of(5),
        Decimal.of(4),
        Decimal.of(6),
        Decimal.of(5),
        null,
        true);
    Event.Bar shortVolume = new Event.Bar(
        BTC,
        null,
        Sample.BINANCE,
        Interval.M1,
        T0,
        Decimal.ONE,
        Decimal.ONE,
        Decimal.ONE,
        Decimal.ONE,
        Decimal.of(-1),
        true);
    Instant future = Instant.now().plusSeconds(3 * 86_400);
    String tooNew = "time " + future;
    Written written = store.write(
        received(timeless, T0),
        received(upsideDown, T0),
        received(shortVolume, T0),
        received(price("-1", T0), T0),
        received(quote("101", "100", T0), T0),
        received(trade("2", Instant.parse("2008-12-31T23:59:59Z"), "1"), T0),
        received(trade("3", future, "1"), T0),
        received(trade("4", Instant.MAX, "1"), T0),
        received(bar(Instant.MIN, "1", true), T0),
        received(trade("5".repeat(501), T0, "1"), T0),
        received(bar(T0, "100", true), Instant.MAX),
        received(trade("6", T0, "1"), T0));

    assertThat(written.quarantined()).isEqualTo(10);
    assertThat(store.rows("SELECT position, kind, source, left(reason, 20) FROM quarantine"
            + " ORDER BY position"))
        .containsExactly(
            "0|trade|binance|a deal needs the ven",
            "100|bar|binance|BTC/USDT bar of 2026",
            "200|bar|binance|BTC/USDT: volume mus",
            "300|price|binance|BTC/USDT: price must",
            "400|quote|binance|BTC/USDT: bid 101 is",
            "500|trade|binance|time 2008-12-31T23:5",
            "600|trade|binance|" + tooNew.substring(0, 20),
            "700|trade|binance|time +1000000000-12-",
            "800|bar|binance|time -1000000000-01-",
            "900|trade|binance|trade id must have a");
    assertThat(store.one(
            "SELECT payload->>'type', payload->'bid' FROM quarantine" + " WHERE position = 400"))
        .isEqualTo("quote|101");
    assertThat(store.rows("SELECT id FROM trade")).containsExactly("6");
    assertThat(store.one("SELECT received_at = '9999-12-31 23:59:59Z' FROM ohlcv"))
        .isEqualTo("t");
  }

  /// What the database itself refuses, whatever the reason: here a key that is too long for an
  /// index (54000), JSON that is none (22P02), and a rule that somebody has added (23514).
  @Test
  void aRowThatTheDatabaseRefusesIsQuarantinedAndTheOthersAreWritten() throws Exception {
    store.database.execute("ALTER TABLE ohlcv ADD CONSTRAINT dear CHECK (close < 1000)");
    try {
      Random random = new Random(3);
      StringBuilder longId = new StringBuilder();
      while (longId.length() < 500) {
        longId.appendCodePoint(0x4E00 + random.nextInt(20_000));
      }
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        boolean dear = i % 25 == 7;
        entries.add(received(bar(T0.plusSeconds(60L * i), dear ? "1000" : "10", true), T0));
        entries.add(received(trade("" + i, T0, "10"), T0));
      }
      Event.Trade tooLong = new Event.Trade(
          BTC,
          longId.reverse().toString(),
          Sample.BINANCE,
          Decimal.ONE,
          Decimal.ONE,
          null,
          longId.reverse().toString(),
          T0);
      entries.add(received(tooLong, T0));
      entries.add(new Entry.Happened("odd", null, "{not json", T0));
      entries.add(new Entry.Happened("fine", null, "{}", T0));

      Written written = store.write(entries.toArray(Entry[]::new));

      assertThat(written.rows("ohlcv")).isEqualTo(96);
      assertThat(written.rows("trade")).isEqualTo(100);
      assertThat(written.rows("event")).isEqualTo(1);
      assertThat(store.rows("SELECT kind, left(reason, 6) FROM quarantine ORDER BY position"))
          .containsExactly(
              "bar|23514:",
              "bar|23514:",
              "bar|23514:",
              "bar|23514:",
              "trade|54000:",
              "event|22P02:");
      assertThat(store.one("SELECT payload->>'detail' FROM quarantine WHERE kind = 'event'"))
          .isEqualTo("{not json");
    } finally {
      store.database.execute("ALTER TABLE ohlcv DROP CONSTRAINT dear");
    }
  }

  @Test
  void aTextThatPostgresDoesNotTakeIsStoredWithAReplacement() throws Exception {
    String odd = "a\u0000b\uD800c\uD83D\uDE00";
    Written written = store.write(
        received(trade(odd, T0, "10"), T0),
        received(
            new Event.Bar(
                BTC,
                odd,
                Sample.BINANCE,
                Interval.M1,
                T0,
                Decimal.ONE,
                Decimal.ONE,
                Decimal.ONE,
                Decimal.ONE,
                null,
                null),
            T0),
        received(new Event.Sentiment(Sample.BINANCE, "m", null, Decimal.ONE, odd, T0), T0),
        new Entry.Happened(odd, null, "{\"a\":\"\\u0000\\ud800\\\\u0000\"}", T0),
        new Entry.Rejected(new Event.ProviderError(Sample.BINANCE, odd, odd), "said " + odd, T0));

    String safe = "a\uFFFDb\uFFFDc\uD83D\uDE00";
    assertThat(written.quarantined()).isEqualTo(1);
    assertThat(store.one("SELECT id FROM trade")).isEqualTo(safe);
    assertThat(store.one("SELECT exchange FROM ohlcv")).isEqualTo(safe);
    assertThat(store.one("SELECT label FROM sentiment")).isEqualTo(safe);
    assertThat(store.one("SELECT type, detail->>'a' FROM event"))
        .isEqualTo(safe + "|\uFFFD\uFFFD\\u0000");
    assertThat(store.one("SELECT reason, payload->>'code', payload->>'message' FROM quarantine"))
        .isEqualTo("said " + safe + "|" + safe + "|" + safe);
  }

  @Test
  void aStretchThatDoesNotFollowTheLastOneIsRefusedWithTheStoredOffset() throws Exception {
    assertThat(store.writer.offset(store.journal)).isEmpty();
    assertThatExceptionOfType(OffsetMovedException.class)
        .isThrownBy(() -> store.writer.write(store.journal, List.of(), 32, 64))
        .satisfies(e -> assertThat(e.stored()).isEmpty());

    assertThat(store.writer.begin(store.journal, 32)).isEqualTo(32);
    assertThat(store.writer.begin(store.journal, 99)).isEqualTo(32);
    store.writer.write(store.journal, at(32, received(bar(T0, "1", true), T0)), 32, 132);
    assertThat(store.writer.offset(store.journal)).hasValue(132);

    for (long from : new long[] {32, 200}) {
      assertThatExceptionOfType(OffsetMovedException.class)
          .isThrownBy(() -> store.writer.write(
              store.journal, at(from, received(bar(T0, "2", true), T0.plusSeconds(9))), from, 300))
          .withMessageContaining("up to 132")
          .satisfies(e -> assertThat(e.stored()).isEqualTo(OptionalLong.of(132)));
    }
    assertThat(store.one("SELECT close FROM ohlcv")).isEqualTo("1");
  }

  @Test
  void anEmptyStretchMovesTheOffsetAlone() throws Exception {
    store.writer.begin(store.journal, 0);
    Written written = store.writer.write(store.journal, List.of(), 0, 4_096);

    assertThat(written.quarantined()).isZero();
    assertThat(store.writer.offset(store.journal)).hasValue(4_096);
  }

  @Test
  void aDealWithoutAnIdIsNamedByItsPlaceInTheJournal() throws Exception {
    Event.Trade nameless =
        new Event.Trade(BTC, "binance", Sample.BINANCE, Decimal.ONE, Decimal.ONE, null, null, T0);
    store.write(received(nameless, T0), received(nameless, T0));

    UUID journal = store.journal;
    assertThat(store.rows("SELECT id FROM trade ORDER BY id"))
        .containsExactly(journal + ":0", journal + ":100");
  }

  /// Digits and scale are kept, from one unit at the hundredth decimal to a hundred digits.
  @Test
  void numbersAreStoredExactly() throws Exception {
    List<String> numbers = new ArrayList<>(List.of(
        "0.00",
        "1",
        "1.0",
        "10000",
        "99999999",
        "0.0001",
        "0.00010",
        "100000000.00000000",
        "12345678.87654321",
        "9223372036854775807",
        "922337203685477.5807",
        "999999999999999999",
        "0.999999999999999999",
        "1E-100",
        "1E+100",
        "1E+3",
        "1.5E+3",
        "9".repeat(100),
        "0." + "9".repeat(99)));
    Random random = new Random(1);
    for (int i = 0; i < 3_000; i++) {
      int digits = 1 + random.nextInt(100);
      StringBuilder text = new StringBuilder();
      for (int d = 0; d < digits; d++) {
        text.append(random.nextInt(4) == 0 ? 0 : random.nextInt(10));
      }
      numbers.add(
          new java.math.BigDecimal(new java.math.BigInteger(text.toString()), random.nextInt(101))
              .toString());
    }
    Entry[] entries = new Entry[numbers.size()];
    for (int i = 0; i < entries.length; i++) {
      Decimal size = Decimal.parse(numbers.get(i));
      entries[i] = received(
          new Event.Trade(BTC, "binance", Sample.BINANCE, Decimal.ONE, size, null, "" + i, T0), T0);
    }

    Written written = store.write(entries);

    assertThat(written.quarantined()).isZero();
    List<String> stored = store.rows("SELECT size FROM trade ORDER BY id::int");
    for (int i = 0; i < entries.length; i++) {
      assertThat(stored.get(i)).isEqualTo(Decimal.parse(numbers.get(i)).toString());
    }
    assertThat(store.one("SELECT count(*) FROM trade WHERE size::text::numeric <> size"))
        .isEqualTo("0");
    assertThat(store.history.trades(List.of("binance"), BTC, null, null, null, 10_000))
        .extracting(each -> ((Event.Trade) each.event()).size().toString())
        .containsExactlyElementsOf(stored);
  }

  /// An answer, or a lie, that reaches back to the first deal there ever was would otherwise
  /// make a table for each of 6,500 days, for retention to drop the next night.
  @Test
  void tradesOfDaysThatRetentionWouldDropAreNotWrittenAndMakeNoPartition() throws Exception {
    var brief = new StoreWriter(store.pool, System::nanoTime, Duration.ofDays(30));
    brief.begin(store.journal, 0);
    Instant today = Instant.now().truncatedTo(ChronoUnit.DAYS);
    String tables = store.one("SELECT count(*) FROM pg_tables");

    Written written = brief.write(
        store.journal,
        at(
            0,
            received(trade("1", Instant.parse("2009-01-03T18:15:05Z"), "1"), T0),
            received(trade("2", today.minus(3_000, ChronoUnit.DAYS), "1"), T0),
            received(trade("3", today.minus(30, ChronoUnit.DAYS).minusNanos(1), "1"), T0)),
        0,
        300);
    assertThat(written.ignored()).isEqualTo(3);
    assertThat(written.quarantined()).isZero();
    assertThat(store.one("SELECT count(*) FROM pg_tables")).isEqualTo(tables);

    Written kept = brief.write(
        store.journal,
        at(300, received(trade("4", today.minus(29, ChronoUnit.DAYS), "1"), T0)),
        300,
        400);
    assertThat(kept.ignored()).isZero();
    assertThat(store.rows("SELECT id FROM trade")).containsExactly("4");
  }

  @Test
  void negativeNumbersAreStoredExactly() throws Exception {
    store.write(received(
        new Event.Sentiment(Sample.BINANCE, "m", null, Decimal.parse("-12.340"), null, T0), T0));
    assertThat(store.one("SELECT value FROM sentiment")).isEqualTo("-12.340");
  }

  @Test
  void aDatabaseThatCannotBeReachedIsTheCallersToTryAgain() {
    var nowhere = new StoreWriter(
        store.database.address().withDatabase("there_is_none").dataSource(),
        System::nanoTime,
        StoreFixture.FOR_EVER);
    assertThatThrownBy(() -> nowhere.write(store.journal, List.of(), 0, 1))
        .isInstanceOf(SQLException.class);
  }
}

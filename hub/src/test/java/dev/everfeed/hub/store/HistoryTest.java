package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.BTC;
import static dev.everfeed.hub.store.Sample.T0;
import static dev.everfeed.hub.store.Sample.bar;
import static dev.everfeed.hub.store.Sample.decimal;
import static dev.everfeed.hub.store.Sample.price;
import static dev.everfeed.hub.store.Sample.quote;
import static dev.everfeed.hub.store.Sample.received;
import static dev.everfeed.hub.store.Sample.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.journal.Entry;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is read again from a real PostgreSQL.
class HistoryTest {
  private static final List<String> BINANCE = List.of("binance");
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
  void aBarIsReadAsItWasWritten() throws Exception {
    Event.Bar written = new Event.Bar(
        BTC,
        "binance",
        Sample.BINANCE,
        Interval.H1,
        T0,
        decimal("37.50"),
        decimal("38.100"),
        decimal("37.5"),
        decimal("37.75"),
        decimal("0.00001000"),
        null);
    store.write(received(written, T0.plusNanos(123_456_789)));

    Stored read = store.history.bars(BINANCE, BTC, Interval.H1, null, null, 10).getFirst();

    assertThat(read.event()).isEqualTo(written);
    assertThat(((Event.Bar) read.event()).high()).hasToString("38.100");
    assertThat(((Event.Bar) read.event()).volume()).hasToString("0.00001000");
    assertThat(read.receivedAt()).isEqualTo(T0.plusNanos(123_456_000));
  }

  @Test
  void withoutABeginTheNewestBarsComeOldestFirst() throws Exception {
    minutes("binance", 0, 10);

    assertThat(closes(BINANCE, null, null, 3)).containsExactly("7", "8", "9");
    assertThat(closes(BINANCE, null, T0.plusSeconds(300), 3)).containsExactly("2", "3", "4");
  }

  @Test
  void withABeginTheOldestBarsComeBeforeTheEnd() throws Exception {
    minutes("binance", 0, 10);

    assertThat(closes(BINANCE, T0.plusSeconds(120), null, 3)).containsExactly("2", "3", "4");
    assertThat(closes(BINANCE, T0.plusSeconds(120), T0.plusSeconds(240), 9))
        .containsExactly("2", "3");
    assertThat(closes(BINANCE, T0.plusSeconds(600), null, 9)).isEmpty();
  }

  @Test
  void ofSeveralExchangesTheFirstThatHasABarGivesIt() throws Exception {
    minutes("binance", 0, 3);
    minutes("kraken", 100, 5);
    minutes(null, 200, 6);

    List<String> order = List.of("binance", "kraken", "");
    assertThat(closes(order, null, null, 10)).containsExactly("0", "1", "2", "103", "104", "205");
    assertThat(closes(order, null, null, 2)).containsExactly("104", "205");
    assertThat(closes(order, T0.plusSeconds(60), null, 3)).containsExactly("1", "2", "103");
    assertThat(closes(List.of("kraken", "binance"), null, null, 10))
        .containsExactly("100", "101", "102", "103", "104");
    assertThat(store.history.bars(order, BTC, Interval.M1, null, null, 10))
        .extracting(each -> ((Event.Bar) each.event()).exchange())
        .containsExactly("binance", "binance", "binance", "kraken", "kraken", null);
  }

  @Test
  void barsOfOtherSymbolsAndIntervalsStayOut() throws Exception {
    minutes("binance", 0, 3);
    assertThat(store.history.bars(BINANCE, Symbol.of("ETH/USDT"), Interval.M1, null, null, 9))
        .isEmpty();
    assertThat(store.history.bars(BINANCE, BTC, Interval.H1, null, null, 9)).isEmpty();
  }

  @Test
  void tradesAreReadByTimeAndFromAnIdOn() throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (int id = 95; id < 105; id++) { // of one nanosecond, over a change in length
      entries.add(received(trade("" + id, T0, "" + id), T0));
    }
    entries.add(received(trade("7", T0.plusSeconds(86_400), "1"), T0));
    store.write(entries.toArray(Entry[]::new));

    assertThat(ids(null, null, null, 3)).containsExactly("103", "104", "7");
    assertThat(ids("98", null, null, 4)).containsExactly("98", "99", "100", "101");
    assertThat(ids("104", null, null, 4)).containsExactly("104", "7");
    assertThat(ids("nobody", null, null, 4)).isEmpty();
    assertThat(ids(null, T0, T0.plusNanos(1), 2)).containsExactly("95", "96");
    assertThat(ids(null, T0.plusNanos(1), null, 9)).containsExactly("7");
    assertThat(store.history.trades(BINANCE, BTC, "7", null, null, 1).getFirst())
        .isEqualTo(new Stored(trade("7", T0.plusSeconds(86_400), "1"), T0));
  }

  @Test
  void theLastPriceAndTheLastQuoteOfEachSourceAreRead() throws Exception {
    Event.Price aggregate =
        new Event.Price(BTC, null, Sample.COINGECKO, decimal("99.5"), T0.minusSeconds(9));
    store.write(
        received(price("100.10", null), T0),
        received(quote("100", "101.0", T0), T0.plusSeconds(1)),
        received(aggregate, T0.plusSeconds(2)));

    assertThat(store.history.latest())
        .containsExactly(
            new Stored(price("100.10", null), T0),
            new Stored(quote("100", "101.0", T0), T0.plusSeconds(1)),
            new Stored(aggregate, T0.plusSeconds(2)));
  }

  @Test
  void theLatestOfEachMeasureIsRead() throws Exception {
    Event.Sentiment dated = new Event.Sentiment(
        Sample.BINANCE, "fear_greed", null, decimal("40"), "Fear", T0.minusSeconds(86_400));
    Event.Sentiment votes =
        new Event.Sentiment(Sample.COINGECKO, "votes_up", BTC, decimal("61.5"), null, null);
    store.write(
        received(
            new Event.Sentiment(
                Sample.BINANCE,
                "fear_greed",
                null,
                decimal("30"),
                "Fear",
                T0.minusSeconds(2 * 86_400)),
            T0),
        received(dated, T0),
        received(
            new Event.Sentiment(Sample.COINGECKO, "votes_up", BTC, decimal("60"), null, null), T0),
        received(votes, T0.plusSeconds(60)));

    assertThat(store.history.sentiment())
        .containsExactlyInAnyOrder(new Stored(dated, T0), new Stored(votes, T0.plusSeconds(60)));
  }

  @Test
  void theTablesAreListedWithTheirSizes() throws Exception {
    minutes("binance", 0, 50);
    store.database.execute("ANALYZE");

    assertThat(store.history.tables())
        .extracting(History.TableSize::name)
        .contains("ohlcv", "trade", "quarantine", "event")
        .doesNotContain("ohlcv_2026_11", "everfeed_schema_history");
    History.TableSize bars = store.history.tables().stream()
        .filter(each -> each.name().equals("ohlcv"))
        .findFirst()
        .orElseThrow();
    assertThat(bars.rows()).isGreaterThanOrEqualTo(50); // an estimate
    assertThat(bars.bytes()).isPositive();
  }

  @Test
  void aQuestionThatTakesTooLongIsEndedByTheServer() throws Exception {
    store.database.execute(
        "CREATE VIEW slow AS SELECT pg_sleep(30)::text AS what, now() AS asked_at",
        "ALTER TABLE refresh RENAME TO refresh_aside",
        "ALTER VIEW slow RENAME TO refresh");
    try {
      History impatient = new History(store.database.dataSource(), Duration.ofMillis(50));
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(impatient::asked)
          .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("57014"));
    } finally {
      store.database.execute("DROP VIEW refresh", "ALTER TABLE refresh_aside RENAME TO refresh");
    }
  }

  @Test
  void aQuestionBeyondTheLimitsIsTheCallersMistake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.history.bars(BINANCE, BTC, Interval.M1, null, null, 10_001));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.history.bars(List.of(), BTC, Interval.M1, null, null, 1));
  }

  private static void minutes(@Nullable String exchange, int firstClose, int count)
      throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String close = firstClose + i == 0 ? "0.5" : "" + (firstClose + i);
      entries.add(received(bar(exchange, BTC, T0.plusSeconds(60L * i), close, true), T0));
    }
    store.write(entries.toArray(Entry[]::new));
  }

  private static List<String> closes(
      List<String> exchanges, @Nullable Instant from, @Nullable Instant to, int limit)
      throws SQLException {
    return store.history.bars(exchanges, BTC, Interval.M1, from, to, limit).stream()
        .map(each -> ((Event.Bar) each.event()).close().toString())
        .map(close -> close.equals("0.5") ? "0" : close)
        .toList();
  }

  private static List<String> ids(
      @Nullable String fromId, @Nullable Instant from, @Nullable Instant to, int limit)
      throws SQLException {
    return store.history.trades(BINANCE, BTC, fromId, from, to, limit).stream()
        .map(each -> String.valueOf(((Event.Trade) each.event()).tradeId()))
        .toList();
  }
}

package dev.everfeed.hub.source.coinbase;

import static dev.everfeed.hub.source.Answers.answer;
import static dev.everfeed.hub.source.Answers.eventsOf;
import static dev.everfeed.hub.source.Answers.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoinbaseExchangeTest {
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final Symbol ETH = Symbol.of("ETH/USD");
  private static final Symbol LTC = Symbol.of("LTC/EUR");
  private static final Query BTC_PRICE = Query.Prices.of(BTC);
  private static final PolledSource COINBASE =
      KnownSources.polled("coinbase_exchange", SourceSettings.of(URI.create("http://127.0.0.1:1")));

  private static final String TICKER =
      "{\"trade_id\":1,\"price\":\"%s\",\"size\":\"1\",\"bid\":\"%s\",\"ask\":\"%s\",\"volume\":\"9\",\"time\":\"2026-11-22T12:00:00.5Z\"}";

  /// 12:00:30, half a minute into a bar.
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:30Z");

  private static final String TIME =
      "{\"iso\":\"2026-11-22T12:00:30.000Z\",\"epoch\":1795348830.0}";

  @Test
  void oneSymbolIsOneRequest() throws Exception {
    Conversation asked = Conversation.of(COINBASE, BTC_PRICE, TICKER.formatted("5", "4", "6"));
    assertThat(asked.paths).containsExactly("/products/BTC-USD/ticker");
    List<Event> events = eventsOf(asked.outcome);
    assertThat(((Event.Price) events.getFirst()).price()).isEqualTo(Decimal.parse("5"));
    assertThat(((Event.Price) events.getFirst()).time())
        .isEqualTo(Instant.parse("2026-11-22T12:00:00.5Z"));
    assertThat(((Event.Quote) events.get(1)).symbol()).isEqualTo(BTC);
    assertThat(COINBASE.request(BTC_PRICE).headers()).isEmpty();
    assertThat(COINBASE.weight(BTC_PRICE)).isEqualTo(1);
  }

  @Test
  void severalSymbolsAreARequestEach() throws Exception {
    Query query = Query.Prices.of(List.of(LTC, ETH, BTC));
    Conversation asked = Conversation.of(
        COINBASE,
        query,
        TICKER.formatted("1", "1", "1"),
        TICKER.formatted("2", "2", "2"),
        TICKER.formatted("3", "3", "3"));
    assertThat(asked.paths)
        .containsExactly(
            "/products/BTC-USD/ticker", "/products/ETH-USD/ticker", "/products/LTC-EUR/ticker");
    assertThat(COINBASE.weight(query)).isEqualTo(3).isEqualTo(asked.weight);
    assertThat(eventsOf(asked.outcome))
        .hasSize(6)
        .allMatch(e -> e instanceof Event.Price || e instanceof Event.Quote);
    assertThat(pricesOf(asked.outcome)).containsExactly("BTC/USD 1", "ETH/USD 2", "LTC/EUR 3");
  }

  /// A whole batch must be possible in the share that a refresh has of the budget (80 %).
  @Test
  void theLargestBatchFitsInTheBudget() throws Exception {
    List<Symbol> symbols = LongStream.rangeClosed(1, Query.Prices.MAX_SYMBOLS)
        .mapToObj(i -> Symbol.of("C" + i + "/USD"))
        .toList();
    assertThat(COINBASE.weight(Query.Prices.of(symbols)))
        .isEqualTo(20)
        .isLessThanOrEqualTo(COINBASE.weightPerWindow() * 80 / 100);
    assertThat(COINBASE.weightWindow()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void aSymbolOfABatchThatItDoesNotKnowIsLeftOut() throws Exception {
    Function<String, HttpResult> venue = path -> path.contains("ETH")
        ? answer(404, "{\"message\":\"NotFound\"}")
        : answer(200, TICKER.formatted("7", "7", "7"));
    Outcome outcome =
        Conversation.of(COINBASE, Query.Prices.of(List.of(LTC, ETH, BTC)), venue).outcome;
    assertThat(pricesOf(outcome)).containsExactly("BTC/USD 7", "LTC/EUR 7");
    Failure none = failureOf(Conversation.of(
            COINBASE,
            Query.Prices.of(List.of(BTC, ETH)),
            _ -> answer(404, "{\"message\":\"NotFound\"}"))
        .outcome);
    assertThat(none.kind()).isEqualTo(Failure.Kind.CALLER);
    assertThat(none.message()).isEqualTo("coinbase_exchange: has no price of [BTC/USD, ETH/USD]");
  }

  @Test
  void aFailingSourceEndsABatch() throws Exception {
    Function<String, HttpResult> venue = path -> path.contains("ETH")
        ? answer(429, "{\"message\":\"Public rate limit exceeded\"}")
        : answer(200, TICKER.formatted("7", "7", "7"));
    Conversation asked = Conversation.of(COINBASE, Query.Prices.of(List.of(LTC, ETH, BTC)), venue);
    assertThat(asked.paths).hasSize(2);
    assertThat(failureOf(asked.outcome).kind()).isEqualTo(Failure.Kind.RATE_LIMITED);
  }

  @Test
  void aQuietProductIsNotTheSourcesFault() throws Exception {
    assertThat(failureOf(COINBASE.interpret(BTC_PRICE, answer(200, TICKER.formatted("0", "", ""))))
            .kind())
        .isEqualTo(Failure.Kind.CALLER);
    assertThat(failureOf(COINBASE.interpret(BTC_PRICE, answer(200, TICKER.formatted("-1", "", ""))))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AAPL", "BTC/USDT:USDT", "btc/usd", "BTC/US&D", "A-B/USD"})
  void whatHasNoNameThereIsNotAsked(String symbol) {
    List<Query> queries = List.of(
        Query.Prices.of(Symbol.of(symbol)),
        new Query.Bars(Symbol.of(symbol), Interval.M1, null, null, 5),
        new Query.Bars(Symbol.of(symbol), Interval.M1, NOW, null, 5),
        new Query.Trades(Symbol.of(symbol), null, 5));
    for (Query query : queries) {
      assertThatThrownBy(() -> COINBASE.request(query))
          .isInstanceOf(UnsupportedQueryException.class)
          .hasMessageContaining(symbol);
      assertThatThrownBy(() -> COINBASE.weight(query))
          .isInstanceOf(UnsupportedQueryException.class);
    }
    assertThatThrownBy(() -> COINBASE.request(new Query.Sentiments(null)))
        .isInstanceOf(UnsupportedQueryException.class);
  }

  @Test
  void whatItDoesNotListIsNotAskedOnceItsListIsKnown() throws Exception {
    String list =
        "[{\"id\":\"BTC-USD\",\"base_currency\":\"BTC\",\"quote_currency\":\"USD\",\"status\":\"online\"}]";
    Query listings = new Query.Listings(COINBASE.id());
    assertThat(COINBASE.request(listings).path()).isEqualTo("/products");
    PolledSource knowing =
        COINBASE.knowing(eventsOf(COINBASE.interpret(listings, answer(200, list))));
    assertThat(knowing.request(BTC_PRICE).path()).isEqualTo("/products/BTC-USD/ticker");
    assertThatThrownBy(() -> knowing.request(Query.Prices.of(List.of(BTC, ETH))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("coinbase_exchange: does not list ETH/USD");
    assertThat(COINBASE.knowing(List.of())).isSameAs(COINBASE);
  }

  @Test
  void theNewestTradesAreTurnedRound() throws Exception {
    Query.Trades query = new Query.Trades(BTC, null, 3);
    Conversation asked = Conversation.of(COINBASE, query, trades(12, 11, 10));
    assertThat(asked.paths).containsExactly("/products/BTC-USD/trades?limit=3");
    assertThat(idsOf(asked.outcome)).containsExactly("10", "11", "12");
    assertThat(((Event.Trade) eventsOf(asked.outcome).getFirst()).side()).isEqualTo(Side.BUY);
  }

  /// Pages run backwards, so the page below the last wanted id is asked for.
  @Test
  void tradesFromAnIdAreThoseBelowTheLastWantedOne() throws Exception {
    Query.Trades query = new Query.Trades(BTC, "74", 3);
    Conversation asked = Conversation.of(COINBASE, query, trades(76, 75, 74));
    assertThat(asked.paths).containsExactly("/products/BTC-USD/trades?limit=3&after=77");
    assertThat(idsOf(asked.outcome)).containsExactly("74", "75", "76");
    // near the newest trade the page is filled up with older ones
    assertThat(idsOf(COINBASE.interpret(query, answer(200, trades(75, 74, 73)))))
        .containsExactly("74", "75");
    assertThat(idsOf(COINBASE.interpret(query, answer(200, trades(73, 72, 71)))))
        .isEmpty();
    assertThat(
            COINBASE.request(new Query.Trades(BTC, "999999999999999999", 1_000)).path())
        .endsWith("&after=1000000000000000999");
  }

  @Test
  void tradesAreNotAskedFromAMomentOrAnIdThatIsNone() {
    for (Query query : List.of(
        new Query.Trades(BTC, "1&x=", 1),
        new Query.Trades(BTC, "-1", 1),
        new Query.Trades(BTC, null, NOW, 1, null))) {
      assertThatThrownBy(() -> COINBASE.request(query))
          .isInstanceOf(UnsupportedQueryException.class);
    }
  }

  @Test
  void impossibleTradesAreWrong() {
    Query.Trades query = new Query.Trades(BTC, null, 3);
    for (String bad : List.of(
        trades(5, 5),
        trades(5, 3, 4),
        trades(5, 4).replace("\"size\":\"2\"", "\"size\":\"0\""),
        trades(5, 4).replace("\"price\":\"1\"", "\"price\":\"-1\""))) {
      assertThat(failureOf(COINBASE.interpret(query, answer(200, bad))).kind())
          .as(bad)
          .isEqualTo(Failure.Kind.WRONG_DATA);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, CALLER",
    "403, RATE_LIMITED",
    "404, CALLER",
    "408, TIMEOUT",
    "418, BANNED",
    "429, RATE_LIMITED",
    "500, SERVER_ERROR",
    "503, SERVER_ERROR",
    "301, UNDECODABLE",
    "200, UNDECODABLE",
    "204, UNDECODABLE"
  })
  void statusesWithABodyOfNoKind(int status, Failure.Kind kind) {
    for (String body : List.of("", "<html>502 Bad Gateway</html>", "{", "null", "7", "[[[")) {
      for (Query query : List.of(
          BTC_PRICE,
          new Query.Bars(BTC, Interval.M1, NOW, null, 5),
          new Query.Bars(BTC, Interval.M1, null, null, 5),
          new Query.Trades(BTC, null, 5),
          new Query.Listings(COINBASE.id()))) {
        Failure failure = failureOf(COINBASE.interpret(query, answer(status, body)));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.message()).startsWith("coinbase_exchange: ");
      }
      assertThat(failureOf(COINBASE.interpretProbe(answer(status, body))).kind())
          .isEqualTo(kind);
    }
  }

  @Test
  void anErrorBodySaysWhy() {
    assertThat(failureOf(COINBASE.interpret(BTC_PRICE, answer(404, "{\"message\":\"NotFound\"}"))))
        .isEqualTo(Failure.of(Failure.Kind.CALLER, "coinbase_exchange: HTTP 404: NotFound"));
    Failure limited = failureOf(COINBASE.interpret(
        BTC_PRICE,
        answer(429, "{\"message\":\"Public rate limit exceeded\"}", Map.of("retry-after", "2"))));
    assertThat(limited.kind()).isEqualTo(Failure.Kind.RATE_LIMITED);
    assertThat(limited.retryAfterNanos()).isEqualTo(2_000_000_000L);
    assertThat(failureOf(COINBASE.interpret(BTC_PRICE, answer(200, "{\"message\":\"?\"}")))
            .kind())
        .isEqualTo(Failure.Kind.SERVER_ERROR);
  }

  @Test
  void theProbeIsTheClock() {
    assertThat(COINBASE.probe().path()).isEqualTo("/time");
    assertThat(eventsOf(COINBASE.interpretProbe(answer(200, TIME))))
        .containsExactly(new Event.ServerTime(COINBASE.id(), NOW));
  }

  @Test
  void itSaysWhatItCanProve() {
    Proof trades = proof(Query.Kind.TRADES);
    assertThat(trades.dense()).isTrue();
    assertThat(trades.refill()).isEqualTo(Proof.Refill.BY_ID);
    assertThat(proof(Query.Kind.BARS).dense()).isFalse();
    assertThat(COINBASE.proofs().keySet()).isEqualTo(COINBASE.offers());
    assertThat(COINBASE.exchange()).isEqualTo("coinbase");
    assertThat(COINBASE.terms()).contains("written consent");
  }

  private static Proof proof(Query.Kind kind) {
    Proof proof = COINBASE.proofs().get(kind);
    assertThat(proof).isNotNull();
    return proof;
  }

  private static String trades(long... ids) {
    StringJoiner list = new StringJoiner(",", "[", "]");
    for (long id : ids) {
      list.add(
          "{\"trade_id\":%d,\"side\":\"sell\",\"size\":\"2\",\"price\":\"1\",\"time\":\"2026-04-06T10:32:55.517183Z\"}"
              .formatted(id));
    }
    return list.toString();
  }

  private static List<String> idsOf(Outcome outcome) {
    List<String> ids = new ArrayList<>();
    for (Event event : eventsOf(outcome)) {
      String id = ((Event.Trade) event).tradeId();
      ids.add(id == null ? "none" : id);
    }
    return ids;
  }

  private static List<String> pricesOf(Outcome outcome) {
    return eventsOf(outcome).stream()
        .filter(Event.Price.class::isInstance)
        .map(e -> ((Event.Price) e).symbol() + " " + ((Event.Price) e).price())
        .toList();
  }
}

package dev.everfeed.hub.source;

import static dev.everfeed.hub.source.Answers.answer;
import static dev.everfeed.hub.source.Answers.eventsOf;
import static dev.everfeed.hub.source.Answers.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinanceRestTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Symbol ETH = Symbol.of("ETH/USDT");
  private static final Query BTC_PRICE = Query.Prices.of(BTC);
  private static final PolledSource BINANCE =
      KnownSources.polled("binance", SourceSettings.of(URI.create("http://127.0.0.1:1")));

  private static final String TICKER =
      "{\"symbol\":\"%s\",\"lastPrice\":\"%s\",\"bidPrice\":\"%s\",\"bidQty\":\"1\",\"askPrice\":\"%s\",\"askQty\":\"2\",\"closeTime\":1730439018472}";

  @Test
  void oneSymbolIsAskedByName() throws Exception {
    SourceRequest request = BINANCE.request(BTC_PRICE);
    assertThat(request.path()).isEqualTo("/api/v3/ticker/24hr?symbol=BTCUSDT");
    assertThat(request.weight()).isEqualTo(2);
    assertThat(request.headers()).isEmpty();
  }

  @Test
  void severalSymbolsAreOneRequest() throws Exception {
    SourceRequest request = BINANCE.request(Query.Prices.of(List.of(ETH, BTC)));
    assertThat(request.path())
        .isEqualTo("/api/v3/ticker/24hr?symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D");
    assertThat(request.weight()).isEqualTo(2);
  }

  /// Binance includes `endTime`, a query does not include `to`.
  @Test
  void theEndOfBarsIsExclusive() throws Exception {
    Query.Bars query = new Query.Bars(
        BTC,
        Interval.M1,
        Instant.ofEpochMilli(1_577_836_800_000L),
        Instant.ofEpochMilli(1_577_840_400_000L),
        60);
    assertThat(BINANCE.request(query).path())
        .isEqualTo("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1577836800000"
            + "&endTime=1577840399999&limit=60");
    assertThat(BINANCE.request(query).weight()).isEqualTo(2);
  }

  @Test
  void withoutARangeTheNewestBarsAreAsked() throws Exception {
    assertThat(
            BINANCE.request(new Query.Bars(BTC, Interval.MONTH, null, null, 5)).path())
        .isEqualTo("/api/v3/klines?symbol=BTCUSDT&interval=1M&limit=5");
  }

  /// No bar opens between two whole seconds.
  @Test
  void boundsBetweenTwoOpensAreRoundedUp() throws Exception {
    Instant odd = Instant.ofEpochSecond(1_000, 500_000_001);
    assertThat(BINANCE
            .request(new Query.Bars(BTC, Interval.S1, odd, odd.plusSeconds(1), 1))
            .path())
        .contains("startTime=1001000&endTime=1001999&");
  }

  @Test
  void tradesFromAnIdAreTheHistoricalOnesNotTheAggregatedOnes() throws Exception {
    assertThat(BINANCE.request(new Query.Trades(BTC, null, 100)).path())
        .isEqualTo("/api/v3/trades?symbol=BTCUSDT&limit=100");
    assertThat(BINANCE.request(new Query.Trades(BTC, "28457", 1_000)).path())
        .isEqualTo("/api/v3/historicalTrades?symbol=BTCUSDT&fromId=28457&limit=1000");
    assertThat(BINANCE.request(new Query.Trades(BTC, "1", 1)).weight()).isEqualTo(25);
    assertThatThrownBy(() -> BINANCE.request(new Query.Trades(BTC, "1&x=", 1)))
        .isInstanceOf(UnsupportedQueryException.class);
  }

  @Test
  void listingsMayBeLarger() throws Exception {
    SourceRequest request =
        BINANCE.request(new Query.Listings(new dev.everfeed.core.model.SourceId("binance")));
    assertThat(request.path()).isEqualTo("/api/v3/exchangeInfo");
    assertThat(request.bodyMaxBytes()).isEqualTo(32 << 20);
    assertThat(request.weight()).isEqualTo(20);
    assertThat(BINANCE.probe().path()).isEqualTo("/api/v3/time");
  }

  /// As vendors print it: with the root of the interface at the end.
  @Test
  void aBaseUrlWithTheApiRootIsNotGivenItTwice() {
    for (String base : List.of("https://api.binance.com/api/v3", "https://x.org/api/v3/")) {
      PolledSource source = KnownSources.polled("binance", SourceSettings.of(URI.create(base)));
      assertThat(source.probe().path()).isEqualTo("/time");
    }
  }

  @ParameterizedTest
  @CsvSource({"AAPL", "BTC/USDT:USDT", "btc/usdt", "BTC/US&T"})
  void whatHasNoNameThereIsNotAsked(String symbol) {
    assertThatThrownBy(() -> BINANCE.request(Query.Prices.of(Symbol.of(symbol))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining(symbol);
    assertThatThrownBy(() -> BINANCE.request(new Query.Sentiments(null)))
        .isInstanceOf(UnsupportedQueryException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "400, CALLER",
    "401, CALLER",
    "403, RATE_LIMITED",
    "404, CALLER",
    "408, TIMEOUT",
    "418, BANNED",
    "429, RATE_LIMITED",
    "451, CALLER",
    "500, SERVER_ERROR",
    "502, SERVER_ERROR",
    "503, SERVER_ERROR",
    "504, SERVER_ERROR",
    "599, SERVER_ERROR",
    "301, UNDECODABLE",
    "200, UNDECODABLE",
    "204, UNDECODABLE"
  })
  void statusesWithABodyOfNoKind(int status, Failure.Kind kind) {
    for (String body : List.of("", "<html>502 Bad Gateway</html>", "{", "null")) {
      Failure failure = failureOf(BINANCE.interpret(BTC_PRICE, answer(status, body)));
      assertThat(failure.kind()).isEqualTo(kind);
      assertThat(failure.message()).startsWith("binance: ");
      assertThat(failureOf(BINANCE.interpretProbe(answer(status, body))).kind()).isEqualTo(kind);
    }
  }

  @Test
  void anErrorBodySaysWhy() {
    Failure unknown = failureOf(
        BINANCE.interpret(BTC_PRICE, answer(400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}")));
    assertThat(unknown)
        .isEqualTo(
            Failure.of(Failure.Kind.CALLER, "binance: HTTP 400: Invalid symbol. (code -1121)"));
    Failure limited = failureOf(BINANCE.interpret(
        BTC_PRICE, answer(400, "{\"code\":-1003,\"msg\":\"Too many requests.\"}")));
    assertThat(limited.kind()).isEqualTo(Failure.Kind.RATE_LIMITED);
    Failure strange = failureOf(
        BINANCE.interpret(BTC_PRICE, answer(200, "{\"code\":-1000,\"msg\":\"Unknown.\"}")));
    assertThat(strange.kind()).isEqualTo(Failure.Kind.SERVER_ERROR);
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "0, 0",
    "'', 0",
    "soon, 0",
    "-5, 0",
    "99999999999999999999, 259200",
    "1.5, 0",
    "'Sun, 22 Nov 2026 12:00:30 GMT', 30",
    "'Sun, 22 Nov 2026 11:00:00 GMT', 0"
  })
  void retryAfterIsReadInBothForms(String text, long seconds) {
    Map<String, String> headers =
        Map.of("retry-after", text, "date", "Sun, 22 Nov 2026 12:00:00 GMT");
    for (int status : new int[] {418, 429, 503}) {
      assertThat(failureOf(BINANCE.interpret(BTC_PRICE, answer(status, "", headers)))
              .retryAfterNanos())
          .isEqualTo(Duration.ofSeconds(seconds).toNanos());
    }
  }

  @Test
  void aTickerIsAPriceAndAQuote() {
    List<Event> events = eventsOf(BINANCE.interpret(
        BTC_PRICE, answer(200, TICKER.formatted("BTCUSDT", "69624.00", "69623.5", "69624.5"))));
    assertThat(events).hasSize(2);
    assertThat(((Event.Price) events.getFirst()).price()).isEqualTo(Decimal.parse("69624"));
    assertThat(events.getFirst().source().name()).isEqualTo("binance");
    assertThat(((Event.Quote) events.get(1)).symbol()).isEqualTo(BTC);
  }

  /// What the answer lacks is missing; what it has is used.
  @Test
  void aBatchMayLackASymbol() {
    Query both = Query.Prices.of(List.of(BTC, ETH));
    String body = "[" + TICKER.formatted("ETHUSDT", "2500", "2499", "2501") + ","
        + TICKER.formatted("LTCUSDT", "70", "69", "71") + "]";
    assertThat(eventsOf(BINANCE.interpret(both, answer(200, body)))).hasSize(2);
  }

  @Test
  void anAnswerForAnotherSymbolIsWrong() {
    Failure failure = failureOf(BINANCE.interpret(
        BTC_PRICE, answer(200, TICKER.formatted("ETHUSDT", "2500", "2499", "2501"))));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message()).contains("answered for [ETH/USDT] when asked for [BTC/USDT]");
  }

  /// A name that the list of quotes would split wrongly is read as it was asked.
  @Test
  void aGluedNameIsSplitAsItWasAsked() {
    Symbol odd = Symbol.of("USDT/USD");
    List<Event> events = eventsOf(BINANCE.interpret(
        Query.Prices.of(odd), answer(200, TICKER.formatted("USDTUSD", "1", "1", "1"))));
    assertThat(((Event.Price) events.getFirst()).symbol()).isEqualTo(odd);
  }

  @Test
  void aSymbolThatDoesNotTradeIsNotTheSourcesFault() {
    assertThat(failureOf(BINANCE.interpret(
                BTC_PRICE, answer(200, TICKER.formatted("BTCUSDT", "0.0", "0.0", "0.0"))))
            .kind())
        .isEqualTo(Failure.Kind.CALLER);
    assertThat(failureOf(BINANCE.interpret(
                BTC_PRICE, answer(200, TICKER.formatted("BTCUSDT", "-1", "1", "1"))))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @Test
  void anEmptySideOfTheBookIsNull() {
    List<Event> events = eventsOf(BINANCE.interpret(
        BTC_PRICE, answer(200, TICKER.formatted("BTCUSDT", "5", "0.00000000", "6"))));
    Event.Quote quote = (Event.Quote) events.get(1);
    assertThat(quote.bid()).isNull();
    assertThat(quote.bidSize()).isNull();
    assertThat(quote.ask()).isEqualTo(Decimal.parse("6"));
  }

  @Test
  void impossibleBarsAreWrong() {
    Query.Bars query =
        new Query.Bars(BTC, Interval.M1, Instant.ofEpochSecond(60), Instant.ofEpochSecond(240), 3);
    String good = "[60000,\"2\",\"3\",\"1\",\"2\",\"9\",119999,\"0\",1,\"0\",\"0\",\"0\"]";
    assertThat(eventsOf(BINANCE.interpret(query, answer(200, "[" + good + "]"))))
        .hasSize(1);
    assertThat(eventsOf(BINANCE.interpret(query, answer(200, "[]")))).isEmpty();
    for (String bad : List.of(
        good + "," + good, // twice
        good.replace("60000", "120000") + "," + good, // newest first
        good.replace("60000", "0"), // before
        good.replace("60000", "240000"), // after
        good.replace("\"3\"", "\"1.5\""), // high below open
        good.replace("\"1\",\"2\"", "\"2.5\",\"2\""), // low above open
        good.replace("\"1\",\"2\"", "\"0\",\"2\""), // low of nothing
        good.replace("\"9\"", "\"-9\""))) {
      assertThat(
              failureOf(BINANCE.interpret(query, answer(200, "[" + bad + "]"))).kind())
          .as(bad)
          .isEqualTo(Failure.Kind.WRONG_DATA);
    }
  }

  /// The rules above hold for everything that was ever recorded.
  @Test
  void recordedBarsAndTradesAreAllBelievable() throws IOException {
    int bars = 0;
    for (Path file : recorded("rest_bars")) {
      byte[] body = Files.readAllBytes(file);
      Query query = new Query.Bars(BTC, Interval.H1, null, null, 1_000);
      bars += eventsOf(BINANCE.interpret(query, new HttpResult(200, Map.of(), body)))
          .size();
    }
    assertThat(bars).isEqualTo(2_817);
    int trades = 0;
    for (Path file : recorded("rest_trades")) {
      byte[] body = Files.readAllBytes(file);
      Query query = new Query.Trades(BTC, null, 1_000);
      trades += eventsOf(BINANCE.interpret(query, new HttpResult(200, Map.of(), body)))
          .size();
    }
    assertThat(trades).isEqualTo(1_021);
  }

  @Test
  void tradesBeforeTheOneAskedForAreWrong() {
    String body = "[{\"id\":5,\"price\":\"1\",\"qty\":\"1\",\"time\":1,\"isBuyerMaker\":true}]";
    assertThat(eventsOf(BINANCE.interpret(new Query.Trades(BTC, "5", 10), answer(200, body))))
        .hasSize(1);
    assertThat(failureOf(BINANCE.interpret(new Query.Trades(BTC, "6", 10), answer(200, body)))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @Test
  void theProbeIsAliveWithTheClockOrAPing() {
    assertThat(eventsOf(BINANCE.interpretProbe(answer(200, "{\"serverTime\":1730439018472}"))))
        .hasSize(1);
    assertThat(eventsOf(BINANCE.interpretProbe(answer(200, "{}")))).isEmpty();
  }

  @Test
  void theWeightUsedAndItsLimitAreTold() throws IOException {
    Usage usage = BINANCE.usage(answer(200, "{}", Map.of("x-mbx-used-weight-1m", "37", "x", "y")));
    assertThat(usage.usedWeight()).isEqualTo(OptionalInt.of(37));
    assertThat(usage.limit()).isEmpty();
    assertThat(BINANCE.usage(answer(200, "", Map.of("x-mbx-used-weight-1m", "many"))))
        .isEqualTo(Usage.UNKNOWN);
    byte[] info = Files.readAllBytes(Shared.wire("cases/binance/rest_instruments/0006.json"));
    assertThat(BINANCE.usage(new HttpResult(200, Map.of(), info)).limit())
        .isEqualTo(OptionalInt.of(1_200));
  }

  private static List<Path> recorded(String kind) throws IOException {
    try (Stream<Path> files = Files.list(Shared.wire("cases/binance").resolve(kind))) {
      return files.filter(f -> !f.endsWith("manifest.json")).sorted().toList();
    }
  }
}

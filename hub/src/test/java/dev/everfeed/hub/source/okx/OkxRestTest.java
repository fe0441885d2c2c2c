package dev.everfeed.hub.source.okx;

import static dev.everfeed.hub.source.Answers.eventsOf;
import static dev.everfeed.hub.source.Answers.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OkxRestTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Symbol ETH = Symbol.of("ETH/USDT");
  private static final Query BTC_PRICE = Query.Prices.of(BTC);
  private static final PolledSource OKX =
      KnownSources.polled("okx", SourceSettings.of(URI.create("http://127.0.0.1:1")));

  private static final String TICKER =
      "{'instType':'SPOT','instId':'%s','last':'%s','bidPx':'%s','bidSz':'1','askPx':'%s',"
          + "'askSz':'2','ts':'1770531569705'}";

  @Test
  void oneSymbolIsAskedByNameAndSeveralAreAllOfSpot() throws Exception {
    assertThat(OKX.request(BTC_PRICE).path()).isEqualTo("/api/v5/market/ticker?instId=BTC-USDT");
    SourceRequest all = OKX.request(Query.Prices.of(List.of(BTC, ETH)));
    assertThat(all.path()).isEqualTo("/api/v5/market/tickers?instType=SPOT");
    assertThat(all.weight()).isEqualTo(1);
  }

  @Test
  void theInstrumentsAndTheTime() throws Exception {
    SourceRequest listings = OKX.request(new Query.Listings(new SourceId("okx")));
    assertThat(listings.path()).isEqualTo("/api/v5/public/instruments?instType=SPOT");
    assertThat(OKX.probe().path()).isEqualTo("/api/v5/public/time");
    assertThat(eventsOf(
            OKX.interpretProbe(answer("{'code':'0','data':[{'ts':'1597026383085'}],'msg':''}"))))
        .singleElement()
        .isInstanceOf(Event.ServerTime.class);
  }

  @Test
  void aBaseUrlWithTheApiRootIsNotGivenItTwice() {
    PolledSource source = new OkxRest(SourceSettings.of(URI.create("https://eea.okx.com/api/v5/")));
    assertThat(source.probe().path()).isEqualTo("/public/time");
  }

  /// 20 requests in 2 s, and the time allows half as many.
  @Test
  void theBudgetIsThatOfTheScarcestPath() throws Exception {
    assertThat(OKX.weightPerWindow()).isEqualTo(20);
    assertThat(OKX.weightWindow()).isEqualTo(Duration.ofSeconds(2));
    assertThat(OKX.probe().weight()).isEqualTo(2);
    assertThat(OKX.weight(new Query.Bars(BTC, Interval.M1, null, null, 900))).isEqualTo(3);
    assertThat(OKX.weight(new Query.Bars(BTC, Interval.M1, Instant.EPOCH, null, 250)))
        .isEqualTo(5);
    assertThat(OKX.weight(new Query.Trades(BTC, "1", 250))).isEqualTo(3);
    assertThat(OKX.weight(new Query.Trades(BTC, null, 250))).isEqualTo(1);
    assertThat(OKX.usage(answer("{}")).limit()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"AAPL", "BTC/USDT:USDT", "btc/usdt", "BTC/US-T", "/USDT", "BTC/"})
  void whatHasNoNameThereIsNotAsked(String symbol) {
    assertThatThrownBy(() -> OKX.request(Query.Prices.of(Symbol.of(symbol))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining(symbol);
    assertThatThrownBy(
            () -> OKX.request(new Query.Bars(Symbol.of(symbol), Interval.M1, null, null, 1)))
        .isInstanceOf(UnsupportedQueryException.class);
  }

  @Test
  void whatIsNotListedIsNotAsked() throws Exception {
    byte[] list = Files.readAllBytes(Shared.wire("cases/okx/rest_instruments/0004.json"));
    PolledSource knowing = OKX.knowing(eventsOf(OKX.interpret(
        new Query.Listings(new SourceId("okx")), new HttpResult(200, Map.of(), list))));
    assertThat(knowing.request(BTC_PRICE).path()).endsWith("instId=BTC-USDT");
    assertThatThrownBy(() -> knowing.request(Query.Prices.of(Symbol.of("BTC/USD"))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("okx: does not list BTC/USD");
    assertThat(OKX.knowing(List.of()).request(Query.Prices.of(Symbol.of("BTC/USD"))))
        .isNotNull();
  }

  @Test
  void oneSecondBarsAreNotOffered() {
    assertThatThrownBy(() -> OKX.request(new Query.Bars(BTC, Interval.S1, null, null, 5)))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining("1s");
  }

  @ParameterizedTest
  @CsvSource({
    "1m, 1m, 5",
    "1h, 1H, 5",
    "4h, 4H, 5",
    "6h, 6Hutc, 5",
    "8h, 4H, 11",
    "12h, 12Hutc, 5",
    "1d, 1Dutc, 5",
    "3d, 1Dutc, 17",
    "1w, 1Wutc, 5",
    "1M, 1Mutc, 5"
  })
  void theNewestBarsComeFromTheFirstList(String interval, String bar, int limit) throws Exception {
    Query query = new Query.Bars(BTC, Interval.parse(interval).orElseThrow(), null, null, 5);
    assertThat(OKX.request(query).path())
        .isEqualTo("/api/v5/market/candles?bar=%s&limit=%d&instId=BTC-USDT".formatted(bar, limit));
  }

  /// Days of Hong Kong begin at 16:00 UTC. Were they taken for ours, every bar would be wrong.
  @Test
  void daysThatBeginElsewhereAreRefused() {
    Query query = new Query.Bars(BTC, Interval.D1, null, null, 1);
    String row = "['%d','1','1','1','1','5','6','7','1']";
    Instant midnight = Instant.parse("2026-01-05T00:00:00Z");
    String good = bars(row.formatted(midnight.toEpochMilli()));
    String bad = bars(row.formatted(midnight.minusSeconds(8 * 3_600).toEpochMilli()));
    assertThat(eventsOf(OKX.interpret(query, answer(good)))).hasSize(1);
    Failure failure = failureOf(OKX.interpret(query, answer(bad)));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message())
        .contains("1d bar of BTC/USDT at 2026-01-04T16:00:00Z does not open at a whole 1d of UTC");
  }

  @Test
  void theRunningBarSaysSoAndIsNotCovered() {
    Query query = new Query.Bars(BTC, Interval.H1, null, null, 2);
    String rows = "['7200000','1','1','1','1','5','6','7','0'],"
        + "['3600000','1','1','1','1','5','6','7','1']";
    Outcome.Usable usable = (Outcome.Usable) OKX.interpret(query, answer(bars(rows)));
    assertThat(usable.events())
        .extracting(e -> ((Event.Bar) e).complete())
        .containsExactly(true, false);
    assertThat(usable.covered()).isNotNull().satisfies(covered -> {
      assertThat(covered.from()).isEqualTo(Instant.ofEpochMilli(3_600_000));
      assertThat(covered.to()).isEqualTo(Instant.ofEpochMilli(7_200_000));
    });
  }

  @Test
  void barsOutOfOrderAreRefused() {
    Query query = new Query.Bars(BTC, Interval.H1, null, null, 3);
    String row = "['%d','1','1','1','1','5','6','7','1']";
    String rows = LongStream.of(2, 3, 1)
        .mapToObj(hour -> row.formatted(hour * 3_600_000))
        .collect(Collectors.joining(","));
    assertThat(failureOf(OKX.interpret(query, answer(bars(rows)))).kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @Test
  void theNewestTradesAreAtMost500() throws Exception {
    assertThat(OKX.request(new Query.Trades(BTC, null, 1_000)).path())
        .isEqualTo("/api/v5/market/trades?instId=BTC-USDT&limit=500");
    assertThat(OKX.request(new Query.Trades(BTC, null, 7)).path()).endsWith("&limit=7");
    assertThatThrownBy(() -> OKX.request(new Query.Trades(BTC, null, Instant.EPOCH, 7, null)))
        .isInstanceOf(UnsupportedQueryException.class);
    assertThatThrownBy(() -> OKX.request(new Query.Trades(BTC, "1&x=", 7)))
        .isInstanceOf(UnsupportedQueryException.class);
  }

  @Test
  void recordedTradesComeOldestFirst() throws Exception {
    byte[] body = Files.readAllBytes(Shared.wire("cases/okx/rest_trades/0001.json"));
    HttpResult result = new HttpResult(200, Map.of(), body);
    assertThat(eventsOf(OKX.interpret(new Query.Trades(BTC, null, 10), result)))
        .extracting(e -> ((Event.Trade) e).tradeId())
        .containsExactly("734864332", "734864333");
    assertThat(failureOf(OKX.interpret(new Query.Trades(ETH, null, 10), result)).message())
        .contains("answered for BTC/USDT when asked for ETH/USDT");
  }

  @Test
  void tradesWithoutAnIdOrBeyondTheBoundAreRefused() {
    Query query = new Query.Trades(BTC, "100", 10);
    for (String trade : List.of("'tradeId':'110'", "'tradeId':''", "'x':'1'")) {
      String body = "{'code':'0','data':[{'instId':'BTC-USDT','px':'1','sz':'1'," + trade + "}]}";
      assertThat(
              ((Outcome.Unusable) OKX.interpret(query, answer(body))).failure().kind())
          .as(trade)
          .isIn(Failure.Kind.WRONG_DATA, Failure.Kind.UNDECODABLE);
    }
  }

  /// 3 months are kept. An answer without any trade, not even an older one, is not the end.
  @Test
  void tradesThatAreNoLongerKeptAreNotTakenForNone() {
    Failure failure = failureOf(
        OKX.interpret(new Query.Trades(BTC, "5", 10), answer("{'code':'0','msg':'','data':[]}")));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.NOT_OFFERED);
    assertThat(failure.message())
        .isEqualTo("okx: knows no trade of BTC/USDT as old as 5: it keeps 3 months");
  }

  @ParameterizedTest
  @CsvSource({
    "200, 50011, RATE_LIMITED",
    "429, 50011, RATE_LIMITED",
    "200, 51001, CALLER",
    "400, 51000, CALLER",
    "200, 50001, SERVER_ERROR",
    "503, 50001, SERVER_ERROR",
    "400, 50026, SERVER_ERROR",
    "200, 1, SERVER_ERROR",
    "400, 50014, CALLER"
  })
  void theCodeSaysWhatFailed(int status, String code, Failure.Kind kind) {
    String body = "{'code':'" + code + "','data':[],'msg':'No.'}";
    for (Query query : List.of(
        BTC_PRICE,
        new Query.Bars(BTC, Interval.M1, null, null, 1),
        new Query.Bars(BTC, Interval.M1, Instant.EPOCH, null, 1),
        new Query.Trades(BTC, "1", 1))) {
      Failure failure = failureOf(OKX.interpret(query, answer(status, body)));
      assertThat(failure.kind()).isEqualTo(kind);
      assertThat(failure.message()).startsWith("okx: HTTP " + status).contains("code " + code);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, CALLER",
    "403, CALLER",
    "429, RATE_LIMITED",
    "500, SERVER_ERROR",
    "200, UNDECODABLE"
  })
  void statusesWithABodyOfNoKind(int status, Failure.Kind kind) {
    for (String body :
        List.of("", "<html>Access denied</html>", "{", "null", "[]", "{'code':'0'}")) {
      for (Query query : List.of(
          BTC_PRICE,
          new Query.Bars(BTC, Interval.M1, null, null, 1),
          new Query.Bars(BTC, Interval.M1, Instant.EPOCH, null, 1),
          new Query.Trades(BTC, null, 1),
          new Query.Listings(new SourceId("okx")))) {
        assertThat(failureOf(OKX.interpret(query, answer(status, body))).kind()).isEqualTo(kind);
      }
      assertThat(failureOf(OKX.interpretProbe(answer(status, body))).kind()).isEqualTo(kind);
    }
  }

  @Test
  void aBatchIsPickedFromAllOfSpot() {
    String body = "{'code':'0','msg':'','data':["
        + TICKER.formatted("ETH-USDT", "2088", "2088", "2088.01") + ","
        + TICKER.formatted("LTC-USDT", "70", "69", "71") + "]}";
    assertThat(eventsOf(OKX.interpret(Query.Prices.of(List.of(BTC, ETH)), answer(body))))
        .hasSize(2)
        .first()
        .isInstanceOfSatisfying(Event.Price.class, price -> {
          assertThat(price.symbol()).isEqualTo(ETH);
          assertThat(price.price()).isEqualTo(Decimal.of(2_088));
        });
    assertThat(failureOf(OKX.interpret(BTC_PRICE, answer(body))).kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  private static String bars(String rows) {
    return "{'code':'0','msg':'','data':[" + rows + "]}";
  }

  private static HttpResult answer(String body) {
    return answer(200, body);
  }

  private static HttpResult answer(int status, String body) {
    return dev.everfeed.hub.source.Answers.answer(status, body.replace('\'', '"'));
  }
}

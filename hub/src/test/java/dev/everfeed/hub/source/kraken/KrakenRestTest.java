package dev.everfeed.hub.source.kraken;

import static dev.everfeed.hub.source.Answers.answer;
import static dev.everfeed.hub.source.Answers.eventsOf;
import static dev.everfeed.hub.source.Answers.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.hub.source.Usage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Questions, prices, errors, the list and the probe; bars and trades have tests of their own.
class KrakenRestTest {
  static final Symbol BTC = Symbol.of("BTC/USD");
  private static final Symbol DOGE = Symbol.of("DOGE/USD");
  private static final Query BTC_PRICE = Query.Prices.of(BTC);
  static final PolledSource KRAKEN =
      KnownSources.polled("kraken", SourceSettings.of(URI.create("http://127.0.0.1:1")));

  private static final String TICKER =
      "\"%s\":{\"a\":[\"%s\",\"1\",\"1.5\"],\"b\":[\"%s\",\"1\",\"2.5\"],\"c\":[\"%s\",\"0.1\"]}";

  static String result(String result) {
    return "{\"error\":[],\"result\":" + result + "}";
  }

  @Test
  void severalSymbolsAreOneRequestInTheVenuesCodes() throws Exception {
    assertThat(KRAKEN.request(BTC_PRICE).path()).isEqualTo("/0/public/Ticker?pair=XBTUSD");
    SourceRequest both = KRAKEN.request(Query.Prices.of(List.of(DOGE, BTC)));
    assertThat(both.path()).isEqualTo("/0/public/Ticker?pair=XBTUSD,XDGUSD");
    assertThat(both.weight()).isEqualTo(1);
    assertThat(both.headers()).isEmpty();
  }

  /// As the venue prints it: with the version at the end.
  @Test
  void aBaseUrlWithTheApiRootIsNotGivenItTwice() throws Exception {
    for (String base : List.of("https://api.kraken.com/0", "https://x.org/0/")) {
      PolledSource source = KnownSources.polled("kraken", SourceSettings.of(URI.create(base)));
      assertThat(source.request(BTC_PRICE).path()).isEqualTo("/public/Ticker?pair=XBTUSD");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"AAPL", "BTC/USD:USD", "btc/usd", "BTC/US&D"})
  void whatHasNoNameThereIsNotAsked(String symbol) {
    assertThatThrownBy(() -> KRAKEN.request(Query.Prices.of(Symbol.of(symbol))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining(symbol);
    assertThatThrownBy(() -> KRAKEN.request(new Query.Sentiments(null)))
        .isInstanceOf(UnsupportedQueryException.class);
  }

  /// The keys of an answer are not the names that were asked for.
  @ParameterizedTest
  @CsvSource({"XXBTZUSD, XXDGZUSD", "XBTUSD, XDGUSD", "XBT/USD, XDG/USD", "BTC/USD, DOGE/USD"})
  void keysOfEitherFormAreWhatWasAsked(String first, String second) {
    String body = "{" + TICKER.formatted(first, "3", "1", "2") + ","
        + TICKER.formatted(second, "0.3", "0.1", "0.2") + "}";
    List<Event> events =
        eventsOf(KRAKEN.interpret(Query.Prices.of(List.of(BTC, DOGE)), answer(200, result(body))));
    assertThat(events)
        .extracting(e -> e instanceof Event.Price p ? p.symbol() : ((Event.Quote) e).symbol())
        .containsExactly(BTC, BTC, DOGE, DOGE);
    assertThat(((Event.Quote) events.get(1)).bidSize()).isEqualTo(Decimal.parse("2.5"));
    assertThat(((Event.Price) events.getFirst()).time()).isNull();
  }

  @Test
  void anAnswerForAnotherPairIsWrong() {
    Failure failure = failureOf(KRAKEN.interpret(
        BTC_PRICE, answer(200, result("{" + TICKER.formatted("XETHZUSD", "3", "1", "2") + "}"))));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message()).contains("answered for [ETH/USD] when asked for [BTC/USD]");
  }

  /// Dollars and dollar coins are different instruments, in the answer too.
  @Test
  void aTetherPairIsNoDollarPair() {
    assertThat(failureOf(KRAKEN.interpret(
                BTC_PRICE,
                answer(200, result("{" + TICKER.formatted("XBTUSDT", "3", "1", "2") + "}"))))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @Test
  void theRecordedTickerIsBelieved() throws IOException {
    byte[] body = Files.readAllBytes(Shared.wire("cases/kraken_rest/rest_ticker/0002.json"));
    assertThat(eventsOf(KRAKEN.interpret(
            Query.Prices.of(Symbol.of("BTC/USDT")), new HttpResult(200, Map.of(), body))))
        .hasSize(2);
  }

  /// All with HTTP 200.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EQuery:Unknown asset pair | CALLER",
        "EGeneral:Invalid arguments | CALLER",
        "EGeneral:Invalid arguments:interval | CALLER",
        "EAPI:Invalid key | CALLER",
        "EGeneral:Too many requests | RATE_LIMITED",
        "EAPI:Rate limit exceeded | RATE_LIMITED",
        "EService:Throttled: 1700000000 | RATE_LIMITED",
        "EGeneral:Temporary lockout | BANNED",
        "EService:Unavailable | SERVER_ERROR",
        "EService:Busy | SERVER_ERROR",
        "EService:Market in cancel_only mode | SERVER_ERROR",
        "EGeneral:Internal error | SERVER_ERROR",
        "ENew:Never seen | SERVER_ERROR",
        "WGeneral:Only a warning | SERVER_ERROR"
      })
  void anErrorWithStatus200IsOne(String text, Failure.Kind kind) {
    String body = "{\"error\":[\"" + text + "\"]}";
    Failure failure = failureOf(KRAKEN.interpret(BTC_PRICE, answer(200, body)));
    assertThat(failure).isEqualTo(Failure.of(kind, "kraken: HTTP 200: " + text));
    assertThat(failureOf(KRAKEN.interpretProbe(answer(200, body))).kind()).isEqualTo(kind);
  }

  @Test
  void theRecordedThrottleIsARateLimit() throws IOException {
    byte[] body = Files.readAllBytes(Shared.wire("cases/kraken_rest/rest_error/0002.json"));
    assertThat(failureOf(KRAKEN.interpret(BTC_PRICE, new HttpResult(200, Map.of(), body)))
            .kind())
        .isEqualTo(Failure.Kind.RATE_LIMITED);
  }

  /// All are told, and the one that concerns most decides, wherever it stands.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EQuery:Unknown asset pair | EGeneral:Too many requests | RATE_LIMITED",
        "EGeneral:Too many requests | EService:Unavailable | RATE_LIMITED",
        "EQuery:Unknown asset pair | EService:Unavailable | SERVER_ERROR",
        "EGeneral:Temporary lockout | EAPI:Rate limit exceeded | BANNED",
        "EQuery:Unknown asset pair | EGeneral:Invalid arguments | CALLER"
      })
  void severalErrorsAreOneFailure(String first, String second, Failure.Kind kind) {
    String body = "{\"error\":[\"" + first + "\",\"" + second + "\"]}";
    assertThat(failureOf(KRAKEN.interpret(BTC_PRICE, answer(200, body))))
        .isEqualTo(Failure.of(kind, "kraken: HTTP 200: " + first + "; " + second));
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
    "502, SERVER_ERROR",
    "520, SERVER_ERROR",
    "301, UNDECODABLE",
    "200, UNDECODABLE",
    "204, UNDECODABLE"
  })
  void statusesWithABodyOfNoKind(int status, Failure.Kind kind) {
    for (String body : List.of("", "<html>502 Bad Gateway</html>", "{", "null", "{\"error\":[]}")) {
      Failure failure = failureOf(KRAKEN.interpret(BTC_PRICE, answer(status, body)));
      assertThat(failure.kind()).as(body).isEqualTo(kind);
      assertThat(failure.message()).startsWith("kraken: ");
      assertThat(failureOf(KRAKEN.interpretProbe(answer(status, body))).kind()).isEqualTo(kind);
    }
  }

  /// Also a bad status may come with an envelope, which says more.
  @Test
  void anErrorWithABadStatusIsTheOneThatIsStated() {
    String throttled = "{\"error\":[\"EGeneral:Too many requests\"]}";
    Map<String, String> headers = Map.of("retry-after", "7");
    Failure limited = failureOf(KRAKEN.interpret(BTC_PRICE, answer(403, throttled, headers)));
    assertThat(limited.kind()).isEqualTo(Failure.Kind.RATE_LIMITED);
    assertThat(limited.retryAfterNanos()).isEqualTo(Duration.ofSeconds(7).toNanos());
    String unavailable = "{\"error\":[\"EService:Unavailable\"]}";
    assertThat(failureOf(KRAKEN.interpret(BTC_PRICE, answer(400, unavailable))).kind())
        .isEqualTo(Failure.Kind.SERVER_ERROR);
    assertThat(failureOf(KRAKEN.interpret(BTC_PRICE, answer(429, unavailable))).kind())
        .isEqualTo(Failure.Kind.RATE_LIMITED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"online", "cancel_only", "post_only"})
  void aVenueThatTellsPricesIsAlive(String status) {
    assertThat(KRAKEN.probe().path()).isEqualTo("/0/public/SystemStatus");
    assertThat(eventsOf(KRAKEN.interpretProbe(
            answer(200, result("{\"status\":\"" + status + "\",\"timestamp\":\"x\"}")))))
        .hasSize(1);
  }

  /// Its clock would answer; nothing else does.
  @Test
  void maintenanceIsTheVenuesTrouble() {
    assertThat(
            failureOf(KRAKEN.interpretProbe(answer(200, result("{\"status\":\"maintenance\"}")))))
        .isEqualTo(
            Failure.of(Failure.Kind.SERVER_ERROR, "kraken: says that its status is maintenance"));
  }

  @Test
  void theListMayBeLarger() throws Exception {
    Query listings = new Query.Listings(KrakenRestDecoder.SOURCE);
    assertThat(KRAKEN.request(listings).path()).isEqualTo("/0/public/AssetPairs");
    assertThat(KRAKEN.request(listings).bodyMaxBytes()).isEqualTo(16 << 20);
    assertThat(recordedListings()).hasSize(75);
  }

  @Test
  void whatIsNotListedIsNotAsked() throws Exception {
    PolledSource knowing = KRAKEN.knowing(recordedListings());
    assertThat(knowing.request(BTC_PRICE).path()).isEqualTo("/0/public/Ticker?pair=XBTUSD");
    for (Query query : List.of(
        Query.Prices.of(List.of(BTC, Symbol.of("NEW/USD"))),
        new Query.Trades(Symbol.of("NEW/USD"), null, 5))) {
      assertThatThrownBy(() -> knowing.request(query))
          .isInstanceOf(UnsupportedQueryException.class)
          .hasMessage("kraken: does not list NEW/USD");
      assertThat(KRAKEN.request(query).path()).contains("NEWUSD");
      assertThat(KRAKEN.knowing(List.of()).request(query).path()).contains("NEWUSD");
    }
  }

  private static List<Event> recordedListings() throws IOException {
    byte[] body = Files.readAllBytes(Shared.wire("cases/kraken_rest/rest_instruments/0001.json"));
    return eventsOf(KRAKEN.interpret(
        new Query.Listings(KrakenRestDecoder.SOURCE), new HttpResult(200, Map.of(), body)));
  }

  /// 15 at once and one a second are 35 in the first 20 s; it stays below.
  @Test
  void itStaysWithinOneCallASecond() {
    assertThat(KRAKEN.weightPerWindow()).isEqualTo(20);
    assertThat(KRAKEN.weightWindow()).isEqualTo(Duration.ofSeconds(20));
    assertThat(KRAKEN.usage(answer(200, "{}"))).isEqualTo(Usage.UNKNOWN);
  }

  @Test
  void itProvesWhatItsDocumentsSay() {
    assertThat(KRAKEN.proofs().keySet()).isEqualTo(KRAKEN.offers());
    Proof trades = KRAKEN.proofs().get(Query.Kind.TRADES);
    assertThat(trades).isNotNull();
    assertThat(trades.identity()).isTrue();
    assertThat(trades.dense()).isFalse();
  }
}

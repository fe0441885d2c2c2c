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
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// CoinGecko and alternative.me.
class AggregatesTest {
  private static final URI HERE = URI.create("http://127.0.0.1:1");
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final Symbol ETH = Symbol.of("ETH/USD");
  private static final Query BTC_PRICE = Query.Prices.of(BTC);
  private static final PolledSource GECKO =
      KnownSources.polled("coingecko", SourceSettings.of(HERE));
  private static final PolledSource FEAR =
      KnownSources.polled("alternative_me", SourceSettings.of(HERE));

  private static final String MARKET =
      "{\"id\":\"%s\",\"symbol\":\"%s\",\"current_price\":%s,\"last_updated\":\"2026-05-18T12:49:21.599Z\"}";

  @Test
  void pricesAreAskedByIdInOneCurrency() throws Exception {
    SourceRequest request = GECKO.request(Query.Prices.of(List.of(ETH, BTC)));
    assertThat(request.path())
        .isEqualTo(
            "/api/v3/coins/markets?vs_currency=usd&ids=bitcoin%2Cethereum&per_page=250&page=1");
    assertThat(request.weight()).isEqualTo(1);
    assertThat(GECKO.probe().path()).isEqualTo("/api/v3/ping");
    assertThat(GECKO.request(new Query.Sentiments(Symbol.of("BTC/USDT"))).path())
        .startsWith("/api/v3/coins/bitcoin?localization=false&");
  }

  @Test
  void theKeyGoesIntoTheHeaderOfItsPlan() {
    Map<Symbol, String> none = Map.of();
    assertThat(KnownSources.polled("coingecko", new SourceSettings(HERE, "k1", none))
            .probe()
            .headers())
        .isEqualTo(Map.of("x-cg-demo-api-key", "k1"));
    URI pro = URI.create("https://pro-api.coingecko.com/api/v3");
    SourceSettings settings = new SourceSettings(pro, "k2", none);
    SourceRequest probe = KnownSources.polled("coingecko", settings).probe();
    assertThat(probe.headers()).isEqualTo(Map.of("x-cg-pro-api-key", "k2"));
    assertThat(probe.path()).isEqualTo("/ping");
    assertThat(settings.toString()).doesNotContain("k2");
  }

  @Test
  void whatCannotBeAskedIsRefusedBeforeAnyCall() {
    for (Query query : List.of(
        Query.Prices.of(Symbol.of("NOBODYKNOWS/USD")),
        Query.Prices.of(Symbol.of("BTC/USDT")),
        Query.Prices.of(Symbol.of("AAPL")),
        Query.Prices.of(List.of(BTC, Symbol.of("BTC/EUR"))),
        new Query.Bars(BTC, Interval.H1, null, null, 1),
        new Query.Trades(BTC, null, 1))) {
      assertThatThrownBy(() -> GECKO.request(query))
          .isInstanceOf(UnsupportedQueryException.class)
          .hasMessageStartingWith("coingecko: ");
    }
  }

  @Test
  void aConfiguredIdComesBeforeTheTables() throws Exception {
    PolledSource own = KnownSources.polled(
        "coingecko", new SourceSettings(HERE, null, Map.of(BTC, "my-own-coin")));
    assertThat(own.request(BTC_PRICE).path()).contains("ids=my-own-coin&");
    List<Event> events = eventsOf(own.interpret(
        BTC_PRICE, answer(200, "[" + MARKET.formatted("my-own-coin", "x", "1.5") + "]")));
    assertThat(((Event.Price) events.getFirst()).symbol()).isEqualTo(BTC);
  }

  /// Many coins call themselves alike; guessing would serve one coin's price for another's.
  @Test
  void anAmbiguousTickerIsRefusedInsteadOfGuessed() throws Exception {
    byte[] list =
        "[{\"id\":\"one\",\"symbol\":\"dup\",\"name\":\"One\"},{\"id\":\"two\",\"symbol\":\"DUP\",\"name\":\"Two\"},{\"id\":\"single\",\"symbol\":\"sgl\",\"name\":\"S\"},{\"id\":\"fake-bitcoin\",\"symbol\":\"btc\",\"name\":\"F\"}]"
            .getBytes(StandardCharsets.UTF_8);
    Query asked = new Query.Listings(GECKO.id());
    assertThat(GECKO.request(asked).path()).isEqualTo("/api/v3/coins/list");
    List<Event> listings = eventsOf(GECKO.interpret(asked, new HttpResult(200, Map.of(), list)));
    assertThat(listings).hasSize(4);
    PolledSource source = GECKO.knowing(listings);

    assertThat(source.request(Query.Prices.of(Symbol.of("SGL/USD"))).path())
        .contains("ids=single&");
    assertThat(source.request(BTC_PRICE).path()).contains("ids=bitcoin&");
    assertThatThrownBy(() -> source.request(Query.Prices.of(Symbol.of("DUP/USD"))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("coingecko: DUP is the ticker of 2 coins (one, two): set the id for DUP/USD");
  }

  /// Votes are cast on coins, not on the market: the largest coin's stand in, and say so.
  @Test
  void theMarketsSentimentIsTheVotesOnBitcoin() throws Exception {
    assertThat(GECKO.request(new Query.Sentiments(null)).path())
        .startsWith("/api/v3/coins/bitcoin?");
  }

  @Test
  void pricesCarryTheirTimeAndNoExchange() {
    Query both = Query.Prices.of(List.of(BTC, ETH));
    String body = "[" + MARKET.formatted("ethereum", "eth", "2100.5") + ","
        + MARKET.formatted("bitcoin", "btc", "77671") + "]";
    List<Event> events = eventsOf(GECKO.interpret(both, answer(200, body)));
    assertThat(events)
        .containsExactly(
            new Event.Price(
                ETH,
                null,
                GECKO.id(),
                Decimal.parse("2100.5"),
                Instant.parse("2026-05-18T12:49:21.599Z")),
            new Event.Price(
                BTC,
                null,
                GECKO.id(),
                Decimal.parse("77671"),
                Instant.parse("2026-05-18T12:49:21.599Z")));
  }

  @Test
  void aCoinWithoutAPriceIsMissing() {
    Query both = Query.Prices.of(List.of(BTC, ETH));
    String body = "[" + MARKET.formatted("ethereum", "eth", "null") + ","
        + MARKET.formatted("bitcoin", "btc", "77671") + "]";
    assertThat(eventsOf(GECKO.interpret(both, answer(200, body)))).hasSize(1);
    assertThat(failureOf(GECKO.interpret(BTC_PRICE, answer(200, "[]"))).kind())
        .isEqualTo(Failure.Kind.CALLER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "429 | {\"status\":{\"error_code\":429,\"error_message\":\"slow down\"}} | RATE_LIMITED",
        "200 | {\"status\":{\"error_code\":429,\"error_message\":\"slow down\"}} | RATE_LIMITED",
        "401 | {\"status\":{\"error_code\":10002,\"error_message\":\"no key\"}} | CALLER",
        "200 | {\"error\":{\"status\":{\"error_code\":10002,\"error_message\":\"no key\"}}} | CALLER",
        "403 | {\"error_code\":10005,\"error_message\":\"plan\"} | CALLER",
        "403 | error code: 1020 | CALLER",
        "404 | {\"error\":\"coin not found\"} | CALLER",
        "408 | | TIMEOUT",
        "500 | {\"status\":{\"error_code\":500,\"error_message\":\"x\"}} | SERVER_ERROR",
        "503 | <html> | SERVER_ERROR",
        "200 | {\"error\":\"coin not found\"} | SERVER_ERROR",
        "200 | {} | UNDECODABLE",
        "200 | [1] | UNDECODABLE",
      })
  void errors(int status, String body, Failure.Kind kind) {
    Failure failure =
        failureOf(GECKO.interpret(BTC_PRICE, answer(status, body == null ? "" : body)));
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.message()).startsWith("coingecko: ");
  }

  /// There is a coin with the id `status`.
  @Test
  void theCoinNamedStatusIsNotAnError() throws Exception {
    List<Event> events = KnownSources.decoder("coingecko")
        .orElseThrow()
        .decode(
            "rest_price",
            "{\"status\":{\"usd\":0.0203}}".getBytes(StandardCharsets.UTF_8),
            DecodeContext.of(Symbol.of("SNT/USD")));
    assertThat(events).hasSize(1);
  }

  @Test
  void votesAreASentimentOfOneSymbol() {
    Query.Sentiments query = new Query.Sentiments(Symbol.of("BTC/USDT"));
    String body =
        "{\"id\":\"bitcoin\",\"symbol\":\"btc\",\"sentiment_votes_up_percentage\":%s,\"last_updated\":\"2026-05-18T12:49:21Z\"}";
    Event.Sentiment votes = (Event.Sentiment)
        eventsOf(GECKO.interpret(query, answer(200, body.formatted("81.25")))).getFirst();
    assertThat(votes.measure()).isEqualTo("votes_up");
    assertThat(votes.symbol()).isEqualTo(Symbol.of("BTC/USDT"));
    assertThat(votes.value()).isEqualTo(Decimal.parse("81.25"));
    assertThat(failureOf(GECKO.interpret(query, answer(200, body.formatted("null"))))
            .message())
        .isEqualTo("coingecko: nobody has voted on BTC/USDT");
    assertThat(failureOf(GECKO.interpret(query, answer(200, body.formatted("100.1"))))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @Test
  void aPingIsAlive() {
    assertThat(
            eventsOf(GECKO.interpretProbe(answer(200, "{\"gecko_says\":\"(V3) To the Moon!\"}"))))
        .hasSize(1);
    assertThat(failureOf(GECKO.interpretProbe(answer(200, "{}"))).kind())
        .isEqualTo(Failure.Kind.UNDECODABLE);
  }

  @Test
  void fearAndGreedAnswersForTheMarketAndForASymbol() throws Exception {
    String body =
        "{\"name\":\"Fear and Greed Index\",\"data\":[{\"value\":\"27\",\"value_classification\":\"Fear\",\"timestamp\":\"1785628800\"}],\"metadata\":{\"error\":null}}";
    for (Query query : List.of(new Query.Sentiments(null), new Query.Sentiments(BTC))) {
      assertThat(FEAR.request(query).path()).isEqualTo("/fng/?limit=1&format=json");
      Event.Sentiment value =
          (Event.Sentiment) eventsOf(FEAR.interpret(query, answer(200, body))).getFirst();
      assertThat(value.value()).isEqualTo(Decimal.of(27));
      assertThat(value.symbol()).isNull();
    }
    assertThatThrownBy(() -> FEAR.request(BTC_PRICE)).isInstanceOf(UnsupportedQueryException.class);
    assertThat(failureOf(FEAR.interpret(BTC_PRICE, answer(200, body))).kind())
        .isEqualTo(Failure.Kind.NOT_OFFERED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | {\"data\":[],\"metadata\":{\"error\":null}} | WRONG_DATA",
        "200 | {\"data\":[{\"value\":\"101\"}]} | WRONG_DATA",
        "200 | {\"data\":[{\"value\":\"-1\"}]} | WRONG_DATA",
        "200 | {\"data\":[{\"value\":\"27\",\"timestamp\":\"02-08-2026\"}]} | UNDECODABLE",
        "200 | {\"metadata\":{\"error\":\"out of order\"}} | SERVER_ERROR",
        "404 | <html> | CALLER",
        "429 | <html> | RATE_LIMITED",
        "500 | <html> | SERVER_ERROR",
      })
  void fearAndGreedErrors(int status, String body, Failure.Kind kind) {
    assertThat(failureOf(FEAR.interpret(new Query.Sentiments(null), answer(status, body)))
            .kind())
        .isEqualTo(kind);
  }

  @Test
  void everyKnownSourceSaysWhoItIs() {
    assertThat(KnownSources.names()).contains("binance", "coingecko", "alternative_me");
    for (String name : KnownSources.names()) {
      PolledSource source =
          KnownSources.polled(name, SourceSettings.of(KnownSources.baseUrl(name).orElseThrow()));
      assertThat(source.id().name()).isEqualTo(name);
      assertThat(source.attribution()).isNotBlank();
      assertThat(source.homepage()).startsWith("https://");
      assertThat(source.terms()).isNotBlank();
      assertThat(source.usualInterval()).isPositive();
      assertThat(source.offers()).isNotEmpty();
      assertThat(source.usage(answer(200, ""))).isEqualTo(Usage.UNKNOWN);
    }
    assertThatThrownBy(() -> KnownSources.polled("nobody", SourceSettings.of(HERE)))
        .hasMessage("no source \"nobody\", there are " + String.join(", ", KnownSources.names()));
  }
}

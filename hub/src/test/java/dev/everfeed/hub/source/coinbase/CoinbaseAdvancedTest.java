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
import dev.everfeed.core.model.Span;
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
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoinbaseAdvancedTest {
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final Symbol ETH = Symbol.of("ETH/USD");
  private static final Query BTC_PRICE = Query.Prices.of(BTC);
  private static final PolledSource COINBASE =
      KnownSources.polled("coinbase_advanced", SourceSettings.of(URI.create("http://127.0.0.1:1")));

  private static final String TICKER =
      "{\"trades\":[{\"trade_id\":\"9\",\"product_id\":\"%s\",\"price\":\"%s\",\"size\":\"1\",\"time\":\"2026-11-22T12:00:00.5Z\",\"side\":\"SELL\",\"bid\":\"\",\"ask\":\"\",\"exchange\":\"coinbase\"}],\"best_bid\":\"%s\",\"best_ask\":\"%s\"}";

  private static final Instant NOW = Instant.parse("2026-11-22T12:00:30Z");

  private static final String TIME =
      "{\"iso\":\"2026-11-22T12:00:30Z\",\"epochSeconds\":\"1795348830\",\"epochMillis\":\"1795348830000\"}";

  private static final Map<String, String> DATE = Map.of("date", "Sun, 22 Nov 2026 12:00:30 GMT");

  /// The ticker has both, and its price has a time; the list of products has neither.
  @Test
  void aPriceIsThatOfTheNewestTradeAndComesWithBidAndAsk() throws Exception {
    byte[] recorded =
        Files.readAllBytes(Shared.wire("cases/coinbase_advanced/rest_ticker/0001.json"));
    Conversation asked =
        Conversation.of(COINBASE, BTC_PRICE, _ -> new HttpResult(200, Map.of(), recorded));
    assertThat(asked.paths)
        .containsExactly("/api/v3/brokerage/market/products/BTC-USD/ticker?limit=1");
    List<Event> events = eventsOf(asked.outcome);
    Event.Price price = (Event.Price) events.getFirst();
    assertThat(price.price()).isEqualTo(Decimal.parse("68923.67"));
    assertThat(price.time()).isEqualTo(Instant.parse("2026-04-07T00:28:58.544778Z"));
    Event.Quote quote = (Event.Quote) events.get(1);
    assertThat(quote.bid()).isEqualTo(Decimal.parse("68923.66"));
    assertThat(quote.ask()).isEqualTo(Decimal.parse("68923.67"));
  }

  @Test
  void severalSymbolsAreARequestEach() throws Exception {
    Query query = Query.Prices.of(List.of(ETH, BTC));
    Conversation asked = Conversation.of(
        COINBASE,
        query,
        TICKER.formatted("BTC-USD", "5", "4", "6"),
        TICKER.formatted("ETH-USD", "2", "1", "3"));
    assertThat(COINBASE.weight(query)).isEqualTo(2).isEqualTo(asked.weight);
    assertThat(asked.paths.get(1)).endsWith("/market/products/ETH-USD/ticker?limit=1");
    assertThat(eventsOf(asked.outcome)).hasSize(4);
  }

  @Test
  void anAnswerForAnotherProductIsWrong() {
    Failure failure = failureOf(
        COINBASE.interpret(BTC_PRICE, answer(200, TICKER.formatted("ETH-USD", "5", "4", "6"))));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message()).contains("answered for [ETH/USD] when asked for [BTC/USD]");
    assertThat(failureOf(COINBASE.interpret(
                new Query.Trades(BTC, null, 5),
                answer(200, TICKER.formatted("ETH-USD", "5", "4", "6"))))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  /// The product `BTC-USDC` is another name for the book of `BTC-USD`.
  @Test
  void aUsdcMarketThatIsAnotherNameIsNotAsked() throws Exception {
    assertThatThrownBy(() -> COINBASE.request(Query.Prices.of(Symbol.of("BTC/USDC"))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("coinbase_advanced: has no market of BTC/USDC: it would answer with BTC/USD");
    for (String own : List.of("USDT/USDC", "EURC/USDC")) {
      assertThat(COINBASE.request(Query.Prices.of(Symbol.of(own))).path())
          .contains(own.replace('/', '-'));
    }
    PolledSource knowing = COINBASE.knowing(
        List.of(listing(BTC, "BTC-USD"), listing(Symbol.of("NEW/USDC"), "NEW-USDC")));
    assertThat(knowing.request(Query.Prices.of(Symbol.of("NEW/USDC"))).path()).contains("NEW-USDC");
    assertThatThrownBy(() -> knowing.request(Query.Prices.of(Symbol.of("BTC/USDC"))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("coinbase_advanced: does not list BTC/USDC");
  }

  @Test
  void theListOfSpotProductsMayBeLarge() throws Exception {
    SourceRequest request = COINBASE.request(new Query.Listings(COINBASE.id()));
    assertThat(request.path()).isEqualTo("/api/v3/brokerage/market/products?product_type=SPOT");
    assertThat(request.bodyMaxBytes()).isEqualTo(16 << 20);
  }

  /// As vendors print it: with the root of the interface at the end.
  @ParameterizedTest
  @ValueSource(strings = {"https://x.org/api/v3/brokerage", "https://x.org/api/v3/brokerage/"})
  void aBaseUrlWithTheApiRootIsNotGivenItTwice(String base) {
    PolledSource source =
        KnownSources.polled("coinbase_advanced", SourceSettings.of(URI.create(base)));
    assertThat(source.probe().path()).isEqualTo("/time");
  }

  @Test
  void barsFromAMomentAreAWindowOfSeconds() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M30, at(0), at(7_200), 100);
    assertThat(COINBASE.request(query).path())
        .isEqualTo("/api/v3/brokerage/market/products/BTC-USD/candles?granularity=THIRTY_MINUTE"
            + "&start=1795327200&end=1795334399");
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(timesOf(asked.outcome)).containsExactly(at(0), at(1_800), at(3_600), at(5_400));
    assertThat(coveredBy(asked.outcome)).isEqualTo(new Span(at(0), at(7_200)));
  }

  /// Begin and end are required, so the venue's clock comes first.
  @Test
  void theNewestBarsAreAskedByTheVenuesOwnClock() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, null, null, 3);
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(asked.paths.getFirst()).isEqualTo("/api/v3/brokerage/time");
    assertThat(asked.paths).hasSize(2);
    assertThat(COINBASE.weight(query)).isEqualTo(2);
    assertThat(timesOf(asked.outcome))
        .containsExactly(
            Instant.parse("2026-11-22T11:58:00Z"),
            Instant.parse("2026-11-22T11:59:00Z"),
            Instant.parse("2026-11-22T12:00:00Z"));
  }

  @Test
  void manyBarsArePagedBothWays() throws Exception {
    Query.Bars newest = new Query.Bars(BTC, Interval.M5, null, null, 1_000);
    Conversation back = Conversation.of(COINBASE, newest, venue(_ -> true));
    assertThat(back.weight).isEqualTo(5).isEqualTo(COINBASE.weight(newest));
    assertThat(timesOf(back.outcome)).hasSize(1_000).isSorted().doesNotHaveDuplicates();
    Query.Bars from = new Query.Bars(BTC, Interval.M5, NOW.minus(Duration.ofDays(4)), null, 1_000);
    Conversation forth = Conversation.of(COINBASE, from, venue(t -> t % 900 != 0));
    assertThat(forth.weight).isEqualTo(4);
    assertThat(timesOf(forth.outcome)).hasSize(768).isSorted().doesNotHaveDuplicates();
  }

  /// What ends a question on its second page is as clear as on its first.
  @Test
  void aFailingPageEndsTheQuestion() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, null, null, 500);
    Function<String, HttpResult> venue = venue(_ -> true);
    for (int bad = 0; bad < 3; bad++) {
      int badOne = bad;
      int[] asked = {0};
      Outcome outcome = Conversation.of(
              COINBASE, query, path -> asked[0]++ == badOne ? answer(503, "") : venue.apply(path))
          .outcome;
      assertThat(failureOf(outcome).kind()).isEqualTo(Failure.Kind.SERVER_ERROR);
      assertThat(asked[0]).isEqualTo(bad + 1);
    }
  }

  @Test
  void intervalsThatItDoesNotHaveAreBuilt() throws Exception {
    for (Interval interval : Interval.values()) {
      Query.Bars any = new Query.Bars(BTC, interval, null, null, 5);
      if (interval == Interval.S1) {
        assertThatThrownBy(() -> COINBASE.request(any))
            .isInstanceOf(UnsupportedQueryException.class);
      } else {
        assertThat(eventsOf(Conversation.of(COINBASE, any, venue(_ -> true)).outcome))
            .as("%s", interval)
            .hasSize(5)
            .allMatch(e -> ((Event.Bar) e).interval() == interval);
      }
    }
  }

  @Test
  void theNewestTradesAreTurnedRoundAndTheirSidesToo() throws Exception {
    byte[] recorded =
        Files.readAllBytes(Shared.wire("cases/coinbase_advanced/rest_ticker/0001.json"));
    Conversation asked = Conversation.of(
        COINBASE, new Query.Trades(BTC, null, 3), _ -> new HttpResult(200, Map.of(), recorded));
    assertThat(asked.paths)
        .containsExactly("/api/v3/brokerage/market/products/BTC-USD/ticker?limit=3");
    assertThat(eventsOf(asked.outcome))
        .extracting(e -> ((Event.Trade) e).tradeId() + " " + ((Event.Trade) e).side())
        .containsExactly(
            "995098661 " + Side.SELL, "995098662 " + Side.BUY, "995098663 " + Side.BUY);
  }

  @Test
  void olderTradesAreNotAsked() {
    for (Query query :
        List.of(new Query.Trades(BTC, "5", 10), new Query.Trades(BTC, null, NOW, 10, null))) {
      assertThatThrownBy(() -> COINBASE.request(query))
          .isInstanceOf(UnsupportedQueryException.class)
          .hasMessageContaining("coinbase_exchange");
    }
    Proof trades = COINBASE.proofs().get(Query.Kind.TRADES);
    assertThat(trades).isNotNull();
    assertThat(trades.refill()).isEqualTo(Proof.Refill.NONE);
    assertThat(COINBASE.proofs().keySet()).isEqualTo(COINBASE.offers());
  }

  @ParameterizedTest
  @CsvSource({
    "400, INVALID_ARGUMENT, CALLER",
    "404, NOT_FOUND, CALLER",
    "200, NOT_FOUND, CALLER",
    "200, INVALID_ARGUMENT, CALLER",
    "200, INTERNAL, SERVER_ERROR",
    "500, INTERNAL, SERVER_ERROR",
    "429, RESOURCE_EXHAUSTED, RATE_LIMITED",
    "400, RESOURCE_EXHAUSTED, RATE_LIMITED",
    "200, RESOURCE_EXHAUSTED, RATE_LIMITED",
    "403, unknown, RATE_LIMITED",
    "503, UNAVAILABLE, SERVER_ERROR"
  })
  void anErrorBodySaysWhy(int status, String code, Failure.Kind kind) {
    String body =
        "{\"error\":\"%s\",\"error_details\":\"why\",\"message\":\"why\"}".formatted(code);
    assertThat(failureOf(COINBASE.interpret(BTC_PRICE, answer(status, body))))
        .isEqualTo(
            Failure.of(kind, "coinbase_advanced: HTTP %d: why (code %s)".formatted(status, code)));
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
    "301, UNDECODABLE",
    "200, UNDECODABLE"
  })
  void statusesWithABodyOfNoKind(int status, Failure.Kind kind) {
    for (String body : List.of("", "<html>502 Bad Gateway</html>", "{", "null", "7", "[]", "{}")) {
      for (Query query : List.of(
          BTC_PRICE,
          new Query.Bars(BTC, Interval.M1, at(0), null, 5),
          new Query.Bars(BTC, Interval.M1, null, null, 5),
          new Query.Trades(BTC, null, 5),
          new Query.Listings(COINBASE.id()))) {
        assertThat(failureOf(COINBASE.interpret(query, answer(status, body))).kind())
            .as("%s %s", query, body)
            .isEqualTo(kind);
      }
    }
  }

  @Test
  void theProbeIsTheClock() {
    assertThat(COINBASE.probe().path()).isEqualTo("/api/v3/brokerage/time");
    assertThat(eventsOf(COINBASE.interpretProbe(answer(200, TIME))))
        .containsExactly(new Event.ServerTime(COINBASE.id(), NOW));
  }

  private static Event.Listing listing(Symbol symbol, String name) {
    return new Event.Listing(
        symbol,
        "coinbase",
        CoinbaseAdvancedDecoder.SOURCE,
        name,
        symbol.base().orElseThrow(),
        symbol.quote().orElseThrow(),
        Event.Listing.Trading.TRADING);
  }

  /// A venue with a bar wherever `traded` says so, up to its own time: newest first, both bounds
  /// included, and no more than 350 rows.
  private static Function<String, HttpResult> venue(LongPredicate traded) {
    Map<String, Long> seconds = Map.of(
        "ONE_MINUTE", 60L,
        "FIVE_MINUTE", 300L,
        "FIFTEEN_MINUTE", 900L,
        "THIRTY_MINUTE", 1_800L,
        "ONE_HOUR", 3_600L,
        "TWO_HOUR", 7_200L,
        "SIX_HOUR", 21_600L,
        "ONE_DAY", 86_400L);
    return path -> {
      if (path.endsWith("/time")) {
        return answer(200, TIME, DATE);
      }
      Long granularity = seconds.get(parameter(path, "granularity"));
      assertThat(granularity).as(path).isNotNull();
      long start = Long.parseLong(parameter(path, "start"));
      long end = Long.parseLong(parameter(path, "end"));
      if ((end - start) / granularity + 1 > 350) {
        return answer(400, "{\"error\":\"INVALID_ARGUMENT\",\"message\":\"too many\"}");
      }
      StringJoiner rows = new StringJoiner(",", "{\"candles\":[", "]}");
      long last = Math.min(end, NOW.getEpochSecond()) / granularity * granularity;
      for (long t = last; t >= start; t -= granularity) {
        if (traded.test(t)) {
          rows.add(
              "{\"start\":\"%d\",\"low\":\"1\",\"high\":\"3\",\"open\":\"2\",\"close\":\"2\",\"volume\":\"9\"}"
                  .formatted(t));
        }
      }
      return answer(200, rows.toString(), DATE);
    };
  }

  private static String parameter(String path, String name) {
    String after = path.substring(path.indexOf(name + "=") + name.length() + 1);
    return after.contains("&") ? after.substring(0, after.indexOf('&')) : after;
  }

  private static Instant at(long seconds) {
    return Instant.parse("2026-11-22T06:00:00Z").plusSeconds(seconds);
  }

  private static List<Instant> timesOf(Outcome outcome) {
    return eventsOf(outcome).stream().map(e -> ((Event.Bar) e).time()).toList();
  }

  private static @Nullable Span coveredBy(Outcome outcome) {
    return ((Outcome.Usable) outcome).covered();
  }
}

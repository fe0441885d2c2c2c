package dev.everfeed.hub.source.bybit;

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
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.Answers;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BybitRestTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Symbol ETH = Symbol.of("ETH/USDT");
  private static final Query BTC_PRICE = Query.Prices.of(BTC);
  private static final Query.Bars BTC_BAR = new Query.Bars(BTC, Interval.M1, null, null, 1);
  private static final Query.Trades BTC_TRADES = new Query.Trades(BTC, null, 60);
  private static final Query LISTINGS = new Query.Listings(new SourceId("bybit"));
  private static final Instant NOW = Instant.parse("2026-03-10T12:34:56Z");
  private static final PolledSource BYBIT =
      KnownSources.polled("bybit", SourceSettings.of(URI.create("http://127.0.0.1:1")));

  @Test
  void oneSymbolIsAskedByNameAndSeveralAreAllOfSpot() throws Exception {
    assertThat(BYBIT.request(BTC_PRICE).path())
        .isEqualTo("/v5/market/tickers?category=spot&symbol=BTCUSDT");
    assertThat(BYBIT.request(Query.Prices.of(List.of(BTC, ETH))).path())
        .isEqualTo("/v5/market/tickers?category=spot");
  }

  /// Without a category it would answer for linear contracts.
  @Test
  void everyRequestForDataNamesTheCategory() throws Exception {
    for (Query query :
        List.of(BTC_PRICE, Query.Prices.of(List.of(BTC, ETH)), BTC_BAR, BTC_TRADES, LISTINGS)) {
      assertThat(BYBIT.request(query).path()).contains("category=spot");
      assertThat(BYBIT.request(query).weight()).isEqualTo(1);
    }
    assertThat(BYBIT.request(LISTINGS).path())
        .isEqualTo("/v5/market/instruments-info?category=spot");
    assertThat(BYBIT.probe().path()).isEqualTo("/v5/market/time");
    PolledSource root = new BybitRest(SourceSettings.of(URI.create("https://api.bytick.com/v5")));
    assertThat(root.probe().path()).isEqualTo("/market/time");
  }

  @Test
  void theBudgetIs600In5Seconds() throws Exception {
    assertThat(BYBIT.weightPerWindow()).isEqualTo(600);
    assertThat(BYBIT.weightWindow()).isEqualTo(Duration.ofSeconds(5));
    assertThat(BYBIT.weight(new Query.Bars(BTC, Interval.M1, null, null, 2_500)))
        .isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "1m, 1, 2",
    "3m, 3, 2",
    "30m, 30, 2",
    "1h, 60, 2",
    "2h, 120, 2",
    "4h, 240, 2",
    "6h, 360, 2",
    "8h, 240, 5",
    "12h, 720, 2",
    "1d, D, 2",
    "3d, D, 8",
    "1w, W, 2",
    "1M, M, 2"
  })
  void theNewestBars(String interval, String word, int limit) throws Exception {
    Query query = new Query.Bars(BTC, Interval.parse(interval).orElseThrow(), null, null, 2);
    assertThat(BYBIT.request(query).path())
        .isEqualTo("/v5/market/kline?category=spot&symbol=BTCUSDT&interval=%s&limit=%d"
            .formatted(word, limit));
  }

  @Test
  void bothBoundsOfBarsAreInclusive() throws Exception {
    Query query = new Query.Bars(
        BTC,
        Interval.M1,
        Instant.ofEpochMilli(1_577_836_800_000L),
        Instant.ofEpochMilli(1_577_840_400_000L),
        60);
    assertThat(BYBIT.request(query).path())
        .isEqualTo("/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1"
            + "&start=1577836800000&end=1577840399999&limit=1000");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-01T00:00:00Z, , 3500, 4",
    ", , 2500, 3",
    ", 2026-03-01T00:00:00Z, 1500, 2",
    "2026-03-10T00:00:00Z, 2026-03-10T08:00:00Z, 5000, 1"
  })
  void barsArePagedBothWays(Instant from, Instant to, int limit, int pages) throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, from, to, limit);
    SourceRequest request = BYBIT.request(query);
    List<Event> before = List.of();
    int asked = 1;
    while (BYBIT.interpret(query, before, klines(request.path()))
        instanceof Outcome.More(List<Event> soFar, SourceRequest next)) {
      before = soFar;
      request = next;
      asked++;
    }
    Outcome.Usable usable = (Outcome.Usable) BYBIT.interpret(query, before, klines(request.path()));
    List<Instant> opens =
        usable.events().stream().map(e -> ((Event.Bar) e).time()).toList();
    Instant running = Interval.M1.openOf(NOW);
    Instant end = to != null ? to : running.plusSeconds(60);
    Instant begin = from != null ? from : end.minusSeconds(60L * limit);
    assertThat(opens)
        .containsExactlyElementsOf(Stream.iterate(begin, t -> t.plusSeconds(60))
            .limit(limit)
            .takeWhile(t -> t.isBefore(end))
            .toList());
    assertThat(asked).isEqualTo(pages);
    assertThat(usable.covered()).isNotNull().satisfies(covered -> {
      assertThat(covered.from()).isEqualTo(begin);
      assertThat(covered.to()).isBeforeOrEqualTo(running);
    });
  }

  /// The venue does not say whether a bar is over; the time of its answer does.
  @Test
  void theRunningBarIsNotCovered() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, null, null, 3);
    Outcome.Usable usable =
        (Outcome.Usable) BYBIT.interpret(query, klines(BYBIT.request(query).path()));
    assertThat(usable.events()).extracting(e -> ((Event.Bar) e).complete()).containsOnlyNulls();
    assertThat(usable.covered())
        .isEqualTo(
            new Span(Instant.parse("2026-03-10T12:32:00Z"), Instant.parse("2026-03-10T12:34:00Z")));
  }

  @Test
  void barsOfAnotherDayThanOursAreRefused() {
    Query query = new Query.Bars(BTC, Interval.D1, null, null, 1);
    Failure failure = failureOf(BYBIT.interpret(
        query, answer(200, bars("spot", "['1767542400000','1','1','1','1','5','6']"))));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message()).contains("does not open at a whole 1d of UTC");
  }

  /// The recorded answer is of the linear contract of the same name.
  @Test
  void anAnswerForTheContractOfTheSameNameIsRefused() throws Exception {
    for (Query query : List.of(BTC_BAR, BTC_TRADES)) {
      String file = query instanceof Query.Bars ? "rest_bars/0002" : "rest_trades/0002";
      byte[] body = Files.readAllBytes(Shared.wire("cases/bybit/" + file + ".json"));
      Failure failure = failureOf(BYBIT.interpret(query, new HttpResult(200, Map.of(), body)));
      assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
      assertThat(failure.message())
          .isEqualTo("bybit: answered for BTC/USDT:USDT when asked for BTC/USDT");
    }
  }

  @Test
  void aRecordedTickerIsAPriceAndAQuote() throws Exception {
    byte[] body = Files.readAllBytes(Shared.wire("cases/bybit/rest_ticker/0001.json"));
    List<Event> events = eventsOf(BYBIT.interpret(BTC_PRICE, new HttpResult(200, Map.of(), body)));
    assertThat(events).hasSize(2);
    assertThat(((Event.Price) events.getFirst()).price()).isEqualTo(Decimal.parse("20533.13"));
    assertThat(failureOf(BYBIT.interpret(Query.Prices.of(ETH), new HttpResult(200, Map.of(), body)))
            .message())
        .contains("answered for [BTC/USDT] when asked for [ETH/USDT]");
  }

  @Test
  void whatIsListedIsAskedByItsNameAndReadByIt() throws Exception {
    String list = "{'retCode':0,'retMsg':'OK','result':{'category':'spot','list':["
        + "{'symbol':'USDTUSD','baseCoin':'USDT','quoteCoin':'USD','status':'Trading'}]}}";
    PolledSource knowing = BYBIT.knowing(eventsOf(BYBIT.interpret(LISTINGS, answer(200, list))));
    Symbol odd = Symbol.of("USDT/USD");
    assertThat(knowing.request(Query.Prices.of(odd)).path()).endsWith("symbol=USDTUSD");
    String ticker = "{'retCode':0,'result':{'category':'spot','list':[{'symbol':'USDTUSD',"
        + "'lastPrice':'1'}]},'time':1}";
    assertThat(eventsOf(knowing.interpret(Query.Prices.of(odd), answer(200, ticker))))
        .hasSize(1);
    // the same letters, cut elsewhere
    assertThatThrownBy(() -> knowing.request(Query.Prices.of(Symbol.of("USD/TUSD"))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("bybit: does not list USD/TUSD");
    assertThat(BYBIT.knowing(List.of()).request(BTC_PRICE)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"AAPL", "BTC/USDT:USDT", "btc/usdt", "BTC/US-T", "BTC/"})
  void whatHasNoNameThereIsNotAsked(String symbol) {
    assertThatThrownBy(() -> BYBIT.request(Query.Prices.of(Symbol.of(symbol))))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining(symbol);
  }

  @Test
  void onlyTheNewest60TradesAreOffered() throws Exception {
    assertThat(BYBIT.request(new Query.Trades(BTC, null, 1_000)).path())
        .isEqualTo("/v5/market/recent-trade?category=spot&symbol=BTCUSDT&limit=60");
    assertThat(BYBIT.request(new Query.Trades(BTC, null, 5)).path()).endsWith("limit=5");
    for (Query.Trades from :
        List.of(new Query.Trades(BTC, "1", 5), new Query.Trades(BTC, null, NOW, 5, null))) {
      assertThatThrownBy(() -> BYBIT.request(from))
          .isInstanceOf(UnsupportedQueryException.class)
          .hasMessageContaining("only its newest 60 trades");
    }
  }

  /// The recorded executions, in the order in which a list has them. Ids need not count up.
  @Test
  void tradesComeOldestFirst() throws Exception {
    List<String> trades = new ArrayList<>();
    for (String file : List.of("0004", "0002")) {
      trades.add(
          Files.readString(Shared.wire("cases/bybit/rest_trades_element/" + file + ".json")));
    }
    assertThat(eventsOf(BYBIT.interpret(BTC_TRADES, answer(200, trades(trades)))))
        .extracting(e -> ((Event.Trade) e).tradeId())
        .containsExactly("2290000001022367681", "2290000001022367682");
    String same = "{'symbol':'BTCUSDT','price':'1','size':'1','time':'5','execId':'%s'}";
    assertThat(eventsOf(BYBIT.interpret(
            BTC_TRADES, answer(200, trades(List.of(same.formatted("7"), same.formatted("id")))))))
        .extracting(e -> ((Event.Trade) e).tradeId())
        .containsExactly("id", "7");
  }

  @Test
  void impossibleTradesAreRefused() {
    String trade = "{'symbol':'BTCUSDT','price':'1','size':'1','time':'5','execId':'7'}";
    for (String other : List.of(
        trade, // twice
        trade.replace("'price':'1'", "'price':'0'").replace("'7'", "'8'"),
        trade.replace("'size':'1'", "'size':'-1'").replace("'7'", "'8'"),
        trade.replace("'time':'5'", "'time':'6'").replace("'7'", "'8'"), // newer, and second
        trade.replace("BTCUSDT", "ETHUSDT").replace("'7'", "'8'"))) {
      assertThat(failureOf(BYBIT.interpret(BTC_TRADES, answer(200, trades(List.of(trade, other)))))
              .kind())
          .as(other)
          .isEqualTo(Failure.Kind.WRONG_DATA);
    }
  }

  /// Errors come with HTTP status 200.
  @ParameterizedTest
  @CsvSource({
    "200, 10001, CALLER",
    "200, 10006, RATE_LIMITED",
    "200, 10018, RATE_LIMITED",
    "200, 10429, RATE_LIMITED",
    "200, 10009, BANNED",
    "200, 10016, SERVER_ERROR",
    "200, 10000, SERVER_ERROR",
    "200, 99999, SERVER_ERROR",
    "404, 10017, CALLER",
    "429, 1, RATE_LIMITED"
  })
  void theCodeSaysWhatFailed(int status, int code, Failure.Kind kind) {
    String body = "{'retCode':%d,'retMsg':'No.','result':{},'time':1}".formatted(code);
    for (Query query : List.of(BTC_PRICE, BTC_BAR, BTC_TRADES, LISTINGS)) {
      Failure failure = failureOf(BYBIT.interpret(query, answer(status, body)));
      assertThat(failure.kind()).isEqualTo(kind);
      assertThat(failure.message()).startsWith("bybit: HTTP " + status).contains("code " + code);
    }
  }

  /// "403, access too frequent" ends by itself after 10 minutes; another 403 is an address that
  /// it does not serve. Neither is asked on.
  @ParameterizedTest
  @CsvSource({
    "'{\"retCode\":10006,\"retMsg\":\"403, Access too frequent.\"}', RATE_LIMITED",
    "'403, access too frequent', RATE_LIMITED",
    "'<html>The Amazon CloudFront distribution is configured to block your country', BANNED",
    "'', BANNED"
  })
  void bothKindsOf403AreLeftAloneForTenMinutes(String body, Failure.Kind kind) {
    HttpResult refused = Answers.answer(403, body);
    for (Outcome outcome : List.of(
        BYBIT.interpret(BTC_PRICE, refused),
        BYBIT.interpret(BTC_BAR, refused),
        BYBIT.interpretProbe(refused))) {
      assertThat(failureOf(outcome).kind()).isEqualTo(kind);
      assertThat(failureOf(outcome).retryAfterNanos())
          .isEqualTo(Duration.ofMinutes(10).toNanos());
    }
    HttpResult longer = Answers.answer(403, body, Map.of("retry-after", "1800"));
    assertThat(failureOf(BYBIT.interpret(BTC_PRICE, longer)).retryAfterNanos())
        .isEqualTo(Duration.ofMinutes(30).toNanos());
  }

  @ParameterizedTest
  @CsvSource({"400, CALLER", "429, RATE_LIMITED", "502, SERVER_ERROR", "200, UNDECODABLE"})
  void statusesWithABodyOfNoKind(int status, Failure.Kind kind) {
    for (String body : List.of("", "<html>", "{", "null", "[]", "{'retCode':0}")) {
      for (Query query : List.of(BTC_PRICE, BTC_BAR, BTC_TRADES, LISTINGS)) {
        assertThat(failureOf(BYBIT.interpret(query, answer(status, body))).kind())
            .isEqualTo(kind);
      }
      assertThat(failureOf(BYBIT.interpretProbe(answer(status, body))).kind()).isEqualTo(kind);
    }
  }

  private static final Pattern START = Pattern.compile("&start=([0-9]+)");
  private static final Pattern END = Pattern.compile("&end=([0-9]+)");
  private static final Pattern LIMIT = Pattern.compile("&limit=([0-9]+)");

  /// As documented: newest first, both bounds inclusive, at most 1,000, the running bar too.
  private static HttpResult klines(String path) {
    long start = number(START, path, 0);
    long end = number(END, path, Long.MAX_VALUE);
    long limit = Math.min(1_000, number(LIMIT, path, 200));
    String rows = Stream.iterate(Interval.M1.openOf(NOW), t -> t.minusSeconds(60))
        .map(Instant::toEpochMilli)
        .dropWhile(t -> t > end)
        .takeWhile(t -> t >= start)
        .limit(limit)
        .map("['%d','2','3','1','2','5','6']"::formatted)
        .collect(Collectors.joining(","));
    return Answers.answer(
        200,
        bars("spot", rows).replace('\'', '"'),
        Map.of("date", "Tue, 10 Mar 2026 12:34:56 GMT"));
  }

  private static long number(Pattern pattern, String path, long otherwise) {
    Matcher matcher = pattern.matcher(path);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
  }

  private static String bars(String category, String rows) {
    return ("{'retCode':0,'retMsg':'OK','result':{'category':'%s','symbol':'BTCUSDT','list':[%s]},"
            + "'retExtInfo':{},'time':1}")
        .formatted(category, rows);
  }

  private static String trades(List<String> trades) {
    return "{'retCode':0,'retMsg':'OK','result':{'category':'spot','list':["
        + String.join(",", trades) + "]},'time':1}";
  }

  private static HttpResult answer(int status, String body) {
    return Answers.answer(status, body.replace('\'', '"'));
  }
}

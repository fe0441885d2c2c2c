package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Faults in the words of each exchange, and the clock in every answer. Real connections.
@Timeout(60)
class FaultsOfExchangesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HandClock clock = new HandClock();
  private Venues venues;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock).withoutLimits());
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  /// Every price and nothing but prices: what changes is listed, by place, and is ten times as
  /// much in the same form.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "coinbase_exchange | /products/BTC-USDT/candles | [][1] [][2] [][3] [][4]",
        "coinbase_exchange | /products/BTC-USDT/ticker | .ask .bid .price",
        "coinbase_exchange | /products/BTC-USDT/trades | [].price",
        "coinbase_exchange | /products/BTC-USDT/stats | .high .last .low .open",
        "coinbase_exchange | /products |",
        "coinbase_advanced | /api/v3/brokerage/market/products/BTC-USD/candles?granularity=ONE_DAY&start=1700000000&end=1701000000 | .candles[].close .candles[].high .candles[].low .candles[].open",
        "coinbase_advanced | /api/v3/brokerage/market/products/BTC-USD/ticker | .best_ask .best_bid .trades[].price",
        "coinbase_advanced | /api/v3/brokerage/market/products/BTC-USD | .price",
        "kraken | /0/public/OHLC?pair=XBTUSDT | .result.XBTUSDT[][1] .result.XBTUSDT[][2] .result.XBTUSDT[][3] .result.XBTUSDT[][4] .result.XBTUSDT[][5]",
        "kraken | /0/public/Ticker?pair=XBTUSDT | .result.XBTUSDT.a[0] .result.XBTUSDT.b[0] .result.XBTUSDT.c[0] .result.XBTUSDT.h[0] .result.XBTUSDT.h[1] .result.XBTUSDT.l[0] .result.XBTUSDT.l[1] .result.XBTUSDT.o .result.XBTUSDT.p[0] .result.XBTUSDT.p[1]",
        "kraken | /0/public/Trades?pair=XBTUSDT | .result.XBTUSDT[][0]",
        "kraken | /0/public/AssetPairs |",
        "okx | /api/v5/market/candles?instId=BTC-USDT | .data[][1] .data[][2] .data[][3] .data[][4]",
        "okx | /api/v5/market/ticker?instId=BTC-USDT | .data[].askPx .data[].bidPx .data[].high24h .data[].last .data[].low24h .data[].open24h .data[].sodUtc0 .data[].sodUtc8",
        "okx | /api/v5/market/trades?instId=BTC-USDT | .data[].px",
        "okx | /api/v5/public/instruments?instType=SPOT |",
        "bybit | /v5/market/kline?category=spot&symbol=BTCUSDT&interval=1 | .result.list[][1] .result.list[][2] .result.list[][3] .result.list[][4]",
        "bybit | /v5/market/tickers?category=spot&symbol=BTCUSDT | .result.list[].ask1Price .result.list[].bid1Price .result.list[].highPrice24h .result.list[].lastPrice .result.list[].lowPrice24h .result.list[].prevPrice24h .result.list[].usdIndexPrice",
        "bybit | /v5/market/recent-trade?category=spot&symbol=BTCUSDT | .result.list[].price",
        "bybit | /v5/market/instruments-info?category=spot |",
      })
  void aWrongPriceIsTenTimesTheRightOne(String venue, String target, String places)
      throws IOException {
    URI url = venues.baseUrl(venue);
    Map<String, List<JsonNode>> right = values(JSON.readTree(RawClient.body(url, target)));
    venues.fault(venue, FaultOrder.of(FaultKind.WRONG_PRICE));
    Map<String, List<JsonNode>> wrong = values(JSON.readTree(RawClient.body(url, target)));

    assertThat(wrong.keySet()).isEqualTo(right.keySet());
    List<String> changed = new ArrayList<>();
    right.forEach((place, before) -> {
      List<JsonNode> after = wrong.getOrDefault(place, List.of());
      if (!after.equals(before)) {
        changed.add(place);
        for (int i = 0; i < before.size(); i++) {
          assertThat(after.get(i).isTextual()).isEqualTo(before.get(i).isTextual());
          assertThat(new BigDecimal(after.get(i).asText()))
              .isEqualByComparingTo(new BigDecimal(before.get(i).asText()).movePointRight(1));
        }
      }
    });
    assertThat(changed)
        .containsExactlyInAnyOrder(places == null ? new String[0] : places.split(" ", -1));
  }

  private static Map<String, List<JsonNode>> values(JsonNode json) {
    Map<String, List<JsonNode>> values = new TreeMap<>();
    collect("", json, values);
    return values;
  }

  private static void collect(String path, JsonNode json, Map<String, List<JsonNode>> values) {
    if (json.isObject()) {
      json.properties().forEach(e -> collect(path + "." + e.getKey(), e.getValue(), values));
    } else if (json.isArray()) {
      boolean plain = !json.isEmpty() && json.get(0).isValueNode();
      for (int i = 0; i < json.size(); i++) {
        collect(path + (plain ? "[" + i + "]" : "[]"), json.get(i), values);
      }
    } else {
      values.computeIfAbsent(path, _ -> new ArrayList<>()).add(json);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "coinbase_exchange | /products/BTC-USDT/ticker | 429 | Public rate limit exceeded",
        "coinbase_advanced | /api/v3/brokerage/market/products | 429 | too many requests",
        "kraken            | /0/public/Ticker | 200 | EGeneral:Too many requests",
        "okx               | /api/v5/market/ticker?instId=BTC-USDT | 429 | 50011",
        "bybit             | /v5/market/tickers?category=spot | 403 | access too frequent",
      })
  void tooManyIsSaidInTheVenuesWay(String venue, String target, int status, String text)
      throws IOException {
    venues.fault(venue, FaultOrder.of(FaultKind.TOO_MANY));
    String answer = RawClient.get(venues.baseUrl(venue), target);
    assertThat(answer).startsWith("HTTP/1.1 " + status).contains(text);
    if (status == 429) {
      assertThat(answer).contains("Retry-After: 5\r\n");
    }
    venues.fault(venue, FaultOrder.of(FaultKind.TOO_MANY_NO_RETRY_AFTER));
    assertThat(RawClient.get(venues.baseUrl(venue), target))
        .startsWith("HTTP/1.1 " + status)
        .doesNotContainIgnoringCase("retry-after");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "coinbase_exchange | /time | /products/BTC-USDT/ticker",
        "coinbase_advanced | /api/v3/brokerage/time | /api/v3/brokerage/market/products/BTC-USDT/ticker",
        "kraken            | /0/public/Time | /0/public/Trades?pair=XBTUSDT&count=1",
        "okx               | /api/v5/public/time | /api/v5/market/ticker?instId=BTC-USDT",
        "bybit             | /v5/market/time | /v5/market/tickers?category=spot",
      })
  void timesStandStillOrRunAhead(String venue, String probe, String data) throws IOException {
    URI url = venues.baseUrl(venue);
    String time = RawClient.body(url, probe);
    String told = RawClient.body(url, data);
    venues.fault(venue, FaultOrder.of(FaultKind.FROZEN));
    clock.advance(Duration.ofMinutes(90));
    assertThat(RawClient.body(url, probe)).isEqualTo(time);
    assertThat(RawClient.body(url, data)).isEqualTo(told);

    clock.advance(Duration.ofMinutes(-90));
    venues.fault(venue, FaultOrder.of(FaultKind.SKEW).delayedBy(Duration.ofMinutes(7)));
    String ahead = RawClient.body(url, probe);
    String dataAhead = RawClient.body(url, data);
    assertThat(RawClient.get(url, probe)).contains("Date: Wed, 04 Mar 2026 05:13:07 GMT\r\n");
    venues.heal(venue);
    assertThat(RawClient.body(url, probe)).isEqualTo(time);
    clock.advance(Duration.ofMinutes(7));
    assertThat(RawClient.body(url, probe)).isEqualTo(ahead);
    assertThat(RawClient.body(url, data)).isEqualTo(dataAhead);

    venues.fault(venue, FaultOrder.of(FaultKind.PROBE_ONLY));
    assertThat(RawClient.body(url, probe)).isEqualTo(ahead);
    assertThat(RawClient.body(url, data).toLowerCase(Locale.ROOT)).contains("error");
  }

  /// Of data, refusals, pages and lies alike; and a frozen venue's web server knows the time.
  @Test
  void everyAnswerTellsTheVenuesClock() throws IOException {
    String date = "\r\nDate: Wed, 04 Mar 2026 05:06:07 GMT\r\n";
    for (String venue : VenuesConfig.VENUES) {
      URI url = venues.baseUrl(venue);
      assertThat(RawClient.get(url, "/")).contains(date);
      for (FaultKind kind : List.of(
          FaultKind.SERVER_ERROR,
          FaultKind.TOO_MANY,
          FaultKind.BANNED,
          FaultKind.HTML,
          FaultKind.TRUNCATED,
          FaultKind.CUT,
          FaultKind.WRONG_PRICE,
          FaultKind.FROZEN,
          FaultKind.SPACES)) {
        venues.fault(venue, FaultOrder.of(kind));
        assertThat(RawClient.get(url, "/")).as("%s of %s", kind, venue).containsOnlyOnce("Date: ");
        assertThat(RawClient.get(url, "/")).contains(date);
      }
      venues.fault(venue, FaultOrder.of(FaultKind.SKEW));
      assertThat(RawClient.get(url, "/")).contains("\r\nDate: Wed, 04 Mar 2026 06:06:07 GMT\r\n");
      venues.heal(venue);
    }
    assertThat(RawClient.body(venues.baseUrl("binance"), "/api/v3/time"))
        .isEqualTo("{\"serverTime\":%d}".formatted(HandClock.START.toEpochMilli()));
    venues.fault("binance", FaultOrder.of(FaultKind.SKEW));
    assertThat(RawClient.body(venues.baseUrl("binance"), "/api/v3/time"))
        .isEqualTo(
            "{\"serverTime\":%d}".formatted(HandClock.START.plusSeconds(3_600).toEpochMilli()));
  }

  @Test
  void limitsAreKeptUnlessTheyAreLifted() throws IOException {
    try (Venues limited = Venues.start(VenuesConfig.onFreePorts(clock))) {
      URI kraken = limited.baseUrl("kraken");
      for (int i = 0; i < 20; i++) {
        assertThat(RawClient.body(kraken, "/0/public/Time")).contains("unixtime");
      }
      assertThat(RawClient.get(kraken, "/0/public/Time"))
          .startsWith("HTTP/1.1 200")
          .contains("EGeneral:Too many requests");
      assertThat(limited.status("kraken").weightUsed()).isEqualTo(20);
    }
    for (int i = 0; i < 25; i++) {
      assertThat(RawClient.body(venues.baseUrl("kraken"), "/0/public/Time")).contains("unixtime");
    }
  }
}

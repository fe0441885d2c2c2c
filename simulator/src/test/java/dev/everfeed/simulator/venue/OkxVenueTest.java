package dev.everfeed.simulator.venue;

import static dev.everfeed.simulator.venue.Asking.NOW;
import static dev.everfeed.simulator.venue.Asking.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OkxVenueTest {
  private static final ExchangeMarket MARKET = Asking.market(Exchange.OKX);

  private final Venue venue = new OkxVenue(MARKET, false);

  @Test
  void answersHaveTheRecordedShape() throws IOException {
    assertThat(Shape.loose(json("market/candles?instId=BTC-USDT&bar=1H")))
        .isEqualTo(Shape.loose(recorded("okx/rest_bars/0003.json")));
    assertThat(Shape.loose(json("market/ticker?instId=ETH-USDT").get("data").get(0)))
        .isEqualTo(Shape.loose(recorded("okx/rest_ticker_element/0001.json")));
    JsonNode trades = json("market/trades?instId=BTC-USDT");
    assertThat(Shape.loose(trades))
        .containsAllEntriesOf(Shape.loose(recorded("okx/rest_trades/0001.json")));
    assertThat(Shape.loose(trades.get("data").get(0)))
        .isEqualTo(Shape.loose(recorded("okx/rest_trades_element/0002.json")));
    assertThat(Shape.loose(json("public/instruments?instType=SPOT")))
        .isEqualTo(Shape.loose(recorded("okx/rest_instruments/0005.json")));
    Answer often = venue.tooOften(429, OptionalLong.empty(), NOW);
    assertThat(Asking.JSON.readTree(often.body())).isEqualTo(recorded("okx/rest_error/0001.json"));
  }

  @Test
  void theTimeIsTold() {
    assertThat(Asking.answer(venue, "/api/v5/public/time").text())
        .isEqualTo("{\"code\":\"0\",\"msg\":\"\",\"data\":[{\"ts\":\"1772600767890\"}]}");
    assertThat(Asking.answer(venue, "/api/v5/system/status").text()).contains("\"data\":[]");
    assertThat(venue.isProbe("/api/v5/public/time")).isTrue();
    assertThat(venue.isProbe("/api/v5/market/ticker")).isFalse();
  }

  /// `after` is older, `before` is newer, neither includes its own row; newest first.
  @Test
  void candlesArePagedBothWays() throws IOException {
    JsonNode rows = json("market/candles?instId=BTC-USDT&bar=1m").get("data");
    assertThat(rows).hasSize(100);
    assertThat(rows.get(0).get(0).asText()).isEqualTo(millis("2026-03-04T05:06:00Z"));
    assertThat(rows.get(0).get(8).asText()).as("unfinished").isEqualTo("0");
    assertThat(rows.get(1).get(8).asText()).isEqualTo("1");
    JsonNode older = json("market/candles?instId=BTC-USDT&limit=2&after="
            + millis("2026-03-04T05:00:00Z"))
        .get("data");
    assertThat(opens(older)).containsExactly("2026-03-04T04:59:00Z", "2026-03-04T04:58:00Z");
    JsonNode newer = json("market/candles?instId=BTC-USDT&limit=2&before="
            + millis("2026-03-04T05:00:00Z"))
        .get("data");
    assertThat(opens(newer)).containsExactly("2026-03-04T05:06:00Z", "2026-03-04T05:05:00Z");
    JsonNode between = json("market/candles?instId=BTC-USDT&before=%s&after=%s"
            .formatted(millis("2026-03-04T05:00:00Z"), millis("2026-03-04T05:03:00Z")))
        .get("data");
    assertThat(opens(between)).containsExactly("2026-03-04T05:02:00Z", "2026-03-04T05:01:00Z");
    assertThat(json("market/candles?instId=BTC-USDT&before=2&after=1").get("data"))
        .isEmpty();
    assertThat(json("market/candles?instId=BTC-USDT&limit=300").get("data")).hasSize(300);
  }

  @ParameterizedTest
  @CsvSource({
    "1H, 2026-03-04T05:00:00Z",
    "4H, 2026-03-04T04:00:00Z",
    "6H, 2026-03-04T04:00:00Z",
    "6Hutc, 2026-03-04T00:00:00Z",
    "12H, 2026-03-04T04:00:00Z",
    "1D, 2026-03-03T16:00:00Z",
    "1Dutc, 2026-03-04T00:00:00Z",
    "1W, 2026-03-01T16:00:00Z",
    "1Wutc, 2026-03-02T00:00:00Z",
    "1M, 2026-02-28T16:00:00Z",
    "1Mutc, 2026-03-01T00:00:00Z",
  })
  void longBarsBeginWithTheDayOfHongKong(String bar, String open) throws IOException {
    assertThat(opens(json("market/candles?instId=BTC-USDT&limit=1&bar=" + bar).get("data")))
        .containsExactly(open);
  }

  /// Older bars than the newest 1440 are elsewhere.
  @Test
  void candlesReachBackAFewAndHistoryReachesBackToTheListing() throws IOException {
    String edge = Long.toString(NOW.toEpochMilli() / 60_000 * 60_000 - 1_438 * 60_000);
    assertThat(json("market/candles?instId=BTC-USDT&after=" + edge).get("data")).hasSize(1);
    assertThat(json("market/history-candles?instId=BTC-USDT&after=" + edge).get("data"))
        .hasSize(100);
    assertThat(json("market/history-candles?instId=BTC-USDT&bar=1Dutc&after="
                + millis("2017-08-19T00:00:00Z"))
            .get("data"))
        .hasSize(2);
    assertThat(json("market/history-candles?instId=BTC-USDT&after=0").get("data"))
        .isEmpty();
    assertThat(json("market/candles?instId=BTC-USDT&bar=3M&limit=300").get("data"))
        .hasSizeBetween(34, 36);
  }

  @Test
  void tradesArePagedByIdOrByTime() throws IOException {
    JsonNode newest = json("market/trades?instId=BTC-USDT&limit=500").get("data");
    assertThat(newest).hasSize(500);
    long last = newest.get(0).get("tradeId").asLong();
    assertThat(newest.get(499).get("tradeId").asLong()).isEqualTo(last - 499);
    JsonNode older = json("market/history-trades?instId=BTC-USDT&limit=2&after=" + (last - 9))
        .get("data");
    assertThat(older)
        .extracting(row -> row.get("tradeId").asLong())
        .containsExactly(last - 10, last - 11);
    assertThat(
            json("market/history-trades?instId=BTC-USDT&before=" + (last - 3)).get("data"))
        .hasSize(3);
    JsonNode byTime = json("market/history-trades?instId=BTC-USDT&type=2&limit=1&after="
            + newest.get(10).get("ts").asText())
        .get("data");
    assertThat(byTime.get(0)).isEqualTo(newest.get(11));
    JsonNode ticker = json("market/ticker?instId=BTC-USDT").get("data").get(0);
    assertThat(ticker.get("last")).isEqualTo(newest.get(0).get("px"));
    assertThat(ticker.get("ts")).isEqualTo(newest.get(0).get("ts"));
    assertThat(ticker.get("askPx").asDouble()).isGreaterThan(ticker.get("bidPx").asDouble());
    assertThat(json("market/tickers?instType=SPOT").get("data")).hasSize(6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "market/ticker                               | 400 | 50014 | Parameter instId can not be empty.",
        "market/ticker?instId=BTC-USD                | 200 | 51001 | Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
        "market/tickers                              | 400 | 50014 | Parameter instType can not be empty.",
        "public/instruments?instType=FUTURES         | 400 | 51000 | Parameter instType error",
        "market/candles?instId=BTC-USDT&bar=1s       | 400 | 51000 | Parameter bar error",
        "market/candles?instId=BTC-USDT&bar=1h       | 400 | 51000 | Parameter bar error",
        "market/candles?instId=BTC-USDT&limit=301    | 400 | 51000 | Parameter limit error",
        "market/candles?instId=BTC-USDT&after=x      | 400 | 51000 | Parameter after error",
        "market/history-candles?instId=BTC-USDT&limit=101 | 400 | 51000 | Parameter limit error",
        "market/trades?instId=BTC-USDT&limit=501     | 400 | 51000 | Parameter limit error",
        "market/history-trades?instId=BTC-USDT&type=3 | 400 | 51000 | Parameter type error",
        "market/nothing                              | 404 | 404 | Not Found",
      })
  void mistakesAreAnsweredWithTheVenuesCodes(
      String request, int status, String code, String message) throws IOException {
    Answer answer = Asking.answer(venue, "/api/v5/" + request);
    assertThat(answer.status()).isEqualTo(status);
    JsonNode error = Asking.JSON.readTree(answer.body());
    assertThat(error.get("code").asText()).isEqualTo(code);
    assertThat(error.get("msg").asText()).isEqualTo(message);
    assertThat(error.get("data")).isEmpty();
  }

  @Test
  void everyPathHasItsOwnLimitForTwoSeconds() {
    Venue limited = new OkxVenue(MARKET, true);
    String candles = "/api/v5/market/candles?instId=BTC-USDT&limit=1";
    String ticker = "/api/v5/market/ticker?instId=BTC-USDT";
    assertThat(Asking.refused(limited, candles, 45, NOW, "50011")).isEqualTo(5);
    assertThat(Asking.refused(limited, ticker, 25, NOW, "50011")).isEqualTo(5);
    assertThat(limited.weightUsed(NOW)).isEqualTo(70);
    assertThat(Asking.refused(limited, ticker, 1, NOW.plusSeconds(2), "50011")).isZero();
    Answer refused = limited.tooOften(429, OptionalLong.of(5), NOW);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.headers()).containsEntry("Retry-After", "5");
    assertThat(limited.broken(500).text()).contains("50026");
    assertThat(limited.broken(503).text()).contains("50001");
    assertThat(limited.broken(502).contentType()).startsWith("text/html");
  }

  private static String millis(String time) {
    return Long.toString(Instant.parse(time).toEpochMilli());
  }

  private static List<String> opens(JsonNode rows) {
    var opens = new ArrayList<String>();
    rows.forEach(row -> opens.add(Instant.ofEpochMilli(row.get(0).asLong()).toString()));
    return opens;
  }

  private JsonNode json(String request) throws IOException {
    return Asking.json(venue, "/api/v5/" + request);
  }
}

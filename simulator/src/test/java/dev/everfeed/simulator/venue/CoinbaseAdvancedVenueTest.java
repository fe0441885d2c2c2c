package dev.everfeed.simulator.venue;

import static dev.everfeed.simulator.venue.Asking.NOW;
import static dev.everfeed.simulator.venue.Asking.recorded;
import static dev.everfeed.simulator.venue.Asking.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoinbaseAdvancedVenueTest {
  private static final String PRODUCTS = "/api/v3/brokerage/market/products";
  private static final ExchangeMarket MARKET = Asking.market(Exchange.COINBASE);

  private final Venue venue = new CoinbaseAdvancedVenue(MARKET, false);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rest_bars/0001.json        | /BTC-USD/candles?granularity=ONE_HOUR&start=1712188800&end=1712192400",
        "rest_ticker/0001.json      | /BTC-USD/ticker?limit=3",
        "rest_instruments/0002.json | /BTC-USD",
      })
  void answersHaveTheRecordedShape(String name, String request) throws IOException {
    assertThat(Shape.loose(json(request)))
        .isEqualTo(Shape.loose(recorded("coinbase_advanced/" + name)));
  }

  @Test
  void theListHoldsTheProducts() throws IOException {
    JsonNode list = json("");
    assertThat(list.get("num_products").asInt()).isEqualTo(list.get("products").size());
    assertThat(list.get("products"))
        .extracting(product -> product.get("product_id").asText())
        .contains("BTC-USD", "BTC-USDT", "ETH-BTC")
        .doesNotContain("BNB-USDT");
  }

  @Test
  void theTimeIsToldThreeTimes() {
    assertThat(Asking.answer(venue, "/api/v3/brokerage/time").text())
        .isEqualTo(
            "{\"iso\":\"2026-03-04T05:06:07Z\",\"epochSeconds\":\"1772600767\",\"epochMillis\":\"1772600767890\"}");
    assertThat(venue.isProbe("/api/v3/brokerage/time")).isTrue();
  }

  /// The same exchange behind both doors: the same trades, the same bars.
  @Test
  void bothDoorsTellTheSame() throws IOException {
    Venue other = new CoinbaseExchangeVenue(MARKET, false);
    JsonNode trade = json("/BTC-USDT/ticker?limit=1").get("trades").get(0);
    JsonNode same = Asking.json(other, "/products/BTC-USDT/trades?limit=1").get(0);
    assertThat(trade.get("trade_id").asLong()).isEqualTo(same.get("trade_id").asLong());
    assertThat(trade.get("price")).isEqualTo(same.get("price"));
    assertThat(trade.get("side").asText())
        .isEqualToIgnoringCase(same.get("side").asText());
    assertThat(trade.get("time")).isEqualTo(same.get("time"));
    long start = seconds("2026-03-03T00:00:00Z");
    JsonNode bar = json("/BTC-USDT/candles?granularity=ONE_DAY&start=%d&end=%d"
            .formatted(start, start))
        .get("candles")
        .get(0);
    JsonNode row =
        Asking.json(other, "/products/BTC-USDT/candles?granularity=86400").get(1);
    assertThat(bar.get("start").asLong()).isEqualTo(row.get(0).asLong()).isEqualTo(start);
    assertThat(bar.get("low").asDouble()).isEqualTo(row.get(1).asDouble());
    assertThat(bar.get("volume").asDouble()).isEqualTo(row.get(5).asDouble());
  }

  @Test
  void candlesNeedASpanShorterThanThreeHundredAndFifty() throws IOException {
    long start = seconds("2026-03-01T00:00:00Z");
    String span = "/BTC-USDT/candles?granularity=ONE_MINUTE&start=%d&end=%d";
    JsonNode rows = json(span.formatted(start, start + 349 * 60)).get("candles");
    assertThat(rows).hasSize(350);
    assertThat(rows.get(0).get("start").asLong()).isEqualTo(start + 349 * 60);
    assertThat(rows.get(349).get("start").asLong()).isEqualTo(start);
    assertThat(json(span.formatted(start, start + 60) + "&limit=1").get("candles"))
        .hasSize(1);
    Answer refused = Asking.answer(venue, PRODUCTS + span.formatted(start, start + 350 * 60));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text())
        .contains("\"error\":\"INVALID_ARGUMENT\"")
        .contains("number of candles requested should be less than 350");
  }

  @Test
  void tradesCanBeAskedByTime() throws IOException {
    long start = seconds("2026-03-04T04:00:00Z");
    JsonNode trades = json("/BTC-USDT/ticker?limit=1000&start=%d&end=%d"
            .formatted(start, start + 10))
        .get("trades");
    assertThat(trades.size()).isBetween(40, 62);
    assertThat(trades.get(0).get("time").asText()).startsWith("2026-03-04T04:00:09");
    assertThat(trades.get(trades.size() - 1).get("time").asText())
        .startsWith("2026-03-04T04:00:00");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/BNB-USDT/ticker                                                   | 404 | valid product_id is required",
        "/BTC-USDT/nothing                                                  | 404 | 404 Not Found",
        "/BTC-USDT/candles?start=1&end=2                                    | 400 | granularity argument is invalid",
        "/BTC-USDT/candles?granularity=1m&start=1&end=2                     | 400 | granularity argument is invalid",
        "/BTC-USDT/candles?granularity=ONE_DAY&end=2                        | 400 | start argument is invalid",
        "/BTC-USDT/candles?granularity=ONE_DAY&start=1                      | 400 | end argument is invalid",
        "/BTC-USDT/candles?granularity=ONE_DAY&start=1&end=999999999999999  | 400 | end argument is invalid",
        "/BTC-USDT/candles?granularity=ONE_DAY&start=3&end=2                | 400 | start and end argument is invalid",
        "/BTC-USDT/candles?granularity=ONE_DAY&start=1&end=2&limit=351      | 400 | limit argument is invalid",
        "/BTC-USDT/ticker?limit=0                                           | 400 | limit argument is invalid",
      })
  void mistakesAreAnsweredTheVenuesWay(String request, int status, String message) {
    Answer answer = Asking.answer(venue, PRODUCTS + request);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).contains(message);
  }

  @Test
  void whatNeedsAKeyIsRefused() {
    assertThat(Asking.answer(venue, "/api/v3/brokerage/products").status()).isEqualTo(401);
    assertThat(Asking.answer(venue, "/nothing").status()).isEqualTo(404);
  }

  @Test
  void tenRequestsASecondAreAllowed() {
    Venue limited = new CoinbaseAdvancedVenue(MARKET, true);
    assertThat(Asking.refused(limited, PRODUCTS, 15, NOW, "too many requests")).isEqualTo(5);
    assertThat(limited.weightUsed(NOW)).isEqualTo(10);
    assertThat(limited.tooOften(429, OptionalLong.of(5), NOW).headers())
        .containsEntry("Retry-After", "5");
    assertThat(limited.broken(500).text()).contains("INTERNAL");
    assertThat(limited.broken(503).contentType()).startsWith("text/html");
  }

  private JsonNode json(String request) throws IOException {
    return Asking.json(venue, PRODUCTS + request);
  }
}

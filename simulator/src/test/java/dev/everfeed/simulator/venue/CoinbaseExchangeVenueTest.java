package dev.everfeed.simulator.venue;

import static dev.everfeed.simulator.venue.Asking.NOW;
import static dev.everfeed.simulator.venue.Asking.recorded;
import static dev.everfeed.simulator.venue.Asking.seconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoinbaseExchangeVenueTest {
  private static final ExchangeMarket MARKET = Asking.market(Exchange.COINBASE);

  private final Venue venue = new CoinbaseExchangeVenue(MARKET, false);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rest_bars/0001.json        | /products/BTC-USD/candles?granularity=86400",
        "rest_ticker/0002.json      | /products/BTC-USD/ticker",
        "rest_instruments/0001.json | /products",
      })
  void answersHaveTheRecordedShape(String name, String request) throws IOException {
    assertThat(Shape.loose(json(request)))
        .isEqualTo(Shape.loose(recorded("coinbase_exchange/" + name)));
  }

  @Test
  void statsHaveAtLeastTheRecordedShape() throws IOException {
    assertThat(Shape.loose(json("/products/BTC-USD/stats")))
        .containsAllEntriesOf(Shape.loose(recorded("coinbase_exchange/rest_stats/0001.json")));
  }

  @Test
  void theTimeIsTold() {
    assertThat(Asking.answer(venue, "/time").text())
        .isEqualTo("{\"iso\":\"2026-03-04T05:06:07.890Z\",\"epoch\":1772600767.890}");
    assertThat(venue.isProbe("/time")).isTrue();
    assertThat(venue.isProbe("/products")).isFalse();
  }

  @Test
  void candlesHaveTheLowBeforeTheHighAndComeNewestFirst() throws IOException {
    JsonNode rows = json("/products/BTC-USDT/candles?granularity=3600");
    assertThat(rows).hasSize(300);
    assertThat(rows.get(0).get(0).asLong()).isEqualTo(seconds("2026-03-04T05:00:00Z"));
    assertThat(rows.get(299).get(0).asLong()).isEqualTo(rows.get(0).get(0).asLong() - 299 * 3_600);
    for (JsonNode row : rows) {
      double low = row.get(1).asDouble();
      double high = row.get(2).asDouble();
      assertThat(row.get(3).asDouble()).isBetween(low, high);
      assertThat(row.get(4).asDouble()).isBetween(low, high);
    }
    assertThat(json("/products/BTC-USDT/candles")).as("minutes").hasSize(300);
    assertThat(json("/products/BTC-USDT/candles?granularity=60&start=1772600000"))
        .as("a start alone is ignored")
        .hasSize(300);
  }

  /// Both ends count, the row that holds the start comes too, and sometimes one before it.
  @Test
  void aSpanMayBringRowsBeforeItsStart() throws IOException {
    int early = 0;
    for (int hour = 0; hour < 20; hour++) {
      long start = seconds("2026-02-01T00:00:00Z") + hour * 3_600L;
      JsonNode rows = json("/products/BTC-USDT/candles?granularity=3600&start=%d&end=%d"
          .formatted(start, start + 3 * 3_600));
      assertThat(rows.get(0).get(0).asLong()).isEqualTo(start + 3 * 3_600);
      long last = rows.get(rows.size() - 1).get(0).asLong();
      assertThat(last).isIn(start, start - 3_600);
      early += last < start ? 1 : 0;
    }
    assertThat(early).isBetween(3, 17);
    JsonNode within = json("/products/BTC-USDT/candles?granularity=3600"
        + "&start=2026-02-01T00:30:00Z&end=2026-02-01T02:59:59.999999+00:00");
    assertThat(within.get(0).get(0).asLong()).isEqualTo(seconds("2026-02-01T02:00:00Z"));
    assertThat(within.size()).isBetween(3, 4);
  }

  @Test
  void moreThanThreeHundredAreRefused() throws IOException {
    long start = seconds("2026-02-01T00:00:00Z");
    String span = "/products/BTC-USDT/candles?granularity=60&start=%d&end=%d";
    assertThat(json(span.formatted(start, start + 300 * 60)).size()).isBetween(301, 302);
    Answer refused = Asking.answer(venue, span.formatted(start, start + 301 * 60));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text())
        .isEqualTo("{\"message\":\"granularity too small for the requested time range. Count of"
            + " aggregations requested exceeds 300\"}");
  }

  @Test
  void minutesWithoutTradesHaveNoRow() throws IOException {
    long start = seconds("2026-03-04T03:00:00Z");
    assertThat(json("/products/LTC-USDT/candles?granularity=60&start=%d&end=%d"
            .formatted(start + 60, start + 3_599)))
        .hasSizeBetween(47, 49);
  }

  /// The side is the maker's: a taker who bought met a seller, at the ask.
  @Test
  void tradesTellTheMakersSideAndArePagedByCursors() throws IOException {
    Answer newest = Asking.answer(venue, "/products/BTC-USDT/trades?limit=5");
    JsonNode rows = Asking.JSON.readTree(newest.body());
    long last = rows.get(0).get("trade_id").asLong();
    assertThat(rows)
        .extracting(row -> row.get("trade_id").asLong())
        .containsExactly(last, last - 1, last - 2, last - 3, last - 4);
    assertThat(newest.headers())
        .containsEntry("CB-BEFORE", Long.toString(last))
        .containsEntry("CB-AFTER", Long.toString(last - 4));
    JsonNode row = rows.get(0);
    assertThat(Shape.loose(row))
        .isEqualTo(Map.of(
            ".trade_id", "number",
            ".side", "text",
            ".size", "number as text",
            ".price", "number as text",
            ".time", "text"));
    assertThat(row.get("time").asText()).matches("2026-03-04T05:06:07\\.[0-9]{6}Z");
    JsonNode ticker = json("/products/BTC-USDT/ticker");
    String hit = row.get("side").asText().equals("sell") ? "ask" : "bid";
    assertThat(ticker.get(hit)).isEqualTo(row.get("price"));
    assertThat(ticker.get("trade_id").asLong()).isEqualTo(last);

    JsonNode older = json("/products/BTC-USDT/trades?limit=2&after=" + (last - 4));
    assertThat(older)
        .extracting(r -> r.get("trade_id").asLong())
        .containsExactly(last - 5, last - 6);
    assertThat(json("/products/BTC-USDT/trades?before=" + (last - 2))).hasSize(2);
    Answer none = Asking.answer(venue, "/products/BTC-USDT/trades?before=" + last);
    assertThat(none.text()).isEqualTo("[]");
    assertThat(none.headers()).isEmpty();
    assertThat(json("/products/BTC-USDT/trades")).hasSize(1_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/products/BNB-USDT/ticker                                | 404 | NotFound",
        "/products/btc-usdt                                       | 404 | NotFound",
        "/products/BTC-USDT/book/2                                | 404 | Route not found",
        "/products/BTC-USDT/nothing                               | 404 | Route not found",
        "/nothing                                                 | 404 | Route not found",
        "/products/BTC-USDT/candles?granularity=61                | 400 | Unsupported granularity",
        "/products/BTC-USDT/candles?granularity=x                 | 400 | Invalid granularity",
        "/products/BTC-USDT/candles?start=soon&end=1              | 400 | Invalid start",
        "/products/BTC-USDT/candles?start=2026-01-01&end=1        | 400 | Invalid start",
        "/products/BTC-USDT/candles?start=0&end=+999999999-01-01T00:00:00Z | 400 | Invalid end",
        "/products/BTC-USDT/candles?start=2&end=1                 | 400 | start must be before end",
        "/products/BTC-USDT/trades?limit=1001                     | 400 | Invalid limit",
        "/products/BTC-USDT/trades?limit=0                        | 400 | Invalid limit",
        "/products/BTC-USDT/trades?after=-1                       | 400 | Invalid after",
      })
  void mistakesAreAnsweredTheVenuesWay(String request, int status, String message) {
    Answer answer = Asking.answer(venue, request);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).isEqualTo("{\"message\":\"%s\"}".formatted(message));
  }

  @Test
  void tenRequestsASecondAreAllowed() {
    Venue limited = new CoinbaseExchangeVenue(MARKET, true);
    assertThat(Asking.refused(limited, "/time", 15, NOW, "rate limit exceeded")).isEqualTo(5);
    assertThat(limited.weightUsed(NOW)).isEqualTo(10);
    assertThat(Asking.refused(limited, "/time", 6, NOW.plusMillis(500), "rate limit exceeded"))
        .isEqualTo(1);
    assertThat(limited.tooOften(429, OptionalLong.of(5), NOW).headers())
        .containsEntry("Retry-After", "5");
    assertThat(limited.broken(500).text()).contains("Internal server error");
    assertThat(limited.broken(502).contentType()).startsWith("text/html");
  }

  private JsonNode json(String request) throws IOException {
    return Asking.json(venue, request);
  }
}

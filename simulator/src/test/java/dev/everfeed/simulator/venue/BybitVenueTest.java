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

class BybitVenueTest {
  private static final ExchangeMarket SPOT = Asking.market(Exchange.BYBIT);
  private static final ExchangeMarket LINEAR = Asking.market(Exchange.BYBIT_LINEAR);
  private static final String KLINE = "kline?category=spot&symbol=BTCUSDT";

  private final Venue venue = new BybitVenue(SPOT, LINEAR, false);

  @Test
  void answersHaveTheRecordedShape() throws IOException {
    assertThat(Shape.loose(json(KLINE + "&interval=1")))
        .isEqualTo(Shape.loose(recorded("bybit/rest_bars/0002.json")));
    assertThat(Shape.loose(json("tickers?category=spot")))
        .isEqualTo(Shape.loose(recorded("bybit/rest_ticker/0001.json")));
    assertThat(Shape.loose(json("tickers?category=spot").at("/result/list/0")))
        .isEqualTo(Shape.loose(recorded("bybit/rest_ticker_element/0002.json")));
    assertThat(Shape.loose(json("instruments-info?category=spot")))
        .isEqualTo(Shape.loose(recorded("bybit/rest_instruments/0002.json")));
    assertThat(Shape.loose(json("recent-trade?category=spot&symbol=BTCUSDT").at("/result/list/0")))
        .isEqualTo(Shape.loose(recorded("bybit/rest_trades_element/0002.json")));
    assertThat(Shape.loose(json(KLINE + "&interval=x")))
        .isEqualTo(Shape.loose(recorded("bybit/rest_error/0001.json")));
  }

  @Test
  void theTimeIsTold() {
    assertThat(Asking.answer(venue, "/v5/market/time").text())
        .isEqualTo(
            "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"timeSecond\":\"1772600767\",\"timeNano\":\"1772600767890000000\"},\"retExtInfo\":{},\"time\":1772600767890}");
    assertThat(venue.isProbe("/v5/market/time")).isTrue();
    assertThat(venue.isProbe("/v5/market/kline")).isFalse();
  }

  /// Whoever forgets the category gets the perpetual contract, at another price.
  @Test
  void withoutACategoryTheContractIsTold() throws IOException {
    JsonNode spot = json(KLINE + "&interval=60").get("result");
    JsonNode contract = json("kline?symbol=BTCUSDT&interval=60").get("result");
    assertThat(spot.get("category").asText()).isEqualTo("spot");
    assertThat(contract.get("category").asText()).isEqualTo("linear");
    assertThat(contract.get("symbol")).isEqualTo(spot.get("symbol"));
    assertThat(contract.at("/list/5/0")).isEqualTo(spot.at("/list/5/0"));
    assertThat(contract.at("/list/5/4")).isNotEqualTo(spot.at("/list/5/4"));
  }

  @Test
  void klinesComeNewestFirstAndBothEndsCount() throws IOException {
    JsonNode newest = json(KLINE + "&interval=60").at("/result/list");
    assertThat(newest).hasSize(200);
    assertThat(opens(newest).getFirst()).isEqualTo("2026-03-04T05:00:00Z");
    long from = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    long to = Instant.parse("2026-01-01T03:00:00Z").toEpochMilli();
    assertThat(opens(
            json(KLINE + "&interval=60&start=%d&end=%d".formatted(from, to)).at("/result/list")))
        .containsExactly(
            "2026-01-01T03:00:00Z",
            "2026-01-01T02:00:00Z",
            "2026-01-01T01:00:00Z",
            "2026-01-01T00:00:00Z");
    assertThat(opens(json(KLINE + "&interval=60&limit=2&start=" + from).at("/result/list")))
        .as("from a start alone")
        .containsExactly("2026-01-01T01:00:00Z", "2026-01-01T00:00:00Z");
    assertThat(opens(json(KLINE + "&interval=60&limit=2&end=" + to).at("/result/list")))
        .containsExactly("2026-01-01T03:00:00Z", "2026-01-01T02:00:00Z");
    assertThat(json(KLINE + "&interval=1&limit=5000").at("/result/list")).hasSize(1_000);
    assertThat(opens(json(KLINE + "&interval=W&limit=1").at("/result/list")))
        .containsExactly("2026-03-02T00:00:00Z");
    assertThat(opens(json(KLINE + "&interval=M&limit=1").at("/result/list")))
        .containsExactly("2026-03-01T00:00:00Z");
    assertThat(json("kline?category=spot&symbol=LTCUSDT&interval=1&limit=1000").at("/result/list"))
        .as("minutes without trades are flat")
        .hasSize(1_000)
        .anySatisfy(row -> assertThat(row.get(5).asText()).isEqualTo("0"));
  }

  @Test
  void recentTradesAreSixtyAtMost() throws IOException {
    JsonNode trades =
        json("recent-trade?category=spot&symbol=BTCUSDT&limit=1000").at("/result/list");
    assertThat(trades).hasSize(60);
    long last = trades.get(0).get("execId").asLong();
    for (int i = 1; i < 60; i++) {
      assertThat(trades.get(i).get("execId").asLong()).isEqualTo(last - i);
      assertThat(trades.get(i).get("seq").asLong())
          .isLessThan(trades.get(i - 1).get("seq").asLong());
    }
    JsonNode ticker = json("tickers?category=spot&symbol=BTCUSDT").at("/result/list/0");
    assertThat(ticker.get("lastPrice")).isEqualTo(trades.get(0).get("price"));
    assertThat(ticker.get(
            trades.get(0).get("side").asText().equals("Buy") ? "ask1Price" : "bid1Price"))
        .isEqualTo(trades.get(0).get("price"));
    assertThat(json("recent-trade?category=spot&symbol=BTCUSDT&limit=2").at("/result/list"))
        .hasSize(2);
    assertThat(json("instruments-info?category=spot&limit=1").at("/result/list"))
        .as("no pages")
        .hasSize(6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kline?category=spot&symbol=NONE&interval=1            | Not supported symbols",
        "kline?category=spot&interval=1                        | params error: symbol invalid",
        "kline?category=spot&symbol=BTCUSDT&interval=1m        | Invalid period!",
        "kline?category=spot&symbol=BTCUSDT                    | Invalid period!",
        "kline?category=option&symbol=BTCUSDT&interval=1       | params error: category invalid",
        "kline?category=spot&symbol=BTCUSDT&interval=1&start=x | params error: start invalid",
        "kline?category=spot&symbol=BTCUSDT&interval=1&limit=0 | params error: limit invalid",
        "tickers                                               | params error: category invalid",
        "tickers?category=spot&symbol=NONE                     | Not supported symbols",
        "recent-trade?category=spot                            | params error: symbol invalid",
      })
  void mistakesComeWithSuccess(String request, String message) throws IOException {
    Answer answer = Asking.answer(venue, "/v5/market/" + request);
    assertThat(answer.status()).isEqualTo(200);
    JsonNode error = Asking.JSON.readTree(answer.body());
    assertThat(error.get("retCode").asInt()).isEqualTo(10_001);
    assertThat(error.get("retMsg").asText()).isEqualTo(message);
    assertThat(error.get("time").asLong()).isEqualTo(NOW.toEpochMilli());
  }

  @Test
  void unknownPathsAreNotFound() {
    assertThat(Asking.answer(venue, "/v5/market/nothing").status()).isEqualTo(404);
    assertThat(Asking.answer(venue, "/nothing").status()).isEqualTo(404);
  }

  @Test
  void sixHundredInFiveSecondsAreAllowed() {
    Venue limited = new BybitVenue(SPOT, LINEAR, true);
    assertThat(Asking.refused(limited, "/v5/market/time", 610, NOW, "access too frequent"))
        .isEqualTo(10);
    assertThat(limited.weightUsed(NOW)).isEqualTo(610);
    assertThat(Asking.answer(limited, "/v5/market/time").status()).isEqualTo(403);
    assertThat(Asking.answer(limited, "/v5/market/time", NOW.plusSeconds(5)).status())
        .isEqualTo(200);
    assertThat(limited.tooOften(429, OptionalLong.of(5), NOW).headers()).isEmpty();
    assertThat(limited.broken(500).text()).contains("\"retCode\":10016");
    assertThat(limited.broken(503).contentType()).startsWith("text/html");
  }

  private static List<String> opens(JsonNode rows) {
    List<String> opens = new ArrayList<>();
    rows.forEach(row -> opens.add(Instant.ofEpochMilli(row.get(0).asLong()).toString()));
    return opens;
  }

  private JsonNode json(String request) throws IOException {
    return Asking.json(venue, "/v5/market/" + request);
  }
}

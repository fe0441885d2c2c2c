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

class KrakenVenueTest {
  private static final ExchangeMarket MARKET = Asking.market(Exchange.KRAKEN);

  private final Venue venue = new KrakenVenue(MARKET, false);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rest_bars/0004.json        | OHLC?pair=XBTUSDT",
        "rest_ticker/0002.json      | Ticker?pair=XBTUSDT",
        "rest_time/0001.json        | Time",
        "rest_error/0002.json       | Ticker?pair=NONE",
      })
  void answersHaveTheRecordedShape(String name, String request) throws IOException {
    assertThat(Shape.loose(json(request))).isEqualTo(Shape.loose(recorded("kraken_rest/" + name)));
  }

  @Test
  void instrumentsHaveTheRecordedShape() throws IOException {
    JsonNode real = recorded("kraken_rest/rest_instruments/0003.json");
    assertThat(Shape.loose(json("AssetPairs?pair=XBTUSDT"))).isEqualTo(Shape.loose(real));
    assertThat(json("AssetPairs").get("result").properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder(
            "XBTUSDT", "ETHUSDT", "LTCUSDT", "XETHXXBT", "XDGUSDT", "XXBTZUSD", "XETHZUSD");
  }

  /// The key of the answer is the venue's, whatever name was asked.
  @Test
  void answersAreKeyedByTheLongName() throws IOException {
    for (String asked : new String[] {"XXBTZUSD", "XBTUSD", "XBT/USD"}) {
      JsonNode result = json("Ticker?pair=" + asked).get("result");
      assertThat(result.properties()).extracting(Map.Entry::getKey).containsExactly("XXBTZUSD");
    }
    assertThat(json("Ticker?pair=XBTUSDT,XDGUSDT").get("result").properties())
        .extracting(Map.Entry::getKey)
        .containsExactly("XBTUSDT", "XDGUSDT");
    assertThat(json("Ticker").get("result")).hasSize(7);
    JsonNode pair = json("AssetPairs?pair=XBTUSD").get("result").get("XXBTZUSD");
    assertThat(pair.get("base").asText()).isEqualTo("XXBT");
    assertThat(pair.get("quote").asText()).isEqualTo("ZUSD");
    assertThat(pair.get("wsname").asText()).isEqualTo("XBT/USD");
  }

  @Test
  void theTimeIsTold() {
    assertThat(Asking.answer(venue, "/0/public/Time").text())
        .isEqualTo(
            "{\"error\":[],\"result\":{\"unixtime\":1772600767,\"rfc1123\":\"Wed, 04 Mar 26 05:06:07 +0000\"}}");
    assertThat(Asking.answer(venue, "/0/public/SystemStatus").text())
        .contains("\"status\":\"online\"");
    assertThat(venue.isProbe("/0/public/Time")).isTrue();
    assertThat(venue.isProbe("/0/public/OHLC")).isFalse();
  }

  /// 720 minutes, the running one last; `last` is the one before it and brings only what is new.
  @Test
  void barsReachBack720IntervalsWhateverIsAsked() throws IOException {
    for (String since : new String[] {"", "&since=0", "&since=1500000000"}) {
      JsonNode result = json("OHLC?pair=XBTUSDT&interval=1" + since).get("result");
      JsonNode rows = result.get("XBTUSDT");
      assertThat(rows).hasSize(720);
      assertThat(rows.get(719).get(0).asLong()).isEqualTo(seconds("2026-03-04T05:06:00Z"));
      assertThat(rows.get(0).get(0).asLong()).isEqualTo(seconds("2026-03-04T05:06:00Z") - 719 * 60);
      assertThat(result.get("last").asLong()).isEqualTo(seconds("2026-03-04T05:05:00Z"));
    }
    JsonNode fresh = json("OHLC?pair=XBTUSDT&interval=1&since=" + seconds("2026-03-04T05:05:00Z"))
        .get("result")
        .get("XBTUSDT");
    assertThat(fresh)
        .extracting(row -> row.get(0).asLong())
        .containsExactly(seconds("2026-03-04T05:06:00Z"));
  }

  @Test
  void meansLieWithinTheirBar() throws IOException {
    for (String interval : new String[] {"1", "1440", "10080", "21600"}) {
      JsonNode rows =
          json("OHLC?pair=XBTUSDT&interval=" + interval).get("result").get("XBTUSDT");
      for (JsonNode row : rows) {
        assertThat(row.get(5).asDouble())
            .isBetween(row.get(3).asDouble(), row.get(2).asDouble());
        assertThat(row.get(7).asLong()).isPositive();
      }
    }
  }

  /// A minute without trades has no row, but the running one always has: flat at first.
  @Test
  void quietMinutesAreLeftOutAndTheLastRowIsAlwaysThere() throws IOException {
    JsonNode rows = json("OHLC?pair=LTCUSDT").get("result").get("LTCUSDT");
    assertThat(rows.size()).isBetween(565, 590);
    var quiet = Asking.market(Exchange.KRAKEN).books().stream()
        .filter(book -> book.listing().base().equals("LTC"))
        .findFirst()
        .orElseThrow();
    var now = NOW;
    while (!quiet.isQuiet(now.getEpochSecond())) {
      now = now.plusSeconds(60);
    }
    JsonNode then = Asking.JSON
        .readTree(Asking.answer(venue, "/0/public/OHLC?pair=LTCUSDT", now).body())
        .get("result")
        .get("LTCUSDT");
    JsonNode last = then.get(then.size() - 1);
    assertThat(last.get(0).asLong()).isEqualTo(now.getEpochSecond() / 60 * 60);
    assertThat(last.get(4)).isEqualTo(last.get(1));
    assertThat(last.get(5).asText()).isEqualTo("0.0");
    assertThat(last.get(6).asText()).isEqualTo("0.00000000");
    assertThat(last.get(7).asInt()).isZero();
  }

  @Test
  void tradesAreFoundAfterACursorInNanoseconds() throws IOException {
    JsonNode result = json("Trades?pair=XBTUSD").get("result");
    JsonNode newest = result.get("XXBTZUSD");
    assertThat(newest).hasSize(1_000);
    JsonNode last = newest.get(999);
    assertThat(last).hasSize(7);
    assertThat(last.get(0).asText()).matches("[0-9]+\\.[0-9]{5}");
    assertThat(last.get(1).asText()).matches("[0-9]+\\.[0-9]{8}");
    assertThat(last.get(2).isNumber()).isTrue();
    assertThat(last.get(3).asText()).isIn("b", "s");
    assertThat(last.get(4).asText()).isIn("m", "l");
    assertThat(last.get(5).asText()).isEmpty();
    assertThat(last.get(6).asLong() - newest.get(0).get(6).asLong()).isEqualTo(999);

    JsonNode page = json("Trades?pair=XBTUSD&count=3&since=1700000000000000000").get("result");
    long first = page.get("XXBTZUSD").get(0).get(6).asLong();
    String cursor = page.get("last").asText();
    assertThat(cursor).matches("17000000[0-9]{11}");
    JsonNode next = json("Trades?pair=XBTUSD&count=3&since=" + cursor).get("result");
    assertThat(next.get("XXBTZUSD"))
        .extracting(row -> row.get(6).asLong())
        .containsExactly(first + 3, first + 4, first + 5);
    String end = result.get("last").asText();
    JsonNode none = json("Trades?pair=XBTUSD&since=" + end).get("result");
    assertThat(none.get("XXBTZUSD")).isEmpty();
    assertThat(none.get("last").asText()).isEqualTo(end);
    assertThat(json("Trades?pair=XBTUSD&since=0&count=1").get("result").get("XXBTZUSD"))
        .hasSize(1);
  }

  @Test
  void theTickerAgreesWithTheTrades() throws IOException {
    JsonNode ticker = json("Ticker?pair=XBTUSDT").get("result").get("XBTUSDT");
    JsonNode last =
        json("Trades?pair=XBTUSDT&count=1").get("result").get("XBTUSDT").get(0);
    assertThat(ticker.get("c").get(0)).isEqualTo(last.get(0));
    assertThat(ticker.get(last.get(3).asText().equals("b") ? "a" : "b").get(0))
        .isEqualTo(last.get(0));
    assertThat(ticker.get("a").get(0).asDouble())
        .isGreaterThan(ticker.get("b").get(0).asDouble());
    assertThat(ticker.get("v").get(0).asDouble())
        .isLessThan(ticker.get("v").get(1).asDouble());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OHLC?pair=BNBUSDT               | EQuery:Unknown asset pair",
        "Ticker?pair=XBTUSDT,NONE        | EQuery:Unknown asset pair",
        "OHLC                            | EGeneral:Invalid arguments",
        "OHLC?pair=XBTUSDT&interval=2    | EGeneral:Invalid arguments:interval",
        "OHLC?pair=XBTUSDT&interval=1h   | EGeneral:Invalid arguments:interval",
        "OHLC?pair=XBTUSDT&since=x       | EGeneral:Invalid arguments:since",
        "Trades?pair=XBTUSDT&since=-1    | EGeneral:Invalid arguments:since",
        "Trades?pair=XBTUSDT&count=1001  | EGeneral:Invalid arguments:count",
        "Nothing                         | EGeneral:Unknown method",
      })
  void mistakesComeWithSuccess(String request, String error) {
    Answer answer = Asking.answer(venue, "/0/public/" + request);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("{\"error\":[\"%s\"]}".formatted(error));
  }

  @Test
  void aBurstOfTwentyIsAllowedThenOneASecond() throws IOException {
    Venue limited = new KrakenVenue(MARKET, true);
    String often = Asking.JSON.writeValueAsString(recorded("kraken_rest/rest_error/0002.json"));
    assertThat(Asking.refused(limited, "/0/public/Time", 25, NOW, often)).isEqualTo(5);
    assertThat(limited.weightUsed(NOW)).isEqualTo(20);
    assertThat(Asking.refused(limited, "/0/public/Time", 5, NOW.plusSeconds(3), often))
        .isEqualTo(2);
    Answer refused = limited.tooOften(429, OptionalLong.of(5), NOW);
    assertThat(refused.status()).isEqualTo(200);
    assertThat(refused.headers()).isEmpty();
    assertThat(limited.tooOften(418, OptionalLong.of(5), NOW).text()).contains("lockout");
  }

  @Test
  void failuresComeWithSuccessOrFromTheGateBeforeIt() {
    assertThat(venue.broken(500).status()).isEqualTo(200);
    assertThat(venue.broken(500).text()).contains("EGeneral:Internal error");
    assertThat(venue.broken(503).text()).isEqualTo("{\"error\":[\"EService:Unavailable\"]}");
    assertThat(venue.broken(502).status()).isEqualTo(502);
  }

  private JsonNode json(String request) throws IOException {
    return Asking.json(venue, "/0/public/" + request);
  }
}

package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinanceVenueTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.890Z");
  private static final List<Symbol> SYMBOLS =
      List.of(Symbol.of("BTC/USDT"), Symbol.of("ETH/USDT"), Symbol.of("ETH/BTC"));

  private final BinanceVenue venue = venue(0);

  private static BinanceVenue venue(int weight) {
    return new BinanceVenue(new SimulatedMarket(1, SYMBOLS), weight);
  }

  /// Same names, same kinds of values as the venue's own payloads.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rest_bars/0006.json           | klines?symbol=BTCUSDT&interval=1h",
        "rest_price/0002.json          | ticker/price?symbol=BTCUSDT",
        "rest_book_ticker/0002.json    | ticker/bookTicker?symbol=BTCUSDT",
        "rest_ticker/0006.json         | ticker/24hr?symbols=[\"BTCUSDT\",\"ETHUSDT\"]",
        "rest_trades/0003.json         | trades?symbol=ETHBTC",
        "rest_trades/0003.json         | historicalTrades?symbol=ETHBTC&fromId=5",
        "rest_agg_trades/0003.json     | aggTrades?symbol=BTCUSDT",
        "rest_time/0002.json           | ping",
        "rest_error/0003.json          | ticker/price?symbol=NONE",
      })
  void answersHaveTheRecordedShape(String recorded, String request) throws IOException {
    JsonNode real = JSON.readTree(WireCases.file("binance/" + recorded).toFile());
    assertThat(Shape.of(json(request))).isEqualTo(Shape.of(real));
  }

  /// The list of instruments has grown fields over the years: ours has those of the newest form.
  @Test
  void instrumentsHaveTheDocumentedShape() throws IOException {
    JsonNode real =
        JSON.readTree(WireCases.file("binance/rest_instruments/0003.json").toFile());
    JsonNode ours = json("exchangeInfo?symbol=ETHBTC");
    Map<String, String> expected =
        new LinkedHashMap<>(Shape.of(real.get("symbols").get(0)));
    expected
        .keySet()
        .removeIf(name -> name.startsWith(".filters") || name.startsWith(".permission"));
    assertThat(Shape.of(ours.get("symbols").get(0))).containsAllEntriesOf(expected);
    assertThat(ours.get("timezone").asText()).isEqualTo("UTC");
    assertThat(ours.get("serverTime").asLong()).isEqualTo(NOW.toEpochMilli());
    assertThat(ours.get("rateLimits").get(0).get("limit").asInt()).isEqualTo(6_000);
    assertThat(json("exchangeInfo").get("symbols")).hasSize(3);
  }

  @Test
  void equalSeedsAnswerWithEqualBytes() {
    for (String request : List.of(
        "klines?symbol=BTCUSDT&interval=1m",
        "ticker/24hr",
        "trades?symbol=ETHBTC",
        "exchangeInfo")) {
      assertThat(ask(venue(0), request, NOW).body())
          .isEqualTo(ask(venue, request, NOW).body());
    }
  }

  @Test
  void klinesFromAStartComeOldestFirstFromThere() throws IOException {
    JsonNode rows = json("klines?symbol=BTCUSDT&interval=1h&startTime=1672531200000&limit=3");
    assertThat(rows)
        .extracting(row -> row.get(0).asLong())
        .containsExactly(1672531200000L, 1672534800000L, 1672538400000L);
    assertThat(rows.get(0).get(6).asLong()).isEqualTo(1672534799999L);
    JsonNode late = json("klines?symbol=BTCUSDT&interval=1h&startTime=1672531200001&limit=1");
    assertThat(late.get(0).get(0).asLong()).isEqualTo(1672534800000L);
  }

  @Test
  void klinesWithAnEndAreTheNewestUpToIt() throws IOException {
    JsonNode rows = json("klines?symbol=BTCUSDT&interval=1h&endTime=1672538400000&limit=2");
    assertThat(rows)
        .extracting(row -> row.get(0).asLong())
        .containsExactly(1672534800000L, 1672538400000L);
    JsonNode both =
        json("klines?symbol=BTCUSDT&interval=1h&startTime=1672531200000&endTime=1672534800000");
    assertThat(both).hasSize(2);
    assertThat(
            json("klines?symbol=BTCUSDT&interval=1h&startTime=1672538400000&endTime=1672531200000"))
        .isEmpty();
  }

  @Test
  void klinesWithoutTimesEndWithTheUnfinishedOne() throws IOException {
    JsonNode rows = json("klines?symbol=BTCUSDT&interval=1d");
    assertThat(rows).hasSize(500);
    assertThat(rows.get(499).get(6).asLong()).isGreaterThan(NOW.toEpochMilli());
    assertThat(rows.get(499).get(0).asLong())
        .isEqualTo(Instant.parse("2026-03-04T00:00:00Z").toEpochMilli());
    assertThat(json("klines?symbol=BTCUSDT&interval=1m&limit=5000")).hasSize(1_000);
  }

  @Test
  void aggregatesAreFoundByIdOrTimeInclusive() throws IOException {
    JsonNode byId = json("aggTrades?symbol=BTCUSDT&fromId=1000000&limit=20");
    assertThat(byId).hasSize(20);
    assertThat(byId.get(0).get("a").asLong()).isEqualTo(1_000_000);
    long from = byId.get(3).get("T").asLong();
    long to = byId.get(9).get("T").asLong();
    JsonNode byTime = json("aggTrades?symbol=BTCUSDT&startTime=" + from + "&endTime=" + to);
    assertThat(byTime)
        .extracting(row -> row.get("a").asLong())
        .containsExactly(
            1_000_003L, 1_000_004L, 1_000_005L, 1_000_006L, 1_000_007L, 1_000_008L, 1_000_009L);
    JsonNode upTo = json("aggTrades?symbol=BTCUSDT&endTime=" + to + "&limit=2");
    assertThat(upTo)
        .extracting(row -> row.get("a").asLong())
        .containsExactly(1_000_008L, 1_000_009L);
    assertThat(json("aggTrades?symbol=BTCUSDT&startTime=9&endTime=8")).isEmpty();
  }

  @Test
  void theTickerAgreesWithItself() throws IOException {
    JsonNode day = json("ticker/24hr?symbol=BTCUSDT");
    JsonNode book = json("ticker/bookTicker?symbol=BTCUSDT");
    JsonNode price = json("ticker/price?symbol=BTCUSDT");
    JsonNode trades = json("trades?symbol=BTCUSDT&limit=1");
    assertThat(day.get("lastPrice"))
        .isEqualTo(price.get("price"))
        .isEqualTo(trades.get(0).get("price"));
    assertThat(day.get("bidPrice")).isEqualTo(book.get("bidPrice"));
    assertThat(day.get("lastId")).isEqualTo(trades.get(0).get("id"));
    assertThat(day.get("count").asLong())
        .isEqualTo(day.get("lastId").asLong() - day.get("firstId").asLong() + 1);
    assertThat(day.get("highPrice").decimalValue()).isNotNegative();
    assertThat(new BigDecimal(day.get("askPrice").asText()))
        .isGreaterThan(new BigDecimal(day.get("bidPrice").asText()));
  }

  @Test
  void oneSymbolIsAnObjectAndSeveralAreAList() throws IOException {
    assertThat(json("ticker/price?symbol=ETHBTC").isObject()).isTrue();
    assertThat(json("ticker/price?symbols=[\"ETHBTC\"]").isArray()).isTrue();
    assertThat(json("ticker/price")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "klines?symbol=NONE&interval=1h                           | -1121",
        "klines?interval=1h                                       | -1102",
        "klines?symbol=&interval=1h                               | -1102",
        "klines?symbol=btcusdt&interval=1h                        | -1100",
        "klines?symbol=BTCUSDT                                    | -1102",
        "klines?symbol=BTCUSDT&interval=1H                        | -1120",
        "klines?symbol=BTCUSDT&interval=1h&limit=0                | -1130",
        "klines?symbol=BTCUSDT&interval=1h&limit=ten              | -1100",
        "klines?symbol=BTCUSDT&interval=1h&limit=                 | -1105",
        "klines?symbol=BTCUSDT&interval=1h&startTime=1.5          | -1100",
        "klines?symbol=BTCUSDT&interval=1h&startTime=-1           | -1100",
        "klines?symbol=BTCUSDT&interval=1h&endTime=9999999999999999 | -1130",
        "klines?symbol=BTCUSDT&interval=1h&endTime=99999999999999999999 | -1130",
        "klines?symbol=BTCUSDT&interval=1h&timeZone=8             | -1130",
        "ticker/price?symbol=BTCUSDT&symbols=[\"ETHUSDT\"]        | -1128",
        "ticker/price?symbols=BTCUSDT                             | -1100",
        "ticker/price?symbols=[\"BTCUSDT\", \"ETHUSDT\"]          | -1100",
        "ticker/price?symbols=[]                                  | -1102",
        "ticker/price?symbols=[\"BTCUSDT\",\"NONE\"]              | -1121",
        "aggTrades?symbol=BTCUSDT&fromId=1&startTime=1            | -1128",
      })
  void mistakesAreAnsweredWithTheVenuesCodes(String request, int code) throws IOException {
    Answer answer = ask(venue, request, NOW);
    assertThat(answer.status()).isEqualTo(400);
    JsonNode error = JSON.readTree(answer.body());
    assertThat(error.get("code").asInt()).isEqualTo(code);
    assertThat(error.get("msg").asText()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ping | 1",
        "time | 1",
        "klines?symbol=BTCUSDT&interval=1h | 2",
        "ticker/price?symbol=BTCUSDT | 2",
        "ticker/price | 4",
        "ticker/bookTicker?symbol=BTCUSDT | 2",
        "ticker/bookTicker | 4",
        "ticker/24hr?symbol=BTCUSDT | 2",
        "ticker/24hr?symbols=[\"BTCUSDT\",\"ETHUSDT\"] | 2",
        "ticker/24hr | 80",
        "trades?symbol=BTCUSDT | 25",
        "historicalTrades?symbol=BTCUSDT | 25",
        "aggTrades?symbol=BTCUSDT | 4",
        "exchangeInfo | 20",
      })
  void everyRequestCostsItsWeight(String request, String weight) {
    assertThat(ask(venue(6_000), request, NOW).headers())
        .containsEntry("x-mbx-used-weight-1m", weight);
  }

  /// 429 with the rest of the minute, a ban for a client that goes on, forgiveness after it.
  @Test
  void theLimitIsTheMinutesAndABanFollows() throws IOException {
    BinanceVenue limited = venue(10);
    for (int i = 0; i < 5; i++) {
      assertThat(ask(limited, "ticker/price?symbol=BTCUSDT", NOW).status()).isEqualTo(200);
    }
    Answer refused = ask(limited, "ticker/price?symbol=BTCUSDT", NOW);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.headers())
        .containsEntry("Retry-After", "53")
        .containsEntry("x-mbx-used-weight-1m", "12");
    JsonNode real = JSON.readTree(WireCases.file("binance/rest_error/0001.json").toFile());
    assertThat(refused.text())
        .isEqualTo(JSON.writeValueAsString(real).replace("limit is 6000", "limit is 10"));
    assertThat(limited.weightUsed(NOW)).isEqualTo(12);

    assertThat(ask(limited, "ping", NOW.plusSeconds(53)).status())
        .as("a new minute")
        .isEqualTo(200);

    Instant later = NOW.plusSeconds(60);
    int before = 0;
    while (ask(limited, "trades?symbol=BTCUSDT", later).status() == 429) {
      before++;
    }
    assertThat(before).isEqualTo(BinanceVenue.REFUSALS_BEFORE_BAN);
    Answer banned = ask(limited, "ping", later.plusSeconds(100));
    assertThat(banned.status()).isEqualTo(418);
    assertThat(banned.headers()).containsEntry("Retry-After", "21");
    assertThat(banned.text())
        .contains("\"code\":-1003")
        .contains("IP banned until " + later.plusSeconds(120).toEpochMilli());
    assertThat(ask(limited, "ping", later.plusSeconds(121)).status()).isEqualTo(200);

    Instant again = later.plusSeconds(200);
    for (int i = 0; i < 11; i++) {
      ask(limited, "trades?symbol=BTCUSDT", again);
    }
    assertThat(ask(limited, "ping", again.plusSeconds(1)).headers())
        .as("the second ban is longer")
        .containsEntry("Retry-After", "240");
  }

  @Test
  void unknownPathsAreNotFound() {
    assertThat(ask(venue, "nothing", NOW).status()).isEqualTo(404);
  }

  private JsonNode json(String request) throws IOException {
    return JSON.readTree(ask(venue, request, NOW).body());
  }

  static Answer ask(Venue venue, String request, Instant now) {
    return venue.answer(parse("/api/v3/" + request), now, now);
  }

  static Ask parse(String target) {
    int mark = target.indexOf('?');
    Map<String, String> query = new LinkedHashMap<>();
    if (mark >= 0) {
      for (String pair : target.substring(mark + 1).split("&", -1)) {
        int equals = pair.indexOf('=');
        query.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return new Ask(mark < 0 ? target : target.substring(0, mark), query);
  }
}

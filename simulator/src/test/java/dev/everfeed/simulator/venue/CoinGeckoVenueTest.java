package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoinGeckoVenueTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.890Z");
  private final SimulatedMarket market = new SimulatedMarket(
      1,
      List.of(
          Symbol.of("BTC/USDT"),
          Symbol.of("ETH/USDT"),
          Symbol.of("ETH/BTC"),
          Symbol.of("ZED/USDT")));
  private final CoinGeckoVenue venue = new CoinGeckoVenue(market, 0, Duration.ofSeconds(5));

  /// Fields of ours are fields of the venue, of the same kind; it has more that nobody reads.
  @Test
  void marketsHaveTheRecordedShape() throws IOException {
    JsonNode real =
        JSON.readTree(WireCases.file("coingecko/rest_ticker/0001.json").toFile());
    Map<String, String> recorded = Shape.of(real);
    Map<String, String> ours = Shape.of(json("coins/markets?vs_currency=usd&ids=bitcoin"));
    ours.remove("[].max_supply"); // null for ours, as for many coins
    assertThat(recorded).containsAllEntriesOf(ours);
    assertThat(ours).containsKeys("[].current_price", "[].last_updated", "[].symbol");
  }

  @Test
  void simplePriceAndOhlcHaveTheRecordedShape() throws IOException {
    JsonNode real =
        JSON.readTree(WireCases.file("coingecko/rest_price/0001.json").toFile());
    JsonNode ours = json("simple/price?ids=bitcoin&vs_currencies=usd&include_last_updated_at=true");
    assertThat(Shape.of(ours.get("bitcoin")))
        .isEqualTo(Shape.of(real.get("polygon-ecosystem-token")));
    JsonNode bars =
        JSON.readTree(WireCases.file("coingecko/rest_bars/0001.json").toFile());
    assertThat(Shape.of(json("coins/bitcoin/ohlc?vs_currency=usd&days=1")))
        .isEqualTo(Shape.of(bars));
  }

  /// An aggregate: close to the exchange, never the same, and moving in steps.
  @Test
  void thePriceIsNearTheExchangesAndMovesEveryFiveSeconds() throws IOException {
    List<String> stamps = new ArrayList<>();
    for (int s = 0; s < 60; s++) {
      Instant now = NOW.plusSeconds(s);
      JsonNode coin = JSON.readTree(
              ask("coins/markets?vs_currency=usd&ids=bitcoin", now).body())
          .get(0);
      stamps.add(coin.get("last_updated").asText());
      Instant stamp = Instant.parse(stamps.getLast());
      BigDecimal exchange = market.price(Symbol.of("BTC/USDT"), stamp).toBigDecimal();
      BigDecimal away =
          coin.get("current_price").decimalValue().subtract(exchange).abs();
      assertThat(away).isPositive().isLessThan(exchange.movePointLeft(3));
      assertThat(Duration.between(stamp, now)).isBetween(Duration.ZERO, Duration.ofSeconds(5));
    }
    assertThat(stamps.stream().distinct()).hasSize(13);
  }

  @Test
  void aTickerNamesSeveralCoins() throws IOException {
    JsonNode list = json("coins/list");
    assertThat(list)
        .filteredOn(coin -> coin.get("symbol").asText().equals("btc"))
        .extracting(coin -> coin.get("id").asText())
        .containsExactly("bridged-bitcoin", "bitcoin");
    assertThat(list).extracting(coin -> coin.get("id").asText()).contains("zed");
  }

  @Test
  void votesAddUpToAHundred() throws IOException {
    JsonNode coin = json("coins/ethereum");
    BigDecimal up = coin.get("sentiment_votes_up_percentage").decimalValue();
    assertThat(up).isBetween(new BigDecimal(45), new BigDecimal(95));
    assertThat(up.add(coin.get("sentiment_votes_down_percentage").decimalValue()))
        .isEqualByComparingTo("100");
    assertThat(coin.get("market_data").get("current_price").get("btc").decimalValue())
        .isPositive();
  }

  @Test
  void candlesAreStampedAtTheirEnd() throws IOException {
    JsonNode day = json("coins/bitcoin/ohlc?vs_currency=usd&days=1");
    assertThat(day).hasSize(48);
    long last = day.get(47).get(0).asLong();
    assertThat(last).isEqualTo(Instant.parse("2026-03-04T05:00:00Z").toEpochMilli());
    assertThat(day.get(47).get(4).decimalValue().doubleValue())
        .isEqualTo(market
            .price(Symbol.of("BTC/USDT"), Instant.ofEpochMilli(last - 1))
            .toBigDecimal()
            .doubleValue());
    assertThat(json("coins/bitcoin/ohlc?vs_currency=usd&days=30")).hasSize(180);
    assertThat(json("coins/bitcoin/ohlc?vs_currency=usd&days=365")).hasSize(91);
  }

  @Test
  void pagesAndUnknownIds() throws IOException {
    assertThat(json("coins/markets?vs_currency=usd")).hasSize(3);
    assertThat(json("coins/markets?vs_currency=usd&per_page=2&page=2")).hasSize(1);
    assertThat(json("coins/markets?vs_currency=usd&per_page=2&page=9")).isEmpty();
    assertThat(json("coins/markets?vs_currency=usd&ids=nobody")).isEmpty();
    assertThat(json("simple/price?ids=nobody&vs_currencies=usd")).isEmpty();
    assertThat(json("coins/markets?vs_currency=btc&ids=bitcoin")
            .get(0)
            .get("current_price")
            .isNull())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "coins/markets                            | 422",
        "coins/markets?vs_currency=xxx | 422",
        "simple/price?ids=bitcoin                 | 422",
        "simple/price?vs_currencies=usd | 422",
        "coins/nobody                             | 404",
        "coins/bitcoin/ohlc?vs_currency=usd&days=2 | 422",
        "coins/bitcoin/ohlc?vs_currency=xxx&days=1 | 422",
        "coins/bitcoin/nothing | 404",
        "nothing | 404",
      })
  void mistakesAreRefused(String request, int status) throws IOException {
    Answer answer = ask(request, NOW);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).get("error").isTextual()).isTrue();
  }

  @Test
  void pathsBeginWithTheVersion() {
    assertThat(venue.answer(BinanceVenueTest.parse("/ping"), NOW, NOW).status()).isEqualTo(404);
  }

  @Test
  void everyCallCountsFailedOnesToo() throws IOException {
    var limited = new CoinGeckoVenue(market, 3, Duration.ofSeconds(5));
    BinanceVenueTest.ask(limited, "ping", NOW);
    BinanceVenueTest.ask(limited, "nothing", NOW);
    assertThat(BinanceVenueTest.ask(limited, "ping", NOW).status()).isEqualTo(200);
    Answer refused = BinanceVenueTest.ask(limited, "ping", NOW);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.headers()).containsEntry("Retry-After", "53");
    assertThat(JSON.readTree(refused.body()).get("status").get("error_code").asInt())
        .isEqualTo(429);
    assertThat(limited.weightUsed(NOW)).isEqualTo(4);
    assertThat(BinanceVenueTest.ask(limited, "ping", NOW.plusSeconds(53)).status())
        .isEqualTo(200);
  }

  private JsonNode json(String request) throws IOException {
    return JSON.readTree(ask(request, NOW).body());
  }

  private Answer ask(String request, Instant now) {
    return BinanceVenueTest.ask(venue, request, now);
  }
}

package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.api.AsyncReference;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bars that the hub builds from the trades of a simulated venue, against the venue's own.
@Timeout(120)
class BuiltBarsHubTest extends SimulatedHub {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private void start(String sources) throws Exception {
    startVenues(trading(60));
    startHub("""
        store: {enabled: false}
        symbols: [BTC/USDT]
        stream: {sources: [%s], build: [1s, 5m]}
        """.formatted(sources));
  }

  @Test
  void barsBuiltFromTradesEqualTheVenuesOwnAlsoWhereTradesWereAskedForAgain() throws Exception {
    start("binance");
    eventually(() -> complete().size() >= 2);
    venues().fault("binance", FaultOrder.of(FaultKind.GAP).counting(5));
    eventually(() -> complete().size() >= 4);
    venues().fault("binance", FaultOrder.of(FaultKind.DISCONNECT));
    eventually(() -> complete().size() >= 8);

    List<JsonNode> bars = complete();
    assertThat(bars.getFirst().at("/built/whole").asBoolean())
        .as("it began in it")
        .isFalse();
    int whole = 0;
    for (JsonNode bar : bars) {
      assertThat(bar.get("source").asText()).isEqualTo("binance");
      assertThat(bar.get("exchange").asText()).isEqualTo("binance");
      assertThat(bar.get("gateway").isNull()).isTrue();
      assertThat(bar.at("/built/sources").toString()).isEqualTo("[\"binance\"]");
      if (bar.at("/built/whole").asBoolean()) {
        whole++;
        assertThat(numbers(bar)).isEqualTo(own(bar.get("time").asText()));
      }
    }
    assertThat(whole).isGreaterThanOrEqualTo(5);
    assertThat(messages("bar|BTC/USDT|5m")).anyMatch(bar -> !bar.get("complete").asBoolean());
    assertThat(text("/metrics")).containsPattern("everfeed_bars_built_total(\\{[^}]*})? [1-9]");
  }

  @Test
  void aBarInWhichAnotherVenueTookOverNamesBothAndIsNotWhole() throws Exception {
    start("binance, coinbase_exchange");
    eventually(() -> complete().size() >= 2);
    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> sources(messages("bar|BTC/USDT|5m").getLast()).size() == 2);
    JsonNode bar = messages("bar|BTC/USDT|5m").getLast();
    assertThat(bar.get("source").isNull()).isTrue();
    assertThat(bar.get("exchange").isNull()).isTrue();
    assertThat(bar.at("/built/whole").asBoolean()).isFalse();
    assertThat(sources(bar)).containsExactly("binance", "coinbase_exchange");
    eventually(() -> complete().stream()
        .anyMatch(one -> one.get("source").asText().equals("coinbase_exchange")
            && one.at("/built/whole").asBoolean()));
  }

  private static List<String> sources(JsonNode bar) {
    List<String> names = new ArrayList<>();
    bar.at("/built/sources").forEach(name -> names.add(name.asText()));
    return names;
  }

  /// Open, high, low, close, volume, number of trades.
  private static List<BigDecimal> numbers(JsonNode bar) {
    return List.of(
        plain(bar.get("open")),
        plain(bar.get("high")),
        plain(bar.get("low")),
        plain(bar.get("close")),
        plain(bar.get("volume")),
        plain(bar.at("/built/trades")));
  }

  private static BigDecimal plain(JsonNode number) {
    return new BigDecimal(number.asText()).stripTrailingZeros();
  }

  private List<BigDecimal> own(String time) throws Exception {
    String path = "/api/v3/klines?symbol=BTCUSDT&interval=1s&limit=1&startTime="
        + Instant.parse(time).toEpochMilli();
    JsonNode row =
        JSON.readTree(text(venues().baseUrl("binance").resolve(path))).get(0);
    return List.of(
        plain(row.get(1)),
        plain(row.get(2)),
        plain(row.get(3)),
        plain(row.get(4)),
        plain(row.get(5)),
        plain(row.get(8)));
  }

  /// The last word of each bar of a second.
  private List<JsonNode> complete() throws Exception {
    return List.copyOf(messages("bar|BTC/USDT|1s").stream()
        .filter(bar -> bar.get("complete").asBoolean())
        .collect(Collectors.toMap(
            bar -> bar.get("time").asText(),
            bar -> bar,
            (_, later) -> later,
            java.util.TreeMap::new))
        .values());
  }

  private List<JsonNode> messages(String stream) throws Exception {
    List<JsonNode> all = new ArrayList<>();
    json("/v1/replay?stream=%s&epoch=%d&from_seq=1&limit=1000".formatted(encoded(stream), epoch()))
        .get("messages")
        .forEach(all::add);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).get("seq").asLong()).isEqualTo(i + 1);
      AsyncReference.check(all.get(i).toString());
    }
    return all;
  }

  /// Prices as they were written.
  private JsonNode json(String path) throws Exception {
    return JSON.readTree(text(path));
  }
}

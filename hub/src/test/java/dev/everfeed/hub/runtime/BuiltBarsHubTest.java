package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.AsyncReference;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bars that the hub builds from the trades of a simulated venue, against the venue's own.
@Timeout(120)
class BuiltBarsHubTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final Symbol BTC = Symbol.of("BTC/USDT");

  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Venues venues;
  private @Nullable Hub hub;

  @AfterEach
  void stop() throws IOException {
    if (hub != null) {
      hub.close();
    }
    if (venues != null) {
      venues.close();
    }
    client.close();
  }

  private Venues start(String sources) throws Exception {
    Venues started =
        Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withTradesPerSecond(BTC, 60));
    venues = started;
    hub = Hub.start(Settings.parse("""
        http: {port: 0}
        store: {enabled: false}
        symbols: [BTC/USDT]
        sources:
        %s
        stream: {sources: [%s], build: [1s, 5m]}
        refresh: {every: 1m, intervals: []}
        """.formatted(OwnSources.of(started), sources), Map.of()));
    return started;
  }

  @Test
  void barsBuiltFromTradesEqualTheVenuesOwnAlsoWhereTradesWereAskedForAgain() throws Exception {
    Venues started = start("binance");
    eventually(() -> complete().size() >= 2);
    started.fault("binance", FaultOrder.of(FaultKind.GAP).counting(5));
    eventually(() -> complete().size() >= 4);
    started.fault("binance", FaultOrder.of(FaultKind.DISCONNECT));
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
    assertThat(text(hub().port(), "/metrics"))
        .containsPattern("everfeed_bars_built_total(\\{[^}]*})? [1-9]");
  }

  @Test
  void aBarInWhichAnotherVenueTookOverNamesBothAndIsNotWhole() throws Exception {
    Venues started = start("binance, coinbase_exchange");
    eventually(() -> complete().size() >= 2);
    started.fault("binance", FaultOrder.of(FaultKind.REFUSE));
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
    if (venues == null) {
      throw new IllegalStateException("not started");
    }
    JsonNode row =
        JSON.readTree(text(venues.baseUrl("binance").getPort(), path)).get(0);
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
    long epoch = json("/v1/snapshot?symbol=BTC/USDT").get("epoch").asLong();
    List<JsonNode> all = new ArrayList<>();
    json("/v1/replay?stream=%s&epoch=%d&from_seq=1&limit=1000"
            .formatted(URLEncoder.encode(stream, StandardCharsets.UTF_8), epoch))
        .get("messages")
        .forEach(all::add);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).get("seq").asLong()).isEqualTo(i + 1);
      AsyncReference.check(all.get(i).toString());
    }
    return all;
  }

  private JsonNode json(String path) throws Exception {
    return JSON.readTree(text(hub().port(), path));
  }

  private String text(int port, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
        .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private Hub hub() {
    if (hub == null) {
      throw new IllegalStateException("not started");
    }
    return hub;
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 30 s");
      }
      LockSupport.parkNanos(50_000_000);
    }
  }
}

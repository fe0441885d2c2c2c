package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.api.ListenException;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The whole hub in this process, in front of simulated venues on real sockets.
@Timeout(120)
class HubTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final HttpClient client = HttpClient.newHttpClient();
  private Venues venues;
  private Hub hub;

  @BeforeEach
  void start() throws Exception {
    venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system()));
    hub = Hub.start(settings(0));
    eventually(() -> get("/health/scheduler").path("last_run").isObject());
  }

  @AfterEach
  void stop() throws IOException {
    hub.close();
    venues.close();
    client.close();
  }

  private Settings settings(int port) {
    return Settings.parse(
        """
        http: {port: %d}
        store: {enabled: false}
        stream: {enabled: false}
        symbols: [BTC/USDT, ETH/USDT]
        sources:
        %s
        breaker: {open: 1s, open_max: 2s}
        refresh: {every: 1s, intervals: [1h], bars: 100}
        """.formatted(port, OwnSources.of(venues, "binance", "coingecko", "alternative_me")),
        Map.of());
  }

  @Test
  void aPriceComesLiveFromTheFirstProvider() throws Exception {
    eventually(() -> isFrom(price(), "binance", "live"));
    JsonNode price = price();
    assertThat(price.path("symbol").asText()).isEqualTo("BTC/USDT");
    assertThat(price.path("tried")).isEmpty();
    assertThat(price.path("bid").isNumber()).isTrue();
  }

  @Test
  void whenItFailsTheEquivalentStandsInUntilTheProbeBringsItBack() throws Exception {
    eventually(() -> isFrom(price(), "binance", "live"));
    venues.fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> isFrom(price(), "coingecko", "live"));
    assertThat(price().path("equivalent_of").asText()).isEqualTo("BTC/USDT");
    eventually(() -> provider("binance").path("circuit_open").asBoolean());
    assertThat(provider("binance").path("failure_count").asLong()).isGreaterThanOrEqualTo(5);
    assertThat(get("/health/scheduler").path("last_run").path("errors").toString())
        .contains("\"provider\":\"binance\"");

    venues.heal("binance");
    eventually(() -> isFrom(price(), "binance", "live"));
    eventually(() -> !provider("binance").path("circuit_open").asBoolean());
  }

  /// The figures of `operations/alerts` that no other page has.
  @Test
  void theMetricsSayWhetherItServesAndOfHowManySourcesPricesCanBeHad() throws Exception {
    eventually(() -> metric("everfeed_price_sources_usable") == 2);
    assertThat(metric("everfeed_ready")).isEqualTo(1);
    assertThat(metric("everfeed_price_sources")).isEqualTo(2);
    assertThat(metric("everfeed_audit_failing")).isZero();
    assertThat(metric("everfeed_clock_timestamp_seconds"))
        .isCloseTo(System.currentTimeMillis() / 1e3, within(5.0));

    venues.fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> metric("everfeed_price_sources_usable") == 1);
    assertThat(metric("everfeed_price_sources")).isEqualTo(2);
  }

  private double metric(String name) throws IOException, InterruptedException {
    return text("/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  @Test
  void withBothBrokenTheLastValueComesWithItsAgeAndItsReasons() throws Exception {
    eventually(() -> isFrom(price(), "binance", "live"));
    venues.fault("binance", FaultOrder.of(FaultKind.RESET));
    venues.fault("coingecko", FaultOrder.of(FaultKind.SERVER_ERROR));
    eventually(() -> price().path("status").asText().equals("cached"));
    JsonNode price = price();
    assertThat(price.path("age_ms").asLong()).isPositive();
    assertThat(price.path("tried").findValuesAsText("source")).contains("binance", "coingecko");
  }

  @Test
  void sentimentNeverBreaksAnAnswer() throws Exception {
    venues.fault("alternative_me", FaultOrder.of(FaultKind.HTML));
    JsonNode sentiment = get("/v1/sentiment");
    assertThat(sentiment.path("status").asText())
        .isIn("live", "cached", "unavailable", "maybe_stale");
  }

  @Test
  void barsAndInstrumentsAndSourcesAreServed() throws Exception {
    assertThat(get("/v1/bars?symbol=BTC/USDT&interval=1h&limit=5").path("bars")).hasSize(5);
    eventually(() -> !get("/v1/instruments?source=binance").path("instruments").isEmpty());
    assertThat(get("/v1/sources").toString()).contains("coingecko").contains("attribution");
    assertThat(text("/metrics"))
        .contains("qt_provider_success_total{provider=\"binance\"}")
        .contains("qt_provider_circuit_open{provider=\"binance\"} 0")
        .contains("qt_provider_latency_seconds_bucket{provider=\"binance\"");
  }

  @Test
  void aPortInUseIsSaidClearly() {
    assertThatThrownBy(() -> Hub.start(settings(hub.port())))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining("http.port: " + hub.port() + " is in use");
  }

  @Test
  void itClosesInOrderWithinASecondAlsoWhileASourceHangs() throws Exception {
    venues.fault("binance", FaultOrder.of(FaultKind.BLACKHOLE));
    price();
    Instant before = Instant.now();
    hub.close();
    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(5));
    hub.close();
  }

  private JsonNode price() throws IOException, InterruptedException {
    return get("/v1/price?symbol=BTC/USDT");
  }

  private JsonNode provider(String name) throws IOException, InterruptedException {
    return get("/health/scheduler").path("providers").path(name);
  }

  private static boolean isFrom(JsonNode value, String source, String status) {
    return value.path("source").asText().equals(source)
        && value.path("status").asText().equals(status);
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(text(path));
  }

  private String text(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(hub.port(), path)))
        .timeout(Duration.ofSeconds(10))
        .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /// Asks fifty times a second, as a reader would; each question is a round trip over a real
  /// socket.
  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 30 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}

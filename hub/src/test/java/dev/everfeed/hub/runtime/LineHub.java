package dev.everfeed.hub.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.AsyncReference;
import dev.everfeed.hub.config.Settings;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// A real hub, of lines of one simulated venue and another venue, for tests of what it does over
/// HTTP.
abstract class LineHub {
  private static final ObjectMapper JSON = new ObjectMapper();
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

  private static Venues begun() throws Exception {
    return Venues.start(VenuesConfig.onFreePorts(InstantSource.system())
        .withTradesPerSecond(BTC, 60)
        .withLines("binance", "binance_2", "binance_3"));
  }

  /// Ends the hub; the venues go on.
  final void stopHub() {
    Hub running = hub;
    hub = null;
    if (running != null) {
      running.close();
    }
  }

  final Hub hub() {
    if (hub == null) {
      throw new IllegalStateException("not started");
    }
    return hub;
  }

  /// @param gateways of `binance`, `binance_2`, `binance_3` and `coinbase_exchange` those that
  ///     are there
  final void start(String policy, String... gateways) throws Exception {
    startWith("store: {enabled: false}", policy, gateways);
  }

  /// @param more of the configuration
  final void startWith(String more, String policy, String... gateways) throws Exception {
    startWith(more, policy, gateways, gateways);
  }

  /// @param healthy those that are waited for
  final void startWith(String more, String policy, String[] gateways, String... healthy)
      throws Exception {
    if (venues == null) {
      venues = begun();
    }
    Venues started = venues;
    String lines = Stream.of(gateways)
        .map(id -> id.startsWith("binance")
            ? "    %s: {source: binance, stream_url: \"%s\", standby: hot}"
                .formatted(id, started.baseUrl(id).toString().replaceFirst("^http", "ws"))
            : "    %s: {standby: hot}".formatted(id))
        .collect(Collectors.joining("\n"));
    hub = Hub.start(
        Settings.parse("""
        http: {port: 0}
        %s
        symbols: [BTC/USDT]
        sources:
        %s
        stream:
          gateways:
        %s
          failover: {policy: %s, cooldown: 1s, fail_back_after: 1s, probation: 500ms}
        refresh: {every: 1m, intervals: []}
        """.formatted(more, OwnSources.of(started), lines, policy), Map.of()));
    for (String id : healthy) {
      eventually(() -> state(id).equals("HEALTHY"));
    }
  }

  // ---- the hub from outside

  record Answered(int status, String body) {
    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }
  }

  final Answered post(String path, String body, @Nullable String key) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
    if (key != null) {
      request.header("idempotency-key", key);
    }
    HttpResponse<String> got = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answered(got.statusCode(), got.body());
  }

  final JsonNode get(String path) throws Exception {
    return JSON.readTree(text(path));
  }

  final String text(String path) throws Exception {
    return client
        .send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  final URI uri(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(hub().port(), path));
  }

  final Venues venues() {
    if (venues == null) {
      throw new IllegalStateException("not started");
    }
    return venues;
  }

  final String at() throws Exception {
    return get("/v1/routes").at("/streams/0/gateway").asText();
  }

  final JsonNode gateway(String id) throws Exception {
    for (JsonNode gateway : get("/v1/gateways").get("gateways")) {
      if (gateway.has("stream") && gateway.get("id").asText().equals(id)) {
        return gateway;
      }
    }
    throw new AssertionError("no gateway that streams is called " + id);
  }

  final String state(String id) throws Exception {
    return gateway(id).get("state").asText();
  }

  final long epoch() throws Exception {
    return get("/v1/snapshot?symbol=BTC/USDT").findValue("epoch").asLong();
  }

  /// Each is held against the document.
  final List<JsonNode> events(String type) throws Exception {
    String stream = URLEncoder.encode("event|" + type, StandardCharsets.UTF_8);
    List<JsonNode> events = new ArrayList<>();
    get("/v1/replay?stream=" + stream + "&epoch=" + epoch() + "&from_seq=1")
        .get("messages")
        .forEach(message -> events.add(AsyncReference.check(message.toString())));
    return events;
  }

  /// Prices of the trades that were published, as far as they are remembered.
  final List<BigDecimal> trades() throws Exception {
    String stream = URLEncoder.encode("trade|BTC/USDT", StandardCharsets.UTF_8);
    List<BigDecimal> prices = new ArrayList<>();
    get("/v1/replay?limit=5000&stream=" + stream + "&epoch=" + epoch() + "&from_seq=1")
        .get("messages")
        .forEach(message -> prices.add(new BigDecimal(message.get("price").asText())));
    return prices;
  }

  static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 30 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}

package dev.everfeed.hub.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.api.AsyncReference;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// A real hub in front of simulated venues, all on sockets of loopback, for tests of what it tells
/// its readers. The test starts the venues, then the hub; both end with the test.
abstract class SimulatedHub {
  private static final Symbol BTC = Symbol.of("BTC/USDT");

  private static final ObjectMapper JSON = new ObjectMapper();

  final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Venues venues;
  private @Nullable Hub hub;

  @AfterEach
  void stop() throws IOException {
    stopHub();
    if (venues != null) {
      venues.close();
    }
    client.close();
  }

  /// Ends the hub; the venues go on.
  final void stopHub() {
    Hub running = hub;
    hub = null;
    if (running != null) {
      running.close();
    }
  }

  /// All venues, with so many trades of BTC/USDT a second.
  static VenuesConfig trading(int perSecond) {
    return VenuesConfig.onFreePorts(InstantSource.system()).withTradesPerSecond(BTC, perSecond);
  }

  /// Unless they run already.
  final void startVenues(VenuesConfig config) throws IOException {
    if (venues == null) {
      venues = Venues.start(config);
    }
  }

  /// @param settings what the test wants; where the hub listens, its sources and that it does not
  ///     ask by itself are said already
  final void startHub(String settings) throws InterruptedException {
    String common = """
        http: {port: 0}
        refresh: {every: 1m, intervals: []}
        sources:
        %s
        """.formatted(OwnSources.of(venues()));
    hub = Hub.start(Settings.parse(common + settings, Map.of()));
  }

  final Hub hub() {
    if (hub == null) {
      throw new IllegalStateException("the test has not started its hub");
    }
    return hub;
  }

  final Venues venues() {
    if (venues == null) {
      throw new IllegalStateException("the test has not started its venues");
    }
    return venues;
  }

  // ---- the hub from outside

  final URI uri(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(hub().port(), path));
  }

  final String text(String path) throws IOException, InterruptedException {
    return text(uri(path));
  }

  final String text(URI uri) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  final JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(text(path));
  }

  /// The gateway of this name that streams.
  final JsonNode gateway(String id) throws IOException, InterruptedException {
    JsonNode gateways = get("/v1/gateways").get("gateways");
    for (JsonNode gateway : gateways) {
      if (gateway.get("transport").asText().equals("stream")
          && gateway.get("id").asText().equals(id)) {
        return gateway;
      }
    }
    throw new AssertionError("no gateway that streams is called " + id + ": " + gateways);
  }

  final String state(String id) throws IOException, InterruptedException {
    return gateway(id).get("state").asText();
  }

  final long epoch() throws IOException, InterruptedException {
    return epoch("BTC/USDT");
  }

  /// @param symbol one that the hub was told of
  final long epoch(String symbol) throws IOException, InterruptedException {
    return get("/v1/snapshot?symbol=" + symbol).findValue("epoch").asLong();
  }

  static String encoded(String stream) {
    return URLEncoder.encode(stream, StandardCharsets.UTF_8);
  }

  /// Each is held against the document.
  final List<JsonNode> events(String type) throws IOException, InterruptedException {
    List<JsonNode> events = new ArrayList<>();
    get("/v1/replay?stream=" + encoded("event|" + type) + "&epoch=" + epoch() + "&from_seq=1")
        .get("messages")
        .forEach(message -> events.add(AsyncReference.check(message.toString())));
    return events;
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

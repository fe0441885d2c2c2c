package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.store.TestDatabase;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The continuity ledger of a whole hub: a real journal and a real PostgreSQL, venues on real
/// sockets, and a process that is killed.
@Timeout(240)
class LedgerHubTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final int KILLS = Integer.getInteger("everfeed.ledger.kills", 2);

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir
  Path data;

  private TestDatabase database;
  private Venues venues;

  @BeforeEach
  void start() throws IOException {
    database = TestDatabase.create();
    venues =
        Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withTradesPerSecond(BTC, 50));
  }

  @AfterEach
  void stop() throws IOException {
    venues.close();
    client.close();
    database.close();
  }

  private String stored() {
    return "url: '%s'".formatted(database.url());
  }

  private String settings(String store) {
    return """
        http: {port: 0}
        data_dir: "%s"
        store: {%s}
        symbols: [BTC/USDT]
        sources:
        %s
        stream: {sources: [binance], zeromq: {enabled: false}}
        refresh: {every: 1m, intervals: []}
        """.formatted(data.resolve("hub"), store, OwnSources.of(venues));
  }

  @Test
  void aGapThatIsRefilledIsToldAndNoIdIsForgotten() throws Exception {
    try (Hub hub = Hub.start(Settings.parse(settings("enabled: false"), Map.of()))) {
      int port = hub.port();
      eventually(() -> delivered(port) > 50);
      assertThat(get(port, "/v1/gaps").at("/summary/kept").asText()).isEqualTo("memory");
      venues.fault("binance", FaultOrder.of(FaultKind.GAP).counting(3));
      eventually(() -> get(port, "/v1/gaps?state=filled").get("gaps").size() > 0);
      JsonNode gap = get(port, "/v1/gaps?state=filled").get("gaps").get(0);
      assertThat(gap.get("kind").asText()).isEqualTo("line");
      assertThat(gap.get("filled_by").asText()).isEqualTo("refilled");
      assertThat(gap.get("refilled").asLong()).isEqualTo(gap.get("ticks").asLong());
      addsUp(port);
    }
  }

  @Test
  void whatWasMissedBetweenTwoLivesIsAskedForAndTold() throws Exception {
    Settings settings = Settings.parse(settings(stored()), Map.of());
    try (Hub hub = Hub.start(settings)) {
      eventually(() -> delivered(hub.port()) > 50);
    }
    LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
    try (Hub hub = Hub.start(settings)) {
      int port = hub.port();
      eventually(() -> get(port, "/v1/gaps?state=filled").get("gaps").size() > 0);
      JsonNode gap = get(port, "/v1/gaps?state=filled").get("gaps").get(0);
      assertThat(gap.get("kind").asText()).isEqualTo("hub_down");
      assertThat(gap.get("ticks").asLong()).isGreaterThan(10);
      assertThat(gap.get("filled_by").asText()).isEqualTo("filled_later");
      assertThat(gap.get("filled_later").asLong()).isEqualTo(gap.get("ticks").asLong());
      addsUp(port);
      JsonNode snapshot = get(port, "/v1/snapshot?symbol=BTC/USDT");
      JsonNode told = get(
              port,
              "/v1/replay?stream=event%7Cgap_declared&from_seq=1&epoch="
                  + snapshot.findValue("epoch").asLong())
          .get("messages")
          .get(0);
      assertThat(told.get("kind").asText()).isEqualTo("hub_down");
      assertThat(told.get("after_seq").asLong()).isZero();
      assertThat(told.get("first_id")).isEqualTo(gap.get("first_id"));
      assertThat(told.get("last_id")).isEqualTo(gap.get("last_id"));
    }
  }

  /// `-Deverfeed.ledger.kills=50` for more of them.
  @Test
  void aHubThatIsKilledFillsWhatItMissedOrDeclaresItAndForgetsNoId() throws Exception {
    Path file = Files.writeString(data.resolve("settings.yaml"), settings(stored()));
    long first = -1;
    for (int kill = 0; kill <= KILLS; kill++) {
      Process process = process(file);
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        int port = Integer.parseInt(lines.readLine().substring("port ".length()));
        int life = kill;
        eventually(() -> closed(port) == life && delivered(port) > 0);
        JsonNode stream = addsUp(port);
        if (first < 0) {
          first = stream.get("since_id").asLong();
        }
        assertThat(stream.get("since_id").asLong()).isEqualTo(first);
        long then = stream.get("up_to_id").asLong();
        eventually(() -> stream(port).get("up_to_id").asLong() > then + 50);
        if (kill == KILLS) {
          inTheStore(port, process);
        }
      } finally {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    }
  }

  /// All gaps are filled: the venue was there, and is asked.
  private void inTheStore(int port, Process process) throws Exception {
    JsonNode gaps = get(port, "/v1/gaps").get("gaps");
    assertThat(gaps).hasSize(KILLS);
    Set<Long> filled = new TreeSet<>();
    for (JsonNode gap : gaps) {
      assertThat(gap.get("state").asText()).as(gap.toString()).isEqualTo("filled");
      for (long id = gap.get("first_id").asLong(); id <= gap.get("last_id").asLong(); id++) {
        filled.add(id);
      }
    }
    // its lives may have been too short to write everything
    eventually(() -> get(port, "/health").at("/store/state").asText().equals("up"));
    process.outputWriter().close(); // it ends by itself
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id::bigint FROM trade")) {
      while (rows.next()) {
        filled.remove(rows.getLong(1));
      }
    }
    assertThat(filled).as("filled, and not in the store").isEmpty();
  }

  private int closed(int port) throws Exception {
    int closed = 0;
    for (JsonNode gap : get(port, "/v1/gaps").get("gaps")) {
      closed += gap.get("closed_at").isNull() ? 0 : 1;
    }
    return closed;
  }

  private static Process process(Path settings) throws IOException {
    List<String> command = List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx192m",
        "-cp",
        System.getProperty("java.class.path"),
        HubProcess.class.getName(),
        settings.toString());
    Path log = Path.of("target", "ledger-hub.log");
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private JsonNode stream(int port) throws Exception {
    return get(port, "/v1/gaps").at("/summary/streams/0");
  }

  private long delivered(int port) throws Exception {
    return stream(port).path("delivered").asLong();
  }

  private JsonNode addsUp(int port) throws Exception {
    JsonNode stream = stream(port);
    assertThat(stream.get("delivered").asLong()
            + stream.get("filled_later").asLong()
            + stream.get("lost").asLong()
            + stream.get("open").asLong())
        .isEqualTo(stream.get("up_to_id").asLong() - stream.get("since_id").asLong() + 1);
    return stream;
  }

  private JsonNode get(int port, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
        .build();
    return JSON.readTree(
        client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 40 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}

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
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Accounts of a real hub, with a real database and a venue of two lines: what operators order
/// over HTTP takes effect while it runs, and is there after a restart without the database.
@Timeout(180)
class AccountsHubTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ACCOUNTS = "/v1/accounts";
  private static final String SECOND = ACCOUNTS + "/second";

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> answers = Collections.synchronizedList(new ArrayList<>());

  @TempDir
  Path data;

  private Venues venues;
  private TestDatabase database;
  private @Nullable Hub hub;

  @BeforeEach
  void start() throws Exception {
    venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system())
        .withTradesPerSecond(Symbol.of("BTC/USDT"), 60)
        .withLines("binance", "binance_2"));
    database = TestDatabase.create();
  }

  @AfterEach
  void stop() throws IOException {
    stopHub();
    database.close();
    venues.close();
    client.close();
  }

  private void stopHub() {
    if (hub != null) {
      hub.close();
      hub = null;
    }
  }

  /// @param store address of the database; null for the hub's own
  private void startHub(@Nullable String store, String key) throws Exception {
    hub = Hub.start(
        Settings.parse(
            """
            http: {port: 0}
            data_dir: "%s"
            store: {%s}
            accounts: {keys: '%s'}
            symbols: [BTC/USDT]
            sources:
            %s
            routes: {prices: {providers: [binance]}, bars: {providers: [binance]}, trades: {providers: [binance]}}
            stream:
              sources: [binance]
              gateways: {first: {source: binance, stream_url: "%s", standby: hot}}
              failover: {cooldown: 1s, fail_back_after: 1s, probation: 500ms}
            refresh: {every: 1m, intervals: []}
            """.formatted(
                data.resolve("data"),
                store == null ? "enabled: true" : "connect_timeout: 1s, url: '%s'".formatted(store),
                key,
                OwnSources.of(venues, "binance"),
                line("binance")),
            Map.of()),
        "everfeed.yaml");
  }

  private String line(String id) {
    return venues.baseUrl(id).toString().replaceFirst("^http", "ws");
  }

  private static String key(String name) {
    return name + ":" + name.repeat(22).substring(0, 43) + "=";
  }

  @Test
  void anAccountTakesOverSurvivesARestartWithoutTheDatabaseAndGoes() throws Exception {
    startHub(database.url(), key("k1"));
    eventually(() -> get(ACCOUNTS).get("from").asText().equals("database"));
    HttpResponse<String> made = order(
        "POST",
        ACCOUNTS,
        "{\"id\": \"second\", \"gateway_type\": \"binance\", \"priority\": 2, \"settings\": {\"stream_url\": \"%s\", \"standby\": \"hot\"}, \"secrets\": {\"api_key\": \"PLANTED\"}}"
            .formatted(line("binance_2")));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    assertThat(JSON.readTree(made.body()).get("state").asText()).as(made.body()).isEqualTo("used");
    eventually(() -> state("first").equals("HEALTHY") && state("second").equals("HEALTHY"));
    eventually(() -> at().equals("first") && whyNot().equals("null"));

    venues.fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> at().equals("second"));
    HttpResponse<String> refused = order("DELETE", SECOND, "");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("\"stayed\":[{\"symbol\":\"BTC/USDT\"");
    assertThat(order("PATCH", SECOND, "{\"is_enabled\": false}").statusCode()).isEqualTo(409);
    assertThat(order("PATCH", SECOND, "{\"priority\": 5}").statusCode()).isEqualTo(200);
    eventually(() -> gateway("second").get("priority").asInt() == 5);
    HttpResponse<String> ofFile = order("DELETE", ACCOUNTS + "/first", "");
    assertThat(ofFile.statusCode()).isEqualTo(409);
    assertThat(ofFile.body()).contains("everfeed.yaml").contains("stream.gateways.first");

    stopHub();
    int nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = free.getLocalPort();
    }
    startHub("postgres://nobody:x@127.0.0.1:%d/x".formatted(nobody), key("k1"));
    eventually(() -> state("second").equals("HEALTHY") && at().equals("second"));
    JsonNode list = get(ACCOUNTS);
    assertThat(list.get("from").asText()).isEqualTo("cache");
    assertThat(get(SECOND).get("priority").asInt()).isEqualTo(5);
    HttpResponse<String> away = order("PATCH", SECOND, "{\"priority\": 6}");
    assertThat(away.statusCode()).isEqualTo(503);
    assertThat(away.body()).contains("nothing was changed");

    stopHub();
    startHub(database.url(), key("k1"));
    eventually(() -> get(ACCOUNTS).get("from").asText().equals("database"));
    eventually(() -> state("second").equals("HEALTHY") && at().equals("second"));
    HttpResponse<String> deleted = order("DELETE", SECOND + "?force=true", "");
    assertThat(deleted.statusCode()).as(deleted.body()).isEqualTo(200);
    assertThat(deleted.body()).contains("\"gateway_gone\":true");
    eventually(() -> gateway("second").isMissingNode());
    venues.heal("binance");
    eventually(() -> at().equals("first"));
    noneHas("PLANTED");
  }

  /// An account's gateway is not there when the hub begins, so that a symbol settles elsewhere.
  @Test
  void whatIsPinnedToAnAccountsGatewayOrFrozenThereGoesThereAgainAfterARestart() throws Exception {
    String there = "{\"symbols\": [\"BTC/USDT\"], \"to\": \"second\"}";
    String symbol = "{\"symbols\": [\"BTC/USDT\"]}";
    startHub(database.url(), key("k1"));
    eventually(() -> get(ACCOUNTS).get("from").asText().equals("database"));
    String account =
        "{\"id\": \"second\", \"gateway_type\": \"binance\", \"settings\": {\"stream_url\": \"%s\", \"standby\": \"cold\"}}"
            .formatted(line("binance_2"));
    assertThat(order("POST", ACCOUNTS, account).statusCode()).isEqualTo(201);
    eventually(() -> order("POST", "/v1/failovers", there).statusCode() == 202);
    eventually(() -> at().equals("second"));
    assertThat(order("POST", "/v1/control/pin", symbol).statusCode()).isEqualTo(200);

    stopHub();
    startHub(database.url(), key("k1"));
    eventually(() -> at().equals("second"));
    eventually(() -> get("/v1/control").at("/pinned/0/gateway").asText().equals("second")
        && whyNot().contains("an operator has pinned it to second"));

    assertThat(order("POST", "/v1/control/freeze", "{}").statusCode()).isEqualTo(200);
    assertThat(order("POST", "/v1/control/unpin", symbol).statusCode()).isEqualTo(200);
    stopHub();
    startHub(database.url(), key("k1"));
    eventually(() -> at().equals("second"));
    assertThat(get("/v1/control").at("/frozen/gateways").toString())
        .isEqualTo("{\"BTC/USDT\":\"second\"}");
  }

  @Test
  void withALostKeyTheAccountIsOutOfUseHealthSaysWhyAndTheRestRuns() throws Exception {
    startHub(database.url(), key("k1"));
    eventually(() -> get(ACCOUNTS).get("from").asText().equals("database"));
    assertThat(order(
                "POST",
                ACCOUNTS,
                "{\"id\": \"second\", \"gateway_type\": \"binance\", \"settings\": {\"stream_url\": \"%s\"}, \"secrets\": {\"api_key\": \"PLANTED\"}}"
                    .formatted(line("binance_2")))
            .statusCode())
        .isEqualTo(201);
    stopHub();

    startHub(database.url(), key("k2"));
    eventually(() -> get(SECOND).path("state").asText().equals("unusable"));
    eventually(() -> get("/health").get("reasons").toString().contains("account second"));
    assertThat(get("/health").get("reasons").toString())
        .contains("is encrypted with the key \\\"k1\\\", and accounts.keys has only k2");
    assertThat(gateway("second").isMissingNode()).isTrue();
    eventually(() -> state("first").equals("HEALTHY"));
    assertThat(text("/metrics")).contains("everfeed_accounts{state=\"unusable\"} 1.0");

    assertThat(order("PATCH", SECOND, "{\"secrets\": {\"api_key\": \"PLANTED again\"}}")
            .statusCode())
        .isEqualTo(200);
    eventually(() -> state("second").equals("HEALTHY"));
    eventually(() -> !get("/health").get("reasons").toString().contains("account second"));
    noneHas("PLANTED");
  }

  @Test
  void theDatabaseMayDieAndWhatIsOrderedWhenItIsBackTakesEffect() throws Exception {
    TestDatabase.lendPrograms(data.resolve("data"));
    startHub(null, key("k1"));
    eventually(() -> get(ACCOUNTS).get("from").asText().equals("database"));
    String account =
        "{\"id\": \"second\", \"gateway_type\": \"binance\", \"settings\": {\"stream_url\": \"%s\", \"standby\": \"hot\"}}"
            .formatted(line("binance_2"));
    assertThat(order("POST", ACCOUNTS, account).statusCode()).isEqualTo(201);
    eventually(() -> state("second").equals("HEALTHY"));

    Path pid = data.resolve("data/postgres/data/postmaster.pid");
    long killed = Long.parseLong(Files.readAllLines(pid).getFirst());
    ProcessHandle.of(killed).orElseThrow().destroyForcibly();
    // it may be back before the accounts, which look once a second, have missed it
    eventually(() -> {
      List<String> lines = Files.exists(pid) ? Files.readAllLines(pid) : List.of();
      return !lines.isEmpty() && Long.parseLong(lines.getFirst()) != killed;
    });
    assertThat(get(SECOND).get("state").asText()).isEqualTo("used");
    assertThat(state("second")).isEqualTo("HEALTHY");

    eventually(() -> get(ACCOUNTS).get("from").asText().equals("database"));
    // 503 while the connections to the one before are found out; then nothing was changed
    eventually(() -> order("PATCH", SECOND, "{\"is_enabled\": false}").statusCode() == 200);
    eventually(() -> gateway("second").path("enabled").asText().equals("false"));
    assertThat(order("DELETE", SECOND, "").statusCode()).isEqualTo(200);
    eventually(() -> gateway("second").isMissingNode());
  }

  /// Neither an answer nor a file of the hub: journal, audit, last known accounts.
  private void noneHas(String secret) throws IOException {
    assertThat(answers).noneMatch(answer -> answer.contains(secret));
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(secret);
      }
    }
  }

  // ---- the hub from outside

  private URI uri(String path) {
    Hub running = hub;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return URI.create("http://127.0.0.1:%d%s".formatted(running.port(), path));
  }

  private HttpResponse<String> order(String method, String path, String body) throws Exception {
    HttpResponse<String> got = client.send(
        HttpRequest.newBuilder(uri(path))
            .header("content-type", "application/json")
            .header("if-match", "*")
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
    answers.add(got.body());
    return got;
  }

  private String text(String path) throws Exception {
    String body = client
        .send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
    answers.add(body);
    return body;
  }

  private JsonNode get(String path) throws Exception {
    return JSON.readTree(text(path));
  }

  private JsonNode gateway(String id) throws Exception {
    for (JsonNode gateway : get("/v1/gateways").get("gateways")) {
      if (gateway.get("id").asText().equals(id)) {
        return gateway;
      }
    }
    return JSON.missingNode();
  }

  private String state(String id) throws Exception {
    return gateway(id).path("state").asText();
  }

  private String at() throws Exception {
    return get("/v1/routes").at("/streams/0/gateway").asText();
  }

  private String whyNot() throws Exception {
    return get("/v1/routes").at("/streams/0/candidates/0/why_not").asText();
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

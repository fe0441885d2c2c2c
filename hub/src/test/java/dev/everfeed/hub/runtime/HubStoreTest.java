package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The whole hub with what it keeps: a real journal, a real PostgreSQL, venues on real sockets.
@Timeout(180)
class HubStoreTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BARS = "/v1/bars?symbol=BTC/USDT&interval=1h&limit=20";
  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir
  Path data;

  private Venues venues;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.system()));
  }

  @AfterEach
  void stop() throws IOException {
    venues.close();
    client.close();
  }

  private Hub hub(String folder, String store) throws IOException, InterruptedException {
    if (!Files.exists(data.resolve(folder))) {
      TestDatabase.lendPrograms(data.resolve(folder));
    }
    return Hub.start(Settings.parse(
        """
        http: {port: 0}
        stream: {enabled: false}
        data_dir: "%s"
        store: {%s}
        symbols: [BTC/USDT, ETH/USDT]
        sources:
        %s
        breaker: {open: 1s, open_max: 2s}
        refresh: {every: 1s, intervals: [1h], bars: 100, bars_every: 1h, trades_every: 1s}
        """.formatted(
                data.resolve(folder),
                store,
                OwnSources.of(venues, "binance", "coingecko", "alternative_me")),
        Map.of()));
  }

  private void breakAllSources() throws IOException {
    for (String venue : List.of("binance", "coingecko", "alternative_me")) {
      venues.fault(venue, FaultOrder.of(FaultKind.REFUSE));
    }
  }

  @Test
  void whatWasSeenIsServedAfterARestartThoughNoSourceAnswers() throws Exception {
    JsonNode before;
    try (Hub hub = hub("one", "enabled: true")) {
      eventually(
          () -> get(hub, "/v1/price?symbol=BTC/USDT").path("status").asText().equals("live"));
      eventually(() -> get(hub, BARS).path("bars").size() == 20);
      eventually(
          () -> isUp(hub) && get(hub, "/health").at("/store/journal/accepted").asLong() > 200);
      before = get(hub, BARS).path("bars");
    }
    breakAllSources();
    try (Hub hub = hub("one", "enabled: true")) {
      eventually(() -> isUp(hub));
      eventually(() ->
          get(hub, "/v1/price?symbol=BTC/USDT").path("status").asText().matches("cached|stale"));
      JsonNode price = get(hub, "/v1/price?symbol=BTC/USDT");
      assertThat(price.path("source").asText()).isEqualTo("binance");
      assertThat(price.path("age_ms").asLong()).isPositive();
      assertThat(price.path("tried").toString()).contains("binance", "coingecko");

      eventually(() -> get(hub, BARS).path("bars").size() == 20);
      JsonNode bars = get(hub, BARS);
      assertThat(bars.path("status").asText()).isIn("cached", "stale");
      for (int i = 0; i < 19; i++) { // the last one was not finished
        assertThat(bars.path("bars").get(i)).isEqualTo(before.get(i));
      }
      JsonNode trades = get(hub, "/v1/trades?symbol=ETH/USDT&limit=50");
      assertThat(trades.path("trades")).hasSize(50);
      assertThat(trades.path("status").asText()).isIn("cached", "stale");
    }
  }

  @Test
  void theDatabaseMayDieAtAnyTimePricesFlowHealthTellsAndItHealsByItself() throws Exception {
    try (Hub hub = hub("one", "enabled: true")) {
      eventually(() -> isUp(hub));
      eventually(() -> get(hub, "/health").path("status").asText().equals("ok"));
      long pid = Long.parseLong(
          Files.readAllLines(data.resolve("one/postgres/data/postmaster.pid")).getFirst());
      ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
      server.destroyForcibly();

      eventually(() -> !isUp(hub));
      JsonNode health = get(hub, "/health");
      assertThat(health.path("status").asText()).isEqualTo("degraded");
      assertThat(health.path("reasons").toString()).contains("store: ");
      assertThat(get(hub, "/v1/price?symbol=BTC/USDT").path("status").asText()).isEqualTo("live");

      eventually(() -> isUp(hub));
      eventually(() -> get(hub, "/health").path("status").asText().equals("ok"));
      eventually(() -> get(hub, "/health").at("/store/journal/oldest_age_ms").isNull());
    }
  }

  @Test
  void aSecondHubOnTheSameFolderIsRefusedWithTheNumberOfTheFirst() throws Exception {
    try (Hub _ = hub("one", "enabled: true")) {
      assertThatThrownBy(() -> hub("one", "enabled: true"))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(data.resolve("one").toRealPath().toString())
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void anExternalDatabaseIsFilledOnceByTwoHubsOfWhichOneRunsTheSchedule() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      try (Hub first = hub("one", url(database))) {
        eventually(() -> isUp(first));
        try (Hub second = hub("two", url(database))) {
          eventually(() -> isUp(second) && !onDuty(second));
          assertThat(onDuty(first)).isTrue();
          eventually(() ->
              get(second, "/v1/price?symbol=BTC/USDT").path("status").asText().equals("live"));
          eventually(() -> count(
                  database,
                  "SELECT count(*) FROM ohlcv WHERE symbol = 'BTC/USDT' AND exchange = 'binance'")
              == 100);
          first.close(); // gives the lease up
          eventually(() -> onDuty(second));
        }
      }
      assertThat(count(
              database,
              "SELECT count(*) FROM (SELECT exchange, symbol, id FROM trade GROUP BY 1, 2, 3"
                  + " HAVING count(*) > 1) twice"))
          .isZero();
      assertThat(count(database, "SELECT count(*) FROM quarantine")).isZero();
    }
  }

  @Test
  void withoutTheDatabaseTheHubStartsAndServesAndWhatItAcceptsComesInLater() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (Hub hub =
        hub("one", "url: 'postgres://nobody:secret-word@127.0.0.1:%d/x'".formatted(port))) {
      eventually(
          () -> get(hub, "/v1/price?symbol=BTC/USDT").path("status").asText().equals("live"));
      eventually(() -> get(hub, "/health").path("status").asText().equals("degraded"));
      assertThat(get(hub, "/health").path("reasons").toString())
          .contains("127.0.0.1:" + port)
          .doesNotContain("secret-word");
      eventually(() -> get(hub, "/health").at("/store/journal/waiting_bytes").asLong() > 10_000);
    }
    try (TestDatabase database = TestDatabase.create()) {
      try (Hub hub = hub("one", url(database))) {
        eventually(() -> isUp(hub));
        eventually(() -> count(database, "SELECT count(*) FROM scheduler_run") > 0);
      }
      assertThat(count(database, "SELECT count(*) FROM trade")).isPositive();
      assertThat(count(database, "SELECT count(DISTINCT journal) FROM scheduler_run"))
          .isEqualTo(1);
    }
  }

  private static String url(TestDatabase database) {
    return "url: '%s'".formatted(database.url());
  }

  private static long count(TestDatabase database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private boolean isUp(Hub hub) throws IOException, InterruptedException {
    return get(hub, "/health").at("/store/state").asText().equals("up");
  }

  private boolean onDuty(Hub hub) throws IOException, InterruptedException {
    return get(hub, "/health").at("/store/on_duty").asBoolean();
  }

  private JsonNode get(Hub hub, String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(hub.port(), path)))
        .timeout(Duration.ofSeconds(10))
        .build();
    return JSON.readTree(
        client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 60 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}

package dev.everfeed.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");

  private final HttpClient http = HttpClient.newHttpClient();
  private Venues venues;
  private ConsoleClient client;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(InstantSource.fixed(NOW)));
    client = new ConsoleClient(venues.console());
  }

  @AfterEach
  void end() throws IOException {
    client.close();
    http.close();
    venues.close();
  }

  @Test
  void theHelpNamesEveryKind() throws Exception {
    HttpResponse<String> help = get("/");
    assertThat(help.statusCode()).isEqualTo(200);
    for (FaultKind kind : FaultKind.values()) {
      assertThat(help.body()).contains(kind.word());
    }
  }

  @Test
  void theClientOrdersAndHeals() throws Exception {
    VenueStatus slow = client.fault(
        "binance",
        FaultOrder.of(FaultKind.SLOW)
            .lasting(Duration.ofSeconds(30))
            .delayedBy(Duration.ofMillis(700)));
    assertThat(slow.line())
        .isEqualTo(
            "binance: slow (delay 700 ms) since 2026-03-04T05:06:07Z, heals itself at 2026-03-04T05:06:37Z");
    assertThat(slow).isEqualTo(venues.status("binance"));
    assertThat(client.fault("coingecko", FaultOrder.of(FaultKind.REFUSE)).line())
        .isEqualTo("coingecko: refuse since 2026-03-04T05:06:07Z, until healed");

    assertThat(client.venues())
        .extracting(VenueStatus::fault)
        .startsWith(FaultKind.SLOW, FaultKind.REFUSE, null)
        .hasSameSizeAs(VenuesConfig.VENUES);

    assertThat(client.heal("binance").fault()).isNull();
    assertThat(client.healAll()).extracting(VenueStatus::fault).containsOnlyNulls();
    assertThat(get(venues.baseUrl("coingecko"), "/api/v3/ping").statusCode()).isEqualTo(200);
  }

  @Test
  void aFaultCanBeOfOneSymbolAndOneChannel() throws Exception {
    FaultOrder order = FaultOrder.of(FaultKind.SILENT)
        .forSymbol(Symbol.of("BTC/USDT"))
        .forChannel(FaultOrder.Channel.QUOTE);
    VenueStatus silent = client.fault("binance", order);
    assertThat(silent.line())
        .isEqualTo("binance: silent (BTC/USDT, quote) since 2026-03-04T05:06:07Z, until healed");
    assertThat(silent).isEqualTo(venues.status("binance"));
    assertThat(silent.symbol()).isEqualTo("BTC/USDT");
    assertThat(silent.channel()).isEqualTo("quote");
  }

  @Test
  void theListTellsCountersAndFaults() throws Exception {
    assertThat(get(venues.baseUrl("binance"), "/api/v3/time").statusCode()).isEqualTo(200);
    client.fault("binance", FaultOrder.of(FaultKind.FROZEN));
    JsonObject binance =
        new JsonObject(get("/venues").body()).getJsonArray("venues").getJsonObject(0);
    assertThat(binance.getString("name")).isEqualTo("binance");
    assertThat(binance.getString("url")).isEqualTo(venues.baseUrl("binance").toString());
    assertThat(binance.getJsonObject("fault"))
        .isEqualTo(new JsonObject()
            .put("kind", "frozen")
            .put("since", NOW.toString())
            .putNull("until")
            .putNull("delay_ms")
            .putNull("symbol")
            .putNull("channel"));
    assertThat(binance.getString("venue")).isEqualTo("binance");
    assertThat(binance.getLong("requests")).isEqualTo(1);
    assertThat(binance.getLong("weight_used")).isEqualTo(1);
    assertThat(binance.getJsonObject("paths").getLong("/api/v3/time")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/venues/nobody/fault  | {\"kind\":\"refuse\"}          | 404 | no simulated venue \"nobody\"; there are: binance, coingecko, alternative_me",
        "/venues/binance/break | {}                             | 404 | valid are: fault, heal",
        "/venues               | {}                             | 404 | valid are GET /, GET /venues",
        "/venues/binance/fault | {\"kind\":\"explode\"}         | 400 | kind: must be one of refuse reset blackhole",
        "/venues/binance/fault | {}                             | 400 | was null",
        "/venues/binance/fault | [1]                            | 400 | must be a JSON object",
        "/venues/binance/fault | nonsense                       | 400 | must be a JSON object",
        "/venues/binance/fault | {\"kind\":\"slow\",\"for\":\"soon\"} | 400 | for: must be like 250ms, 30s, 2m, 1h, was soon",
        "/venues/binance/fault | {\"kind\":\"slow\",\"for\":\"48h\"}  | 400 | for: must be 1 ms to 24 h",
        "/venues/binance/fault | {\"kind\":\"slow\",\"delay_ms\":\"x\"} | 400 | delay_ms: must be a whole number, was x",
        "/venues/binance/fault | {\"kind\":\"gap\",\"count\":\"x\"} | 400 | count: must be a whole number, was x",
        "/venues/binance/fault | {\"kind\":\"gap\",\"count\":0}  | 400 | count: must be 1 to 1000000, was 0",
        "/venues/coingecko/fault | {\"kind\":\"stall\"}        | 409 | coingecko: stall is a fault of streams, and this simulated venue has none; these have: [binance, coinbase_exchange, kraken, okx, bybit]",
        "/venues/binance/fault | {\"kind\":\"close\",\"symbol\":\"BTC/USDT\"} | 400 | symbol: close cannot be ordered of one symbol; these can: wrong-price",
        "/venues/binance/fault | {\"kind\":\"silent\",\"symbol\":7} | 400 | symbol: must be like \"BTC/USDT\", was 7",
        "/venues/binance/fault | {\"kind\":\"silent\",\"channel\":\"news\"} | 400 | channel: must be one of trade quote bar, was news",
        "/venues/binance/fault | {\"kind\":\"silent\",\"symbol\":\"ABC/USDT\"} | 409 | binance does not list ABC/USDT",
        "/venues/binance/fault | {\"kind\":\"slow\",\"delay_ms\":0}   | 400 | delay: must be 1 ms to 24 h, was 0 ms",
      })
  void mistakesAreAnsweredWithWhatIsValid(String path, String body, int status, String detail)
      throws Exception {
    HttpResponse<String> answer = post(path, body);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    var problem = new JsonObject(answer.body());
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(problem.getString("detail")).contains(detail);
    assertThat(venues.status("binance").fault()).isNull();
  }

  @Test
  void aBodyWithoutEndIsNotKept() throws Exception {
    assertThat(post("/venues/binance/fault", " ".repeat(200_000)).statusCode()).isEqualTo(400);
  }

  @Test
  void theClientSaysWhatTheConsoleSaid() {
    assertThatThrownBy(() -> client.heal("nobody"))
        .isInstanceOf(ConsoleRefused.class)
        .hasMessageContaining("there are: binance, coingecko, alternative_me");
    assertThatThrownBy(() -> client.heal("../x"))
        .hasMessageContaining("cannot be the name of a venue");
  }

  @Test
  void nobodyAtHomeIsAQuestionAboutTheDemo() throws Exception {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    try (var nobody = new ConsoleClient(URI.create("http://127.0.0.1:" + free))) {
      assertThatThrownBy(nobody::venues)
          .isInstanceOf(ConsoleRefused.class)
          .hasMessageContaining("is `./everfeed demo` running?");
    }
  }

  /// A venue is not a console: the port was mistyped.
  @Test
  void anotherServerIsNotTakenForTheConsole() {
    try (var wrong = new ConsoleClient(venues.baseUrl("binance"))) {
      assertThatThrownBy(wrong::venues)
          .hasMessageContaining("is not the console of simulated venues");
    }
  }

  @Test
  void durationsAreReadStrictly() {
    assertThat(FaultOrder.duration("250ms")).contains(Duration.ofMillis(250));
    assertThat(FaultOrder.duration("30s")).contains(Duration.ofSeconds(30));
    assertThat(FaultOrder.duration("2m")).contains(Duration.ofMinutes(2));
    assertThat(FaultOrder.duration("1h")).contains(Duration.ofHours(1));
    for (String wrong : List.of("", "30", "s", "-1s", "1.5s", "1 s", "1d", "99999999999s")) {
      assertThat(FaultOrder.duration(wrong)).as(wrong).isEmpty();
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(venues.console(), path);
  }

  private HttpResponse<String> get(URI base, String path) throws Exception {
    return http.send(HttpRequest.newBuilder(base.resolve(path)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(venues.console().resolve(path))
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}

package dev.everfeed.hub.api;

import static dev.everfeed.hub.api.CannedDesk.ALTERNATIVE_ME;
import static dev.everfeed.hub.api.CannedDesk.BINANCE;
import static dev.everfeed.hub.api.CannedDesk.COINGECKO;
import static dev.everfeed.hub.api.CannedDesk.SECOND;
import static dev.everfeed.hub.api.CannedDesk.guard;
import static dev.everfeed.hub.api.CannedDesk.healthy;
import static dev.everfeed.hub.api.CannedDesk.source;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.request.RunReport;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthTest {
  private static RunningServer hub;

  @BeforeAll
  static void start() {
    hub = new RunningServer();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  @BeforeEach
  void usual() {
    hub.desk.view = new CannedDesk.Picture().view();
    hub.nanos.set(100 * SECOND);
  }

  private static CannedDesk.Picture with(GuardSnapshot binance, GuardSnapshot coingecko) {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.sources = List.of(
        source(BINANCE, true, binance),
        source(COINGECKO, true, coingecko),
        source(ALTERNATIVE_ME, true, healthy(ALTERNATIVE_ME)));
    hub.desk.view = picture.view();
    return picture;
  }

  /// Requirements A5 and A6, field by field.
  @Test
  void theSchedulerPageTellsEachProvidersRecordAndTheErrorsOfTheLastRun() {
    CannedDesk.Picture picture = with(
        guard(BINANCE, CircuitBreaker.State.OPEN, 42, 9, 5, -1, "binance: connection refused"),
        healthy(COINGECKO));
    picture.lastRun = new RunReport(
        3,
        90 * SECOND,
        91 * SECOND + 250_000_000,
        6,
        5,
        List.of(new RunReport.Error(
            BINANCE, "BTC/USDT", Failure.Kind.CONNECTION, "connection refused", 90 * SECOND)),
        2,
        List.of());
    hub.desk.view = picture.view();

    JsonNode page = hub.get("/health/scheduler").json();

    assertThat(page.at("/providers/binance").toString())
        .isEqualTo("{\"status\":\"degraded\",\"success_count\":42,\"failure_count\":9,"
            + "\"circuit_open\":true,\"circuit_state\":\"open\","
            + "\"opened_at\":\"2024-05-01T12:01:30Z\",\"cooldown_seconds\":60.000,"
            + "\"skipped_count\":17,\"state\":\"UNHEALTHY\","
            + "\"reason\":\"circuit open, next probe 2024-05-01T12:02:30Z;"
            + " last: binance: connection refused\","
            + "\"last_error\":\"binance: connection refused\","
            + "\"last_error_at\":\"2024-05-01T12:01:35Z\",\"paused_until\":null}");
    assertThat(page.at("/providers/coingecko").toString())
        .startsWith("{\"status\":\"ok\",\"success_count\":42,\"failure_count\":0,"
            + "\"circuit_open\":false,\"circuit_state\":\"closed\",\"opened_at\":null,"
            + "\"cooldown_seconds\":0.000,");
    assertThat(page.get("last_run").toString())
        .isEqualTo("{\"number\":3,\"started_at\":\"2024-05-01T12:01:30Z\","
            + "\"ended_at\":\"2024-05-01T12:01:31.25Z\",\"asked\":6,\"refreshed\":5,\"errors\":["
            + "{\"provider\":\"binance\",\"symbol\":\"BTC/USDT\",\"kind\":\"connection\","
            + "\"message\":\"connection refused\",\"time\":\"2024-05-01T12:01:30Z\"}],"
            + "\"errors_dropped\":2}");
    assertThat(page.get("current_run").isNull()).isTrue();
    assertThat(page.get("next_run_at").asText()).isEqualTo("2024-05-01T12:01:50Z");
  }

  @Test
  void beforeTheFirstRunThereIsNone() {
    assertThat(hub.get("/health/scheduler").json().get("last_run").isNull()).isTrue();
  }

  /// The table in the Javadoc of GatewayHealth.
  @ParameterizedTest
  @CsvSource({
    "CLOSED,    0, -1,  HEALTHY,    ok",
    "CLOSED,    2, -1,  HEALTHY,    degraded",
    "CLOSED,    0, 130, HEALTHY,    degraded",
    "CLOSED,    0, 99,  HEALTHY,    ok",
    "OPEN,      5, -1,  UNHEALTHY,  degraded",
    "PROBING,   5, -1,  CONNECTING, degraded",
    "HALF_OPEN, 0, -1,  CONNECTING, degraded",
  })
  void theStateOfAGatewayFollowsItsGuard(
      CircuitBreaker.State circuit, int failures, long pausedUntil, String state, String status) {
    with(
        guard(
            BINANCE,
            circuit,
            1,
            failures,
            failures,
            pausedUntil < 0 ? -1 : pausedUntil * SECOND,
            failures > 0 ? "HTTP 500" : null),
        healthy(COINGECKO));

    JsonNode gateway = hub.get("/health/gateways").json().at("/gateways/0");

    assertThat(gateway.get("state").asText()).isEqualTo(state);
    assertThat(gateway.get("status").asText()).isEqualTo(status);
    assertThat(gateway.get("reason").isNull()).isEqualTo(status.equals("ok"));
    assertThat(hub.get("/v1/gateways").json().at("/gateways/0")).isEqualTo(gateway);
  }

  /// The other table of it.
  @ParameterizedTest
  @CsvSource({
    "HEALTHY,      2, HEALTHY,      ok,       2, 2",
    "CONNECTING,   2, CONNECTING,   degraded, 2, 1",
    "DISCONNECTED, 2, DISCONNECTED, down,     2, 1",
    "DISCONNECTED, 0, DISCONNECTED, ok,       1, 1",
  })
  void aGatewayThatIsListenedToIsAsItsConnectionsAre(
      GatewayState is, int streams, String state, String status, int enabled, int healthy) {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.sources = List.of(source(BINANCE, true, healthy(BINANCE)));
    picture.streaming = List.of(CannedDesk.stream(BINANCE, is, "Connection refused", streams));
    hub.desk.view = picture.view();

    JsonNode page = hub.get("/health/gateways").json();
    JsonNode gateway = page.at("/gateways/1");
    assertThat(gateway.get("transport").asText()).isEqualTo("stream");
    assertThat(gateway.get("state").asText()).isEqualTo(state);
    assertThat(gateway.get("status").asText()).isEqualTo(status);
    assertThat(page.get("enabled").asInt()).isEqualTo(enabled);
    assertThat(page.get("healthy").asInt()).isEqualTo(healthy);
    JsonNode health = hub.get("/health").json();
    assertThat(health.get("status").asText()).isEqualTo(status.equals("ok") ? "ok" : "degraded");
    if (!status.equals("ok")) {
      assertThat(health.at("/reasons/0").asText())
          .isEqualTo("binance (stream): Connection refused");
    }
  }

  @Test
  void aDisabledSourceIsDownAndDoesNotMakeTheHubUnwell() {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.sources = List.of(
        source(BINANCE, true, healthy(BINANCE)), source(COINGECKO, false, healthy(COINGECKO)));
    hub.desk.view = picture.view();

    JsonNode page = hub.get("/health/gateways").json();
    assertThat(page.at("/gateways/1/state").asText()).isEqualTo("DISCONNECTED");
    assertThat(page.at("/gateways/1/status").asText()).isEqualTo("down");
    assertThat(page.get("enabled").asInt()).isEqualTo(1);
    assertThat(page.get("healthy").asInt()).isEqualTo(1);
    assertThat(hub.get("/health").json().get("status").asText()).isEqualTo("ok");
  }

  @Test
  void healthIsOkThenDegradedThenDown() {
    assertThat(hub.get("/health").json().get("status").asText()).isEqualTo("ok");
    assertThat(hub.get("/health").json().get("reasons")).isEmpty();

    GuardSnapshot open =
        guard(BINANCE, CircuitBreaker.State.OPEN, 1, 5, 5, -1, "connection refused");
    with(open, healthy(COINGECKO));
    RunningServer.Got degraded = hub.get("/health");
    assertThat(degraded.status()).isEqualTo(200);
    assertThat(degraded.json().get("status").asText()).isEqualTo("degraded");
    assertThat(degraded.json().at("/reasons/0").asText()).startsWith("binance: circuit open");

    with(open, guard(COINGECKO, CircuitBreaker.State.OPEN, 1, 5, 5, -1, "HTTP 500"));
    RunningServer.Got down = hub.get("/health");
    assertThat(down.status()).isEqualTo(503);
    assertThat(down.json().get("status").asText()).isEqualTo("down");
    assertThat(hub.get("/health/ready").status())
        .as("it can serve stale values")
        .isEqualTo(200);
  }

  @Test
  void readyFollowsThePhase() {
    for (HubView.Phase phase : HubView.Phase.values()) {
      CannedDesk.Picture picture = new CannedDesk.Picture();
      picture.phase = phase;
      hub.desk.view = picture.view();

      assertThat(hub.get("/health/ready").status())
          .isEqualTo(phase == HubView.Phase.SERVING ? 200 : 503);
    }
  }

  @Test
  void aHubThatStopsRenewingItsPictureIsDownThenDead() {
    hub.nanos.set(106 * SECOND);
    RunningServer.Got late = hub.get("/health");
    assertThat(late.status()).isEqualTo(503);
    assertThat(late.json().at("/reasons/0").asText())
        .isEqualTo("the hub's picture of itself is 6,000 ms old (limit 5,000 ms)");
    assertThat(hub.get("/health/live").status()).isEqualTo(200);

    hub.nanos.set(131 * SECOND);
    assertThat(hub.get("/health/live").status()).isEqualTo(503);
    assertThat(hub.get("/health/live").json().get("view_age_ms").asInt()).isEqualTo(31_000);
  }

  @Test
  void pagesAreWrittenOncePerView() {
    HubView view = new CannedDesk.Picture().view();
    HealthPages pages = new HealthPages(view);

    assertThat(pages.scheduler().body()).isSameAs(pages.scheduler().body());
    assertThat(pages.view()).isSameAs(view);
  }

  @Test
  void metricsAreServedAndCountTheRequestsByRoute() {
    hub.get("/health/ready");
    hub.get("/no/such/path?that=may-not-become-a-label");

    RunningServer.Got got = hub.get("/metrics");

    assertThat(got.header("content-type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(got.body())
        .contains("everfeed_http_requests_seconds_count{route=\"/health/ready\",status=\"200\"}")
        .contains("everfeed_http_requests_seconds_count{route=\"other\",status=\"404\"}")
        .contains("everfeed_event_loop_lag_seconds")
        .doesNotContain("may-not-become-a-label");
  }
}

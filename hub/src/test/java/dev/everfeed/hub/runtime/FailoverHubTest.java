package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.hub.api.AsyncReference;
import dev.everfeed.hub.api.Reference;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Failovers of a real hub, of two lines of one simulated venue and another venue, as they are
/// told over HTTP and by events, and ordered over HTTP.
@Timeout(180)
class FailoverHubTest extends LineHub {

  @Test
  void aLineThatIsCutOffIsReplacedAndTheRecordSaysHow() throws Exception {
    start("immediate", "binance", "binance_2", "coinbase_exchange");
    assertThat(at()).isEqualTo("binance");
    eventually(() -> get("/v1/routes")
        .at("/streams/0/candidates")
        .findValuesAsText("why_not")
        .equals(List.of("null", "null")));
    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> at().equals("binance_2"));

    JsonNode listed = get("/v1/failovers?gateway=binance&kind=fail_over").at("/failovers/0");
    assertThat(listed.get("result").asText()).isEqualTo("executed");
    assertThat(listed.get("affected_contracts").toString()).isEqualTo("[\"BTCUSDT\"]");
    assertThat(listed.get("gap_proof").asText()).isEqualTo("dense_ids");
    assertThat(listed.get("switch_ms").isNumber()).isTrue();
    assertThat(listed.get("ticks_lost").asLong()).isZero();
    String id = listed.get("failover_id").asText();
    assertThat(id).matches(epoch() + "-\\d+");

    JsonNode whole = get("/v1/failovers/" + id);
    assertThat(Reference.mistakes("/components/schemas/Failover", whole)).isEmpty();
    List<String> timeline = whole.get("timeline").findValuesAsText("text");
    assertThat(timeline.getFirst()).isEqualTo("the last sign of life of binance");
    assertThat(timeline)
        .contains("binance_2 is chosen: priority 2, the same content")
        .last()
        .asString()
        .isEqualTo("executed: 1 moved, 0 stayed");
    Instant before = Instant.EPOCH;
    for (JsonNode step : whole.get("timeline")) {
      assertThat(Instant.parse(step.get("at").asText())).isAfterOrEqualTo(before);
      before = Instant.parse(step.get("at").asText());
    }

    JsonNode event = events("failover_executed").getFirst();
    for (Map.Entry<String, JsonNode> field : event.properties()) {
      if (field.getValue().isNumber()) {
        continue; // read as decimals here, and as doubles there
      }
      if (whole.has(field.getKey())) {
        assertThat(field.getValue()).as(field.getKey()).isEqualTo(whole.get(field.getKey()));
      }
    }
    assertThat(event.get("failover_id").asText()).isEqualTo(id);
    assertThat(event.get("switch_ms").doubleValue())
        .isEqualTo(whole.get("switch_ms").doubleValue());
    assertThat(events("source_changed")).isEmpty();
    assertThat(events("gateway_status_change")).isNotEmpty();

    venues().heal("binance");
    eventually(() -> at().equals("binance"));
    JsonNode summary = get("/v1/failovers/summary");
    assertThat(Reference.mistakes("/components/schemas/FailoverSummary", summary))
        .isEmpty();
    assertThat(summary.at("/kinds/fail_over").asInt()).isPositive();
    assertThat(summary.at("/kinds/fail_back").asInt()).isPositive();
    assertThat(summary.at("/contracts_moved").asInt()).isGreaterThanOrEqualTo(2);
    assertThat(get("/v1/failovers?limit=1").get("next_cursor").asText()).startsWith(epoch() + "-");

    String metrics = text("/metrics");
    assertThat(metrics)
        .containsPattern(
            "everfeed_failovers_total\\{.*from=\"binance\",kind=\"fail_over\",result=\"executed\".*} 1\\.0")
        .containsPattern(
            "everfeed_gateway_changes_total\\{.*gateway=\"binance\",to=\"DISCONNECTED\".*} [1-9]")
        .containsPattern("everfeed_failover_detection_seconds_count [1-9]")
        .containsPattern("everfeed_failover_switch_seconds_count [1-9]")
        .containsPattern("everfeed_engine_decision_seconds_count [1-9]")
        .containsPattern("everfeed_engine_inbox_wait_seconds_count [1-9]")
        .containsPattern("everfeed_engine_state_bytes [1-9]")
        .containsPattern("everfeed_engine_cpu_seconds_total 0\\.[0-9]*[1-9]");
  }

  /// The venue is asked over HTTP as well, but its answer is no newer than what the other line
  /// has brought meanwhile.
  @Test
  void oneOfTwoLinesIsConvictedWhileTheOtherGoesOn() throws Exception {
    start("immediate", "binance", "binance_2");
    assertThat(at()).isEqualTo("binance");
    venues().fault("binance", FaultOrder.of(FaultKind.HALF_OPEN));
    eventually(() -> events("gateway_status_change").stream()
        .anyMatch(event -> event.get("gateway_id").asText().equals("binance")
            && event.at("/metadata/reason").asText().startsWith("silent")));
    eventually(() -> !events("failover_executed").isEmpty());
    assertThat(events("failover_executed").getFirst().get("detection_ms").asDouble())
        .isLessThan(10_000);
  }

  @Test
  void whatWaitsForAnOperatorIsToldAndMovedByHim() throws Exception {
    start("manual", "binance", "coinbase_exchange");
    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> get("/health").get("reasons").toString().contains("waits for an operator"));
    JsonNode waiting = get("/health/gateways").at("/failovers/0");
    assertThat(waiting.get("state").asText()).isEqualTo("waiting");
    assertThat(waiting.get("backup_gateway_id").asText()).isEqualTo("coinbase_exchange");
    assertThat(events("failover_pending")).hasSize(1);
    assertThat(text("/metrics"))
        .contains("\neverfeed_failover_waiting 1.0\n")
        .contains("\neverfeed_failover_oldest_moving_seconds 0.0\n");
    assertThat(at()).isEqualTo("binance");

    Answered moved = post("/v1/failovers", "{\"symbols\":[\"BTC/USDT\"]}", "one");
    assertThat(moved.status()).as(moved.body()).isEqualTo(202);
    assertThat(post("/v1/failovers", "{\"symbols\":[\"BTC/USDT\"]}", "one").body())
        .isEqualTo(moved.body());
    JsonNode manual = moved.json().at("/failovers/0");
    assertThat(Reference.mistakes("/components/schemas/Failover", manual)).isEmpty();
    assertThat(manual.get("kind").asText()).isEqualTo("manual");
    eventually(() -> at().equals("coinbase_exchange"));
    eventually(() -> events("source_changed").size() == 1);
    assertThat(events("source_changed").getFirst().get("failover_id"))
        .isEqualTo(manual.get("failover_id"));
    eventually(() -> get("/v1/failovers/" + waiting.get("failover_id").asText())
        .get("result")
        .asText()
        .equals("cancelled"));
    eventually(() -> !get("/health").get("reasons").toString().contains("waits for an operator"));
    JsonNode done = get("/v1/failovers/" + manual.get("failover_id").asText());
    assertThat(done.get("result").asText()).isEqualTo("executed");
    assertThat(done.get("gap_proof").asText()).isEqualTo("none");
    assertThat(done.get("ticks_lost").isNull()).isTrue();

    // back to what is still down
    Answered refused =
        post("/v1/failovers", "{\"from\":\"coinbase_exchange\",\"to\":\"binance\"}", null);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().at("/stayed/0/reason").asText())
        .startsWith("binance: it is not connected");
  }

  @Test
  void aGatewayIsStoppedWhenItsContractsHaveLeftAndStartedAgain() throws Exception {
    start("shadow", "binance", "binance_2");
    Answered stopped = post("/v1/gateways/binance/stop", "", null);
    assertThat(stopped.status()).as(stopped.body()).isEqualTo(202);
    eventually(() -> at().equals("binance_2") && state("binance").equals("DISCONNECTED"));
    JsonNode gateway = gateway("binance");
    assertThat(Reference.mistakes("/components/schemas/Gateway", gateway)).isEmpty();
    assertThat(gateway.get("enabled").asBoolean()).isFalse();
    assertThat(gateway.at("/stream/active_contracts").asInt()).isZero();
    assertThat(events("gap_declared")).isEmpty();

    // the last one is stopped only by force
    Answered refused = post("/v1/gateways/binance_2/stop", "{}", null);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().at("/stayed/0/reason").asText())
        .isEqualTo("binance: it is switched off");
    assertThat(state("binance_2")).isEqualTo("HEALTHY");
    assertThat(post("/v1/gateways/binance/restart", "{}", null).status()).isEqualTo(409);

    assertThat(post("/v1/gateways/binance/start", "", null).status()).isEqualTo(202);
    eventually(() -> state("binance").equals("HEALTHY"));
    long reconnects = gateway("binance_2").at("/stream/reconnects").asLong();
    assertThat(post("/v1/gateways/binance_2/restart", "{}", null).status()).isEqualTo(202);
    eventually(() -> gateway("binance_2").at("/stream/reconnects").asLong() > reconnects
        && state("binance_2").equals("HEALTHY"));
    assertThat(events("gap_declared")).isEmpty();

    post("/v1/gateways/binance/stop", "{}", null);
    Answered forced = post("/v1/gateways/binance_2/stop", "{\"force\":true}", null);
    assertThat(forced.status()).as(forced.body()).isEqualTo(202);
    eventually(() -> state("binance_2").equals("DISCONNECTED"));
    assertThat(get("/v1/snapshot?symbol=BTC/USDT").at("/streams/0/status").asText())
        .isEqualTo("stale");
  }

  @Test
  void aContractThatHasNowhereToGoIsToldUntilItIsWellAgain() throws Exception {
    start("immediate", "binance");
    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> get("/health/gateways").get("stranded").size() == 1);
    assertThat(get("/health").get("reasons").toString())
        .contains("binance has no healthy backup for BTC/USDT");
    assertThat(events("no_healthy_backup")).hasSize(1);
    assertThat(text("/metrics")).contains("\neverfeed_failover_stranded_symbols 1.0\n");
    Answered refused = post("/v1/failovers", "{\"from\":\"binance\"}", null);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().at("/stayed/0/reason").asText())
        .isEqualTo("there is no other gateway");
    venues().heal("binance");
    eventually(() -> get("/health/gateways").get("stranded").isEmpty());
    assertThat(text("/metrics")).contains("\neverfeed_failover_stranded_symbols 0.0\n");
  }

  @Test
  void aLineWhosePricesAreWrongIsQuarantinedAndTheEvidenceTold() throws Exception {
    start("immediate", "binance", "binance_2", "binance_3");
    eventually(() -> trades().size() > 60);
    venues().fault("binance", FaultOrder.of(FaultKind.WRONG_PRICE));
    eventually(() -> at().equals("binance_2"));
    JsonNode judged = events("price_judged").getFirst();
    assertThat(judged.get("verdict").asText()).isEqualTo("quarantined");
    assertThat(judged.get("gateway_id").asText()).isEqualTo("binance");
    JsonNode failover = get("/v1/failovers?gateway=binance&kind=fail_over").at("/failovers/0");
    JsonNode whole = get("/v1/failovers/" + failover.get("failover_id").asText());
    assertThat(whole.at("/metadata/health_trigger").asText())
        .isEqualTo(judged.get("evidence").asText())
        .contains("its price ");
    assertThat(whole.get("timeline").findValuesAsText("text"))
        .contains("binance: " + judged.get("evidence").asText());
    int told = trades().size();
    eventually(() -> trades().size() > told + 200);
    List<BigDecimal> prices = trades();
    BigDecimal most = prices.getFirst().multiply(BigDecimal.valueOf(5));
    assertThat(prices.stream().filter(price -> price.compareTo(most) > 0).count())
        .as("what came before the others could contradict")
        .isLessThan(60);
    assertThat(prices.subList(told, prices.size())).allMatch(price -> price.compareTo(most) < 0);
    // the page is up to 350 ms old
    eventually(() -> gateway("binance").at("/stream/convicted").toString().contains("BTC/USDT"));

    venues().heal("binance");
    eventually(() -> events("price_judged").size() == 2);
    assertThat(events("price_judged").getLast().get("verdict").asText()).isEqualTo("agrees");
    eventually(() -> at().equals("binance"));
    assertThat(events("gap_declared")).isEmpty();
  }

  @Test
  void twoLinesThatContradictEachOtherAreToldAndNobodyIsLeft() throws Exception {
    start("immediate", "binance", "binance_2");
    venues().fault("binance", FaultOrder.of(FaultKind.WRONG_PRICE));
    eventually(() -> events("price_judged").size() == 1);
    assertThat(events("price_judged").getFirst().get("verdict").asText()).isEqualTo("undecided");
    eventually(() ->
        get("/v1/snapshot?symbol=BTC/USDT").at("/streams/0/status").asText().equals("maybe_stale"));
    venues().heal("binance");
    eventually(() ->
        get("/v1/snapshot?symbol=BTC/USDT").at("/streams/0/status").asText().equals("live"));
    assertThat(events("failover_executed")).isEmpty();
    assertThat(at()).isEqualTo("binance");
  }

  @Test
  void aGatewayWhoseDataComeLaterAndLaterIsLeft() throws Exception {
    start("immediate", "binance", "coinbase_exchange");
    eventually(() -> trades().size() > 300); // some seconds, until its delay is known
    venues().fault("binance", FaultOrder.of(FaultKind.LAG).delayedBy(Duration.ofMillis(300)));
    eventually(() -> at().equals("coinbase_exchange"));
    JsonNode failover = get("/v1/failovers?gateway=binance&kind=fail_over").at("/failovers/0");
    assertThat(failover.at("/metadata/health_trigger").asText()).matches("lags by [0-9,]+ ms");
    assertThat(events("gateway_status_change").stream()
            .filter(event -> event.get("current_status").asText().equals("UNHEALTHY"))
            .map(event -> event.at("/metadata/reason").asText()))
        .anyMatch(reason -> reason.matches("lags by [0-9,]+ ms"));
    eventually(() -> state("binance").equals("UNHEALTHY")); // is shown 350 ms later at most
    venues().heal("binance");
    eventually(() -> at().equals("binance"));
  }

  @Test
  void whatALineBringsOfTheNextHourIsLeftOut() throws Exception {
    start("immediate", "binance", "binance_2", "binance_3");
    eventually(() -> trades().size() > 20); // also before any line's delay is known
    venues().fault("binance", FaultOrder.of(FaultKind.SKEW));
    eventually(() -> at().equals("binance_2"));
    int told = trades().size();
    eventually(() -> trades().size() > told + 60);
    eventually(() -> Pattern.compile("\neverfeed_engine_ahead_total [1-9]")
        .matcher(text("/metrics"))
        .find());
    eventually(() -> events("gateway_status_change").stream()
        .map(event -> event.at("/metadata/reason").asText())
        .anyMatch(reason -> reason.matches("is ahead by 3,[56][0-9]{2},[0-9]{3} ms")));
    venues().heal("binance");
    eventually(() -> at().equals("binance"));
    assertThat(events("gap_declared")).isEmpty();
  }

  @Test
  void everyEventThatIsPublishedIsInTheDocument() {
    assertThat(EngineEvents.types()).isEqualTo(AsyncReference.eventTypes());
  }
}

package dev.everfeed.system;

import static dev.everfeed.system.Asking.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/// The demo's three lines of one venue, and the other venues that are listened to, as they fail
/// and come back.
class LinesTest {
  private static final List<String> LINES = List.of("binance", "binance_2", "binance_3");
  private static final List<String> BEHIND = List.of("kraken", "okx", "bybit");
  private static final Duration LOOKS = Duration.ofMillis(50);

  @Test
  void whenAllLinesAreSilentAnotherVenueTakesOverAndIsLeftAgainWhenTheyAreBack() throws Exception {
    try (DemoProcess demo = new DemoProcess("lines")) {
      looks(demo, "live from binance", () -> published(demo, "live", "binance"));
      looks(
          demo,
          "coinbase stands by",
          () -> gateway(demo, "coinbase_exchange").get("state").asText().equals("HEALTHY"));
      for (String line : LINES) {
        demo.fault(line, "silent");
      }
      looks(demo, "taken over", () -> published(demo, "live", "coinbase_exchange"));
      JsonNode changed = events(demo, "source_changed").stream()
          .filter(event -> event.get("symbol").asText().equals("BTC/USDT"))
          .findFirst()
          .orElseThrow();
      assertThat(changed.get("previous_exchange").asText()).isEqualTo("binance");
      assertThat(changed.get("exchange").asText()).isEqualTo("coinbase");

      // one line is convicted after the other: it may go over another one first
      looks(
          demo,
          "told",
          () -> failovers(demo, "fail_over").stream()
              .anyMatch(each -> backupOf(each).equals("coinbase_exchange")));
      JsonNode failover = failovers(demo, "fail_over").stream()
          .filter(each -> backupOf(each).equals("coinbase_exchange"))
          .toList()
          .getLast();
      assertThat(failover.get("detection_ms").asDouble()).isPositive();
      assertThat(failover.get("switch_ms").asDouble()).isNotNegative();
      assertThat(failover.get("gap_proof").asText()).isEqualTo("none");
      assertThat(failover.at("/metadata/health_trigger").asText()).contains("silent");
      // Coinbase has no BNB/USDT, nor has Kraken: the next one is connected for it
      looks(demo, "BNB/USDT from okx", () -> published(demo, "BNB/USDT", "live", "okx"));

      for (String venue : BEHIND) {
        demo.fault(venue, "refuse");
      }
      demo.fault("coinbase_exchange", "silent");
      looks(demo, "not live any more", () -> !status(demo, "BTC/USDT").equals("live"));
      demo.heal("coinbase_exchange");
      for (String venue : BEHIND) {
        demo.heal(venue);
      }
      for (String line : LINES) {
        demo.heal(line);
      }
      looks(demo, "back", () -> published(demo, "live", "binance"));
      looks(demo, "told", () -> !failovers(demo, "fail_back").isEmpty());
    }
  }

  @Test
  void aDeadLineCostsAnInstrumentNothingAndTheMoveIsTold() throws Exception {
    try (DemoProcess demo = new DemoProcess("line")) {
      looks(demo, "live from binance", () -> published(demo, "live", "binance"));
      demo.fault("binance", "refuse");
      looks(demo, "told", () -> !failovers(demo, "fail_over").isEmpty());
      JsonNode failover = failovers(demo, "fail_over").getFirst();
      assertThat(failover.get("failed_gateway_id").asText()).isEqualTo("binance");
      assertThat(failover.get("backup_gateway_id").asText()).isEqualTo("binance_2");
      assertThat(failover.get("affected_contracts").toString())
          .isEqualTo("[\"BTCUSDT\",\"ETHUSDT\",\"SOLUSDT\",\"BNBUSDT\"]");
      assertThat(failover.get("ticks_lost").asInt()).isZero();
      assertThat(failover.get("gap_proof").asText()).isEqualTo("dense_ids");
      assertThat(status(demo, "BTC/USDT")).isEqualTo("live");
      assertThat(events(demo, "gap_declared")).isEmpty();
    }
  }

  @Test
  void underTheShadowPolicyWhatWouldBeDoneIsToldAndNothingIsDone() throws Exception {
    try (DemoProcess demo = new DemoProcess("shadow", "--policy", "shadow")) {
      looks(demo, "live from binance", () -> published(demo, "live", "binance"));
      demo.fault("binance", "refuse");
      looks(demo, "told", () -> !events(demo, "failover_shadow").isEmpty());
      JsonNode shadow = events(demo, "failover_shadow").getFirst();
      assertThat(shadow.get("failed_gateway_id").asText()).isEqualTo("binance");
      assertThat(shadow.get("backup_gateway_id").asText()).isEqualTo("binance_2");
      assertThat(failovers(demo, "fail_over")).isEmpty();
      assertThat(active(demo, "binance")).isEqualTo(4);
      assertThat(active(demo, "binance_2")).isZero();
    }
  }

  private static void looks(DemoProcess demo, String what, Callable<Boolean> condition)
      throws Exception {
    try {
      eventually(what, LOOKS, condition);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "; the demo said: " + demo.output(), e);
    }
  }

  private static boolean published(DemoProcess demo, String status, String gateways)
      throws Exception {
    return published(demo, "BTC/USDT", status, gateways);
  }

  private static boolean published(DemoProcess demo, String symbol, String status, String gateways)
      throws Exception {
    JsonNode trades = trades(demo, symbol);
    return trades.path("status").asText().equals(status)
        && trades.path("message").path("gateway").asText().startsWith(gateways);
  }

  private static String status(DemoProcess demo, String symbol) throws Exception {
    return trades(demo, symbol).path("status").asText();
  }

  private static JsonNode trades(DemoProcess demo, String symbol) throws Exception {
    for (JsonNode stream :
        Asking.get(demo.hub().resolve("/v1/snapshot?symbol=" + symbol)).path("streams")) {
      if (stream.get("stream").asText().startsWith("trade|")) {
        return stream;
      }
    }
    return MissingNode.getInstance();
  }

  private static String backupOf(JsonNode failover) {
    return failover.get("backup_gateway_id").asText();
  }

  private static List<JsonNode> failovers(DemoProcess demo, String kind) throws Exception {
    return events(demo, "failover_executed").stream()
        .filter(event -> event.get("kind").asText().equals(kind))
        .toList();
  }

  private static List<JsonNode> events(DemoProcess demo, String type) throws Exception {
    long epoch = Asking.get(demo.hub().resolve("/v1/snapshot?symbol=BTC/USDT"))
        .get("epoch")
        .asLong();
    JsonNode answer = Asking.get(demo.hub()
        .resolve("/v1/replay?stream=%s&epoch=%d&from_seq=1&limit=1000"
            .formatted(URLEncoder.encode("event|" + type, StandardCharsets.UTF_8), epoch)));
    List<JsonNode> events = new ArrayList<>();
    answer.path("messages").forEach(events::add);
    return events;
  }

  private static int active(DemoProcess demo, String id) throws Exception {
    return gateway(demo, id).at("/stream/active_contracts").asInt();
  }

  private static JsonNode gateway(DemoProcess demo, String id) throws Exception {
    for (JsonNode gateway : Asking.get(demo.hub().resolve("/v1/gateways")).get("gateways")) {
      if (gateway.get("transport").asText().equals("stream")
          && gateway.get("id").asText().equals(id)) {
        return gateway;
      }
    }
    throw new AssertionError("no gateway that streams is called " + id);
  }
}

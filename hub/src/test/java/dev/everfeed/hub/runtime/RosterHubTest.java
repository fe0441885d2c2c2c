package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.hub.api.OrderRefused;
import dev.everfeed.hub.config.GatewaySettings;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import io.vertx.core.Future;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Gateways come to a running hub, are used in another way, and leave it, while readers are
/// served.
@Timeout(180)
class RosterHubTest extends LineHub {

  @Test
  void aLineThatComesTakesOverWithoutALossAndOneThatLeavesLeavesNothingBehind() throws Exception {
    start("immediate", "binance");
    done(live().put("second", line("binance_2", 2, true)));
    eventually(() -> gateways().contains("second") && state("second").equals("HEALTHY"));
    assertThat(text("/metrics")).contains("everfeed_gateway_healthy{", "gateway=\"second\"");
    eventually(() -> canMove("second"));

    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> at().equals("second"));
    assertThat(events("gap_declared")).isEmpty();
    JsonNode failover = get("/v1/failovers?gateway=second").at("/failovers/0");
    assertThat(failover.get("backup_gateway_id").asText()).isEqualTo("second");
    assertThat(failover.at("/metadata/backup_priority").asInt()).isEqualTo(2);
    eventually(
        () -> get("/v1/snapshot?symbol=BTC/USDT").findValuesAsText("gateway").contains("second"));

    venues().heal("binance");
    eventually(() -> at().equals("binance"));
    done(live().remove("second", false));
    eventually(() -> !gateways().contains("second"));
    assertThat(text("/metrics"))
        .doesNotContain("everfeed_gateway_messages_total{gateway=\"second\"");
    assertThat(get("/v1/routes").at("/streams/0/candidates")).isEmpty();

    // another venue comes to the place that it had
    done(live().put("other", venue(3)));
    eventually(() -> gateways().contains("other") && state("other").equals("HEALTHY"));
    assertThat(post("/v1/failovers", "{\"from\": \"binance\", \"to\": \"other\"}", null)
            .status())
        .isEqualTo(202);
    eventually(() -> at().equals("other"));
    eventually(() -> !events("source_changed").isEmpty());
    JsonNode changed = events("source_changed").getLast();
    assertThat(changed.get("exchange").asText()).isEqualTo("coinbase");
    assertThat(events("gap_declared")).isEmpty();
  }

  @Test
  void aPriorityAndAnAddressAreChangedWhileItRuns() throws Exception {
    start("immediate", "binance", "binance_2");
    assertThat(at()).isEqualTo("binance");
    done(live().put("binance_2", line("binance_2", 0, true)));
    eventually(() -> at().equals("binance_2"));
    assertThat(gateway("binance_2").get("priority").asInt()).isZero();

    done(live().put("binance_2", line("binance_3", 5, true)));
    eventually(() -> at().equals("binance") && state("binance_2").equals("HEALTHY"));
    venues().fault("binance_2", FaultOrder.of(FaultKind.REFUSE)); // nobody is there any more
    venues().fault("binance_3", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> !state("binance_2").equals("HEALTHY"));
    assertThat(events("gap_declared")).isEmpty();
  }

  @Test
  void whatSomethingIsPublishedFromLeavesOnlyWhenItCan() throws Exception {
    start("immediate", "binance");
    assertThatThrownBy(() -> done(live().remove("binance", false)))
        .cause()
        .isInstanceOf(OrderRefused.class)
        .hasMessageStartingWith("1 of the 1 contracts of binance would be published by nobody");
    assertThatThrownBy(() -> done(live().put("binance", line("binance", 1, false))))
        .cause()
        .isInstanceOf(OrderRefused.class);
    assertThat(state("binance")).isEqualTo("HEALTHY");
    assertThatThrownBy(() -> done(live().put("binance", venue(1))))
        .cause()
        .hasMessage(
            "binance is a gateway of binance; it must leave before one of coinbase_exchange has its name");

    assertThat(post("/v1/control/pin", "{\"symbols\":[\"BTC/USDT\"]}", null).status())
        .isEqualTo(200);
    assertThat(get("/v1/control").get("pinned")).hasSize(1);
    done(live().remove("binance", true));
    eventually(() -> gateways().isEmpty());
    assertThat(get("/v1/control").get("pinned")).isEmpty();
    assertThat(get("/v1/snapshot?symbol=BTC/USDT").at("/streams/0/status").asText())
        .isEqualTo("stale");
    long seq = get("/v1/snapshot?symbol=BTC/USDT").findValue("seq").asLong();
    done(live().put("binance", line("binance", 1, true)));
    eventually(() -> gateways().contains("binance") && state("binance").equals("HEALTHY"));
    eventually(() -> get("/v1/snapshot?symbol=BTC/USDT").findValue("seq").asLong() > seq);
  }

  /// The stop waits for the first trade at the other line, which is silent, until that is given up.
  @Test
  void whatAnOperatorStopsStaysStoppedThoughItIsSetInAnotherWayMeanwhile() throws Exception {
    start("immediate", "binance", "binance_2");
    eventually(() -> canMove("binance_2"));
    venues().fault("binance_2", FaultOrder.of(FaultKind.STALL));
    assertThat(post("/v1/gateways/binance/stop", "{\"force\":true}", null).status())
        .isEqualTo(202);
    done(live().put("binance", line("binance", 7, true)));

    eventually(() -> !get("/v1/control").get("stopped").isEmpty());
    eventually(() -> state("binance").equals("DISCONNECTED"));
    done(live().put("binance", line("binance", 8, true)));
    assertThat(state("binance")).isEqualTo("DISCONNECTED");
  }

  @Test
  void whenAllPlacesAreTakenThatIsSaidAndNothingElseIsDone() throws Exception {
    start("immediate", "binance");
    for (int i = 1; i <= 4; i++) {
      done(live().put("more_" + i, line("binance_2", 10 + i, false)));
    }
    eventually(() -> gateways().size() == 5);
    assertThatThrownBy(() -> done(live().put("more_5", line("binance_2", 15, false))))
        .cause()
        .isInstanceOf(OrderRefused.class)
        .hasMessage(
            "all 5 places for gateways are taken; more can be set (stream.more_gateways), and are there after a restart");
    done(live().remove("more_3", false));
    done(live().put("more_5", line("binance_2", 15, false)));
    eventually(() -> gateways().contains("more_5"));
    assertThat(gateways()).hasSize(5).doesNotContain("more_3");
  }

  private LiveSide live() {
    return Objects.requireNonNull(hub().live());
  }

  private static void done(Future<Void> future) throws Exception {
    future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private List<String> gateways() throws Exception {
    return get("/v1/gateways")
        .get("gateways")
        .valueStream()
        .filter(gateway -> gateway.has("stream"))
        .map(gateway -> gateway.get("id").asText())
        .toList();
  }

  private boolean canMove(String id) throws Exception {
    for (JsonNode candidate : get("/v1/routes").at("/streams/0/candidates")) {
      if (candidate.get("gateway").asText().equals(id)) {
        return candidate.get("why_not").isNull();
      }
    }
    return false;
  }

  private GatewaySettings line(String server, int priority, boolean enabled) {
    URI url = URI.create(venues().baseUrl(server).toString().replaceFirst("^http", "ws"));
    return settings("binance", url, priority, enabled);
  }

  private static GatewaySettings venue(int priority) {
    return settings("coinbase_exchange", null, priority, true);
  }

  private static GatewaySettings settings(
      String source, @Nullable URI url, int priority, boolean enabled) {
    return new GatewaySettings(
        new SourceId(source), url, priority, enabled, Standby.HOT, null, null);
  }
}

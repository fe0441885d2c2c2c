package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.hub.api.Reference;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What operators order of a real hub over HTTP, and what stands after a restart.
@Timeout(180)
class ControlHubTest extends LineHub {
  private static final String BTC = "{\"symbols\":[\"BTC/USDT\"]}";

  @TempDir
  Path data;

  private void startKeeping(String... gateways) throws Exception {
    // no database is there: what operators order does not wait for one
    startWith(
        "data_dir: \"%s\"\nstore: {url: \"postgresql://nobody@127.0.0.1:1/none\"}".formatted(data),
        "immediate",
        gateways);
  }

  @Test
  void whileAllIsFrozenNothingMovesAndTheHealthSaysSoAlsoAfterARestart() throws Exception {
    startKeeping("binance", "binance_2");
    Answered frozen = post("/v1/control/freeze", "{\"reason\":\"a drill\"}", "one");
    assertThat(frozen.status()).as(frozen.body()).isEqualTo(200);
    assertThat(Reference.mistakes("/components/schemas/StandingOrders", frozen.json()))
        .isEmpty();
    assertThat(frozen.json().get("durable").asBoolean()).isTrue();
    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> !get("/v1/failovers?result=pending").get("failovers").isEmpty());
    assertThat(get("/v1/failovers").at("/failovers/0/policy").asText()).isEqualTo("frozen");
    assertThat(at()).isEqualTo("binance");
    assertThat(get("/v1/routes").at("/streams/0/policy").asText()).isEqualTo("frozen");
    assertThat(get("/v1/routes").at("/streams/0/own_policy").asText()).isEqualTo("immediate");
    eventually(() -> get("/health").get("reasons").toString().contains("is frozen since"));

    venues().heal("binance");
    stopHub();
    startKeeping("binance", "binance_2");
    assertThat(get("/v1/control").at("/frozen/reason").asText()).isEqualTo("a drill");
    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> !get("/v1/failovers?result=pending").get("failovers").isEmpty());
    assertThat(at()).isEqualTo("binance");

    assertThat(post("/v1/control/unfreeze", "", null).status()).isEqualTo(200);
    eventually(() -> at().equals("binance_2"));
    eventually(() -> !get("/health").get("reasons").toString().contains("frozen"));
    JsonNode audit = get("/v1/audit");
    assertThat(Reference.mistakes("/components/schemas/Audit", audit)).isEmpty();
    assertThat(audit.get("orders").findValuesAsText("order"))
        .containsExactly("POST /v1/control/unfreeze", "POST /v1/control/freeze");
    assertThat(audit.at("/orders/1/idempotency_key").asText()).isEqualTo("one");
    assertThat(audit.at("/orders/1/body").asText()).contains("a drill");
    assertThat(audit.get("trouble").isNull()).isTrue();
  }

  /// Else each would begin at the gateway that it prefers, sick or not, and could not leave it.
  @Test
  void whatWasFrozenSomewhereElseBeginsThereAfterARestart() throws Exception {
    startKeeping("binance", "binance_2");
    post("/v1/control/freeze", "{\"reason\":\"binance is sick\"}", null);
    assertThat(get("/v1/control").at("/frozen/gateways").toString())
        .isEqualTo("{\"BTC/USDT\":\"binance\"}");
    assertThat(post("/v1/failovers", BTC, null).status()).isEqualTo(202);
    eventually(() -> get("/v1/control")
        .at("/frozen/gateways")
        .toString()
        .equals("{\"BTC/USDT\":\"binance_2\"}"));
    eventually(() -> Files.readString(data.resolve("control").resolve("standing-orders.json"))
        .contains("binance_2"));
    stopHub();
    startKeeping("binance", "binance_2");
    assertThat(at()).isEqualTo("binance_2");
    assertThat(get("/v1/routes").at("/streams/0/policy").asText()).isEqualTo("frozen");
  }

  @Test
  void whatWaitsForAGatewayThatIsNotThereIsSaidUntilAnOperatorMovesItElsewhere() throws Exception {
    startKeeping("binance", "binance_2");
    post("/v1/control/freeze", "{}", null);
    stopHub();
    Path file = data.resolve("control").resolve("standing-orders.json");
    Files.writeString(file, Files.readString(file).replace("\"binance\"", "\"gone\""));

    startKeeping("binance", "binance_2");
    assertThat(at()).isEqualTo("binance");
    assertThat(get("/v1/control").at("/frozen/gateways/BTC~1USDT").asText()).isEqualTo("gone");
    eventually(() -> get("/health").get("reasons").toString().contains("is not where it belongs"));
    eventually(() -> post("/v1/failovers", BTC, null).status() == 202);
    eventually(
        () -> get("/v1/control").at("/frozen/gateways/BTC~1USDT").asText().equals("binance_2"));
    assertThat(at()).isEqualTo("binance_2");
    assertThat(get("/health").get("reasons").toString()).doesNotContain("belongs");
  }

  @Test
  void whatIsPinnedStaysWhereItIsAlsoAfterARestartAndAgainstOrders() throws Exception {
    startKeeping("binance", "binance_2");
    assertThat(post("/v1/failovers", BTC, null).status()).isEqualTo(202);
    eventually(() -> at().equals("binance_2"));
    JsonNode pinned = post("/v1/control/pin", BTC, null).json();
    assertThat(pinned.at("/pinned/0/gateway").asText()).isEqualTo("binance_2");
    stopHub();
    startKeeping("binance", "binance_2");
    assertThat(at()).isEqualTo("binance_2");
    venues().fault("binance_2", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> !get("/v1/failovers?result=pending").get("failovers").isEmpty());
    assertThat(at()).isEqualTo("binance_2");
    Answered refused = post("/v1/failovers", BTC, null);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().at("/stayed/0/reason").asText())
        .isEqualTo("binance: an operator has pinned it to binance_2");
    assertThat(post("/v1/control/unpin", BTC, null).json().get("pinned")).isEmpty();
    eventually(() -> at().equals("binance"));
  }

  @Test
  void aDryRunTellsWhatWouldMoveAndMovesNothing() throws Exception {
    start("immediate", "binance", "binance_2", "coinbase_exchange");
    eventually(() -> get("/v1/routes").at("/streams/0/candidates/0/eligible").asBoolean());
    Answered dry = post("/v1/failovers", "{\"from\":\"binance\",\"dry_run\":true}", null);
    assertThat(dry.status()).as(dry.body()).isEqualTo(200);
    assertThat(Reference.mistakes("/components/schemas/Moved", dry.json())).isEmpty();
    assertThat(dry.json().at("/would_move/0/to").asText()).isEqualTo("binance_2");
    assertThat(dry.json().at("/would_move/0/same_content").asBoolean()).isTrue();
    JsonNode other = post(
            "/v1/failovers",
            "{\"from\":\"binance\",\"to\":\"coinbase_exchange\",\"dry_run\":true}",
            null)
        .json();
    assertThat(other.at("/would_move/0/same_content").asBoolean(true)).isFalse();
    assertThat(get("/v1/failovers").get("failovers")).isEmpty();
    assertThat(at()).isEqualTo("binance");
    assertThat(get("/v1/control").get("durable").asBoolean(true)).isFalse();
  }

  @Test
  void contractsReturnWhenAnOperatorSaysSo() throws Exception {
    start("immediate", "binance", "binance_2");
    assertThat(post("/v1/failovers", BTC, null).status()).isEqualTo(202);
    eventually(() -> at().equals("binance_2"));
    assertThat(get("/v1/routes").at("/streams/0/placed").asBoolean()).isTrue();
    JsonNode moved = get("/v1/routes").at("/streams/0/last_switch");
    assertThat(moved.get("kind").asText()).isEqualTo("manual");
    eventually(() -> get("/v1/routes").at("/streams/0/candidates/0/eligible").asBoolean());
    Answered back = post("/v1/failovers/back", "{\"from\":\"binance_2\"}", null);
    assertThat(back.status()).as(back.body()).isEqualTo(202);
    eventually(() -> at().equals("binance"));
    assertThat(get("/v1/routes").at("/streams/0/placed").asBoolean(true)).isFalse();
    assertThat(get("/v1/routes").at("/streams/0/last_switch/kind").asText()).isEqualTo("fail_back");
    Answered there = post("/v1/failovers/back", BTC, null);
    assertThat(there.status()).isEqualTo(409);
    assertThat(there.json().at("/stayed/0/reason").asText())
        .isEqualTo("it is at the gateway that it prefers");
  }

  @Test
  void aGatewayThatIsStoppedAndAPolicyAreAsOrderedAfterARestart() throws Exception {
    startKeeping("binance", "binance_2");
    assertThat(post("/v1/gateways/binance/stop", "", null).status()).isEqualTo(202);
    post("/v1/control/policy", "{\"symbols\":[\"BTC/USDT\"],\"policy\":\"manual\"}", null);
    eventually(() -> at().equals("binance_2"));
    eventually(() -> !get("/v1/control").get("stopped").isEmpty());
    stopHub();
    startWith(
        "data_dir: \"%s\"\nstore: {url: \"postgresql://nobody@127.0.0.1:1/none\"}".formatted(data),
        "immediate",
        new String[] {"binance", "binance_2"},
        "binance_2");
    assertThat(at()).isEqualTo("binance_2");
    assertThat(gateway("binance").get("enabled").asBoolean(true)).isFalse();
    assertThat(get("/v1/routes").at("/streams/0/policy").asText()).isEqualTo("manual");
    post("/v1/control/policy", "{\"symbols\":[\"BTC/USDT\"],\"policy\":\"configured\"}", null);
    assertThat(get("/v1/routes").at("/streams/0/policy").asText()).isEqualTo("immediate");
    assertThat(post("/v1/gateways/binance/start", "", null).status()).isEqualTo(202);
    eventually(() -> at().equals("binance"));
    assertThat(get("/v1/control").get("stopped")).isEmpty();
  }

  @Test
  void ordersThatCannotBeReadAreSaidAndTheHubStarts() throws Exception {
    Path folder = data.resolve("control");
    startKeeping("binance");
    post("/v1/control/freeze", "", null);
    stopHub();
    Files.writeString(folder.resolve("standing-orders.json"), "{\"frozen\": {");
    startKeeping("binance");
    assertThat(get("/v1/control").get("frozen").isNull()).isTrue();
    assertThat(get("/v1/control").get("remark").asText()).startsWith("what operators had ordered");
    eventually(() -> get("/health").get("reasons").toString().contains("what operators had"));
    assertThat(folder.resolve("standing-orders.json.damaged")).exists();
  }
}

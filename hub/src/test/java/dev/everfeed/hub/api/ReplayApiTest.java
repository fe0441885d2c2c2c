package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.ValueStatus;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `/v1/replay` and `/v1/snapshot`.
class ReplayApiTest {
  private final LiveFixture hub = new LiveFixture("", "", 65_536, LiveStreams.Pace.USUAL);

  @AfterEach
  void stop() throws IOException {
    hub.close();
  }

  private RunningServer.Got replay(String more) {
    return hub.server.get("/v1/replay?stream=trade%7CBTC/USDT&" + more);
  }

  @Test
  void messagesComeAsTheyWerePublished() {
    for (int i = 0; i < 10; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
    }
    JsonNode page = replay("epoch=7&from_seq=4&limit=3").json();
    assertThat(page.get("last_seq").longValue()).isEqualTo(10);
    assertThat(page.get("next_from_seq").longValue()).isEqualTo(7);
    assertThat(page.get("messages")).hasSize(3);
    assertThat(page.get("messages").get(0).get("seq").longValue()).isEqualTo(4);
    page.get("messages").forEach(message -> AsyncReference.check(message.toString()));
    JsonNode rest = replay("epoch=7&from_seq=7").json();
    assertThat(rest.get("next_from_seq").isNull()).isTrue();
    assertThat(rest.get("messages")).hasSize(4);
    assertThat(replay("epoch=7&from_seq=11").json().get("messages")).isEmpty();
    assertThat(replay("epoch=7&from_seq=4&limit=1&numbers=string")
            .json()
            .get("messages")
            .get(0)
            .get("price")
            .textValue())
        .isEqualTo("60000.04");
  }

  @Test
  void whatIsGoneIsA410WithWhatThereIs() {
    for (int i = 0; i < 1_000; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
    }
    RunningServer.Got gone = replay("epoch=7&from_seq=1");
    assertThat(gone.status()).isEqualTo(410);
    long first = gone.json().get("first_seq").longValue();
    assertThat(first).isBetween(700L, 999L);
    assertThat(gone.json().get("last_seq").longValue()).isEqualTo(1_000);
    assertThat(replay("epoch=7&from_seq=" + first).status()).isEqualTo(200);
    RunningServer.Got old = replay("epoch=6&from_seq=990");
    assertThat(old.status()).isEqualTo(410);
    assertThat(old.json().get("epoch").longValue()).isEqualTo(7);
    RunningServer.Got none =
        hub.server.get("/v1/replay?stream=quote%7CETH/USDT&epoch=1&from_seq=1");
    assertThat(none.status()).isEqualTo(410);
    assertThat(none.json().get("first_seq").isNull()).isTrue();
  }

  @Test
  void mistakesAreTold() {
    assertThat(replay("epoch=7").status()).isEqualTo(400);
    assertThat(replay("epoch=x&from_seq=1").status()).isEqualTo(400);
    assertThat(replay("epoch=7&from_seq=-1").status()).isEqualTo(400);
    assertThat(replay("epoch=7&from_seq=2").json().get("detail").textValue())
        .contains("at most one more than the newest, which is 0, was 2");
    assertThat(replay("epoch=7&from_seq=1").json().get("messages")).isEmpty();
    assertThat(hub.server.get("/v1/replay?stream=books&epoch=7&from_seq=1").status())
        .isEqualTo(404);
    assertThat(hub.server.get("/v1/snapshot?symbol=NO/PE").status()).isEqualTo(404);
  }

  @Test
  void aSnapshotHasTheLatestOfEachStreamOfTheSymbol() {
    for (int i = 0; i < 5; i++) {
      hub.publish(LiveFixture.BTC_TRADES);
    }
    hub.publish(LiveFixture.BTC_BARS);
    JsonNode page = hub.server.get("/v1/snapshot?symbol=BTC/USDT").json();
    assertThat(page.get("epoch").longValue()).isEqualTo(7);
    assertThat(page.get("streams")).hasSize(3);
    assertThat(page.get("streams").get(0).get("seq").longValue()).isEqualTo(5);
    assertThat(page.get("streams").get(1).get("seq").isNull()).isTrue();
    assertThat(page.get("streams").get(2).get("message").get("complete").booleanValue())
        .isFalse();
    assertThat(hub.server
            .get("/v1/snapshot?symbol=BTC/USDT&numbers=string")
            .json()
            .get("streams")
            .get(2)
            .get("message")
            .get("open")
            .textValue())
        .isEqualTo("60000.01");
    assertThat(page.get("streams").get(0).get("status").textValue()).isEqualTo("live");
    assertThat(page.get("streams").get(1).get("status").isNull()).isTrue();
    // long ago, and overwritten since
    for (int i = 0; i < 1_000; i++) {
      hub.publish(LiveFixture.ETH_TRADES);
    }
    JsonNode later = hub.server.get("/v1/snapshot?symbol=BTC/USDT").json();
    assertThat(later.get("streams").get(0).get("seq").longValue()).isEqualTo(5);
    assertThat(later.get("streams").get(0).get("message").isNull()).isTrue();
  }

  @Test
  void theLatestOfAGatewayThatDoesNotDeliverIsNotLive() {
    hub.publish(LiveFixture.BTC_TRADES);
    hub.publish(LiveFixture.ETH_TRADES);
    hub.publisher.statusNow(LiveFixture.BTC_TRADES, ValueStatus.STALE);
    assertThat(statusOf("BTC/USDT")).isEqualTo("stale");
    assertThat(statusOf("ETH/USDT")).isEqualTo("live");
    hub.publisher.statusNow(LiveFixture.BTC_TRADES, ValueStatus.LIVE);
    assertThat(statusOf("BTC/USDT")).isEqualTo("live");
  }

  private String statusOf(String symbol) {
    JsonNode page = hub.server.get("/v1/snapshot?symbol=" + symbol).json();
    return page.get("streams").get(0).get("status").textValue();
  }
}

package dev.everfeed.hub.api;

import static dev.everfeed.hub.api.CannedDesk.BINANCE;
import static dev.everfeed.hub.api.CannedDesk.BTC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TradesTest {
  private static final String PATH = "/v1/trades?symbol=BTC/USDT";
  private static RunningServer hub;

  @BeforeAll
  static void start() {
    hub = new RunningServer();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static Event.Trade trade(String id, Side side) {
    return new Event.Trade(
        BTC,
        "binance",
        BINANCE,
        Decimal.parse("60000.10000000"),
        Decimal.parse("0.00001000"),
        side,
        id,
        Instant.parse("2024-05-01T12:01:39.013000007Z"));
  }

  @Test
  void tradesComeDigitForDigitWithTheirNanoseconds() {
    hub.desk.answer = query -> Future.succeededFuture(CannedDesk.value(
        query, BINANCE, List.of(trade("28457", Side.SELL)), ValueStatus.CACHED, 120_000_000));

    RunningServer.Got got = hub.get(PATH + "&from_id=28457&limit=3");

    assertThat(got.status()).isEqualTo(200);
    assertThat(got.body())
        .isEqualTo("{\"symbol\":\"BTC/USDT\",\"source\":\"binance\",\"exchange\":\"binance\","
            + "\"gateway\":\"binance\",\"content\":\"exchange\",\"status\":\"cached\","
            + "\"age_ms\":120,\"received_at\":\"2024-05-01T12:01:39.5Z\",\"tried\":[],"
            + "\"trades\":[{\"time\":\"2024-05-01T12:01:39.013000007Z\","
            + "\"price\":60000.10000000,\"size\":0.00001000,\"side\":\"sell\","
            + "\"trade_id\":\"28457\"}]}");
    assertThat(hub.desk.asked.getLast())
        .isEqualTo(new Query.Trades(BTC, "28457", null, 3, "binance"));
    assertThat(Reference.mistakes("/components/schemas/Trades", got.json())).isEmpty();
  }

  @Test
  void withoutAnIdTheNewestHundredAreAskedFor() {
    hub.desk.answer = query ->
        Future.succeededFuture(CannedDesk.value(query, BINANCE, List.of(), ValueStatus.LIVE, 0));

    assertThat(hub.get(PATH).json().get("trades")).isEmpty();
    assertThat(hub.desk.asked.getLast()).isEqualTo(new Query.Trades(BTC, null, 100));
  }

  @Test
  void whatIsNoIdIsRefusedWithoutAsking() {
    int asked = hub.desk.asked.size();

    RunningServer.Got got = hub.get(PATH + "&from_id=1%27%20or%201");

    assertThat(got.status()).isEqualTo(400);
    assertThat(got.json().get("detail").asText()).startsWith("from_id must be a trade's id");
    assertThat(hub.desk.asked).hasSize(asked);
  }

  @Test
  void nobodyHavingTradesIsAProblemThatNamesEverybody() {
    hub.desk.answer = query -> Future.succeededFuture(new Reply.Unavailable(
        query, List.of(CannedDesk.tried(BINANCE, Failure.Kind.TIMEOUT, "no answer"))));

    RunningServer.Got got = hub.get(PATH);

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.json().get("detail").asText())
        .contains("trades of BTC/USDT", "binance: no answer");
  }
}

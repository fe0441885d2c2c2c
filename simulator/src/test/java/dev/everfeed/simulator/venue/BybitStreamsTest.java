package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bybit's public streams of spot over real sockets, against the same venue's REST answers.
@Timeout(30)
class BybitStreamsTest {
  private static final String PATH = "/v5/public/spot";

  private final HandClock clock = new HandClock();
  private Venues venues;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock));
    url = venues.baseUrl("bybit");
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void tradesAreThoseOfTheRestAnswers() throws IOException {
    try (var client = new StreamClient(url, PATH)) {
      client.send(subscribe("r1", "publicTrade.BTCUSDT"));
      JsonNode ack = client.json();
      assertThat(ack.toString())
          .startsWith("{\"success\":true,\"ret_msg\":\"subscribe\",\"conn_id\":\"")
          .endsWith("\",\"req_id\":\"r1\",\"op\":\"subscribe\"}");
      clock.advance(Duration.ofSeconds(5));
      Map<String, JsonNode> trades = new TreeMap<>();
      for (int i = 0; i < 20; i++) {
        JsonNode frame = client.json();
        assertThat(frame.get("topic").asText()).isEqualTo("publicTrade.BTCUSDT");
        assertThat(frame.get("type").asText()).isEqualTo("snapshot");
        trades.put(frame.at("/data/0/i").asText(), frame.at("/data/0"));
      }
      JsonNode rest = Asking.JSON
          .readTree(
              RawClient.body(url, "/v5/market/recent-trade?category=spot&symbol=BTCUSDT&limit=60"))
          .at("/result/list");
      int same = 0;
      for (JsonNode row : rest) {
        JsonNode trade = trades.get(row.get("execId").asText());
        if (trade != null) {
          same++;
          assertThat(trade.get("p")).isEqualTo(row.get("price"));
          assertThat(trade.get("v")).isEqualTo(row.get("size"));
          assertThat(trade.get("S")).isEqualTo(row.get("side"));
          assertThat(trade.get("T").asText()).isEqualTo(row.get("time").asText());
          assertThat(trade.get("seq").asText()).isEqualTo(row.get("seq").asText());
        }
      }
      assertThat(same).isEqualTo(20);
    }
  }

  /// Applied one after the other, the changes give the book that a whole one states.
  @Test
  void aBookIsToldWholeAndThenWhatHasChanged() throws Exception {
    try (var client = new StreamClient(url, PATH)) {
      client.send(subscribe("", "orderbook.1.BTCUSDT"));
      assertThat(client.json().get("success").asBoolean()).isTrue();
      JsonNode first = client.json();
      assertThat(first.get("type").asText()).isEqualTo("snapshot");
      Map<String, String> bids = new TreeMap<>();
      Map<String, String> asks = new TreeMap<>();
      apply(first, bids, asks);
      long update = first.at("/data/u").asLong();
      clock.advance(Duration.ofSeconds(5));
      for (int i = 1; i <= 15; i++) {
        JsonNode frame = client.json();
        assertThat(frame.get("type").asText()).isEqualTo("delta");
        assertThat(frame.at("/data/u").asLong()).isEqualTo(update + i);
        apply(frame, bids, asks);
        assertThat(bids).hasSize(1);
        assertThat(asks).hasSize(1);
      }
      venues.fault("bybit", FaultOrder.of(FaultKind.HALT).forSymbol(Symbol.of("BTC/USDT")));
      clock.advance(Duration.ofSeconds(10));
      JsonNode next = client.json();
      while (next.get("type").asText().equals("delta")) {
        apply(next, bids, asks);
        update = next.at("/data/u").asLong();
        next = client.json();
      }
      Map<String, String> wholeBids = new TreeMap<>();
      Map<String, String> wholeAsks = new TreeMap<>();
      apply(next, wholeBids, wholeAsks);
      assertThat(next.at("/data/u").asLong()).as("the same u").isEqualTo(update);
      assertThat(wholeBids).isEqualTo(bids);
      assertThat(wholeAsks).isEqualTo(asks);
      JsonNode again = client.json();
      assertThat(again.get("ts").asLong() - next.get("ts").asLong())
          .isEqualTo(BybitStreams.BOOK_AGAIN_MILLIS);
    }
  }

  private static void apply(JsonNode frame, Map<String, String> bids, Map<String, String> asks) {
    apply(frame.at("/data/b"), bids);
    apply(frame.at("/data/a"), asks);
  }

  private static void apply(JsonNode levels, Map<String, String> side) {
    for (JsonNode level : levels) {
      if (level.get(1).asText().equals("0")) {
        assertThat(side.remove(level.get(0).asText())).isNotNull();
      } else {
        side.put(level.get(0).asText(), level.get(1).asText());
      }
    }
  }

  @Test
  void aBarIsConfirmedAtItsCloseAndAgreesWithTheRestAnswer() throws IOException {
    try (var client = new StreamClient(url, PATH)) {
      client.send(subscribe("", "kline.1.BTCUSDT"));
      client.json();
      clock.advance(Duration.ofSeconds(55));
      JsonNode bar =
          client.json(frame -> frame.at("/data/0/confirm").asBoolean()).at("/data/0");
      long start = Asking.seconds("2026-03-04T05:06:00Z") * 1_000;
      assertThat(bar.get("start").asLong()).isEqualTo(start);
      assertThat(bar.get("end").asLong()).isEqualTo(start + 59_999);
      JsonNode rest = Asking.JSON
          .readTree(RawClient.body(
              url, "/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1&limit=1&end=" + start))
          .at("/result/list/0");
      List<String> fields = List.of("start", "open", "high", "low", "close", "volume", "turnover");
      for (int i = 0; i < fields.size(); i++) {
        assertThat(bar.get(fields.get(i)).asText())
            .as(fields.get(i))
            .isEqualTo(rest.get(i).asText());
      }
    }
  }

  @Test
  void oneAnswerIsForAllTopicsAndOneBadTopicFailsTheRequest() throws IOException {
    try (var client = new StreamClient(url, PATH)) {
      List<String> refusals = new ArrayList<>();
      client.send(subscribe("1", "publicTrade.BTCUSDT", "publicTrade.XYZUSDT"));
      refusals.add(client.json().get("ret_msg").asText());
      client.send(subscribe("2", "publicTrade.BTCUSDT", "orderbook.30.BTCUSDT"));
      refusals.add(client.json().get("ret_msg").asText());
      client.send(subscribe(
          "3", IntStream.range(0, 11).mapToObj(i -> "publicTrade.BTCUSDT").toArray(String[]::new)));
      refusals.add(client.json().get("ret_msg").asText());
      client.send(subscribe("4", "publicTrade.BTCUSDT", "publicTrade.ETHUSDT"));
      assertThat(client.json().get("success").asBoolean()).isTrue();
      client.send(subscribe("5", "publicTrade.SOLUSDT", "publicTrade.ETHUSDT"));
      JsonNode again = client.json();
      assertThat(again.get("success").asBoolean()).isFalse();
      assertThat(again.get("req_id").asText()).isEqualTo("5");
      refusals.add(again.get("ret_msg").asText());
      client.send("{\"op\":\"nope\"}");
      refusals.add(client.json().get("ret_msg").asText());
      assertThat(refusals)
          .containsExactly(
              "Invalid symbol :[publicTrade.XYZUSDT]",
              "error:handler not found,topic:orderbook.30.BTCUSDT",
              "args size >10",
              "error:already subscribed,topic:publicTrade.ETHUSDT",
              "error:invalid op");
      clock.advance(Duration.ofSeconds(2));
      for (int i = 0; i < 10; i++) {
        assertThat(client.json().get("topic").asText())
            .isIn("publicTrade.BTCUSDT", "publicTrade.ETHUSDT");
      }
    }
  }

  @Test
  void aPongOfSpotHasTheOperationPing() throws IOException {
    try (var client = new StreamClient(url, PATH)) {
      client.send("{\"op\":\"ping\",\"req_id\":\"9\"}");
      JsonNode pong = client.json();
      assertThat(pong.get("success").asBoolean()).isTrue();
      assertThat(pong.get("ret_msg").asText()).isEqualTo("pong");
      assertThat(pong.get("op").asText()).isEqualTo("ping");
      assertThat(pong.get("req_id").asText()).isEqualTo("9");
    }
  }

  static String subscribe(String id, String... topics) {
    String args =
        List.of(topics).stream().map(topic -> "\"" + topic + "\"").collect(Collectors.joining(","));
    return "{\"op\":\"subscribe\",\"args\":[%s],\"req_id\":\"%s\"}".formatted(args, id);
  }
}

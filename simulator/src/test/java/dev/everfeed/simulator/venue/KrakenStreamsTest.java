package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Kraken's WebSocket, version 2, over real sockets, against the same venue's REST answers.
@Timeout(30)
class KrakenStreamsTest {
  private final HandClock clock = new HandClock();
  private Venues venues;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock).withLimits(0, 0));
    url = venues.baseUrl("kraken");
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  private StreamClient connected() throws IOException {
    var client = new StreamClient(url, "/v2");
    JsonNode status = client.json();
    assertThat(status.get("channel").asText()).isEqualTo("status");
    assertThat(status.at("/data/0/system").asText()).isEqualTo("online");
    return client;
  }

  @Test
  void tradesAreThoseOfTheRestAnswersWithBareNumbersAndDenseIds() throws IOException {
    try (var client = connected()) {
      client.send(subscribe("\"channel\":\"trade\",\"snapshot\":true", "\"BTC/USD\"", 7));
      JsonNode ack = client.json();
      assertThat(ack.toString())
          .startsWith(
              "{\"method\":\"subscribe\",\"result\":{\"channel\":\"trade\",\"snapshot\":true,"
                  + "\"symbol\":\"BTC/USD\"},\"success\":true,\"req_id\":7,\"time_in\":\"2026-03-04T05:06:07.890");
      JsonNode snapshot = client.json();
      assertThat(snapshot.get("type").asText()).isEqualTo("snapshot");
      assertThat(snapshot.get("data")).hasSize(KrakenStreams.SNAPSHOT_TRADES);
      long last = snapshot.at("/data/49/trade_id").asLong();
      assertThat(snapshot.at("/data/0/trade_id").asLong()).isEqualTo(last - 49);

      clock.advance(Duration.ofSeconds(10));
      List<JsonNode> trades = new ArrayList<>();
      for (int i = 1; i <= 40; i++) {
        JsonNode frame = client.json();
        assertThat(frame.get("type").asText()).isEqualTo("update");
        assertThat(frame.at("/data/0/trade_id").asLong()).isEqualTo(last + i);
        trades.add(frame.at("/data/0"));
      }
      JsonNode rest = Asking.JSON
          .readTree(RawClient.body(url, "/0/public/Trades?pair=XBTUSD&count=1000"))
          .at("/result/XXBTZUSD");
      for (JsonNode trade : trades) {
        JsonNode same = null;
        for (JsonNode row : rest) {
          same = row.get(6).asLong() == trade.get("trade_id").asLong() ? row : same;
        }
        assertThat(same).as("trade %s over REST", trade).isNotNull();
        assertThat(trade.get("price").isNumber()).isTrue();
        assertThat(new BigDecimal(trade.get("price").asText()))
            .isEqualByComparingTo(same.get(0).asText());
        assertThat(new BigDecimal(trade.get("qty").asText()))
            .isEqualByComparingTo(same.get(1).asText());
        assertThat(trade.get("side").asText()).startsWith(same.get(3).asText());
      }
    }
  }

  @Test
  void aBarIsToldWithEachTradeAndNothingSaysThatItIsOver() throws IOException {
    try (var client = connected()) {
      client.send(
          subscribe("\"channel\":\"ohlc\",\"interval\":1,\"snapshot\":false", "\"BTC/USD\"", 1));
      assertThat(client.json().at("/result/interval").asInt()).isEqualTo(1);
      clock.advance(Duration.ofSeconds(59)); // into the next minute
      JsonNode last = null;
      JsonNode next = client.json().at("/data/0");
      while (next.get("interval_begin").asText().equals("2026-03-04T05:06:00.000000000Z")) {
        last = next;
        next =
            client.json(frame -> frame.path("channel").asText().equals("ohlc")).at("/data/0");
      }
      assertThat(last).isNotNull();
      assertThat(next.get("interval_begin").asText()).isEqualTo("2026-03-04T05:07:00.000000000Z");
      assertThat(last.get("timestamp").asText()).isEqualTo("2026-03-04T05:07:00.000000Z");
      JsonNode rows = Asking.JSON
          .readTree(RawClient.body(url, "/0/public/OHLC?pair=XBTUSD&interval=1"))
          .at("/result/XXBTZUSD");
      JsonNode closed = rows.get(rows.size() - 2);
      assertThat(closed.get(0).asLong()).isEqualTo(Asking.seconds("2026-03-04T05:06:00Z"));
      List<String> fields = List.of("open", "high", "low", "close", "vwap", "volume", "trades");
      for (int i = 0; i < fields.size(); i++) {
        assertThat(new BigDecimal(last.get(fields.get(i)).asText()))
            .as(fields.get(i))
            .isEqualByComparingTo(closed.get(1 + i).asText());
      }
    }
  }

  @Test
  void theTickerBeginsWithTheBookAsItIsAndHasTheBestPrices() throws IOException {
    try (var client = connected()) {
      client.send(subscribe(
          "\"channel\":\"ticker\",\"event_trigger\":\"bbo\",\"snapshot\":true", "\"ETH/USD\"", 1));
      assertThat(client.json().get("success").asBoolean()).isTrue();
      JsonNode first = client.json();
      assertThat(first.get("type").asText()).isEqualTo("snapshot");
      assertThat(first.at("/data/0/ask").decimalValue())
          .isGreaterThan(first.at("/data/0/bid").decimalValue());
      clock.advance(Duration.ofSeconds(2));
      JsonNode update = client.json();
      assertThat(update.get("type").asText()).isEqualTo("update");
      assertThat(update.at("/data/0/symbol").asText()).isEqualTo("ETH/USD");
    }
  }

  @Test
  void eachSymbolIsAnsweredByItselfAndARefusalNamesTheSymbolAlone() throws IOException {
    try (var client = connected()) {
      client.send(
          subscribe("\"channel\":\"trade\",\"snapshot\":false", "\"XBT/USDT\",\"BTC/USDT\"", 3));
      JsonNode refused = client.json();
      assertThat(refused.get("error").asText()).isEqualTo("Currency pair not supported XBT/USDT");
      assertThat(refused.get("success").asBoolean()).isFalse();
      assertThat(refused.get("symbol").asText()).isEqualTo("XBT/USDT");
      assertThat(refused.get("req_id").asInt()).isEqualTo(3);
      assertThat(refused.has("result")).isFalse();
      assertThat(client.json().at("/result/symbol").asText()).isEqualTo("BTC/USDT");

      client.send(subscribe("\"channel\":\"trade\"", "\"BTC/USDT\"", 4));
      assertThat(client.json().get("error").asText()).isEqualTo("Already subscribed");
      client.send(subscribe("\"channel\":\"book\"", "\"BTC/USDT\"", 5));
      assertThat(client.json().get("error").asText()).isEqualTo("Unsupported channel book");
    }
  }

  @Test
  void aConnectionTakesOneIntervalOfASymbol() throws IOException {
    try (var client = connected()) {
      String without = "\"channel\":\"ohlc\",\"snapshot\":false,\"interval\":";
      client.send(subscribe(without + 1, "\"BTC/USDT\"", 1));
      assertThat(client.json().get("success").asBoolean()).isTrue();
      client.send(subscribe(without + 5, "\"BTC/USDT\",\"ETH/USDT\"", 2));
      assertThat(client.json().get("error").asText())
          .isEqualTo("Already subscribed to one ohlc interval on this symbol");
      assertThat(client.json().get("success").asBoolean()).isTrue();
      client.send("{\"method\":\"unsubscribe\",\"params\":{\"channel\":\"ohlc\",\"interval\":1,"
          + "\"symbol\":[\"BTC/USDT\"]},\"req_id\":3}");
      assertThat(client.json().get("success").asBoolean()).isTrue();
      client.send(subscribe(without + 5, "\"BTC/USDT\"", 4));
      assertThat(client.json().get("success").asBoolean()).isTrue();
    }
  }

  @Test
  void aHeartbeatComesOnlyWhereNothingElseDoes() throws Exception {
    try (var client = connected();
        var idle = connected()) {
      client.send(subscribe("\"channel\":\"trade\",\"snapshot\":false", "\"BTC/USDT\"", 1));
      client.json();
      clock.advance(Duration.ofSeconds(5));
      for (int i = 0; i < 10; i++) {
        assertThat(client.json().get("channel").asText()).isEqualTo("trade");
      }
      venues.fault("kraken", FaultOrder.of(FaultKind.SILENT));
      clock.advance(Duration.ofSeconds(3));
      client.json(frame -> frame.toString().equals("{\"channel\":\"heartbeat\"}"));
      assertThat(client.json().toString()).isEqualTo("{\"channel\":\"heartbeat\"}");
      assertThat(idle.waiting()).as("nothing subscribed, nothing told").isZero();
    }
  }

  @Test
  void aPingIsAnsweredAndSilenceOnBothSidesEndsTheConnection() throws Exception {
    try (var quiet = connected();
        var client = connected();
        var busy = connected()) {
      busy.send(subscribe("\"channel\":\"trade\",\"snapshot\":false", "\"BTC/USDT\"", 1));
      busy.json();
      pass(busy, 40);
      client.send("{\"method\":\"ping\",\"req_id\":101}");
      JsonNode pong = client.json();
      assertThat(pong.get("method").asText()).isEqualTo("pong");
      assertThat(pong.get("req_id").asInt()).isEqualTo(101);
      pass(busy, 25);
      assertThat(quiet.closeCode()).isEqualTo(StreamConnection.POLICY);
      assertThat(client.isClosed()).isFalse();
      client.send("nonsense");
      assertThat(client.json().get("error").asText()).isEqualTo("Malformed request");
    }
  }

  /// So long, and until the venue has told of it.
  private void pass(StreamClient busy, int seconds) throws IOException {
    clock.advance(Duration.ofSeconds(seconds));
    String until = clock.instant().minusSeconds(2).toString().substring(0, 19);
    busy.json(frame -> frame.at("/data/0/timestamp").asText().compareTo(until) > 0);
  }

  static String subscribe(String params, String symbols, int id) {
    return "{\"method\":\"subscribe\",\"params\":{%s,\"symbol\":[%s]},\"req_id\":%d}"
        .formatted(params, symbols, id);
  }
}

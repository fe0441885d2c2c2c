package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Coinbase Exchange's feed over real sockets, against the same venue's REST answers.
@Timeout(30)
class CoinbaseStreamsTest {
  private final HandClock clock = new HandClock();
  private Venues venues;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock).withLimits(0, 0));
    url = venues.baseUrl("coinbase_exchange");
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void matchesBeginWithTheLastOneAndGoOnWithoutAHole() throws IOException {
    try (var client = new StreamClient(url, "/")) {
      client.send(subscribe("\"matches\"", "\"BTC-USD\""));
      assertThat(client.next()).isEqualTo("""
              {"type":"subscriptions","channels":[{"name":"matches","product_ids":["BTC-USD"]}]}""");
      JsonNode last = client.json();
      assertThat(last.get("type").asText()).isEqualTo("last_match");
      clock.advance(Duration.ofSeconds(10));
      long id = last.get("trade_id").asLong();
      List<JsonNode> matches = new ArrayList<>();
      for (int i = 1; i <= 40; i++) {
        JsonNode match = client.json();
        assertThat(match.get("type").asText()).isEqualTo("match");
        assertThat(match.get("trade_id").asLong()).isEqualTo(id + i);
        matches.add(match);
      }
      JsonNode rest = Asking.JSON.readTree(
          RawClient.body(url, "/products/BTC-USD/trades?limit=40&after=" + (id + 41)));
      for (int i = 0; i < 40; i++) {
        JsonNode match = matches.get(39 - i);
        for (String field : List.of("trade_id", "side", "size", "price", "time")) {
          assertThat(match.get(field)).as(field).isEqualTo(rest.get(i).get(field));
        }
      }
    }
  }

  @Test
  void tickersHaveTheTakersSideAndHeartbeatsComeEverySecond() throws IOException {
    try (var client = new StreamClient(url, "/")) {
      client.send(subscribe("\"matches\",\"ticker\",\"heartbeat\"", "\"ETH-USDT\""));
      JsonNode last = client.json(f -> f.path("type").asText().equals("last_match"));
      JsonNode first = client.json();
      assertThat(first.get("type").asText()).isEqualTo("ticker");
      clock.advance(Duration.ofSeconds(3));
      long id = last.get("trade_id").asLong();
      long sequence = first.get("sequence").asLong();
      int heartbeats = 0;
      for (int i = 0; i < 20; i++) {
        JsonNode frame = client.json();
        assertThat(frame.get("product_id").asText()).isEqualTo("ETH-USDT");
        assertThat(frame.get("sequence").asLong()).isGreaterThanOrEqualTo(sequence);
        sequence = frame.get("sequence").asLong();
        switch (frame.get("type").asText()) {
          case "match" -> id = frame.get("trade_id").asLong();
          case "ticker" -> assertThat(frame.get("trade_id").asLong()).isEqualTo(id);
          default -> {
            heartbeats++;
            assertThat(frame.get("type").asText()).isEqualTo("heartbeat");
            assertThat(frame.get("last_trade_id").asLong()).isEqualTo(id);
            assertThat(frame.get("time").asText())
                .isEqualTo("2026-03-04T05:06:%02d.000Z".formatted(7 + heartbeats));
          }
        }
      }
      assertThat(heartbeats).isGreaterThan(1);
    }
  }

  @Test
  void channelsMayNameTheirOwnProductsAndAreLeftOneByOne() throws IOException {
    try (var client = new StreamClient(url, "/")) {
      client.send("""
          {"type":"subscribe","channels":[{"name":"heartbeat","product_ids":["BTC-USD","ETH-USD"]},\
          {"name":"matches","product_ids":["ETH-USD"]}]}""");
      assertThat(client.next())
          .isEqualTo("{\"type\":\"subscriptions\",\"channels\":["
              + "{\"name\":\"heartbeat\",\"product_ids\":[\"BTC-USD\",\"ETH-USD\"]},"
              + "{\"name\":\"matches\",\"product_ids\":[\"ETH-USD\"]}]}");
      client.json();
      client.send("""
          {"type":"unsubscribe","product_ids":["ETH-USD"],"channels":["heartbeat"]}""");
      assertThat(client.next())
          .isEqualTo("{\"type\":\"subscriptions\",\"channels\":["
              + "{\"name\":\"heartbeat\",\"product_ids\":[\"BTC-USD\"]},"
              + "{\"name\":\"matches\",\"product_ids\":[\"ETH-USD\"]}]}");
      client.send("{\"type\":\"unsubscribe\",\"channels\":[\"matches\",\"heartbeat\"]}");
      assertThat(client.next()).isEqualTo("{\"type\":\"subscriptions\",\"channels\":[]}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"matches\"  | \"XYZ-USD\" | XYZ-USD is not a valid product",
        "\"trades\"   | \"BTC-USD\" | trades is not a valid channel",
        "\"level2\"   | \"BTC-USD\" | level2: level2, level3, and full channels now require authentication",
        "\"matches\"  | ``          | No products provided for channel matches",
      })
  void aRequestWithAMistakeIsRefusedAsAWhole(String channels, String products, String reason)
      throws IOException {
    try (var client = new StreamClient(url, "/")) {
      client.send(subscribe("\"ticker\"," + channels, products));
      JsonNode error = client.json();
      assertThat(error.get("type").asText()).isEqualTo("error");
      assertThat(error.get("message").asText()).isEqualTo("Failed to subscribe");
      assertThat(error.get("reason").asText())
          .isEqualTo(products.isEmpty() ? reason.replace("matches", "ticker") : reason);
      client.send(subscribe("\"heartbeat\"", "\"BTC-USD\""));
      assertThat(client.next())
          .isEqualTo("{\"type\":\"subscriptions\",\"channels\":["
              + "{\"name\":\"heartbeat\",\"product_ids\":[\"BTC-USD\"]}]}");
    }
  }

  @Test
  void whatIsNotARequestIsAnError() throws IOException {
    try (var client = new StreamClient(url, "/")) {
      for (String wrong : List.of("nonsense", "{}", "[]", "{\"type\":\"sell\"}")) {
        client.send(wrong);
        assertThat(client.json().get("message").asText()).isEqualTo("Malformed JSON");
      }
    }
  }

  @Test
  void whoDoesNotSubscribeWithinFiveSecondsIsClosed() throws IOException {
    try (var idle = new StreamClient(url, "/");
        var busy = new StreamClient(url, "/")) {
      busy.send(subscribe("\"heartbeat\"", "\"BTC-USD\""));
      busy.json();
      clock.advance(Duration.ofSeconds(4));
      busy.json();
      assertThat(idle.isClosed()).isFalse();
      clock.advance(Duration.ofSeconds(1));
      assertThat(idle.closeCode()).isEqualTo(StreamConnection.POLICY);
      busy.json();
    }
  }

  static String subscribe(String channels, String products) {
    return "{\"type\":\"subscribe\",\"product_ids\":[%s],\"channels\":[%s]}"
        .formatted(products, channels);
  }
}

package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FloodTest {
  private static final Symbol BITCOIN = Symbol.of("BTC/USDT");

  private final HandClock clock = new HandClock();
  private Venues venues;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock));
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  /// A second of the clock at 300,000 a second, and each frame is stamped with its own moment.
  @Test
  void aSecondHasAllItsFramesInOrderAtTheirTimes() throws IOException {
    Flood flood = venues.flood("binance", BITCOIN, 300_000);
    try (var client = new StreamClient(venues.baseUrl("binance"), "/ws/btcusdt@trade")) {
      clock.advance(Duration.ofSeconds(1));
      long id = flood.firstId();
      for (int i = 0; i < 300_000; i++) {
        String frame = client.next();
        id++;
        if (i % 10_000 == 0) {
          JsonNode trade = Asking.JSON.readTree(frame);
          assertThat(trade.get("t").asLong()).isEqualTo(id);
          assertThat(trade.get("T").asLong()).isEqualTo(flood.dueMillis(id));
          assertThat(trade.get("E").asLong()).isEqualTo(flood.dueMillis(id));
          assertThat(trade.get("p").asDouble()).isBetween(50_000.0, 70_000.0);
        } else {
          assertThat(frame).contains("\"t\":" + id + ",");
        }
      }
      assertThat(flood.dueMillis(id)).isEqualTo(clock.instant().toEpochMilli());
    }
  }

  @Test
  void twoConnectionsGetTheSameFloodWrappedOrNot() throws IOException {
    venues.flood("binance", BITCOIN, 1_000);
    var url = venues.baseUrl("binance");
    try (var raw = new StreamClient(url, "/ws/btcusdt@trade");
        var wrapped = new StreamClient(url, "/stream?streams=btcusdt@trade")) {
      clock.advance(Duration.ofSeconds(1));
      for (int i = 0; i < 1_000; i++) {
        assertThat(wrapped.json().get("data")).isEqualTo(raw.json());
      }
    }
  }

  @Test
  void coinbaseCanBeFloodedToo() throws IOException {
    Flood flood = venues.flood("coinbase_exchange", BITCOIN, 50);
    try (var client = new StreamClient(venues.baseUrl("coinbase_exchange"), "/")) {
      client.send(CoinbaseStreamsTest.subscribe("\"matches\"", "\"BTC-USDT\""));
      client.json();
      client.json();
      clock.advance(Duration.ofSeconds(2));
      long id = client.json().get("trade_id").asLong();
      for (int i = 0; i < 99; i++) {
        JsonNode match = client.json();
        assertThat(match.get("type").asText()).isEqualTo("match");
        assertThat(match.get("trade_id").asLong()).isEqualTo(++id);
        assertThat(match.get("sequence").asLong()).isEqualTo(id);
        assertThat(Instant.parse(match.get("time").asText()).toEpochMilli())
            .isEqualTo(flood.dueMillis(id));
      }
    }
  }

  @Test
  void aFloodHasGapsAndStalls() throws IOException {
    venues.flood("binance", BITCOIN, 10);
    try (var client = new StreamClient(venues.baseUrl("binance"), "/ws/btcusdt@trade")) {
      clock.advance(Duration.ofMillis(100));
      long id = client.json().get("t").asLong();
      venues.fault("binance", FaultOrder.of(FaultKind.GAP).counting(3));
      clock.advance(Duration.ofSeconds(1));
      JsonNode next = client.json(frame -> frame.get("t").asLong() > id + 1);
      assertThat(next.get("t").asLong()).isGreaterThan(id + 3);
    }
  }

  @Test
  void afterTheFloodTheMarketGoesOn() throws IOException {
    venues.flood("binance", BITCOIN, 100);
    try (var client = new StreamClient(venues.baseUrl("binance"), "/ws/btcusdt@trade")) {
      clock.advance(Duration.ofSeconds(1));
      assertThat(client.json().get("t").asLong()).isGreaterThanOrEqualTo(Flood.FIRST_ID);
      venues.endFlood("binance");
      clock.advance(Duration.ofSeconds(2));
      client.json(frame -> frame.get("t").asLong() < Flood.FIRST_ID);
    }
  }

  @Test
  void whatCannotBeFloodedIsRefused() {
    assertThatThrownBy(() -> venues.flood("coingecko", BITCOIN, 1))
        .hasMessageContaining("coingecko has no streams");
    assertThatThrownBy(() -> venues.flood("binance", Symbol.of("ABC/USDT"), 1))
        .hasMessageContaining("binance does not list ABC/USDT");
    assertThatThrownBy(() -> venues.flood("binance", BITCOIN, 300_001))
        .hasMessageContaining("must be 1 to 300000 frames a second, was 300001");
  }
}

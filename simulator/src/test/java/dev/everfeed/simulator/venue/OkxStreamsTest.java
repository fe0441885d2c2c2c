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

/// OKX's two addresses over real sockets, against the same venue's REST answers.
@Timeout(30)
class OkxStreamsTest {
  private static final String PUBLIC = "/ws/v5/public";
  private static final String BUSINESS = "/ws/v5/business";

  private final HandClock clock = new HandClock();
  private Venues venues;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock));
    url = venues.baseUrl("okx");
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void singleTradesAreThoseOfTheRestAnswersAndBeginWithTheNewest() throws IOException {
    try (var client = new StreamClient(url, BUSINESS)) {
      client.send(subscribe("trades-all", "BTC-USDT"));
      JsonNode ack = client.json();
      assertThat(ack.get("event").asText()).isEqualTo("subscribe");
      assertThat(ack.get("arg").toString())
          .isEqualTo("{\"channel\":\"trades-all\",\"instId\":\"BTC-USDT\"}");
      assertThat(ack.get("connId").asText()).hasSize(8);
      long last = client.json().at("/data/0/tradeId").asLong();
      clock.advance(Duration.ofSeconds(10));
      List<JsonNode> trades = new ArrayList<>();
      for (int i = 1; i <= 40; i++) {
        JsonNode trade = client.json().at("/data/0");
        assertThat(trade.get("tradeId").asLong()).isEqualTo(last + i);
        trades.add(trade);
      }
      JsonNode rest = Asking.JSON
          .readTree(RawClient.body(
              url, "/api/v5/market/history-trades?instId=BTC-USDT&limit=40&after=" + (last + 41)))
          .get("data");
      for (int i = 0; i < 40; i++) {
        assertThat(trades.get(i)).isEqualTo(rest.get(39 - i));
      }
    }
  }

  @Test
  void theBookHasItsBestLevelsAndASequenceThatRises() throws IOException {
    try (var client = new StreamClient(url, PUBLIC)) {
      client.send(subscribe("bbo-tbt", "ETH-USDT"));
      client.json();
      long sequence = 0;
      clock.advance(Duration.ofSeconds(4));
      for (int i = 0; i < 10; i++) {
        JsonNode frame = client.json();
        assertThat(frame.get("arg").toString())
            .isEqualTo("{\"channel\":\"bbo-tbt\",\"instId\":\"ETH-USDT\"}");
        JsonNode book = frame.at("/data/0");
        assertThat(book.at("/asks/0")).hasSize(4);
        assertThat(book.at("/bids/0")).hasSize(4);
        assertThat(book.get("seqId").isIntegralNumber()).isTrue();
        assertThat(book.get("seqId").asLong()).isGreaterThan(sequence);
        sequence = book.get("seqId").asLong();
      }
    }
  }

  @Test
  void aCandleIsConfirmedAtItsCloseAndAgreesWithTheRestAnswer() throws IOException {
    try (var client = new StreamClient(url, BUSINESS)) {
      client.send(subscribe("candle1m", "BTC-USDT"));
      client.json();
      assertThat(client.json().at("/data/0/8").asText()).isEqualTo("0");
      clock.advance(Duration.ofSeconds(55));
      JsonNode closed = client.json(frame -> frame.at("/data/0/8").asText().equals("1"));
      JsonNode bar = closed.at("/data/0");
      assertThat(bar.get(0).asLong()).isEqualTo(Asking.seconds("2026-03-04T05:06:00Z") * 1_000);
      JsonNode rest = Asking.JSON
          .readTree(RawClient.body(
              url,
              "/api/v5/market/candles?instId=BTC-USDT&bar=1m&limit=1&after="
                  + (bar.get(0).asLong() + 1)))
          .at("/data/0");
      assertThat(bar).isEqualTo(rest);
    }
  }

  /// Candles are not at the address of the public channels (wire/SPEC.md section 5).
  @Test
  void aRefusalHasNoArgAndSaysInItsTextWhatItIsAbout() throws IOException {
    try (var client = new StreamClient(url, PUBLIC)) {
      client.send(
          "{\"op\":\"subscribe\",\"args\":[{\"channel\":\"candle1m\",\"instId\":\"BTC-USDT\"},"
              + "{\"channel\":\"bbo-tbt\",\"instId\":\"XYZ-USDT\"},{\"channel\":\"trades\",\"instId\":\"BTC-USDT\"}]}");
      for (String what : List.of("candle1m,instId:BTC-USDT", "bbo-tbt,instId:XYZ-USDT")) {
        JsonNode error = client.json();
        assertThat(error.get("event").asText()).isEqualTo("error");
        assertThat(error.get("code").asText()).isEqualTo("60018");
        assertThat(error.has("arg")).isFalse();
        assertThat(error.get("msg").asText())
            .isEqualTo("Wrong URL or channel:" + what
                + " doesn't exist. Please use the correct URL, channel and parameters referring to"
                + " API document.");
      }
      assertThat(client.json().at("/arg/channel").asText()).isEqualTo("trades");
      client.send("nonsense");
      assertThat(client
              .json(frame -> frame.path("event").asText().equals("error"))
              .get("code")
              .asText())
          .isEqualTo("60012");
    }
  }

  @Test
  void aPingIsAnsweredWithATextThatIsNoJson() throws IOException {
    try (var client = new StreamClient(url, PUBLIC)) {
      client.send("ping");
      assertThat(client.next()).isEqualTo("pong");
    }
  }

  @Test
  void whoSaysNothingAndHasNothingToHearIsClosedAfterThirtySeconds() throws IOException {
    try (var quiet = new StreamClient(url, PUBLIC);
        var busy = new StreamClient(url, PUBLIC)) {
      busy.send(subscribe("bbo-tbt", "BTC-USDT"));
      busy.json();
      clock.advance(Duration.ofSeconds(31));
      assertThat(quiet.closeCode()).isEqualTo(StreamConnection.POLICY);
      assertThat(busy.isClosed()).isFalse();
    }
  }

  @Test
  void threeConnectionsASecondAreTakenAndNoMore() throws IOException {
    try (var one = new StreamClient(url, PUBLIC);
        var two = new StreamClient(url, PUBLIC);
        var three = new StreamClient(url, BUSINESS);
        var handshake = new RawClient(url)) {
      handshake.send(FaultsOfStreamsTest.HANDSHAKE.replace("/ws/btcusdt@trade", "/ws/v5/public"));
      assertThat(handshake.response()).startsWith("HTTP/1.1 429");
      clock.advance(Duration.ofSeconds(1));
      try (var four = new StreamClient(url, PUBLIC)) {
        four.send("ping");
        assertThat(four.next()).isEqualTo("pong");
      }
      assertThat(List.of(one.isClosed(), two.isClosed(), three.isClosed())).containsOnly(false);
    }
  }

  @Test
  void moreThan480RequestsAnHourAreRefused() throws IOException {
    try (var client = new StreamClient(url, PUBLIC)) {
      String request =
          "{\"op\":\"unsubscribe\",\"args\":[{\"channel\":\"trades\",\"instId\":\"BTC-USDT\"}]}";
      for (int i = 0; i < OkxStreams.MOST_REQUESTS; i++) {
        client.send(request);
        assertThat(client.json().get("event").asText()).isEqualTo("unsubscribe");
      }
      client.send(request);
      assertThat(client.json().get("code").asText()).isEqualTo("60014");
    }
  }

  static String subscribe(String channel, String instId) {
    return "{\"op\":\"subscribe\",\"args\":[{\"channel\":\"%s\",\"instId\":\"%s\"}]}"
        .formatted(channel, instId);
  }
}

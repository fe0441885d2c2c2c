package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.fault.VenueStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Lines of one venue: the same content, everything else of their own. Real sockets, time by
/// hand.
@Timeout(30)
class LinesTest {
  private static final String TRADES = "/ws/btcusdt@trade";
  private static final String MANY = "/stream?streams=btcusdt@trade/btcusdt@aggTrade"
      + "/btcusdt@bookTicker/btcusdt@kline_1s/btcusdt@kline_1m/ethusdt@trade/ethbtc@bookTicker";
  private static final Symbol BITCOIN = Symbol.of("BTC/USDT");

  private final HandClock clock = new HandClock();
  private final VenuesConfig config = VenuesConfig.onFreePorts(clock)
      .withLines("binance", "binance_2", "binance_3")
      .withLines("coinbase_exchange", "coinbase_exchange_2");
  private Venues venues;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(config);
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void equalSubscriptionsGetTheSameBytesAtEveryLine() throws IOException {
    try (var one = new StreamClient(venues.baseUrl("binance"), MANY);
        var two = new StreamClient(venues.baseUrl("binance_2"), MANY);
        var three = new StreamClient(venues.baseUrl("binance_3"), MANY)) {
      List<String> frames = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clock.advance(Duration.ofMillis(777));
        for (int k = 0; k < 10; k++) {
          frames.add(one.next());
        }
      }
      assertThat(frames)
          .anyMatch(frame -> frame.contains("\"e\":\"kline\""))
          .anyMatch(frame -> frame.contains("ethbtc@bookTicker"));
      for (String frame : frames) {
        assertThat(two.next()).isEqualTo(frame);
        assertThat(three.next()).isEqualTo(frame);
      }
    }
  }

  @Test
  void coinbaseLinesBeginAndBeatAlike() throws IOException {
    String subscribe = CoinbaseStreamsTest.subscribe(
        "\"matches\",\"ticker\",\"heartbeat\"", "\"BTC-USD\",\"LTC-USDT\"");
    try (var one = new StreamClient(venues.baseUrl("coinbase_exchange"), "/");
        var two = new StreamClient(venues.baseUrl("coinbase_exchange_2"), "/")) {
      one.send(subscribe);
      two.send(subscribe);
      for (int i = 0; i < 5; i++) { // the acknowledgement, and what the subscriptions begin with
        assertThat(two.next()).isEqualTo(one.next());
      }
      for (int i = 0; i < 100; i++) {
        clock.advance(Duration.ofMillis(300));
        assertThat(two.next()).isEqualTo(one.next());
      }
    }
  }

  @Test
  void restAnswersAreEqualAndWeightIsCountedForEachLine() throws IOException {
    String klines = "/api/v3/klines?symbol=BTCUSDT&interval=1h";
    String told = RawClient.body(venues.baseUrl("binance_2"), klines);
    assertThat(told).isEqualTo(RawClient.body(venues.baseUrl("binance"), klines));
    RawClient.body(venues.baseUrl("binance_2"), klines);
    assertThat(venues.status("binance").weightUsed()).isEqualTo(2);
    assertThat(venues.status("binance_2").weightUsed()).isEqualTo(4);
    assertThat(venues.status("binance_3").weightUsed()).isZero();
  }

  @Test
  void aFaultOfOneLineDoesNotTouchTheOthers() throws IOException {
    try (var one = new StreamClient(venues.baseUrl("binance"), TRADES);
        var two = new StreamClient(venues.baseUrl("binance_2"), TRADES);
        var three = new StreamClient(venues.baseUrl("binance_3"), TRADES)) {
      venues.fault("binance_2", FaultOrder.of(FaultKind.SILENT));
      venues.fault("binance_3", FaultOrder.of(FaultKind.DISCONNECT));
      assertThat(three.closeCode()).isIn(-1, 1_006);
      clock.advance(Duration.ofSeconds(2));
      one.json();
      assertThat(two.waiting()).isZero();
      assertThat(venues.status("binance").fault()).isNull();

      VenueStatus silent = venues.status("binance_2");
      assertThat(silent.fault()).isEqualTo(FaultKind.SILENT);
      assertThat(silent.venue()).isEqualTo("binance");
      assertThat(silent.line()).startsWith("binance_2: silent since ");
      assertThat(venues.heal("binance_2").fault()).isNull();
      clock.advance(Duration.ofSeconds(2));
      two.json();
    }
    List<String> names = new ArrayList<>(VenuesConfig.VENUES);
    names.addAll(List.of("binance_2", "binance_3", "coinbase_exchange_2"));
    assertThat(venues.status()).extracting(VenueStatus::name).isEqualTo(names);
  }

  @Test
  void aFloodOfAllLinesHasTheSameTradesEverywhere() throws IOException {
    try (var one = new StreamClient(venues.baseUrl("binance"), TRADES);
        var three = new StreamClient(venues.baseUrl("binance_3"), TRADES)) {
      Flood flood = venues.floodLines("binance", BITCOIN, 1_000);
      assertThat(flood.venue()).isEqualTo("binance");
      clock.advance(Duration.ofSeconds(1));
      for (int i = 1; i <= 1_000; i++) {
        String frame = one.next();
        assertThat(frame).contains("\"t\":" + (flood.firstId() + i) + ",");
        assertThat(three.next()).isEqualTo(frame);
      }
      venues.endFloodLines("binance");
      clock.advance(Duration.ofSeconds(2));
      one.json(frame -> frame.get("t").asLong() < Flood.FIRST_ID);
      three.json(frame -> frame.get("t").asLong() < Flood.FIRST_ID);
    }
  }

  @Test
  void aFloodOfOneLineIsItsOwn() throws IOException {
    venues.flood("binance_2", BITCOIN, 100);
    try (var one = new StreamClient(venues.baseUrl("binance"), TRADES);
        var two = new StreamClient(venues.baseUrl("binance_2"), TRADES)) {
      clock.advance(Duration.ofSeconds(2));
      assertThat(one.json().get("t").asLong()).isLessThan(Flood.FIRST_ID);
      assertThat(two.json().get("t").asLong()).isGreaterThan(Flood.FIRST_ID);
    }
  }

  /// One connection for each key, as vendors have it: the second one ends the first.
  @Test
  void aLineCanCloseTheOlderConnectionWhenAnotherComes() throws IOException {
    var limit = new ConnectionLimit(1, ConnectionLimit.WhenFull.CLOSE_OLDEST);
    try (Venues strict = Venues.start(limited(limit))) {
      try (var older = new StreamClient(strict.baseUrl("binance_2"), TRADES);
          var newer = new StreamClient(strict.baseUrl("binance_2"), TRADES)) {
        assertThat(older.closeCode()).isEqualTo(StreamConnection.POLICY);
        clock.advance(Duration.ofSeconds(2));
        newer.json();
      }
      severalAreWelcome(strict);
    }
  }

  @Test
  void aLineCanRefuseAnotherConnectionUntilTheFirstHasEnded() throws IOException {
    var limit = new ConnectionLimit(1, ConnectionLimit.WhenFull.REFUSE);
    try (Venues strict = Venues.start(limited(limit))) {
      try (var first = new StreamClient(strict.baseUrl("binance_2"), TRADES);
          var second = new RawClient(strict.baseUrl("binance_2"))) {
        second.send(FaultsOfStreamsTest.HANDSHAKE);
        assertThat(second.response()).startsWith("HTTP/1.1 429");
        clock.advance(Duration.ofSeconds(2));
        first.json();
      }
      while (strict.status("binance_2").connectionsOpen() > 0) {
        Thread.onSpinWait();
      }
      try (var next = new StreamClient(strict.baseUrl("binance_2"), TRADES)) {
        clock.advance(Duration.ofSeconds(2));
        next.json();
      }
      severalAreWelcome(strict);
    }
  }

  private VenuesConfig limited(ConnectionLimit limit) {
    return config.withStreams(StreamsConfig.DEFAULT.withConnections("binance_2", limit));
  }

  private void severalAreWelcome(Venues at) throws IOException {
    try (var one = new StreamClient(at.baseUrl("binance"), TRADES);
        var two = new StreamClient(at.baseUrl("binance"), TRADES)) {
      clock.advance(Duration.ofSeconds(2));
      one.json();
      two.json();
    }
  }

  @Test
  void aLinePlaysItsVenuesRecordedSession() throws IOException {
    var session = new Session(List.of(new Session.Frame(0, "{\"e\":\"recorded\"}")), 0);
    try (Venues recorded = Venues.start(
            config.withStreams(StreamsConfig.DEFAULT.withSession("binance", session)));
        var client = new StreamClient(recorded.baseUrl("binance_2"), TRADES)) {
      assertThat(client.next()).isEqualTo("{\"e\":\"recorded\"}");
    }
  }

  /// Two simulators that know nothing of each other, as two processes do.
  @Test
  void aLineAloneTellsWhatItsVenueTellsElsewhere() throws IOException {
    VenuesConfig alone = VenuesConfig.onFreePorts(clock)
        .withServers(new Servers(List.of(), Map.of("binance_2", "binance")));
    try (Venues other = Venues.start(alone);
        var here = new StreamClient(venues.baseUrl("binance"), MANY);
        var there = new StreamClient(other.baseUrl("binance_2"), MANY)) {
      assertThat(other.baseUrls()).containsOnlyKeys("binance_2");
      clock.advance(Duration.ofSeconds(10));
      for (int i = 0; i < 200; i++) {
        assertThat(there.next()).isEqualTo(here.next());
      }
    }
  }

  @Test
  void linesHaveThePortsAfterTheVenues() {
    VenuesConfig placed = config.fromPort(9_000);
    assertThat(placed.ports())
        .hasSize(VenuesConfig.VENUES.size() + 3)
        .containsEntry("bybit", 9_008)
        .containsEntry("binance_2", 9_009)
        .containsEntry("binance_3", 9_010)
        .containsEntry("coinbase_exchange_2", 9_011);
    assertThat(placed.withPort("binance_2", 7).ports()).containsEntry("binance_2", 7);
  }

  @Test
  void whatCannotBeALineIsRefused() {
    assertThatThrownBy(() -> config.withLines("coingecko", "coingecko_2"))
        .hasMessage("lines: coingecko_2 must be a line of one of %s, was of coingecko"
            .formatted(VenuesConfig.STREAMING));
    assertThatThrownBy(() -> config.withLines("binance", "okx"))
        .hasMessageContaining("be no venue's, was \"okx\"");
    assertThatThrownBy(() -> config.withLines("binance", "../2"))
        .hasMessageContaining("was \"../2\"");
    assertThatThrownBy(() -> config.withPort("binance_9", 1))
        .hasMessageContaining("or a line, was binance_9");
    assertThatThrownBy(() -> new Servers(List.of(), Map.of())).hasMessageContaining("was neither");
    assertThatThrownBy(() -> new Servers(List.of("nobody"), Map.of()))
        .hasMessageContaining("was nobody");
    assertThatThrownBy(() -> new Servers(List.of("okx", "okx"), Map.of()))
        .hasMessageContaining("each venue once");
    assertThatThrownBy(() -> new ConnectionLimit(-1, ConnectionLimit.WhenFull.REFUSE))
        .hasMessageContaining("was -1");
  }
}

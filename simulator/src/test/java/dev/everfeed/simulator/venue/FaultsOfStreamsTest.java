package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.fault.VenueStatus;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a reader of the stream sees of each fault. Real connections on loopback; time moves by
/// hand, so that what comes after a fault can be told from what was lost in it.
@Timeout(30)
class FaultsOfStreamsTest {
  private static final String TRADES = "/ws/btcusdt@trade";
  private static final Duration STEP = Duration.ofSeconds(2);

  private final HandClock clock = new HandClock();
  private Venues venues;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock).withLimits(0, 0));
    url = venues.baseUrl("binance");
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void aGapDropsOneTradeForEverybodyAndIsOver() throws IOException {
    try (var one = new StreamClient(url, TRADES);
        var two = new StreamClient(url, TRADES)) {
      long before = lastId(one);
      readUntil(two, before);
      fault(FaultOrder.of(FaultKind.GAP));
      clock.advance(STEP);
      assertThat(id(one.json())).isEqualTo(before + 2);
      assertThat(id(one.json())).isEqualTo(before + 3);
      assertThat(id(two.json())).isEqualTo(before + 2);
      awaitHealthy();
    }
  }

  @Test
  void aGapDropsAsManyTradesAsOrdered() throws IOException {
    try (var client = new StreamClient(url, "/ws/btcusdt@trade/btcusdt@bookTicker")) {
      clock.advance(STEP);
      long before = lastId(client);
      fault(FaultOrder.of(FaultKind.GAP).counting(5));
      clock.advance(STEP);
      assertThat(id(client.json(frame -> frame.has("t")))).isEqualTo(before + 6);
    }
  }

  @Test
  void aStallAnswersPingsAndNothingElseAndWhatWasNotSentIsLost() throws Exception {
    try (var client = new StreamClient(url, TRADES)) {
      long before = lastId(client);
      fault(FaultOrder.of(FaultKind.STALL));
      client.send("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
      clock.advance(STEP);
      client.ping("are you there");
      assertThat(client.pong(5_000)).isEqualTo("are you there");
      passOnePulse();
      assertThat(client.waiting()).isZero();

      venues.heal("binance");
      clock.advance(STEP);

      assertThat(id(client.json())).isGreaterThan(before + 7);
    }
  }

  @Test
  void aSilentVenueAcknowledgesAndSendsNoData() throws Exception {
    fault(FaultOrder.of(FaultKind.SILENT));
    try (var client = new StreamClient(url, "/ws")) {
      client.send("{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\"],\"id\":1}");
      assertThat(client.next()).isEqualTo("{\"result\":null,\"id\":1}");
      clock.advance(STEP);
      passOnePulse();
      assertThat(client.waiting()).isZero();
      venues.heal("binance");
      clock.advance(STEP);
      assertThat(client.json().get("e").asText()).isEqualTo("trade");
    }
  }

  @Test
  void aSilentCoinbaseStillBeats() throws Exception {
    venues.fault("coinbase_exchange", FaultOrder.of(FaultKind.SILENT));
    try (var client = new StreamClient(venues.baseUrl("coinbase_exchange"), "/")) {
      client.send(CoinbaseStreamsTest.subscribe("\"matches\",\"heartbeat\"", "\"BTC-USD\""));
      assertThat(client.json().get("type").asText()).isEqualTo("subscriptions");
      clock.advance(Duration.ofSeconds(4));
      for (int i = 0; i < 4; i++) {
        assertThat(client.json().get("type").asText()).isEqualTo("heartbeat");
      }
    }
  }

  @Test
  void duplicatesComeTwiceInARow() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      long before = lastId(client);
      fault(FaultOrder.of(FaultKind.DUPLICATE).counting(2));
      clock.advance(STEP);
      assertThat(ids(client, 5))
          .containsExactly(before + 1, before + 1, before + 2, before + 2, before + 3);
    }
  }

  @Test
  void neighboursChangePlaces() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      long before = lastId(client);
      fault(FaultOrder.of(FaultKind.REORDER).counting(2));
      clock.advance(STEP);
      assertThat(ids(client, 5))
          .containsExactly(before + 2, before + 1, before + 4, before + 3, before + 5);
    }
  }

  @Test
  void whatIsHeldForAChangeOfPlacesComesWhenHealed() throws Exception {
    try (var client = new StreamClient(url, "/ws/btcusdt@kline_1m")) {
      fault(FaultOrder.of(FaultKind.REORDER));
      clock.advance(Duration.ofMillis(200)); // past 05:06:08
      passOnePulse();
      assertThat(client.waiting()).isZero();
      venues.heal("binance");
      clock.advance(Duration.ofMillis(1));
      assertThat(client.json().get("E").asLong())
          .isEqualTo(Asking.seconds("2026-03-04T05:06:08Z") * 1_000);
    }
  }

  @Test
  void slowFramesComeLateAndInOrder() throws Exception {
    try (var client = new StreamClient(url, TRADES)) {
      long before = lastId(client);
      fault(FaultOrder.of(FaultKind.SLOW).delayedBy(Duration.ofSeconds(3)));
      clock.advance(STEP);
      passOnePulse();
      assertThat(client.waiting()).isZero();
      clock.advance(Duration.ofSeconds(3));
      assertThat(ids(client, 3)).containsExactly(before + 1, before + 2, before + 3);
    }
  }

  @Test
  void wrongPricesAreTenTimesTheRightOnes() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      long before = lastId(client);
      fault(FaultOrder.of(FaultKind.WRONG_PRICE));
      clock.advance(STEP);
      JsonNode lie = client.json();
      assertThat(id(lie)).isEqualTo(before + 1);
      venues.heal("binance");
      JsonNode truth = Asking.JSON
          .readTree(RawClient.body(
              url, "/api/v3/historicalTrades?symbol=BTCUSDT&limit=1&fromId=" + (before + 1)))
          .get(0);
      assertThat(new BigDecimal(lie.get("p").asText()))
          .isEqualByComparingTo(new BigDecimal(truth.get("price").asText()).movePointRight(1));
      assertThat(lie.get("q")).isEqualTo(truth.get("qty"));
      assertThat(lie.get("T")).isEqualTo(truth.get("time"));
    }
  }

  @Test
  void garbageIsOneFrameThatIsNotJsonAndTheStreamGoesOn() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      long before = lastId(client);
      fault(FaultOrder.of(FaultKind.GARBAGE));
      String garbage = client.next();
      assertThatThrownBy(() -> Asking.JSON.readTree(garbage))
          .isInstanceOf(JsonProcessingException.class);
      clock.advance(STEP);
      assertThat(id(client.json())).isEqualTo(before + 1);
    }
  }

  @Test
  void truncatedFramesStopInTheMiddle() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      lastId(client);
      fault(FaultOrder.of(FaultKind.TRUNCATED));
      clock.advance(STEP);
      String half = client.next();
      assertThat(half).startsWith("{\"e\":\"trade\"").doesNotEndWith("}");
    }
  }

  @Test
  void aGiantHasEightMebibytes() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      fault(FaultOrder.of(FaultKind.GIANT));
      assertThat(client.next()).hasSize(StreamBlows.GIANT_BYTES);
    }
  }

  /// A client that negotiated no compression must fail the connection (RFC 6455, section 5.2).
  @Test
  void aBombIsRefusedByARightClient() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      fault(FaultOrder.of(FaultKind.BOMB));
      client.closeCode();
      assertThat(client.failure()).hasMessageContaining("RSV");
    }
  }

  @Test
  void closedStreamsGetACloseFrameNewOnesToo() throws IOException {
    try (var client = new StreamClient(url, TRADES)) {
      fault(FaultOrder.of(FaultKind.CLOSE));
      assertThat(client.closeCode()).isEqualTo(StreamConnection.GOING_AWAY);
    }
    try (var client = new StreamClient(url, TRADES)) {
      assertThat(client.closeCode()).isEqualTo(StreamConnection.GOING_AWAY);
    }
    assertThat(RawClient.body(url, "/api/v3/ping")).isEqualTo("{}");
    venues.heal("binance");
    try (var client = new StreamClient(url, TRADES)) {
      lastId(client);
    }
  }

  /// 1006 is what an implementation says of an end without a close frame (RFC 6455, 7.1.5).
  @ParameterizedTest
  @EnumSource(names = {"DISCONNECT", "RESET", "REFUSE"})
  void allConnectionsEndAtOnceWithoutACloseFrame(FaultKind kind) throws IOException {
    try (var one = new StreamClient(url, TRADES);
        var two = new StreamClient(url, TRADES)) {
      lastId(one);
      fault(FaultOrder.of(kind));
      assertThat(one.closeCode()).isIn(-1, 1_006);
      assertThat(two.closeCode()).isIn(-1, 1_006);
    }
    if (kind != FaultKind.DISCONNECT) {
      assertThatThrownBy(() -> new StreamClient(url, TRADES).close())
          .isInstanceOf(IOException.class);
      venues.heal("binance");
    }
    try (var client = new StreamClient(url, TRADES)) {
      lastId(client);
    }
    awaitHealthy();
  }

  @Test
  void aHalfOpenConnectionIsDeadForGoodAndANewOneIsGood() throws Exception {
    try (var dead = new StreamClient(url, TRADES)) {
      lastId(dead);
      fault(FaultOrder.of(FaultKind.HALF_OPEN));
      dead.ping("are you there");
      try (var good = new StreamClient(url, TRADES)) {
        lastId(good);
        venues.heal("binance");
        lastId(good);
      }
      assertThat(dead.pong(100)).isNull();
      assertThat(dead.waiting()).isZero();
      assertThat(dead.isClosed()).isFalse();
      assertThat(venues.status("binance").connectionsOpen()).isEqualTo(1);
    }
    await(status -> status.connectionsOpen() == 0);
  }

  @Test
  void aBlackholeSwallowsHandshakesAndOpenStreams() throws Exception {
    try (var dead = new StreamClient(url, TRADES);
        var handshake = new RawClient(url)) {
      lastId(dead);
      fault(FaultOrder.of(FaultKind.BLACKHOLE));
      dead.ping("are you there");
      handshake.send(HANDSHAKE);
      handshake.readTimeout(100);
      assertThatThrownBy(handshake::read).isInstanceOf(java.net.SocketTimeoutException.class);
      assertThat(dead.pong(1)).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SERVER_ERROR", "TOO_MANY", "BANNED", "HTML", "PROBE_ONLY"})
  void aHandshakeFailsAsARequestDoes(FaultKind kind) throws IOException {
    fault(FaultOrder.of(kind));
    try (var client = new RawClient(url)) {
      client.send(HANDSHAKE);
      assertThat(client.response()).startsWith("HTTP/1.1 ").doesNotContain(" 101 ");
    }
  }

  @Test
  void aShutdownIsAnnouncedAndThenDone() throws IOException {
    try (var client = new StreamClient(url, "/stream?streams=btcusdt@trade")) {
      fault(FaultOrder.of(FaultKind.SHUTDOWN).delayedBy(Duration.ofMillis(50)));
      JsonNode farewell = client.json();
      assertThat(farewell.get("stream").asText()).isEqualTo("!serverShutdown");
      assertThat(farewell.get("data").get("e").asText()).isEqualTo("serverShutdown");
      assertThat(client.closeCode()).isEqualTo(StreamConnection.GOING_AWAY);
    }
    awaitHealthy();
  }

  @Test
  void aVenueWithoutStreamsHasNoFaultsOfStreams() {
    assertThatThrownBy(() -> venues.fault("coingecko", FaultOrder.of(FaultKind.STALL)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("coingecko: stall is a fault of streams, and this simulated venue has none;"
            + " these have: " + VenuesConfig.STREAMING);
  }

  static final String HANDSHAKE = """
      GET /ws/btcusdt@trade HTTP/1.1\r
      host: x\r
      connection: Upgrade\r
      upgrade: websocket\r
      sec-websocket-version: 13\r
      sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  private void fault(FaultOrder order) throws IOException {
    venues.fault("binance", order);
  }

  private void awaitHealthy() throws IOException {
    await(status -> status.fault() == null);
  }

  /// Lets 2 s of trading come, and gives the newest id: no trade is on its way then.
  private long lastId(StreamClient client) throws IOException {
    clock.advance(STEP);
    long end = 0;
    for (JsonNode trade : Asking.JSON.readTree(
        RawClient.body(url, "/api/v3/historicalTrades?symbol=BTCUSDT&limit=10"))) {
      boolean told = trade.get("time").asLong() + BinanceStreams.SENT_AFTER_MILLIS
          <= clock.instant().toEpochMilli();
      end = told ? trade.get("id").asLong() : end;
    }
    readUntil(client, end);
    return end;
  }

  private static void readUntil(StreamClient client, long id) throws IOException {
    client.json(frame -> frame.has("t") && id(frame) >= id);
  }

  private void await(Predicate<VenueStatus> condition) throws IOException {
    while (!condition.test(venues.status("binance"))) {
      Thread.onSpinWait();
    }
  }

  /// The venue has gone through one more pulse after this: another connection was told.
  private void passOnePulse() throws IOException {
    try (var other = new StreamClient(venues.baseUrl("coinbase_exchange"), "/")) {
      other.send(CoinbaseStreamsTest.subscribe("\"heartbeat\"", "\"BTC-USD\""));
      other.json();
      clock.advance(Duration.ofSeconds(1));
      other.json();
    }
  }

  private static long id(JsonNode trade) {
    return trade.get("t").asLong();
  }

  private static List<Long> ids(StreamClient client, int count) throws IOException {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(id(client.json()));
    }
    return ids;
  }
}

package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Faults of some streams while others go on, and those that hide behind a healthy connection:
/// repeats, a growing lag, a halt. Real connections on loopback, time by hand.
@Timeout(30)
class FaultsOfSymbolsTest {
  private static final Symbol BITCOIN = Symbol.of("BTC/USDT");
  private static final String TRADES = "/ws/btcusdt@trade";
  private static final String TWO =
      "/stream?streams=btcusdt@trade/btcusdt@bookTicker/ethusdt@trade";
  private static final Duration STEP = Duration.ofSeconds(2);

  private final HandClock clock = new HandClock();
  private Venues venues;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(
        VenuesConfig.onFreePorts(clock).withLimits(0, 0).withLines("binance", "binance_2"));
    url = venues.baseUrl("binance");
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  @Test
  void oneSymbolIsSilentWhileTheRestOfTheConnectionGoesOn() throws Exception {
    fault(FaultOrder.of(FaultKind.SILENT).forSymbol(BITCOIN));
    assertThat(venues.status("binance").line()).startsWith("binance: silent (BTC/USDT) since ");
    try (var client = new StreamClient(url, "/stream")) {
      client.send(
          "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\",\"ethusdt@trade\"],\"id\":1}");
      assertThat(client.next()).isEqualTo("{\"result\":null,\"id\":1}");
      clock.advance(STEP);
      List<JsonNode> told = settled(client);
      assertThat(told).hasSizeGreaterThan(5).allMatch(frame -> stream(frame).startsWith("eth"));

      venues.heal("binance");
      clock.advance(STEP);
      client.json(frame -> stream(frame).equals("btcusdt@trade"));
    }
  }

  @Test
  void oneChannelOfOneSymbolIsSilent() throws Exception {
    try (var client = new StreamClient(url, TWO)) {
      fault(
          FaultOrder.of(FaultKind.SILENT).forSymbol(BITCOIN).forChannel(FaultOrder.Channel.TRADE));
      assertThat(venues.status("binance").line()).contains("silent (BTC/USDT, trade) since ");
      clock.advance(STEP);
      assertThat(settled(client))
          .extracting(FaultsOfSymbolsTest::stream)
          .contains("btcusdt@bookTicker", "ethusdt@trade")
          .doesNotContain("btcusdt@trade");
    }
  }

  /// No last match for it, but its heartbeat: that is what makes it hard to see.
  @Test
  void aSilentProductOfCoinbaseIsAcknowledgedAndBeats() throws IOException {
    venues.fault("coinbase_exchange", FaultOrder.of(FaultKind.SILENT).forSymbol(BITCOIN));
    try (var client = new StreamClient(venues.baseUrl("coinbase_exchange"), "/")) {
      client.send(
          CoinbaseStreamsTest.subscribe("\"matches\",\"heartbeat\"", "\"BTC-USDT\",\"ETH-USDT\""));
      assertThat(client.json().get("type").asText()).isEqualTo("subscriptions");
      JsonNode first = client.json();
      assertThat(first.get("type").asText()).isEqualTo("last_match");
      assertThat(first.get("product_id").asText()).isEqualTo("ETH-USDT");
      clock.advance(STEP);
      boolean beats = false;
      for (int i = 0; i < 12; i++) {
        JsonNode frame = client.json();
        boolean bitcoin = frame.get("product_id").asText().equals("BTC-USDT");
        assertThat(bitcoin && !frame.get("type").asText().equals("heartbeat")).isFalse();
        beats |= bitcoin;
      }
      assertThat(beats).isTrue();
    }
  }

  /// "The connection is intact, the same last data is repeated", as users report.
  @Test
  void aFrozenStreamRepeatsItsLastEventAndKeepsSending() throws Exception {
    try (var client = new StreamClient(url, TRADES)) {
      clock.advance(STEP);
      List<JsonNode> before = settled(client);
      fault(FaultOrder.of(FaultKind.FROZEN));
      clock.advance(Duration.ofSeconds(5));
      List<JsonNode> frozen = settled(client);
      assertThat(frozen).hasSizeGreaterThan(20).containsOnly(frozen.getFirst());
      assertThat(frozen.getFirst()).isEqualTo(before.getLast());
      try (var late = new StreamClient(url, TRADES)) {
        clock.advance(STEP);
        assertThat(settled(late)).hasSizeGreaterThan(5).containsOnly(frozen.getFirst());
      }

      venues.heal("binance");
      long healed = clock.instant().toEpochMilli();
      clock.advance(STEP);
      List<JsonNode> after = settled(client);
      after.removeIf(frozen.getFirst()::equals); // of the last pulse before it was healed
      assertThat(after.getFirst().get("T").asLong()).isGreaterThan(healed - 10);
      assertDense(after);
    }
  }

  @Test
  void aFrozenSymbolIsFrozenInItsStreamsOnly() throws Exception {
    try (var client = new StreamClient(url, TWO)) {
      fault(FaultOrder.of(FaultKind.FROZEN).forSymbol(BITCOIN));
      String price = RawClient.body(url, "/api/v3/ticker/price?symbol=BTCUSDT");
      clock.advance(Duration.ofSeconds(5));
      List<JsonNode> told = settled(client);
      assertThat(data(told, "btcusdt@trade"))
          .hasSizeGreaterThan(20)
          .containsOnly(data(told, "btcusdt@trade").getFirst());
      assertThat(data(told, "btcusdt@bookTicker"))
          .hasSizeGreaterThan(20)
          .containsOnly(data(told, "btcusdt@bookTicker").getFirst());
      assertDense(data(told, "ethusdt@trade"));
      assertThat(RawClient.body(url, "/api/v3/ticker/price?symbol=BTCUSDT")).isNotEqualTo(price);
    }
  }

  @Test
  void aFrozenCoinbaseBeginsASubscriptionWithItsLastMatchAndRepeatsIt() throws IOException {
    URI coinbase = venues.baseUrl("coinbase_exchange");
    venues.fault("coinbase_exchange", FaultOrder.of(FaultKind.FROZEN));
    clock.advance(Duration.ofMinutes(3));
    try (var client = new StreamClient(coinbase, "/")) {
      client.send(CoinbaseStreamsTest.subscribe("\"matches\"", "\"BTC-USDT\""));
      client.json();
      long id = client.json().get("trade_id").asLong();
      clock.advance(STEP);
      for (int i = 0; i < 8; i++) {
        assertThat(client.json().get("trade_id").asLong()).isEqualTo(id);
      }
    }
  }

  /// With one more second for each second, what happened at `t` comes at `2t`.
  @Test
  void aLagGrowsAndKeepsTheOrder() throws Exception {
    try (var client = new StreamClient(url, TWO)) {
      settled(client);
      long begin = clock.instant().toEpochMilli();
      fault(FaultOrder.of(FaultKind.LAG).forSymbol(BITCOIN).delayedBy(Duration.ofSeconds(1)));
      clock.advance(Duration.ofSeconds(4));
      List<JsonNode> told = settled(client);
      long elapsed = clock.instant().toEpochMilli() - begin;
      List<JsonNode> late = data(told, "btcusdt@trade");
      assertDense(late);
      assertThat(late.getLast().get("E").asLong() - begin)
          .isBetween(elapsed / 2 - 500, elapsed / 2);
      List<JsonNode> prompt = data(told, "ethusdt@trade");
      assertThat(prompt.getLast().get("E").asLong() - begin).isBetween(elapsed - 500, elapsed);

      venues.heal("binance");
      List<JsonNode> rest = data(settled(client), "btcusdt@trade");
      assertThat(id(rest.getFirst())).isEqualTo(id(late.getLast()) + 1);
      assertDense(rest);
      assertThat(rest.getLast().get("E").asLong() - begin).isGreaterThan(elapsed);
    }
  }

  @Test
  void whatWaitsComesFirstWhenAnotherFaultReplacesALag() throws Exception {
    try (var client = new StreamClient(url, TWO)) {
      settled(client);
      fault(FaultOrder.of(FaultKind.LAG).forSymbol(BITCOIN).delayedBy(Duration.ofSeconds(9)));
      clock.advance(STEP);
      List<JsonNode> bitcoin = data(settled(client), "btcusdt@trade");
      fault(FaultOrder.of(FaultKind.LAG).forSymbol(Symbol.of("ETH/USDT")));
      clock.advance(STEP);
      bitcoin.addAll(data(settled(client), "btcusdt@trade"));
      assertThat(bitcoin).hasSizeGreaterThan(20);
      assertDense(bitcoin);
    }
  }

  @Test
  void pricesOfOneSymbolAreWrong() throws Exception {
    fault(FaultOrder.of(FaultKind.WRONG_PRICE).forSymbol(BITCOIN));
    try (var client = new StreamClient(url, TWO)) {
      clock.advance(STEP);
      List<JsonNode> told = settled(client);
      assertThat(data(told, "btcusdt@trade"))
          .isNotEmpty()
          .allMatch(trade -> trade.get("p").asDouble() > 400_000);
      assertThat(data(told, "ethusdt@trade"))
          .isNotEmpty()
          .allMatch(trade -> trade.get("p").asDouble() < 5_000);
    }
    assertThat(Asking.JSON
            .readTree(RawClient.body(url, "/api/v3/ticker/price?symbol=BTCUSDT"))
            .get("price")
            .asDouble())
        .isLessThan(100_000);
  }

  @Test
  void aGapOfOneSymbolLeavesTheOthersWhole() throws Exception {
    try (var client = new StreamClient(url, TWO)) {
      clock.advance(STEP);
      List<JsonNode> before = settled(client);
      fault(FaultOrder.of(FaultKind.GAP).counting(3).forSymbol(Symbol.of("ETH/USDT")));
      clock.advance(STEP);
      List<JsonNode> after = settled(client);
      assertThat(id(data(after, "ethusdt@trade").getFirst()))
          .isEqualTo(id(data(before, "ethusdt@trade").getLast()) + 4);
      assertThat(id(data(after, "btcusdt@trade").getFirst()))
          .isEqualTo(id(data(before, "btcusdt@trade").getLast()) + 1);
      assertThat(venues.status("binance").fault()).isNull();
    }
  }

  /// Of the market, not of a server: at all lines, over REST too, and ids go on without a hole.
  @Test
  void aHaltStopsTheTradingOfOneSymbolAtAllLines() throws Exception {
    try (var one = new StreamClient(url, TWO);
        var two = new StreamClient(venues.baseUrl("binance_2"), TWO)) {
      fault(FaultOrder.of(FaultKind.HALT).forSymbol(BITCOIN));
      long halted = (clock.millis() / 1_000 + 1) * 1_000;
      clock.advance(Duration.ofSeconds(20));
      List<JsonNode> told = settled(one);
      List<JsonNode> last = data(told, "btcusdt@trade");
      assertDense(last);
      assertThat(last.getLast().get("T").asLong()).isLessThan(halted);
      assertThat(data(told, "btcusdt@bookTicker")).hasSameSizeAs(last);
      assertThat(data(told, "ethusdt@trade").getLast().get("T").asLong())
          .isGreaterThan(halted + 15_000);
      assertThat(data(settled(two), "btcusdt@trade")).isEqualTo(last);
      assertThat(trades(1).getLast().get("id").asLong()).isEqualTo(id(last.getLast()));

      venues.heal("binance");
      long resumed = (clock.millis() / 1_000 + 1) * 1_000;
      clock.advance(Duration.ofSeconds(5));
      List<JsonNode> after = data(settled(two), "btcusdt@trade");
      assertThat(id(after.getFirst())).isEqualTo(id(last.getLast()) + 1);
      assertThat(after.getFirst().get("T").asLong()).isBetween(resumed, resumed + 1_000);
      assertDense(after);
      List<JsonNode> rest = trades(50);
      for (int i = 1; i < rest.size(); i++) {
        assertThat(rest.get(i).get("id").asLong())
            .isEqualTo(rest.get(i - 1).get("id").asLong() + 1);
        assertThat(rest.get(i).get("time").asLong())
            .isGreaterThanOrEqualTo(rest.get(i - 1).get("time").asLong());
      }
    }
  }

  @Test
  void aHaltOfCoinbaseLeavesItsHeartbeatsAndOtherPlaces() throws IOException {
    venues.fault("coinbase_exchange", FaultOrder.of(FaultKind.HALT));
    clock.advance(Duration.ofSeconds(3));
    try (var client = new StreamClient(venues.baseUrl("coinbase_exchange"), "/");
        var elsewhere = new StreamClient(url, TRADES)) {
      client.send(CoinbaseStreamsTest.subscribe("\"matches\",\"heartbeat\"", "\"BTC-USDT\""));
      client.json();
      long id = client.json().get("trade_id").asLong();
      clock.advance(Duration.ofSeconds(4));
      for (int i = 0; i < 4; i++) {
        JsonNode beat = client.json();
        assertThat(beat.get("type").asText()).isEqualTo("heartbeat");
        assertThat(beat.get("last_trade_id").asLong()).isEqualTo(id);
      }
      elsewhere.json();
      venues.heal("coinbase_exchange");
      clock.advance(STEP);
      assertThat(client
              .json(frame -> frame.get("type").asText().equals("match"))
              .get("trade_id")
              .asLong())
          .isEqualTo(id + 1);
    }
  }

  @Test
  void aFloodIsFrozenLateAndSilentToo() throws Exception {
    long first = venues.flood("binance", BITCOIN, 100).firstId();
    try (var client = new StreamClient(url, TRADES)) {
      clock.advance(Duration.ofSeconds(1));
      assertThat(ids(client, 100)).endsWith(first + 100).doesNotHaveDuplicates();
      fault(FaultOrder.of(FaultKind.FROZEN).forSymbol(BITCOIN));
      clock.advance(Duration.ofSeconds(1));
      assertThat(ids(client, 100)).containsOnly(first + 100);
      fault(FaultOrder.of(FaultKind.LAG).forSymbol(BITCOIN).delayedBy(Duration.ofSeconds(1)));
      clock.advance(Duration.ofSeconds(1));
      assertThat(ids(client, 50)).startsWith(first + 201).endsWith(first + 250);
      fault(FaultOrder.of(FaultKind.SILENT).forSymbol(BITCOIN));
      assertThat(settled(client)).isEmpty();
      venues.heal("binance");
      clock.advance(Duration.ofSeconds(1));
      assertThat(ids(client, 1)).containsExactly(first + 401);
    }
  }

  @Test
  void whatCannotBeOrderedOfASymbolIsRefused() {
    assertThatThrownBy(() -> FaultOrder.of(FaultKind.CLOSE).forSymbol(BITCOIN))
        .hasMessage("symbol: close cannot be ordered of one symbol; these can: wrong-price frozen"
            + " silent duplicate reorder gap lag halt");
    assertThatThrownBy(() -> FaultOrder.of(FaultKind.GAP).forChannel(FaultOrder.Channel.QUOTE))
        .hasMessageStartingWith("channel: gap cannot be ordered of one channel; these can: wrong");
    assertThatThrownBy(
            () -> fault(FaultOrder.of(FaultKind.SILENT).forSymbol(Symbol.of("ABC/USDT"))))
        .hasMessageContaining("binance does not list ABC/USDT");
    assertThatThrownBy(
            () -> venues.fault("coingecko", FaultOrder.of(FaultKind.FROZEN).forSymbol(BITCOIN)))
        .hasMessageContaining("coingecko: frozen of one symbol or channel is a fault of streams");
  }

  private void fault(FaultOrder order) throws IOException {
    venues.fault("binance", order);
  }

  /// A second later, all that the client was told since the last time: a pulse of each line has
  /// covered that second, and nothing is on its way.
  private List<JsonNode> settled(StreamClient client) throws Exception {
    String bars = "/ws/ltcusdt@kline_1s";
    try (var one = new StreamClient(url, bars);
        var two = new StreamClient(venues.baseUrl("binance_2"), bars)) {
      clock.advance(Duration.ofSeconds(1));
      one.json();
      two.json();
    }
    client.ping("settled");
    assertThat(client.pong(5_000)).isEqualTo("settled");
    List<JsonNode> told = new ArrayList<>();
    while (client.waiting() > 0) {
      told.add(client.json());
    }
    return told;
  }

  private static List<JsonNode> data(List<JsonNode> frames, String stream) {
    List<JsonNode> data = new ArrayList<>();
    frames.stream()
        .filter(frame -> stream(frame).equals(stream))
        .forEach(frame -> data.add(frame.get("data")));
    return data;
  }

  private static String stream(JsonNode frame) {
    return frame.path("stream").asText();
  }

  private List<JsonNode> trades(int count) throws IOException {
    List<JsonNode> trades = new ArrayList<>();
    Asking.JSON
        .readTree(RawClient.body(url, "/api/v3/historicalTrades?symbol=BTCUSDT&limit=" + count))
        .forEach(trades::add);
    return trades;
  }

  private static void assertDense(List<JsonNode> trades) {
    assertThat(trades).isNotEmpty();
    for (int i = 1; i < trades.size(); i++) {
      assertThat(id(trades.get(i))).isEqualTo(id(trades.get(i - 1)) + 1);
    }
  }

  private static List<Long> ids(StreamClient client, int count) throws IOException {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(id(client.json()));
    }
    return ids;
  }

  private static long id(JsonNode trade) {
    return trade.get("t").asLong();
  }
}

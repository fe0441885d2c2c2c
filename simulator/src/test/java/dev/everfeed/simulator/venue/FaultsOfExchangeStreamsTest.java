package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a reader of each exchange's streams sees of each fault, in that exchange's notation.
/// Real connections on loopback; time moves by hand.
@Timeout(60)
class FaultsOfExchangeStreamsTest {
  private static final Duration STEP = Duration.ofSeconds(2);

  /// How a reader of one exchange subscribes to the trades of BTC/USDT, and what it reads of one.
  private enum Reading {
    COINBASE(Exchange.COINBASE, "coinbase_exchange", "/", """
        {"type":"subscribe","product_ids":["BTC-USDT"],"channels":["matches"]}""", "trade_id"),
    KRAKEN(Exchange.KRAKEN, "kraken", "/v2", """
        {"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USDT"]}}""", "trade_id"),
    OKX(Exchange.OKX, "okx", "/ws/v5/business", """
        {"op":"subscribe","args":[{"channel":"trades-all","instId":"BTC-USDT"}]}""", "tradeId"),
    BYBIT(Exchange.BYBIT, "bybit", "/v5/public/spot", """
        {"op":"subscribe","args":["publicTrade.BTCUSDT"],"req_id":"1"}""", "i");

    private final Exchange exchange;
    private final String venue;
    private final String path;
    private final String subscription;
    private final String id;

    Reading(Exchange exchange, String venue, String path, String subscription, String id) {
      this.exchange = exchange;
      this.venue = venue;
      this.path = path;
      this.subscription = subscription;
      this.id = id;
    }

    private JsonNode item(JsonNode frame) {
      return this == COINBASE ? frame : frame.at("/data/0");
    }

    boolean isTrade(JsonNode frame) {
      return item(frame).has(id) && !frame.path("type").asText().equals("last_match");
    }

    long id(JsonNode frame) {
      return item(frame).get(id).asLong();
    }

    BigDecimal price(JsonNode frame) {
      JsonNode item = item(frame);
      for (String name : List.of("price", "px", "p")) {
        if (item.has(name)) {
          return new BigDecimal(item.get(name).asText());
        }
      }
      throw new AssertionError("no price: " + frame);
    }
  }

  private final HandClock clock = new HandClock();
  private Venues venues;

  @BeforeEach
  void start() throws IOException {
    venues = Venues.start(VenuesConfig.onFreePorts(clock).withoutLimits());
  }

  @AfterEach
  void end() throws IOException {
    venues.close();
  }

  private StreamClient subscribed(Reading of) throws IOException {
    var client = new StreamClient(venues.baseUrl(of.venue), of.path);
    client.send(of.subscription);
    // an acknowledgement, and with it all that a subscription begins with
    client.json(frame -> frame.toString().contains("subscri"));
    return client;
  }

  private static long next(StreamClient client, Reading of) throws IOException {
    return of.id(client.json(of::isTrade));
  }

  private static List<Long> next(StreamClient client, Reading of, int count) throws IOException {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(next(client, of));
    }
    return ids;
  }

  /// Everything that has happened was told: the last id of it, by the market itself.
  private long drained(StreamClient client, Reading of) throws IOException {
    clock.advance(STEP);
    long last = lastTold(of, clock.instant().toEpochMilli());
    client.json(frame -> of.isTrade(frame) && of.id(frame) >= last);
    return last;
  }

  private static long lastTold(Reading of, long millis) {
    Symbol symbol = Symbol.of("BTC/USDT");
    var market =
        new ExchangeMarket(new SimulatedMarket(1, VenuesConfig.DEFAULT_SYMBOLS), of.exchange);
    ExchangeBook book = market.books().stream()
        .filter(each -> each.listing().symbol().equals(symbol))
        .findFirst()
        .orElseThrow();
    Print last = ExchangeStreams.lastTold(book, millis);
    return of == Reading.BYBIT ? Long.parseLong(BybitText.execution(last)) : last.id();
  }

  /// The venues have gone through one more pulse after this: another connection was told.
  private void passOnePulse() throws IOException {
    try (var other = new StreamClient(venues.baseUrl("binance"), "/ws/btcusdt@bookTicker")) {
      clock.advance(Duration.ofSeconds(1));
      other.json();
      clock.advance(Duration.ofSeconds(1));
      other.json();
      other.json();
    }
  }

  private void fault(Reading of, FaultOrder order) throws IOException {
    venues.fault(of.venue, order);
  }

  @ParameterizedTest
  @EnumSource
  void tradesComeOneByOneWithoutAHole(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      long before = drained(client, of);
      clock.advance(STEP);
      assertThat(next(client, of, 5))
          .containsExactly(before + 1, before + 2, before + 3, before + 4, before + 5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGapDropsTradesForEverybodyAndIsOver(Reading of) throws IOException {
    try (var one = subscribed(of);
        var two = subscribed(of)) {
      long before = drained(one, of);
      drainOther(two, of, before);
      fault(of, FaultOrder.of(FaultKind.GAP).counting(2));
      clock.advance(STEP);
      assertThat(next(one, of, 2)).containsExactly(before + 3, before + 4);
      assertThat(next(two, of)).isEqualTo(before + 3);
      while (venues.status(of.venue).fault() != null) {
        Thread.onSpinWait();
      }
    }
  }

  private static void drainOther(StreamClient client, Reading of, long until) throws IOException {
    client.json(frame -> of.isTrade(frame) && of.id(frame) >= until);
  }

  @ParameterizedTest
  @EnumSource
  void duplicatesComeTwiceInARow(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      long before = drained(client, of);
      fault(of, FaultOrder.of(FaultKind.DUPLICATE).counting(2));
      clock.advance(STEP);
      assertThat(next(client, of, 5))
          .containsExactly(before + 1, before + 1, before + 2, before + 2, before + 3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void neighboursChangePlaces(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      long before = drained(client, of);
      fault(of, FaultOrder.of(FaultKind.REORDER).counting(1));
      clock.advance(STEP);
      assertThat(next(client, of, 3)).containsExactly(before + 2, before + 1, before + 3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void slowFramesComeLateAndInOrder(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      long before = drained(client, of);
      fault(of, FaultOrder.of(FaultKind.SLOW).delayedBy(Duration.ofSeconds(20)));
      clock.advance(STEP);
      passOnePulse();
      assertThat(client.waiting()).isZero();
      clock.advance(Duration.ofSeconds(20));
      assertThat(next(client, of, 2)).containsExactly(before + 1, before + 2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongPricesAreTenTimesTheRightOnes(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      drained(client, of);
      clock.advance(STEP);
      BigDecimal right = of.price(client.json(of::isTrade));
      drained(client, of);
      fault(of, FaultOrder.of(FaultKind.WRONG_PRICE));
      clock.advance(STEP);
      assertThat(of.price(client.json(of::isTrade)))
          .isBetween(right.multiply(BigDecimal.valueOf(9)), right.multiply(BigDecimal.valueOf(11)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFrozenVenueTellsTheSameTradeAgainAndAgain(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      drained(client, of);
      fault(of, FaultOrder.of(FaultKind.FROZEN));
      clock.advance(STEP);
      List<Long> ids = next(client, of, 4);
      assertThat(ids).containsOnly(ids.getFirst());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSilentVenueAcknowledgesAndSendsNoTrade(Reading of) throws IOException {
    fault(of, FaultOrder.of(FaultKind.SILENT));
    try (var client = subscribed(of)) {
      clock.advance(STEP);
      passOnePulse();
      while (client.waiting() > 0) {
        assertThat(of.isTrade(client.json())).isFalse();
      }
      venues.heal(of.venue);
      clock.advance(STEP);
      next(client, of);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStallAnswersNothingAndWhatWasNotSentIsLost(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      long before = drained(client, of);
      fault(of, FaultOrder.of(FaultKind.STALL));
      client.send(of.subscription);
      clock.advance(STEP);
      passOnePulse();
      assertThat(client.waiting()).isZero();
      venues.heal(of.venue);
      clock.advance(STEP);
      assertThat(next(client, of)).isGreaterThan(before + 5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHaltEndsTradingOfTheSymbolAndNoIdIsSkipped(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      fault(of, FaultOrder.of(FaultKind.HALT).forSymbol(Symbol.of("BTC/USDT")));
      long from = (clock.instant().getEpochSecond() + 1) * 1_000;
      long before = lastTold(of, from);
      clock.advance(STEP);
      client.json(frame -> of.isTrade(frame) && of.id(frame) == before);
      clock.advance(Duration.ofSeconds(20));
      passOnePulse();
      while (client.waiting() > 0) {
        assertThat(of.isTrade(client.json())).isFalse();
      }
      venues.heal(of.venue);
      clock.advance(Duration.ofSeconds(4));
      assertThat(next(client, of)).isEqualTo(before + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void garbageAndHalfFramesAreNoJson(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      drained(client, of);
      fault(of, FaultOrder.of(FaultKind.GARBAGE));
      assertNoJson(client.next());
      fault(of, FaultOrder.of(FaultKind.TRUNCATED));
      clock.advance(STEP);
      assertNoJson(client.next());
    }
  }

  private static void assertNoJson(String frame) {
    assertThatThrownBy(() -> Asking.JSON.readTree(frame))
        .isInstanceOf(JsonProcessingException.class);
  }

  @ParameterizedTest
  @EnumSource
  void connectionsEndAsOrdered(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      fault(of, FaultOrder.of(FaultKind.CLOSE));
      assertThat(client.closeCode()).isEqualTo(StreamConnection.GOING_AWAY);
    }
    venues.heal(of.venue);
    for (FaultKind kind : List.of(FaultKind.DISCONNECT, FaultKind.RESET, FaultKind.REFUSE)) {
      try (var client = subscribed(of)) {
        fault(of, FaultOrder.of(kind));
        assertThat(client.closeCode()).as("%s", kind).isIn(-1, 1_006);
      }
      venues.heal(of.venue);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aShutdownIsAnnouncedWhereTheVenueHasAWordForIt(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      drained(client, of);
      fault(of, FaultOrder.of(FaultKind.SHUTDOWN).delayedBy(Duration.ofMillis(50)));
      switch (of) {
        case KRAKEN ->
          assertThat(client.json().at("/data/0/system").asText()).isEqualTo("maintenance");
        case OKX -> assertThat(client.json().get("code").asText()).isEqualTo("64008");
        case COINBASE, BYBIT -> {}
      }
      assertThat(client.closeCode()).isEqualTo(StreamConnection.GOING_AWAY);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFloodHasIdsOfItsOwnInTheVenuesFrames(Reading of) throws IOException {
    try (var client = subscribed(of)) {
      drained(client, of);
      venues.flood(of.venue, Symbol.of("BTC/USDT"), 1_000);
      clock.advance(Duration.ofMillis(50));
      long first = next(client, of);
      assertThat(Math.floorMod(first, 10_000_000_000_000L))
          .isBetween(Flood.FIRST_ID, Flood.FIRST_ID + 50);
      assertThat(next(client, of, 3)).containsExactly(first + 1, first + 2, first + 3);
    }
  }
}

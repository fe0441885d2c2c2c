package dev.everfeed.hub.runtime;

import static dev.everfeed.hub.runtime.Reading.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Session;
import dev.everfeed.simulator.venue.StreamsConfig;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// From the sockets of simulated venues to readers, with everything between them as it is.
@Timeout(120)
class StreamHubTest extends SimulatedHub {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final List<String> RECORDED =
      List.of("SKL/USD", "DASH/BTC", "NMR/EUR", "BAND/BTC", "NU/GBP");

  private void start(VenuesConfig config, String symbols, String sources) throws Exception {
    startVenues(config);
    startHub("""
        store: {enabled: false}
        symbols: [%s]
        stream: {sources: [%s]}
        """.formatted(symbols, sources));
  }

  @Test
  void tradesQuotesAndBarsComeLiveNumberedAndWithoutAHole() throws Exception {
    start(trading(100), "BTC/USDT", "binance");
    Reading reader = subscribed();
    eventually(() -> reader.of("trade").size() >= 200 && reader.of("bar").size() >= 2);
    assertThat(numbered(reader.of("trade"), "trade_id")).isEmpty();
    assertThat(numbered(reader.of("trade"), "seq")).isEmpty();
    JsonNode trade = reader.of("trade").getFirst();
    assertThat(trade.get("gateway").asText()).isEqualTo("binance");
    assertThat(trade.get("status").asText()).isEqualTo("live");
    assertThat(trade.get("id").asText())
        .isEqualTo("binance|BTC/USDT|" + trade.get("trade_id").asText());
    assertThat(reader.of("quote")).isNotEmpty();
  }

  @Test
  void tradesThatTheVenueDropsAreAskedForAndPublishedInTheirPlace() throws Exception {
    start(trading(100), "BTC/USDT", "binance");
    Reading reader = subscribed();
    eventually(() -> reader.of("trade").size() >= 20);
    venues().fault("binance", FaultOrder.of(FaultKind.GAP).counting(3));
    eventually(() -> backfilled(reader) == 3);
    int then = reader.of("trade").size();
    eventually(() -> reader.of("trade").size() >= then + 50);
    assertThat(backfilled(reader)).isEqualTo(3);
    assertThat(reader.events("gap_declared")).isEmpty();
    assertThat(numbered(reader.of("trade"), "seq")).isEmpty();
    assertThat(numbered(reader.of("trade"), "trade_id")).isEmpty();
  }

  private static long backfilled(Reading reader) {
    return reader.of("trade").stream()
        .filter(trade -> trade.get("status").asText().equals("backfilled"))
        .count();
  }

  @Test
  void aLostConnectionComesBackAndEveryTradeIsPublishedOnceOrDeclared() throws Exception {
    start(trading(100), "BTC/USDT", "binance");
    Reading reader = subscribed();
    eventually(() -> reader.of("trade").size() >= 20);
    venues().fault("binance", FaultOrder.of(FaultKind.DISCONNECT));
    eventually(() -> reader.events("gateway_status_change").stream()
        .anyMatch(event -> event.get("current_status").asText().equals("DISCONNECTED")));
    eventually(() -> backfilled(reader) > 0 || !reader.events("gap_declared").isEmpty());
    int then = reader.of("trade").size();
    eventually(() -> reader.of("trade").size() >= then + 50);
    assertThat(numbered(reader.of("trade"), "seq")).isEmpty();
    List<Long> declared = new ArrayList<>();
    for (JsonNode gap : reader.events("gap_declared")) {
      for (long id = gap.get("first_id").asLong(); id <= gap.get("last_id").asLong(); id++) {
        declared.add(id);
      }
    }
    assertThat(numbered(reader.of("trade"), "trade_id")).isEqualTo(declared);
  }

  @Test
  void whoReadsEventsMayResumeThemBeforeTheFirstOne() throws Exception {
    start(trading(100), "BTC/USDT", "binance");
    JsonNode gaps = get(
        "/v1/replay?stream=" + encoded("event|gap_declared") + "&epoch=" + epoch() + "&from_seq=1");
    assertThat(gaps.get("messages")).isEmpty();
  }

  @Test
  void theGatewaysTellHowTheirConnectionsAre() throws Exception {
    start(trading(100), "BTC/USDT", "binance");
    eventually(() -> gateway("binance").get("state").asText().equals("HEALTHY")
        && gateway("binance").at("/stream/messages").asLong() > 20);
    JsonNode stream = gateway("binance").get("stream");
    assertThat(stream.get("streams").asInt()).isEqualTo(3);
    assertThat(stream.get("channels").toString()).isEqualTo("[\"trade\",\"quote\",\"bar\"]");
    assertThat(stream.get("symbols").toString()).isEqualTo("[\"BTC/USDT\"]");
    assertThat(stream.get("reconnects").asLong()).isZero();
    assertThat(stream.get("last_error").isNull()).isTrue();
    assertThat(stream.get("active_contracts").asInt()).isEqualTo(1);

    venues().fault("binance", FaultOrder.of(FaultKind.REFUSE));
    eventually(() -> gateway("binance").get("state").asText().equals("DISCONNECTED"));
    assertThat(gateway("binance").get("status").asText()).isEqualTo("down");
    assertThat(get("/v1/snapshot?symbol=BTC/USDT").at("/streams/0/status").asText())
        .isEqualTo("stale");
    assertThat(gateway("binance").at("/stream/last_error").asText()).contains("127.0.0.1");
    assertThat(get("/health").get("reasons").toString()).contains("binance (stream): ");
    venues().heal("binance");
    eventually(() -> gateway("binance").get("state").asText().equals("HEALTHY"));
    assertThat(get("/v1/snapshot?symbol=BTC/USDT").at("/streams/0/status").asText())
        .isEqualTo("live");
    assertThat(gateway("binance").at("/stream/reconnects").asLong()).isPositive();
    assertThat(gateway("binance").at("/stream/last_error").isNull()).isFalse();
  }

  @Test
  void eachStreamComesFromTheFirstVenueThatListsItsSymbol() throws Exception {
    List<Symbol> symbols = List.of(BTC, Symbol.of("ETH/USDT"), Symbol.of("BTC/USD"));
    start(
        VenuesConfig.onFreePorts(InstantSource.system())
            .withSymbols(symbols)
            .withTradesPerSecond(BTC, 20)
            .withTradesPerSecond(Symbol.of("ETH/USDT"), 20),
        "BTC/USDT, ETH/USDT",
        "coinbase_exchange, binance");
    Reading reader = subscribed();
    eventually(() -> reader.of("trade").size() >= 40 && !reader.of("bar").isEmpty());
    assertThat(reader.of("trade"))
        .allMatch(trade -> trade.get("gateway").asText().equals("coinbase_exchange"));
    assertThat(reader.of("bar")) // Coinbase streams none
        .allMatch(bar -> bar.get("gateway").asText().equals("binance"));
    assertThat(numbered(of("BTC/USDT", reader.of("trade")), "trade_id")).isEmpty();
  }

  /// 52 trades of SKL/USD, recorded in April 2021.
  @Test
  void aRecordedSessionComesOutComplete() throws Exception {
    List<JsonNode> trades = recorded(recording());
    assertThat(trades).hasSize(52);
    assertThat(numbered(trades, "trade_id")).isEmpty();
    assertThat(trades.getFirst().get("trade_id").asText()).isEqualTo("1568268");
    assertThat(get("/v1/snapshot?symbol=SKL/USD").toString()).contains("\"seq\":52");
  }

  @Test
  void oneMessageTakenOutOfARecordedSessionIsExactlyOneGap() throws Exception {
    Session whole = recording();
    List<Integer> matches = new ArrayList<>();
    for (int i = 0; i < whole.frames().size(); i++) {
      String raw = whole.frames().get(i).raw();
      if (raw.contains("\"type\":\"match\"") && raw.contains("SKL-USD")) {
        matches.add(i);
      }
    }
    List<JsonNode> trades = recorded(whole.without(matches.get(20) + 1));
    assertThat(trades).hasSize(51);
    assertThat(numbered(trades, "trade_id")).containsExactly(1_568_288L);
    JsonNode gaps = get("/v1/replay?stream=" + encoded("event|gap_declared") + "&epoch="
        + epoch("SKL/USD") + "&from_seq=1");
    assertThat(gaps.get("messages")).hasSize(1);
    assertThat(gaps.get("messages").get(0).get("first_id").asText()).isEqualTo("1568288");
    assertThat(gaps.get("messages").get(0).get("ticks_lost").asLong()).isEqualTo(1);
    // the ledger takes in what it is told after it was published: asked for first, then lost
    eventually(() -> get("/v1/gaps").at("/gaps/0/state").asText().equals("declared_lost"));
    assertThat(get("/v1/gaps").get("gaps")).hasSize(1);
    JsonNode kept = get("/v1/gaps").get("gaps").get(0);
    assertThat(kept.get("missing").toString())
        .isEqualTo("[{\"first_id\":\"1568288\",\"last_id\":\"1568288\"}]");
  }

  private static Session recording() {
    return Session.of(Shared.wire("cases/coinbase_exchange/ws_session/0002.ndjson"), 0);
  }

  private List<JsonNode> recorded(Session session) throws Exception {
    start(
        VenuesConfig.onFreePorts(InstantSource.system())
            .withSymbols(RECORDED.stream().map(Symbol::of).toList())
            .withStreams(StreamsConfig.DEFAULT.withSession("coinbase_exchange", session)),
        String.join(", ", RECORDED),
        "coinbase_exchange");
    long last = 1_568_319;
    eventually(() -> get("/v1/snapshot?symbol=SKL/USD").toString().contains("\"" + last + "\""));
    List<JsonNode> trades = new ArrayList<>();
    get("/v1/replay?stream=" + encoded("trade|SKL/USD") + "&epoch=" + epoch("SKL/USD")
            + "&from_seq=1&limit=1000")
        .get("messages")
        .forEach(trades::add);
    return trades;
  }

  private static List<JsonNode> of(String symbol, List<JsonNode> messages) {
    return messages.stream()
        .filter(m -> m.get("symbol").asText().equals(symbol))
        .toList();
  }

  private Reading subscribed() throws Exception {
    return Reading.of(client, hub().port());
  }
}

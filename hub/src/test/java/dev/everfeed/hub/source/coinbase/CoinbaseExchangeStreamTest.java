package dev.everfeed.hub.source.coinbase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.publish.CanonicalJson;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.FrameDecoder;
import dev.everfeed.hub.source.TakenFrames;
import dev.everfeed.hub.source.Undecodable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoinbaseExchangeStreamTest {
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final Symbol ETH = Symbol.of("ETH/USD");
  private static final Streams STREAMS =
      new Streams(List.of(Stream.trades(BTC), Stream.quotes(BTC), Stream.quotes(ETH)));

  private final CoinbaseExchangeStream source = new CoinbaseExchangeStream();
  private final TakenFrames taken = new TakenFrames(STREAMS, source);
  private final FrameDecoder decoder = source.decoder(STREAMS);

  @Test
  void everyProductIsAskedForWithItsChannelsAndItsHeartbeat() {
    assertThat(source.subscribe(STREAMS.all(), 1))
        .containsExactly("{\"type\":\"subscribe\",\"channels\":["
            + "{\"name\":\"matches\",\"product_ids\":[\"BTC-USD\"]},"
            + "{\"name\":\"ticker\",\"product_ids\":[\"BTC-USD\",\"ETH-USD\"]},"
            + "{\"name\":\"heartbeat\",\"product_ids\":[\"BTC-USD\",\"ETH-USD\"]}]}");
  }

  @Test
  void theHeartbeatEndsWithTheTrades() {
    assertThat(source.unsubscribe(STREAMS.all(), 1))
        .containsExactly("{\"type\":\"unsubscribe\",\"channels\":["
            + "{\"name\":\"matches\",\"product_ids\":[\"BTC-USD\"]},"
            + "{\"name\":\"ticker\",\"product_ids\":[\"BTC-USD\",\"ETH-USD\"]},"
            + "{\"name\":\"heartbeat\",\"product_ids\":[\"BTC-USD\"]}]}");
    assertThat(source.unsubscribe(List.of(Stream.quotes(ETH)), 1))
        .singleElement()
        .asString()
        .doesNotContain("heartbeat");
  }

  @Test
  void anAnswerNamesTheStreamsThatAreSubscribed() throws Undecodable {
    assertThat(lines("{\"type\":\"subscriptions\",\"channels\":["
            + "{\"name\":\"heartbeat\",\"product_ids\":[\"BTC-USD\"]},"
            + "{\"name\":\"matches\",\"product_ids\":[\"BTC-USD\",\"ETH-USD\",\"XRP-USD\",\"?\"]},"
            + "{\"name\":\"status\"},"
            + "{\"name\":\"ticker\",\"product_ids\":[\"ETH-USD\"],\"account_ids\":null}]}"))
        .containsExactly("subscribed trade|BTC/USD", "subscribed quote|ETH/USD");
    assertThat(lines("{\"type\":\"subscriptions\",\"channels\":[]}")).isEmpty();
  }

  @Test
  void anErrorIsToldWithItsReason() throws Undecodable {
    assertThat(lines("{\"type\":\"error\",\"message\":\"Failed to subscribe\","
            + "\"reason\":\"FOO-USD is not a valid product\"}"))
        .containsExactly(
            "control {\"type\":\"provider_error\",\"source\":\"coinbase_exchange\",\"code\":null,"
                + "\"message\":\"Failed to subscribe: FOO-USD is not a valid product\"}");
    assertThat(lines("{\"message\":\"Forbidden\"}"))
        .containsExactly(
            "control {\"type\":\"provider_error\",\"source\":\"coinbase_exchange\",\"code\":null,"
                + "\"message\":\"Forbidden\"}");
  }

  /// It proves a gap behind which nothing came.
  @Test
  void aHeartbeatNamesTheNewestTrade() throws Undecodable {
    String sign = "control {\"type\":\"heartbeat\",\"source\":\"coinbase_exchange\"}";
    String frame =
        "{\"type\":\"heartbeat\",\"sequence\":90,\"last_trade_id\":20,\"product_id\":\"BTC-USD\",\"time\":\"2014-11-07T08:19:28.464459Z\"}";

    assertThat(lines(frame)).containsExactly("newest trade|BTC/USD 20", sign);
    assertThat(lines(frame.replace("90", "\"\\u0039\"")))
        .containsExactly("newest trade|BTC/USD 20", sign);
    assertThat(lines(frame.replace("BTC", "ETH"))).containsExactly(sign); // no trades of it
    assertThat(lines(frame.replace("BTC", "XRP"))).containsExactly(sign);
    assertThat(lines("{\"type\":\"heartbeat\"}")).containsExactly(sign);
  }

  @Test
  void theMakersSideBecomesTheTakers() throws Undecodable {
    assertThat(lines(match("buy"))).singleElement().asString().contains("\"side\":\"sell\"");
    assertThat(lines(match("sell"))).singleElement().asString().contains("\"side\":\"buy\"");
    assertThat(lines(match("SELL"))).singleElement().asString().contains("\"side\":\"buy\"");
    assertThat(taken.ticksOfNumbers()).isZero();
    assertThatThrownBy(() -> lines(match("up"))).isInstanceOf(Undecodable.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"last_match\",\"trade_id\":1,\"side\":\"buy\",\"size\":\"1\",\"price\":\"4\",\"product_id\":\"BTC-USD\",\"time\":\"2019-08-01T00:00:03Z\"}",
        "{\"type\":\"l2update\",\"product_id\":\"BTC-USD\",\"changes\":[[\"sell\",\"0.7\",\"7\"]]}",
        "{\"type\":\"tomorrow\",\"product_id\":7}",
        "{\"bids\":[[\"0.1135\",\"35\",1]],\"asks\":[],\"sequence\":406959136}",
        "{}"
      })
  void whatIsNoNewsGivesNothing(String frame) throws Undecodable {
    assertThat(lines(frame)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
      {"type":"ticker","product_id":"BTC-USD","price":null,"best_bid":"1","time":"2022-06-02T09:20:54Z"}; quote
      {"type":"ticker","product_id":"BTC-USD","price":"2","best_bid":"","best_ask":null};                 price
      {"type":"ticker","product_id":"BTC-USD","price":"2","best_ask":"3"};                                price quote
      """)
  void aTickerGivesWhatItHas(String frame, String types) throws Undecodable {
    List<Event> events = new CoinbaseExchangeDecoder()
        .decode("ws_ticker", frame.getBytes(StandardCharsets.UTF_8), DecodeContext.NONE);

    assertThat(String.join(
            " ",
            events.stream()
                .map(e -> CanonicalJson.line(e).replaceAll("^.\"type\":\"([a-z]+)\".*", "$1"))
                .toList()))
        .isEqualTo(types);
    assertThat(lines(frame)).hasSize(types.contains("quote") ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"match\",\"product_id\":\"BTC-USD\",\"size\":\"1\",\"side\":\"buy\"}",
        "{\"type\":\"match\",\"product_id\":\"BTCUSD\",\"size\":\"1\",\"price\":\"1\"}",
        "{\"type\":\"ticker\",\"product_id\":\"BTC-USD\"}",
        "{\"type\":\"ticker\",\"price\":\"1\"}",
        "{\"type\":\"heartbeat\",\"product_id\":\"BTC-USD\",\"last_trade_id\":-1}",
        "{\"type\":\"subscriptions\"}",
        "{\"type\":\"subscriptions\",\"channels\":[\"matches\"]}",
        "{\"type\":\"error\"}",
        "{\"type\":7}",
        "[]"
      })
  void whatLacksARequiredFieldIsUndecodable(String frame) {
    assertThatThrownBy(() -> lines(frame)).isInstanceOf(Undecodable.class);
    assertThat(taken.lines()).isEmpty();
  }

  private static String match(String side) {
    return "{\"type\":\"match\",\"trade_id\":10,\"time\":\"2014-11-07T08:19:27.028459Z\",\"product_id\":\"BTC-USD\",\"size\":\"5.2\",\"price\":\"400.23\",\"side\":\""
        + side + "\"}";
  }

  private List<String> lines(String frame) throws Undecodable {
    taken.clear();
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    decoder.decode(bytes, 0, bytes.length, taken);
    return List.copyOf(taken.lines());
  }
}

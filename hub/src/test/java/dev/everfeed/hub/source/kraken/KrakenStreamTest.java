package dev.everfeed.hub.source.kraken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
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

class KrakenStreamTest {
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final Symbol DOGE = Symbol.of("DOGE/USD");
  private static final Streams STREAMS = new Streams(List.of(
      Stream.trades(BTC),
      Stream.quotes(BTC),
      Stream.trades(DOGE),
      Stream.bars(BTC, Interval.M1),
      Stream.bars(DOGE, Interval.M1),
      Stream.bars(BTC, Interval.D1)));

  private final KrakenStream source = new KrakenStream();
  private final TakenFrames taken = new TakenFrames(STREAMS, source);
  private final FrameDecoder decoder = source.decoder(STREAMS);

  /// Names are those of the streams, not `XBT` and `XDG`; no history is asked for; best prices
  /// come with each change of them and not with each trade.
  @Test
  void eachChannelIsAMessageOfItsOwn() {
    assertThat(source.subscribe(STREAMS.all(), 7))
        .containsExactly(
            "{\"method\":\"subscribe\",\"params\":{\"channel\":\"trade\",\"snapshot\":false,"
                + "\"symbol\":[\"BTC/USD\",\"DOGE/USD\"]},\"req_id\":224}",
            "{\"method\":\"subscribe\",\"params\":{\"channel\":\"ticker\",\"event_trigger\":\"bbo\","
                + "\"snapshot\":true,\"symbol\":[\"BTC/USD\"]},\"req_id\":225}",
            "{\"method\":\"subscribe\",\"params\":{\"channel\":\"ohlc\",\"interval\":1,"
                + "\"snapshot\":false,\"symbol\":[\"BTC/USD\",\"DOGE/USD\"]},\"req_id\":"
                + (226 + Interval.M1.ordinal()) + "}",
            "{\"method\":\"subscribe\",\"params\":{\"channel\":\"ohlc\",\"interval\":1440,"
                + "\"snapshot\":false,\"symbol\":[\"BTC/USD\"]},\"req_id\":"
                + (226 + Interval.D1.ordinal()) + "}");
    assertThat(source.unsubscribe(List.of(Stream.quotes(BTC)), 8))
        .containsExactly("{\"method\":\"unsubscribe\",\"params\":{\"channel\":\"ticker\","
            + "\"event_trigger\":\"bbo\",\"symbol\":[\"BTC/USD\"]},\"req_id\":257}");
  }

  @Test
  void itIsPingedInItsWords() {
    assertThat(source.ping()).contains("{\"method\":\"ping\"}");
  }

  @Test
  void intervalsThatTheVenueDoesNotHaveAreNotOffered() {
    assertThat(source.offers(Stream.bars(BTC, Interval.W1)))
        .as("its weeks begin on Thursdays")
        .isFalse();
    assertThatThrownBy(() -> source.subscribe(List.of(Stream.bars(BTC, Interval.M3)), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kraken does not offer bar|BTC/USD|3m");
  }

  /// A refusal names the symbol, and its request is one of a single channel.
  @Test
  void whatIsRefusedIsFoundByTheNumberOfTheRequestAndTheSymbol() throws Undecodable {
    for (Stream stream : STREAMS.all()) {
      String request = source.subscribe(List.of(stream), 123_456).getFirst();
      String id = request.replaceAll(".*\"req_id\":(\\d+).*", "$1");
      assertThat(lines("{\"error\":\"Currency pair not supported\",\"method\":\"subscribe\","
              + "\"req_id\":%s,\"success\":false,\"symbol\":\"%s\"}"
                  .formatted(id, stream.symbol())))
          .containsExactly("refused %s Currency pair not supported".formatted(stream));
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
      {"method":"subscribe","result":{"channel":"trade","snapshot":false,"symbol":"BTC/USD"},"success":true,"req_id":224};         subscribed trade|BTC/USD
      {"method":"subscribe","result":{"channel":"ticker","event_trigger":"bbo","symbol":"BTC/USD"},"success":true,"req_id":225};   subscribed quote|BTC/USD
      {"method":"subscribe","result":{"channel":"ohlc","interval":1440,"symbol":"BTC/USD"},"success":true,"req_id":9};             subscribed bar|BTC/USD|1d
      {"method":"subscribe","result":{"channel":"ohlc","interval":5,"symbol":"BTC/USD"},"success":true,"req_id":9};                control {"type":"ack","source":"kraken","ok":true,"native":"ohlc"}
      {"method":"unsubscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true,"req_id":9};                          control {"type":"ack","source":"kraken","ok":true,"native":"trade"}
      {"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,"symbol":"XBT/USD"};                     control {"type":"provider_error","source":"kraken","code":null,"message":"Currency pair not supported XBT/USD"}
      {"error":"Malformed request","req_id":224,"success":false};                                                                  control {"type":"provider_error","source":"kraken","code":null,"message":"Malformed request"}
      {"Error":"Exceeded msg rate"};                                                                                               control {"type":"provider_error","source":"kraken","code":null,"message":"Exceeded msg rate"}
      {"error":"x","req_id":31,"success":false,"symbol":"BTC/USD"};                                                                control {"type":"provider_error","source":"kraken","code":null,"message":"x"}
      {"channel":"status","type":"update","data":[{"system":"maintenance","connection_id":18239578009413566319}]};                 control {"type":"status","source":"kraken","status":"maintenance"}
      {"channel":"status","type":"update","data":[{"system":"post_only"}]};                                                        control {"type":"status","source":"kraken","status":"degraded"}
      {"channel":"heartbeat"};                                                                                                     control {"type":"heartbeat","source":"kraken"}
      {"method":"pong","req_id":1};                                                                                                control {"type":"heartbeat","source":"kraken"}
      """)
  void answersNameTheStream(String frame, String line) throws Undecodable {
    assertThat(lines(frame)).containsExactly(line);
  }

  @Test
  void whatIsSubscribedToAlreadyIsWhatWasWanted() throws Undecodable {
    String refusal =
        "{\"error\":\"%s\",\"method\":\"subscribe\",\"req_id\":%d,\"success\":false,\"symbol\":\"BTC/USD\"}";
    int day = 226 + Interval.D1.ordinal();
    String one = "Already subscribed to one ohlc interval on this symbol";

    assertThat(lines(refusal.formatted("Already subscribed", 224)))
        .containsExactly("subscribed trade|BTC/USD");
    assertThat(lines(refusal.formatted(one, day)))
        .as("it may be another interval")
        .containsExactly("refused bar|BTC/USD|1d " + one);
    String answer =
        "{\"method\":\"%s\",\"result\":{\"channel\":\"ohlc\",\"interval\":1440,\"symbol\":\"BTC/USD\"},\"success\":true,\"req_id\":9}";
    lines(answer.formatted("subscribe"));
    assertThat(lines(refusal.formatted(one, day))).containsExactly("subscribed bar|BTC/USD|1d");
    lines(answer.formatted("unsubscribe"));
    assertThat(lines(refusal.formatted(one, day))).containsExactly("refused bar|BTC/USD|1d " + one);
  }

  /// A second interval of a symbol is refused on one connection.
  @Test
  void eachIntervalOfBarsButTheFirstHasAConnectionOfItsOwn() {
    assertThat(source.group(Stream.bars(BTC, Interval.M1)))
        .isEqualTo(source.group(Stream.trades(DOGE)));
    assertThat(source.group(Stream.bars(BTC, Interval.M5)))
        .isEqualTo(source.group(Stream.bars(DOGE, Interval.M5)))
        .isNotEqualTo(source.group(Stream.bars(BTC, Interval.D1)))
        .isNotEqualTo(source.group(Stream.bars(BTC, Interval.M1)));
    assertThat(source.connections(STREAMS.all())).isEqualTo(2);
  }

  /// No frame says that a bar is over; a later one does.
  @Test
  void aBarIsGivenCompleteBeforeTheNextOne() throws Undecodable {
    assertThat(bars("00:01", 1)).containsExactly("00:01 1 false");
    assertThat(bars("00:01", 2)).containsExactly("00:01 2 false");
    assertThat(bars("00:04", 7))
        .as("two minutes had no trades and have no bars")
        .containsExactly("00:01 2 true", "00:04 7 false");
    assertThat(bars("00:01", 3))
        .as("the last state of the one before, which was overtaken")
        .containsExactly("00:01 3 true");
    assertThat(bars("00:05", 8)).containsExactly("00:04 7 true", "00:05 8 false");
  }

  /// It was published as complete three hours later, and took the place of the right one.
  @Test
  void aBarOfBeforeAnUnsubscriptionIsNotEndedByOneOfAfterIt() throws Undecodable {
    String answer =
        "{\"method\":\"%s\",\"result\":{\"channel\":\"ohlc\",\"interval\":1,\"symbol\":\"BTC/USD\"},\"success\":true,\"req_id\":9}";
    lines(answer.formatted("subscribe"));
    assertThat(bars("10:00", 5)).containsExactly("10:00 5 false");
    lines(answer.formatted("unsubscribe"));
    lines(answer.formatted("subscribe"));
    assertThat(bars("13:00", 7)).containsExactly("13:00 7 false");
  }

  /// What a frame of a bar gives: when it opened, its close, whether it is complete.
  private List<String> bars(String minute, int close) throws Undecodable {
    lines(
        "{\"channel\":\"ohlc\",\"type\":\"update\",\"timestamp\":\"2026-07-10T00:00:00.5Z\",\"data\":[{\"symbol\":\"BTC/USD\",\"open\":1,\"high\":9,\"low\":1,\"close\":%d,\"trades\":1,\"volume\":1,\"vwap\":1,\"interval_begin\":\"2026-07-10T%s:00.000000000Z\",\"interval\":1}]}"
            .formatted(close, minute));
    return taken.events().stream()
        .map(Event.Bar.class::cast)
        .map(bar -> "%s %s %s"
            .formatted(bar.time().toString().substring(11, 16), bar.close(), bar.complete()))
        .toList();
  }

  @Test
  void tradesOfBeforeTheSubscriptionAreNoNews() throws Undecodable {
    String frame =
        "{\"channel\":\"trade\",\"type\":\"%s\",\"data\":[{\"symbol\":\"BTC/USD\",\"side\":\"buy\",\"price\":100.1,\"qty\":0.25,\"trade_id\":122,\"timestamp\":\"2026-07-10T00:00:00.023456Z\"}]}";

    assertThat(lines(frame.formatted("snapshot"))).isEmpty();
    assertThat(lines(frame.formatted("update"))).hasSize(1);
    assertThatThrownBy(() -> lines(frame.formatted("snapshot").replace("100.1", "\"x\"")))
        .as("it has to be one of trades all the same")
        .isInstanceOf(Undecodable.class);
  }

  /// The book as it is now: without it a quiet instrument would have no quote for long.
  @Test
  void theBestPricesAtTheSubscriptionAreNews() throws Undecodable {
    assertThat(
            lines(
                "{\"channel\":\"ticker\",\"type\":\"snapshot\",\"data\":[{\"symbol\":\"BTC/USD\",\"bid\":99.9,\"bid_qty\":1.2,\"ask\":100.1,\"ask_qty\":2.3,\"last\":100}]}"))
        .singleElement()
        .asString()
        .contains("\"bid\":99.9,\"bid_size\":1.2,\"ask\":100.1,\"ask_size\":2.3");
    assertThat(taken.ticksOfNumbers()).isEqualTo(1);
  }

  @Test
  void aPriceOfZeroIsThatOfASideThatHasNone() throws Undecodable {
    String frame =
        "{\"channel\":\"ticker\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\",\"bid\":0,\"bid_qty\":0,\"ask\":%s,\"ask_qty\":3,\"last\":0,\"timestamp\":\"1970-01-01T00:00:00.000000Z\"}]}";

    assertThat(lines(frame.formatted("0"))).isEmpty();
    assertThat(lines(frame.formatted("7.5")))
        .singleElement()
        .asString()
        .contains("\"bid\":null,\"bid_size\":null,\"ask\":7.5,\"ask_size\":3");
    assertThat(decoded(frame.formatted("0"))).isEmpty();
  }

  /// Nothing marks the last state of a bar; a frame with a later one shows that it is over.
  @Test
  void aBarIsOverWhenALaterOneIsThere() throws Undecodable {
    String first =
        "{\"symbol\":\"BTC/USD\",\"open\":1,\"high\":2,\"low\":1,\"close\":2,\"volume\":3,\"trades\":1,\"interval_begin\":\"2026-09-10T17:43:00.000000000Z\",\"interval\":1}";
    String second = first.replace("17:43", "17:44");
    String other = first.replace("BTC", "DOGE");
    String frame = "{\"channel\":\"ohlc\",\"type\":\"%s\",\"data\":[%s]}";

    assertThat(lines(frame.formatted("update", first)))
        .singleElement()
        .asString()
        .endsWith(" complete false");
    assertThat(lines(frame.formatted("update", String.join(",", first, other, second))))
        .extracting(line -> line.replaceFirst(" .* ", " "))
        .containsExactly("bar|BTC/USD|1m true", "bar|DOGE/USD|1m false", "bar|BTC/USD|1m false");
    assertThat(lines(frame.formatted("snapshot", first + "," + second)))
        .as("bars of before the subscription are no news")
        .isEmpty();
    assertThat(decoded(frame.formatted("snapshot", first + "," + second))).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"symbol\":\"ETH/USD\",\"side\":\"buy\",\"price\":1,\"qty\":1,\"trade_id\":1}]}",
        "{\"channel\":\"ohlc\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\",\"open\":1,\"high\":1,\"low\":1,\"close\":1,\"interval_begin\":\"2026-09-10T17:43:00Z\",\"interval\":10080}]}",
        "{\"channel\":\"book\",\"type\":\"update\",\"data\":[{\"symbol\":\"BTC/USD\",\"bids\":[],\"asks\":[]}]}",
        "{\"channel\":\"instrument\",\"type\":\"snapshot\",\"data\":{}}",
        "{}"
      })
  void whatWasNotAskedForGivesNothing(String frame) throws Undecodable {
    assertThat(lines(frame)).isEmpty();
  }

  @Test
  void tradesOfAFrameAreAllGivenOrNone() throws Undecodable {
    String good =
        "{\"symbol\":\"BTC/USD\",\"side\":\"sell\",\"price\":1.50,\"qty\":2,\"trade_id\":%d,\"timestamp\":\"2026-07-10T00:00:00.1Z\"}";
    String frame = "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[%s]}";

    assertThat(lines(frame.formatted(good.formatted(1) + "," + good.formatted(2))))
        .hasSize(2);
    assertThat(taken.ticksOfNumbers()).isEqualTo(2);
    assertThatThrownBy(() -> lines(frame.formatted(good.formatted(1) + ",{}")))
        .isInstanceOf(Undecodable.class);
    assertThat(taken.lines()).isEmpty();
  }

  private List<String> lines(String frame) throws Undecodable {
    taken.clear();
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    decoder.decode(bytes, 0, bytes.length, taken);
    return List.copyOf(taken.lines());
  }

  private static List<Event> decoded(String frame) throws Undecodable {
    return new KrakenStreamDecoder()
        .decode("ws_other", frame.getBytes(StandardCharsets.UTF_8), DecodeContext.NONE);
  }
}

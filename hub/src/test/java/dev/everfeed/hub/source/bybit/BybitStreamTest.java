package dev.everfeed.hub.source.bybit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.FrameDecoder;
import dev.everfeed.hub.source.TakenFrames;
import dev.everfeed.hub.source.Undecodable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BybitStreamTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Streams STREAMS = new Streams(List.of(
      Stream.trades(BTC),
      Stream.quotes(BTC),
      Stream.bars(BTC, Interval.M5),
      // split by its name alone it would be USD/TUSD
      Stream.trades(Symbol.of("USDT/USD"))));

  private final BybitStream source = new BybitStream();
  private final TakenFrames taken = new TakenFrames(STREAMS, source);
  private final FrameDecoder decoder = source.decoder(STREAMS);

  @Test
  void topicsAreNamedAndTheRequestHasANumber() {
    assertThat(source.subscribe(
            List.of(
                Stream.trades(BTC),
                Stream.quotes(BTC),
                Stream.bars(BTC, Interval.M1),
                Stream.bars(BTC, Interval.H12),
                Stream.bars(BTC, Interval.MONTH)),
            7))
        .containsExactly("{\"op\":\"subscribe\",\"args\":[\"publicTrade.BTCUSDT\","
            + "\"orderbook.1.BTCUSDT\",\"kline.1.BTCUSDT\",\"kline.720.BTCUSDT\","
            + "\"kline.M.BTCUSDT\"],\"req_id\":\"7\"}");
    assertThat(source.unsubscribe(List.of(Stream.trades(BTC)), 8))
        .containsExactly(
            "{\"op\":\"unsubscribe\",\"args\":[\"publicTrade.BTCUSDT\"],\"req_id\":\"8\"}");
    assertThat(source.ping()).contains("{\"op\":\"ping\"}");
  }

  /// The venue refuses more (docs/v5/ws/connect), and closes a connection with more than 21,000
  /// characters of topics.
  @Test
  void aRequestHasTenTopicsAndAConnectionNoMoreCharactersThanAllowed() {
    Stream longest = Stream.bars(Symbol.of("1000000BABYDOGE/USDT"), Interval.H12);
    String request = source.subscribe(List.of(longest), 1).getFirst();
    String topic = request.substring(request.indexOf('['), request.indexOf(']'));

    assertThat(source.rules().streamsPerRequest()).isEqualTo(10);
    assertThat(topic.length() * source.rules().streamsMax()).isLessThan(21_000);
  }

  /// Their names are those of derivatives, and what came under them would not be what was asked
  /// for.
  @ParameterizedTest
  @ValueSource(strings = {"BTC/PERP", "SOL/USDU23"})
  void whatHasTheNameOfADerivativeIsNotOffered(String symbol) {
    assertThat(source.offers(Stream.trades(Symbol.of(symbol)))).isFalse();
    assertThat(source.nativeName(Symbol.of(symbol))).isEmpty();
  }

  @Test
  void intervalsThatTheVenueDoesNotHaveAreNotOffered() {
    assertThat(source.offers(Stream.bars(BTC, Interval.H8))).isFalse();
    assertThatThrownBy(() -> source.subscribe(List.of(Stream.bars(BTC, Interval.H8)), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bybit does not offer bar|BTC/USDT|8h");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
      {"success":true,"ret_msg":"subscribe","conn_id":"x","req_id":"7","op":"subscribe"};     answered 7 null
      {"success":false,"ret_msg":"error:handler not found","req_id":"7","op":"subscribe"};    answered 7 error:handler not found
      {"success":false,"ret_msg":"error:handler not found,topic:tickers.BTCUSDT","req_id":"7"};   answered 7 error:handler not found,topic:tickers.BTCUSDT
      {"success":true,"ret_msg":"","conn_id":"x","req_id":"","op":"subscribe"};               control {"type":"ack","source":"bybit","ok":true,"native":null}
      {"success":false,"ret_msg":"Invalid request","op":"subscribe"};                         control {"type":"provider_error","source":"bybit","code":null,"message":"Invalid request"}
      {"success":true,"ret_msg":"pong","conn_id":"x","req_id":"","op":"ping"};                control {"type":"heartbeat","source":"bybit"}
      {"req_id":"","op":"pong","args":["1675418560633"],"conn_id":"x"};                       control {"type":"heartbeat","source":"bybit"}
      {"topic":"system.status","ts":1,"data":[{"state":"ongoing"}]};                          control {"type":"status","source":"bybit","status":"maintenance"}
      """)
  void answersNameTheRequest(String frame, String line) throws Undecodable {
    assertThat(lines(frame)).containsExactly(line);
  }

  /// The whole request is refused, for the sake of the one topic that is named: what is
  /// subscribed to already is what was wanted.
  @Test
  void aRefusalNamesTheTopicThatItIsAbout() throws Undecodable {
    String refusal =
        "{\"success\":false,\"ret_msg\":\"%s\",\"conn_id\":\"x\",\"req_id\":\"7\",\"op\":\"subscribe\"}";
    String already = "error:already subscribed,topic:publicTrade.BTCUSDT";
    String invalid = "Invalid symbol :[orderbook.1.BTCUSDT]";
    String unknown = "error:handler not found,topic:kline.5.BTCUSDT";

    assertThat(lines(refusal.formatted(already)))
        .containsExactly("subscribed trade|BTC/USDT", "answered 7 " + already);
    assertThat(lines(refusal.formatted(invalid)))
        .containsExactly("refused quote|BTC/USDT " + invalid, "answered 7 " + invalid);
    assertThat(lines(refusal.formatted(unknown)))
        .containsExactly("refused bar|BTC/USDT|5m " + unknown, "answered 7 " + unknown);
  }

  /// A change of one side leaves the other as it is: published alone it would be a book without
  /// the other side.
  @Test
  void whatAChangeSaysNothingOfIsAsItWas() throws Undecodable {
    assertThat(quote(book("snapshot", 1, "[[\"10.0\",\"1\"]]", "[[\"11.0\",\"2\"]]")))
        .isEqualTo("10.0 1 11.0 2");
    assertThat(quote(book("delta", 2, "[[\"10.5\",\"3\"]]", "[]"))).isEqualTo("10.5 3 11.0 2");
    assertThat(quote(book("delta", 3, "[]", "[[\"11.0\",\"0\"],[\"10.9\",\"4\"]]")))
        .isEqualTo("10.5 3 10.9 4");
    assertThat(taken.ticksOfNumbers()).as("without allocation").isEqualTo(1);
  }

  @Test
  void aSideWhoseLevelIsDeletedIsGone() throws Undecodable {
    lines(book("snapshot", 1, "[[\"10.0\",\"1\"]]", "[[\"11.0\",\"2\"]]"));

    assertThat(quote(book("delta", 2, "[[\"10.0\",\"0\"]]", "[]"))).isEqualTo("null null 11.0 2");
    assertThat(lines(book("delta", 3, "[]", "[[\"11.0\",\"0.000\"]]"))).isEmpty();
    assertThat(quote(book("delta", 4, "[[\"9\",\"5\"]]", "[]"))).isEqualTo("9 5 null null");
  }

  /// What it changes is not known.
  @Test
  void aChangeBeforeTheWholeBookGivesNothing() throws Undecodable {
    assertThat(lines(book("delta", 7, "[[\"10.5\",\"3\"]]", "[[\"11\",\"1\"]]")))
        .isEmpty();
    assertThat(quote(book("snapshot", 8, "[[\"10.0\",\"1\"]]", "[]")))
        .isEqualTo("10.0 1 null null");
  }

  /// The venue's service has been started anew and counts from 1; what was known is no more.
  @Test
  void aWholeBookReplacesWhatWasKnown() throws Undecodable {
    lines(book("snapshot", 900, "[[\"10.0\",\"1\"]]", "[[\"11.0\",\"2\"]]"));

    assertThat(quote(book("snapshot", 1, "[]", "[[\"12.0\",\"2\"]]")))
        .isEqualTo("null null 12.0 2");
    assertThat(quote(book("delta", 2, "[[\"8\",\"1\"]]", "[]"))).isEqualTo("8 1 12.0 2");
  }

  /// Numbers of more than 18 digits, and escapes, are for the slow way: it knows the same book.
  @Test
  void bothWaysKeepTheSameBook() throws Undecodable {
    lines(book("snapshot", 1, "[[\"10.0\",\"1\"]]", "[[\"11.0\",\"2\"]]"));
    String escaped = book("delta", 2, "[[\"10.5\",\"3\"]]", "[]").replace("delta", "\\u0064elta");
    assertThat(quote(escaped)).isEqualTo("10.5 3 11.0 2");
    assertThat(taken.orders()).containsExactly(2L);
    assertThat(taken.ticksOfNumbers()).isZero();
    assertThat(quote(book("delta", 3, "[]", "[[\"10.9\",\"4\"]]"))).isEqualTo("10.5 3 10.9 4");
    assertThat(taken.ticksOfNumbers()).isEqualTo(1);

    assertThat(quote(book("delta", 4, "[[\"1.2345678901234567890\",\"1\"]]", "[]")))
        .isEqualTo("1.2345678901234567890 1 10.9 4");
    assertThat(lines(book("delta", 5, "[]", "[[\"10.8\",\"4\"]]")))
        .as("such a number is not kept, so what a change completes is unknown")
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"topic\":\"tickers.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1,\"data\":{\"symbol\":\"BTCUSDT\",\"lastPrice\":\"1\",\"bid1Price\":\"1\",\"ask1Price\":\"2\"}}",
        "{\"topic\":\"orderbook.50.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1,\"data\":{\"s\":\"BTCUSDT\",\"b\":[[\"1\",\"1\"]],\"a\":[],\"u\":1}}",
        "{\"topic\":\"publicTrade.ETHUSDT\",\"type\":\"snapshot\",\"ts\":1,\"data\":[{\"T\":1,\"s\":\"ETHUSDT\",\"S\":\"Buy\",\"v\":\"1\",\"p\":\"1\",\"i\":\"1\"}]}",
        "{\"topic\":\"kline.1.BTCUSDT\",\"ts\":1,\"data\":[{\"start\":0,\"interval\":\"1\",\"open\":\"1\",\"close\":\"1\",\"high\":\"1\",\"low\":\"1\",\"volume\":\"1\",\"confirm\":true}]}"
      })
  void whatWasNotAskedForGivesNothing(String frame) throws Undecodable {
    assertThat(lines(frame)).isEmpty();
  }

  @Test
  void tradesOfAFrameAreAllGivenOrNone() throws Undecodable {
    String good = "{\"T\":5,\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"v\":\"1\",\"p\":\"2\",\"i\":\"%d\"}";
    String frame = "{\"topic\":\"publicTrade.BTCUSDT\",\"ts\":6,\"data\":[%s]}";

    assertThat(lines(frame.formatted(good.formatted(1) + "," + good.formatted(2))))
        .hasSize(2);
    assertThat(taken.ticksOfNumbers()).isEqualTo(2);
    assertThatThrownBy(() -> lines(frame.formatted(good.formatted(1) + ",{\"s\":\"BTCUSDT\"}")))
        .isInstanceOf(Undecodable.class);
    assertThat(taken.lines()).isEmpty();
  }

  @Test
  void aGluedNameIsThatOfThePublishedSymbolBothWays() throws Undecodable {
    String hot =
        "{\"topic\":\"publicTrade.USDTUSD\",\"ts\":6,\"data\":[{\"T\":5,\"s\":\"USDTUSD\",\"S\":\"Buy\",\"v\":\"1\",\"p\":\"2\",\"i\":\"1\"}]}";

    assertThat(lines(hot)).singleElement().asString().startsWith("trade|USDT/USD ");
    assertThat(taken.ticksOfNumbers()).isEqualTo(1);
    assertThat(lines(hot.replace("\"s\":\"USDTUSD", "\"s\":\"USDT\\u0055SD")))
        .singleElement()
        .asString()
        .startsWith("trade|USDT/USD ");
    assertThat(taken.ticksOfNumbers()).isZero();
  }

  @Test
  void aBarIsOverWhenTheVenueConfirmsIt() throws Undecodable {
    String frame =
        "{\"topic\":\"kline.5.BTCUSDT\",\"ts\":1,\"type\":\"snapshot\",\"data\":[{\"start\":1672324800000,\"end\":1672325099999,\"interval\":\"5\",\"open\":\"1\",\"close\":\"2\",\"high\":\"3\",\"low\":\"1\",\"volume\":\"4\",\"confirm\":%b,\"timestamp\":1}]}";

    assertThat(lines(frame.formatted(false)))
        .singleElement()
        .asString()
        .endsWith(" complete false");
    assertThat(lines(frame.formatted(true))).singleElement().asString().endsWith(" complete true");
  }

  private static String book(String type, int sequence, String bids, String asks) {
    return "{\"topic\":\"orderbook.1.BTCUSDT\",\"type\":\"%s\",\"ts\":1680673820717,\"data\":{\"s\":\"BTCUSDT\",\"b\":%s,\"a\":%s,\"u\":%d,\"seq\":%d}}"
        .formatted(type, bids, asks, sequence, sequence);
  }

  /// Bid, its size, ask, its size of the only event of a frame.
  private String quote(String frame) throws Undecodable {
    assertThat(lines(frame)).hasSize(1);
    Event.Quote quote = (Event.Quote) taken.events().getFirst();
    return "%s %s %s %s".formatted(quote.bid(), quote.bidSize(), quote.ask(), quote.askSize());
  }

  private List<String> lines(String frame) throws Undecodable {
    taken.clear();
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    decoder.decode(bytes, 0, bytes.length, taken);
    return List.copyOf(taken.lines());
  }
}

package dev.everfeed.hub.source.binance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

class BinanceStreamTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Streams STREAMS = new Streams(List.of(
      Stream.trades(BTC),
      Stream.quotes(BTC),
      Stream.bars(BTC, Interval.M1),
      // split by its name alone it would be USD/TUSD
      Stream.trades(Symbol.of("USDT/USD"))));

  private final BinanceStream source = new BinanceStream();
  private final TakenFrames taken = new TakenFrames(STREAMS, source);
  private final FrameDecoder decoder = source.decoder(STREAMS);

  @Test
  void symbolsAreAskedForInLowerCaseAndIntervalsAsTheyAre() {
    assertThat(source.subscribe(
            List.of(
                Stream.trades(BTC),
                Stream.quotes(BTC),
                Stream.bars(BTC, Interval.M1),
                Stream.bars(BTC, Interval.MONTH)),
            7))
        .containsExactly(
            "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\",\"btcusdt@bookTicker\","
                + "\"btcusdt@kline_1m\",\"btcusdt@kline_1M\"],\"id\":7}");
    assertThat(source.unsubscribe(List.of(Stream.trades(BTC)), 8))
        .containsExactly("{\"method\":\"UNSUBSCRIBE\",\"params\":[\"btcusdt@trade\"],\"id\":8}");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
      {"result":null,"id":7};                                          answered 7 null
      {"id":7,"result":true};                                          answered 7 null
      {"result":["btcusdt@trade","btcusdt@bookTicker"],"id":3};        answered 3 null
      {"code":2,"msg":"Invalid request: too many parameters","id":4};  answered 4 2 Invalid request: too many parameters
      {"error":{"code":3,"msg":"Invalid JSON"},"id":5};                answered 5 3 Invalid JSON
      {"code":1,"msg":"Invalid value type: expected Boolean"};         control {"type":"provider_error","source":"binance","code":"1","message":"Invalid value type: expected Boolean"}
      {"result":null,"id":"a"};                                        control {"type":"ack","source":"binance","ok":true,"native":null}
      {"e":"serverShutdown","E":1770123456789};                        control {"type":"status","source":"binance","status":"maintenance"}
      """)
  void answersNameTheRequest(String frame, String line) throws Undecodable {
    assertThat(lines(frame)).isEqualTo(line.isEmpty() ? List.of() : List.of(line));
  }

  /// Their ids count apart: one of them in the stream of trades would be a gap and a repetition.
  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
      {"e":"aggTrade","E":1672515782136,"s":"BTCUSDT","a":12345,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782136,"m":true,"M":true}
      {"e":"agg\\u0054rade","E":1672515782136,"s":"BTCUSDT","a":12345,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782136,"m":true,"M":true}
      {"e":"24hrTicker","E":1672515782136,"s":"BTCUSDT","c":"0.0025","b":"0.0024","B":"10","a":"0.0026","A":"100"}
      {"e":"kline","E":1672515782136,"s":"BTCUSDT","k":{"t":1672515780000,"s":"BTCUSDT","i":"5m","o":"1","c":"1","h":"1","l":"1","v":"1","x":false}}
      {"e":"trade","E":1672515782136,"s":"ETHUSDT","t":12345,"p":"0.001","q":"100","T":1672515782136,"m":true,"M":true}
      """)
  void whatWasNotAskedForGivesNothing(String frame) throws Undecodable {
    assertThat(lines(frame)).isEmpty();
  }

  @Test
  void aGluedNameIsThatOfThePublishedSymbolBothWays() throws Undecodable {
    String hot =
        "{\"e\":\"trade\",\"E\":1,\"s\":\"USDTUSD\",\"t\":1,\"p\":\"1\",\"q\":\"2\",\"T\":1,\"m\":true}";
    String slow = hot.replace("\"USDTUSD\"", "\"USDT\\u0055SD\"");

    assertThat(lines(hot)).singleElement().asString().startsWith("trade|USDT/USD ");
    assertThat(lines(slow)).isEqualTo(lines(hot));
  }

  @Test
  void aNumberBeyondEighteenDigitsComesAsAnEvent() throws Undecodable {
    String frame =
        "{\"u\":1,\"s\":\"BTCUSDT\",\"b\":\"0.00001234\",\"B\":\"123456789012.00000000\",\"a\":\"0.00001235\",\"A\":\"1\"}";

    assertThat(lines(frame))
        .singleElement()
        .asString()
        .contains("\"bid_size\":123456789012.00000000,");
    assertThat(taken.ticksOfNumbers()).isZero();
  }

  /// Of an array with a wrong item nothing is given.
  @Test
  void aFrameIsTakenAsAWholeOrNotAtAll() {
    String good = "{\"u\":1,\"s\":\"BTCUSDT\",\"b\":\"1\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}";

    assertThatThrownBy(() -> lines("[" + good + ",7]")).isInstanceOf(Undecodable.class);
    assertThatThrownBy(() -> lines("[" + good + ",{\"e\":\"trade\"}]"))
        .isInstanceOf(Undecodable.class);
    assertThat(taken.lines()).isEmpty();
  }

  private List<String> lines(String frame) throws Undecodable {
    taken.clear();
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    decoder.decode(bytes, 0, bytes.length, taken);
    return List.copyOf(taken.lines());
  }
}

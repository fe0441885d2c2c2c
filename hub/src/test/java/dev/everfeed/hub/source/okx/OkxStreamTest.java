package dev.everfeed.hub.source.okx;

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
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OkxStreamTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Streams STREAMS = new Streams(List.of(
      Stream.trades(BTC),
      Stream.quotes(BTC),
      Stream.bars(BTC, Interval.M1),
      Stream.bars(BTC, Interval.D1)));

  private final OkxStream source = new OkxStream();
  private final TakenFrames taken = new TakenFrames(STREAMS, source);
  private final FrameDecoder decoder = source.decoder(STREAMS);

  @Test
  void channelsAndInstrumentsAreNamedAndDaysBeginInUtc() {
    assertThat(source.subscribe(STREAMS.all(), 7))
        .containsExactly("{\"op\":\"subscribe\",\"args\":["
            + "{\"channel\":\"trades-all\",\"instId\":\"BTC-USDT\"},"
            + "{\"channel\":\"bbo-tbt\",\"instId\":\"BTC-USDT\"},"
            + "{\"channel\":\"candle1m\",\"instId\":\"BTC-USDT\"},"
            + "{\"channel\":\"candle1Dutc\",\"instId\":\"BTC-USDT\"}]}");
    assertThat(source.unsubscribe(List.of(Stream.trades(BTC)), 8))
        .containsExactly("{\"op\":\"unsubscribe\",\"args\":["
            + "{\"channel\":\"trades-all\",\"instId\":\"BTC-USDT\"}]}");
  }

  @Test
  void bestPricesHaveAConnectionOfTheirOwn() {
    assertThat(source.path(Stream.trades(BTC))).isEqualTo("/ws/v5/business");
    assertThat(source.path(Stream.bars(BTC, Interval.M1))).isEqualTo("/ws/v5/business");
    assertThat(source.path(Stream.quotes(BTC))).isEqualTo("/ws/v5/public");
    assertThat(source.connections(STREAMS.all())).isEqualTo(2);
  }

  /// Also when a refusal that names nothing makes each be asked for alone.
  @Test
  void aConnectionCanAskForAllOfItsStreamsWithinTheHour() {
    assertThat(source.rules().streamsMax()).isLessThan(source.rules().requestsMax());
    assertThat(source.rules().requestsMax()).isLessThan(480);
  }

  /// Three are allowed, and what is begun late comes together with what is begun in time.
  @Test
  void notAllConnectionsThatAreAllowedAreTaken() {
    assertThat(source.rules().connectsMax()).isEqualTo(2);
    assertThat(source.rules().connectsWindow()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void intervalsThatTheVenueDoesNotHaveAreNotOffered() {
    assertThatThrownBy(() -> source.subscribe(List.of(Stream.bars(BTC, Interval.D3)), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("okx does not offer bar|BTC/USDT|3d");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
      {"event":"subscribe","arg":{"channel":"trades-all","instId":"BTC-USDT"},"connId":"x"};           subscribed trade|BTC/USDT
      {"event":"subscribe","arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"connId":"x"};              subscribed quote|BTC/USDT
      {"event":"subscribe","arg":{"channel":"candle1Dutc","instId":"BTC-USDT"},"connId":"x"};          subscribed bar|BTC/USDT|1d
      {"event":"subscribe","arg":{"channel":"candle1D","instId":"BTC-USDT"}};                          control {"type":"ack","source":"okx","ok":true,"native":"candle1D"}
      {"event":"unsubscribe","arg":{"channel":"bbo-tbt","instId":"BTC-USDT"}};                         control {"type":"ack","source":"okx","ok":true,"native":"bbo-tbt"}
      {"event":"error","arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"code":"60018","msg":"Wrong"};  refused quote|BTC/USDT 60018 Wrong
      {"event":"error","msg":"Wrong URL or channel:candle1m,instId:BTC-USDT doesn't exist. Please use","code":"60018","connId":"x"};   refused bar|BTC/USDT|1m 60018 Wrong URL or channel:candle1m,instId:BTC-USDT doesn't exist. Please use
      {"event":"error","msg":"Subscribe failed, wrong URL or channel:trades-all,instId:BTC-USDT doesn't exist","code":"60018"};        refused trade|BTC/USDT 60018 Subscribe failed, wrong URL or channel:trades-all,instId:BTC-USDT doesn't exist
      {"event":"error","msg":"Wrong URL or channel:bbo-tbt,instId:XYZ-USDT doesn't exist","code":"60018"};                              control {"type":"provider_error","source":"okx","code":"60018","message":"Wrong URL or channel:bbo-tbt,instId:XYZ-USDT doesn't exist"}
      {"event":"error","code":"60012","msg":"Illegal request","connId":"x"};                           control {"type":"provider_error","source":"okx","code":"60012","message":"Illegal request"}
      {"event":"notice","code":"64008","msg":"soon be closed"};                                        control {"type":"status","source":"okx","status":"maintenance"}
      pong;                                                                                            control {"type":"heartbeat","source":"okx"}
      """)
  void answersNameTheStream(String frame, String line) throws Undecodable {
    assertThat(lines(frame)).containsExactly(line);
  }

  @Test
  void aPongIsNoJsonAndIsReadAlsoInARecording() throws Undecodable {
    assertThat(source.ping()).contains("ping");
    OkxDecoder wire = new OkxDecoder();
    for (String given :
        List.of("ws_heartbeat pong", "ws_session {\"dir\":\"server\",\"raw\":\"pong\"}")) {
      int blank = given.indexOf(' ');
      byte[] bytes = given.substring(blank + 1).getBytes(StandardCharsets.UTF_8);
      assertThat(wire.decode(given.substring(0, blank), bytes, DecodeContext.NONE))
          .containsExactly(new Event.Heartbeat(OkxDecoder.SOURCE));
    }
    assertThatThrownBy(() -> lines("pongs")).isInstanceOf(Undecodable.class);
    assertThatThrownBy(() -> lines("ping")).isInstanceOf(Undecodable.class);
  }

  /// `trades` puts several fills into one event: its ids would be gaps.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"arg\":{\"channel\":\"trades\",\"instId\":\"BTC-USDT\"},\"data\":[{\"instId\":\"BTC-USDT\",\"tradeId\":\"130639474\",\"px\":\"1\",\"sz\":\"1\",\"side\":\"buy\",\"ts\":\"1\",\"count\":\"3\"}]}",
        "{\"arg\":{\"channel\":\"tickers\",\"instId\":\"BTC-USDT\"},\"data\":[{\"instId\":\"BTC-USDT\",\"last\":\"1\",\"bidPx\":\"1\",\"askPx\":\"2\",\"ts\":\"1\"}]}",
        "{\"arg\":{\"channel\":\"candle1D\",\"instId\":\"BTC-USDT\"},\"data\":[[\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\"]]}",
        "{\"arg\":{\"channel\":\"trades-all\",\"instId\":\"BTC-USDT-SWAP\"},\"data\":[{\"instId\":\"BTC-USDT-SWAP\",\"tradeId\":\"1\",\"px\":\"1\",\"sz\":\"1\",\"side\":\"buy\",\"ts\":\"1\"}]}",
        "{\"arg\":{\"channel\":\"books5\",\"instId\":\"BTC-USDT\"},\"data\":[{\"asks\":[],\"bids\":[],\"ts\":\"1\"}]}"
      })
  void whatWasNotAskedForGivesNothing(String frame) throws Undecodable {
    assertThat(lines(frame)).isEmpty();
  }

  @Test
  void aBookMayHaveOneSideOrNone() throws Undecodable {
    String frame =
        "{\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"BTC-USDT\"},\"data\":[{\"asks\":[],\"bids\":%s,\"ts\":\"1\",\"seqId\":3}]}";

    assertThat(lines(frame.formatted("[[\"5\",\"6\",\"0\",\"1\"]]")))
        .singleElement()
        .asString()
        .contains("\"bid\":5,\"bid_size\":6,\"ask\":null,\"ask_size\":null");
    assertThat(taken.ticksOfNumbers()).as("without allocation").isEqualTo(1);
    assertThat(lines(frame.formatted("[]"))).isEmpty();
  }

  /// Escapes are for the slow way, which knows the same order.
  @Test
  void aBookHasItsPlaceInTheOrderBothWays() throws Undecodable {
    String frame =
        "{\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"BTC-USDT\"},\"data\":[{\"asks\":[],\"bids\":[[\"5\",\"6\",\"0\",\"1\"]],\"ts\":\"1\",\"seqId\":3}]}";

    lines(frame);
    assertThat(taken.orders()).containsExactly(3L);
    assertThat(taken.ticksOfNumbers()).isEqualTo(1);
    lines(frame.replace("bbo-tbt", "bbo\\u002dtbt"));
    assertThat(taken.orders()).containsExactly(3L);
    assertThat(taken.ticksOfNumbers()).isZero();
  }

  @Test
  void aBarIsOverWhenTheVenueConfirmsIt() throws Undecodable {
    String frame =
        "{\"arg\":{\"channel\":\"candle1m\",\"instId\":\"BTC-USDT\"},\"data\":[[\"1597026360000\",\"1\",\"2\",\"1\",\"2\",\"7\",\"8\",\"8\",\"%d\"]]}";

    assertThat(lines(frame.formatted(0))).singleElement().asString().endsWith(" complete false");
    assertThat(lines(frame.formatted(1)))
        .singleElement()
        .asString()
        .startsWith("bar|BTC/USDT|1m ")
        .contains("\"volume\":7,")
        .endsWith(" complete true");
  }

  @Test
  void tradesOfAFrameAreAllGivenOrNone() throws Undecodable {
    String good =
        "{\"instId\":\"BTC-USDT\",\"tradeId\":\"%d\",\"px\":\"1\",\"sz\":\"1\",\"side\":\"sell\",\"ts\":\"1\"}";
    String frame = "{\"arg\":{\"channel\":\"trades-all\",\"instId\":\"BTC-USDT\"},\"data\":[%s]}";

    assertThat(lines(frame.formatted(good.formatted(1) + "," + good.formatted(2))))
        .hasSize(2);
    assertThat(taken.ticksOfNumbers()).isEqualTo(2);
    assertThatThrownBy(() -> lines(frame.formatted(good.formatted(1) + ",7")))
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

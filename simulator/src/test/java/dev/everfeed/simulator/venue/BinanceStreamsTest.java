package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Binance's streams over real sockets, against the same venue's REST answers.
@Timeout(30)
class BinanceStreamsTest {
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
  void tradesAreThoseOfRestWithoutAHole() throws IOException {
    try (var client = new StreamClient(url, "/ws/btcusdt@trade")) {
      clock.advance(Duration.ofSeconds(20));
      List<JsonNode> trades = frames(client, 100);
      long first = trades.getFirst().get("t").asLong();
      JsonNode rest = Asking.JSON.readTree(
          RawClient.body(url, "/api/v3/historicalTrades?symbol=BTCUSDT&limit=100&fromId=" + first));
      for (int i = 0; i < 100; i++) {
        JsonNode trade = trades.get(i);
        JsonNode known = rest.get(i);
        assertThat(trade.get("e").asText()).isEqualTo("trade");
        assertThat(trade.get("s").asText()).isEqualTo("BTCUSDT");
        assertThat(trade.get("t").asLong()).isEqualTo(first + i);
        assertThat(trade.get("t")).isEqualTo(known.get("id"));
        assertThat(trade.get("p")).isEqualTo(known.get("price"));
        assertThat(trade.get("q")).isEqualTo(known.get("qty"));
        assertThat(trade.get("T")).isEqualTo(known.get("time"));
        assertThat(trade.get("m")).isEqualTo(known.get("isBuyerMaker"));
        assertThat(trade.get("E").asLong()).isEqualTo(trade.get("T").asLong() + 2);
      }
    }
  }

  @Test
  void bestPricesFollowTheTradesAndTheirNumberRises() throws IOException {
    try (var client = new StreamClient(url, "/stream?streams=btcusdt@bookTicker/btcusdt@trade")) {
      clock.advance(Duration.ofSeconds(5));
      long update = 0;
      for (int i = 0; i < 10; i++) {
        JsonNode trade = client.json(f -> f.get("stream").asText().equals("btcusdt@trade"));
        JsonNode quote = client.json(f -> f.get("stream").asText().equals("btcusdt@bookTicker"));
        JsonNode best = quote.get("data");
        assertThat(best.has("E") || best.has("T") || best.has("e")).isFalse();
        assertThat(best.get("u").asLong()).isGreaterThan(update);
        update = best.get("u").asLong();
        JsonNode side = trade.get("data").get("m").asBoolean() ? best.get("b") : best.get("a");
        assertThat(side).isNotNull();
      }
      JsonNode last =
          Asking.JSON.readTree(RawClient.body(url, "/api/v3/ticker/bookTicker?symbol=BTCUSDT"));
      JsonNode told = client.json(f -> f.get("data").path("B").equals(last.get("bidQty")));
      assertThat(told.get("data").get("b")).isEqualTo(last.get("bidPrice"));
      assertThat(told.get("data").get("a")).isEqualTo(last.get("askPrice"));
      assertThat(told.get("data").get("A")).isEqualTo(last.get("askQty"));
    }
  }

  /// The clock stands at 05:06:07.890: two running bars of each 2 s, the close, the next bar.
  @Test
  void barsAreToldEveryTwoSecondsAndClosedAsRestHasThem() throws IOException {
    try (var client = new StreamClient(url, "/ws/ethusdt@kline_1m")) {
      clock.advance(Duration.ofSeconds(55));
      List<JsonNode> bars = frames(client, 27);
      assertThat(bars.getFirst().get("E").asLong()).isEqualTo(at("05:06:08"));
      for (int i = 0; i < 27; i++) {
        JsonNode bar = bars.get(i);
        assertThat(bar.get("e").asText()).isEqualTo("kline");
        assertThat(bar.get("E").asLong()).isEqualTo(at("05:06:08") + i * 2_000L);
        assertThat(bar.get("k").get("x").asBoolean()).isEqualTo(i == 26);
        assertThat(bar.get("k").get("t").asLong()).isEqualTo(at("05:06:00"));
        assertThat(bar.get("k").get("i").asText()).isEqualTo("1m");
      }
      JsonNode closed = bars.getLast().get("k");
      JsonNode rest = Asking.JSON
          .readTree(RawClient.body(
              url, "/api/v3/klines?symbol=ETHUSDT&interval=1m&limit=1&startTime=" + at("05:06:00")))
          .get(0);
      String[] fields = {"t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q"};
      for (int i = 0; i < fields.length; i++) {
        assertThat(closed.get(fields[i])).as(fields[i]).isEqualTo(rest.get(i));
      }
      assertThat(closed.get("L").asLong() - closed.get("f").asLong() + 1)
          .isEqualTo(closed.get("n").asLong());
    }
  }

  @Test
  void subscribingIsAcknowledgedAnUnknownStreamTooWhichStaysSilent() throws IOException {
    try (var client = new StreamClient(url, "/ws")) {
      client.send("""
          {"method":"SUBSCRIBE","params":["btcusdt@trade","nobody@trade","BTCUSDT@trade"],"id":1}""");
      assertThat(client.next()).isEqualTo("{\"result\":null,\"id\":1}");
      client.send("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":\"a7\"}");
      assertThat(client.next())
          .isEqualTo(
              "{\"result\":[\"btcusdt@trade\",\"nobody@trade\",\"BTCUSDT@trade\"],\"id\":\"a7\"}");
      clock.advance(Duration.ofSeconds(3));
      for (JsonNode trade : frames(client, 12)) {
        assertThat(trade.get("s").asText()).isEqualTo("BTCUSDT");
      }
    }
  }

  @Test
  void twoConnectionsGetTheSameFrames() throws IOException {
    try (var one = new StreamClient(url, "/ws/btcusdt@trade/ethbtc@bookTicker");
        var two = new StreamClient(url, "/ws/btcusdt@trade/ethbtc@bookTicker")) {
      clock.advance(Duration.ofSeconds(10));
      for (int i = 0; i < 80; i++) {
        assertThat(one.next()).isEqualTo(two.next());
      }
    }
  }

  @Test
  void whatIsUnsubscribedIsNotToldAnyMore() throws IOException {
    try (var client = new StreamClient(url, "/stream?streams=btcusdt@trade/ethusdt@trade")) {
      clock.advance(Duration.ofSeconds(2));
      client.json(frame -> frame.get("stream").asText().equals("ethusdt@trade"));
      client.send("{\"method\":\"UNSUBSCRIBE\",\"params\":[\"ethusdt@trade\"],\"id\":2}");
      client.json(frame -> frame.path("id").asInt() == 2);
      clock.advance(Duration.ofSeconds(3));
      for (JsonNode frame : frames(client, 12)) {
        assertThat(frame.get("stream").asText()).isEqualTo("btcusdt@trade");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "no json                                                | 3 | Invalid JSON: expected value",
        "[1]                                                    | 2 | Invalid request: ",
        "{\"params\":[\"a@trade\"],\"id\":1}                    | 2 | Invalid request: missing field `method` at line 1",
        "{\"method\":\"SHOUT\",\"id\":1}                        | 2 | Invalid request: unknown variant `SHOUT`, expected one of `SUBSCRIBE`",
        "{\"method\":\"SUBSCRIBE\",\"id\":1}                    | 2 | Invalid request: ",
        "{\"method\":\"SUBSCRIBE\",\"params\":[1],\"id\":1}     | 2 | Invalid request: ",
        "{\"method\":\"SUBSCRIBE\",\"params\":[],\"id\":-1}     | 2 | Invalid request: request ID must be an unsigned integer",
        "{\"method\":\"GET_PROPERTY\",\"params\":[\"x\"],\"id\":1}             | 0 | Unknown property",
        "{\"method\":\"SET_PROPERTY\",\"params\":[\"combined\",1],\"id\":1}    | 1 | Invalid value type: expected Boolean",
      })
  void mistakesAreAnsweredAndTheConnectionStays(String request, int code, String message)
      throws IOException {
    try (var client = new StreamClient(url, "/ws")) {
      client.send(request);
      JsonNode error = client.json();
      assertThat(error.get("code").asInt()).isEqualTo(code);
      assertThat(error.get("msg").asText()).startsWith(message);
      client.send("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":9}");
      assertThat(client.next()).isEqualTo("{\"result\":[],\"id\":9}");
    }
  }

  @Test
  void theWrapperCanBeSwitchedOn() throws IOException {
    try (var client = new StreamClient(url, "/ws/btcusdt@trade")) {
      client.send("{\"method\":\"SET_PROPERTY\",\"params\":[\"combined\",true],\"id\":5}");
      assertThat(client.next()).isEqualTo("{\"result\":null,\"id\":5}");
      clock.advance(Duration.ofSeconds(2));
      assertThat(client.json().get("stream").asText()).isEqualTo("btcusdt@trade");
    }
  }

  @Test
  void oneConnectionHas1024StreamsAtMost() throws IOException {
    try (var client = new StreamClient(url, "/ws")) {
      client.send(subscribe(0, 1_024));
      assertThat(client.next()).isEqualTo("{\"result\":null,\"id\":1}");
      client.send(subscribe(1_023, 2));
      assertThat(client.json().get("code").asInt()).isEqualTo(2);
    }
  }

  @Test
  void theSixthMessageOfASecondEndsTheConnection() throws IOException {
    try (var client = new StreamClient(url, "/ws")) {
      for (int i = 0; i < 5; i++) {
        client.send("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
        client.next();
      }
      client.send("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}");
      assertThat(client.closeCode()).isEqualTo(StreamConnection.POLICY);
    }
  }

  @Test
  void thePingsOfAClientCountToo() throws IOException {
    try (var client = new StreamClient(url, "/ws")) {
      for (int i = 0; i < 6; i++) {
        client.ping("x");
      }
      assertThat(client.closeCode()).isEqualTo(StreamConnection.POLICY);
    }
  }

  /// The client answers pings by itself, so the connection outlives the minute.
  @Test
  void aClientThatAnswersPingsStaysAndOneThatDoesNotIsClosed() throws IOException {
    try (var good = new StreamClient(url, "/ws/btcusdt@kline_1s");
        var mute = new RawClient(url)) {
      mute.send(FaultsOfStreamsTest.HANDSHAKE.replace("@trade", "@nothing"));
      assertThat(mute.head()).startsWith("HTTP/1.1 101");
      for (int i = 0; i < 4; i++) {
        clock.advance(Duration.ofSeconds(20));
        assertThat(mute.read()).isEqualTo(i < 3 ? 0x89 : 0x88); // a ping; at last a close
        mute.read(mute.read());
        long second = clock.instant().getEpochSecond() * 1_000;
        good.json(frame -> frame.get("E").asLong() == second);
      }
      assertThat(good.isClosed()).isFalse();
    }
  }

  @Test
  void aConnectionLivesItsTime() throws IOException {
    try (var brief = Venues.start(VenuesConfig.onFreePorts(clock)
            .withStreams(StreamsConfig.DEFAULT.withLife(Duration.ofSeconds(30))));
        var client = new StreamClient(brief.baseUrl("binance"), "/ws/btcusdt@trade")) {
      clock.advance(Duration.ofSeconds(29));
      client.json();
      clock.advance(Duration.ofSeconds(1));
      assertThat(client.closeCode()).isEqualTo(StreamConnection.GOING_AWAY);
    }
  }

  @Test
  void aClockThatJumpsEndsTheConnectionsInsteadOfTellingHours() throws IOException {
    try (var client = new StreamClient(url, "/ws/btcusdt@trade")) {
      clock.advance(Duration.ofHours(8));
      assertThat(client.closeCode()).isEqualTo(StreamConnection.GOING_AWAY);
      assertThat(client.waiting()).isZero();
    }
  }

  @Test
  void pathsThatAreNoStreamAreAnsweredOverHttp() throws IOException {
    for (String path : List.of("/", "/wss", "/api/v3/ping")) {
      try (var client = new RawClient(url)) {
        client.send(FaultsOfStreamsTest.HANDSHAKE.replace("/ws/btcusdt@trade", path));
        assertThat(client.response()).doesNotContain(" 101 ");
      }
    }
    assertThat(RawClient.get(url, "/ws/btcusdt@trade")).startsWith("HTTP/1.1 404");
  }

  @Test
  void anAddressHas300HandshakesInFiveMinutes() throws IOException {
    try (var limited = Venues.start(VenuesConfig.onFreePorts(clock))) {
      URI binance = limited.baseUrl("binance");
      for (int i = 0; i <= BinanceStreams.MOST_HANDSHAKES; i++) {
        try (var client = new RawClient(binance)) {
          client.send(FaultsOfStreamsTest.HANDSHAKE);
          assertThat(client.head())
              .startsWith(i < BinanceStreams.MOST_HANDSHAKES ? "HTTP/1.1 101" : "HTTP/1.1 429");
        }
      }
    }
  }

  private static String subscribe(int from, int count) {
    var names = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      names.add("\"s" + (from + i) + "@trade\"");
    }
    return "{\"method\":\"SUBSCRIBE\",\"params\":%s,\"id\":1}".formatted(names);
  }

  private static long at(String time) {
    return Asking.seconds("2026-03-04T" + time + "Z") * 1_000;
  }

  private static List<JsonNode> frames(StreamClient client, int count) throws IOException {
    List<JsonNode> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(client.json());
    }
    return frames;
  }
}

package dev.everfeed.hub.api;

import static dev.everfeed.hub.api.CannedDesk.BTC;
import static dev.everfeed.hub.api.CannedDesk.START;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.source.Content;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `/v1/bars` of several exchanges: each for itself, gaps told, one that disagrees marked.
class BarsOfExchangesTest {
  private static final String ALL =
      "/v1/bars?symbol=BTC/USDT&interval=1m&from=2024-05-01T11:00:00Z&to=2024-05-01T11:05:00Z&exchange=";
  private static final Instant FROM = START.minusSeconds(3_600);
  private static final List<String> NAMES = List.of("binance", "coinbase", "kraken", "okx");

  private final RunningServer hub = new RunningServer();
  private final Map<String, Reply> replies = new TreeMap<>();

  @BeforeEach
  void fourExchanges() {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    List<SourceView> sources = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      SourceId id = new SourceId(NAMES.get(i));
      LinkedHashMap<Interval, String> offered = new LinkedHashMap<>(Map.of(Interval.M1, "1m"));
      sources.add(new SourceView(
          id,
          NAMES.get(i),
          Content.EXCHANGE,
          "",
          Duration.ofSeconds(5),
          "localhost:1",
          true,
          Map.of(Query.Kind.BARS, i + 1),
          Map.of(),
          new BarRules(offered, 300, i != 1, false, Integer.MAX_VALUE), // coinbase skips empties
          CannedDesk.healthy(id)));
    }
    picture.sources = sources;
    hub.desk.view = picture.view();
    hub.desk.answer = query -> Future.succeededFuture(replies.getOrDefault(
        String.valueOf(query.exchange()), new Reply.Unavailable(query, List.of())));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private void has(String exchange, int price, int... minutes) {
    List<Event> bars = new ArrayList<>();
    for (int minute : minutes) {
      Decimal close = Decimal.of(price);
      bars.add(new Event.Bar(
          BTC,
          exchange,
          new SourceId(exchange),
          Interval.M1,
          FROM.plusSeconds(60L * minute),
          close,
          close,
          close,
          close,
          Decimal.ONE,
          true));
    }
    Query.Bars query = new Query.Bars(BTC, Interval.M1, FROM, FROM.plusSeconds(300), 500, exchange);
    Served served = new Served(
        query, new SourceId(exchange), bars, 0, false, new Span(FROM, FROM.plusSeconds(300)));
    replies.put(exchange, new Reply.Value(query, served, ValueStatus.LIVE, 0, List.of()));
  }

  @Test
  void eachExchangeAnswersForItselfAndOneThatFailsSaysWhy() {
    has("binance", 100, 0, 1, 2, 3, 4);
    has("coinbase", 100, 0, 1, 4);
    replies.put(
        "kraken",
        new Reply.Unavailable(
            new Query.Sentiments(null),
            List.of(new Tried(
                new SourceId("kraken"), Failure.of(Failure.Kind.TIMEOUT, "no whole answer")))));

    JsonNode all = hub.get(ALL + "all").json();

    assertThat(all.get("merged").asText()).isEqualTo("binance");
    JsonNode exchanges = all.get("exchanges");
    assertThat(exchanges.properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyElementsOf(NAMES);
    assertThat(exchanges.get("binance").get("bars")).hasSize(5);
    assertThat(exchanges.get("binance").get("consistency").isNull()).isTrue();
    assertThat(
            exchanges.get("kraken").get("error").get("tried").get(0).get("kind").asText())
        .isEqualTo("timeout");
    assertThat(exchanges.get("okx").get("error").get("detail").asText())
        .startsWith("exchange okx has no 1m bars of BTC/USDT");
  }

  /// Each answer has 2 MB, and the kernel takes a few before the reader does.
  @Test
  void readersWhoTakeNothingDoNotFillTheHeapAndTheOthersAreToldToComeBack() throws Exception {
    int[] minutes = IntStream.range(0, 5_000).toArray();
    NAMES.forEach(name -> has(name, 100, minutes));
    String path = "/v1/bars?symbol=BTC/USDT&interval=1m&limit=5000&exchange=all";
    byte[] request =
        "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path).getBytes(UTF_8);
    List<Socket> stuck = new ArrayList<>();
    try {
      RunningServer.Got got = hub.get(path);
      while (got.status() == 200 && stuck.size() < 10) {
        Socket socket = new Socket();
        stuck.add(socket);
        socket.setReceiveBufferSize(4_096);
        socket.connect(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), hub.server.port()));
        for (int i = 0; i < 8; i++) {
          socket.getOutputStream().write(request); // one after the other, and none is taken
        }
        for (int i = 0; i < 8 && got.status() == 200; i++) {
          got = hub.get(path);
        }
      }
      assertThat(got.status()).isEqualTo(503);
      assertThat(got.json().get("type").asText()).isEqualTo("urn:everfeed:problem:busy");
      assertThat(got.header("retry-after")).isEqualTo("1");
      assertThat(hub.get("/health/live").status()).isEqualTo(200);
    } finally {
      for (Socket socket : stuck) {
        socket.close();
      }
    }
    RunningServer.Got after = hub.get(path);
    for (int i = 0; i < 100 && after.status() == 503; i++) {
      after = hub.get(path); // until the server has seen that they are gone
    }
    assertThat(after.status()).isEqualTo(200);
  }

  @Test
  void whereNobodyTradedIsToldApartFromWhatIsLost() {
    has("binance", 100, 0, 1, 4);
    has("coinbase", 100, 0, 1, 4);

    JsonNode exchanges = hub.get(ALL + "all").json().get("exchanges");

    assertThat(exchanges.get("coinbase").get("gaps")).hasSize(1);
    JsonNode quiet = exchanges.get("coinbase").get("gaps").get(0);
    assertThat(quiet.get("kind").asText()).isEqualTo("no_trades");
    assertThat(quiet.get("from").asText()).isEqualTo("2024-05-01T11:02:00Z");
    assertThat(quiet.get("to").asText()).isEqualTo("2024-05-01T11:04:00Z");
    assertThat(quiet.get("bars").asInt()).isEqualTo(2);
    assertThat(exchanges.get("binance").get("gaps").get(0).get("kind").asText())
        .isEqualTo("venue_has_none");
  }

  @Test
  void anExchangeThatDisagreesIsMarkedAndDoesNotStandForTheOthers() {
    has("binance", 130, 0, 1, 2, 3, 4);
    has("coinbase", 100, 0, 1, 2, 3, 4);
    has("kraken", 101, 0, 1, 2, 3, 4);
    has("okx", 100, 0, 1, 2, 3, 4);

    JsonNode all = hub.get(ALL + "all").json();

    assertThat(all.get("merged").asText()).isEqualTo("coinbase");
    JsonNode wrong = all.get("exchanges").get("binance").get("consistency");
    assertThat(wrong.get("quarantined").asBoolean()).isTrue();
    assertThat(wrong.get("usual_deviation_ppm").asInt()).isEqualTo(300_000);
    assertThat(all.get("exchanges")
            .get("okx")
            .get("consistency")
            .get("quarantined")
            .asBoolean())
        .isFalse();
    assertThat(all.get("exchanges").get("binance").get("bars")).hasSize(5);
  }

  @Test
  void anUnknownNameIsToldBesideTheOthers() {
    has("okx", 100, 0, 1, 2, 3, 4);
    has("binance", 100, 0, 1, 2, 3, 4);

    JsonNode some = hub.get(ALL + "okx,mtgox,binance").json().get("exchanges");

    assertThat(some.properties())
        .extracting(Map.Entry::getKey)
        .containsExactly("okx", "binance", "mtgox");
    assertThat(some.get("mtgox").get("error").get("type").asText())
        .isEqualTo("urn:everfeed:problem:unknown-exchange");
    assertThat(hub.get(ALL + "mtgox").status()).isEqualTo(400);
    assertThat(hub.get(ALL + "mtgox,").status()).isEqualTo(400);
  }

  @Test
  void whatHasNotChangedIsNotSentAgain() throws Exception {
    has("okx", 100, 0, 1, 2, 3, 4);
    RunningServer.Got first = hub.get(ALL + "okx");
    String tag = first.header("etag");
    assertThat(tag).startsWith("W/\"");

    RunningServer.Got same = hub.get(ALL + "okx", "If-None-Match", tag);
    assertThat(same.status()).isEqualTo(304);
    assertThat(same.body()).isEmpty();

    has("okx", 101, 0, 1, 2, 3, 4);
    RunningServer.Got other = hub.get(ALL + "okx", "If-None-Match", tag);
    assertThat(other.status()).isEqualTo(200);
    assertThat(other.header("etag")).isNotEqualTo(tag);
  }

  @Test
  void linesOfTextHaveOneBarEach() {
    has("okx", 100, 0, 1);
    has("binance", 101, 0);

    RunningServer.Got got = hub.get(ALL + "all&format=csv");

    assertThat(got.header("content-type")).isEqualTo("text/csv; charset=utf-8");
    assertThat(got.body().lines())
        .containsExactly(
            "exchange,time,open,high,low,close,volume,complete,status",
            "binance,2024-05-01T11:00:00Z,101,101,101,101,1,true,live",
            "okx,2024-05-01T11:00:00Z,100,100,100,100,1,true,live",
            "okx,2024-05-01T11:01:00Z,100,100,100,100,1,true,live");
  }

  private void fails(String exchange, long retryAfterNanos) {
    Failure failure =
        new Failure(Failure.Kind.OVER_BUDGET, exchange + " has no room", retryAfterNanos);
    replies.put(
        exchange,
        new Reply.Unavailable(
            new Query.Sentiments(null), List.of(new Tried(new SourceId(exchange), failure))));
  }

  @Test
  void linesSayWhichExchangesHaveNoneAndWhy() {
    has("okx", 100, 0, 1);
    has("binance", 100);
    fails("kraken", 0);

    RunningServer.Got got =
        hub.get(ALL + "okx,foo,kraken,binance,a%20%0D%0AX:%20%C3%A9,b&format=csv");

    assertThat(got.status()).isEqualTo(200);
    assertThat(got.body().lines()).hasSize(3);
    assertThat(got.header("everfeed-without"))
        .isEqualTo("kraken (unavailable), binance (no_bars), foo (unknown),"
            + " a%20%0D%0AX%3A%20%C3%A9 (unknown), b (unknown)");
    assertThat(hub.get(ALL + "okx,okx&format=csv").response().headers().map())
        .doesNotContainKey("everfeed-without");
  }

  @Test
  void whenNoExchangeAnswersLinesAreTheProblemThatOneExchangeAloneWouldHave() {
    fails("kraken", 1_500_000_000);
    fails("okx", 7_000_000_000L);

    RunningServer.Got got = hub.get(ALL + "kraken,okx,foo&format=csv");

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.json().get("type").asText())
        .isEqualTo("urn:everfeed:problem:provider-unavailable");
    assertThat(got.json().get("detail").asText())
        .isEqualTo("no provider has 1m bars of BTC/USDT and nothing usable is remembered. "
            + "no provider answered: kraken: kraken has no room; okx: okx has no room");
    assertThat(got.json().get("tried")).hasSize(2);
    assertThat(got.header("retry-after")).isEqualTo("2");
    assertThat(hub.get(ALL + "all").status()).isEqualTo(200); // each says why by itself
  }

  @Test
  void linesOfSeveralSayWhatIsAbsentAndWhoHasMore() {
    has("okx", 100, 0, 1);
    has("binance", 100, 0, 3);
    has("coinbase", 100, 0, 2);

    RunningServer.Got got = hub.get(ALL + "okx,binance,coinbase&limit=2&format=csv");

    assertThat(got.header("everfeed-next-from"))
        .isEqualTo("okx=2024-05-01T11:02:00Z, binance=2024-05-01T11:04:00Z,"
            + " coinbase=2024-05-01T11:03:00Z");
    assertThat(got.header("everfeed-gaps")).isEqualTo("no_trades=1, venue_has_none=2, missing=0");
    assertThat(got.response().headers().map()).doesNotContainKey("link");
  }

  /// The lines are the same; who has none is not.
  @Test
  void whatIsToldInHeadersChangesTheTag() {
    has("okx", 100, 0, 1, 2, 3, 4);
    has("kraken", 100);
    String tag = hub.get(ALL + "okx,kraken&format=csv").header("etag");
    assertThat(hub.get(ALL + "okx,kraken&format=csv", "If-None-Match", tag).status())
        .isEqualTo(304);

    fails("kraken", 0);

    assertThat(hub.get(ALL + "okx,kraken&format=csv", "If-None-Match", tag).status())
        .isEqualTo(200);
  }
}

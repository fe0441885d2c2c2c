package dev.everfeed.hub.api;

import static dev.everfeed.hub.api.CannedDesk.BINANCE;
import static dev.everfeed.hub.api.CannedDesk.BTC;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.Tried;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BarsTest {
  private static final String PATH = "/v1/bars?symbol=BTC/USDT&interval=1m";
  private static final Instant NOON = Instant.parse("2024-05-01T12:00:00Z");
  private static RunningServer hub;

  @BeforeAll
  static void start() {
    hub = new RunningServer();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static void serve(List<Event.Bar> bars) {
    hub.desk.answer = query -> Future.succeededFuture(
        CannedDesk.value(query, BINANCE, bars, ValueStatus.LIVE, 120_000_000));
  }

  @Test
  void barsComeDigitForDigitAndOldestFirst() {
    serve(CannedDesk.bars(Interval.M1, NOON, 2));

    RunningServer.Got got = hub.get(PATH);

    assertThat(got.body())
        .startsWith("{\"symbol\":\"BTC/USDT\",\"interval\":\"1m\",\"source\":\"binance\","
            + "\"exchange\":\"binance\",\"gateway\":\"binance\",\"content\":\"exchange\","
            + "\"status\":\"live\",\"age_ms\":120,\"received_at\":\"2024-05-01T12:01:39.5Z\","
            + "\"next_from\":null,\"tried\":[],\"gaps\":[],\"gaps_dropped\":0,\"bars\":["
            + "{\"time\":\"2024-05-01T12:00:00Z\",\"open\":60000.10000000,"
            + "\"high\":60000.90000000,\"low\":59999.00000000,\"close\":60000.00000000,"
            + "\"volume\":0.00001000,\"complete\":true}");
    assertThat(hub.desk.asked.getLast())
        .isEqualTo(new Query.Bars(BTC, Interval.M1, null, null, 500));
  }

  /// The source says nothing; the bar of 12:01 was received at 12:01:39.5, before it was over.
  @Test
  void aBarThatWasNotOverWhenItWasReceivedIsNotComplete() {
    serve(CannedDesk.bars(Interval.M1, NOON, 2));

    JsonNode bars = hub.get(PATH).json().get("bars");

    assertThat(bars.get(0).get("complete").asBoolean()).isTrue();
    assertThat(bars.get(1).get("complete").asBoolean()).isFalse();
  }

  @Test
  void whatTheSourceSaysOfABarGoesBeforeTheClock() {
    Event.Bar bar = CannedDesk.bars(Interval.M1, NOON, 1).getFirst();
    serve(List.of(new Event.Bar(
        bar.symbol(),
        bar.exchange(),
        bar.source(),
        bar.interval(),
        bar.time(),
        bar.open(),
        bar.high(),
        bar.low(),
        bar.close(),
        null,
        false)));

    JsonNode got = hub.get(PATH).json().get("bars").get(0);

    assertThat(got.get("complete").asBoolean()).isFalse();
    assertThat(got.get("volume").isNull()).isTrue();
  }

  @Test
  void timesAreReadAsRfc3339DatesOrMilliseconds() {
    serve(List.of());
    Instant from = Instant.parse("2024-01-01T00:00:00Z");
    Instant to = Instant.parse("2024-01-01T02:00:00Z");

    for (String range : List.of(
        "&from=2024-01-01&to=2024-01-01T02:00:00Z",
        "&from=1704067200000&to=2024-01-01T03:00:00%2B01:00",
        "&from=2024-01-01T00:00:00.000Z&to=2024-01-01T03:00:00+01:00")) {
      assertThat(hub.get(PATH + range + "&limit=7").status()).isEqualTo(200);
      assertThat(hub.desk.asked.getLast()).isEqualTo(new Query.Bars(BTC, Interval.M1, from, to, 7));
    }
  }

  @Test
  void aFullPageThatBeganAtFromSaysWhereToGoOn() {
    Instant from = Instant.parse("2024-01-01T00:00:00Z");
    serve(CannedDesk.bars(Interval.M1, from, 3));

    assertThat(nextFrom("&from=2024-01-01&limit=3")).isEqualTo("2024-01-01T00:03:00Z");
    assertThat(nextFrom("&from=2024-01-01&limit=4")).isEqualTo("null");
    assertThat(nextFrom("&limit=3")).isEqualTo("null");
    assertThat(nextFrom("&from=2024-01-01&to=2024-01-01T00:03:00Z&limit=3")).isEqualTo("null");
  }

  /// The page ends with the bar that is under way: nothing is behind it yet.
  @Test
  void aPageThatReachesThePresentHasNoNext() {
    serve(CannedDesk.bars(Interval.M1, NOON, 2));

    assertThat(nextFrom("&from=2024-05-01T12:00:00Z&limit=2")).isEqualTo("null");
  }

  private static String nextFrom(String range) {
    return hub.get(PATH + range).json().get("next_from").asText();
  }

  @Test
  void noBarsAreAnEmptyList() {
    serve(List.of());

    assertThat(hub.get(PATH).json().get("bars")).isEmpty();
    assertThat(hub.get(PATH).json().get("exchange").asText()).isEqualTo("binance");
  }

  @Test
  void anExchangeCanBeAskedForAlone() {
    serve(CannedDesk.bars(Interval.M1, NOON, 1));

    assertThat(hub.get(PATH + "&exchange=binance").status()).isEqualTo(200);
    RunningServer.Got unknown = hub.get(PATH + "&exchange=mtgox");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.json().get("detail").asText())
        .isEqualTo("exchange \"mtgox\" has no bars here; known: binance");
  }

  @Test
  void whenNobodyHasBarsTheProblemSaysWhy() {
    hub.desk.answer = query -> Future.succeededFuture(new Reply.Unavailable(
        query, List.of(CannedDesk.tried(BINANCE, Failure.Kind.BANNED, "paused for 120 s"))));

    RunningServer.Got got = hub.get(PATH);

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.json().get("detail").asText())
        .startsWith("no provider has 1m bars of BTC/USDT")
        .endsWith("binance: paused for 120 s");
  }

  private static Tried again(String source, Failure.Kind kind, long nanos) {
    return new Tried(new SourceId(source), new Failure(kind, "not called", nanos));
  }

  private static String retryAfter(Tried... tried) {
    hub.desk.answer = query -> Future.succeededFuture(new Reply.Unavailable(query, List.of(tried)));
    RunningServer.Got got = hub.get(PATH);
    assertThat(got.status()).isEqualTo(503);
    assertThat(hub.get(PATH + "&format=csv").header("retry-after"))
        .isEqualTo(got.header("retry-after"));
    return got.header("retry-after");
  }

  @Test
  void whenBudgetsAreUsedUpItSaysInHowManyWholeSecondsTheFirstHasRoom() {
    assertThat(retryAfter(again("binance", Failure.Kind.OVER_BUDGET, 100_000_000)))
        .isEqualTo("1");
    assertThat(retryAfter(
            again("binance", Failure.Kind.PAUSED, 119_000_000_001L),
            again("okx", Failure.Kind.RATE_LIMITED, 2_000_000_001L)))
        .isEqualTo("3");
    assertThat(retryAfter(
            again("binance", Failure.Kind.OVER_BUDGET, 4_000_000_000L),
            again("history", Failure.Kind.NOT_OFFERED, 0)))
        .isEqualTo("4");
  }

  @Test
  void whenItIsNotKnownWhenToComeAgainItSaysNothing() {
    Tried known = again("binance", Failure.Kind.OVER_BUDGET, 100_000_000);
    assertThat(retryAfter(known, again("okx", Failure.Kind.CONNECTION, 0))).isEmpty();
    assertThat(retryAfter(known, again("okx", Failure.Kind.CIRCUIT_OPEN, 0))).isEmpty();
    assertThat(retryAfter(known, again("okx", Failure.Kind.OVER_BUDGET, Long.MAX_VALUE)))
        .isEmpty();
    assertThat(retryAfter(again("okx", Failure.Kind.NOT_OFFERED, 0))).isEmpty();
    assertThat(retryAfter()).isEmpty();
  }

  @Test
  void linesThatEndAtTheLimitSayWhereTheNextPageIsAndThatPageHasTheSameParameters() {
    Instant from = Instant.parse("2024-01-01T00:00:00Z");
    serve(CannedDesk.bars(Interval.M1, from, 3));

    RunningServer.Got got = hub.get(PATH + "&from=2024-01-01&limit=3&exchange=binance&format=csv");

    assertThat(got.body().lines()).hasSize(4);
    assertThat(got.header("link"))
        .isEqualTo("</v1/bars?symbol=BTC%2FUSDT&interval=1m&from=2024-01-01T00%3A03%3A00Z"
            + "&limit=3&exchange=binance&format=csv>; rel=\"next\"");
    String next = got.header("link").replaceFirst("<(.*)>.*", "$1");
    assertThat(hub.get(next).status()).isEqualTo(200);
    assertThat(hub.desk.asked.getLast())
        .isEqualTo(new Query.Bars(
            BTC, Interval.M1, Instant.parse("2024-01-01T00:03:00Z"), null, 3, "binance"));
    assertThat(hub.get(PATH + "&limit=3&format=csv").response().headers().firstValue("link"))
        .isEmpty();
  }

  @Test
  void linesWithBarsMissingBetweenThemSayHowMany() {
    List<Event.Bar> bars = CannedDesk.bars(Interval.M1, NOON.minusSeconds(600), 8);
    serve(List.of(bars.get(0), bars.get(3), bars.get(7)));

    RunningServer.Got got =
        hub.get(PATH + "&from=2024-05-01T11:50:00Z&to=2024-05-01T11:58:00Z&format=csv");

    assertThat(got.header("everfeed-gaps")).isEqualTo("no_trades=0, venue_has_none=0, missing=5");
    serve(bars);
    assertThat(
            hub.get(PATH + "&limit=8&to=2024-05-01T11:58:00Z&format=csv").header("everfeed-gaps"))
        .isEqualTo("no_trades=0, venue_has_none=0, missing=0");
  }

  @Test
  void wrongParametersAreRefusedWithWhatIsRight() {
    assertThat(detailOf("/v1/bars?symbol=BTC/USDT"))
        .isEqualTo("parameter interval is required, as in interval=1m");
    assertThat(detailOf("/v1/bars?symbol=BTC/USDT&interval=7m"))
        .isEqualTo("interval \"7m\" is not served; served: 1m, 1h, 1d");
    // A real interval, and no source has it.
    assertThat(detailOf("/v1/bars?symbol=BTC/USDT&interval=3d"))
        .isEqualTo("interval \"3d\" is not served; served: 1m, 1h, 1d");
    for (String limit : List.of("0", "-1", "5001", "99999999999", "1e2", "x", "%F0%9F%98%80")) {
      assertThat(detailOf(PATH + "&limit=" + limit))
          .startsWith("limit must be a whole number from 1 to 5,000, was ");
    }
    assertThat(detailOf(PATH + "&from=2024-01-02&to=2024-01-01"))
        .isEqualTo("from must be before to, was 2024-01-02T00:00:00Z and 2024-01-01T00:00:00Z");
    assertThat(detailOf(PATH + "&from=2024-01-01&to=2024-01-01")).startsWith("from must be before");
    for (String time : List.of(
        "yesterday",
        "2024-13-01",
        "2024-02-30",
        "1704067200",
        "2024-01-01T00:00:00",
        "999999999999999999")) {
      assertThat(detailOf(PATH + "&to=" + time)).startsWith("to must be a time such as ");
    }
    assertThat(detailOf(PATH + "&from=1950-01-01"))
        .startsWith("from must be between 1970 and 2261");
    assertThat(hub.get("/v1/bars?symbol=DOGE/USDT&interval=1m").status()).isEqualTo(404);
  }

  private static String detailOf(String pathAndQuery) {
    RunningServer.Got got = hub.get(pathAndQuery);
    assertThat(got.status()).as(pathAndQuery).isEqualTo(400);
    return got.json().get("detail").asText();
  }
}

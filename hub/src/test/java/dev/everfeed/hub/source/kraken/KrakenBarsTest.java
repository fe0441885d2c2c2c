package dev.everfeed.hub.source.kraken;

import static dev.everfeed.hub.source.Answers.answer;
import static dev.everfeed.hub.source.Answers.failureOf;
import static dev.everfeed.hub.source.kraken.KrakenRestTest.BTC;
import static dev.everfeed.hub.source.kraken.KrakenRestTest.KRAKEN;
import static dev.everfeed.hub.source.kraken.KrakenRestTest.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.Shared;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Kraken's bars: the newest 720 of an interval and the one that still runs, in one answer.
class KrakenBarsTest {
  private static final Instant NOON = Instant.parse("2024-03-13T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "1m, 1",
    "5m, 5",
    "15m, 15",
    "30m, 30",
    "1h, 60",
    "4h, 240",
    "1d, 1440",
    "3m, 1",
    "2h, 60",
    "6h, 60",
    "8h, 240",
    "12h, 240",
    "3d, 1440",
    "1w, 1440",
    "1M, 1440"
  })
  void anIntervalIsAskedInMinutes(String interval, int minutes) throws Exception {
    Query.Bars query = newest(Interval.parse(interval).orElseThrow(), 5);
    assertThat(KRAKEN.request(query).path())
        .isEqualTo("/0/public/OHLC?pair=XBTUSD&interval=" + minutes);
    assertThat(KRAKEN.weight(query)).isEqualTo(1);
  }

  @Test
  void thereAreNoSeconds() {
    assertThatThrownBy(() -> KRAKEN.request(newest(Interval.S1, 5)))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining("kraken: has no 1s bars")
        .hasMessageContaining("1m 5m 15m 30m 1h 4h 1d");
  }

  /// `since` leaves out the bar that opens then.
  @Test
  void theFirstBarIsAskedForWithAMomentBeforeIt() throws Exception {
    Query.Bars query = bars(Interval.M1, NOON, NOON.plusSeconds(600), 10);
    assertThat(KRAKEN.request(query).path())
        .isEqualTo("/0/public/OHLC?pair=XBTUSD&interval=1&since=" + (NOON.getEpochSecond() - 1));
    assertThat(KRAKEN.request(bars(Interval.D1, Instant.EPOCH, NOON, 10)).path())
        .endsWith("&since=0");
  }

  /// The venue knows no end and no limit, and might include what it should not.
  @Test
  void whatLiesOutsideIsCutOff() {
    String rows = rows(NOON.minusSeconds(60), 10, 60);
    Outcome.Usable usable =
        usable(bars(Interval.M1, NOON, NOON.plusSeconds(180), 10), rows, NOON.plusSeconds(500));
    assertThat(times(usable)).containsExactly(NOON, NOON.plusSeconds(60), NOON.plusSeconds(120));
    assertThat(usable.covered()).isEqualTo(new Span(NOON, NOON.plusSeconds(180)));
    assertThat(times(usable(bars(Interval.M1, NOON, null, 2), rows, NOON.plusSeconds(500))))
        .containsExactly(NOON, NOON.plusSeconds(60));
  }

  @Test
  void theNewestEndWithTheUnfinishedOne() {
    Outcome.Usable usable =
        usable(newest(Interval.M1, 3), rows(NOON, 10, 60), NOON.plusSeconds(555));
    assertThat(times(usable))
        .containsExactly(NOON.plusSeconds(420), NOON.plusSeconds(480), NOON.plusSeconds(540));
    assertThat(usable.events())
        .extracting(e -> ((Event.Bar) e).complete())
        .containsExactly(true, true, false);
    assertThat(usable.covered()).isEqualTo(new Span(NOON.plusSeconds(420), NOON.plusSeconds(540)));
  }

  /// 720 and the unfinished one: the answer begins where the venue's knowledge does, and says
  /// so.
  @Test
  void whatIsPartlyBeyondReachIsWhatIsThere() {
    String rows = rows(NOON, KrakenRest.REACH + 1, 60);
    Instant now = NOON.plusSeconds(60L * KrakenRest.REACH + 1);
    Outcome.Usable usable = usable(
        bars(Interval.M1, NOON.minusSeconds(3_600), NOON.plusSeconds(120), 1_000), rows, now);
    assertThat(times(usable)).containsExactly(NOON, NOON.plusSeconds(60));
    assertThat(usable.covered()).isEqualTo(new Span(NOON, NOON.plusSeconds(120)));
  }

  @Test
  void whatIsWhollyBeyondReachIsNotOffered() {
    String rows = rows(NOON, KrakenRest.REACH + 1, 60);
    Failure failure = failureOf(KRAKEN.interpret(
        bars(Interval.M1, NOON.minusSeconds(3_600), NOON.minusSeconds(600), 1_000),
        dated(rows, NOON.plusSeconds(60L * KrakenRest.REACH + 1))));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.NOT_OFFERED);
    assertThat(failure.message()).startsWith("kraken: knows only its newest 720 1m bars");
  }

  /// A young pair has fewer than 720: then they are all there ever were.
  @Test
  void aYoungPairsBarsAreAllThereAre() {
    Outcome.Usable usable = usable(
        bars(Interval.M1, NOON.minusSeconds(600), NOON.plusSeconds(120), 1_000),
        rows(NOON, 10, 60),
        NOON.plusSeconds(555));
    assertThat(times(usable)).containsExactly(NOON, NOON.plusSeconds(60));
    assertThat(usable.covered()).isEqualTo(new Span(NOON.minusSeconds(600), NOON.plusSeconds(120)));
  }

  /// The recorded 12 hours with 216 quiet minutes: every minute has its bar.
  @Test
  void minutesWithoutTradesHaveBars() throws IOException {
    byte[] body = Files.readAllBytes(Shared.wire("cases/kraken_rest/rest_bars/0004.json"));
    Instant first = Instant.parse("2025-11-10T12:17:00Z");
    Outcome outcome = KRAKEN.interpret(
        new Query.Bars(Symbol.of("BTC/USDT"), Interval.M1, first, null, 1_000),
        new HttpResult(200, Map.of("date", date(first.plusSeconds(43_207))), body));
    assertThat(outcome).isInstanceOf(Outcome.Usable.class);
    Outcome.Usable usable = (Outcome.Usable) outcome;
    assertThat(usable.events()).hasSize(721);
    assertThat(usable.covered()).isEqualTo(new Span(first, first.plusSeconds(43_200)));
    assertThat(usable.events())
        .extracting(e -> ((Event.Bar) e).volume())
        .filteredOn(Decimal.ZERO::equals)
        .hasSize(216);
    assertThat(KRAKEN.bars()).isNotNull();
    assertThat(KRAKEN.bars().emptyIntervals()).isTrue();
  }

  /// Its own weeks begin on Thursday. Days from a Thursday on: the first whole week begins on
  /// the Monday after it, and the last one still runs.
  @Test
  void aWeekIsBuiltFromDays() {
    Instant thursday = Instant.parse("2024-02-29T00:00:00Z");
    Instant monday = Instant.parse("2024-03-04T00:00:00Z");
    Outcome.Usable usable = usable(
        bars(Interval.W1, monday, null, 5),
        rows(thursday, 14, 86_400),
        thursday.plusSeconds(13 * 86_400 + 3_600));
    assertThat(times(usable)).containsExactly(monday, monday.plusSeconds(604_800));
    Event.Bar week = (Event.Bar) usable.events().getFirst();
    assertThat(week.interval()).isEqualTo(Interval.W1);
    assertThat(week.volume()).isEqualTo(Decimal.parse("3.5"));
    assertThat(week.complete()).isTrue();
    assertThat(((Event.Bar) usable.events().get(1)).complete()).isFalse();
    assertThat(usable.covered()).isEqualTo(new Span(monday, monday.plusSeconds(604_800)));
  }

  @Test
  void anAnswerForAnotherPairIsWrong() {
    String body = result("{\"XETHZUSD\":" + rows(NOON, 2, 60) + ",\"last\":0}");
    Failure failure = failureOf(KRAKEN.interpret(newest(Interval.M1, 2), answer(200, body)));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message()).contains("answered for ETH/USD when asked for BTC/USD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[60,\"2\",\"3\",\"1\",\"2\",\"2\",\"9\",1],[60,\"2\",\"3\",\"1\",\"2\",\"2\",\"9\",1]",
        "[120,\"2\",\"3\",\"1\",\"2\",\"2\",\"9\",1],[60,\"2\",\"3\",\"1\",\"2\",\"2\",\"9\",1]",
        "[61,\"2\",\"3\",\"1\",\"2\",\"2\",\"9\",1]",
        "[60,\"2\",\"1.5\",\"1\",\"2\",\"2\",\"9\",1]",
        "[60,\"2\",\"3\",\"2.5\",\"2\",\"2\",\"9\",1]",
        "[60,\"2\",\"3\",\"0\",\"2\",\"2\",\"9\",1]",
        "[60,\"2\",\"3\",\"1\",\"2\",\"2\",\"-9\",1]"
      })
  void impossibleBarsAreWrong(String rows) {
    String body = result("{\"XXBTZUSD\":[" + rows + "],\"last\":0}");
    assertThat(failureOf(KRAKEN.interpret(newest(Interval.M1, 3), answer(200, body)))
            .kind())
        .isEqualTo(Failure.Kind.WRONG_DATA);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"XXBTZUSD\":[[60,\"2\",\"3\",\"1\",\"2\",\"2\"]],\"last\":0}",
        "{\"XXBTZUSD\":[[60000000000000,\"2\",\"3\",\"1\",\"2\",\"2\",\"9\",1]],\"last\":0}",
        "{\"XXBTZUSD\":[[60,\"NaN\",\"3\",\"1\",\"2\",\"2\",\"9\",1]],\"last\":0}",
        "{\"XXBTZUSD\":{},\"last\":0}",
        "{\"last\":0}",
        "[]"
      })
  void whatAreNoBarsIsUndecodable(String result) {
    assertThat(failureOf(KRAKEN.interpret(newest(Interval.M1, 3), answer(200, result(result))))
            .kind())
        .isEqualTo(Failure.Kind.UNDECODABLE);
  }

  private static Query.Bars newest(Interval interval, int limit) {
    return bars(interval, null, null, limit);
  }

  private static Query.Bars bars(
      Interval interval, @Nullable Instant from, @Nullable Instant to, int limit) {
    return new Query.Bars(BTC, interval, from, to, limit);
  }

  private static String rows(Instant first, int count, int seconds) {
    StringJoiner rows = new StringJoiner(",", "[", "]");
    for (int i = 0; i < count; i++) {
      rows.add("[%d,\"2\",\"3\",\"1\",\"2\",\"7\",\"0.5\",4]"
          .formatted(first.getEpochSecond() + (long) i * seconds));
    }
    return rows.toString();
  }

  private static HttpResult dated(String rows, Instant now) {
    return answer(200, result("{\"XXBTZUSD\":" + rows + ",\"last\":0}"), Map.of("date", date(now)));
  }

  private static String date(Instant now) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
  }

  private static Outcome.Usable usable(Query.Bars query, String rows, Instant now) {
    Outcome outcome = KRAKEN.interpret(query, dated(rows, now));
    assertThat(outcome).isInstanceOf(Outcome.Usable.class);
    return (Outcome.Usable) outcome;
  }

  private static List<Instant> times(Outcome.Usable usable) {
    return usable.events().stream().map(e -> ((Event.Bar) e).time()).toList();
  }
}

package dev.everfeed.hub.source.coinbase;

import static dev.everfeed.hub.source.Answers.answer;
import static dev.everfeed.hub.source.Answers.eventsOf;
import static dev.everfeed.hub.source.Answers.failureOf;
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
import dev.everfeed.hub.source.KnownSources;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bars, asked page by page of a venue that answers as documented.
class CoinbaseExchangeBarsTest {
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final PolledSource COINBASE =
      KnownSources.polled("coinbase_exchange", SourceSettings.of(URI.create("http://127.0.0.1:1")));

  /// 12:00:30, half a minute into a bar.
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:30Z");

  private static final String TIME =
      "{\"iso\":\"2026-11-22T12:00:30.000Z\",\"epoch\":1795348830.0}";

  private static final Map<String, String> DATE = Map.of("date", "Sun, 22 Nov 2026 12:00:30 GMT");

  /// The end of a page is excluded, the venue's is included.
  @Test
  void barsFromAMomentAreOneWindow() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M5, at(0), at(3_600), 100);
    SourceRequest request = COINBASE.request(query);
    assertThat(request.path())
        .isEqualTo("/products/BTC-USD/candles?granularity=300"
            + "&start=2026-11-22T06:00:00Z&end=2026-11-22T06:59:59Z");
    assertThat(request.weight()).isEqualTo(1);
    assertThat(COINBASE.weight(query)).isEqualTo(1);
  }

  /// Some rows may lie before the begin (get product candles), and the venue may add one after
  /// the end.
  @Test
  void rowsOutsideTheWindowAreCut() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, at(60), at(180), 10);
    Conversation asked = Conversation.of(
        COINBASE,
        query,
        _ -> dated(rows(60, at(0).getEpochSecond(), at(240).getEpochSecond(), _ -> true)));
    assertThat(timesOf(asked.outcome)).containsExactly(at(60), at(120));
    assertThat(coveredBy(asked.outcome)).isEqualTo(new Span(at(60), at(180)));
  }

  @Test
  void aMinuteWithoutTradesHasNoBarAndIsCovered() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, at(0), at(300), 5);
    Conversation asked =
        Conversation.of(COINBASE, query, venue(t -> t != at(120).getEpochSecond()));
    assertThat(timesOf(asked.outcome)).containsExactly(at(0), at(60), at(180), at(240));
    assertThat(coveredBy(asked.outcome)).isEqualTo(new Span(at(0), at(300)));
  }

  @Test
  void manyBarsArePagedForwards() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, at(0), at(700 * 60), 700);
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(asked.paths)
        .containsExactly(
            "/products/BTC-USD/candles?granularity=60&start=2026-11-22T06:00:00Z&end=2026-11-22T10:59:59Z",
            "/products/BTC-USD/candles?granularity=60&start=2026-11-22T11:00:00Z&end=2026-11-22T15:59:59Z");
    // the venue's day is not over: 361 minutes, the last of them running
    assertThat(timesOf(asked.outcome)).hasSize(361).doesNotHaveDuplicates().isSorted();
    assertThat(coveredBy(asked.outcome)).isEqualTo(new Span(at(0), at(360 * 60)));
  }

  /// Without begin and end the venue may answer out of a cache of five minutes.
  @Test
  void theNewestBarsAreAskedByTheVenuesOwnClock() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, null, null, 100);
    assertThat(COINBASE.weight(query)).isEqualTo(2);
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(asked.paths.getFirst()).isEqualTo("/time");
    assertThat(asked.paths.get(1))
        .startsWith("/products/BTC-USD/candles?granularity=60&start=")
        .endsWith("&end=2026-11-22T12:00:59Z");
    List<Instant> times = timesOf(asked.outcome);
    assertThat(times).hasSize(100).isSorted();
    assertThat(times.getLast()).isEqualTo(Instant.parse("2026-11-22T12:00:00Z"));
    assertThat(coveredBy(asked.outcome)).isEqualTo(new Span(times.getFirst(), times.getLast()));
  }

  @Test
  void manyNewestBarsArePagedBackwards() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, null, null, 700);
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(asked.paths).hasSize(4);
    assertThat(asked.weight).isLessThanOrEqualTo(COINBASE.weight(query));
    assertThat(timesOf(asked.outcome)).hasSize(700).doesNotHaveDuplicates().isSorted();
  }

  /// Nobody may have traded in this minute yet, or for hours.
  @ParameterizedTest
  @ValueSource(longs = {60, 600, 7_200})
  void theNewestBarOfAQuietProductIsFound(long quietSeconds) throws Exception {
    long lastTrade = Interval.M1.openOf(NOW).getEpochSecond() - quietSeconds;
    Query.Bars query = new Query.Bars(BTC, Interval.M1, null, null, 1);
    Conversation asked = Conversation.of(COINBASE, query, venue(t -> t <= lastTrade));
    assertThat(timesOf(asked.outcome)).containsExactly(Instant.ofEpochSecond(lastTrade));
  }

  @Test
  void anEndInTheFutureIsTheEndOfTheRunningBar() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, null, NOW.plus(Duration.ofDays(3)), 10);
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(asked.paths.getFirst()).isEqualTo("/time");
    assertThat(timesOf(asked.outcome)).hasSize(10);
    assertThat(timesOf(asked.outcome).getLast()).isEqualTo(Instant.parse("2026-11-22T12:00:00Z"));
  }

  @Test
  void anEndInThePastStays() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.H1, null, at(3_600), 3);
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(timesOf(asked.outcome)).containsExactly(at(-7_200), at(-3_600), at(0));
  }

  /// Four hours are built of four hours of one.
  @Test
  void intervalsThatItDoesNotHaveAreBuilt() throws Exception {
    Query.Bars query = new Query.Bars(
        BTC,
        Interval.H4,
        Instant.parse("2026-11-22T00:00:00Z"),
        Instant.parse("2026-11-22T08:00:00Z"),
        10);
    Conversation asked = Conversation.of(COINBASE, query, venue(_ -> true));
    assertThat(asked.paths).allMatch(p -> p.contains("granularity=3600"));
    assertThat(timesOf(asked.outcome))
        .containsExactly(
            Instant.parse("2026-11-22T00:00:00Z"), Instant.parse("2026-11-22T04:00:00Z"));
    Event.Bar first = (Event.Bar) eventsOf(asked.outcome).getFirst();
    assertThat(first.interval()).isEqualTo(Interval.H4);
    assertThat(first.volume()).isEqualTo(Decimal.parse("36"));
    for (Interval interval : Interval.values()) {
      Query.Bars any = new Query.Bars(BTC, interval, null, null, 5);
      if (interval == Interval.S1) {
        assertThatThrownBy(() -> COINBASE.request(any))
            .isInstanceOf(UnsupportedQueryException.class)
            .hasMessageContaining("1s");
      } else {
        assertThat(eventsOf(Conversation.of(COINBASE, any, venue(_ -> true)).outcome))
            .as("%s", interval)
            .hasSize(5);
      }
    }
  }

  @Test
  void impossibleBarsAreWrong() throws Exception {
    Query.Bars query = new Query.Bars(BTC, Interval.M1, at(0), at(180), 3);
    String good = row(at(0), "1", "3", "2", "2", "9");
    assertThat(eventsOf(COINBASE.interpret(query, dated("[" + good + "]")))).hasSize(1);
    assertThat(eventsOf(COINBASE.interpret(query, dated("[]")))).isEmpty();
    for (String bad : List.of(
        good + "," + good, // twice
        row(at(60), "1", "3", "2", "2", "9") + "," + row(at(120), "1", "3", "2", "2", "9") + ","
            + good,
        row(at(7), "1", "3", "2", "2", "9"), // no whole minute
        row(at(0), "1", "1.5", "2", "2", "9"), // high below open
        row(at(0), "2.5", "3", "2", "2", "9"), // low above open
        row(at(0), "0", "3", "2", "2", "9"), // low of nothing
        row(at(0), "1", "3", "2", "2", "-9"))) {
      assertThat(failureOf(COINBASE.interpret(query, dated("[" + bad + "]"))).kind())
          .as(bad)
          .isEqualTo(Failure.Kind.WRONG_DATA);
    }
  }

  /// A venue with a bar wherever `traded` says so, up to its own time; it answers as documented:
  /// newest first, both bounds included, never more than 300 intervals.
  private static Function<String, HttpResult> venue(LongPredicate traded) {
    return path -> {
      if (path.equals("/time")) {
        return dated(TIME);
      }
      long granularity = Long.parseLong(parameter(path, "granularity"));
      long start = Instant.parse(parameter(path, "start")).getEpochSecond();
      long end = Instant.parse(parameter(path, "end")).getEpochSecond();
      if ((end - start) / granularity + 1 > 300) {
        return answer(400, "{\"message\":\"granularity too small for the requested time range\"}");
      }
      return dated(rows(granularity, start, Math.min(end, NOW.getEpochSecond()), traded));
    };
  }

  private static String rows(long granularity, long start, long end, LongPredicate traded) {
    StringJoiner rows = new StringJoiner(",", "[", "]");
    for (long t = Math.floorDiv(end, granularity) * granularity; t >= start; t -= granularity) {
      if (traded.test(t)) {
        rows.add(row(Instant.ofEpochSecond(t), "1", "3", "2", "2", "9"));
      }
    }
    return rows.toString();
  }

  private static String row(
      Instant time, String low, String high, String open, String close, String volume) {
    return "[%d,%s,%s,%s,%s,%s]".formatted(time.getEpochSecond(), low, high, open, close, volume);
  }

  private static String parameter(String path, String name) {
    String after = path.substring(path.indexOf(name + "=") + name.length() + 1);
    return after.contains("&") ? after.substring(0, after.indexOf('&')) : after;
  }

  private static HttpResult dated(String body) {
    return answer(200, body, DATE);
  }

  private static Instant at(long seconds) {
    return Instant.parse("2026-11-22T06:00:00Z").plusSeconds(seconds);
  }

  private static List<Instant> timesOf(Outcome outcome) {
    return eventsOf(outcome).stream().map(e -> ((Event.Bar) e).time()).toList();
  }

  private static @Nullable Span coveredBy(Outcome outcome) {
    return ((Outcome.Usable) outcome).covered();
  }
}

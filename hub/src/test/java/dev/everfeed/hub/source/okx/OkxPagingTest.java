package dev.everfeed.hub.source.okx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.Answers;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.SourceSettings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole questions, asked of a venue that serves pages as OKX documents them: newest first, both
/// bounds exclusive, `before` alone ignored as a bound, 1,440 bars in the first list, and none
/// that is not over in the second.
class OkxPagingTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Instant NOW = Instant.parse("2026-03-10T12:34:56Z");
  private static final PolledSource OKX =
      new OkxRest(SourceSettings.of(URI.create("http://127.0.0.1:1")));

  private static final String CANDLES =
      "/market/candles?bar=1m&after=%d&before=%d&limit=300&instId=BTC-USDT";

  private final List<String> paths = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({"1m, 1", "1m, 300", "1m, 301", "1m, 1200", "5m, 700", "1h, 600"})
  void theNewestBarsArePagedBackwards(String text, int limit) throws Exception {
    Interval interval = Interval.parse(text).orElseThrow();
    Outcome.Usable usable = ask(new Query.Bars(BTC, interval, null, null, limit));
    Instant last = interval.openOf(NOW);
    assertThat(opens(usable))
        .containsExactlyElementsOf(opensTo(interval, last.plus(interval.duration()), limit));
    assertThat(paths).allMatch(p -> p.contains("/market/candles?"));
    assertThat(paths).hasSize(Math.ceilDiv(limit, 300));
    if (limit > 1) { // the running one is all there is of one
      assertThat(covered(usable).to()).isEqualTo(last);
    }
  }

  /// What lies in the newest 1,440 bars takes pages of 300, the time before them.
  @Test
  void aNearRangeComesFromTheFirstList() throws Exception {
    Instant from = Instant.parse("2026-03-10T00:00:00Z");
    Instant to = Instant.parse("2026-03-10T12:00:00Z");
    Outcome.Usable usable = ask(new Query.Bars(BTC, Interval.M1, from, to, 1_000));
    assertThat(opens(usable)).containsExactlyElementsOf(opensTo(Interval.M1, to, 720));
    assertThat(covered(usable)).isEqualTo(new Span(from, to));
    assertThat(paths)
        .containsExactly(
            "/api/v5/public/time",
            "/api/v5" + CANDLES.formatted(1_773_118_800_000L, 1_773_100_799_999L),
            "/api/v5" + CANDLES.formatted(1_773_136_800_000L, 1_773_118_799_999L),
            "/api/v5" + CANDLES.formatted(1_773_144_000_000L, 1_773_136_799_999L));
  }

  @Test
  void anOldRangeComesFromHistoryAHundredAtATime() throws Exception {
    Instant from = Instant.parse("2024-02-01T00:00:00Z");
    Outcome.Usable usable = ask(new Query.Bars(BTC, Interval.H1, from, null, 250));
    Instant end = from.plus(Duration.ofHours(250));
    assertThat(opens(usable)).containsExactlyElementsOf(opensTo(Interval.H1, end, 250));
    assertThat(covered(usable)).isEqualTo(new Span(from, end));
    assertThat(paths).hasSize(4);
    assertThat(paths.subList(1, 4))
        .allMatch(p -> p.contains("/market/history-candles?") && p.contains("&limit=100&"));
    assertThat(OKX.weight(new Query.Bars(BTC, Interval.H1, from, null, 250))).isEqualTo(5);
  }

  /// The bar that is running is in the first list alone. So a range that begins long ago and
  /// ends now takes both.
  @Test
  void aRangeOverBothListsLacksNothing() throws Exception {
    Instant from = Interval.M1.openOf(NOW).minus(Duration.ofMinutes(1_600));
    Outcome.Usable old = ask(new Query.Bars(BTC, Interval.M1, from, null, 5_000));
    assertThat(opens(old))
        .containsExactlyElementsOf(opensTo(Interval.M1, from.plus(Duration.ofMinutes(800)), 800));
    assertThat(paths).filteredOn(p -> p.contains("/history-candles?")).hasSize(2);
    assertThat(paths).filteredOn(p -> p.contains("/candles?")).hasSize(6);

    Instant on = covered(old).to();
    Outcome.Usable rest = ask(new Query.Bars(BTC, Interval.M1, on, null, 5_000));
    assertThat(opens(rest).getFirst()).isEqualTo(on);
    assertThat(opens(rest).getLast()).isEqualTo(Interval.M1.openOf(NOW));
    assertThat(opens(rest)).hasSize(801);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-10T12:30:00Z, /market/candles",
    "2026-01-01T00:00:00Z, /market/history-candles"
  })
  void barsBeforeAMoment(Instant to, String list) throws Exception {
    Outcome.Usable usable = ask(new Query.Bars(BTC, Interval.M1, null, to, 150));
    assertThat(opens(usable)).containsExactlyElementsOf(opensTo(Interval.M1, to, 150));
    assertThat(paths.subList(1, paths.size())).allMatch(p -> p.contains(list + "?"));
  }

  @Test
  void monthsAndWeeksAndBuiltBars() throws Exception {
    Instant from = Instant.parse("2025-01-01T00:00:00Z");
    assertThat(opens(ask(new Query.Bars(BTC, Interval.MONTH, from, null, 3))))
        .containsExactly(
            from, Instant.parse("2025-02-01T00:00:00Z"), Instant.parse("2025-03-01T00:00:00Z"));
    assertThat(opens(ask(new Query.Bars(BTC, Interval.W1, from, null, 2))))
        .containsExactly(
            Instant.parse("2025-01-06T00:00:00Z"), Instant.parse("2025-01-13T00:00:00Z"));
    assertThat(opens(ask(new Query.Bars(BTC, Interval.H8, from, null, 2))))
        .containsExactly(from, from.plus(Duration.ofHours(8)));
  }

  @ParameterizedTest
  @CsvSource({"1000, 1, 1", "1000, 99, 1", "1000, 250, 3", "1990, 500, 1", "2000, 100, 1"})
  void tradesFromAnIdOnLackNone(long from, int limit, int requests) throws Exception {
    Outcome.Usable usable =
        ask(new Query.Trades(BTC, Long.toString(from), limit), LongStream.range(1, 2_000));
    assertThat(ids(usable))
        .containsExactlyElementsOf(
            LongStream.range(from, Math.min(2_000, from + limit)).boxed().toList());
    assertThat(paths).hasSize(requests);
    assertThat(paths.getFirst())
        .isEqualTo("/api/v5/market/history-trades?instId=BTC-USDT&type=1&after=%d&limit=%d"
            .formatted(from + Math.min(limit, 100), Math.min(limit, 100)));
  }

  /// Should ids have holes after all, an answer ends early, and begins where it should.
  @Test
  void holesInTheIdsCostNoTrade() throws Exception {
    LongStream odd = LongStream.range(1, 2_000).filter(id -> id % 3 == 0);
    assertThat(ids(ask(new Query.Trades(BTC, "1000", 500), odd)))
        .containsExactlyElementsOf(
            LongStream.range(1_000, 1_100).filter(id -> id % 3 == 0).boxed().toList());
  }

  private Outcome.Usable ask(Query query) throws Exception {
    return ask(query, LongStream.empty());
  }

  private Outcome.Usable ask(Query query, LongStream trades) throws Exception {
    paths.clear();
    TreeSet<Long> ids = trades.boxed().collect(Collectors.toCollection(TreeSet::new));
    SourceRequest request = OKX.request(query);
    int weight = 0;
    List<Event> before = List.of();
    while (true) {
      paths.add(request.path());
      weight += request.weight();
      Outcome outcome = OKX.interpret(query, before, served(request.path(), ids));
      if (!(outcome instanceof Outcome.More(List<Event> soFar, SourceRequest next))) {
        assertThat(outcome).isInstanceOf(Outcome.Usable.class);
        assertThat(weight).isLessThanOrEqualTo(OKX.weight(query));
        return (Outcome.Usable) outcome;
      }
      before = soFar;
      request = next;
    }
  }

  private static HttpResult served(String path, TreeSet<Long> trades) {
    String name = path.substring(
        "/api/v5".length(), path.indexOf('?') < 0 ? path.length() : path.indexOf('?'));
    Map<String, String> asked = new HashMap<>();
    if (path.indexOf('?') > 0) {
      for (String pair : path.substring(path.indexOf('?') + 1).split("&", -1)) {
        asked.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
      }
    }
    String data = switch (name) {
      case "/public/time" -> "{\"ts\":\"" + NOW.toEpochMilli() + "\"}";
      case "/market/candles" -> bars(asked, 300, 1_440, true);
      case "/market/history-candles" -> bars(asked, 100, Integer.MAX_VALUE, false);
      case "/market/history-trades" -> trades(asked, trades);
      default -> throw new IllegalArgumentException(path);
    };
    return Answers.answer(
        200,
        "{\"code\":\"0\",\"msg\":\"\",\"data\":[" + data + "]}",
        Map.of("date", DateTimeFormatter.RFC_1123_DATE_TIME.format(NOW.atOffset(ZoneOffset.UTC))));
  }

  private static String bars(Map<String, String> asked, int page, int reach, boolean running) {
    Interval interval = intervalOf(asked.getOrDefault("bar", ""));
    Instant after = bound(asked.get("after"), NOW);
    Instant before =
        asked.containsKey("after") ? bound(asked.get("before"), Instant.EPOCH) : Instant.EPOCH;
    int limit = Math.min(page, Integer.parseInt(asked.getOrDefault("limit", "100")));
    List<String> rows = new ArrayList<>();
    Instant open = interval.openOf(NOW);
    for (int i = 0; i < reach && rows.size() < limit && open.isAfter(before); i++) {
      boolean over = !interval.next(open).isAfter(NOW);
      if (open.isBefore(after) && (over || running)) {
        rows.add("[\"%d\",\"2\",\"3\",\"1\",\"2\",\"5\",\"6\",\"7\",\"%d\"]"
            .formatted(open.toEpochMilli(), over ? 1 : 0));
      }
      open = interval.openOf(open.minusMillis(1));
    }
    return String.join(",", rows);
  }

  private static Instant bound(@Nullable String text, Instant otherwise) {
    return text == null ? otherwise : Instant.ofEpochMilli(Long.parseLong(text));
  }

  private static Interval intervalOf(String word) {
    String text = word.replace("utc", "");
    return Interval.parse(text.endsWith("M") ? text : text.toLowerCase(Locale.ROOT))
        .orElseThrow();
  }

  private static String trades(Map<String, String> asked, TreeSet<Long> ids) {
    assertThat(asked).containsEntry("type", "1");
    int limit = Math.min(100, Integer.parseInt(asked.getOrDefault("limit", "100")));
    return ids
        .headSet(Long.parseLong(asked.getOrDefault("after", "0")), false)
        .descendingSet()
        .stream()
        .limit(limit)
        .map(id -> "{'instId':'BTC-USDT','side':'buy','sz':'1','px':'2','tradeId':'%d','ts':'%d'}"
            .formatted(id, id)
            .replace('\'', '"'))
        .collect(Collectors.joining(","));
  }

  private static Span covered(Outcome.Usable usable) {
    Span covered = usable.covered();
    assertThat(covered).isNotNull();
    return Objects.requireNonNull(covered);
  }

  private static List<Instant> opens(Outcome.Usable usable) {
    return usable.events().stream().map(e -> ((Event.Bar) e).time()).toList();
  }

  private static List<Long> ids(Outcome.Usable usable) {
    return usable.events().stream()
        .map(e -> Long.parseLong(String.valueOf(((Event.Trade) e).tradeId())))
        .toList();
  }

  private static List<Instant> opensTo(Interval interval, Instant end, int count) {
    return LongStream.rangeClosed(1, count)
        .map(i -> count - i + 1)
        .mapToObj(i -> end.minus(interval.duration().multipliedBy(i)))
        .toList();
  }
}

package dev.everfeed.hub.source;

import static dev.everfeed.hub.source.Answers.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a venue's pages look like, the answer is the venue's own bars of the range, in
/// order, none twice, and `covered` never says more than that.
class BarPagerTest {
  private static final SourceId SOURCE = new SourceId("venue");
  private static final Symbol BTC = Symbol.of("BTC/USD");
  private static final Instant DAY = Instant.parse("2026-11-20T00:00:00Z");

  /// A venue that keeps minutes (or days), some of which nobody traded in, and answers as its
  /// rules say.
  private static final class Venue {
    final BarRules rules;
    final Instant now;
    final TreeMap<Instant, Integer> minutes = new TreeMap<>();
    final List<BarPager.Page> asked = new ArrayList<>();
    final BarPager pager;
    private final Map<Interval, List<Event>> bars = new EnumMap<>(Interval.class);
    boolean saysDate = true;

    Venue(BarRules rules, Instant listed, Instant now, Random random, int emptyInTen) {
      this(rules, listed, now, random, emptyInTen, 60);
    }

    Venue(BarRules rules, Instant listed, Instant now, Random random, int emptyInTen, int seconds) {
      this.rules = rules;
      this.now = now;
      for (Instant t = listed; !t.isAfter(now); t = t.plusSeconds(seconds)) {
        if (random.nextInt(10) >= emptyInTen) {
          minutes.put(t, 1_000 + random.nextInt(100));
        }
      }
      this.pager = new BarPager(SOURCE, rules, page -> {
        asked.add(page);
        return new SourceRequest("/page", Map.of(), 1);
      });
    }

    /// All bars of an interval that the venue could tell now.
    List<Event> bars(Interval interval) {
      return bars.computeIfAbsent(interval, this::made);
    }

    private List<Event> made(Interval interval) {
      TreeMap<Instant, List<Integer>> byOpen = new TreeMap<>();
      minutes.forEach((time, price) ->
          byOpen.computeIfAbsent(interval.openOf(time), _ -> new ArrayList<>()).add(price));
      List<Event> bars = new ArrayList<>();
      byOpen.forEach((open, prices) -> bars.add(new Event.Bar(
          BTC,
          "venue",
          SOURCE,
          interval,
          open,
          Decimal.of(prices.getFirst()),
          Decimal.of(prices.stream().max(Integer::compare).orElseThrow()),
          Decimal.of(prices.stream().min(Integer::compare).orElseThrow()),
          Decimal.of(prices.getLast()),
          Decimal.of(prices.size()),
          null)));
      return List.copyOf(bars);
    }

    List<Event> answer(BarPager.Page page) {
      List<Event> all = new ArrayList<>(bars(page.interval()));
      if (rules.reach() < all.size()) {
        return all.subList(all.size() - rules.reach(), all.size()); // whatever was asked
      }
      all.removeIf(event -> {
        Instant time = ((Event.Bar) event).time();
        return (page.from() != null && time.isBefore(page.from()))
            || (page.to() != null && !time.isBefore(page.to()));
      });
      int most = page.limit();
      if (all.size() <= most) {
        return all;
      }
      return page.from() == null
          ? all.subList(all.size() - most, all.size())
          : all.subList(0, most);
    }

    HttpResult result() {
      String date = DateTimeFormatter.RFC_1123_DATE_TIME
          .withLocale(Locale.ROOT)
          .format(now.atZone(ZoneOffset.UTC));
      return new HttpResult(200, saysDate ? Map.of("date", date) : Map.of(), new byte[0]);
    }

    Outcome ask(Query.Bars query) throws UnsupportedQueryException {
      pager.first(query);
      List<Event> before = List.of();
      for (int pages = 1; ; pages++) {
        assertThat(pages).isLessThanOrEqualTo(pager.mostPages(query));
        Outcome outcome = pager.received(query, before, answer(asked.getLast()), result());
        if (!(outcome instanceof Outcome.More more)) {
          return outcome;
        }
        before = more.events();
      }
    }
  }

  private static BarRules rules(int pageMax, boolean seeks, int reach, Interval... offered) {
    SequencedMap<Interval, String> words = new LinkedHashMap<>();
    for (Interval interval : offered) {
      words.put(interval, interval.text());
    }
    return new BarRules(words, pageMax, false, seeks, reach);
  }

  private static List<Instant> times(List<Event> events) {
    return events.stream().map(event -> ((Event.Bar) event).time()).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void anAnswerIsTheVenuesOwnBarsOfTheRange(int kind) throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed * 4L + kind);
      boolean seeks = kind == 1;
      int reach = kind == 2 ? 50 : Integer.MAX_VALUE;
      int pageMax = kind == 2 ? 50 : 5 + random.nextInt(30);
      Instant now = DAY.plusSeconds(3_600 + random.nextInt(40_000));
      Venue venue = new Venue(
          rules(pageMax, seeks, reach, Interval.M1, Interval.M5, Interval.H1),
          DAY,
          now,
          random,
          kind == 3 ? 5 : random.nextInt(3));
      venue.saysDate = random.nextInt(4) > 0;
      Interval interval = List.of(
              Interval.M1, Interval.M3, Interval.M5, Interval.M15, Interval.H1, Interval.H4)
          .get(random.nextInt(6));
      Instant from =
          random.nextInt(3) == 0 ? null : DAY.plusSeconds(random.nextInt(36_000) - 3_600);
      Instant to = random.nextBoolean()
          ? null
          : (from == null ? DAY.plusSeconds(7_200) : from).plusSeconds(1 + random.nextInt(60_000));
      int limit = 1 + random.nextInt(100);
      Query.Bars query = new Query.Bars(BTC, interval, from, to, limit);
      String what =
          "seed %d kind %d: %s, now %s, page %d".formatted(seed, kind, query, now, pageMax);

      Outcome outcome = venue.ask(query);
      if (kind == 2 && outcome instanceof Outcome.Unusable(Failure failure)) {
        assertThat(failure.kind()).as(what).isEqualTo(Failure.Kind.NOT_OFFERED);
        continue;
      }
      assertThat(outcome).as(what).isInstanceOf(Outcome.Usable.class);
      Outcome.Usable usable = (Outcome.Usable) outcome;
      check(venue, query, usable, what);
    }
  }

  private static void check(Venue venue, Query.Bars query, Outcome.Usable usable, String what) {
    List<Event> truth = venue.bars(query.interval()).stream()
        .filter(event -> {
          Instant time = ((Event.Bar) event).time();
          return (query.from() == null || !time.isBefore(query.from()))
              && (query.to() == null || time.isBefore(query.to()));
        })
        .toList();
    List<Event> got = usable.events();
    assertThat(got.size()).as(what).isLessThanOrEqualTo(query.limit());
    // a stretch of the truth, without a hole
    if (!got.isEmpty()) {
      int begin = times(truth).indexOf(times(got).getFirst());
      assertThat(begin).as(what).isNotNegative();
      assertThat(times(got)).as(what).isEqualTo(times(truth.subList(begin, begin + got.size())));
      for (int i = 0; i < got.size(); i++) {
        assertThat(values(got.get(i))).as(what).isEqualTo(values(truth.get(begin + i)));
      }
      if (query.from() == null) {
        assertThat(times(got).getLast()).as(what).isEqualTo(times(truth).getLast());
      }
    }
    Span covered = usable.covered();
    if (covered != null) {
      assertThat(times(got).stream().filter(covered::contains).toList())
          .as(what + " covered " + covered)
          .isEqualTo(times(truth).stream().filter(covered::contains).toList());
      assertThat(covered.to()).as(what).isBeforeOrEqualTo(venue.now);
      assertThat(query.interval().openOf(covered.from())).as(what).isEqualTo(covered.from());
      assertThat(query.interval().openOf(covered.to())).as(what).isEqualTo(covered.to());
    }
  }

  private static List<Decimal> values(Event event) {
    Event.Bar bar = (Event.Bar) event;
    return List.of(bar.open(), bar.high(), bar.low(), bar.close());
  }

  /// Built from shorter ones: where, at most, an answer ends has nothing to do with where a bar
  /// does. Who reads on where `covered` ends (`next_from`) must have every bar, once and whole.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whoReadsOnHasEveryBuiltBarOnceAndWhole(int kind) throws Exception {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed * 3L + kind);
      boolean days = random.nextBoolean();
      Interval basis = days ? Interval.D1 : Interval.H1;
      Interval wanted = days
          ? List.of(Interval.D3, Interval.W1, Interval.MONTH).get(random.nextInt(3))
          : List.of(Interval.H2, Interval.H4, Interval.H6, Interval.H8, Interval.H12)
              .get(random.nextInt(5));
      int pageMax = 8 + random.nextInt(12); // an answer has two whole months at least
      long length = basis.duration().toSeconds();
      Instant now = DAY.plusSeconds(random.nextInt(90 * 86_400));
      Venue venue = new Venue(
          rules(pageMax, kind == 1, Integer.MAX_VALUE, basis),
          basis.moved(DAY, -400),
          now,
          random,
          kind == 2 ? 5 : random.nextInt(2),
          (int) length);
      Instant from = basis.moved(DAY, -420).plusSeconds(random.nextLong(60 * length));
      Instant to = random.nextBoolean() ? null : now.plusSeconds(random.nextInt(60) - 40 * length);
      int limit = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 5_000;
      String what = "seed %d kind %d: %s from %s to %s limit %d, now %s, page %d"
          .formatted(seed, kind, wanted, from, to, limit, now, pageMax);

      List<Event> all = new ArrayList<>();
      Instant next = from;
      for (int answers = 0; next != null; answers++) {
        assertThat(answers).as(what).isLessThan(500);
        Query.Bars query = new Query.Bars(BTC, wanted, next, to, limit);
        Outcome.Usable usable = (Outcome.Usable) venue.ask(query);
        check(venue, query, usable, what + " at " + next);
        all.addAll(usable.events());
        next = nextFrom(query, usable, now);
      }
      List<Event> truth = venue.bars(wanted).stream()
          .filter(event -> !((Event.Bar) event).time().isBefore(from)
              && (to == null || ((Event.Bar) event).time().isBefore(to)))
          .toList();
      assertThat(times(all)).as(what).isEqualTo(times(truth));
      for (Event event : all) {
        Event.Bar bar = (Event.Bar) event;
        if (Boolean.FALSE.equals(bar.complete())) {
          assertThat(wanted.openOf(now)).as(what).isEqualTo(bar.time());
        }
      }
    }
  }

  /// As the interface tells it.
  private static @Nullable Instant nextFrom(Query.Bars query, Outcome.Usable usable, Instant now) {
    List<Instant> got = times(usable.events());
    Span covered = usable.covered();
    Instant next = null;
    if (got.size() >= query.limit()) {
      next = query.interval().next(got.getLast());
    } else if (covered != null && covered.to().isBefore(query.interval().openOf(now))) {
      next = covered.to();
    }
    Instant to = query.to();
    return next == null || next.isAfter(now) || (to != null && !next.isBefore(to)) ? null : next;
  }

  /// Coinbase's weeks: 2,400 days are 342 of them and six days.
  @Test
  void anAnswerOfBuiltBarsEndsWithTheLastWholeOne() throws Exception {
    Venue venue = new Venue(
        rules(300, false, Integer.MAX_VALUE, Interval.D1),
        Instant.parse("2014-12-01T00:00:00Z"),
        DAY,
        new Random(1),
        0,
        86_400);
    Query.Bars query =
        new Query.Bars(BTC, Interval.W1, Instant.parse("2015-01-01T00:00:00Z"), null, 1_000);
    Outcome.Usable usable = (Outcome.Usable) venue.ask(query);
    assertThat(usable.events())
        .hasSize(342)
        .allMatch(bar -> Boolean.TRUE.equals(((Event.Bar) bar).complete()));
    assertThat(usable.covered())
        .isEqualTo(new Span(
            Instant.parse("2015-01-05T00:00:00Z"),
            Instant.parse("2015-01-05T00:00:00Z").plusSeconds(342 * 604_800L)));
  }

  /// A backfill asks for the rest of what it was answered: it has to hear that there is none.
  @Test
  void whatIsBeforeTheFirstWholeBuiltBarIsRefused() throws Exception {
    for (Interval wanted : List.of(Interval.D3, Interval.W1, Interval.MONTH)) {
      for (int day = 0; day < 40; day++) {
        Instant now = DAY.plusSeconds(day * 86_400L + 40_000);
        Venue venue = new Venue(
            rules(100, false, 100, Interval.D1),
            Instant.parse("2026-01-01T00:00:00Z"),
            now,
            new Random(1),
            0,
            86_400);
        Instant from = Instant.parse("2026-01-01T00:00:00Z");
        Query.Bars query = new Query.Bars(BTC, wanted, from, wanted.openOf(now), 500, "venue");
        Outcome.Usable usable = (Outcome.Usable) venue.ask(query);
        Span covered = usable.covered();
        assertThat(covered).isNotNull();
        Instant reached = wanted.firstOpen(now.minusSeconds(99 * 86_400L + 40_000));
        assertThat(covered).isEqualTo(new Span(reached, wanted.openOf(now)));
        Outcome rest = venue.ask(new Query.Bars(BTC, wanted, from, reached, 500, "venue"));
        assertThat(failureOf(rest).kind())
            .as("%s at %s", wanted, now)
            .isEqualTo(Failure.Kind.NOT_OFFERED);
      }
    }
  }

  @Test
  void noPageBeginsBefore1970() throws Exception {
    for (boolean seeks : List.of(false, true)) {
      Venue venue = new Venue(
          rules(100, seeks, Integer.MAX_VALUE, Interval.D1, Interval.W1),
          Instant.EPOCH,
          Instant.parse("1970-03-01T12:00:00Z"),
          new Random(1),
          0,
          86_400);
      for (Interval interval : List.of(Interval.D1, Interval.W1)) {
        Query.Bars query =
            new Query.Bars(BTC, interval, null, Instant.parse("1970-02-02T00:00:00Z"), 5_000);
        Outcome.Usable usable = (Outcome.Usable) venue.ask(query);
        assertThat(usable.events()).hasSize(interval == Interval.D1 ? 32 : 4);
      }
      assertThat(venue.asked)
          .hasSize(2)
          .allMatch(page -> page.from() != null
              && page.to() != null
              && page.from().isBefore(page.to())
              && page.from().getEpochSecond() >= 0);
    }
  }

  @Test
  void aPageIsNotWasted() throws Exception {
    Venue venue = new Venue(
        rules(300, false, Integer.MAX_VALUE, Interval.M1),
        DAY,
        DAY.plusSeconds(86_399),
        new Random(1),
        0);
    Outcome.Usable newest =
        (Outcome.Usable) venue.ask(new Query.Bars(BTC, Interval.M1, null, null, 500));
    assertThat(newest.events()).hasSize(500);
    assertThat(venue.asked).hasSize(2);
    assertThat(newest.covered())
        .isEqualTo(new Span(DAY.plusSeconds(86_400 - 500 * 60), DAY.plusSeconds(86_340)));

    venue.asked.clear();
    Outcome.Usable day = (Outcome.Usable)
        venue.ask(new Query.Bars(BTC, Interval.M1, DAY, DAY.plusSeconds(36_000), 5_000));
    assertThat(day.events()).hasSize(600);
    assertThat(venue.asked).hasSize(2);
    assertThat(day.covered()).isEqualTo(new Span(DAY, DAY.plusSeconds(36_000)));
  }

  @Test
  void whatIsOlderThanTheVenueKnowsIsRefusedAndSaysSo() throws Exception {
    Venue venue = new Venue(
        rules(720, false, 720, Interval.M1), DAY, DAY.plusSeconds(86_399), new Random(1), 0);
    Failure failure =
        failureOf(venue.ask(new Query.Bars(BTC, Interval.M1, DAY, DAY.plusSeconds(3_600), 100)));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.NOT_OFFERED);
    assertThat(failure.message())
        .contains("knows only its newest 720 1m bars, back to 2026-11-20T12:00:00Z");
    Outcome.Usable part =
        (Outcome.Usable) venue.ask(new Query.Bars(BTC, Interval.M1, DAY, null, 5_000));
    assertThat(part.events()).hasSize(720);
    assertThat(part.covered())
        .isEqualTo(new Span(DAY.plusSeconds(43_200), DAY.plusSeconds(86_340)));
  }

  @Test
  void daysThatBeginInHongKongAreWrong() throws Exception {
    BarPager pager = new BarPager(
        SOURCE,
        rules(100, false, Integer.MAX_VALUE, Interval.D1),
        _ -> new SourceRequest("/page", Map.of(), 1));
    Query.Bars query = new Query.Bars(BTC, Interval.D1, null, null, 10);
    Event bar = new Event.Bar(
        BTC,
        "venue",
        SOURCE,
        Interval.D1,
        DAY.plusSeconds(57_600),
        Decimal.ONE,
        Decimal.ONE,
        Decimal.ONE,
        Decimal.ONE,
        null,
        null);
    Failure failure = failureOf(
        pager.received(query, List.of(), List.of(bar), new HttpResult(200, Map.of(), new byte[0])));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_DATA);
    assertThat(failure.message()).contains("does not open at a whole 1d of UTC");
  }

  @Test
  void anIntervalThatCannotBeBuiltIsRefusedWithWhatThereIs() {
    BarPager pager = new BarPager(
        SOURCE,
        rules(100, false, Integer.MAX_VALUE, Interval.M5, Interval.H1),
        _ -> new SourceRequest("/page", Map.of(), 1));
    assertThatThrownBy(() -> pager.first(new Query.Bars(BTC, Interval.M1, null, null, 10)))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining("has no 1m bars")
        .hasMessageContaining("5m 1h");
  }

  @Test
  void weeksAreBuiltFromDaysAndBeginOnMonday() throws Exception {
    Venue venue = new Venue(
        rules(300, false, Integer.MAX_VALUE, Interval.H6, Interval.D1),
        Instant.parse("2026-10-01T00:00:00Z"),
        Instant.parse("2026-11-21T12:00:00Z"),
        new Random(1),
        0);
    @Nullable Outcome outcome = venue.ask(new Query.Bars(BTC, Interval.W1, null, null, 3));
    assertThat(times(Answers.eventsOf(outcome)))
        .containsExactly(
            Instant.parse("2026-11-02T00:00:00Z"),
            Instant.parse("2026-11-09T00:00:00Z"),
            Instant.parse("2026-11-16T00:00:00Z"));
    assertThat(venue.asked.getFirst().interval()).isEqualTo(Interval.D1);
  }
}

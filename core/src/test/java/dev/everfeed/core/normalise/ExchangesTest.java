package dev.everfeed.core.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Bars of several exchanges beside each other: who disagrees, whose stand for all, what is not
/// there, and long bars out of short ones.
class ExchangesTest {
  private static final Instant START = Instant.parse("2026-11-02T00:00:00Z"); // a Monday
  private static final List<String> ORDER = List.of("binance", "coinbase", "kraken", "okx");

  private static Instant minute(int n) {
    return START.plusSeconds(60L * n);
  }

  private static Event.Bar bar(
      String exchange, Interval interval, Instant time, int close, @Nullable Boolean complete) {
    Decimal price = Decimal.of(close);
    return new Event.Bar(
        Symbol.of("BTC/USDT"),
        exchange,
        new SourceId(exchange),
        interval,
        time,
        price,
        price,
        price,
        price,
        Decimal.ONE,
        complete);
  }

  private static List<Event.Bar> bars(String exchange, int first, int end, int close) {
    List<Event.Bar> bars = new ArrayList<>();
    for (int i = first; i < end; i++) {
      bars.add(bar(exchange, Interval.M1, minute(i), close, true));
    }
    return bars;
  }

  @Test
  void oneThatIsFarFromTheMedianDisagreesAndTheOthersDoNot() {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    series.put("binance", bars("binance", 0, 5, 1_000));
    series.put("coinbase", bars("coinbase", 0, 5, 1_002));
    series.put("kraken", bars("kraken", 0, 5, 1_020));
    series.put("okx", bars("okx", 0, 5, 999));

    Consistency.Deviation kraken = Consistency.of("kraken", series).orElseThrow();
    assertThat(kraken.disagrees()).isTrue();
    assertThat(kraken.usualPpm()).isEqualTo(20_000);
    assertThat(kraken.text()).contains("1020").contains("2.00 %");
    for (String exchange : List.of("binance", "coinbase", "okx")) {
      assertThat(Consistency.of(exchange, series).orElseThrow().disagrees())
          .as(exchange)
          .isFalse();
    }
  }

  @Test
  void oneWildCloseIsEnoughAndOneThatIsALittleOffIsNot() {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    series.put("binance", bars("binance", 0, 9, 1_000));
    series.put("coinbase", bars("coinbase", 0, 9, 1_000));
    List<Event.Bar> wild = new ArrayList<>(bars("kraken", 0, 9, 1_000));
    wild.set(4, bar("kraken", Interval.M1, minute(4), 1_051, true));
    series.put("kraken", wild);
    assertThat(Consistency.of("kraken", series).orElseThrow().disagrees()).isTrue();
    assertThat(Consistency.of("kraken", series).orElseThrow().worstAt()).isEqualTo(minute(4));

    wild.set(4, bar("kraken", Interval.M1, minute(4), 1_049, true));
    assertThat(Consistency.of("kraken", series).orElseThrow().disagrees()).isFalse();
  }

  @Test
  void ofTwoNobodyCanTellWhoIsWrongAndARunningBarSaysNothing() {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    series.put("binance", bars("binance", 0, 5, 1_000));
    series.put("coinbase", bars("coinbase", 0, 5, 2_000));
    assertThat(Consistency.of(series)).isEmpty();

    series.put("kraken", List.of(bar("kraken", Interval.M1, minute(4), 1_000, false)));
    assertThat(Consistency.of(series)).isEmpty();
  }

  @Test
  void halfOfTheBarsMayBeOffByOnePercentAndOneOfThemByFive() {
    assertThat(deviation(10_000, 10_000).disagrees()).isFalse();
    assertThat(deviation(10_001, 10_001).disagrees()).isTrue();
    assertThat(deviation(0, 50_000).disagrees()).isFalse();
    assertThat(deviation(0, 50_001).disagrees()).isTrue();
  }

  private static Consistency.Deviation deviation(long usualPpm, long worstPpm) {
    return new Consistency.Deviation(
        9, usualPpm, worstPpm, START, Decimal.of(1_050), Decimal.of(1_000));
  }

  @Test
  void howFarAnExchangeIsFromTheOthersIsToldToPeople() {
    assertThat(deviation(12_300, 50_000).text())
        .isEqualTo("the close of 1050 at 2026-11-02T00:00:00Z is 5.00 % from the median 1000 of the"
            + " exchanges, half of 9 bars are 1.23 % or more");
  }

  @Test
  void onlyTheNewestFiveHundredTimesAreCompared() {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    series.put("binance", bars("binance", 0, 501, 1_000));
    series.put("coinbase", bars("coinbase", 0, 501, 1_000));
    List<Event.Bar> wild = new ArrayList<>(bars("kraken", 0, 501, 1_000));
    wild.set(0, bar("kraken", Interval.M1, minute(0), 9_000, true));
    series.put("kraken", wild);
    Consistency.Deviation kraken = Consistency.of("kraken", series).orElseThrow();
    assertThat(kraken.compared()).isEqualTo(500);
    assertThat(kraken.worstPpm()).isZero();

    wild.set(1, bar("kraken", Interval.M1, minute(1), 9_000, true));
    assertThat(Consistency.of("kraken", series).orElseThrow().worstClose())
        .isEqualTo(Decimal.of(9_000));
  }

  /// Nobody has told the mean of the middle two.
  @Test
  void ofAnEvenNumberTheMedianIsTheLowerOfTheMiddleTwo() {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    int close = 1_000;
    for (String exchange : ORDER) {
      series.put(exchange, bars(exchange, 0, 1, close));
      close += 10;
    }
    assertThat(Consistency.of("okx", series).orElseThrow().median()).isEqualTo(Decimal.of(1_010));
  }

  @Test
  void theUsualDistanceIsThatOfTheMiddleBarAndTheWorstTheNewestOfTheFurthest() {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    series.put("binance", bars("binance", 0, 4, 1_000));
    series.put("coinbase", bars("coinbase", 0, 4, 1_000));
    List<Event.Bar> off = new ArrayList<>();
    int[] closes = {1_030, 1_010, 1_030, 1_020};
    for (int i = 0; i < closes.length; i++) {
      off.add(bar("kraken", Interval.M1, minute(i), closes[i], null));
    }
    series.put("kraken", off);
    Consistency.Deviation kraken = Consistency.of("kraken", series).orElseThrow();
    assertThat(kraken.compared()).as("a bar of unknown completeness counts").isEqualTo(4);
    assertThat(kraken.usualPpm()).isEqualTo(20_000);
    assertThat(kraken.worstPpm()).isEqualTo(30_000);
    assertThat(kraken.worstAt()).isEqualTo(minute(2));
    assertThat(Consistency.of("okx", series)).isEmpty();
  }

  @Test
  void theFirstInOrderStandsForAllUnlessItIsBehindOrDisagrees() {
    Map<String, List<Event.Bar>> series = new TreeMap<>();
    series.put("okx", bars("okx", 0, 10, 1_000));
    series.put("coinbase", bars("coinbase", 0, 9, 1_000)); // nobody traded in the last minute
    assertThat(Primary.of(ORDER, Interval.M1, series)).contains("coinbase");

    series.put("binance", bars("binance", 0, 8, 1_000)); // two behind: it has died
    assertThat(Primary.of(ORDER, Interval.M1, series)).contains("coinbase");

    series.put("binance", bars("binance", 0, 10, 1_100)); // tells another story
    assertThat(Primary.of(ORDER, Interval.M1, series)).contains("coinbase");

    series.put("binance", bars("binance", 9, 10, 1_000)); // one bar is data
    assertThat(Primary.of(ORDER, Interval.M1, series)).contains("binance");

    assertThat(Primary.of(ORDER, Interval.M1, new TreeMap<>())).isEmpty();
    assertThat(Primary.of(List.of(), Interval.M1, series)).contains("binance");
  }

  @Test
  void aGapSaysWhetherNobodyTradedTheVenueHasNoneOrWeLackIt() {
    List<Instant> opens = List.of(minute(1), minute(2), minute(6), minute(9));
    Span range = new Span(minute(0), minute(12));
    List<Span> told = List.of(new Span(minute(1), minute(4)), new Span(minute(5), minute(10)));

    assertThat(Gap.between(opens, Interval.M1, range, told, false))
        .containsExactly(
            new Gap(new Span(minute(0), minute(1)), 1, Gap.Kind.MISSING),
            new Gap(new Span(minute(3), minute(4)), 1, Gap.Kind.NO_TRADES),
            new Gap(new Span(minute(4), minute(5)), 1, Gap.Kind.MISSING),
            new Gap(new Span(minute(5), minute(6)), 1, Gap.Kind.NO_TRADES),
            new Gap(new Span(minute(7), minute(9)), 2, Gap.Kind.NO_TRADES),
            new Gap(new Span(minute(10), minute(12)), 2, Gap.Kind.MISSING));
    assertThat(Gap.between(opens, Interval.M1, range, told, true))
        .extracting(Gap::kind)
        .contains(Gap.Kind.VENUE_HAS_NONE)
        .doesNotContain(Gap.Kind.NO_TRADES);
    assertThat(Gap.between(List.of(), Interval.M1, range, List.of(), true))
        .containsExactly(new Gap(range, 12, Gap.Kind.MISSING));
  }

  @Test
  void whatWasToldOfBeforeOrAfterAGapSaysNothingAboutIt() {
    List<Instant> opens = List.of(minute(0), minute(4));
    Span range = new Span(minute(0), minute(5));
    List<Span> around = List.of(new Span(minute(0), minute(1)), new Span(minute(4), minute(9)));
    assertThat(Gap.between(opens, Interval.M1, range, around, true))
        .containsExactly(new Gap(new Span(minute(1), minute(4)), 3, Gap.Kind.MISSING));

    List<Span> over = List.of(new Span(minute(0), minute(9)));
    assertThat(Gap.between(opens, Interval.M1, range, over, true))
        .containsExactly(new Gap(new Span(minute(1), minute(4)), 3, Gap.Kind.VENUE_HAS_NONE));
  }

  @Test
  void anIntervalThatIsKnownInPartIsCountedAsOne() {
    Span range = new Span(minute(0), minute(2));
    List<Span> told = List.of(new Span(minute(0), minute(1).plusSeconds(30)));
    assertThat(Gap.between(List.of(), Interval.M1, range, told, false))
        .extracting(Gap::bars)
        .containsExactly(2L, 1L);
  }

  @Test
  void aSeriesWithoutAHoleHasNoGap() {
    List<Instant> opens = List.of(minute(0), minute(1));
    Span range = new Span(minute(0), minute(2));
    assertThat(Gap.between(opens, Interval.M1, range, List.of(), false)).isEmpty();
    assertThat(Gap.Kind.VENUE_HAS_NONE.text()).isEqualTo("venue_has_none");
  }

  @Test
  void monthsOfAGapAreCountedAsMonths() {
    Span half =
        new Span(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-07-01T00:00:00Z"));
    assertThat(Gap.between(List.of(), Interval.MONTH, half, List.of(), true)
            .getFirst()
            .bars())
        .isEqualTo(6);
  }

  @Test
  void aLongBarIsBuiltOnlyFromItsBeginningAndIsCompleteWhenItsEndIsKnown() {
    List<Event.Bar> minutes = new ArrayList<>();
    for (int i = 2; i < 12; i++) {
      if (i != 6) { // nobody traded
        Decimal price = Decimal.of(100 + i);
        minutes.add(new Event.Bar(
            Symbol.of("BTC/USDT"),
            "coinbase",
            new SourceId("coinbase"),
            Interval.M1,
            minute(i),
            price,
            price.plus(Decimal.ONE),
            price.minus(Decimal.ONE),
            price,
            Decimal.of(i),
            true));
      }
    }

    List<Event.Bar> built = Rollup.of(minutes, Interval.M5, new Span(minute(2), minute(11)));

    assertThat(built).hasSize(2); // the first five minutes are not all known
    Event.Bar whole = built.getFirst();
    assertThat(whole.time()).isEqualTo(minute(5));
    assertThat(whole.open()).isEqualTo(Decimal.of(105));
    assertThat(whole.high()).isEqualTo(Decimal.of(110));
    assertThat(whole.low()).isEqualTo(Decimal.of(104));
    assertThat(whole.close()).isEqualTo(Decimal.of(109));
    assertThat(whole.volume()).isEqualTo(Decimal.of(5 + 7 + 8 + 9));
    assertThat(whole.complete()).isTrue();
    assertThat(built.getLast().complete()).isFalse();
  }

  @Test
  void aLongBarIsCompleteWhenAllUpToItsEndIsKnownAndNotAMomentBefore() {
    List<Event.Bar> minutes = bars("coinbase", 0, 5, 100);
    Instant end = minute(5);
    assertThat(Rollup.of(minutes, Interval.M5, new Span(minute(0), end)))
        .extracting(Event.Bar::complete)
        .containsExactly(true);
    assertThat(Rollup.of(minutes, Interval.M5, new Span(minute(0), end.minusNanos(1))))
        .extracting(Event.Bar::complete)
        .containsExactly(false);
    assertThat(Rollup.of(minutes, Interval.M5, new Span(minute(0).plusNanos(1), end)))
        .isEmpty();
  }

  @Test
  void aLongBarHasNoVolumeWhenOneOfItsPartsHasNone() {
    Decimal price = Decimal.ONE;
    Event.Bar silent = new Event.Bar(
        Symbol.of("BTC/USDT"),
        "coinbase",
        new SourceId("coinbase"),
        Interval.M1,
        minute(0),
        price,
        price,
        price,
        price,
        null,
        true);
    List<Event.Bar> parts = List.of(silent, bar("coinbase", Interval.M1, minute(1), 1, true));
    assertThat(Rollup.of(parts, Interval.M5, new Span(minute(0), minute(5))))
        .singleElement()
        .satisfies(built -> {
          assertThat(built.volume()).isNull();
          assertThat(built.exchange()).isEqualTo("coinbase");
          assertThat(built.interval()).isEqualTo(Interval.M5);
        });
  }

  @Test
  void theBasisIsTheLongestThatFitsWhateverTheOrderAndNeverAWeek() {
    assertThat(Rollup.basis(Interval.H4, List.of(Interval.H2, Interval.H1, Interval.M1)))
        .contains(Interval.H2);
    assertThat(Rollup.basis(Interval.H2, List.of(Interval.H2, Interval.H4))).contains(Interval.H2);
    assertThat(Rollup.basis(Interval.MONTH, List.of(Interval.W1, Interval.D3))).isEmpty();
    assertThat(Rollup.basis(Interval.W1, List.of(Interval.D3, Interval.H8)))
        .as("three days do not divide a week")
        .contains(Interval.H8);
    assertThat(Rollup.basis(Interval.H12, List.of(Interval.H8))).isEmpty();
    assertThat(Rollup.basis(Interval.MONTH, List.of(Interval.MONTH))).contains(Interval.MONTH);
    assertThat(Rollup.parts(Interval.W1, Interval.D1)).isEqualTo(7);
    assertThat(Rollup.parts(Interval.D1, Interval.D1)).isEqualTo(1);
  }

  @Test
  void weeksAndMonthsAreMadeOfDaysAndNothingIsMadeOfLongerBars() {
    List<Interval> offered =
        List.of(Interval.M1, Interval.H1, Interval.H6, Interval.D1, Interval.W1);
    assertThat(Rollup.basis(Interval.H4, offered)).contains(Interval.H1);
    assertThat(Rollup.basis(Interval.H12, offered)).contains(Interval.H6);
    assertThat(Rollup.basis(Interval.W1, offered)).contains(Interval.W1);
    assertThat(Rollup.basis(Interval.MONTH, offered)).contains(Interval.D1);
    assertThat(Rollup.basis(Interval.S1, offered)).isEmpty();
    assertThat(Rollup.parts(Interval.MONTH, Interval.D1)).isEqualTo(31);
    assertThat(Rollup.parts(Interval.H12, Interval.H6)).isEqualTo(2);
  }
}

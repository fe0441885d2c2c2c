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

package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SimulatedMarketTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final List<Symbol> SYMBOLS =
      List.of(BTC, Symbol.of("ETH/BTC"), Symbol.of("DOGE/USDT"), Symbol.of("NEVER/HEARD"));
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.890Z");

  @Test
  void equalSeedsGiveEqualMarketsAndOthersDoNot() {
    var one = new SimulatedMarket(7, SYMBOLS);
    var same = new SimulatedMarket(7, SYMBOLS);
    var other = new SimulatedMarket(8, SYMBOLS);
    // Asked in another order: what was asked before must not matter.
    same.bars(BTC, Interval.S1, NOW.minusSeconds(500), NOW, 500, NOW);
    for (Symbol symbol : SYMBOLS) {
      List<Candle> bars = bars(one, symbol, Interval.M5, 200);
      assertThat(bars(same, symbol, Interval.M5, 200)).isEqualTo(bars);
      assertThat(bars(other, symbol, Interval.M5, 200)).isNotEqualTo(bars);
      assertThat(same.price(symbol, NOW)).isEqualTo(one.price(symbol, NOW));
    }
  }

  /// Pinned: another JVM, processor or version of Java must give the same numbers.
  @Test
  void theNumbersOfASeedNeverChange() {
    var market = new SimulatedMarket(1, List.of(BTC));
    assertThat(market.price(BTC, NOW)).hasToString("86720.90000000");
    assertThat(
            market.bars(BTC, Interval.H1, NOW.minusSeconds(7_200), NOW, 1, NOW).getFirst())
        .isEqualTo(new Candle(
            1772596800000L,
            1772600399999L,
            8657343000000L,
            8673137000000L,
            8656777000000L,
            8672497000000L,
            69340792000L,
            6008336982212916L,
            21600,
            35955322000L,
            3115506538776970L));
  }

  /// Every interval is the fold of the next shorter one, in prices, volumes and counts.
  @Test
  void barsOfAllIntervalsAgree() {
    var market = new SimulatedMarket(3, SYMBOLS);
    var random = new SplittableRandom(11);
    for (Symbol symbol : SYMBOLS) {
      for (Interval interval : Interval.values()) {
        if (interval == Interval.S1) {
          continue;
        }
        Interval part = switch (interval) {
          case S1, M1 -> Interval.S1;
          case M3, M5, M15 -> Interval.M1;
          case M30, H1 -> Interval.M15;
          case H2, H4, H6, H8 -> Interval.H1;
          case H12, D1 -> Interval.H4;
          case D3, W1, MONTH -> Interval.D1;
        };
        Instant at = interval.openOf(
            SimulatedMarket.LISTED.plusSeconds(random.nextLong(5_000_000, 200_000_000)));
        Candle whole = market.bars(symbol, interval, at, at, 1, NOW).getFirst();
        Instant last = interval.next(at).minusMillis(1);
        List<Candle> parts = market.bars(symbol, part, at, last, 5_000, NOW);
        assertThat(fold(parts)).as("%s %s of %s", symbol, interval, part).isEqualTo(whole);
      }
    }
  }

  @Test
  void tradesOfASecondFoldIntoItsBar() {
    var market = new SimulatedMarket(5, SYMBOLS);
    for (Symbol symbol : SYMBOLS) {
      Instant from = Instant.parse("2024-02-29T23:58:00Z");
      List<Candle> seconds =
          market.bars(symbol, Interval.S1, from, from.plusSeconds(299), 300, NOW);
      assertThat(seconds).hasSize(300);
      Listing listing = market.listed(symbol).orElseThrow();
      long id = market.firstIdFrom(listing, from.toEpochMilli());
      long before = Long.MIN_VALUE;
      for (Candle second : seconds) {
        assertThat(second.trades()).isBetween(4L, 8L);
        List<Print> prints = market.trades(symbol, id, (int) second.trades(), NOW);
        assertThat(prints.getFirst().price()).isEqualTo(second.open());
        assertThat(prints.getLast().price()).isEqualTo(second.close());
        assertThat(prints.stream().mapToLong(Print::price).max()).hasValue(second.high());
        assertThat(prints.stream().mapToLong(Print::price).min()).hasValue(second.low());
        assertThat(prints.stream().mapToLong(Print::size).sum()).isEqualTo(second.volume());
        assertThat(prints.stream()
                .filter(p -> !p.buyerIsMaker())
                .mapToLong(Print::size)
                .sum())
            .isEqualTo(second.takerVolume());
        for (Print print : prints) {
          assertThat(print.id()).isEqualTo(id++);
          assertThat(print.timeMillis())
              .isBetween(second.openMillis(), second.closeMillis())
              .isGreaterThan(before);
          assertThat(print.size()).isPositive();
          before = print.timeMillis();
        }
      }
    }
  }

  /// What is told of a running minute only grows into what is told of it when it is over.
  @Test
  void anUnfinishedBarKnowsNothingOfTheFuture() {
    var market = new SimulatedMarket(9, SYMBOLS);
    Instant open = Instant.parse("2025-05-06T07:08:00Z");
    Candle finished = market.bars(BTC, Interval.M1, open, open, 1, NOW).getFirst();
    long volume = 0;
    for (int millis = 500; millis < 60_000; millis += 777) {
      Instant now = open.plusMillis(millis);
      Candle running = market.bars(BTC, Interval.M1, open, open, 1, now).getFirst();
      assertThat(running.open()).isEqualTo(finished.open());
      assertThat(running.high()).isLessThanOrEqualTo(finished.high());
      assertThat(running.low()).isGreaterThanOrEqualTo(finished.low());
      assertThat(running.volume())
          .isGreaterThanOrEqualTo(volume)
          .isLessThanOrEqualTo(finished.volume());
      assertThat(market.price(BTC, now).toBigDecimal().unscaledValue().longValueExact())
          .isEqualTo(running.close());
      volume = running.volume();
    }
  }

  @Test
  void nothingIsToldBeforeTheListingOrAfterNow() {
    var market = new SimulatedMarket(2, SYMBOLS);
    Instant longAgo = Instant.parse("2001-01-01T00:00:00Z");
    List<Candle> first = market.bars(BTC, Interval.D1, longAgo, NOW, 1, NOW);
    assertThat(first.getFirst().openMillis()).isEqualTo(SimulatedMarket.LISTED.toEpochMilli());
    assertThat(market.trades(BTC, -5, 3, NOW)).extracting(Print::id).containsExactly(0L, 1L, 2L);
    assertThat(market.bars(BTC, Interval.M1, NOW.plusSeconds(1), NOW.plusSeconds(600), 10, NOW))
        .isEmpty();
    long last =
        market.lastTrade(market.listed(BTC).orElseThrow(), NOW.toEpochMilli()).id();
    assertThat(market.trades(BTC, last, 10, NOW)).extracting(Print::id).containsExactly(last);
    assertThat(market.trades(BTC, last + 1, 10, NOW)).isEmpty();
    assertThat(market.price(BTC, longAgo)).isEqualTo(market.price(BTC, SimulatedMarket.LISTED));
  }

  @Test
  void tradesCanBeFoundByAnyId() {
    var market = new SimulatedMarket(4, SYMBOLS);
    var random = new SplittableRandom(4);
    for (int i = 0; i < 500; i++) {
      long id = random.nextLong(1_000_000_000);
      List<Print> prints = market.trades(BTC, id, 3, NOW);
      assertThat(prints).extracting(Print::id).containsExactly(id, id + 1, id + 2);
      Listing listing = market.listed(BTC).orElseThrow();
      assertThat(market.firstIdFrom(listing, prints.getFirst().timeMillis())).isEqualTo(id);
    }
  }

  /// Ten years of days in far less than the walk over their seconds would take.
  @Test
  void aThousandBarsOfAnyLengthAreCheap() {
    var market = new SimulatedMarket(6, SYMBOLS);
    for (Interval interval : Interval.values()) {
      long start = System.nanoTime();
      List<Candle> bars = market.bars(BTC, interval, SimulatedMarket.LISTED, NOW, 1_000, NOW);
      assertThat(bars).isNotEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("%d bars of %s", bars.size(), interval)
          .isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void whatIsNotSpotOrTwiceIsRefused() {
    assertThatThrownBy(() -> new SimulatedMarket(1, List.of(Symbol.of("AAPL"))))
        .hasMessageContaining("spot symbols BASE/QUOTE, was AAPL");
    assertThatThrownBy(() -> new SimulatedMarket(1, List.of(BTC, BTC)))
        .hasMessageContaining("twice");
    var market = new SimulatedMarket(1, List.of(BTC));
    assertThatThrownBy(() -> market.price(Symbol.of("ETH/USDT"), NOW))
        .hasMessageContaining("does not list ETH/USDT; it lists [BTC/USDT]");
    assertThat(market.symbols()).containsExactly(BTC);
    assertThat(market.seed()).isEqualTo(1);
  }

  @Test
  void aCandleThatCannotBeIsRefused() {
    assertThatThrownBy(() -> new Candle(0, 59_999, 10, 9, 8, 9, 1, 1, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was o 10 h 9 l 8 c 9");
  }

  private static List<Candle> bars(
      SimulatedMarket market, Symbol symbol, Interval interval, int count) {
    return new ArrayList<>(market.bars(
        symbol, interval, NOW.minus(interval.duration().multipliedBy(count)), NOW, count, NOW));
  }

  private static Candle fold(List<Candle> parts) {
    Candle first = parts.getFirst();
    Candle last = parts.getLast();
    return new Candle(
        first.openMillis(),
        last.closeMillis(),
        first.open(),
        parts.stream().mapToLong(Candle::high).max().orElseThrow(),
        parts.stream().mapToLong(Candle::low).min().orElseThrow(),
        last.close(),
        parts.stream().mapToLong(Candle::volume).sum(),
        parts.stream().mapToLong(Candle::quoteVolume).sum(),
        parts.stream().mapToLong(Candle::trades).sum(),
        parts.stream().mapToLong(Candle::takerVolume).sum(),
        parts.stream().mapToLong(Candle::takerQuoteVolume).sum());
  }
}

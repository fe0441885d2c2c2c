package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExchangeMarketTest {
  private static final long NOW = Instant.parse("2026-03-04T05:06:07.890Z").toEpochMilli();
  private static final long HOUR = 3_600_000;
  private static final BarGrid MINUTES = BarGrid.of(60);
  private static final List<String> SYMBOLS =
      List.of("BTC/USDT", "ETH/BTC", "DOGE/USDT", "LTC/USDT", "NEVER/HEARD");

  private final SimulatedMarket common = market(1);

  private static SimulatedMarket market(long seed) {
    return new SimulatedMarket(seed, SYMBOLS.stream().map(Symbol::of).toList());
  }

  private static ExchangeBook book(SimulatedMarket market, Exchange exchange, String symbol) {
    return new ExchangeMarket(market, exchange)
        .books().stream()
            .filter(book -> book.listing().symbol().text().equals(symbol))
            .findFirst()
            .orElseThrow();
  }

  @Test
  void equalSeedsGiveEqualExchangesAndOthersDoNot() {
    SimulatedMarket same = market(1);
    // What was asked before, of another exchange too, must not matter.
    book(same, Exchange.BYBIT, "LTC/USDT").newest(MINUTES, 0, NOW - 90 * HOUR, 700, NOW);
    for (String symbol : SYMBOLS) {
      ExchangeBook one = book(common, Exchange.KRAKEN, symbol);
      ExchangeBook two = book(same, Exchange.KRAKEN, symbol);
      List<Candle> bars = one.newest(MINUTES, 0, NOW, 300, NOW);
      assertThat(two.newest(MINUTES, 0, NOW, 300, NOW)).isEqualTo(bars).hasSize(300);
      assertThat(book(market(2), Exchange.KRAKEN, symbol).newest(MINUTES, 0, NOW, 300, NOW))
          .isNotEqualTo(bars);
      assertThat(two.tradesBelow(Long.MAX_VALUE, 300, NOW))
          .isEqualTo(one.tradesBelow(Long.MAX_VALUE, 300, NOW));
    }
  }

  /// Pinned: another JVM, processor or version of Java must give the same numbers.
  @Test
  void theNumbersOfASeedNeverChange() {
    assertThat(book(common, Exchange.COINBASE, "LTC/USDT").newest(MINUTES, 0, NOW, 1, NOW))
        .containsExactly(new Candle(
            1772600760000L,
            1772600819999L,
            6331840000L,
            6331840000L,
            6331830000L,
            6331830000L,
            76031524000L,
            4814190647665L,
            38,
            37314189000L,
            2362672879068L));
    assertThat(book(common, Exchange.OKX, "BTC/USDT").lastTrade(NOW))
        .isEqualTo(new Print(1348587695L, 8671600000000L, 1633000L, 1772600767695L, true));
  }

  /// Each exchange's prices are its own, and never 0.1 % away from the common path.
  @ParameterizedTest
  @EnumSource
  void pricesStayNearTheCommonPath(Exchange exchange) {
    var market = new ExchangeMarket(common, exchange);
    int elsewhere = 0;
    for (ExchangeBook book : market.books()) {
      Symbol symbol = book.listing().symbol();
      Symbol priced = symbol.text().equals("BTC/USD") ? Symbol.of("BTC/USDT") : symbol;
      var random = new SplittableRandom(5);
      for (int i = 0; i < 200; i++) {
        long open = MINUTES.open(NOW - random.nextLong(5_000) * HOUR);
        List<Candle> own = book.oldest(MINUTES, open, open, 1, NOW);
        Candle theirs = common
            .bars(
                priced,
                Interval.M1,
                Instant.ofEpochMilli(open),
                Instant.ofEpochMilli(open),
                1,
                Instant.ofEpochMilli(NOW))
            .getFirst();
        if (own.isEmpty() || own.getFirst().trades() == 0) {
          continue;
        }
        Candle bar = own.getFirst();
        Percentage near = Percentage.withPercentage(100 * ExchangeBook.MOST_DEVIATION);
        assertThat(bar.open()).isCloseTo(theirs.open(), near);
        assertThat(bar.high()).isCloseTo(theirs.high(), near);
        assertThat(bar.low()).isCloseTo(theirs.low(), near);
        assertThat(bar.close()).isCloseTo(theirs.close(), near);
        elsewhere += bar.close() == theirs.close() ? 0 : 1;
        assertThat(bar.volume()).isNotEqualTo(theirs.volume());
      }
    }
    assertThat(elsewhere).isGreaterThan(300);
  }

  /// Bars of five minutes, hours and days are the folds of minutes, quiet ones or not.
  @ParameterizedTest
  @EnumSource
  void barsOfAllLengthsAgree(Exchange exchange) {
    var random = new SplittableRandom(7);
    for (ExchangeBook book : new ExchangeMarket(common, exchange).books()) {
      for (BarGrid grid : List.of(
          BarGrid.of(300),
          BarGrid.of(3_600),
          BarGrid.of(14_400),
          BarGrid.of(86_400).aheadBy(8))) {
        for (int i = 0; i < 4; i++) {
          long open = grid.open(NOW - HOUR * 24 - random.nextLong(50_000) * HOUR);
          long next = grid.next(open);
          List<Candle> parts = book.oldest(MINUTES, open, next - 1, Integer.MAX_VALUE, NOW).stream()
              .filter(part -> part.trades() > 0)
              .toList();
          if (parts.isEmpty()) {
            assertThat(book.candle(open, next, NOW)).isEmpty();
            continue;
          }
          Candle whole = book.candle(open, next, NOW).orElseThrow();
          assertThat(whole.open()).isEqualTo(parts.getFirst().open());
          assertThat(whole.close()).isEqualTo(parts.getLast().close());
          assertThat(whole.high())
              .isEqualTo(parts.stream().mapToLong(Candle::high).max().orElse(0));
          assertThat(whole.low())
              .isEqualTo(parts.stream().mapToLong(Candle::low).min().orElse(0));
          assertThat(whole.volume())
              .isEqualTo(parts.stream().mapToLong(Candle::volume).sum());
          assertThat(whole.takerVolume())
              .isEqualTo(parts.stream().mapToLong(Candle::takerVolume).sum());
          assertThat(whole.trades())
              .isEqualTo(parts.stream().mapToLong(Candle::trades).sum());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void tradesFoldIntoTheirBars(Exchange exchange) {
    for (ExchangeBook book : new ExchangeMarket(common, exchange).books()) {
      long from = Instant.parse("2024-02-29T22:00:00Z").toEpochMilli();
      long id = book.firstIdFrom(from);
      long before = Long.MIN_VALUE;
      for (long open = from; open < from + 2 * HOUR; open += 60_000) {
        var bar = book.candle(open, open + 60_000, NOW);
        assertThat(bar.isEmpty()).isEqualTo(book.isQuiet(open / 1_000));
        if (bar.isEmpty()) {
          assertThat(book.firstIdFrom(open)).isEqualTo(id);
          continue;
        }
        Candle minute = bar.get();
        assertThat(minute.trades()).isBetween(240L, 360L);
        List<Print> prints = book.trades(id, (int) minute.trades(), NOW);
        assertThat(prints.getFirst().price()).isEqualTo(minute.open());
        assertThat(prints.getLast().price()).isEqualTo(minute.close());
        assertThat(prints.stream().mapToLong(Print::price).max()).hasValue(minute.high());
        assertThat(prints.stream().mapToLong(Print::price).min()).hasValue(minute.low());
        assertThat(prints.stream().mapToLong(Print::size).sum()).isEqualTo(minute.volume());
        assertThat(prints.stream()
                .filter(p -> !p.buyerIsMaker())
                .mapToLong(Print::size)
                .sum())
            .isEqualTo(minute.takerVolume());
        for (Print print : prints) {
          assertThat(print.id()).isEqualTo(id++);
          assertThat(print.timeMillis())
              .isBetween(minute.openMillis(), minute.closeMillis())
              .isGreaterThan(before);
          assertThat(print.size()).isPositive();
          before = print.timeMillis();
        }
      }
    }
  }

  @Test
  void tradesCanBeFoundByAnyIdAndTime() {
    var random = new SplittableRandom(4);
    for (String symbol : List.of("BTC/USDT", "LTC/USDT")) {
      ExchangeBook book = book(common, Exchange.COINBASE, symbol);
      for (int i = 0; i < 500; i++) {
        long id = random.nextLong(2_000_000, 800_000_000);
        List<Print> prints = book.trades(id, 3, NOW);
        assertThat(prints).extracting(Print::id).containsExactly(id, id + 1, id + 2);
        assertThat(book.firstIdFrom(prints.getFirst().timeMillis())).isEqualTo(id);
        assertThat(book.tradesBelow(id + 3, 3, NOW)).isEqualTo(prints.reversed());
      }
      List<Print> first = book.trades(-5, 2, NOW);
      assertThat(book.lastTrade(0)).isEqualTo(first.getFirst());
      assertThat(book.tradesBelow(first.getFirst().id() + 1, 10, NOW))
          .containsExactly(first.getFirst());
      assertThat(book.tradesBelow(1, 10, NOW)).isEmpty();
      Print last = book.lastTrade(NOW);
      assertThat(book.trades(last.id(), 10, NOW)).containsExactly(last);
      assertThat(book.trades(last.id() + 1, 10, NOW)).isEmpty();
    }
  }

  /// A minute without trades is a hole at Coinbase and a flat bar at OKX; five in a row happen.
  @Test
  void thinSymbolsHaveQuietMinutes() {
    ExchangeBook holes = book(common, Exchange.COINBASE, "LTC/USDT");
    ExchangeBook flats = book(common, Exchange.OKX, "LTC/USDT");
    long from = NOW - NOW % HOUR - 10 * HOUR;
    long to = from + 10 * HOUR - 1;
    assertThat(holes.oldest(MINUTES, from, to, 10_000, NOW))
        .hasSize(10 * (60 - QuietMinutes.PER_HOUR));
    assertThat(holes.oldest(BarGrid.of(300), from, to, 10_000, NOW))
        .hasSizeLessThan(120)
        .hasSizeGreaterThan(60);
    assertThat(holes.oldest(BarGrid.of(3_600), from, to, 10_000, NOW)).hasSize(10);
    List<Candle> all = flats.oldest(MINUTES, from, to, 10_000, NOW);
    assertThat(all).hasSize(600);
    Candle before = all.getFirst();
    int flat = 0;
    for (Candle bar : all) {
      if (bar.trades() == 0) {
        flat++;
        assertThat(bar.volume()).isZero();
        assertThat(List.of(bar.open(), bar.high(), bar.low(), bar.close()))
            .containsOnly(before.close());
      }
      before = bar;
    }
    assertThat(flat).isEqualTo(10 * QuietMinutes.PER_HOUR);
    assertThat(flats.newest(MINUTES, from, to, 10_000, NOW)).isEqualTo(all.reversed());
  }

  @Test
  void anUnfinishedBarKnowsNothingOfTheFuture() {
    ExchangeBook book = book(common, Exchange.OKX, "LTC/USDT");
    long open = NOW - NOW % HOUR - 9 * HOUR;
    Candle finished = book.candle(open, open + HOUR, NOW).orElseThrow();
    long volume = 0;
    for (int millis = 999; millis < HOUR; millis += 77_777) {
      long now = open + millis;
      Candle running = book.candle(open, open + HOUR, now).orElseThrow();
      assertThat(running.open()).isEqualTo(finished.open());
      assertThat(running.high()).isLessThanOrEqualTo(finished.high());
      assertThat(running.low()).isGreaterThanOrEqualTo(finished.low());
      assertThat(running.volume()).isBetween(volume, finished.volume());
      assertThat(running.close()).isEqualTo(book.lastTrade(now).price());
      volume = running.volume();
    }
  }

  @Test
  void exchangesListWhatTheyListAndDollarsFollowTethers() {
    var more = new SimulatedMarket(1, VenuesConfig.DEFAULT_SYMBOLS);
    assertThat(new ExchangeMarket(more, Exchange.KRAKEN).books())
        .extracting(book -> book.listing().symbol().text())
        .contains("BTC/USDT", "ETH/USDT", "SOL/USDT", "BTC/USD", "ETH/USD")
        .doesNotContain("BNB/USDT", "SOL/USD");
    assertThat(new ExchangeMarket(more, Exchange.OKX).books())
        .extracting(book -> book.listing().symbol())
        .isEqualTo(VenuesConfig.DEFAULT_SYMBOLS);
    Print dollars = book(more, Exchange.COINBASE, "BTC/USD").lastTrade(NOW);
    Print tethers = book(more, Exchange.COINBASE, "BTC/USDT").lastTrade(NOW);
    assertThat(dollars.price()).isCloseTo(tethers.price(), within(tethers.price() / 500));
    assertThat(dollars.id()).isNotEqualTo(tethers.id());
    assertThat(dollars.size()).isNotEqualTo(tethers.size());
  }

  @Test
  void gridsCutTimeWhereVenuesDo() {
    long at = Instant.parse("2026-03-04T05:06:07.890Z").toEpochMilli();
    assertThat(opens(BarGrid.of(86_400), at)).containsExactly("2026-03-04T00:00:00Z");
    assertThat(opens(BarGrid.of(86_400).aheadBy(8), at)).containsExactly("2026-03-03T16:00:00Z");
    assertThat(opens(BarGrid.weeks(), at)).containsExactly("2026-03-02T00:00:00Z");
    assertThat(opens(BarGrid.weeks().aheadBy(8), at)).containsExactly("2026-03-01T16:00:00Z");
    assertThat(opens(BarGrid.of(604_800), at)).containsExactly("2026-02-26T00:00:00Z");
    assertThat(opens(BarGrid.months(1), at)).containsExactly("2026-03-01T00:00:00Z");
    assertThat(opens(BarGrid.months(3), at)).containsExactly("2026-01-01T00:00:00Z");
    assertThat(opens(BarGrid.months(1).aheadBy(8), at)).containsExactly("2026-02-28T16:00:00Z");
    BarGrid months = BarGrid.months(1).aheadBy(8);
    assertThat(Instant.ofEpochMilli(months.next(months.open(at))))
        .isEqualTo("2026-03-31T16:00:00Z");
  }

  @Test
  void aBarWithoutLengthIsRefused() {
    assertThatThrownBy(() -> BarGrid.months(5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was 0 s, 5 months");
  }

  private static List<String> opens(BarGrid grid, long at) {
    return List.of(Instant.ofEpochMilli(grid.open(at)).toString());
  }

  /// A page is a few milliseconds of the one event loop that all venues share. The bound is for
  /// slow machines; what was measured is in the commit.
  @Test
  void aPageIsCheap() {
    for (String symbol : List.of("BTC/USDT", "LTC/USDT")) {
      ExchangeBook book = book(common, Exchange.KRAKEN, symbol);
      for (BarGrid grid :
          List.of(MINUTES, BarGrid.of(3_600), BarGrid.of(86_400), BarGrid.of(1_296_000))) {
        for (int round = 0; round < 5; round++) {
          long start = System.nanoTime();
          assertThat(book.newest(grid, 0, NOW - 9L * round * HOUR, 500, NOW)).isNotEmpty();
          Duration took = Duration.ofNanos(System.nanoTime() - start);
          assertThat(took).isLessThan(Duration.ofSeconds(2));
        }
      }
    }
  }
}

package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// A symbol with many trades: bursts and quiet hours, and all the same rules as one with few.
class PaceTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final int RATE = 200;
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.890Z");
  private static final long HOUR = 3_600;

  @Test
  void everySecondHasTheLeastAndADayHasTheAverage() {
    var pace = new BurstyPace(5, RATE, _ -> -1);
    long start = NOW.getEpochSecond() / 86_400 * 86_400;
    long most = 0;
    long least = Long.MAX_VALUE;
    for (long second = start; second < start + 6 * HOUR; second++) {
      long trades = pace.before(second + 1) - pace.before(second);
      most = Math.max(most, trades);
      least = Math.min(least, trades);
    }
    assertThat(least).isGreaterThanOrEqualTo(Pace.LEAST_PER_SECOND);
    assertThat(most).as("a burst").isGreaterThan(6 * RATE);
    assertThat(pace.before(start + 24 * HOUR) - pace.before(start))
        .isEqualTo((long) RATE * 24 * HOUR);
  }

  /// A venue counts its ids from its first second, and asks for that with each of its messages.
  @Test
  void anHourIsDrawnOnceWhateverIsAskedBetween() {
    var drawn = new AtomicInteger();
    var pace = new BurstyPace(5, RATE, _ -> {
      drawn.incrementAndGet();
      return -1;
    });
    for (long hour = 400_000; hour < 400_008; hour++) {
      for (int second = 1; second < 100; second++) {
        pace.before(hour * HOUR + second);
        pace.before(0);
      }
    }
    assertThat(drawn).hasValue(8);
  }

  @Test
  void hoursAreQuietOrBusy() {
    var pace = new BurstyPace(5, RATE, _ -> -1);
    long start = NOW.getEpochSecond() / 86_400 * 86_400;
    long most = 0;
    long least = Long.MAX_VALUE;
    for (int hour = 0; hour < 24; hour++) {
      long second = start + hour * HOUR;
      long trades = pace.before(second + HOUR) - pace.before(second);
      most = Math.max(most, trades);
      least = Math.min(least, trades);
    }
    assertThat(most).isGreaterThan(3 * least);
    assertThat(least).isGreaterThan(RATE * HOUR * 3 / 10);
  }

  @Test
  void theSecondOfATradeIsFound() {
    var random = new SplittableRandom(3);
    for (Pace pace :
        List.of(new BurstyPace(5, RATE, _ -> -1), Pace.steady(5, 6, 3), Pace.steady(5, 5, 2))) {
      for (int i = 0; i < 300; i++) {
        long count = random.nextLong(1_000_000, 300_000_000_000L);
        long second = pace.secondOf(count);
        assertThat(pace.before(second)).isLessThanOrEqualTo(count);
        assertThat(pace.before(second + 2)).isGreaterThan(count);
      }
    }
  }

  @Test
  void tradesOfABusySymbolFoldIntoItsBars() {
    var market = new SimulatedMarket(1, List.of(BTC), Map.of(BTC, RATE));
    Instant from = Instant.parse("2026-03-04T04:00:00Z");
    List<Candle> seconds = market.bars(BTC, Interval.S1, from, NOW, 600, NOW);
    long id = market.firstIdFrom(market.listed(BTC).orElseThrow(), from.toEpochMilli());
    for (Candle bar : seconds) {
      if (bar.trades() == 0) {
        continue; // halted
      }
      List<Print> prints = market.trades(BTC, id, (int) bar.trades(), NOW);
      assertThat(prints).hasSize((int) bar.trades());
      assertThat(prints.getFirst().price()).isEqualTo(bar.open());
      assertThat(prints.getLast().price()).isEqualTo(bar.close());
      assertThat(prints.stream().mapToLong(Print::price).max()).hasValue(bar.high());
      assertThat(prints.stream().mapToLong(Print::price).min()).hasValue(bar.low());
      assertThat(prints.stream().mapToLong(Print::size).sum()).isEqualTo(bar.volume());
      long before = bar.openMillis();
      for (Print print : prints) {
        assertThat(print.id()).isEqualTo(id++);
        assertThat(print.size()).isPositive();
        assertThat(print.timeMillis()).isBetween(before, bar.closeMillis());
        before = print.timeMillis();
      }
    }
  }

  @Test
  void tradesOfABusySymbolElsewhereDoToo() {
    var common = new SimulatedMarket(1, List.of(BTC), Map.of(BTC, 2_000));
    ExchangeBook book = new ExchangeMarket(common, Exchange.COINBASE).books().getFirst();
    long from = NOW.toEpochMilli() / 60_000 * 60_000 - 60_000;
    long id = book.firstIdFrom(from);
    for (long open = from; open < from + 60_000; open += 1_000) {
      Candle bar = book.candle(open, open + 1_000, NOW.toEpochMilli()).orElseThrow();
      List<Print> prints = book.trades(id, (int) bar.trades(), NOW.toEpochMilli());
      assertThat(prints.stream().mapToLong(Print::size).sum()).isEqualTo(bar.volume());
      assertThat(prints.stream().mapToLong(Print::size).min().orElse(0)).isPositive();
      assertThat(prints.getFirst().price()).isEqualTo(bar.open());
      assertThat(prints.getLast().price()).isEqualTo(bar.close());
      assertThat(prints.getLast().id()).isEqualTo(id + bar.trades() - 1);
      id += bar.trades();
    }
  }

  /// A halt of five minutes: flat bars, no trade, and the next id after it is the next one.
  @Test
  void tradingIsHaltedForFiveMinutesNowAndThen() {
    var market = new SimulatedMarket(1, List.of(BTC), Map.of(BTC, 20));
    Listing listing = market.listed(BTC).orElseThrow();
    var halts = Objects.requireNonNull(market.path(listing).halts());
    long thisHour = NOW.getEpochSecond() / HOUR;
    List<Long> halted = LongStream.range(thisHour - 240, thisHour)
        .filter(hour -> halts.first(hour) >= 0)
        .boxed()
        .toList();
    assertThat(halted).hasSizeBetween(20, 60);
    for (long hour : halted.subList(0, 5)) {
      Instant open = Instant.ofEpochSecond(hour * HOUR);
      List<Candle> minutes = market.bars(BTC, Interval.M1, open, open.plusSeconds(3_599), 60, NOW);
      assertThat(minutes).hasSize(60);
      int first = halts.first(hour);
      long firstMillis = minutes.get(first).openMillis();
      Print last = market.lastTrade(listing, firstMillis + 240_000);
      for (Candle minute : minutes.subList(first, first + Halts.MINUTES)) {
        assertThat(minute)
            .isEqualTo(market.flat(listing, minute.openMillis(), minute.closeMillis() + 1));
        assertThat(minute.close()).isEqualTo(last.price());
      }
      Print next = market.trades(BTC, last.id() + 1, 1, NOW).getFirst();
      assertThat(next.id()).isEqualTo(last.id() + 1);
      assertThat(next.timeMillis()).isBetween(firstMillis + 300_000, firstMillis + 300_999);
      assertThat(last.timeMillis()).isLessThan(firstMillis);

      Candle whole = market.bars(BTC, Interval.H1, open, open, 1, NOW).getFirst();
      assertThat(whole.open()).isEqualTo(minutes.getFirst().open());
      assertThat(whole.close()).isEqualTo(minutes.getLast().close());
      assertThat(whole.high())
          .isEqualTo(minutes.stream().mapToLong(Candle::high).max().orElse(0));
      assertThat(whole.low())
          .isEqualTo(minutes.stream().mapToLong(Candle::low).min().orElse(0));
      assertThat(whole.volume())
          .isEqualTo(minutes.stream().mapToLong(Candle::volume).sum());
      assertThat(whole.trades())
          .isEqualTo(minutes.stream().mapToLong(Candle::trades).sum());
    }
  }

  @Test
  void aRateThatNoMarketHasIsRefused() {
    VenuesConfig config = VenuesConfig.onFreePorts(new HandClock());
    assertThatThrownBy(() -> config.withTradesPerSecond(BTC, 9))
        .hasMessage("trades per second of BTC/USDT: must be 10 to 2000, was 9");
    assertThatThrownBy(() -> config.withTradesPerSecond(BTC, 2_001))
        .hasMessageContaining("was 2001");
  }
}

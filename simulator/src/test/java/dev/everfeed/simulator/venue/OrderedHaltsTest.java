package dev.everfeed.simulator.venue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class OrderedHaltsTest {
  private static final Symbol BITCOIN = Symbol.of("BTC/USDT");

  /// Against a count that looks at every second.
  @Test
  void whatIsLeftIsWhatTradedInSecondsThatWereNotHalted() {
    for (long seed = 1; seed <= 200; seed++) {
      var random = new SplittableRandom(seed);
      long[] perSecond = random.longs(100, 0, 9).toArray();
      LongUnaryOperator total = second -> sum(perSecond, new boolean[100], second);
      var halts = new OrderedHalts();
      boolean[] halted = new boolean[100];
      int orders = 0;
      for (int second = 0; second < 100; second++) {
        if (orders > 0 && random.nextInt(5) == 0) {
          halts.end(second);
          orders--;
        } else if (random.nextInt(8) == 0) {
          halts.begin(second);
          orders++;
        }
        halted[second] = orders > 0;
      }
      List<Long> traded = new ArrayList<>();
      halts.traded(10, 95, (from, to) -> {
        for (long s = from; s < to; s++) {
          traded.add(s);
        }
      });
      List<Long> expected = new ArrayList<>();
      for (int second = 0; second < 100; second++) {
        assertThat(halts.covers(second)).as("%d at %d", seed, second).isEqualTo(halted[second]);
        assertThat(halts.left(total, second))
            .as("%d at %d", seed, second)
            .isEqualTo(sum(perSecond, halted, second));
        if (!halted[second]) {
          long left = halts.left(total, second);
          assertThat(halts.left(total, secondOf(total, halts.total(total, left))))
              .as("%d at %d", seed, second)
              .isEqualTo(left);
          if (second >= 10 && second < 95) {
            expected.add((long) second);
          }
        }
      }
      assertThat(traded).as("%d", seed).isEqualTo(expected);
    }
  }

  @Test
  void theBarsOfAHaltAreThoseOfItsTrades() {
    var market = new SimulatedMarket(1, List.of(BITCOIN));
    var untouched = new SimulatedMarket(1, List.of(BITCOIN));
    Instant open = Instant.parse("2026-03-04T05:00:00Z");
    long second = open.getEpochSecond();
    market.halt(BITCOIN, second + 90);
    market.resume(BITCOIN, second + 200);
    market.halt(null, second + 210);
    market.resume(null, second + 215);
    Instant now = open.plusSeconds(600);

    List<Candle> bars = market.bars(BITCOIN, Interval.M1, open, open.plusSeconds(540), 10, now);
    long firstId = -1;
    for (Candle bar : bars) {
      List<Print> trades = trades(market, bar.openMillis(), bar.closeMillis());
      assertThat(bar.trades()).isEqualTo(trades.size());
      assertThat(bar.volume()).isEqualTo(trades.stream().mapToLong(Print::size).sum());
      for (Print print : trades) {
        assertThat(print.price()).isBetween(bar.low(), bar.high());
        assertThat(print.id()).isEqualTo(firstId < 0 ? print.id() : firstId + 1);
        firstId = print.id();
        long at = print.timeMillis() / 1_000 - second;
        assertThat((at >= 90 && at < 200) || (at >= 210 && at < 215)).isFalse();
      }
      if (!trades.isEmpty()) {
        assertThat(bar.open()).isEqualTo(trades.getFirst().price());
        assertThat(bar.close()).isEqualTo(trades.getLast().price());
      }
    }
    assertThat(bars.get(2).trades()).as("a minute of the halt").isZero();
    assertThat(bars.getFirst())
        .as("what was before is as it was")
        .isEqualTo(untouched.bars(BITCOIN, Interval.M1, open, open, 1, now).getFirst());
    assertThat(market
            .lastTrade(market.listings().getFirst(), (second + 150) * 1_000)
            .timeMillis())
        .isBetween((second + 89) * 1_000, (second + 90) * 1_000 - 1);
  }

  @Test
  void aHaltOfAThinSymbolAtAnotherPlaceKeepsItsIdsDense() {
    Symbol thin = Symbol.of("LTC/USDT");
    var exchange = new ExchangeMarket(new SimulatedMarket(1, List.of(thin)), Exchange.COINBASE);
    ExchangeBook book = exchange.books().getFirst();
    long second = Instant.parse("2026-03-04T05:00:00Z").getEpochSecond();
    exchange.halt(thin, second + 300);
    exchange.resume(thin, second + 1_500);
    long from = book.firstIdFrom(second * 1_000);
    List<Print> trades = book.trades(from, 100_000, (second + 3_600) * 1_000 - 1);
    assertThat(trades).hasSizeGreaterThan(1_000);
    for (int i = 0; i < trades.size(); i++) {
      assertThat(trades.get(i).id()).isEqualTo(from + i);
      long at = trades.get(i).timeMillis() / 1_000 - second;
      assertThat(at >= 300 && at < 1_500).isFalse();
    }
    Candle hour = book.candle(second * 1_000, (second + 3_600) * 1_000, (second + 3_600) * 1_000)
        .orElseThrow();
    assertThat(hour.trades()).isEqualTo(trades.size());
    assertThat(hour.volume()).isEqualTo(trades.stream().mapToLong(Print::size).sum());
    assertThat(book.lastTrade((second + 1_400) * 1_000).timeMillis())
        .isLessThan((second + 300) * 1_000);
  }

  private static List<Print> trades(SimulatedMarket market, long fromMillis, long toMillis) {
    Listing listing = market.listings().getFirst();
    return market.trades(
        listing, market.firstIdFrom(listing, fromMillis), Integer.MAX_VALUE, toMillis);
  }

  private static long sum(long[] perSecond, boolean[] without, long second) {
    long sum = 0;
    for (int i = 0; i < second; i++) {
      sum += without[i] ? 0 : perSecond[i];
    }
    return sum;
  }

  /// The last second that begins with no more than so many.
  private static long secondOf(LongUnaryOperator total, long count) {
    long second = 0;
    while (second < 99 && total.applyAsLong(second + 1) <= count) {
      second++;
    }
    return second;
  }
}

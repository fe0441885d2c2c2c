package dev.everfeed.core.bars;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random trades of a dense channel with lost ones, disconnections and stamps out of order,
/// against bars that are folded with [BigDecimal] afterwards, when everything is known.
class BuiltBarsModelTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long EPOCH = 1_714_564_800 * SECOND;
  private static final List<Interval> INTERVALS = List.of(Interval.S1, Interval.M1, Interval.M5);
  private static final int KEPT = 32;

  /// @param lost whether it never comes
  private record Deal(long id, long time, BigDecimal price, BigDecimal size, boolean lost) {}

  /// What was told of a bar last.
  private record Told(
      String values, long trades, long missing, boolean whole, boolean complete, long revision) {}

  private final List<Map<Long, Told>> told = new ArrayList<>();
  private final BarBuilder builder = new BarBuilder(
      1,
      INTERVALS,
      1,
      BarPolicy.USUAL,
      _ -> false,
      (_, interval, bar, _, _) -> heard(interval, bar));
  private final Tick tick = new Tick();
  private long now;

  BuiltBarsModelTest() {
    INTERVALS.forEach(_ -> told.add(new HashMap<>()));
  }

  static LongStream seeds() {
    return LongStream.range(0, 150);
  }

  private void heard(int interval, BuiltBar bar) {
    Told before = told.get(interval).get(bar.timeNanos());
    if (before != null && before.complete()) {
      assertThat(bar.isComplete()).as("complete for good").isTrue();
      assertThat(bar.revision()).isEqualTo(before.revision() + 1);
    } else {
      assertThat(bar.revision()).isZero();
    }
    told.get(interval)
        .put(
            bar.timeNanos(),
            new Told(
                values(
                    bar.open().toBigDecimal(),
                    bar.high().toBigDecimal(),
                    bar.low().toBigDecimal(),
                    bar.close().toBigDecimal(),
                    bar.volume().toBigDecimal()),
                bar.trades(),
                bar.missing(),
                bar.isWhole(),
                bar.isComplete(),
                bar.revision()));
  }

  private static String values(BigDecimal... numbers) {
    StringBuilder text = new StringBuilder();
    for (BigDecimal number : numbers) {
      text.append(number.stripTrailingZeros().toPlainString()).append(' ');
    }
    return text.toString();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyBarIsInTheEndWhatItsTradesMakeOfIt(long seed) {
    Random random = new Random(seed);
    List<Deal> deals = deals(random);
    publish(deals, random);
    for (int k = 0; k < INTERVALS.size(); k++) {
      check(deals, INTERVALS.get(k).duration().toNanos(), told.get(k));
    }
    assertThat(builder.tooLate()).isZero();
  }

  private List<Deal> deals(Random random) {
    List<Deal> deals = new ArrayList<>();
    long time = EPOCH + random.nextLong(300 * SECOND);
    int scale = random.nextInt(9);
    boolean huge = random.nextInt(4) == 0;
    long pace = (1L << random.nextInt(12)) * MILLI;
    for (int i = 0; i < 400; i++) {
      boolean pause = random.nextInt(60) == 0;
      time += random.nextLong(pace + 1) + (pause ? random.nextLong(20 * SECOND) : 0);
      long stamp = time - (random.nextInt(20) == 0 ? random.nextLong(150 * MILLI) : 0);
      BigDecimal price =
          BigDecimal.valueOf(1 + random.nextLong(1_000_000), random.nextInt(scale + 1));
      BigDecimal size = huge
          ? BigDecimal.valueOf(1 + random.nextLong(Long.MAX_VALUE / 8), random.nextInt(19))
          : BigDecimal.valueOf(1 + random.nextLong(100_000_000), scale);
      boolean lost = i > 0 && i < 399 && random.nextInt(80) == 0;
      deals.add(new Deal(1_000 + i, stamp, price, size, lost));
    }
    return deals;
  }

  private void publish(List<Deal> deals, Random random) {
    long shift = deals.getFirst().time() - random.nextLong(10 * SECOND); // of the venue's clock
    long lost = 0;
    for (Deal deal : deals) {
      long arrives = deal.time() - shift + random.nextLong(40 * MILLI);
      while (now < arrives) {
        now = Math.min(arrives, now + 20 * MILLI);
        builder.timePassed(now);
      }
      if (deal.lost()) {
        lost++;
        continue;
      }
      if (lost > 0) {
        builder.lost(0, lost, now);
        lost = 0;
      }
      if (random.nextInt(100) == 0) { // and back, with nothing lost
        builder.status(0, ValueStatus.STALE, now);
        pass(random.nextLong(4 * SECOND));
        builder.status(0, ValueStatus.LIVE, now);
      }
      fill(deal);
      builder.trade(0, 0, true, tick, EPOCH + now, now);
    }
    pass(400 * SECOND);
  }

  private void pass(long nanos) {
    long until = now + nanos;
    while (now < until) {
      now += 20 * MILLI;
      builder.timePassed(now);
    }
  }

  private void fill(Deal deal) {
    if (deal.size().precision() > 18 || deal.id() % 7 == 0) {
      tick.begin(
          0,
          new Event.Trade(
              Symbol.of("BTC/USDT"),
              "x",
              new SourceId("x"),
              Decimal.of(deal.price()),
              Decimal.of(deal.size()),
              null,
              Long.toString(deal.id()),
              java.time.Instant.ofEpochSecond(0, deal.time())));
      return;
    }
    tick.begin(0);
    tick.setNumber(
        Tick.PRICE, deal.price().unscaledValue().longValue(), deal.price().scale());
    tick.setNumber(
        Tick.SIZE, deal.size().unscaledValue().longValue(), deal.size().scale());
    tick.setTimeNanos(deal.time());
    byte[] id = Long.toString(deal.id()).getBytes(StandardCharsets.US_ASCII);
    tick.setId(id, 0, id.length);
  }

  private static void check(List<Deal> deals, long length, Map<Long, Told> bars) {
    TreeMap<Long, List<Deal>> folded = new TreeMap<>();
    for (Deal deal : deals) {
      if (!deal.lost()) {
        folded
            .computeIfAbsent(Math.floorDiv(deal.time(), length) * length, _ -> new ArrayList<>())
            .add(deal);
      }
    }
    folded.forEach((from, own) -> {
      own.sort(Comparator.comparingLong(Deal::time).thenComparingLong(Deal::id));
      BigDecimal high = own.stream().map(Deal::price).reduce(BigDecimal::max).orElseThrow();
      BigDecimal low = own.stream().map(Deal::price).reduce(BigDecimal::min).orElseThrow();
      BigDecimal volume = own.stream().map(Deal::size).reduce(BigDecimal::add).orElseThrow();
      Told bar = bars.get(from);
      assertThat(bar).as("bar of %d", from).isNotNull();
      assertThat(bar.values())
          .isEqualTo(values(own.getFirst().price(), high, low, own.getLast().price(), volume));
      assertThat(bar.trades()).isEqualTo(own.size());
      assertThat(bar.complete()).isTrue();
    });
    quiet(deals, length, folded, bars);
    whole(deals, length, bars);
  }

  /// Where nobody traded there is a flat bar at the close before, and nowhere another.
  private static void quiet(
      List<Deal> deals, long length, TreeMap<Long, List<Deal>> folded, Map<Long, Told> bars) {
    long last = folded.lastKey();
    for (long from = folded.firstKey(); from <= last; from += length) {
      Told bar = bars.get(from);
      if (!folded.containsKey(from) && bar != null) {
        BigDecimal close = folded.floorEntry(from).getValue().getLast().price();
        assertThat(bar.values()).isEqualTo(values(close, close, close, close, BigDecimal.ZERO));
      } else if (!folded.containsKey(from)) {
        assertThat(folded.higherKey(from) - folded.lowerKey(from))
            .as("as many as are kept are told at once")
            .isGreaterThan((KEPT - 1) * length);
      }
    }
  }

  /// A bar is whole, except the first, where no lost trade can have been its: of the time from
  /// the greatest stamp before to the trade behind.
  private static void whole(List<Deal> deals, long length, Map<Long, Told> bars) {
    Map<Long, Long> missing = new HashMap<>();
    long greatest = Long.MIN_VALUE;
    long lost = 0;
    for (Deal deal : deals) {
      if (deal.lost()) {
        lost++;
        continue;
      }
      long end = Math.floorDiv(Math.max(deal.time(), greatest), length) * length;
      if (lost > 0) {
        for (long from = Math.floorDiv(greatest, length) * length; from <= end; from += length) {
          missing.merge(from, lost, Long::sum);
        }
      }
      lost = 0;
      greatest = Math.max(greatest, deal.time());
    }
    long first = Math.floorDiv(deals.getFirst().time(), length) * length;
    bars.forEach((from, bar) -> {
      assertThat(bar.missing()).as("missing of %d", from).isEqualTo(missing.getOrDefault(from, 0L));
      assertThat(bar.whole()).as("whole %d", from).isEqualTo(from > first && bar.missing() == 0);
    });
  }
}

package dev.everfeed.hub.store;

import static dev.everfeed.hub.store.Sample.BTC;
import static dev.everfeed.hub.store.Sample.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.hub.journal.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Blocks of the past beside the database that they come from.
@Timeout(120)
class PastBarsTest {
  private static StoreFixture store;

  private static final Instant BASE = Instant.parse("2020-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final PastBars past = new PastBars(nanos::get);

  @BeforeAll
  static void open() throws Exception {
    store = new StoreFixture();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  @BeforeEach
  void empty() {
    store.empty();
  }

  private static Instant minute(long number) {
    return BASE.plusSeconds(60 * number);
  }

  private static Span minutes(long from, long to) {
    return new Span(minute(from), minute(to));
  }

  private static Entry bar(long minute, long close) {
    return bar("binance", minute, close);
  }

  private static Entry bar(String exchange, long minute, long close) {
    Decimal price = Decimal.of(close, 2);
    return new Entry.Received(
        new Event.Bar(
            BTC,
            exchange,
            new SourceId(exchange),
            Interval.M1,
            minute(minute),
            price,
            price,
            price,
            price,
            Decimal.ONE,
            true),
        minute(minute).plusSeconds(close));
  }

  /// Some minutes have no bar: nobody traded.
  private static void fill(long from, long to, long coveredTo) throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (long minute = from; minute < to; minute++) {
      if (minute % 7 != 3) {
        entries.add(bar(minute, 100 + minute % 50));
      }
    }
    entries.add(new Entry.Covered("binance", BTC, Interval.M1, minutes(from, coveredTo), T0));
    store.write(entries.toArray(Entry[]::new));
  }

  private @Nullable List<Stored> whole(Span range) throws Exception {
    return past.whole(store.history, "binance", BTC, Interval.M1, range);
  }

  private static List<Stored> stored(Span range) throws Exception {
    return store.history.bars(
        List.of("binance"), BTC, Interval.M1, range.from(), range.to(), History.LIMIT_MAX);
  }

  @Test
  void everyRangeIsWhatTheDatabaseHasOrIsNotWhole() throws Exception {
    fill(0, 5_500, 5_500);
    Random random = new Random(3);
    int known = 0;
    for (int i = 0; i < 300; i++) {
      long from = random.nextInt(6_000) - 200;
      Span range = minutes(from, from + 1 + random.nextInt(4_000));
      List<Stored> bars = whole(range);
      if (minutes(0, 5_500).contains(range)) {
        assertThat(bars).as("%s", range).isEqualTo(stored(range));
        known++;
      } else {
        assertThat(bars).as("%s", range).isNull();
      }
      nanos.addAndGet(random.nextInt(200_000_000));
    }
    assertThat(known).isGreaterThan(100);
    assertThat(past.kept()).isBetween(3_000, 5_500);
  }

  @Test
  void aCorrectionIsToldAfterTenSecondsAndUntilThenNothingIsRead() throws Exception {
    fill(0, 3_000, 3_000);
    Span range = minutes(1_000, 1_010);
    List<Stored> before = whole(minutes(500, 2_500));
    List<Stored> wanted = whole(range);
    store.write(bar(1_000, 999_999));

    assertThat(whole(range)).isEqualTo(wanted).isNotEqualTo(stored(range));
    assertThat(before).hasSizeGreaterThan(1_500);
    nanos.addAndGet(PastBars.MAX_AGE.toNanos() + 1);
    assertThat(whole(range)).isEqualTo(stored(range)).isNotEqualTo(wanted);
  }

  /// What was not whole is looked at again, not remembered as missing.
  @Test
  void aBlockThatBecomesWholeIsServedAtOnce() throws Exception {
    fill(0, 900, 900);
    assertThat(whole(minutes(800, 1_100))).isNull();
    assertThat(whole(minutes(800, 900))).hasSize(stored(minutes(800, 900)).size());
    fill(900, 1_200, 1_200);

    assertThat(whole(minutes(800, 1_100))).isEqualTo(stored(minutes(800, 1_100)));
  }

  /// An exchange whose closes are ten times those of the others.
  @Test
  void anExchangeThatDisagreesStandsForItselfAlone() throws Exception {
    List<String> exchanges = List.of("bybit", "binance", "kraken");
    List<Entry> entries = new ArrayList<>();
    for (String exchange : exchanges) {
      for (long minute = 0; minute < 30; minute++) {
        boolean wrong = exchange.equals("bybit") && minute >= 10;
        entries.add(bar(exchange, minute, wrong ? 1_000 : 100));
      }
    }
    for (String exchange :
        List.of("bybit", "binance")) { // of the third nobody knows that it is all
      entries.add(new Entry.Covered(exchange, BTC, Interval.M1, minutes(0, 30), T0));
    }
    store.write(entries.toArray(Entry[]::new));

    assertThat(first(exchanges, minutes(0, 30))).isEqualTo("binance 30");
    assertThat(first(exchanges, minutes(0, 10))).isEqualTo("bybit 10");
    assertThat(first(List.of("bybit"), minutes(0, 30))).isEqualTo("bybit 30");
    assertThat(first(List.of("bybit", "kraken"), minutes(0, 30)))
        .as("of two nobody knows who is wrong")
        .isEqualTo("bybit 30");
    assertThat(first(List.of("bybit", "kraken", "okx"), minutes(0, 30)))
        .as("two that there are, of three")
        .isEqualTo("bybit 30");
    assertThat(first(exchanges, minutes(0, 31))).isEqualTo("none");
  }

  private String first(List<String> exchanges, Span range) throws Exception {
    List<Stored> bars = past.first(store.history, exchanges, BTC, Interval.M1, range);
    return bars.isEmpty()
        ? "none"
        : ((Event.Bar) bars.getLast().event()).exchange() + " " + bars.size();
  }

  @Test
  void itHoldsSoManyBarsAndTheLongestUnusedGo() throws Exception {
    PastBars few = new PastBars(nanos::get, 2_000);
    fill(0, 8_000, 8_000);
    for (int block = 0; block < 8; block++) {
      Span range = minutes(block * 1_000L, block * 1_000L + 900);
      assertThat(few.whole(store.history, "binance", BTC, Interval.M1, range))
          .isEqualTo(stored(range));
      assertThat(few.kept()).isLessThanOrEqualTo(2_000);
    }
    assertThat(few.kept()).isGreaterThan(1_000);
  }
}

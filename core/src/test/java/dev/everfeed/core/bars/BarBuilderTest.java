package dev.everfeed.core.bars;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Trades come 10 ms after they happened, at a venue whose clock is ours but for [#EPOCH].
class BarBuilderTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long EPOCH = 1_714_564_800 * SECOND;
  private static final int A = 0;
  private static final int B = 1;

  private final List<String> told = new ArrayList<>();
  private final List<Long> updatesAt = new ArrayList<>();
  private final Tick tick = new Tick();
  private boolean waits;
  private boolean counting;
  private long now;
  private long id = 100;
  private BarBuilder builder = building(Interval.S1);

  private BarBuilder building(Interval... intervals) {
    return new BarBuilder(
        1, List.of(intervals), 2, BarPolicy.USUAL, _ -> waits, (_, _, bar, _, _) -> {
          if (counting) {
            return;
          }
          if (!bar.isComplete()) {
            updatesAt.add(now);
            return;
          }
          told.add("%d %s %s %s %s %s %d%s%s%s%s"
              .formatted(
                  (bar.timeNanos() - EPOCH) / SECOND,
                  bar.open(),
                  bar.high(),
                  bar.low(),
                  bar.close(),
                  bar.volume(),
                  bar.trades(),
                  bar.isWhole() ? "" : " part",
                  bar.missing() == 0 ? "" : " missing " + bar.missing(),
                  bar.contents() == 3 ? " of both" : "",
                  bar.revision() == 0 ? "" : " revision " + bar.revision()));
        });
  }

  /// A trade of 1 unit that happened at so many milliseconds and is published now.
  private void trade(int content, long atMillis, long price) {
    tick.begin(0);
    tick.setNumber(Tick.PRICE, price, 0);
    tick.setNumber(Tick.SIZE, 1, 0);
    tick.setTimeNanos(EPOCH + atMillis * MILLI);
    byte[] text = Long.toString(++id).getBytes(StandardCharsets.US_ASCII);
    tick.setId(text, 0, text.length);
    builder.trade(0, content, content == A, tick, EPOCH + now, now);
  }

  private void passTo(long millis) {
    while (now < millis * MILLI) {
      now += 20 * MILLI;
      builder.timePassed(now);
    }
  }

  private void tradeAt(long millis, long price) {
    passTo(millis + 10);
    trade(A, millis, price);
  }

  /// The bar of the first second is never whole: what was before its first trade is not known.
  private void begun() {
    tradeAt(500, 10);
    tradeAt(1_010, 10);
    passTo(1_200);
    assertThat(told).containsExactly("0 10 10 10 10 1 1 part");
    told.clear();
  }

  @Test
  void aBarIsOverAShortGraceAfterALaterTrade() {
    begun();
    tradeAt(1_300, 12);
    tradeAt(1_500, 9);
    tradeAt(2_000, 11);
    passTo(2_100);
    assertThat(told).isEmpty();
    passTo(2_140);
    assertThat(told).containsExactly("1 10 12 9 9 3 3");
  }

  @Test
  void aTradeWithinTheGraceBelongsToItsOwnTime() {
    begun();
    tradeAt(2_000, 11);
    passTo(2_060);
    trade(A, 1_990, 8);
    passTo(2_200);
    assertThat(told).containsExactly("1 10 10 8 8 2 2");
  }

  @Test
  void withoutALaterTradeABarIsOverByTheVenuesClockAndQuietOnesFollow() {
    begun();
    passTo(2_980);
    assertThat(told).isEmpty();
    passTo(5_100);
    assertThat(told).containsExactly("1 10 10 10 10 1 1", "2 10 10 10 10 0 0", "3 10 10 10 10 0 0");
  }

  @Test
  void aVenuesClockThatIsHoursOffMakesNoDifference() {
    long off = 3_600 * 3_000L;
    tradeAt(500, 10);
    builder = building(Interval.S1);
    now = 0;
    passTo(510);
    trade(A, 500 - off, 10);
    passTo(3_200);
    assertThat(told)
        .containsExactly(
            "%d 10 10 10 10 1 1 part".formatted(-off / 1_000),
            "%d 10 10 10 10 0 0".formatted(-off / 1_000 + 1));
  }

  @Test
  void aTradeThatIsLateRevisesItsBarAndTheFlatOnesBehindIt() {
    begun();
    passTo(4_100);
    told.clear();
    trade(A, 1_700, 7);
    trade(A, 1_800, 8);
    passTo(4_300);
    assertThat(told).containsExactly("1 10 10 7 8 3 3 revision 1", "2 8 8 8 8 0 0 revision 1");
    told.clear();
    trade(A, 2_500, 9);
    passTo(4_500);
    assertThat(told).containsExactly("2 9 9 9 9 1 1 revision 2");
  }

  @Test
  void aTradeOfAnIntervalThatIsNotKeptIsCounted() {
    begun();
    passTo(60_000);
    told.clear();
    trade(A, 1_700, 7);
    passTo(61_000);
    assertThat(told).noneMatch(bar -> bar.contains("revision"));
    assertThat(builder.tooLate()).isEqualTo(1);
  }

  @Test
  void lostTradesAreMissingInEveryBarThatTheyCanHaveBeenOf() {
    begun();
    passTo(4_000);
    id += 3;
    builder.lost(0, 3, now);
    trade(A, 3_990, 11);
    tradeAt(4_500, 12);
    passTo(4_700);
    assertThat(told)
        .containsExactly(
            "1 10 10 10 10 1 1",
            "2 10 10 10 10 0 0 part missing 3",
            "1 10 10 10 10 1 1 part missing 3 revision 1",
            "3 11 11 11 11 1 1 part missing 3");
  }

  @Test
  void whileNothingIsHeardThereAreNoQuietBars() {
    begun();
    builder.status(0, ValueStatus.STALE, now);
    passTo(6_000);
    assertThat(told).containsExactly("1 10 10 10 10 1 1 part");
    builder.status(0, ValueStatus.LIVE, now);
    passTo(8_000);
    assertThat(told).hasSize(1);
  }

  /// The ids go on from each other: nothing happened meanwhile.
  @Test
  void theNextIdShowsThatNobodyTradedWhileNothingWasHeard() {
    begun();
    builder.status(0, ValueStatus.STALE, now);
    passTo(4_000);
    builder.status(0, ValueStatus.LIVE, now);
    trade(A, 3_990, 11);
    tradeAt(4_010, 11);
    passTo(4_300);
    assertThat(told)
        .containsExactly(
            "1 10 10 10 10 1 1 part",
            "2 10 10 10 10 0 0",
            "1 10 10 10 10 1 1 revision 1",
            "3 11 11 11 11 1 1");
  }

  @Test
  void withoutDenseIdsWhatWasNotHeardIsNotKnown() {
    passTo(510);
    trade(B, 500, 10);
    passTo(1_030);
    trade(B, 1_010, 10);
    passTo(1_500);
    builder.status(0, ValueStatus.STALE, now);
    passTo(4_000);
    builder.status(0, ValueStatus.LIVE, now);
    trade(B, 3_990, 11);
    passTo(4_030);
    trade(B, 4_010, 11);
    passTo(6_300);
    assertThat(told)
        .containsExactly(
            "0 10 10 10 10 1 1 part",
            "1 10 10 10 10 1 1 part",
            "3 11 11 11 11 1 1 part",
            "4 11 11 11 11 1 1");
  }

  @Test
  void aBarOfTwoVenuesSaysSoAndIsNobodysWholeBar() {
    begun();
    passTo(1_500);
    trade(B, 1_490, 20);
    passTo(2_030);
    trade(B, 2_010, 21);
    passTo(3_030);
    trade(B, 3_010, 22);
    passTo(3_200);
    assertThat(told).containsExactly("1 10 20 10 20 2 2 part of both", "2 21 21 21 21 1 1");
  }

  @Test
  void whileTradesAreHeldBackNothingIsOverByTheClock() {
    begun();
    waits = true;
    passTo(5_000);
    assertThat(told).isEmpty();
    waits = false;
    trade(A, 1_500, 7);
    passTo(5_040);
    assertThat(told).startsWith("1 10 10 7 7 2 2");
  }

  @Test
  void whatTheProcessStoodStillIsNotTheMarketsSilence() {
    begun();
    now += 10 * SECOND;
    builder.paused(10 * SECOND);
    builder.timePassed(now);
    assertThat(told).isEmpty();
    trade(A, 1_600, 12);
    trade(A, 2_600, 13);
    passTo(11_400);
    assertThat(told).containsExactly("1 10 12 10 12 2 2");
  }

  @Test
  void aTradeWithoutAPossibleTimeIsMissingAndSpoilsNothing() {
    begun();
    passTo(1_500);
    trade(A, 3_600_000, 99);
    tradeAt(2_010, 11);
    passTo(2_200);
    assertThat(told).containsExactly("1 10 10 10 10 1 1 part missing 1");
    assertThat(builder.mistimed()).isEqualTo(1);
    assertThat(builder.tooLate()).isZero();
  }

  @Test
  void oneStampThatIsHalfAMinuteAheadEndsNoBar() {
    begun();
    tradeAt(1_500, 12);
    for (int i = 0; i < 5; i++) { // ever again, with right ones between
      trade(A, 41_500 + 1_000 * i, 99);
      tradeAt(2_010 + 1_000 * i, 11);
    }
    passTo(6_200);
    assertThat(told)
        .containsExactly(
            "1 10 12 10 12 2 2 part missing 1",
            "2 11 11 11 11 1 1 part missing 2",
            "3 11 11 11 11 1 1 part missing 2",
            "4 11 11 11 11 1 1 part missing 2",
            "5 11 11 11 11 1 1 part missing 2");
    assertThat(builder.mistimed()).isEqualTo(5);
    assertThat(builder.tooLate()).isZero();
  }

  /// Two wrong stamps, each by another time, do not make a clock, however long is between them.
  @Test
  void wrongStampsThatDoNotAgreeAreNotBelieved() {
    begun();
    passTo(1_500);
    trade(A, 41_500, 99);
    passTo(9_000);
    trade(A, 29_000, 99);
    tradeAt(9_100, 11);
    assertThat(builder.mistimed()).isEqualTo(2);
    assertThat(builder.tooLate()).isZero();
  }

  @Test
  void aVenuesClockThatIsPutForwardIsBelievedAfterTwoSeconds() {
    begun();
    for (long at = 1_500; at < 6_000; at += 100) {
      passTo(at + 10);
      trade(A, at + 40_000, 12);
    }
    assertThat(builder.mistimed()).isEqualTo(20);
    assertThat(told)
        .contains("1 10 10 10 10 1 1 part missing 20 revision 5")
        .endsWith("44 12 12 12 12 10 10");
  }

  @Test
  void anUnfinishedBarIsToldAtABoundedRate() {
    builder = building(Interval.M1);
    for (int i = 0; i < 5_000; i++) {
      tradeAt(60_000 + 2 * i, 10 + i % 7);
    }
    assertThat(updatesAt).hasSizeBetween(36, 41);
    for (int i = 1; i < updatesAt.size(); i++) {
      assertThat(updatesAt.get(i) - updatesAt.get(i - 1))
          .isGreaterThanOrEqualTo(BarPolicy.USUAL.updateNanos());
    }
  }

  @Test
  void whatAVenueSendsAgainFromLongAgoIsNotFollowedByQuietBarsSinceThen() {
    passTo(10_000_010);
    trade(A, 10_000_000, 10);
    builder = building(Interval.S1);
    told.clear();
    BarBuilder one = builder;
    trade(A, 9_000_000, 10); // the venue's clock is not known yet
    passTo(10_000_100);
    trade(A, 10_000_090, 11);
    passTo(10_003_000);
    assertThat(builder).isSameAs(one);
    assertThat(told.size()).isLessThan(40);
  }

  @Test
  void barsWithoutAFixedLengthAreNotBuilt() {
    assertThatThrownBy(() -> building(Interval.MONTH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1M");
  }

  @Test
  void aTradeAllocatesNothing() {
    builder = building(Interval.S1, Interval.M1, Interval.H1);
    counting = true;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] text = "%012d".formatted(id).getBytes(StandardCharsets.US_ASCII);
    long before = 0;
    long least = Long.MAX_VALUE; // the machine itself may allocate once
    for (int i = 0; i < 600_000; i++) {
      if (i % 100_000 == 0) {
        long allocated = threads.getCurrentThreadAllocatedBytes();
        least = i < 400_000 ? least : Math.min(least, allocated - before);
        before = threads.getCurrentThreadAllocatedBytes();
      }
      for (int digit = text.length - 1; ++text[digit] > '9'; digit--) {
        text[digit] = '0';
      }
      now += 7 * MILLI;
      tick.begin(0);
      tick.setNumber(Tick.PRICE, 6_700_000 + i % 1_000, 2);
      tick.setNumber(Tick.SIZE, 1_000 + i, 8);
      tick.setTimeNanos(EPOCH + now);
      tick.setId(text, 0, text.length);
      builder.trade(0, A, true, tick, EPOCH + now, now);
      builder.timePassed(now);
    }
    assertThat(least).isZero();
    assertThat(builder.completed()).isGreaterThan(4_000);
    assertThat(builder.bytes()).isBetween(10_000L, 64_000L);
  }
}

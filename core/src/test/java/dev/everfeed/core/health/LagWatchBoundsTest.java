package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The bounds of [LagWatch] to the nanosecond, of clocks that do not drift: delays are given, and
/// every second three events of one delay end a span.
class LagWatchBoundsTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long USUAL = 20 * MILLI;
  private static final long HOUR = 3_600 * SECOND;

  private final LagWatch watch = new LagWatch(2, withDrift(0));
  private final List<Long> told = new ArrayList<>();
  private long lastDelay;
  private long wall = 1_700_000_000L * SECOND;

  private static LagWatchPolicy withDrift(long perSecond) {
    return new LagWatchPolicy(
        500 * MILLI,
        250 * MILLI,
        5 * SECOND,
        SECOND,
        perSecond,
        250 * MILLI,
        100 * MILLI,
        60 * SECOND,
        5 * SECOND,
        60 * SECOND,
        10 * SECOND,
        250 * MILLI,
        10 * SECOND);
  }

  private void event(long delay) {
    watch.lag(0, wall - delay, wall);
    watch.timePassed(0, (gateway, lag) -> {
      assertThat(gateway).isZero();
      told.add(lag);
    });
  }

  /// What rises waits until its events are newer than those before, by the venue's clock.
  private void span(long delay) {
    wall += delay > lastDelay ? 2 * SECOND + delay - lastDelay : 1;
    lastDelay = delay;
    event(delay);
    wall += SECOND / 2;
    event(delay);
    wall += SECOND / 2;
    event(delay);
  }

  private void spans(int times, long delay) {
    for (int i = 0; i < times; i++) {
      span(delay);
    }
  }

  @Test
  void aSpanHasThreeEventsAndLastsForASecond() {
    event(USUAL);
    wall += SECOND - 1;
    event(USUAL);
    event(USUAL);
    assertThat(watch.usualNanos(0)).isEqualTo(Long.MIN_VALUE);
    wall += 1;
    event(USUAL);
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL);
    assertThat(watch.usualNanos(1)).as("the other one's").isEqualTo(Long.MIN_VALUE);

    LagWatch seldom = new LagWatch(1, withDrift(0));
    seldom.lag(0, wall, wall);
    seldom.lag(0, wall + 9 * SECOND, wall + 9 * SECOND);
    assertThat(seldom.usualNanos(0)).as("two events in nine seconds").isEqualTo(Long.MIN_VALUE);
    seldom.lag(0, wall + 99 * SECOND, wall + 99 * SECOND);
    assertThat(seldom.usualNanos(0)).isZero();
  }

  @Test
  void theDelayOfASpanIsThatOfItsQuickestEvent() {
    spans(2, USUAL);
    wall += 5 * SECOND;
    event(2 * SECOND);
    wall += SECOND / 2;
    event(USUAL + 9);
    wall += SECOND / 2;
    event(3 * SECOND);
    assertThat(watch.lagNanos(0)).isEqualTo(9);
    assertThat(told).isEmpty();
  }

  @Test
  void moreThanHalfASecondAboveTheUsualDelayIsLag() {
    spans(2, USUAL);
    span(USUAL + 500 * MILLI);
    assertThat(told).isEmpty();
    assertThat(watch.lagNanos(0)).isEqualTo(500 * MILLI);
    assertThat(watch.hasNews()).isFalse();
    span(USUAL + 500 * MILLI + 1);
    assertThat(told).containsExactly(500 * MILLI + 1);
  }

  @Test
  void aLagIsToldAgainWhenItHasDoubled() {
    spans(2, USUAL);
    span(USUAL + 600 * MILLI);
    span(USUAL + 1_200 * MILLI - 2);
    assertThat(told).containsExactly(600 * MILLI);
    span(USUAL + 1_200 * MILLI);
    assertThat(told).containsExactly(600 * MILLI, 1_200 * MILLI);
    span(USUAL + 1_300 * MILLI);
    assertThat(told).hasSize(2);
  }

  @Test
  void aLagIsOverAfterFiveSecondsOfLessThanAQuarterSecond() {
    spans(2, USUAL);
    span(USUAL + 600 * MILLI);
    spans(20, USUAL + 250 * MILLI);
    assertThat(told).as("not less").hasSize(1);
    spans(4, USUAL + 250 * MILLI - 1);
    assertThat(told).hasSize(1);
    span(USUAL + 250 * MILLI - 1);
    assertThat(told).containsExactly(600 * MILLI, 0L);
  }

  @Test
  void whoIsLateAgainBeginsTheFiveSecondsAnew() {
    spans(2, USUAL);
    span(USUAL + 600 * MILLI);
    spans(4, USUAL);
    span(USUAL + 300 * MILLI);
    spans(4, USUAL);
    assertThat(told).hasSize(1);
    span(USUAL);
    assertThat(told).hasSize(2);
  }

  /// One event with a time from the future does nothing.
  @Test
  void theUsualDelayFallsWhenTwoSpansSaySo() {
    spans(2, USUAL);
    span(USUAL - 9);
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL);
    span(USUAL - 7);
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL - 7);
  }

  @Test
  void theUsualDelayRisesByNoMoreThanClocksDrift() {
    LagWatch drifting = new LagWatch(1, withDrift(MILLI / 10));
    for (int span = 0; span < 3; span++) {
      long delay = span == 0 ? 0 : 50 * MILLI;
      for (int i = 0; i < 3; i++) {
        wall += SECOND;
        drifting.lag(0, wall - delay, wall);
      }
    }
    assertThat(drifting.usualNanos(0))
        .as("0.1 ms in each of six seconds")
        .isEqualTo(6 * MILLI / 10);
  }

  @Test
  void aStepThatIsLevelForAMinuteIsUsualFromThenOn() {
    spans(2, USUAL);
    spans(60, USUAL + 251 * MILLI);
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL);
    spans(1, USUAL + 251 * MILLI);
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL + 251 * MILLI);
  }

  @Test
  void aRiseThatIsNoStepDoesNotBecomeUsual() {
    spans(2, USUAL);
    spans(100, USUAL + 250 * MILLI);
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL);
  }

  @Test
  void aStepThatIsNotLevelDoesNotBecomeUsual() {
    spans(2, USUAL);
    for (int i = 0; i < 50; i++) {
      span(USUAL + 300 * MILLI);
      span(USUAL + 400 * MILLI + 1);
    }
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL);
  }

  @Test
  void aStepIsLevelWithinATenthOfASecond() {
    spans(2, USUAL);
    for (int i = 0; i < 50; i++) {
      span(USUAL + 300 * MILLI);
      span(USUAL + 400 * MILLI);
    }
    assertThat(watch.usualNanos(0)).isEqualTo(USUAL + 300 * MILLI);
  }

  @Test
  void whatIsNotNewerThanBeforeCountsWhenThereIsNothingElseForFiveSeconds() {
    spans(2, USUAL);
    long sentAgain = wall - 60 * SECOND;
    for (int i = 0; i < 5; i++) {
      wall += SECOND;
      watch.lag(0, sentAgain + i * SECOND, wall);
    }
    assertThat(watch.lagNanos(0)).isZero();
    wall += SECOND;
    watch.lag(0, sentAgain + 5 * SECOND, wall); // five seconds: it is that far behind
    for (int i = 6; i < 9; i++) {
      wall += SECOND;
      watch.lag(0, sentAgain + i * SECOND, wall);
    }
    assertThat(watch.lagNanos(0)).isEqualTo(61 * SECOND - USUAL);
  }

  @Test
  void afterAPauseOfOursNothingCountsForAsLongAsItLasted() {
    spans(2, USUAL);
    watch.paused(3 * SECOND);
    spans(3, USUAL + 9 * SECOND); // the first of them begins the time, and three are in it
    assertThat(told).isEmpty();
    spans(2, USUAL + 9 * SECOND);
    assertThat(told).hasSize(1);
  }

  @Test
  void aPauseIsTakenForNoShorterAndNoLongerThanThePolicySays() {
    for (long slip : new long[] {1, 3_600 * SECOND}) {
      LagWatch paused = new LagWatch(1, withDrift(0));
      long blind = slip == 1 ? 250 * MILLI : 10 * SECOND;
      paused.paused(slip);
      long at = wall;
      paused.lag(0, at, at);
      paused.lag(0, at + blind - 1, at + blind - 1);
      for (int i = 0; i < 3; i++) {
        long event = at + blind + i * SECOND / 2;
        paused.lag(0, event - 7, event);
      }
      assertThat(paused.usualNanos(0)).isEqualTo(7);
    }
  }

  @Test
  void oneEventInFourMillisecondsIsEnough() {
    event(USUAL);
    assertThat(watch.isDue(0, wall + 4 * MILLI - 1)).isFalse();
    assertThat(watch.isDue(0, wall + 4 * MILLI)).isTrue();
    assertThat(watch.isDue(0, wall)).isFalse();
    assertThat(watch.isDue(0, wall - 1)).as("the clock was set back").isTrue();
    assertThat(watch.isDue(1, wall)).isTrue();
  }

  @Test
  void aWatchIsOfOneToSixtyFourGateways() {
    assertThat(new LagWatch(64, withDrift(0)).bytes()).isEqualTo(64 * 144);
    assertThatThrownBy(() -> new LagWatch(0, withDrift(0)))
        .hasMessage("lag is of 1 to 64 gateways, was 0");
  }

  // ---- ahead

  private boolean isAhead(long delay) {
    return watch.isAhead(wall - delay, wall);
  }

  /// @return whether it was believed
  private boolean ahead(long delay) {
    boolean believed = watch.ahead(0, wall - delay, wall);
    watch.timePassed(0, (_, lag) -> told.add(lag));
    return believed;
  }

  /// Of the other gateway, in time.
  private void other() {
    watch.lag(1, wall - USUAL, wall);
  }

  @Test
  void aMinuteInTheFutureIsAhead() {
    assertThat(isAhead(-HOUR)).as("by our clock, while nothing else is known").isTrue();
    spans(3, USUAL);
    assertThat(isAhead(-60 * SECOND)).isFalse();
    assertThat(isAhead(-60 * SECOND - 1)).isTrue();
    assertThat(watch.isAhead(wall + HOUR, wall))
        .as("whichever gateway brings it")
        .isTrue();
  }

  @Test
  void whereOurClockOrAVenuesIsWrongAheadIsAMinuteMoreThanThat() {
    spans(3, -HOUR);
    assertThat(isAhead(-HOUR - 60 * SECOND)).isFalse();
    assertThat(isAhead(-HOUR - 60 * SECOND - 1)).isTrue();
    assertThat(watch.isAhead(wall + HOUR, wall))
        .as("whichever gateway brings it")
        .isFalse();
  }

  /// A market that opens: all that came before was of the day before.
  @Test
  void whatIsInTimeIsNotAheadThoughAllBeforeWasOld() {
    spans(3, 8 * HOUR);
    assertThat(watch.usualNanos(0)).isEqualTo(8 * HOUR);
    assertThat(isAhead(USUAL)).isFalse();
    assertThat(isAhead(-60 * SECOND)).isFalse();
  }

  @Test
  void aSecondOfItIsToldAndFiveInTimeEndIt() {
    spans(3, USUAL);
    assertThat(ahead(-HOUR)).isFalse();
    wall += SECOND - 1;
    assertThat(ahead(-HOUR)).isFalse();
    assertThat(ahead(-HOUR)).isFalse();
    assertThat(told).isEmpty();
    wall += 1;
    assertThat(ahead(-HOUR)).isFalse();
    assertThat(told).containsExactly(-HOUR - USUAL);
    assertThat(watch.usualNanos(0)).as("it is not learned").isEqualTo(USUAL);
    spans(6, USUAL);
    assertThat(told).containsExactly(-HOUR - USUAL, 0L);
  }

  @Test
  void oneEventOfTheFutureNowAndThenIsNotTold() {
    spans(3, USUAL);
    for (int i = 0; i < 20; i++) {
      ahead(-HOUR);
      span(USUAL);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void whatNobodyContradictsIsBelievedAfterTenSeconds() {
    spans(3, USUAL);
    other(); // and not any more
    wall += SECOND;
    ahead(-HOUR);
    ahead(-HOUR);
    wall += 10 * SECOND - 1;
    assertThat(ahead(-HOUR)).isFalse();
    wall += 1;
    assertThat(ahead(-HOUR)).isTrue();
    assertThat(watch.usualNanos(0)).isEqualTo(-HOUR);
    assertThat(isAhead(-HOUR)).isFalse();
    assertThat(told).containsExactly(-HOUR - USUAL, 0L);
  }

  @Test
  void whatOthersContradictIsNeverBelieved() {
    spans(3, USUAL);
    for (int second = 0; second < 3_600; second++) {
      assertThat(ahead(-HOUR)).isFalse();
      wall += SECOND;
      if (second % 9 == 0) {
        other();
      }
    }
    assertThat(told).containsExactly(-HOUR - USUAL);
    wall += 10 * SECOND;
    assertThat(ahead(-HOUR)).as("the other one is gone").isTrue();
  }

  /// Our clock was wrong: with the first one all are believed.
  @Test
  void whoIsAheadItselfContradictsNobody() {
    spans(3, USUAL);
    for (int i = 0; i < 5; i++) {
      wall += SECOND;
      other();
    }
    for (int second = 0; second <= 10; second++) {
      wall += SECOND;
      assertThat(ahead(-HOUR)).isEqualTo(second == 10);
      if (second < 10) {
        assertThat(watch.ahead(1, wall + HOUR, wall)).isFalse();
      }
    }
    assertThat(watch.isAhead(wall + HOUR, wall)).isFalse();
  }

  @Test
  void aNewConnectionDoesNotBeginTheTenSecondsAnew() {
    spans(3, USUAL);
    ahead(-HOUR);
    wall += 5 * SECOND;
    assertThat(watch.disconnected(0)).isFalse();
    wall += 5 * SECOND;
    assertThat(ahead(-HOUR)).isFalse();
    assertThat(ahead(-HOUR)).isFalse();
    assertThat(ahead(-HOUR)).isTrue();
  }
}

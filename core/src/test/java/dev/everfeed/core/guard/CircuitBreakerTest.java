package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.everfeed.core.guard.CircuitBreaker.State;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The breaker by example. Times are literal, jitter is seeded.
class CircuitBreakerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;
  private static final BreakerPolicy POLICY = BreakerPolicy.defaults();

  private final CircuitBreaker breaker = new CircuitBreaker(POLICY, new SplittableRandom(7), 0);

  @Test
  void fourFailuresInAMinuteAreNotFive() {
    fail(4, 0);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    fail(1, MINUTE - 1);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.openedAtNanos()).isEqualTo(MINUTE - 1);
    assertThat(breaker.closedAtNanos(2 * MINUTE)).isEqualTo(MINUTE - 1);
  }

  /// The window slides exactly, without the step of a bucket: at 60 s the failure of 0 s is out.
  @Test
  void aFailureCountsForExactlyTheWindow() {
    fail(4, 0);
    assertThat(breaker.failuresInWindow(MINUTE - 1)).isEqualTo(4);
    assertThat(breaker.failuresInWindow(MINUTE)).isZero();
    fail(1, MINUTE);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void theCooldownKeepsAtLeastHalfAndIsNeverLongerThanTheMultiplierSays() {
    long[] longest = {60, 120, 240, 300, 300, 300};
    for (int seed = 0; seed < 200; seed++) {
      CircuitBreaker each = new CircuitBreaker(POLICY, new SplittableRandom(seed), 0);
      long now = 0;
      for (int i = 0; i < 5; i++) {
        each.onFailure(each.tryAcquire(now), now);
      }
      for (long most : longest) {
        assertThat(each.cooldownNanos()).isBetween(most * SECOND / 2, most * SECOND);
        assertThat(each.probeAtNanos()).isEqualTo(now + each.cooldownNanos());
        now = each.probeAtNanos();
        assertThat(each.tryProbe(now - 1)).isEqualTo(CircuitBreaker.REJECTED);
        each.onFailure(each.tryProbe(now), now);
      }
    }
  }

  /// Many breakers that opened together must not probe together.
  @Test
  void jitterSpreadsOverTheWholeSecondHalf() {
    int[] tenths = new int[10];
    for (int seed = 0; seed < 10_000; seed++) {
      CircuitBreaker each = new CircuitBreaker(POLICY, new SplittableRandom(seed), 0);
      for (int i = 0; i < 5; i++) {
        each.onFailure(each.tryAcquire(0), 0);
      }
      tenths[(int) ((each.cooldownNanos() - 30 * SECOND) * 10 / (30 * SECOND + 1))]++;
    }
    for (int tenth : tenths) {
      assertThat(tenth).isBetween(850, 1_150);
    }
  }

  @Test
  void equalSeedsGiveEqualCooldowns() {
    assertThat(cooldowns(11)).isEqualTo(cooldowns(11)).isNotEqualTo(cooldowns(12));
  }

  private static List<Long> cooldowns(long seed) {
    CircuitBreaker each = new CircuitBreaker(POLICY, new SplittableRandom(seed), 0);
    for (int i = 0; i < 5; i++) {
      each.onFailure(each.tryAcquire(0), 0);
    }
    List<Long> drawn = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      drawn.add(each.cooldownNanos());
      long now = each.probeAtNanos();
      each.onFailure(each.tryProbe(now), now);
    }
    return drawn;
  }

  /// Three openings in a row reach the multiplier 4; two clean minutes take two steps back.
  @Test
  void eachCleanMinuteTakesTheMultiplierOneStepDown() {
    fail(5, 0);
    reopen();
    reopen();
    assertThat(breaker.cooldownNanos()).isGreaterThanOrEqualTo(120 * SECOND);
    long closed = close();

    fail(5, closed + 2 * MINUTE + SECOND);

    assertThat(breaker.cooldownNanos()).isBetween(MINUTE, 2 * MINUTE);
  }

  /// A minute with a failure in it is not clean, though the circuit stays closed.
  @Test
  void aMinuteWithAFailureIsNotClean() {
    fail(5, 0);
    reopen();
    reopen();
    long now = close();
    for (int i = 0; i < 10; i++) {
      now += 50 * SECOND;
      fail(1, now);
    }
    fail(4, now);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.cooldownNanos()).isGreaterThanOrEqualTo(150 * SECOND);
  }

  @Test
  void aLateFailureOfAnOldCallDoesNotReopenAHalfOpenCircuit() {
    long old = breaker.tryAcquire(0);
    fail(5, 0);
    long now = halfOpen();
    breaker.onFailure(old, now);
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void lateSuccessesOfOldCallsDoNotCloseAHalfOpenCircuit() {
    long old = breaker.tryAcquire(0);
    fail(5, 0);
    long now = halfOpen();
    for (int i = 0; i < 10; i++) {
      breaker.onSuccess(old, now);
    }
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void aLateFailureDoesNotCountAfterTheCircuitHasClosedAgain() {
    long old = breaker.tryAcquire(0);
    fail(5, 0);
    long now = close();
    for (int i = 0; i < 10; i++) {
      breaker.onFailure(old, now);
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    assertThat(breaker.failuresInWindow(now)).isZero();
  }

  /// The slot freed by the first report is taken by another call before the second report comes.
  @Test
  void anOutcomeReportedTwiceDoesNotFreeAnothersSlot() {
    fail(5, 0);
    long now = halfOpen();
    long first = breaker.tryAcquire(now);
    breaker.tryAcquire(now);
    breaker.tryAcquire(now);
    breaker.release(first, now);
    breaker.tryAcquire(now);

    breaker.release(first, now);
    breaker.onSuccess(first, now);

    assertThat(breaker.tryAcquire(now)).isEqualTo(CircuitBreaker.REJECTED);
  }

  @Test
  void oneSuccessReportedThreeTimesDoesNotCloseTheCircuit() {
    fail(5, 0);
    long now = halfOpen();
    long permit = breaker.tryAcquire(now);
    breaker.onSuccess(permit, now);
    breaker.onSuccess(permit, now);
    breaker.onSuccess(permit, now);
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void aReleasedProbeIsDueAgainAfterOneSecond() {
    fail(5, 0);
    long now = breaker.probeAtNanos();
    long opened = breaker.openedAtNanos();
    breaker.release(breaker.tryProbe(now), now);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.probeDue(now + SECOND - 1)).isFalse();
    assertThat(breaker.probeDue(now + SECOND)).isTrue();
    assertThat(breaker.openedAtNanos()).isEqualTo(opened);
    assertThat(breaker.trips()).isEqualTo(1);
  }

  @Test
  void aHigherThresholdKeepsTheFailuresAlreadyCounted() {
    fail(4, 0);
    breaker.policy(threshold(10));
    fail(5, SECOND);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    fail(1, SECOND);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void aLowerThresholdAlreadyExceededOpensAtTheNextFailure() {
    breaker.policy(threshold(10));
    fail(7, 0);
    breaker.policy(threshold(5));
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    fail(1, SECOND);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  /// Permits given out under the old policy are the new one's too: the circuit admits no more
  /// until enough of them are back.
  @Test
  void fewerHalfOpenCallsHoldFromTheNextCallOn() {
    fail(5, 0);
    long now = halfOpen();
    long first = breaker.tryAcquire(now);
    long second = breaker.tryAcquire(now);
    breaker.policy(
        new BreakerPolicy(5, 3, MINUTE, MINUTE, 5 * MINUTE, List.of(1, 2, 4, 5), 1, SECOND));
    assertThat(breaker.tryAcquire(now)).isEqualTo(CircuitBreaker.REJECTED);
    breaker.onSuccess(first, now);
    assertThat(breaker.tryAcquire(now)).isEqualTo(CircuitBreaker.REJECTED);
    breaker.onSuccess(second, now);
    breaker.onSuccess(breaker.tryAcquire(now), now);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void aClockThatGoesBackALittleLosesNothing() {
    fail(2, 100 * SECOND);
    fail(2, 100 * SECOND - 1_000);
    assertThat(breaker.failuresInWindow(100 * SECOND - 2_000)).isEqualTo(4);
    fail(1, 100 * SECOND - 500);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.openedAtNanos()).isEqualTo(100 * SECOND);
  }

  @Test
  void anOverflowingMultiplierMeansTheLongestCooldown() {
    breaker.policy(new BreakerPolicy(
        1, 1, 1, Long.MAX_VALUE / 4, Long.MAX_VALUE / 2, List.of(1_000_000), 1, 1));
    fail(1, 0);
    assertThat(breaker.cooldownNanos()).isBetween(Long.MAX_VALUE / 4, Long.MAX_VALUE / 2);
  }

  /// An exact count, not a measurement: a closed circuit admits and takes a success without a
  /// byte.
  @Test
  void aClosedCircuitDoesNotAllocate() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    for (int i = 0; i < 30_000; i++) {
      if (i == 20_000) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      breaker.onSuccess(breaker.tryAcquire(i), i);
    }
    long after = threads.getCurrentThreadAllocatedBytes();
    // What asking for the number itself costs.
    long itself = threads.getCurrentThreadAllocatedBytes() - after;
    assertThat(after - before - itself).isZero();
  }

  private static BreakerPolicy threshold(int failures) {
    return new BreakerPolicy(
        failures, 3, MINUTE, MINUTE, 5 * MINUTE, List.of(1, 2, 4, 5), 3, 2 * SECOND);
  }

  private void fail(int times, long now) {
    for (int i = 0; i < times; i++) {
      breaker.onFailure(breaker.tryAcquire(now), now);
    }
  }

  private void reopen() {
    long now = breaker.probeAtNanos();
    breaker.onFailure(breaker.tryProbe(now), now);
  }

  private long halfOpen() {
    long now = breaker.probeAtNanos();
    breaker.onSuccess(breaker.tryProbe(now), now);
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    return now;
  }

  private long close() {
    long now = halfOpen();
    for (int i = 0; i < 3; i++) {
      breaker.onSuccess(breaker.tryAcquire(now), now);
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    return now;
  }
}

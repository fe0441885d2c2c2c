package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.Repetitions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WeightBudgetTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MINUTE = 60 * SECOND;

  private static final List<Priority> PRIORITIES = List.of(Priority.values());

  private record Taken(long at, int weight) {}

  /// The property that keeps us from being banned: whatever the arrivals, corrections and
  /// changes of the limit, no span of a window's length holds more of our calls than the limit.
  /// Each call is checked as the end of a span; a span that ends elsewhere holds no more.
  @Test
  void noSpanOfAWindowEverHoldsMoreThanTheLimit() {
    for (long seed = 1; seed <= Repetitions.of(40); seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      long window = random.nextLong(60, 3 * MINUTE);
      int limit = random.nextInt(1, 2_000);
      WeightBudget budget = new WeightBudget(limit, window);
      List<Taken> taken = new ArrayList<>();
      long inSpan = 0;
      int first = 0;
      long now = random.nextLong(-MINUTE, MINUTE);
      long most = 0;
      for (int i = 0; i < 20_000; i++) {
        now +=
            random.nextInt(20) == 0 ? random.nextLong(window) : random.nextLong(window / 200 + 1);
        int weight = random.nextInt(1, Math.max(2, limit / 20));
        Priority priority = PRIORITIES.get(random.nextInt(4));
        long available = budget.availableAtNanos(weight, priority, now);
        boolean admitted = budget.tryTake(weight, priority, now);
        assertThat(admitted).isEqualTo(available <= now);
        if (admitted) {
          taken.add(new Taken(now, weight));
          inSpan += weight;
        }
        while (first < taken.size() && now - taken.get(first).at >= window) {
          inSpan -= taken.get(first++).weight;
        }
        if (inSpan > limit || inSpan > budget.used(now)) {
          assertThat(inSpan)
              .as("seed %d, step %d", seed, i)
              .isLessThanOrEqualTo(Math.min(limit, budget.used(now)));
        }
        most = Math.max(most, inSpan);
        if (random.nextInt(50) == 0) {
          int said = random.nextInt(0, limit + limit / 4 + 1);
          int before = budget.used(now);
          budget.correctUsed(said, now);
          assertThat(budget.used(now)).isEqualTo(Math.max(before, said));
        }
      }
      // The property must not hold because nothing was admitted.
      assertThat(most).as("seed %d", seed).isGreaterThanOrEqualTo(limit * 8L / 10);
    }
  }

  /// Where a fixed minute would let through twice the limit.
  @Test
  void aFullMinuteIsNotFollowedByAnotherAtTheBorder() {
    WeightBudget budget = new WeightBudget(100, MINUTE);
    assertThat(budget.tryTake(100, Priority.FAILOVER_REFILL, 59 * SECOND)).isTrue();
    assertThat(budget.tryTake(1, Priority.FAILOVER_REFILL, 61 * SECOND)).isFalse();
    assertThat(budget.tryTake(1, Priority.FAILOVER_REFILL, 119 * SECOND - 1)).isFalse();
    assertThat(budget.tryTake(1, Priority.FAILOVER_REFILL, 120 * SECOND)).isTrue();
  }

  @Test
  void whatIsSaidToBeAvailableIsAvailableThenAndNotBefore() {
    SplittableRandom random = new SplittableRandom(2);
    for (int round = 0; round < 500; round++) {
      WeightBudget budget = new WeightBudget(random.nextInt(10, 200), MINUTE);
      long now = random.nextLong(MINUTE);
      for (int i = 0; i < 100; i++) {
        now += random.nextLong(SECOND);
        budget.tryTake(random.nextInt(10), Priority.FAILOVER_REFILL, now);
      }
      if (random.nextInt(4) == 0) {
        budget.pauseUntil(now + random.nextLong(2 * MINUTE));
      }
      Priority priority = PRIORITIES.get(random.nextInt(4));
      int weight = random.nextInt(1, 6);
      long at = budget.availableAtNanos(weight, priority, now);
      if (at > now) {
        assertThat(budget.tryTake(weight, priority, at - 1)).isFalse();
      }
      assertThat(budget.tryTake(weight, priority, at)).isTrue();
    }
  }

  @Test
  void theLessUrgentLeaveRoomForTheMoreUrgent() {
    WeightBudget budget = new WeightBudget(1_000, MINUTE);
    assertThat(budget.tryTake(501, Priority.BACKFILL, 0)).isFalse();
    assertThat(budget.tryTake(500, Priority.BACKFILL, 0)).isTrue();
    assertThat(budget.tryTake(1, Priority.BACKFILL, 0)).isFalse();
    assertThat(budget.tryTake(301, Priority.REFRESH, 0)).isFalse();
    assertThat(budget.tryTake(300, Priority.REFRESH, 0)).isTrue();
    assertThat(budget.tryTake(151, Priority.USER, 0)).isFalse();
    assertThat(budget.tryTake(150, Priority.USER, 0)).isTrue();
    assertThat(budget.tryTake(51, Priority.FAILOVER_REFILL, 0)).isFalse();
    assertThat(budget.tryTake(50, Priority.FAILOVER_REFILL, 0)).isTrue();
    assertThat(budget.used(0)).isEqualTo(1_000);
  }

  @Test
  void aCallHeavierThanItsShareIsNeverAvailable() {
    WeightBudget budget = new WeightBudget(40, MINUTE);
    assertThat(budget.availableAtNanos(21, Priority.BACKFILL, 0)).isEqualTo(Long.MAX_VALUE);
    assertThat(budget.availableAtNanos(20, Priority.BACKFILL, 0)).isZero();
    assertThat(budget.tryTake(21, Priority.BACKFILL, 0)).isFalse();
  }

  /// 50 % of 1 must not be none.
  @Test
  void theSmallestLimitAdmitsOneOfAnyPriority() {
    for (Priority priority : Priority.values()) {
      WeightBudget budget = new WeightBudget(1, MINUTE);
      assertThat(budget.tryTake(1, priority, 0)).isTrue();
      assertThat(budget.tryTake(1, priority, 0)).isFalse();
    }
  }

  /// A header can say less than we know: the venue's minute has just begun, or our calls have
  /// not arrived yet.
  @Test
  void theVenuesCountRaisesOursAndNeverLowersIt() {
    WeightBudget budget = new WeightBudget(1_200, MINUTE);
    budget.tryTake(100, Priority.USER, 0);
    budget.correctUsed(20, SECOND);
    assertThat(budget.used(SECOND)).isEqualTo(100);
    budget.correctUsed(1_150, SECOND);
    assertThat(budget.used(SECOND)).isEqualTo(1_150);
    assertThat(budget.tryTake(1, Priority.USER, SECOND)).isFalse();
    assertThat(budget.tryTake(50, Priority.FAILOVER_REFILL, SECOND)).isTrue();
    budget.correctUsed(5_000, 2 * SECOND);
    assertThat(budget.used(2 * SECOND)).isEqualTo(5_000);
    assertThat(budget.used(63 * SECOND)).isZero();
  }

  @Test
  void aLowerLimitHoldsAtOnceAndWhatIsUsedStaysUsed() {
    WeightBudget budget = new WeightBudget(6_000, MINUTE);
    budget.tryTake(1_000, Priority.USER, 0);
    budget.limit(1_200);
    assertThat(budget.tryTake(200, Priority.USER, 0)).isFalse();
    assertThat(budget.tryTake(140, Priority.USER, 0)).isTrue();
    budget.limit(500);
    assertThat(budget.used(0)).isEqualTo(1_140);
    assertThat(budget.tryTake(1, Priority.FAILOVER_REFILL, 0)).isFalse();
    assertThatThrownBy(() -> budget.limit(0)).hasMessageContaining("limit");
  }

  @Test
  void aPauseOnlyEverGetsLonger() {
    WeightBudget budget = new WeightBudget(10, MINUTE);
    budget.pauseUntil(30 * SECOND);
    budget.pauseUntil(10 * SECOND);
    assertThat(budget.pausedUntilNanos()).isEqualTo(30 * SECOND);
    assertThat(budget.tryTake(1, Priority.FAILOVER_REFILL, 30 * SECOND - 1)).isFalse();
    assertThat(budget.availableAtNanos(1, Priority.USER, 0)).isEqualTo(30 * SECOND);
    assertThat(budget.tryTake(1, Priority.USER, 30 * SECOND)).isTrue();
  }

  @Test
  void aClockThatGoesBackALittleForgetsNothing() {
    WeightBudget budget = new WeightBudget(10, MINUTE);
    budget.tryTake(9, Priority.USER, 100 * SECOND);
    assertThat(budget.tryTake(2, Priority.FAILOVER_REFILL, 98 * SECOND)).isFalse();
    assertThat(budget.tryTake(1, Priority.FAILOVER_REFILL, 98 * SECOND)).isTrue();
    assertThat(budget.used(98 * SECOND)).isEqualTo(10);
  }

  @Test
  void aNegativeWeightIsRefused() {
    WeightBudget budget = new WeightBudget(10, MINUTE);
    assertThatThrownBy(() -> budget.tryTake(-1, Priority.USER, 0))
        .hasMessage("weight must be 0 or more, was -1");
  }
}

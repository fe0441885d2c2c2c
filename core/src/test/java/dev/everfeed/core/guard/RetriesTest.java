package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.Repetitions;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Delays and the budget of retries.
class RetriesTest {
  private static final long MILLI = 1_000_000L;

  /// Full jitter: anything from nothing to the doubled base, evenly.
  @Test
  void delaysSpreadEvenlyUpToTheDoubledBase() {
    RetryPolicy policy = RetryPolicy.defaults();
    long[] longest = {100, 200, 400, 800, 1_600, 2_000, 2_000};
    SplittableRandom random = new SplittableRandom(3);
    for (int attempt = 1; attempt <= longest.length; attempt++) {
      long most = longest[attempt - 1] * MILLI;
      int[] tenths = new int[10];
      for (int i = 0; i < 10_000; i++) {
        long delay = policy.delayNanos(attempt, random);
        assertThat(delay >= 0 && delay <= most).isTrue();
        tenths[(int) (delay * 10 / (most + 1))]++;
      }
      for (int tenth : tenths) {
        assertThat(tenth).isBetween(850, 1_150);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameDelays() {
    RetryPolicy policy = RetryPolicy.defaults();
    assertThat(policy.delayNanos(2, new SplittableRandom(5)))
        .isEqualTo(policy.delayNanos(2, new SplittableRandom(5)));
  }

  @Test
  void noAttemptNumberOverflows() {
    SplittableRandom random = new SplittableRandom(3);
    for (RetryPolicy policy : new RetryPolicy[] {
      RetryPolicy.defaults(),
      new RetryPolicy(10, 1, Long.MAX_VALUE),
      new RetryPolicy(10, Long.MAX_VALUE, Long.MAX_VALUE)
    }) {
      for (int attempt = 1; attempt < 200; attempt++) {
        assertThat(policy.delayNanos(attempt, random)).isBetween(0L, policy.capNanos());
      }
    }
    assertThatThrownBy(() -> RetryPolicy.defaults().delayNanos(0, random))
        .hasMessage("furtherAttempt must be 1 or more, was 0");
  }

  @Test
  void aFreshBudgetAllowsTheBurstAndNoMore() {
    RetryBudget budget = RetryBudget.defaults();
    for (int i = 0; i < 10; i++) {
      assertThat(budget.tryRetry()).isTrue();
    }
    assertThat(budget.tryRetry()).isFalse();
    assertThat(budget.tokens()).isZero();
    assertThat(budget.refused()).isEqualTo(1);
  }

  @Test
  void aBudgetCountsCallsRetriesAndRefusals() {
    RetryBudget budget = new RetryBudget(1_000, 1);
    budget.onCall();
    budget.onCall();
    assertThat(budget.tokens()).isEqualTo(1);
    budget.tryRetry();
    budget.tryRetry();
    budget.tryRetry();
    assertThat(budget.calls()).isEqualTo(2);
    assertThat(budget.retries()).isEqualTo(1);
    assertThat(budget.refused()).isEqualTo(2);
  }

  @Test
  void tenCallsEarnOneRetry() {
    RetryBudget budget = new RetryBudget(100, 1);
    assertThat(budget.tryRetry()).isTrue();
    for (int i = 0; i < 9; i++) {
      budget.onCall();
    }
    assertThat(budget.tryRetry()).isFalse();
    budget.onCall();
    assertThat(budget.tryRetry()).isTrue();
  }

  /// Nothing is saved beyond the burst: an hour without trouble does not buy a storm.
  @Test
  void tokensDoNotPileUpBeyondTheBurst() {
    RetryBudget budget = RetryBudget.defaults();
    for (int i = 0; i < 10_000; i++) {
      budget.onCall();
    }
    assertThat(budget.tokens()).isEqualTo(10);
  }

  /// The identity of the Javadoc, at every moment of a random walk; and when everything is
  /// retried that may be, the ratio is also reached.
  @Test
  void retriesStayWithinATenthOfTheCallsAndTheBurst() {
    SplittableRandom random = new SplittableRandom(9);
    RetryBudget budget = RetryBudget.defaults();
    for (int i = 0; i < Repetitions.of(200_000); i++) {
      if (random.nextInt(100) < 40) {
        budget.onCall();
      } else {
        budget.tryRetry();
      }
      assertThat(budget.retries() * 1_000 <= budget.calls() * 100 + 10_000).isTrue();
    }
    assertThat(budget.retries()).isGreaterThan(budget.calls() / 10 - 1);
  }
}

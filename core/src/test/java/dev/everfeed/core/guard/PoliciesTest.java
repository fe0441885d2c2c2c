package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Wrong policies are refused with everything that is wrong at once.
class PoliciesTest {

  @Test
  void theDefaultsAreThoseOfTheRequirements() {
    assertThat(BreakerPolicy.defaults())
        .isEqualTo(new BreakerPolicy(
            5,
            3,
            60_000_000_000L,
            60_000_000_000L,
            300_000_000_000L,
            List.of(1, 2, 4, 5),
            3,
            2_000_000_000L));
    assertThat(GuardPolicy.defaults().timeoutNanos()).isEqualTo(3_000_000_000L);
    assertThat(GuardPolicy.defaults().hedgeFloorNanos()).isEqualTo(50_000_000L);
    assertThat(RetryPolicy.defaults()).isEqualTo(new RetryPolicy(2, 100_000_000, 2_000_000_000));
  }

  @Test
  void allMistakesOfABreakerPolicyAreReportedTogether() {
    assertThatThrownBy(() -> new BreakerPolicy(0, 1_001, 0, 10, 9, List.of(2, 1), 0, -5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("failureThreshold: must be 1 to 1000, was 0;"
            + " successThreshold: must be 1 to 1000, was 1001;"
            + " windowNanos: must be longer than 0 ns, was 0 ns;"
            + " openMaxNanos: must be openNanos (10 ns) or longer, was 9 ns;"
            + " multipliers: must be one or more numbers, the first 1 or more, none smaller"
            + " than the one before, was [2, 1];"
            + " halfOpenMax: must be 1 to 1000, was 0;"
            + " slowCallNanos: must be longer than 0 ns, was -5 ns");
  }

  /// What a requirement allows must not be refused by the check.
  @Test
  void theLeastAndTheMostThatIsAllowedIsTaken() {
    assertThat(new BreakerPolicy(1_000, 1_000, 1, 9, 9, List.of(1, 1, 2), 1_000, 1).halfOpenMax())
        .isEqualTo(1_000);
    assertThat(new BreakerPolicy(1, 1, 1, 1, 1, List.of(1), 1, 1).successThreshold())
        .isEqualTo(1);
    assertThat(new RetryPolicy(0, 1, 1).attempts()).isZero();
    assertThat(new RetryPolicy(10, 1, 1).attempts()).isEqualTo(10);
    assertThat(new RetryBudget(1_000, 1_000_000).tokens()).isEqualTo(1_000_000);
    assertThat(new RetryBudget(0, 0).tokens()).isZero();
    assertThat(new WeightBudget(1_000_000_000, 60).limit()).isEqualTo(1_000_000_000);
    GuardPolicy least =
        new GuardPolicy(BreakerPolicy.defaults(), RetryPolicy.defaults(), 1, 60, 1, 1);
    assertThat(least.weightWindowNanos()).isEqualTo(60);
    assertThat(GuardPolicy.defaults().weightLimit()).isEqualTo(1_200);
    assertThat(GuardPolicy.defaults().weightWindowNanos()).isEqualTo(60_000_000_000L);
  }

  @Test
  void aCooldownGrowsByItsMultiplierUpToTheLongest() {
    BreakerPolicy policy = new BreakerPolicy(1, 1, 1, 10, 45, List.of(1, 4, 5), 1, 1);
    assertThat(policy.longestCooldownNanos(0)).isEqualTo(10);
    assertThat(policy.longestCooldownNanos(1)).isEqualTo(40);
    assertThat(policy.longestCooldownNanos(2)).isEqualTo(45);
    assertThat(policy.longestCooldownNanos(9)).isEqualTo(45);
  }

  @Test
  void noMultiplierAtAllIsAMistake() {
    assertThatThrownBy(() -> new BreakerPolicy(1, 1, 1, 1, 1, List.of(), 1, 1))
        .hasMessageContaining("multipliers");
  }

  @Test
  void allMistakesOfTheOtherPoliciesAreReportedTogether() {
    assertThatThrownBy(() -> new RetryPolicy(11, 100, 99))
        .hasMessage("attempts: must be 0 to 10, was 11;"
            + " capNanos: must be baseNanos (100 ns) or longer, was 99 ns");
    assertThatThrownBy(
            () -> new GuardPolicy(BreakerPolicy.defaults(), RetryPolicy.defaults(), 0, 59, 0, -1))
        .hasMessage("weightLimit: must be 1 to 1000000000, was 0;"
            + " weightWindowNanos: must be 60 ns or longer, was 59 ns;"
            + " timeoutNanos: must be longer than 0 ns, was 0 ns;"
            + " hedgeFloorNanos: must be longer than 0 ns, was -1 ns");
    assertThatThrownBy(() -> new RetryBudget(1_001, -1))
        .hasMessage(
            "ratioPerMille: must be 0 to 1000, was 1001; burst: must be 0 to 1000000, was -1");
    assertThatThrownBy(() -> new WeightBudget(0, 59))
        .hasMessage(
            "limit: must be 1 to 1000000000, was 0; windowNanos: must be 60 ns or longer, was 59"
                + " ns");
  }
}

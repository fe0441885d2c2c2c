package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConnectBudgetTest {
  private final ConnectBudget budget = new ConnectBudget(2, 300);

  @Test
  void asManyConnectionsAsMayAreBegunInAWindowAndTheNextWhenTheOldestHasLeftIt() {
    assertThat(budget.nextNanos(7)).isEqualTo(7);
    assertThat(budget.tryTake(10)).isTrue();
    assertThat(budget.nextNanos(20)).isEqualTo(20);
    assertThat(budget.tryTake(50)).isTrue();
    assertThat(budget.tryTake(60)).isFalse();
    assertThat(budget.nextNanos(60)).isEqualTo(310);
    assertThat(budget.tryTake(309)).isFalse();
    assertThat(budget.tryTake(310)).isTrue();
    assertThat(budget.nextNanos(310)).as("what was refused took nothing").isEqualTo(350);
    assertThat(budget.tryTake(350)).isTrue();
  }

  @Test
  void aBudgetOfNothingIsRefused() {
    assertThatThrownBy(() -> new ConnectBudget(0, 1))
        .hasMessage("a budget needs at least 1 connection and 1 ns, was 0 in 1");
    assertThatThrownBy(() -> new ConnectBudget(1, 0)).hasMessageContaining("was 1 in 0");
    assertThat(new ConnectBudget(1, 1).tryTake(0)).isTrue();
  }
}

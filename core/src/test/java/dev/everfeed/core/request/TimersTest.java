package dev.everfeed.core.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimersTest {
  private final Timers<String> timers = new Timers<>();

  @Test
  void theEarliestComesFirstAndOfEqualOnesTheOneThatWasSetFirst() {
    timers.set(30, "third");
    timers.set(10, "first");
    timers.set(10, "second");
    assertThat(timers.nextNanos()).isEqualTo(10);
    assertThat(timers.size()).isEqualTo(3);
    assertThat(timers.take().subject()).isEqualTo("first");
    assertThat(timers.take().subject()).isEqualTo("second");
    assertThat(timers.take().atNanos()).isEqualTo(30);
    assertThat(timers.size()).isZero();
  }

  @Test
  void aTimerIsDueFromItsMomentOnAndNoneIsWhereThereIsNone() {
    assertThat(timers.isDue(Long.MAX_VALUE)).isFalse();
    assertThat(timers.nextNanos()).isEqualTo(Long.MAX_VALUE);
    timers.set(10, "x");
    assertThat(timers.isDue(9)).isFalse();
    assertThat(timers.isDue(10)).isTrue();
  }
}

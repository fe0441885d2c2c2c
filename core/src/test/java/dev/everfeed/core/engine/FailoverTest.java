package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What a failover tells its readers: times, what moved, and the words that are stored.
class FailoverTest {
  private final Failover failover = new Failover(
      7, Failover.Kind.FAIL_OVER, FailoverPolicy.IMMEDIATE, 0, 1, "reset", 100, 130, 140);

  @Test
  void itsTimesAreCountedFromWhenItWasKnownAndBeforeThatThereAreNone() {
    assertThat(failover.detectionNanos()).isEqualTo(30);
    assertThat(failover.ailingSinceNanos()).isEqualTo(130);
    assertThat(failover.decidedNanos()).isEqualTo(140);
    assertThat(failover.startedNanos()).isEqualTo(-1);
    assertThat(failover.switchNanos()).isEqualTo(-1);
    assertThat(failover.durationNanos()).isEqualTo(-1);
    assertThat(failover.endedNanos()).isEqualTo(-1);
    assertThat(failover.lost()).isEqualTo(-1);

    failover.add(4);
    failover.add(5);
    failover.started(150);
    failover.started(160);
    assertThat(failover.switchNanos()).as("nothing has moved yet").isEqualTo(-1);
    failover.moved(4, false, 170);
    failover.moved(5, true, 180);
    failover.end(Failover.Result.EXECUTED, 3, 190);
    assertThat(failover.startedNanos()).isEqualTo(150);
    assertThat(failover.switchNanos()).isEqualTo(20);
    assertThat(failover.durationNanos()).isEqualTo(60);
    assertThat(failover.endedNanos()).isEqualTo(190);
    assertThat(failover.lost()).isEqualTo(3);
    assertThat(failover.result()).isEqualTo(Failover.Result.EXECUTED);
  }

  /// A process that has just begun counts from 0.
  @Test
  void timesAtTheBeginningOfTheClockAreTimesToo() {
    Failover first =
        new Failover(1, Failover.Kind.MANUAL, FailoverPolicy.MANUAL, 0, 1, "moved", 0, 0, 0);
    first.add(0);
    first.started(0);
    first.started(5);
    first.moved(0, false, 0);
    first.moved(0, false, 5);
    first.end(Failover.Result.EXECUTED, 0, 0);
    assertThat(first.startedNanos()).isZero();
    assertThat(first.switchNanos()).isZero();
    assertThat(first.durationNanos()).isZero();
  }

  @Test
  void whatSaysItselfThatItEndsIsDetectedAtOnce() {
    Failover closed =
        new Failover(1, Failover.Kind.FAIL_OVER, FailoverPolicy.IMMEDIATE, 0, 1, "x", 140, 130, 0);
    assertThat(closed.detectionNanos()).isZero();
  }

  @Test
  void aContractMovesOrStaysAndIsNotOnItsWayThen() {
    failover.add(4);
    failover.add(5);
    failover.add(6);
    assertThat(failover.moving()).containsExactly(4, 5, 6);
    failover.moved(4, false, 170);
    failover.moved(5, true, 180);
    assertThat(failover.isMoving()).isTrue();
    failover.stayed(6, "not subscribed");
    failover.stayed(9, "not listed");
    assertThat(failover.isMoving()).isFalse();
    assertThat(failover.contracts()).containsExactly(4, 5, 6, 9);
    assertThat(failover.migrated()).containsExactly(4, 5);
    assertThat(failover.waitingFirstTick()).containsExactly(5);
    assertThat(failover.unmigrated()).hasSize(2).containsEntry(6, "not subscribed");
  }

  @Test
  void itTellsWhoLeftWhomForWhomAndWhy() {
    assertThat(failover.id()).isEqualTo(7);
    assertThat(failover.kind()).isEqualTo(Failover.Kind.FAIL_OVER);
    assertThat(failover.policy()).isEqualTo(FailoverPolicy.IMMEDIATE);
    assertThat(failover.from()).isZero();
    assertThat(failover.to()).isEqualTo(1);
    assertThat(failover.trigger()).isEqualTo("reset");
    assertThat(failover.result()).isEqualTo(Failover.Result.PENDING);
  }

  @Test
  void itKeepsItsFirstStepsAndSaysThatThereWereMore() {
    for (int i = 1; i <= 100; i++) {
      failover.step(i, "step " + i);
    }
    assertThat(failover.steps()).hasSize(Failover.STEPS_MAX);
    assertThat(failover.steps().get(62)).isEqualTo(new Failover.Step(63, "step 63"));
    assertThat(failover.steps().getLast())
        .isEqualTo(new Failover.Step(64, "further steps are left out"));
  }

  @Test
  void kindsResultsAndPoliciesAreCalledAsTheyAreStored() {
    assertThat(Arrays.stream(Failover.Kind.values()).map(Failover.Kind::text))
        .containsExactly("fail_over", "fail_back", "manual");
    assertThat(Arrays.stream(Failover.Result.values()).map(Failover.Result::text))
        .containsExactly("pending", "executed", "partial", "failed", "cancelled", "shadow");
    assertThat(Arrays.stream(FailoverPolicy.Kind.values()).map(FailoverPolicy.Kind::text))
        .containsExactly("immediate", "delayed", "manual", "shadow", "frozen", "pinned");
  }

  @Test
  void onlyUnderTwoPoliciesContractsAreMovedWithoutAnOperator() {
    assertThat(FailoverPolicy.IMMEDIATE.moves()).isTrue();
    assertThat(FailoverPolicy.delayed(9).moves()).isTrue();
    assertThat(FailoverPolicy.delayed(9).delayNanos()).isEqualTo(9);
    assertThat(FailoverPolicy.MANUAL.moves()).isFalse();
    assertThat(FailoverPolicy.SHADOW.moves()).isFalse();
  }
}

package dev.everfeed.core.engine;

import static dev.everfeed.core.engine.ControlBench.MILLI;
import static dev.everfeed.core.engine.ControlBench.POLICY;
import static dev.everfeed.core.engine.ControlBench.SECOND;
import static dev.everfeed.core.engine.ControlBench.allUp;
import static dev.everfeed.core.engine.ControlBench.line;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.ControlDecision.Began;
import dev.everfeed.core.engine.ControlDecision.Ended;
import dev.everfeed.core.engine.Failover.Kind;
import dev.everfeed.core.engine.Failover.Result;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What operators order of the [Control], and what it keeps to afterwards.
class OrdersTest {
  private final ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3));

  // ---- freeze

  @Test
  void whileAllIsFrozenWhatWouldBeDoneIsToldAndNotDone() {
    bench.on(new ControlInput.Freeze(true));
    assertThat(bench.control.isFrozen()).isTrue();
    assertThat(bench.control.policy(0)).isEqualTo(FailoverPolicy.FROZEN);
    assertThat(bench.control.ownPolicy(0)).isEqualTo(FailoverPolicy.IMMEDIATE);
    bench.down(0).pass(10 * SECOND);
    assertThat(bench.control.active(0)).isZero();
    assertThat(bench.control.isMoving(0)).isFalse();
    Failover told = bench.began();
    assertThat(told.to()).isEqualTo(1);
    assertThat(told.policy()).isEqualTo(FailoverPolicy.FROZEN);
    assertThat(bench.all(Began.class)).as("both contracts, once").hasSize(1);
    assertThat(bench.all(Ended.class)).isEmpty();
  }

  @Test
  void whatWasFrozenIsDoneWhenItIsLetGo() {
    bench.on(new ControlInput.Freeze(true)).down(0).pass(SECOND);
    bench.on(new ControlInput.Freeze(false));
    assertThat(bench.all(Ended.class))
        .extracting(each -> each.failover().result())
        .containsExactly(Result.CANCELLED, Result.EXECUTED);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.ended().policy()).isEqualTo(FailoverPolicy.IMMEDIATE);
  }

  @Test
  void whatIsFrozenDoesNotReturnByItself() {
    bench.down(0).events(1).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
    bench.on(new ControlInput.Freeze(true)).up(0).events(0).pass(600 * SECOND).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
    bench.on(new ControlInput.Freeze(false)).events(0).pass(10 * MILLI);
    assertThat(bench.control.active(0)).as("it has been well all the time").isZero();
  }

  @Test
  void anOperatorMovesWhatIsFrozen() {
    bench.on(new ControlInput.Freeze(true)).move(0, 2).events(2).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(2);
    assertThat(bench.ended().kind()).isEqualTo(Kind.MANUAL);
  }

  @Test
  void whatIsOnItsWayWhenAllIsFrozenArrives() {
    bench.pass(SECOND).events(0).move(0, 1).on(new ControlInput.Freeze(true));
    assertThat(bench.control.isMoving(0)).isTrue();
    bench.events(1).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
  }

  // ---- pin

  @Test
  void whatIsPinnedStaysThoughItsGatewayIsDown() {
    bench.on(new ControlInput.Pin(only(0), true)).down(0).events(1).pass(10 * SECOND);
    assertThat(bench.control.isPinned(0)).isTrue();
    assertThat(bench.control.active(0)).isZero();
    assertThat(bench.control.active(1)).as("the other is not pinned").isEqualTo(1);
    assertThat(bench.all(Began.class))
        .extracting(each -> each.failover().policy())
        .containsExactlyInAnyOrder(FailoverPolicy.PINNED, FailoverPolicy.IMMEDIATE);
    assertThat(bench.control.whyNot(0, 1, bench.now)).isEqualTo("an operator has pinned it to a1");
    bench.move(Control.NOBODY, 1, 0);
    assertThat(bench.control.isMoving(0)).as("not even by an operator").isFalse();
  }

  @Test
  void whatIsUnpinnedLeavesAGatewayThatAils() {
    bench.on(new ControlInput.Pin(only(0), true)).down(0).pass(10 * SECOND);
    bench.on(new ControlInput.Pin(only(0), false));
    assertThat(bench.control.active(0)).isEqualTo(1);
  }

  @Test
  void whatWasPinnedBeforeARestartIsThereAgain() {
    ControlBench again =
        new ControlBench(FailoverPolicy.IMMEDIATE, line("a1", 1), line("a2", 2), line("a3", 3));
    again.on(new ControlInput.Settle(new TreeMap<>(Map.of(0, 2)), new TreeSet<>()));
    again.on(new ControlInput.Pin(only(0), true)).begin().everybodyUp(3);
    assertThat(again.control.active(0)).isEqualTo(2);
    assertThat(again.control.active(1)).isZero();
    again.on(new ControlInput.Settle(new TreeMap<>(Map.of(1, 2)), new TreeSet<>()));
    assertThat(again.control.active(1)).as("it is somewhere already").isZero();
  }

  @Test
  void whatSettledElsewhereGoesHomeOnceThatCanBeAndIsNotTakenForAnOperatorsMove() {
    bench.down(1).on(new ControlInput.Home(new TreeMap<>(Map.of(0, 1))));
    assertThat(bench.control.isMoving(0)).as("it is down").isFalse();
    bench.up(1).pass(120 * SECOND);
    bench.on(new ControlInput.Home(new TreeMap<>(Map.of(0, 1)))).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.control.isPlaced(0)).isFalse();
    bench.pass(300 * SECOND);
    assertThat(bench.control.active(0)).as("nothing holds it there").isZero();
  }

  /// Told one after the other, the stop had every contract settle, and the pin held it there.
  @Test
  void aGatewayThatWasStoppedTooDoesNotMoveWhatWasPinned() {
    ControlBench again =
        new ControlBench(FailoverPolicy.IMMEDIATE, line("a1", 1), line("a2", 2), line("a3", 3));
    again.on(new ControlInput.Settle(new TreeMap<>(Map.of(0, 2)), new TreeSet<>(Set.of(0))));
    again.on(new ControlInput.Pin(only(0), true)).begin().everybodyUp(3);
    assertThat(again.control.active(0)).isEqualTo(2);
    assertThat(again.control.active(1)).as("the best that is not stopped").isEqualTo(1);
    assertThat(again.control.isEnabled(0)).isFalse();
  }

  /// The engine broke, and the contract was on its way for ever.
  @Test
  void aGatewayIsTakenAwayWhileAContractMovesAwayFromIt() {
    bench.down(0);
    bench.on(new ControlInput.Enable(0, false));
    bench.on(ControlInput.Planned.vacant(0));
    bench.pass(10 * SECOND);
    assertThat(bench.control.isMoving(0)).isFalse();
    assertThat(bench.control.active(0)).isEqualTo(1);
  }

  // ---- return

  @Test
  void anOperatorReturnsContractsToTheBestGatewayWithoutWaitingForItsTime() {
    bench.move(0, 2).events(2).pass(POLICY.cooldownNanos() + SECOND);
    assertThat(bench.control.active(0)).isEqualTo(2);
    assertThat(bench.control.isPlaced(0)).isTrue();
    assertThat(bench.control.better(0, bench.now)).isZero();
    bench.on(new ControlInput.Return(only(0))).events(0).pass(10 * MILLI);
    assertThat(bench.control.active(0)).isZero();
    assertThat(bench.control.active(1)).as("was not asked to").isEqualTo(2);
    assertThat(bench.ended().kind()).isEqualTo(Kind.FAIL_BACK);
    assertThat(bench.ended().trigger()).isEqualTo("an operator returns it");
    assertThat(bench.control.isPlaced(0)).isFalse();
    assertThat(bench.control.better(0, bench.now)).isEqualTo(Control.NOBODY);
  }

  @Test
  void whatCannotReturnYetReturnsByItselfLater() {
    bench.move(0, 2).events(2).pass(POLICY.cooldownNanos() + SECOND);
    bench.down(0).down(1).on(new ControlInput.Return(only(0)));
    assertThat(bench.control.isMoving(0)).isFalse();
    assertThat(bench.control.isPlaced(0)).isFalse();
    bench.up(1).events(1).pass(4 * POLICY.failBackNanos()).events(1).pass(10 * MILLI);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.control.active(1)).as("is where the operator has put it").isEqualTo(2);
  }

  // ---- policies

  @Test
  void aPolicyThatIsChangedHoldsFromThenOn() {
    bench.on(new ControlInput.Policy(only(0), FailoverPolicy.MANUAL)).down(0).pass(10 * SECOND);
    assertThat(bench.control.active(0)).isZero();
    assertThat(bench.began().policy()).isIn(FailoverPolicy.MANUAL, FailoverPolicy.IMMEDIATE);
    bench.on(new ControlInput.Policy(only(0), FailoverPolicy.IMMEDIATE));
    assertThat(bench.control.active(0)).as("it ails still").isEqualTo(1);
  }

  @Test
  void aShorterDelayIsCountedFromWhenTheAilmentBegan() {
    bench.on(new ControlInput.Policy(only(0), FailoverPolicy.delayed(60 * SECOND)));
    bench.down(0).pass(5 * SECOND);
    assertThat(bench.control.isMoving(0)).isFalse();
    bench.on(new ControlInput.Policy(only(0), FailoverPolicy.delayed(6 * SECOND)));
    bench.pass(SECOND - 1);
    assertThat(bench.control.active(0)).isZero();
    bench.pass(1);
    assertThat(bench.control.active(0)).isEqualTo(1);
  }

  private static TreeSet<Integer> only(int contract) {
    return new TreeSet<>(List.of(contract));
  }
}

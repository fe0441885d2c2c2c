package dev.everfeed.core.engine;

import static dev.everfeed.core.engine.ControlBench.MILLI;
import static dev.everfeed.core.engine.ControlBench.POLICY;
import static dev.everfeed.core.engine.ControlBench.SECOND;
import static dev.everfeed.core.engine.ControlBench.account;
import static dev.everfeed.core.engine.ControlBench.allUp;
import static dev.everfeed.core.engine.ControlBench.line;
import static dev.everfeed.core.engine.ControlBench.of;
import static dev.everfeed.core.engine.ControlBench.plan;
import static dev.everfeed.core.engine.ControlBench.venue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.ControlDecision.NoBackup;
import dev.everfeed.core.engine.ControlDecision.Route;
import dev.everfeed.core.engine.ControlDecision.SourceChanged;
import dev.everfeed.core.engine.ControlDecision.Want;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// When contracts move, to whom, and what is told of it: to the nanosecond.
class ControlMovesTest {

  // ---- when

  @Test
  void atTheStartAGatewayHasTenSecondsToConnectAndNoMore() {
    ControlBench bench = of(line("a1", 1), line("a2", 2)).up(1);
    assertThat(bench.control.nextDeadlineNanos()).isEqualTo(bench.now + 10 * SECOND);
    bench.pass(10 * SECOND - 1);
    assertThat(bench.control.isMoving(0)).isFalse();
    bench.pass(1);
    assertThat(bench.control.target(0)).isEqualTo(1);
    assertThat(bench.began().trigger()).isEqualTo("not started");
  }

  @Test
  void aConnectionThatFailsAtTheStartIsNotWaitedFor() {
    ControlBench bench = of(line("a1", 1), line("a2", 2)).up(1).down(0);
    assertThat(bench.control.target(0)).isEqualTo(1);
    assertThat(bench.began().trigger()).isEqualTo("reset");
  }

  @Test
  void aTargetThatIsSubscribedAndBringsNothingForASecondCountsAsMoved() {
    ControlBench bench = of(line("a1", 1), line("a2", 2)).up(0).up(1).down(0);
    bench.pass(SECOND - 1);
    assertThat(bench.control.isMoving(0)).isTrue();
    bench.pass(1);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.ended().waitingFirstTick()).containsExactly(0, 1);
    assertThat(bench.ended().switchNanos()).isEqualTo(SECOND);
  }

  /// Two lines bring the same event within 50 ms.
  @Test
  void aLineThatWasBehindByNoMoreThanUsualHasMovedAtOnce() {
    for (long behind : new long[] {50 * MILLI, 50 * MILLI + 1}) {
      ControlBench bench = of(line("a1", 1), line("a2", 2)).up(0).up(1).events(1);
      bench.pass(behind).events(0).pass(SECOND).down(0);
      assertThat(bench.control.isMoving(1)).isEqualTo(behind > 50 * MILLI);
    }
  }

  @Test
  void aLineThatWasFarBehindHasMovedWithItsFirstEventSince() {
    ControlBench bench = of(line("a1", 1), line("a2", 2)).up(0).up(1).events(1);
    bench.pass(SECOND).events(0).pass(SECOND).down(0).pass(MILLI).event(1, 2);
    bench.pass(4 * MILLI); // it is looked every five
    assertThat(bench.control.active(1)).isEqualTo(1);
    assertThat(bench.control.isMoving(0)).isTrue();
    assertThat(bench.control.nextDeadlineNanos()).isEqualTo(bench.now + 5 * MILLI);
  }

  @Test
  void aTargetThatIsNotSubscribedByTheDeadlineIsAvoidedTwiceAsLongEachTime() {
    ControlBench bench = of(line("a1", 1), venue("b1", 2, Standby.WARM)).up(0).connected(1);
    bench.down(0);
    for (int seconds : new int[] {5, 10, 20, 40, 80, 80}) {
      assertThat(bench.control.target(0)).isEqualTo(1);
      bench.pass(POLICY.deadlineNanos() - 1);
      assertThat(bench.control.isMoving(0)).isTrue();
      bench.pass(1);
      assertThat(bench.control.isMoving(0)).isFalse();
      assertThat(bench.ended().result()).isEqualTo(Failover.Result.FAILED);
      assertThat(bench.ended().unmigrated().get(0))
          .isEqualTo("not subscribed at b1 within 5,000 ms");
      assertThat(bench.control.whyNot(0, 1, bench.now))
          .isEqualTo("the contract could not move to it, and tries again in %,d ms"
              .formatted(seconds * 1_000));
      bench.pass(seconds * SECOND - 1);
      assertThat(bench.control.isMoving(0)).isFalse();
      bench.pass(1);
    }
    assertThat(bench.all(NoBackup.class)).as("told once").hasSize(1);
  }

  @Test
  void aContractThatHasMovedIsNotAvoidedForWhatWasBefore() {
    ControlBench bench = of(line("a1", 1), venue("b1", 2, Standby.WARM)).up(0).connected(1);
    bench.down(0).pass(5 * SECOND).pass(5 * SECOND).subscribed(1).events(1).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
    bench.up(0).down(1).pass(SECOND).connected(1).down(0).pass(5 * SECOND);
    assertThat(bench.control.active(0)).isZero();
    assertThat(bench.control.whyNot(0, 1, bench.now)).contains("again in 5,000 ms");
  }

  @Test
  void theGatewayBeforeStaysAttachedForFiveSeconds() {
    ControlBench bench =
        of(line("a1", 1), venue("b1", 2, Standby.WARM)).up(0).up(1).down(0);
    bench.subscribed(1).pass(SECOND).up(0);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.control.prior(0)).isZero();
    bench.pass(5 * SECOND - 1);
    assertThat(bench.control.prior(0)).isZero();
    bench.pass(1);
    assertThat(bench.control.prior(0)).isEqualTo(Control.NOBODY);
  }

  @Test
  void withinTheCooldownAContractIsNotMovedByAConclusion() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3)).down(0);
    assertThat(bench.control.active(0)).isEqualTo(1);
    bench.pass(10 * SECOND).convicted(1, ControlInput.WHOLE);
    bench.pass(20 * SECOND - 1);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.control.isMoving(0)).isFalse();
    bench.pass(1);
    assertThat(bench.control.active(0)).isEqualTo(2);
  }

  @Test
  void withinTheCooldownAContractIsMovedByAFact() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3)).down(0);
    bench.pass(10 * SECOND).down(1);
    assertThat(bench.control.active(0)).isEqualTo(2);
  }

  @Test
  void whileTheGatewayBeforeIsAttachedTheWayBackToItIsOpen() {
    ControlBench bench =
        allUp(line("a1", 2), line("a2", 1), line("a3", 3)).down(1).up(1);
    assertThat(bench.control.active(0)).isZero();
    bench.pass(2 * SECOND).convicted(0, ControlInput.WHOLE);
    assertThat(bench.control.isMoving(0) ? bench.control.target(0) : bench.control.active(0))
        .isEqualTo(1);
  }

  @Test
  void aBetterGatewayGetsItsContractsBackAfterAMinuteOfHealth() {
    ControlBench bench =
        allUp(line("a1", 1), line("a2", 2)).down(0).pass(20 * SECOND).up(0);
    bench.events(0).events(1).pass(60 * SECOND - 1);
    assertThat(bench.control.active(0)).isEqualTo(1);
    bench.pass(1).events(0).pass(SECOND);
    assertThat(bench.control.active(0)).isZero();
    assertThat(bench.ended().kind()).isEqualTo(Failover.Kind.FAIL_BACK);
    assertThat(bench.ended().trigger()).isEqualTo("a1 has been healthy for 60,000 ms");
  }

  @Test
  void afterEachFurtherTroubleItHasToBeWellForTwiceAsLong() {
    ControlBench bench =
        allUp(line("a1", 1), line("a2", 2)).down(0).up(0).down(0).up(0);
    bench.pass(120 * SECOND - 1);
    assertThat(bench.control.active(0)).isEqualTo(1);
    bench.pass(1);
    assertThat(bench.control.active(0)).isZero();
  }

  @Test
  void noMoreContractsThanMayAreOnTheirWayToAGatewayAtATime() {
    GatewayPlan[] plans = {line("a1", 1), venue("b1", 2, Standby.HOT)};
    ControlBench bench = of(plans).movingAtOnce(1, plans).up(0).up(1).down(0);
    assertThat(bench.control.isMoving(0)).isTrue();
    assertThat(bench.control.isMoving(1)).isFalse();
    bench.pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
    bench.pass(SECOND);
    assertThat(bench.control.isMoving(1) || bench.control.active(1) == 1).isTrue();
  }

  @Test
  void aDelayedFailoverWaitsForExactlyItsDelay() {
    ControlBench bench = new ControlBench(
            FailoverPolicy.delayed(5 * SECOND), line("a1", 1), line("a2", 2))
        .begin()
        .everybodyUp(2)
        .down(0);
    assertThat(bench.began().result()).isEqualTo(Failover.Result.PENDING);
    assertThat(bench.began().startedNanos()).isEqualTo(-1);
    bench.pass(5 * SECOND - 1);
    assertThat(bench.control.active(0)).isZero();
    bench.pass(1).events(1).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.ended().contracts()).containsExactly(0, 1);
  }

  // ---- to whom

  @Test
  void atTheStartTheMostPreferredOfThoseThatAreSwitchedOnIsActive() {
    assertThat(of(line("a2", 2), line("a9", 1), line("a1", 1)).control.active(0))
        .isEqualTo(2);
    GatewayPlan off = new GatewayPlan("a0", "a", 0, false, Standby.HOT, 9, "a0", Integer.MAX_VALUE);
    assertThat(of(off, line("a9", 9)).control.active(0)).isEqualTo(1);
    ControlBench nobody = of(off);
    assertThat(nobody.control.active(0)).isEqualTo(Control.NOBODY);
    nobody.on(new ControlInput.Enable(0, true));
    assertThat(nobody.control.active(0)).isZero();
  }

  @Test
  void theSameContentIsPreferredToAnotherEvenOfALowerPriority() {
    ControlBench bench =
        allUp(line("a1", 1), venue("b1", 2, Standby.HOT), line("a3", 3)).down(0);
    assertThat(bench.began().to()).isEqualTo(2);
    assertThat(bench.began().steps())
        .extracting(Failover.Step::what)
        .containsSubsequence(
            "the last sign of life of a1",
            "a1: reset",
            "b1 is not chosen: it comes later",
            "a3 is chosen: priority 3, the same content");
  }

  @Test
  void whoIsConnectedIsPreferredToWhoWouldHaveToBe() {
    ControlBench bench = of(
            line("a1", 1),
            plan("b1", "b", 2, Standby.COLD, 100),
            plan("b2", "b", 3, Standby.WARM, 100))
        .up(0)
        .up(2)
        .down(0);
    assertThat(bench.began().to()).isEqualTo(2);
    assertThat(bench.began().steps())
        .extracting(Failover.Step::what)
        .contains("b2 is chosen: priority 3, other content");
  }

  @Test
  void whoWasInTroubleThreeTimesWithinTheHourComesLater() {
    for (int times = 2; times <= 3; times++) {
      ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3));
      for (int i = 0; i < times; i++) {
        bench.down(1).up(1);
      }
      bench.events(1).down(0);
      assertThat(bench.began().to()).isEqualTo(times == 3 ? 2 : 1);
    }
  }

  @Test
  void aGatewayTakesNoMoreStreamsThanItHasRoomFor() {
    ControlBench bench = of(line("a1", 1), plan("b1", "b", 2, Standby.WARM, 2))
        .up(0)
        .connected(1)
        .down(0);
    assertThat(bench.control.target(0)).isEqualTo(1);
    assertThat(bench.control.isMoving(1)).isFalse();
    assertThat(bench.control.whyNot(1, 1, bench.now))
        .isEqualTo("it has no room for further subscriptions");
    assertThat(bench.all(NoBackup.class)).containsExactly(new NoBackup(0, List.of(1), "reset"));

    ControlBench roomy = of(line("a1", 1), plan("b1", "b", 2, Standby.WARM, 3))
        .up(0)
        .connected(1)
        .down(0);
    assertThat(roomy.control.isMoving(1)).isTrue();
  }

  @Test
  void whyAContractCannotMoveIsSaid() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), venue("b1", 3, Standby.WARM));
    bench.move(0, 2, 0);
    assertThat(bench.control.whyNot(0, 0, bench.now)).isEqualTo("it is there already");
    assertThat(bench.control.whyNot(0, 1, bench.now)).isEqualTo("it is on its way to b1");
    assertThat(bench.control.whyNot(1, 1, bench.now)).isNull();
    bench.on(new ControlInput.Lags(1, 700 * MILLI));
    assertThat(bench.control.whyNot(1, 1, bench.now)).isEqualTo("it lags by 700 ms");
    bench.convicted(1, ControlInput.WHOLE);
    assertThat(bench.control.whyNot(1, 1, bench.now))
        .isEqualTo("it is accused: silent while 2 others had up to 99 events");
    bench.on(new ControlInput.Lags(1, 0)).on(new ControlInput.Resumed(1, ControlInput.WHOLE));
    assertThat(bench.control.whyNot(1, 1, bench.now))
        .isEqualTo("it was convicted, and has not delivered for long enough since");
    bench.on(new ControlInput.Listed(1, new TreeSet<>(List.of(0))));
    assertThat(bench.control.whyNot(1, 1, bench.now)).isEqualTo("it does not list the contract");
    bench.on(new ControlInput.Enable(1, false));
    assertThat(bench.control.whyNot(1, 1, bench.now)).isEqualTo("it is switched off");
    bench.down(2);
    assertThat(bench.control.whyNot(1, 2, bench.now))
        .isEqualTo("it is not connected: reset, 0 ms ago");
  }

  @Test
  void whoWasWrongIsUsedAgainWhenItHasBeenRightForFiveSeconds() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3));
    bench.on(new ControlInput.Disagrees(1, 0, "far off"));
    assertThat(bench.control.whyNot(0, 1, bench.now)).isEqualTo("it is accused: far off");
    bench.on(new ControlInput.Disagrees(1, 0, null)).pass(5 * SECOND - 1);
    assertThat(bench.control.whyNot(0, 1, bench.now))
        .isEqualTo("it has been well again for 4,999 ms only");
    bench.pass(1);
    assertThat(bench.control.whyNot(0, 1, bench.now)).isNull();
  }

  // ---- accounts

  @Test
  void anAccountsOnlyConnectionGoesToWhereContractsMoveTo() {
    ControlBench bench =
        of(account("a1", 1, Standby.HOT), account("a2", 2, Standby.COLD)).up(0);
    assertThat(bench.control.wanted(0)).containsExactly(0, 1, 2);
    assertThat(bench.control.wanted(1)).isEmpty();
    assertThat(bench.control.whyNot(0, 1, bench.now))
        .isEqualTo("its account allows no further connection");
    bench.decided.clear();
    bench.down(0);
    assertThat(bench.control.target(0)).isEqualTo(1);
    assertThat(bench.all(Want.class))
        .as("what is given up makes room first")
        .containsExactly(
            new Want(0, new TreeSet<>()), new Want(1, new TreeSet<>(List.of(0, 1, 2))));
  }

  @Test
  void ofTwoOfAnAccountTheActiveOneIsConnected() {
    ControlBench bench = of(account("a1", 2, Standby.HOT), account("a2", 1, Standby.HOT));
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.control.wanted(1)).containsExactly(0, 1, 2);
    assertThat(bench.control.wanted(0)).isEmpty();
  }

  // ---- what is published from where

  @Test
  void aStreamThatTheActiveGatewayLacksComesFromThePreferredOfTheOthersThatAreUp() {
    ControlBench bench = new ControlBench(
        FailoverPolicy.IMMEDIATE,
        line("a1", 1),
        venue("b1", 2, Standby.WARM),
        venue("b2", 3, Standby.WARM));
    bench.lacks.set(1);
    bench.begin();
    assertThat(bench.all(Route.class)).contains(new Route(1, 1, 2, true), new Route(0, 0, 1, true));
    assertThat(bench.control.wanted(0)).containsExactly(0, 2);
    assertThat(bench.control.wanted(1)).containsExactly(1);
    bench.connected(2);
    assertThat(bench.all(Route.class)).contains(new Route(1, 2, 4, false));
  }

  @Test
  void allLinesThatAreSubscribedAreTakenAndANewOneOfOtherContentIsToldAsSuch() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), venue("b1", 3, Standby.HOT));
    bench.down(1);
    assertThat(bench.all(Route.class)).contains(new Route(0, 0, 0b001, false));
    bench.up(1);
    assertThat(bench.all(Route.class)).contains(new Route(0, 0, 0b011, false));
    bench.down(1).down(0);
    bench.on(new ControlInput.TookOver(2, 0));
    assertThat(bench.all(Route.class)).contains(new Route(0, 2, 0b100, true));
    assertThat(bench.all(SourceChanged.class)).contains(new SourceChanged(0, 0, 2, 1));
  }

  @Test
  void whatTheTargetHadTakenOverStaysThereWhenTheMoveFailsAndTheActiveIsDown() {
    ControlBench bench = of(line("a1", 1), venue("b1", 2, Standby.WARM)).up(0).connected(1);
    bench.down(0).on(new ControlInput.TookOver(1, 0)).on(new ControlInput.Subscribed(1, 0));
    bench.decided.clear();
    bench.pass(5 * SECOND);
    assertThat(bench.control.isMoving(0)).isFalse();
    assertThat(bench.all(Route.class)).as("stream 0 goes on from b1").isEmpty();
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.LIVE);
    assertThat(bench.control.status(1)).isEqualTo(ValueStatus.STALE);
    bench.up(0);
    assertThat(bench.all(Route.class)).as("its active one is there again").isNotEmpty();
  }

  @Test
  void whatWasDeclaredLostWhileLinesMovedIsCounted() {
    ControlBench bench = of(line("a1", 1), line("a2", 2)).up(0).up(1);
    bench.lost[0] = 100;
    bench.lost[2] = 7;
    bench.down(0);
    bench.lost[0] += 3;
    bench.lost[1] += 1;
    bench.pass(SECOND);
    assertThat(bench.ended().lost()).isEqualTo(4);
    assertThat(bench.ended().steps().getLast().what()).isEqualTo("executed: 2 moved, 0 stayed");
  }

  // ---- operators

  @Test
  void anOperatorMovesAllThatIsActiveSomewhereAndItDoesNotReturnByItself() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2)).move(0, 1);
    bench.events(1).pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(1);
    assertThat(bench.control.active(1)).isEqualTo(1);
    assertThat(bench.control.isPlaced(0)).isTrue();
    assertThat(bench.ended().trigger()).isEqualTo("an operator moves it");
    bench.pass(600 * SECOND);
    assertThat(bench.control.active(0)).as("it does not return by itself").isEqualTo(1);
    bench.down(1);
    assertThat(bench.control.isPlaced(0)).as("what was chosen is gone").isFalse();
  }

  @Test
  void anOperatorMovesOneContractToTheBestAndNothingToWhereItCannotGo() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3));
    bench.move(Control.NOBODY, Control.NOBODY, 1).events(1).pass(SECOND);
    assertThat(bench.control.active(1)).isEqualTo(1);
    assertThat(bench.control.active(0)).isZero();
    bench.down(2).move(Control.NOBODY, 2, 0);
    assertThat(bench.control.isMoving(0)).isFalse();
    assertThat(bench.control.isPlaced(0)).isFalse();
    bench.move(2, 1);
    assertThat(bench.control.isMoving(0)).as("nothing is active there").isFalse();
  }
}

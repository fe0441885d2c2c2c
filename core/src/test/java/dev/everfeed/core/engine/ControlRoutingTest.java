package dev.everfeed.core.engine;

import static dev.everfeed.core.engine.ControlBench.SECOND;
import static dev.everfeed.core.engine.ControlBench.account;
import static dev.everfeed.core.engine.ControlBench.allUp;
import static dev.everfeed.core.engine.ControlBench.line;
import static dev.everfeed.core.engine.ControlBench.of;
import static dev.everfeed.core.engine.ControlBench.venue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.ControlDecision.Candidate;
import dev.everfeed.core.engine.ControlDecision.Route;
import dev.everfeed.core.engine.ControlDecision.Want;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Who of an account may be connected, what is wanted of whom, and whose lines are taken.
class ControlRoutingTest {
  private static final List<Integer> ALL = List.of(0, 1, 2);

  // ---- accounts

  @Test
  void theConnectionsOfAnAccountGoToTheActiveOneAndThePreferredOfThoseThatStandBy() {
    ControlBench bench = of(
        account("a1", 1, Standby.HOT, 2),
        account("a3", 3, Standby.HOT, 2),
        account("a2", 2, Standby.HOT, 2));
    assertThat(bench.control.wanted(0)).isEqualTo(ALL);
    assertThat(bench.control.wanted(1)).isEmpty();
    assertThat(bench.control.wanted(2)).isEqualTo(ALL);
    bench.on(new ControlInput.Enable(2, false));
    assertThat(bench.control.wanted(1)).isEqualTo(ALL);
    assertThat(bench.control.wanted(2)).isEmpty();
  }

  @Test
  void aConnectionThatIsFreeMayBeUsedAndOneThatIsNotMayNot() {
    ControlBench bench = of(
            account("a1", 1, Standby.HOT, 2),
            account("a2", 2, Standby.HOT, 2),
            account("a3", 3, Standby.COLD, 2))
        .up(0)
        .up(1);
    assertThat(bench.control.whyNot(0, 2, bench.now))
        .isEqualTo("its account allows no further connection");
    assertThat(bench.control.whyNot(0, 1, bench.now)).as("it has one").isNull();
    bench.down(1);
    assertThat(bench.control.whyNot(0, 2, bench.now)).isNull();
  }

  /// One that is up is not given up for one that might be better.
  @Test
  void theConnectionOfTheGatewayBeforeIsKeptUntilItsProbationIsOver() {
    GatewayPlan better = new GatewayPlan("a2", "a", 1, false, Standby.HOT, 100, "one key", 1);
    ControlBench bench = of(account("a1", 2, Standby.HOT), better, venue("b1", 3, Standby.HOT))
        .up(0)
        .up(2);
    bench.on(new ControlInput.Enable(1, true));
    assertThat(bench.control.wanted(1)).as("a1 is active, and up").isEmpty();
    bench.down(0);
    assertThat(bench.control.target(0)).isEqualTo(2);
    assertThat(bench.control.wanted(1)).as("a1 is active").isEmpty();
    bench.pass(SECOND);
    assertThat(bench.control.active(0)).isEqualTo(2);
    assertThat(bench.control.wanted(1)).as("a1 was it before").isEmpty();
    bench.pass(5 * SECOND);
    assertThat(bench.control.wanted(0)).isEmpty();
    assertThat(bench.control.wanted(1)).isEqualTo(ALL);
  }

  // ---- what is wanted

  @Test
  void whoIsWarmIsSubscribedToTheCanariesAndWhoIsColdToNothing() {
    ControlBench bench = new ControlBench(
        FailoverPolicy.IMMEDIATE,
        line("a1", 1),
        venue("b1", 2, Standby.WARM),
        venue("b2", 3, Standby.COLD));
    bench.canaries.set(2);
    bench.begin();
    assertThat(bench.control.wanted(0)).isEqualTo(ALL);
    assertThat(bench.control.wanted(1)).containsExactly(2);
    assertThat(bench.control.wanted(2)).isEmpty();
    assertThat(bench.all(Want.class))
        .containsExactly(new Want(0, new TreeSet<>(ALL)), new Want(1, new TreeSet<>(List.of(2))));
  }

  @Test
  void whatWasWantedOnlyForAMoveIsNotWantedAfterIt() {
    ControlBench bench = of(line("a1", 1), venue("b1", 2, Standby.WARM)).up(0).connected(1);
    bench.down(0);
    assertThat(bench.control.wanted(1)).isEqualTo(ALL);
    bench.pass(5 * SECOND); // not subscribed in time
    bench.up(0);
    assertThat(bench.control.wanted(1)).isEmpty();
    assertThat(bench.control.active(0)).isZero();
  }

  @Test
  void whatIsAcknowledgedAndNotWantedAnyMoreIsNotCounted() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2));
    bench.on(new ControlInput.Listed(1, new TreeSet<>()));
    assertThat(bench.control.wanted(1)).isEmpty();
    bench.decided.clear();
    bench.on(new ControlInput.Subscribed(1, 0));
    assertThat(bench.all(Route.class)).isEmpty();
    bench.on(new ControlInput.Listed(1, new TreeSet<>(List.of(1))));
    assertThat(bench.control.wanted(1)).containsExactly(2);
  }

  // ---- whose lines are taken

  @Test
  void aLineWhosePricesAreWrongIsLeftOutAndTakenInAgain() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3));
    bench.on(new ControlInput.Disagrees(1, 0, "far off"));
    assertThat(bench.all(Route.class))
        .containsExactly(new Route(0, 0, 0b101, false), new Route(1, 0, 0b101, false));
    bench.decided.clear();
    bench.on(new ControlInput.Disagrees(1, 0, null));
    assertThat(bench.all(Route.class))
        .containsExactly(new Route(0, 0, 0b111, false), new Route(1, 0, 0b111, false));
  }

  @Test
  void underTheShadowPolicyNoLineIsLeftOut() {
    ControlBench bench = new ControlBench(
            FailoverPolicy.SHADOW, line("a1", 1), line("a2", 2), line("a3", 3))
        .begin()
        .everybodyUp(3);
    bench.on(new ControlInput.Disagrees(1, 0, "far off"));
    assertThat(bench.all(Route.class)).isEmpty();
  }

  @Test
  void whereEventsCannotBeToldApartTheTargetIsACandidateUntilItDelivers() {
    ControlBench bench = new ControlBench(FailoverPolicy.IMMEDIATE, line("a1", 1), line("a2", 2));
    bench.plain.set(0, 3);
    bench.begin().up(0).up(1);
    assertThat(bench.all(Route.class)).as("one line only").contains(new Route(0, 0, 0b01, true));
    bench.decided.clear();
    bench.down(0);
    assertThat(bench.all(Candidate.class))
        .containsExactly(new Candidate(0, 1), new Candidate(1, 1), new Candidate(2, 1));
    assertThat(bench.all(Route.class)).isEmpty();
    bench.decided.clear();
    bench.on(new ControlInput.TookOver(1, 2));
    assertThat(bench.all(Route.class)).containsExactly(new Route(2, 1, 0b10, false));
    assertThat(bench.control.active(1)).isEqualTo(1);
  }

  @Test
  void aCandidateThatDidNotDeliverInTimeIsNoneAnyMore() {
    ControlBench bench =
        new ControlBench(FailoverPolicy.IMMEDIATE, line("a1", 1), venue("b1", 2, Standby.WARM));
    bench.begin().up(0).connected(1).down(0);
    assertThat(bench.all(Candidate.class)).hasSize(3);
    bench.decided.clear();
    bench.pass(5 * SECOND);
    assertThat(bench.all(Candidate.class))
        .containsExactly(
            new Candidate(0, Control.NOBODY),
            new Candidate(1, Control.NOBODY),
            new Candidate(2, Control.NOBODY));
  }
}

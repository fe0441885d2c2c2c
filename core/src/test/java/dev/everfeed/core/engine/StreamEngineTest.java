package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlDecision.Became;
import dev.everfeed.core.engine.ControlDecision.Began;
import dev.everfeed.core.engine.ControlDecision.Confirm;
import dev.everfeed.core.engine.ControlDecision.Ended;
import dev.everfeed.core.engine.ControlDecision.NoBackup;
import dev.everfeed.core.engine.ControlDecision.Reconnect;
import dev.everfeed.core.engine.ControlDecision.SourceChanged;
import dev.everfeed.core.engine.ControlDecision.Want;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Two contracts of two streams each (dense trades, plain quotes); gateways of venue `a`, which
/// are lines of each other, and of venue `b`.
class StreamEngineTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final int STREAMS = 4;
  private static final int TRADES = 0;
  private static final int OTHER_TRADES = 2;
  private static final ControlPolicy POLICY = ControlPolicy.USUAL;

  private final List<GatewayPlan> plans = new ArrayList<>();
  private final List<ControlDecision> decided = new ArrayList<>();
  private final List<String> published = new ArrayList<>();
  private final TreeMap<Integer, TreeSet<Integer>> wanted = new TreeMap<>();
  private final BitSet canaries = new BitSet();
  private Consumer<ControlDecision> listener = _ -> {};
  private FailoverPolicy policy = FailoverPolicy.IMMEDIATE;
  private long now;
  private long ids;

  @SuppressWarnings("NullAway.Init") // begin() makes it
  private StreamEngine engine;

  // ---- moves

  @Test
  void whenALineIsClosedItsContractsMoveToAnotherOneAndNothingIsLost() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(20);
    down(0, "reset");
    trade(1, TRADES, ++ids);
    assertThat(published.getLast()).as("before it has moved").isEqualTo("0 from 1: " + ids);
    pass(2 * SECOND); // quotes take over with their first event, or count as moved
    assertThat(engine.control().active(0)).isEqualTo(1);
    Failover failover = ended().getFirst();
    assertThat(failover.result()).isEqualTo(Failover.Result.EXECUTED);
    assertThat(failover.from()).isZero();
    assertThat(failover.to()).isEqualTo(1);
    assertThat(failover.contracts()).containsExactly(0, 1);
    assertThat(failover.migrated()).containsExactly(0, 1);
    assertThat(failover.detectionNanos()).isZero();
    assertThat(failover.lost()).isZero();
    assertThat(failover.trigger()).isEqualTo("reset");
    assertThat(failover.steps()).extracting(Failover.Step::what).anyMatch(s -> s.contains("a2"));
    assertThat(all(SourceChanged.class)).isEmpty();
    trade(1, TRADES, ++ids);
    assertThat(published.getLast()).isEqualTo("0 from 1: " + ids);
    pass(10 * MILLI);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.LIVE);
  }

  @Test
  void anotherVenueTakesOverWithItsFirstEventAndThatIsTold() {
    begin(line("a1", 1), venue("b1", 2, Standby.WARM));
    everybodyTrades(5);
    assertThat(wanted.get(1)).as("canaries only").isEqualTo(wantedCanaries());
    down(0, "reset");
    assertThat(wanted.get(1)).containsExactly(0, 1, 2, 3);
    assertThat(engine.control().isMoving(0)).isTrue();
    subscribe(1);
    trade(1, TRADES, 7_000);
    quote(1, TRADES + 1);
    pass(SECOND / 100);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(all(SourceChanged.class).getFirst().from()).isZero();
    pass(2 * SECOND);
    Failover failover = ended().getFirst();
    assertThat(failover.migrated()).containsExactly(0, 1);
    assertThat(failover.waitingFirstTick()).as("has not traded yet").containsExactly(1);
    assertThat(failover.lost()).as("ids of another venue prove nothing").isEqualTo(-1);
    trade(1, OTHER_TRADES, 9_000);
    assertThat(published.getLast()).isEqualTo("2 from 1: 9000");
  }

  @Test
  void aQuietStreamDoesNotHoldUpTheMoveOfOneThatTrades() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(20);
    long died = now;
    down(0, "reset");
    trade(1, TRADES, ++ids);
    trade(1, OTHER_TRADES, ids);
    pass(10 * MILLI);
    Failover failover = ended().getFirst();
    assertThat(failover.migrated()).containsExactly(0, 1);
    assertThat(failover.waitingFirstTick()).isEmpty();
    assertThat(failover.switchNanos()).isLessThan(10 * MILLI);
    assertThat(failover.endedNanos()).isLessThanOrEqualTo(died + 10 * MILLI);
    quote(1, TRADES + 1); // plain: from the backup with its first event
    pass(MILLI);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void aFailoverIsToldWithAllItsContracts() {
    begin(line("a1", 1), venue("b1", 2, Standby.WARM));
    List<Integer> told = new ArrayList<>();
    listener = decision -> {
      if (decision instanceof Began began) {
        told.addAll(began.failover().contracts());
      }
    };
    down(0, "reset");
    assertThat(told).containsExactly(0, 1);
  }

  @Test
  void aBackupThatDoesNotSubscribeIsGivenUpAtTheDeadlineAndTheNextOneIsTried() {
    begin(line("a1", 1), venue("b1", 2, Standby.WARM), venue("b2", 3, Standby.WARM));
    down(0, "reset");
    pass(POLICY.deadlineNanos() + MILLI);
    Failover failed = ended().getFirst();
    assertThat(failed.result()).isEqualTo(Failover.Result.FAILED);
    assertThat(failed.unmigrated().get(0)).contains("not subscribed at b1");
    assertThat(all(Began.class).getLast().failover().to()).isEqualTo(2);
    assertThat(engine.control().active(0)).as("stays where it was").isZero();
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.STALE);
  }

  @Test
  void aBackupThatDiesMeanwhileIsLeftForTheNextOneAtOnce() {
    begin(line("a1", 1), venue("b1", 2, Standby.WARM), venue("b2", 3, Standby.WARM));
    down(0, "reset");
    down(1, "reset too");
    assertThat(ended().getFirst().result()).isEqualTo(Failover.Result.FAILED);
    assertThat(all(Began.class).getLast().failover().to()).isEqualTo(2);
  }

  @Test
  void withNobodyToGoToTheContractStaysAndThatIsToldOnce() {
    begin(line("a1", 1));
    down(0, "reset");
    pass(10 * SECOND);
    assertThat(all(NoBackup.class)).hasSize(1);
    assertThat(all(NoBackup.class).getFirst().contracts()).containsExactly(0, 1);
    assertThat(engine.control().active(0)).isZero();
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.STALE);
    up(0);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.LIVE);
  }

  @Test
  void aContractThatTheBackupDoesNotListStays() {
    begin(line("a1", 1), line("a2", 2));
    engine.on(new ControlInput.Listed(1, new TreeSet<>(List.of(0))), now);
    down(0, "reset");
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(engine.control().active(1)).isZero();
    assertThat(all(NoBackup.class).getFirst().contracts()).containsExactly(1);
  }

  @Test
  void itReturnsToTheBetterGatewayOnceThatWasWellForLongEnough() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(5);
    down(0, "reset");
    pass(10 * SECOND);
    up(0);
    long back = now;
    while (engine.control().active(0) != 0 && now - back < 600 * SECOND) {
      everybodyTrades(1);
      pass(SECOND);
    }
    assertThat(engine.control().active(0)).isZero();
    assertThat(now - back).isGreaterThanOrEqualTo(POLICY.failBackNanos());
    assertThat(ended().getLast().kind()).isEqualTo(Failover.Kind.FAIL_BACK);
  }

  // ---- policies

  @Test
  void underTheDelayedPolicyItMovesWhenItStillAilsAndNotBefore() {
    policy = FailoverPolicy.delayed(5 * SECOND);
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(5);
    down(0, "reset");
    pass(4 * SECOND);
    assertThat(engine.control().active(0)).isZero();
    assertThat(engine.control().open()).hasSize(1);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void underTheDelayedPolicyNothingIsDoneForWhatIsWellAgainInTime() {
    policy = FailoverPolicy.delayed(5 * SECOND);
    begin(line("a1", 1), line("a2", 2));
    down(0, "reset");
    pass(SECOND);
    up(0);
    pass(10 * SECOND);
    assertThat(engine.control().active(0)).isZero();
    assertThat(ended().getFirst().result()).isEqualTo(Failover.Result.CANCELLED);
  }

  @Test
  void underTheManualPolicyAnOperatorMovesItAndItStaysThere() {
    policy = FailoverPolicy.MANUAL;
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(5);
    down(0, "reset");
    pass(60 * SECOND);
    assertThat(engine.control().active(0)).isZero();
    assertThat(engine.control().whyNot(0, 0, now)).contains("there already");
    assertThat(engine.control().whyNot(0, 1, now)).isNull();
    engine.on(new ControlInput.Move(new TreeSet<>(), 0, 1), now);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(ended().getLast().kind()).isEqualTo(Failover.Kind.MANUAL);
    up(0);
    pass(600 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void underTheShadowPolicyItIsOnlyTold() {
    policy = FailoverPolicy.SHADOW;
    begin(line("a1", 1), line("a2", 2));
    down(0, "reset");
    pass(60 * SECOND);
    assertThat(engine.control().active(0)).isZero();
    assertThat(all(Began.class)).hasSize(1);
    assertThat(all(Began.class).getFirst().failover().to()).isEqualTo(1);
    up(0);
    assertThat(ended().getFirst().result()).isEqualTo(Failover.Result.SHADOW);
  }

  @Test
  void aGatewayThatIsSwitchedOffIsLeftAndNotChosen() {
    begin(line("a1", 1), line("a2", 2), line("a3", 3));
    everybodyTrades(5);
    engine.on(new ControlInput.Enable(1, false), now);
    engine.on(new ControlInput.Enable(0, false), now);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(2);
    assertThat(engine.control().state(0)).isEqualTo(GatewayState.DISCONNECTED);
    assertThat(engine.control().isEnabled(0)).isFalse();
    assertThat(wanted.get(0)).isEmpty();
    assertThat(engine.control().whyNot(0, 1, now)).contains("switched off");
  }

  // ---- silence

  @Test
  void aSilentLineIsConvictedByItsPeersLeftConnectedAnewAndOnProbation() {
    begin(line("a1", 1), line("a2", 2), line("a3", 3));
    everybodyTrades(300);
    for (int i = 0; i < 400 && engine.control().active(0) == 0; i++) {
      ids++;
      trade(1, TRADES, ids);
      trade(2, TRADES, ids);
      pass(20 * MILLI);
    }
    assertThat(engine.control().active(0)).isNotZero();
    Failover failover = ended().getFirst();
    assertThat(failover.trigger()).contains("silent");
    assertThat(failover.detectionNanos()).isPositive();
    assertThat(published).as("nothing waited for that").hasSizeGreaterThan(300);
    assertThat(engine.arbiter().missing()).isZero();
    down(0, "connected anew");
    up(0);
    pass(POLICY.reinstateNanos() * 2);
    assertThat(engine.control().state(0)).isIn(GatewayState.UNHEALTHY, GatewayState.HEALTHY);
  }

  @Test
  void ofTwoLinesTheSilentOneIsConvictedWhileTheOtherGoesOn() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(300);
    long last = now;
    for (int i = 0; i < 200 && engine.control().active(0) == 0; i++) {
      trade(1, TRADES, ++ids);
      trade(1, OTHER_TRADES, ids);
      pass(100 * MILLI);
    }
    Failover failover = ended().getFirst();
    assertThat(failover.to()).isEqualTo(1);
    assertThat(failover.trigger()).contains("silent while a2 of the same source goes on");
    assertThat(failover.detectionNanos()).isBetween(500 * MILLI, 10 * SECOND);
    assertThat(now - last).isLessThan(10 * SECOND);
  }

  @Test
  void ofTwoLinesNoneIsConvictedWhenBothAreSilent() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(300);
    pass(600 * SECOND);
    everybodyTrades(100); // after a halt one line is always the first
    assertThat(ended()).isEmpty();
    assertThat(all(Reconnect.class)).isEmpty();
  }

  @Test
  void ofTwoLinesNoneIsConvictedForWhatThisProcessHasNotRead() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(300);
    for (int i = 0; i < 200 && all(Confirm.class).isEmpty(); i++) {
      trade(1, TRADES, ++ids);
      trade(1, OTHER_TRADES, ids);
      pass(20 * MILLI);
    }
    now += 10 * SECOND;
    engine.paused(10 * SECOND, now);
    trade(1, TRADES, ++ids); // read first
    pass(100 * MILLI);
    trade(0, TRADES, ids);
    trade(0, OTHER_TRADES, ids);
    everybodyTrades(20);
    assertThat(ended()).isEmpty();
  }

  @Test
  void aLineThatIsGivenUpWhileItsContractMayNotMoveYetWasSilentBefore() {
    begin(line("a1", 1), line("a2", 2), venue("b1", 3, Standby.HOT));
    everybodyTrades(300);
    down(0, "reset");
    everybodyTrades(10);
    assertThat(engine.control().active(0)).isEqualTo(1);
    long last = now;
    for (int i = 0; i < 400 && all(Confirm.class).isEmpty(); i++) {
      trade(2, TRADES, 50_000 + i);
      pass(20 * MILLI);
    }
    engine.on(new ControlInput.Confirmed(1, ControlInput.WHOLE, "it has newer trades"), now);
    engine.on(new ControlInput.Confirmed(1, TRADES, "it has newer trades"), now);
    down(1, "is connected anew");
    Failover failover = all(Began.class).getLast().failover();
    assertThat(failover.from()).isEqualTo(1);
    assertThat(failover.detectionNanos()).isBetween((now - last) / 2, now - last + SECOND);
  }

  @Test
  void aSuspectIsConfirmedInAnotherWayBeforeItIsLeft() {
    begin(line("a1", 1), venue("b1", 2, Standby.HOT));
    everybodyTrades(300);
    for (int i = 0; i < 400 && all(Confirm.class).isEmpty(); i++) {
      trade(1, TRADES, 50_000 + i);
      pass(20 * MILLI);
    }
    Confirm asked = all(Confirm.class).getFirst();
    assertThat(asked.gateway()).isZero();
    assertThat(engine.control().active(0)).as("it may be a halt").isZero();
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.MAYBE_STALE);
    engine.on(new ControlInput.Confirmed(0, asked.stream(), "it has newer trades"), now);
    trade(1, TRADES, 60_000);
    quote(1, TRADES + 1);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void whatWasConvictedIsNotLiveBecauseItIsConnectedAnew() {
    begin(line("a1", 1));
    everybodyTrades(10);
    pass(70 * SECOND); // nobody else is there: it is suspected, and given up
    engine.on(new ControlInput.Confirmed(0, ControlInput.WHOLE, "it has newer trades"), now);
    engine.on(new ControlInput.Suspected(0, ControlInput.WHOLE, now, 0, 0), now);
    engine.on(new ControlInput.Confirmed(0, ControlInput.WHOLE, "it has newer trades"), now);
    assertThat(engine.control().status(TRADES)).isNotEqualTo(ValueStatus.LIVE);
    down(0, "is connected anew");
    up(0);
    pass(2 * SECOND);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.MAYBE_STALE);
    trade(0, TRADES, ++ids);
    pass(POLICY.reinstateNanos() / 5);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.LIVE);
  }

  @Test
  void aGatewayWhoseCanariesAreSilentIsUnhealthyAndConnectedAnew() {
    canaries.set(TRADES);
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(10);
    for (int i = 0; i < 200 && all(Reconnect.class).isEmpty(); i++) {
      trade(1, TRADES, ++ids);
      pass(SECOND);
    }
    assertThat(all(Reconnect.class).getFirst().gateway()).isZero();
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void afterAHaltTheLineWhoseCanaryComesFirstDoesNotConvictTheOtherByIts() {
    canaries.set(TRADES);
    begin(line("a1", 1), line("a2", 2), venue("b1", 3, Standby.HOT));
    everybodyTrades(100);
    for (int i = 0; i < 100; i++) { // only b goes on
      trade(2, TRADES, ++ids);
      pass(SECOND);
    }
    decided.clear();
    trade(1, TRADES, ++ids);
    pass(200 * MILLI);
    trade(0, TRADES, ids);
    pass(2 * SECOND);
    assertThat(all(Reconnect.class)).isEmpty();
    assertThat(engine.control().state(0)).isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void neitherAHaltOfTheMarketNorAPauseOfOurOwnConvictsAnybody() {
    begin(line("a1", 1), line("a2", 2), line("a3", 3));
    everybodyTrades(300);
    pass(36_000 * SECOND);
    now += 10 * SECOND;
    engine.paused(10 * SECOND, now);
    everybodyTrades(100);
    assertThat(ended()).isEmpty();
    assertThat(all(Became.class)).noneMatch(b -> b.to() == GatewayState.UNHEALTHY);
  }

  @Test
  void aWrongOrLaggingGatewayIsLeft() {
    begin(line("a1", 1), line("a2", 2), line("a3", 3));
    everybodyTrades(10);
    engine.on(new ControlInput.Disagrees(0, 0, "20 % from the others"), now);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(engine.control().active(1)).isZero();
    engine.on(new ControlInput.Disagrees(0, 0, null), now);
    engine.on(new ControlInput.Lags(0, 700 * MILLI), now);
    assertThat(engine.control().state(0)).isEqualTo(GatewayState.UNHEALTHY);
    assertThat(engine.control().reason(0)).contains("700 ms");
    pass(2 * SECOND);
    assertThat(engine.control().active(1)).isEqualTo(1);
    engine.on(new ControlInput.Lags(0, 0), now);
    assertThat(engine.control().state(0)).isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void aContractThatNobodyElseWatchesLeavesAGatewayThatIsConvictedAsAWhole() {
    begin(line("a1", 1), venue("b1", 2, Standby.WARM));
    everybodyTrades(10);
    engine.on(new ControlInput.Suspected(0, ControlInput.WHOLE, now, 0, 0), now);
    engine.on(new ControlInput.Confirmed(0, ControlInput.WHOLE, "it has newer trades"), now);
    assertThat(engine.control().isConvicted(0, 0)).as("nobody else has it").isFalse();
    assertThat(engine.control().target(0)).isEqualTo(1);
    assertThat(wanted.get(1)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void whereTheActiveOneIsDownALateGatewayIsBetterThanNone() {
    begin(line("a1", 1), venue("b1", 2, Standby.HOT));
    everybodyTrades(10);
    engine.on(new ControlInput.Lags(1, 3 * SECOND), now);
    engine.on(new ControlInput.Lags(0, 3 * SECOND), now);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).as("both are late").isZero();
    down(0, "reset");
    trade(1, TRADES, 7_000);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(engine.control().status(TRADES)).isEqualTo(ValueStatus.MAYBE_STALE);
  }

  @Test
  void nobodyIsMovedToAGatewayThatIsLateWhileThereIsOneInTime() {
    begin(line("a1", 1), line("a2", 2), line("a3", 3));
    everybodyTrades(10);
    engine.on(new ControlInput.Lags(1, 3 * SECOND), now);
    down(0, "reset");
    trade(2, TRADES, ++ids);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(2);
  }

  @Test
  void aLagIsOverWithTheConnectionThatHadIt() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(10);
    engine.on(new ControlInput.Lags(0, 700 * MILLI), now);
    down(0, "reset");
    up(0);
    assertThat(engine.control().state(0)).isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void whatIsFoundOutIsNotForgottenWhileNobodyCanWitnessIt() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(10);
    long silent = now;
    engine.on(new ControlInput.Suspected(1, ControlInput.WHOLE, now, 0, 0), now);
    engine.on(new ControlInput.Suspected(0, TRADES, silent, 1, 50), now);
    engine.on(new ControlInput.Convicted(0, TRADES, silent, 1, 50), now);
    assertThat(engine.control().isAccused(0, 0)).isFalse();
    pass(SECOND);
    engine.on(new ControlInput.Resumed(1, ControlInput.WHOLE), now);
    pass(2 * SECOND);
    assertThat(engine.control().isAccused(0, 0))
        .as("it has brought nothing yet")
        .isFalse();
    trade(1, TRADES, ++ids);
    pass(SECOND);
    assertThat(engine.control().isAccused(0, 0)).isTrue();
    assertThat(ended().getFirst().trigger()).contains("1 others had up to 50 events");
  }

  @Test
  void whatIsFoundOutOfOneStreamIsNotForgottenForAnother() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(10);
    engine.on(new ControlInput.Suspected(1, ControlInput.WHOLE, now, 0, 0), now);
    engine.on(new ControlInput.Suspected(0, TRADES + 1, now, 1, 50), now);
    engine.on(new ControlInput.Suspected(0, TRADES, now, 1, 50), now);
    engine.on(new ControlInput.Convicted(0, TRADES, now, 1, 50), now);
    engine.on(new ControlInput.Resumed(0, TRADES + 1), now);
    engine.on(new ControlInput.Resumed(1, ControlInput.WHOLE), now);
    pass(2 * SECOND);
    trade(1, TRADES, ++ids);
    pass(SECOND);
    assertThat(ended().getFirst().trigger()).contains("1 others had up to 50 events");
  }

  @Test
  void whatWasFoundOutIsVoidOnceTheSuspectDelivers() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(10);
    engine.on(new ControlInput.Suspected(1, ControlInput.WHOLE, now, 0, 0), now);
    engine.on(new ControlInput.Suspected(0, TRADES, now, 1, 50), now);
    engine.on(new ControlInput.Convicted(0, TRADES, now, 1, 50), now);
    engine.on(new ControlInput.Resumed(0, TRADES), now);
    engine.on(new ControlInput.Resumed(1, ControlInput.WHOLE), now);
    everybodyTrades(30);
    engine.on(new ControlInput.Suspected(0, TRADES, now, 1, 50), now);
    trade(1, TRADES, ++ids);
    pass(100 * MILLI);
    assertThat(engine.control().isAccused(0, 0)).isFalse();
  }

  @Test
  void whatANewSubscriptionRepeatsInAHaltConvictsNobody() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(300);
    pass(30 * SECOND); // a halt of the market
    engine.on(new ControlInput.Suspected(0, ControlInput.WHOLE, now, 0, 0), now);
    pass(SECOND);
    down(1, "renewed");
    up(1);
    for (int i = 0; i < 5; i++) {
      quote(1, TRADES + 1); // the newest ones are sent again, and look new
    }
    pass(2 * SECOND);
    assertThat(engine.control().isAccused(0, 0)).isFalse();
    for (int i = 0; i < 20; i++) {
      quote(1, TRADES + 1); // the market goes on, for one of them
      pass(100 * MILLI);
    }
    assertThat(engine.control().isAccused(0, 0)).isTrue();
  }

  @Test
  void aGatewayThatWasConvictedIsNotWellAgainBeforeItDelivers() {
    policy = FailoverPolicy.delayed(10 * SECOND);
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(10);
    engine.on(new ControlInput.Suspected(0, ControlInput.WHOLE, now, 0, 0), now);
    engine.on(new ControlInput.Confirmed(0, ControlInput.WHOLE, "it has newer trades"), now);
    down(0, "is connected anew");
    up(0);
    trade(1, TRADES, ++ids);
    pass(10 * SECOND + MILLI);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void aMachineThatStandsStillOftenConvictsASilentLineAllTheSame() {
    begin(line("a1", 1), line("a2", 2));
    everybodyTrades(300);
    for (int i = 0; i < 200 && engine.control().active(0) == 0; i++) {
      trade(1, TRADES, ++ids);
      trade(1, OTHER_TRADES, ids);
      pass(120 * MILLI);
      if (i % 7 == 0) {
        now += 30 * MILLI;
        engine.paused(30 * MILLI, now);
      }
    }
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  // ---- accounts, standbys, refusals

  @Test
  void aStandbyNeverTakesTheConnectionOfTheActiveOneOfItsAccount() {
    begin(account("a1", 1), account("a2", 2));
    assertThat(wanted.get(0)).isNotEmpty();
    assertThat(wanted.getOrDefault(1, new TreeSet<>())).isEmpty();
  }

  @Test
  void aColdGatewayIsConnectedWhenItIsNeeded() {
    begin(line("a1", 1), plan("b1", "b", 2, Standby.COLD, "b1", Integer.MAX_VALUE));
    assertThat(wanted.getOrDefault(1, new TreeSet<>())).isEmpty();
    down(0, "reset");
    assertThat(wanted.get(1)).containsExactly(0, 1, 2, 3);
    up(1);
    trade(1, TRADES, 100);
    quote(1, TRADES + 1);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void aWarmGatewayWithoutAnythingToStandByForIsConnectedWhenItIsNeeded() {
    begin(line("a1", 1), plan("b1", "b", 2, Standby.WARM, "b1", Integer.MAX_VALUE));
    assertThat(wanted.getOrDefault(1, new TreeSet<>())).isEmpty();
    down(0, "reset");
    assertThat(wanted.get(1)).containsExactly(0, 1, 2, 3);
    pass(2 * SECOND); // is on its way
    assertThat(engine.control().isMoving(0)).isTrue();
    up(1);
    trade(1, TRADES, 100);
    quote(1, TRADES + 1);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
  }

  @Test
  void nobodyArrivesAtAColdGatewayThatRefusesEverythingBeforeItIsUp() {
    begin(line("a1", 1), plan("b1", "b", 2, Standby.COLD, "b1", Integer.MAX_VALUE));
    down(0, "reset");
    for (int stream = 0; stream < STREAMS; stream++) {
      engine.on(new ControlInput.Refused(1, stream, "no such symbol"), now);
    }
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isZero();
    assertThat(ended().getFirst().result()).isEqualTo(Failover.Result.FAILED);
    assertThat(all(SourceChanged.class)).isEmpty();
  }

  @Test
  void whatWasSuspectedOfAConnectionThatNeverHadEverythingIsForgottenWithIt() {
    begin(line("a1", 1), line("a2", 2));
    down(1, "reset");
    engine.on(new ControlInput.Linked(1, Link.State.CONNECTING, "connects"), now);
    engine.on(new ControlInput.Subscribed(1, TRADES), now);
    engine.on(new ControlInput.Suspected(1, TRADES, now, 1, 64), now);
    engine.on(new ControlInput.Lags(1, SECOND), now);
    down(1, "no answer");
    up(1);
    assertThat(engine.control().isSuspected(1, TRADES)).isFalse();
    assertThat(engine.control().state(1)).isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void aColdGatewayThatWasConvictedIsTriedAgainAfterAWhile() {
    begin(line("a1", 1), plan("b1", "b", 2, Standby.COLD, "b1", Integer.MAX_VALUE));
    down(0, "reset");
    up(1);
    trade(1, TRADES, 100);
    pass(2 * SECOND);
    engine.on(new ControlInput.Suspected(1, ControlInput.WHOLE, now, 0, 0), now);
    engine.on(new ControlInput.Confirmed(1, ControlInput.WHOLE, "it has newer trades"), now);
    up(0);
    pass(60 * SECOND);
    assertThat(engine.control().active(0)).as("is back").isZero();
    down(1, "nothing is wanted");
    assertThat(wanted.get(1)).isEmpty();
    pass(60 * SECOND);
    down(0, "reset again");
    assertThat(wanted.get(1)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void aStreamThatIsRefusedComesFromElsewhere() {
    begin(line("a1", 1), line("a2", 2));
    engine.on(new ControlInput.Refused(0, TRADES, "not valid"), now);
    engine.on(new ControlInput.Refused(0, TRADES + 1, "not valid"), now);
    pass(2 * SECOND);
    assertThat(engine.control().active(0)).isEqualTo(1);
    assertThat(engine.control().active(1)).isZero();
  }

  @Test
  void holesAreAskedForAndTheAnswersPublishedInTheirPlace() {
    begin(line("a1", 1));
    trade(0, TRADES, 1);
    trade(0, TRADES, 4);
    assertThat(published).containsExactly("0 from 0: 1", "refill 2-3");
    engine.refilled(0, trade(TRADES, 2), now);
    engine.refillEnded(TRADES, 3, now);
    assertThat(published)
        .containsExactly("0 from 0: 1", "refill 2-3", "0 from 0: 2", "gap 3-3", "0 from 0: 4");
    engine.newest(0, TRADES, 9, now);
    engine.newest(0, TRADES, 9, now);
    pass(2 * SECOND);
    assertThat(engine.arbiter().missing()).isEqualTo(6);
  }

  // ---- rig

  private StreamEngine made() {
    Offer offer = new Offer() {
      @Override
      public boolean offers(int gateway, int stream) {
        return true;
      }

      @Override
      public Identity identity(int gateway, int stream) {
        return stream % 2 == 0 ? Identity.DENSE : Identity.NONE;
      }

      @Override
      public boolean refills(int gateway, int stream) {
        return stream % 2 == 0;
      }
    };
    return new StreamEngine(
        new EnginePlan(
            plans,
            List.of(new int[] {0, 1}, new int[] {2, 3}),
            List.of(policy, policy),
            canaries,
            offer),
        ArbiterPolicy.USUAL,
        PeerClockPolicy.USUAL,
        POLICY,
        now,
        new StreamEngine.Output() {
          @Override
          public void publish(
              int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
            if (tick.idNumber() != Tick.NONE) {
              published.add("%d from %d: %d".formatted(tick.stream(), gateway, tick.idNumber()));
            }
          }

          @Override
          public void gap(int gateway, int stream, long firstId, long lastId) {
            published.add("gap %d-%d".formatted(firstId, lastId));
          }

          @Override
          public void refill(int gateway, int stream, long firstId, long lastId) {
            published.add("refill %d-%d".formatted(firstId, lastId));
          }

          @Override
          public void decided(ControlDecision decision) {
            decided.add(decision);
            listener.accept(decision);
            if (decision instanceof Want want) {
              wanted.put(want.gateway(), new TreeSet<>(want.streams()));
            }
          }
        });
  }

  private void begin(GatewayPlan... gateways) {
    plans.addAll(List.of(gateways));
    engine = made();
    engine.on(new ControlInput.TimePassed(), now);
    for (int i = 0; i < gateways.length; i++) {
      if (!wanted.getOrDefault(i, new TreeSet<>()).isEmpty()) {
        up(i);
      }
    }
    decided.removeIf(Became.class::isInstance);
  }

  private TreeSet<Integer> wantedCanaries() {
    TreeSet<Integer> streams = new TreeSet<>();
    canaries.stream().forEach(streams::add);
    return streams;
  }

  private static GatewayPlan line(String id, int priority) {
    return plan(id, "a", priority, Standby.HOT, id, Integer.MAX_VALUE);
  }

  private GatewayPlan venue(String id, int priority, Standby standby) {
    canaries.set(OTHER_TRADES);
    return plan(id, "b", priority, standby, id, Integer.MAX_VALUE);
  }

  private static GatewayPlan account(String id, int priority) {
    return plan(id, "a", priority, Standby.HOT, "one key", 1);
  }

  private static GatewayPlan plan(
      String id, String type, int priority, Standby standby, String account, int accountMax) {
    return new GatewayPlan(
        id, type, priority, true, standby, Integer.MAX_VALUE, account, accountMax);
  }

  private void up(int gateway) {
    engine.on(new ControlInput.Linked(gateway, Link.State.CONNECTING, "connects"), now);
    engine.on(new ControlInput.Linked(gateway, Link.State.HEALTHY, "subscribed"), now);
    subscribe(gateway);
  }

  private void subscribe(int gateway) {
    for (int stream : new TreeSet<>(wanted.getOrDefault(gateway, new TreeSet<>()))) {
      engine.on(new ControlInput.Subscribed(gateway, stream), now);
    }
  }

  private void down(int gateway, String why) {
    engine.on(new ControlInput.Linked(gateway, Link.State.DISCONNECTED, why), now);
  }

  /// Each line the same trades of each contract, ten a second.
  private void everybodyTrades(int times) {
    for (int i = 0; i < times; i++) {
      ids++;
      for (int gateway = 0; gateway < plans.size(); gateway++) {
        for (int stream = 0; stream < STREAMS; stream += 2) {
          if (wanted.getOrDefault(gateway, new TreeSet<>()).contains(stream)) {
            trade(gateway, stream, ids);
            quote(gateway, stream + 1);
          }
        }
      }
      pass(100 * MILLI);
    }
  }

  private void trade(int gateway, int stream, long id) {
    engine.on(gateway, trade(stream, id), now);
  }

  private static Tick trade(int stream, long id) {
    byte[] text = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
    Tick tick = new Tick();
    tick.begin(stream);
    tick.setId(text, 0, text.length);
    return tick;
  }

  private void quote(int gateway, int stream) {
    Tick tick = new Tick();
    tick.begin(stream);
    tick.setNumber(Tick.BID, ids * 1_000 + published.size() + now, 2);
    engine.on(gateway, tick, now);
  }

  private void pass(long nanos) {
    long end = now + nanos;
    while (engine.nextDeadlineNanos() <= end) {
      now = Math.max(now, engine.nextDeadlineNanos());
      engine.timePassed(now);
    }
    now = end;
    engine.timePassed(now);
  }

  private List<Failover> ended() {
    return all(Ended.class).stream().map(Ended::failover).toList();
  }

  private <T extends ControlDecision> List<T> all(Class<T> type) {
    return decided.stream().filter(type::isInstance).map(type::cast).toList();
  }
}

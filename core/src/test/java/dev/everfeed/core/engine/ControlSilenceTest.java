package dev.everfeed.core.engine;

import static dev.everfeed.core.engine.ControlBench.MILLI;
import static dev.everfeed.core.engine.ControlBench.POLICY;
import static dev.everfeed.core.engine.ControlBench.SECOND;
import static dev.everfeed.core.engine.ControlBench.allUp;
import static dev.everfeed.core.engine.ControlBench.line;
import static dev.everfeed.core.engine.ControlBench.of;
import static dev.everfeed.core.engine.ControlBench.venue;
import static dev.everfeed.core.engine.ControlInput.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.ControlDecision.Became;
import dev.everfeed.core.engine.ControlDecision.Confirm;
import dev.everfeed.core.engine.ControlDecision.PriceJudged;
import dev.everfeed.core.engine.ControlDecision.PriceVerdict;
import dev.everfeed.core.engine.ControlDecision.Reconnect;
import dev.everfeed.core.engine.ControlDecision.Route;
import dev.everfeed.core.engine.ControlDecision.Status;
import dev.everfeed.core.engine.GatewayPlan.Standby;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.ValueStatus;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Who is suspected, convicted and believed again, what is asked about it, and how far values
/// can be trusted meanwhile: to the nanosecond.
class ControlSilenceTest {

  // ---- suspicion

  @Test
  void aSuspectIsAskedAboutAtOnceAndEveryTenSecondsUntilItResumes() {
    ControlBench bench = allUp(line("a1", 1), venue("b1", 2, Standby.HOT));
    long since = bench.now;
    bench.pass(SECOND).suspected(0, WHOLE).suspected(0, 2);
    Confirm whole = new Confirm(0, WHOLE, since);
    Confirm stream = new Confirm(0, 2, since);
    assertThat(bench.all(Confirm.class)).containsExactly(whole, stream);
    assertThat(bench.control.isSuspected(0, WHOLE)).isTrue();
    assertThat(bench.control.isSuspected(0, 2)).isTrue();
    assertThat(bench.control.isSuspected(0, 1)).isFalse();
    for (int i = 0; i < 3; i++) {
      bench.decided.clear();
      bench.pass(10 * SECOND - 1);
      assertThat(bench.all(Confirm.class)).isEmpty();
      assertThat(bench.control.nextDeadlineNanos()).isEqualTo(bench.now + 1);
      bench.pass(1);
      assertThat(bench.all(Confirm.class)).containsExactly(whole, stream);
    }
    bench.on(new ControlInput.Resumed(0, WHOLE)).on(new ControlInput.Resumed(0, 2));
    bench.decided.clear();
    bench.pass(10 * SECOND).pass(10 * SECOND);
    assertThat(bench.all(Confirm.class)).isEmpty();
    assertThat(bench.control.isSuspected(0, WHOLE)).isFalse();
    assertThat(bench.control.isSuspected(0, 2)).isFalse();
  }

  @Test
  void onlyASuspectIsConvictedByWhatWasAskedAboutIt() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2));
    bench.on(new ControlInput.Confirmed(0, WHOLE, "it has newer trades"));
    bench.on(new ControlInput.Confirmed(0, 2, "it has newer trades"));
    assertThat(bench.control.isAccused(0, 1)).isFalse();
    bench.suspected(0, 2).on(new ControlInput.Confirmed(0, 2, "it has newer trades"));
    assertThat(bench.control.isConvicted(0, 1)).isTrue();
    assertThat(bench.control.isAccused(0, 0)).as("the other contract").isFalse();
    assertThat(bench.began().trigger()).isEqualTo("silent: it has newer trades");
    assertThat(bench.began().detectionNanos()).isEqualTo(SECOND);
  }

  /// It brings the very events that the suspect lacks.
  @Test
  void aSuspectIsConvictedWhenALineOfItsContentGoesOnForAQuarterOfASecond() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2)).pass(SECOND).suspected(0, WHOLE);
    bench.pass(100 * MILLI).event(1, 2).begin();
    bench.pass(250 * MILLI - 1);
    assertThat(bench.control.isAccused(0, 1)).isFalse();
    bench.pass(1);
    assertThat(bench.control.isAccused(0, 0)).as("all of it").isTrue();
    assertThat(bench.began().trigger()).isEqualTo("silent while a2 of the same source goes on");
  }

  /// Nothing calls for the events of a line, so it is looked for every quarter of a second.
  @Test
  void aStreamIsConvictedWhenALineIsSeenToGoOnWithItForAQuarterOfASecond() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2)).pass(SECOND).suspected(0, 2);
    bench.pass(100 * MILLI).event(1, 2).pass(150 * MILLI);
    bench.pass(250 * MILLI - 1);
    assertThat(bench.control.isAccused(0, 1)).isFalse();
    bench.pass(1);
    assertThat(bench.control.isAccused(0, 1)).isTrue();
    assertThat(bench.control.isAccused(0, 0)).as("the other contract").isFalse();
    assertThat(bench.began().trigger()).isEqualTo("silent while a2 of the same source goes on");
  }

  @Test
  void aSuspectThatBringsSomethingIsNotConvictedByItsLine() {
    for (int stream : new int[] {WHOLE, 2}) {
      ControlBench bench = allUp(line("a1", 1), line("a2", 2)).pass(SECOND).suspected(0, stream);
      bench.pass(100 * MILLI).event(1, 2).begin();
      bench.pass(100 * MILLI).event(0, 2).pass(SECOND).pass(SECOND);
      assertThat(bench.control.isAccused(0, 1)).isFalse();
    }
  }

  @Test
  void aLineThatIsSuspectItselfConvictsNobody() {
    for (int stream : new int[] {WHOLE, 2}) {
      ControlBench bench = allUp(line("a1", 1), line("a2", 2)).pass(SECOND);
      bench.suspected(0, stream).suspected(1, stream);
      bench.pass(100 * MILLI).event(1, 2).pass(SECOND).pass(SECOND);
      assertThat(bench.control.isAccused(0, 1)).isFalse();
    }
  }

  /// What the suspect has brought meanwhile may not be read yet.
  @Test
  void afterAPauseOfThisProcessNobodyIsConvictedForAsLongOnceMore() {
    for (int stream : new int[] {WHOLE, 2}) {
      ControlBench bench = allUp(line("a1", 1), line("a2", 2)).pass(SECOND).suspected(0, stream);
      bench.pass(100 * MILLI).event(1, 2).begin();
      bench.now += SECOND;
      bench.control.paused(SECOND, bench.now);
      bench.begin().pass(SECOND - 1);
      assertThat(bench.control.isAccused(0, 1)).isFalse();
      bench.pass(1).pass(250 * MILLI);
      assertThat(bench.control.isAccused(0, 1)).isTrue();
    }
  }

  @Test
  void whoResumedASecondAgoIsAWitnessAgain() {
    for (long ago : new long[] {SECOND - 1, SECOND}) {
      ControlBench bench = allUp(line("a1", 1), line("a2", 2));
      bench.suspected(1, WHOLE).on(new ControlInput.Resumed(1, WHOLE)).pass(ago);
      bench.convicted(0, WHOLE);
      assertThat(bench.control.isAccused(0, 0)).isEqualTo(ago == SECOND);
    }
  }

  /// Lines of one venue are one voice; what is busy there need not be busy here.
  @Test
  void ofOtherContentItTakesTwoVenuesToConvictAndNoneWhereTheSourceCanBeAsked() {
    GatewayPlan other = ControlBench.plan("c1", "c", 4, Standby.HOT, 100);
    ControlBench one =
        allUp(line("a1", 1), venue("b1", 2, Standby.HOT), venue("b2", 3, Standby.HOT));
    assertThat(one.convicted(0, WHOLE).control.isAccused(0, 0)).isFalse();
    ControlBench two = allUp(line("a1", 1), venue("b1", 2, Standby.HOT), other);
    assertThat(two.convicted(0, WHOLE).control.isAccused(0, 0)).isTrue();
    ControlBench asked = allUp(line("a1", 1), venue("b1", 2, Standby.HOT), other);
    asked.refills = true;
    assertThat(asked.convicted(0, WHOLE).control.isAccused(0, 0)).isFalse();
  }

  // ---- conviction

  @Test
  void halfOfTheGatewaysAtMostAreConvictedTheFirstAccusedFirst() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3), line("a4", 4));
    bench.convicted(2, WHOLE).pass(1).convicted(1, WHOLE).pass(1).convicted(0, WHOLE);
    assertThat(IntStream.range(0, 4).filter(gateway -> bench.control.isConvicted(gateway, 0)))
        .containsExactly(1, 2);
    assertThat(bench.control.state(0)).isEqualTo(GatewayState.HEALTHY);
    assertThat(bench.control.reason(0))
        .isEqualTo("kept, since there is nobody better: silent while 2 others had up to 99 events");
    assertThat(bench.control.reason(1)).isEqualTo("silent while 2 others had up to 99 events");
  }

  @Test
  void ofThoseThatAreAccusedTogetherTheFirstOfTheListAreConvicted() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3));
    bench.convicted(1, 0).convicted(0, 0);
    assertThat(bench.control.isConvicted(0, 0)).isTrue();
    assertThat(bench.control.isConvicted(1, 0)).isFalse();
    ControlBench whole = allUp(line("a1", 1), line("a2", 2), line("a3", 3));
    whole.convicted(1, WHOLE).convicted(0, WHOLE);
    assertThat(whole.control.state(0)).isEqualTo(GatewayState.UNHEALTHY);
    assertThat(whole.control.state(1)).isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void aConvictIsConnectedAnewAtOnceThenAfterTwentySecondsThenForty() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3)).convicted(0, WHOLE);
    Reconnect again = new Reconnect(0, "silent while 2 others had up to 99 events");
    assertThat(bench.all(Reconnect.class)).containsExactly(again);
    for (int seconds : new int[] {20, 40, 80, 160, 160}) {
      bench.decided.clear();
      bench.pass(seconds * SECOND - 1);
      assertThat(bench.all(Reconnect.class)).isEmpty();
      assertThat(bench.control.nextDeadlineNanos()).isEqualTo(bench.now + 1);
      bench.pass(1);
      assertThat(bench.all(Reconnect.class)).containsExactly(again);
    }
  }

  @Test
  void aConvictThatDeliversAgainIsOnProbationForFiveSeconds() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2), line("a3", 3)).convicted(1, WHOLE);
    bench.pass(SECOND).on(new ControlInput.Resumed(1, WHOLE));
    assertThat(bench.control.reason(1))
        .isEqualTo("on probation: it was convicted, and has not delivered since");
    bench.pass(SECOND).events(1).begin();
    assertThat(bench.control.reason(1))
        .isEqualTo("on probation: it was convicted, and delivers again");
    assertThat(bench.control.nextDeadlineNanos()).isEqualTo(bench.now + 5 * SECOND);
    bench.pass(5 * SECOND - 1);
    assertThat(bench.control.state(1)).isEqualTo(GatewayState.UNHEALTHY);
    bench.pass(1);
    assertThat(bench.control.state(1)).isEqualTo(GatewayState.HEALTHY);
    assertThat(bench.control.sinceNanos(1)).isEqualTo(bench.now);
    assertThat(bench.all(Became.class).getLast())
        .isEqualTo(
            new Became(1, GatewayState.UNHEALTHY, GatewayState.HEALTHY, bench.control.reason(1)));
  }

  // ---- canaries

  private static ControlBench withCanary(GatewayPlan... gateways) {
    ControlBench bench = new ControlBench(FailoverPolicy.IMMEDIATE, gateways);
    bench.canaries.set(0);
    bench.begin();
    for (int gateway = 0; gateway < gateways.length; gateway++) {
      bench.up(gateway).events(gateway);
      bench.canaryNanos[gateway] = bench.now;
    }
    bench.decided.clear();
    return bench.begin();
  }

  @Test
  void aGatewayWhoseCanariesAreSilentWhileItsLinesAreNotIsConvictedTwoSecondsLater() {
    ControlBench bench = withCanary(line("a1", 1), line("a2", 2));
    bench.pass(60 * SECOND - 1);
    bench.canaryNanos[1] = bench.now;
    bench.pass(1); // doubted from now on
    bench.pass(2 * SECOND - 1);
    assertThat(bench.control.isAccused(0, 0)).isFalse();
    bench.pass(1);
    assertThat(bench.control.state(0)).isEqualTo(GatewayState.UNHEALTHY);
    assertThat(bench.control.reason(0))
        .isEqualTo("its canaries were silent for 62,000 ms, those of others were not");
  }

  @Test
  void aGatewayWhoseCanariesAreSilentWhileAnotherVenuesAreNotIsOnlySuspected() {
    ControlBench bench = withCanary(line("a1", 1), venue("b1", 2, Standby.HOT));
    bench.pass(60 * SECOND);
    bench.canaryNanos[1] = bench.now;
    bench.begin().pass(2 * SECOND);
    assertThat(bench.control.isSuspected(0, WHOLE)).isTrue();
    assertThat(bench.control.isAccused(0, 0)).isFalse();
    bench.canaryNanos[0] = bench.now;
    bench.pass(SECOND);
    assertThat(bench.control.isSuspected(0, WHOLE)).isFalse();
  }

  @Test
  void whenAllCanariesAreSilentNobodyIsSuspected() {
    ControlBench bench = withCanary(line("a1", 1), line("a2", 2));
    bench.pass(60 * SECOND).pass(10 * SECOND).pass(10 * SECOND);
    assertThat(bench.control.isSuspected(0, WHOLE)).isFalse();
    assertThat(bench.control.isAccused(0, 0)).isFalse();
    assertThat(bench.control.state(1)).isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void aGatewayThatIsAloneIsSuspectedAfterAMinuteOfSilentCanaries() {
    ControlBench bench = withCanary(line("a1", 1)).pass(60 * SECOND - 1);
    assertThat(bench.control.isSuspected(0, WHOLE)).isFalse();
    assertThat(bench.control.nextDeadlineNanos()).isEqualTo(bench.now + 1);
    bench.pass(1);
    assertThat(bench.control.isSuspected(0, WHOLE)).isTrue();
    assertThat(bench.all(Confirm.class)).hasSize(1);
    assertThat(bench.control.state(0))
        .as("nothing may be traded now")
        .isEqualTo(GatewayState.HEALTHY);
  }

  @Test
  void aGatewayThatIsAloneAndHasBroughtNothingSinceItWasConnectedIsConnectedAnew() {
    ControlBench bench = withCanary(line("a1", 1)).down(0).pass(SECOND).up(0);
    bench.pass(60 * SECOND);
    assertThat(bench.control.reason(0))
        .isEqualTo("kept, since there is nobody better: its canaries were silent for 60,000 ms,"
            + " and there is no other to compare it with");
    bench.pass(POLICY.reconnectNanos() - 1);
    assertThat(bench.all(Reconnect.class)).isEmpty();
    bench.pass(1);
    assertThat(bench.all(Reconnect.class)).hasSize(1);
  }

  // ---- what is refused

  @Test
  void whatWasRefusedIsAskedForAgainAfterAMinuteThenTwoUpToSixtyFour() {
    ControlBench bench = allUp(line("a1", 1));
    for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 64, 64}) {
      bench.on(new ControlInput.Refused(0, 2, "too many requests"));
      assertThat(bench.control.wants(0, 2)).isFalse();
      assertThat(bench.control.wants(0, 1)).isTrue();
      bench.pass(minutes * 60 * SECOND - 1);
      assertThat(bench.control.wants(0, 2)).isFalse();
      bench.pass(1);
      assertThat(bench.control.wants(0, 2)).isTrue();
    }
  }

  @Test
  void whatWasRefusedStaysWhereItIsGivenUntilTheOtherOneAcknowledgesIt() {
    ControlBench bench = allUp(line("a1", 1), venue("b1", 2, Standby.HOT));
    bench.on(new ControlInput.Refused(0, 0, "too many requests"));
    assertThat(bench.all(Route.class)).contains(new Route(0, 1, 0b10, true));
    bench.decided.clear();
    bench.pass(60 * SECOND).pass(SECOND);
    assertThat(bench.control.wants(0, 0)).as("it is asked for again").isTrue();
    assertThat(bench.all(Route.class)).as("and may be refused again").isEmpty();
    bench.on(new ControlInput.Refused(0, 0, "too many requests"));
    assertThat(bench.all(Route.class)).isEmpty();
    bench.pass(120 * SECOND).on(new ControlInput.Subscribed(0, 0));
    assertThat(bench.all(Route.class)).containsExactly(new Route(0, 0, 0b01, true));
  }

  @Test
  void severalRefusalsAtATimeCountOnce() {
    ControlBench bench = allUp(line("a1", 1));
    bench.on(new ControlInput.Refused(0, 0, "no")).pass(SECOND);
    bench.on(new ControlInput.Refused(0, 1, "no")).pass(59 * SECOND);
    assertThat(bench.control.wanted(0)).containsExactly(0, 1, 2);
  }

  // ---- prices

  @Test
  void aWrongPriceQuarantinesWhereOthersAreThereAndIsUndecidedElsewhere() {
    ControlBench three = allUp(line("a1", 1), line("a2", 2), line("a3", 3));
    three.on(new ControlInput.Disagrees(1, 0, "far off"));
    three.on(new ControlInput.Disagrees(1, 0, "still far off"));
    three.on(new ControlInput.Disagrees(1, 0, null)).on(new ControlInput.Disagrees(1, 0, null));
    assertThat(three.all(PriceJudged.class))
        .containsExactly(
            new PriceJudged(0, 1, PriceVerdict.QUARANTINED, "far off"),
            new PriceJudged(0, 1, PriceVerdict.AGREES, "it agrees with the others again"));

    ControlBench alone = allUp(line("a1", 1)).on(new ControlInput.Disagrees(0, 0, "far off"));
    assertThat(alone.all(PriceJudged.class))
        .containsExactly(new PriceJudged(0, 0, PriceVerdict.UNDECIDED, "far off"));
    assertThat(alone.control.status(0)).isEqualTo(ValueStatus.MAYBE_STALE);
  }

  @Test
  void pricesThatDifferAreToldOnceAndMakeEveryValueDoubtful() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2));
    bench.on(new ControlInput.Differ(0, "10 and 11")).on(new ControlInput.Differ(0, "10 and 12"));
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.MAYBE_STALE);
    assertThat(bench.control.status(2)).isEqualTo(ValueStatus.LIVE);
    bench.on(new ControlInput.Differ(0, null)).on(new ControlInput.Differ(0, null));
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.LIVE);
    assertThat(bench.all(PriceJudged.class))
        .containsExactly(
            new PriceJudged(0, Control.NOBODY, PriceVerdict.UNDECIDED, "10 and 11"),
            new PriceJudged(
                0,
                Control.NOBODY,
                PriceVerdict.AGREES,
                "they do not differ any more, or it is known who is wrong"));
  }

  // ---- how far values can be trusted

  @Test
  void aValueIsLiveWhileOneOfItsLinesIsBeyondDoubt() {
    ControlBench bench = allUp(line("a1", 1), line("a2", 2));
    bench.suspected(0, WHOLE);
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.LIVE);
    bench.suspected(1, 0);
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.MAYBE_STALE);
    assertThat(bench.control.status(1)).isEqualTo(ValueStatus.LIVE);
    assertThat(bench.all(Status.class)).containsExactly(new Status(0, ValueStatus.MAYBE_STALE));
    bench.on(new ControlInput.Resumed(1, 0));
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.LIVE);
  }

  @Test
  void aValueOfALateGatewayIsDoubtfulAndOfOneThatIsGoneStale() {
    ControlBench bench = allUp(line("a1", 1)).on(new ControlInput.Lags(0, 700 * MILLI));
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.MAYBE_STALE);
    assertThat(bench.control.reason(0)).isEqualTo("lags by 700 ms");
    bench.on(new ControlInput.Lags(0, 0));
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.LIVE);
    bench.down(0);
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.STALE);
    bench.connected(0);
    assertThat(bench.control.status(0)).as("not acknowledged yet").isEqualTo(ValueStatus.STALE);
    bench.subscribed(0);
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.LIVE);
    bench.on(new ControlInput.Enable(0, false));
    assertThat(bench.control.reason(0)).isEqualTo("switched off");
    assertThat(bench.control.isEnabled(0)).isFalse();
  }

  /// A gateway that was accused and nothing but a new connection speaks for.
  @Test
  void afterAConvictionAValueIsLiveWithItsFirstEvent() {
    ControlBench bench = of(line("a1", 1)).everybodyUp(1);
    bench.suspected(0, WHOLE).on(new ControlInput.Confirmed(0, WHOLE, "newer trades"));
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.MAYBE_STALE);
    bench.pass(SECOND).down(0).pass(SECOND).up(0);
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.MAYBE_STALE);
    bench.pass(SECOND).event(0, 0).begin();
    assertThat(bench.control.status(0)).isEqualTo(ValueStatus.LIVE);
    assertThat(bench.control.status(1)).isEqualTo(ValueStatus.MAYBE_STALE);
  }
}

package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.Repetitions;
import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.SourceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One source's guard: what each outcome does, and that nothing is taken, counted or freed
/// twice.
class SourceGuardTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final long MINUTE = 60 * SECOND;

  private final SourceGuard guard =
      new SourceGuard(new SourceId("binance"), GuardPolicy.defaults(), new SplittableRandom(1), 0);

  @Test
  void anAdmittedCallTakesItsWeight() {
    Admission admission = guard.admit(25, Priority.USER, 0);
    assertThat(admission.admitted()).isTrue();
    assertThat(guard.snapshot(0).budgetUsed()).isEqualTo(25);
    guard.succeeded(admission.permit(), 20 * MILLI, 20 * MILLI);
    assertThat(guard.snapshot(SECOND).successCount()).isEqualTo(1);
    assertThat(guard.snapshot(SECOND).latencyP95Nanos()).isEqualTo(20 * MILLI);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void onlyTheKindsThatCountOpenTheCircuit(Kind kind) {
    List<Long> permits = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      permits.add(fresh(0));
    }
    for (long permit : permits) {
      guard.failed(permit, Failure.of(kind, "seen"), 1);
    }
    assertThat(guard.breaker().state() == State.OPEN).isEqualTo(kind.countsAgainstBreaker());
    assertThat(guard.snapshot(10).failureCount()).isEqualTo(kind.countsAgainstBreaker() ? 5 : 0);
  }

  /// An unknown symbol is not the source's failure and must not stand where its failures are
  /// shown.
  @Test
  void theCallersOwnMistakeIsNotTheSourcesLastFailure() {
    guard.failed(fresh(0), Failure.of(Kind.CALLER, "binance: -1121 Invalid symbol"), 1);
    assertThat(guard.snapshot(2).lastFailure()).isNull();
    guard.failed(fresh(0), Failure.of(Kind.TIMEOUT, "no answer for 3,000 ms"), 2);
    assertThat(guard.snapshot(2).lastFailure()).isEqualTo("no answer for 3,000 ms");
    assertThat(guard.snapshot(2).lastFailureAtNanos()).isEqualTo(2);
  }

  @Test
  void anOpenCircuitRefusesAndTakesNothingFromTheBudget() {
    open(0);
    int used = guard.snapshot(SECOND).budgetUsed();
    Failure refused = refusal(guard.admit(1, Priority.USER, SECOND));
    assertThat(refused.kind()).isEqualTo(Kind.CIRCUIT_OPEN);
    assertThat(refused.message())
        .matches("circuit open for 1\\.0 s, probe in [0-9]+\\.[0-9] s; not called;"
            + " last failure: connection refused");
    assertThat(guard.snapshot(SECOND).budgetUsed()).isEqualTo(used);
  }

  /// Otherwise three refused trial calls would lock a half-open circuit for ever.
  @Test
  void aCallRefusedByTheBudgetTakesNoHalfOpenSlot() {
    long now = halfOpen();
    guard.weightUsed(1_200, now);
    for (int i = 0; i < 5; i++) {
      assertThat(refusal(guard.admit(1, Priority.USER, now)).kind()).isEqualTo(Kind.OVER_BUDGET);
    }
    now += 62 * SECOND;
    for (int i = 0; i < 3; i++) {
      assertThat(guard.admit(1, Priority.USER, now).admitted()).isTrue();
    }
    Failure full = refusal(guard.admit(1, Priority.USER, now));
    assertThat(full.kind()).isEqualTo(Kind.CIRCUIT_OPEN);
    assertThat(full.message()).contains("circuit half open, 3 of 3 trial calls are out");
  }

  @Test
  void aSpentBudgetSaysWhenThereIsRoom() {
    guard.admit(600, Priority.BACKFILL, 0);
    Failure refused = refusal(guard.admit(2, Priority.BACKFILL, 30 * SECOND));
    assertThat(refused.kind()).isEqualTo(Kind.OVER_BUDGET);
    assertThat(refused.message())
        .isEqualTo("weight 600 of 1200 used in 60.0 s, BACKFILL may use 600, this call weighs 2:"
            + " room in 31.0 s; not called");
    assertThat(refused.retryAfterNanos()).isEqualTo(31 * SECOND);
    Failure never = refusal(guard.admit(601, Priority.BACKFILL, 0));
    assertThat(never.message()).contains("more than it may ever use");
    assertThat(never.retryAfterNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(guard.admit(2, Priority.USER, 30 * SECOND).admitted()).isTrue();
  }

  @Test
  void retryAfterPausesTheSourceForExactlyAsLongAsItAsked() {
    guard.failed(fresh(0), new Failure(Kind.RATE_LIMITED, "429", 7 * SECOND), SECOND);
    Failure refused = refusal(guard.admit(1, Priority.FAILOVER_REFILL, 2 * SECOND));
    assertThat(refused.kind()).isEqualTo(Kind.PAUSED);
    assertThat(refused.message()).isEqualTo("asked to be left alone, 6.0 s to go; not called");
    assertThat(refused.retryAfterNanos()).isEqualTo(6 * SECOND);
    assertThat(guard.snapshot(2 * SECOND).pausedUntilNanos()).isEqualTo(8 * SECOND);
    assertThat(guard.snapshot(2 * SECOND).state()).isEqualTo(State.CLOSED);
    assertThat(guard.admit(1, Priority.USER, 8 * SECOND).admitted()).isTrue();
    assertThat(guard.snapshot(8 * SECOND).pausedUntilNanos()).isEqualTo(-1);
  }

  @Test
  void pausesWithoutRetryAfterDoubleUpToTheirCapAndStartAgainAfterASuccess() {
    assertThat(pausesOf(Kind.RATE_LIMITED, 9))
        .containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
    assertThat(pausesOf(Kind.BANNED, 7))
        .containsExactly(120L, 240L, 480L, 960L, 1920L, 3600L, 3600L);
  }

  private List<Long> pausesOf(Kind kind, int times) {
    long now = Math.max(0, guard.snapshot(0).pausedUntilNanos());
    guard.succeeded(fresh(now), MILLI, now);
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      guard.failed(fresh(now), Failure.of(kind, "429"), now);
      long until = guard.snapshot(now).pausedUntilNanos();
      pauses.add((until - now) / SECOND);
      now = until;
    }
    guard.succeeded(fresh(now), MILLI, now);
    guard.failed(fresh(now), Failure.of(kind, "429"), now);
    assertThat((guard.snapshot(now).pausedUntilNanos() - now) / SECOND)
        .isEqualTo(pauses.getFirst());
    return pauses;
  }

  /// Twenty calls were out when the venue had enough; that is one refusal, not twenty.
  @Test
  void callsRefusedTogetherDoNotDoubleThePause() {
    List<Long> permits = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      permits.add(fresh(0));
    }
    for (long permit : permits) {
      guard.failed(permit, Failure.of(Kind.RATE_LIMITED, "429"), SECOND);
    }
    assertThat(guard.snapshot(SECOND).pausedUntilNanos()).isEqualTo(6 * SECOND);
  }

  @Test
  void aSourceThatAsksForAYearIsAskedAgainAfterThreeDays() {
    guard.failed(fresh(0), new Failure(Kind.BANNED, "418", Long.MAX_VALUE), 0);
    assertThat(guard.snapshot(0).pausedUntilNanos()).isEqualTo(3 * 24 * 60 * MINUTE);
  }

  @Test
  void anOutcomeThatComesTwiceCountsOnce() {
    long permit = fresh(0);
    guard.failed(permit, refused(), 1);
    guard.failed(permit, refused(), 2);
    guard.succeeded(permit, MILLI, 3);
    guard.abandoned(permit, 4);
    guard.slow(permit, 5);
    GuardSnapshot snapshot = guard.snapshot(6);
    assertThat(snapshot.failureCount()).isEqualTo(1);
    assertThat(snapshot.windowFailures()).isEqualTo(1);
    assertThat(snapshot.successCount()).isZero();
    assertThat(snapshot.lastFailureAtNanos()).isEqualTo(1);
  }

  @Test
  void aSlowCallCountsAsOneFailureWhateverBecomesOfIt() {
    long answered = fresh(0);
    long failed = fresh(0);
    long dropped = fresh(0);
    for (long permit : new long[] {answered, failed, dropped, answered}) {
      guard.slow(permit, 2_001 * MILLI);
    }
    guard.succeeded(answered, 2_500 * MILLI, 2_500 * MILLI);
    guard.failed(failed, refused(), 2_500 * MILLI);
    guard.abandoned(dropped, 2_500 * MILLI);
    GuardSnapshot snapshot = guard.snapshot(3 * SECOND);
    assertThat(snapshot.failureCount()).isEqualTo(3);
    assertThat(snapshot.windowFailures()).isEqualTo(3);
    assertThat(snapshot.successCount()).isZero();
    // It was answered, and how late is what the next hedge should know.
    assertThat(snapshot.latencyP95Nanos()).isEqualTo(2_500 * MILLI);
  }

  @Test
  void anAnswerThatTookTooLongIsAFailureEvenIfNobodySaidSlow() {
    guard.succeeded(fresh(0), 2 * SECOND, 2 * SECOND);
    assertThat(guard.snapshot(2 * SECOND).failureCount()).isZero();
    guard.succeeded(fresh(0), 2 * SECOND + 1, 2 * SECOND + 1);
    GuardSnapshot snapshot = guard.snapshot(3 * SECOND);
    assertThat(snapshot.failureCount()).isEqualTo(1);
    assertThat(snapshot.successCount()).isEqualTo(1);
    assertThat(snapshot.lastFailure())
        .isEqualTo("answered after 2000 ms (slow from 2000 ms on), counted as a failure");
  }

  @Test
  void aSlowCallThatIsRateLimitedInTheEndStillPausesTheSource() {
    long permit = fresh(0);
    guard.slow(permit, 2_100 * MILLI);
    guard.failed(permit, new Failure(Kind.RATE_LIMITED, "429", SECOND), 3 * SECOND);
    assertThat(guard.snapshot(3 * SECOND).pausedUntilNanos()).isEqualTo(4 * SECOND);
  }

  @Test
  void aSlowTrialCallOpensTheCircuitAgain() {
    long now = halfOpen();
    guard.slow(fresh(now), now + 2_001 * MILLI);
    assertThat(guard.breaker().state()).isEqualTo(State.OPEN);
  }

  /// Outage and recovery as the operator sees them.
  @Test
  void aProbeAndThreeCallsBringTheSourceBack() {
    open(0);
    assertThat(guard.snapshot(SECOND).state()).isEqualTo(State.OPEN);
    assertThat(guard.snapshot(SECOND).closedAtNanos()).isZero();
    assertThat(refusal(guard.admitProbe(1, SECOND)).message()).contains("no probe is due");
    long now = guard.nextProbeAtNanos();
    Admission probe = guard.admitProbe(1, now);
    assertThat(probe.admitted()).isTrue();
    assertThat(guard.nextProbeAtNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(refusal(guard.admit(1, Priority.USER, now)).message()).contains("a probe is out");
    guard.succeeded(probe.permit(), 5 * MILLI, now);
    for (int i = 0; i < 3; i++) {
      guard.succeeded(fresh(now), 5 * MILLI, now);
    }
    GuardSnapshot back = guard.snapshot(now + 1);
    assertThat(back.state()).isEqualTo(State.CLOSED);
    assertThat(back.windowFailures()).isZero();
    assertThat(back.closedAtNanos()).isEqualTo(now + 1);
    // Three calls; the probe is none.
    assertThat(back.successCount()).isEqualTo(3);
  }

  @Test
  void aProbeThatWasGivenUpIsDueAgainInASecond() {
    open(0);
    long now = guard.nextProbeAtNanos();
    guard.abandoned(guard.admitProbe(1, now).permit(), now);
    assertThat(guard.nextProbeAtNanos()).isEqualTo(now + SECOND);
  }

  @Test
  void aProbeWaitsForThePauseThatTheLastOneBrought() {
    open(0);
    long now = guard.nextProbeAtNanos();
    guard.failed(
        guard.admitProbe(1, now).permit(), new Failure(Kind.RATE_LIMITED, "429", MINUTE), now);
    assertThat(guard.nextProbeAtNanos()).isEqualTo(now + MINUTE);
    assertThat(guard.admitProbe(1, now + MINUTE).admitted()).isTrue();
  }

  /// Else a timer at the probe's moment would fire without end.
  @Test
  void aProbeThatTheBudgetRefusesIsNotDueBeforeThereIsRoom() {
    open(0);
    long now = guard.nextProbeAtNanos();
    guard.weightUsed(1_200, now);
    assertThat(refusal(guard.admitProbe(1, now)).kind()).isEqualTo(Kind.OVER_BUDGET);
    long next = guard.nextProbeAtNanos();
    assertThat(next).isBetween(now + MINUTE, now + 62 * SECOND);
    assertThat(guard.admitProbe(1, next).admitted()).isTrue();
  }

  @Test
  void aProbeThatIsRefusedForAPauseIsNotDueBeforeItIsOver() {
    open(0);
    long now = guard.nextProbeAtNanos();
    guard.failed(guard.admitProbe(1, now).permit(), new Failure(Kind.RATE_LIMITED, "429", 0), now);
    long until = guard.snapshot(now).pausedUntilNanos();
    Admission early = guard.admitProbe(1, until - 1);
    assertThat(refusal(early).kind()).isEqualTo(Kind.PAUSED);
    assertThat(guard.nextProbeAtNanos()).isEqualTo(until);
  }

  @Test
  void aProbeTooHeavyForItsShareIsDueAgainWithANewLimit() {
    open(0);
    long now = guard.nextProbeAtNanos();
    assertThat(refusal(guard.admitProbe(1_141, now)).retryAfterNanos()).isEqualTo(Long.MAX_VALUE);
    guard.weightLimit(6_000);
    assertThat(guard.nextProbeAtNanos()).isEqualTo(now);
    assertThat(guard.admitProbe(1_141, now).admitted()).isTrue();
  }

  @Test
  void whatIsRefusedSaysWhatTheCircuitDoes() {
    assertThat(refusal(guard.admitProbe(1, 0)).message())
        .isEqualTo("no probe is due: circuit closed");
    open(0);
    long now = guard.nextProbeAtNanos();
    assertThat(refusal(guard.admit(1, Priority.USER, now)).message())
        .endsWith("s, probe due; not called; last failure: connection refused");
    assertThat(guard.admitProbe(1, now).admitted()).isTrue();
    assertThat(refusal(guard.admit(1, Priority.USER, now)).message())
        .isEqualTo("circuit open, a probe is out; not called; last failure: connection refused");
  }

  @Test
  void aSnapshotTellsWhetherCallsGoThrough() {
    assertThat(guard.snapshot(0).circuitOpen()).isFalse();
    open(0);
    assertThat(guard.snapshot(0).circuitOpen()).isTrue();
    assertThat(guard.snapshot(0).probeAtNanos()).isEqualTo(guard.nextProbeAtNanos());
    assertThat(guard.snapshot(0).cooldownNanos()).isEqualTo(guard.nextProbeAtNanos());
    assertThat(guard.snapshot(0).openedAtNanos()).isZero();
    assertThat(guard.source()).isEqualTo(new SourceId("binance"));
    assertThat(guard.policy()).isEqualTo(GuardPolicy.defaults());
  }

  @Test
  void aSlowCallIsRememberedWithItsTimeAndTheLimit() {
    long permit = fresh(SECOND);
    guard.slow(permit, 3_500 * MILLI);
    assertThat(guard.snapshot(4 * SECOND).lastFailure())
        .isEqualTo("no answer for 2500 ms (slow from 2000 ms on), counted as a failure");
    assertThat(guard.snapshot(4 * SECOND).lastFailureAtNanos()).isEqualTo(3_500 * MILLI);
  }

  @Test
  void aProbeThatIsSlowIsNoFailureInTheCounters() {
    open(0);
    long now = guard.nextProbeAtNanos();
    long probe = guard.admitProbe(1, now).permit();
    guard.slow(probe, now + 2_001 * MILLI);
    guard.failed(probe, refused(), now + 2_100 * MILLI);
    assertThat(guard.snapshot(now).failureCount()).isEqualTo(5);
    assertThat(guard.breaker().state()).isEqualTo(State.OPEN);
  }

  @Test
  void aClosedCircuitNeedsNoProbe() {
    assertThat(guard.nextProbeAtNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(guard.admitProbe(1, MINUTE).admitted()).isFalse();
  }

  @Test
  void theFirstSkipOfEachOpeningIsWorthALine() {
    open(0);
    assertThat(guard.noteSkip()).isTrue();
    assertThat(guard.noteSkip()).isFalse();
    long now = guard.nextProbeAtNanos();
    guard.failed(guard.admitProbe(1, now).permit(), refused(), now);
    assertThat(guard.noteSkip()).isTrue();
    assertThat(guard.noteSkip()).isFalse();
    assertThat(guard.snapshot(now).skippedCount()).isEqualTo(4);
  }

  @Test
  void aHedgeWaitsForTheSlowestUsualAnswerButNotLessThanTheFloor() {
    assertThat(guard.hedgeAfterNanos()).isEqualTo(50 * MILLI);
    guard.succeeded(fresh(0), 80 * MILLI, 1);
    assertThat(guard.hedgeAfterNanos()).isEqualTo(80 * MILLI);
  }

  @Test
  void theVenuesNewLimitHoldsAtOnce() {
    guard.weightLimit(10);
    assertThat(guard.snapshot(0).budgetLimit()).isEqualTo(10);
    assertThat(guard.admit(11, Priority.FAILOVER_REFILL, 0).admitted()).isFalse();
  }

  /// A caller that forgets to end its calls is told, before its table of calls takes the memory.
  @Test
  void callsThatNeverEndAreRefusedAtTheBound() {
    guard.weightLimit(WeightBudget.MAX_LIMIT);
    for (int i = 0; i < SourceGuard.MAX_OUT; i++) {
      assertThat(guard.admit(1, Priority.USER, 0).admitted()).isTrue();
    }
    Failure refused = refusal(guard.admit(1, Priority.USER, 0));
    assertThat(refused.kind()).isEqualTo(Kind.OVER_BUDGET);
    assertThat(refused.message()).contains("10000 of 10000 calls are out");
  }

  @Test
  void anAdmissionIsEitherAPermitOrARefusal() {
    assertThatThrownBy(() -> new Admission(-1, null)).hasMessageContaining("had permit -1");
    assertThatThrownBy(() -> new Admission(1, refused())).hasMessageContaining("had permit 1");
  }

  /// A random walk with the identities after each step: every call that was admitted is out, or
  /// was counted once; a half-open circuit has three calls out at most.
  @Test
  void everyCallIsCountedOnceOnARandomWalk() {
    for (long seed = 1; seed <= Repetitions.of(20); seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      SourceGuard each =
          new SourceGuard(new SourceId("x"), GuardPolicy.defaults(), new SplittableRandom(seed), 0);
      List<Long> ever = new ArrayList<>();
      long admitted = 0;
      long now = 0;
      for (int i = 0; i < 5_000; i++) {
        now += random.nextLong(SECOND);
        if (random.nextInt(3) == 0) {
          Admission admission = each.admit(1, Priority.USER, now);
          if (admission.admitted()) {
            admitted++;
            ever.add(admission.permit());
          }
        }
        Admission probe = each.admitProbe(1, now);
        if (probe.admitted()) {
          assertThat(now).isGreaterThanOrEqualTo(each.snapshot(now).openedAtNanos());
          each.succeeded(probe.permit(), 1, now);
        }
        if (!ever.isEmpty()) {
          long permit = ever.get(Math.max(0, ever.size() - 1 - random.nextInt(6)));
          switch (random.nextInt(20)) {
            case 0 -> each.failed(permit, refused(), now);
            case 1 -> each.slow(permit, now);
            default -> each.succeeded(permit, 1, now);
          }
        }
        GuardSnapshot snapshot = each.snapshot(now);
        assertThat(snapshot.successCount() + snapshot.failureCount()).isLessThanOrEqualTo(admitted);
      }
      for (long permit : ever) {
        each.succeeded(permit, 1, now);
      }
      GuardSnapshot end = each.snapshot(now);
      assertThat(end.successCount() + end.failureCount()).isEqualTo(admitted);
      assertThat(admitted).isGreaterThan(100);
    }
  }

  private long fresh(long now) {
    Admission admission = guard.admit(1, Priority.USER, now);
    assertThat(admission.refused()).isNull();
    return admission.permit();
  }

  private void open(long now) {
    for (int i = 0; i < 5; i++) {
      guard.failed(fresh(now), refused(), now);
    }
  }

  private long halfOpen() {
    open(0);
    long now = guard.nextProbeAtNanos();
    guard.succeeded(guard.admitProbe(1, now).permit(), MILLI, now);
    assertThat(guard.breaker().state()).isEqualTo(State.HALF_OPEN);
    return now;
  }

  private static Failure refused() {
    return Failure.of(Kind.CONNECTION, "connection refused");
  }

  private static Failure refusal(Admission admission) {
    return Objects.requireNonNull(admission.refused(), "admitted");
  }
}

package dev.everfeed.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.guard.GuardPolicy;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.guard.WeightBudget;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CircuitsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final SourceId KRAKEN = new SourceId("kraken");

  private static final Catalogue CATALOGUE = new Catalogue() {
    @Override
    public int weight(SourceId source, Query query) {
      return 1;
    }

    @Override
    public @Nullable String exchangeOf(SourceId source) {
      return source.name();
    }

    @Override
    public int probeWeight(SourceId source) {
      return 3;
    }

    @Override
    public long usualIntervalNanos(SourceId source) {
      return SECOND;
    }
  };

  private final SourceGuard guard =
      new SourceGuard(KRAKEN, GuardPolicy.defaults(), new SplittableRandom(1), 0);
  private final Timers<Alarm> timers = new Timers<>();
  private final Circuits circuits = new Circuits(List.of(guard), CATALOGUE, timers);
  private final List<Decision> decided = new ArrayList<>();

  private boolean note(long nowNanos) {
    return circuits.note(KRAKEN, "why", nowNanos, decided::add);
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      long permit = guard.admit(1, Priority.USER, 0).permit();
      guard.failed(permit, Failure.of(Failure.Kind.TIMEOUT, "late"), 0);
    }
  }

  /// Opens the circuit; when its probe is due.
  private long open() {
    fail(5);
    note(0);
    return guard.nextProbeAtNanos();
  }

  @Test
  void aSourceWithoutAGuardIsRefusedWithThoseThatHaveOne() {
    assertThat(circuits.guard(KRAKEN)).isSameAs(guard);
    assertThatThrownBy(() -> circuits.guard(new SourceId("okx")))
        .hasMessage("no guard for okx, known are [kraken]");
  }

  @Test
  void aChangeIsToldOnceAndThatTheCircuitHasOpened() {
    fail(4);
    assertThat(note(0)).isFalse();
    assertThat(decided).isEmpty();
    assertThat(timers.size()).isZero();
    fail(1);
    assertThat(note(0)).isTrue();
    assertThat(note(0)).isFalse();
    long cooldown = guard.breaker().cooldownNanos();
    assertThat(decided)
        .containsExactly(
            new Decision.CircuitChanged(KRAKEN, State.CLOSED, State.OPEN, cooldown, "why"));
    assertThat(timers.size()).as("one timer for the probe").isEqualTo(1);
    assertThat(timers.take()).isEqualTo(new Timers.Timer<>(cooldown, 0, new Alarm.Probe(KRAKEN)));
  }

  @Test
  void aProbeIsPermittedWhenItIsDueAndLookedForAgainWhenItIsNot() {
    long due = open();
    timers.take();
    assertThat(circuits.permitForProbe(KRAKEN, due - 1)).isEqualTo(CircuitBreaker.REJECTED);
    assertThat(timers.take().atNanos()).isEqualTo(due);
    assertThat(circuits.permitForProbe(KRAKEN, due)).isNotEqualTo(CircuitBreaker.REJECTED);
    assertThat(guard.snapshot(due).budgetUsed()).as("it weighs what it weighs").isGreaterThan(2);
    assertThat(timers.size()).isZero();
    assertThat(note(due)).as("a probe is out: it has not opened").isFalse();
    assertThat(decided).hasSize(2);
  }

  @Test
  void aProbeThatTheBudgetRefusesIsTriedAgainInASecond() {
    long due = open();
    timers.take();
    guard.weightUsed(1_200, due);
    assertThat(circuits.permitForProbe(KRAKEN, due)).isEqualTo(CircuitBreaker.REJECTED);
    assertThat(timers.take().atNanos()).isEqualTo(due + SECOND);
  }

  @Test
  void aHalfOpenCircuitIsLookedAtAgainInASecond() {
    assertThat(circuits.setTrialAlarm(KRAKEN, 0)).isFalse();
    long due = open();
    timers.take();
    guard.succeeded(guard.admitProbe(1, due).permit(), 1, due);
    assertThat(note(due)).isFalse();
    assertThat(timers.take())
        .isEqualTo(new Timers.Timer<>(due + SECOND, 1, new Alarm.Trial(KRAKEN)));
    assertThat(circuits.setTrialAlarm(KRAKEN, due)).isTrue();
  }

  @Test
  void aLimitThatCannotBeIsNotTakenOverAndWhatWasNotToldChangesNothing() {
    circuits.weightReported(new Input.WeightReported(KRAKEN, 40, 500), 0);
    for (int limit : new int[] {0, -1, WeightBudget.MAX_LIMIT + 1}) {
      circuits.weightReported(new Input.WeightReported(KRAKEN, -1, limit), 0);
    }
    assertThat(guard.snapshot(0).budgetLimit()).isEqualTo(500);
    assertThat(guard.snapshot(0).budgetUsed()).isEqualTo(40);
    circuits.weightReported(new Input.WeightReported(KRAKEN, 0, 1), 0);
    assertThat(guard.snapshot(0).budgetLimit()).isEqualTo(1);
    circuits.weightReported(new Input.WeightReported(KRAKEN, -1, WeightBudget.MAX_LIMIT), 0);
    assertThat(guard.snapshot(0).budgetLimit()).isEqualTo(WeightBudget.MAX_LIMIT);
  }
}

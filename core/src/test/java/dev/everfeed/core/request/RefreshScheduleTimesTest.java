package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.ETH;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.RefreshSchedule.Question;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.core.time.NextRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The schedule by itself, to the nanosecond: a run every ten seconds.
class RefreshScheduleTimesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Query PRICE = Query.Prices.of(BTC);
  private static final Query MOOD = new Query.Sentiments(null);

  private static RefreshSchedule schedule(Planned... plan) {
    return schedule(NextRun.every(Duration.ofSeconds(10)), plan);
  }

  private static RefreshSchedule schedule(NextRun nextRun, Planned... plan) {
    return new RefreshSchedule(List.of(plan), nextRun, new AnchoredClock(START, 0), 0);
  }

  private static Reply answered(Query query) {
    Served served = new Served(query, EXCHANGE, List.of(), 0, false);
    return new Reply.Value(query, served, ValueStatus.LIVE, 0, List.of());
  }

  private static Reply failed(Query query) {
    return new Reply.Unavailable(
        query, List.of(new Tried(EXCHANGE, Failure.of(Failure.Kind.TIMEOUT, "late"))));
  }

  private static List<Query> queries(List<Question> questions) {
    return questions.stream().map(Question::query).toList();
  }

  private static RunReport lastRun(RefreshSchedule schedule) {
    return Objects.requireNonNull(schedule.lastRun(), "no run has ended");
  }

  @Test
  void aRunIsDueAtOnceAndThenEveryTenSecondsAndOneThatIsNotOverIsWaitedFor() {
    RefreshSchedule schedule = schedule(Planned.everyRun(PRICE));
    assertThat(schedule.nextDeadlineNanos()).isZero();
    Question first = schedule.timePassed(0).getFirst();
    assertThat(schedule.nextRunNanos()).isEqualTo(10 * SECOND);
    assertThat(Objects.requireNonNull(schedule.currentRun(), "none runs").endedAtNanos())
        .isEqualTo(-1);
    assertThat(schedule.timePassed(10 * SECOND - 1)).isEmpty();
    assertThat(schedule.missedRuns()).isZero();
    assertThat(schedule.timePassed(10 * SECOND)).isEmpty();
    assertThat(schedule.missedRuns()).isEqualTo(1);
    assertThat(schedule.replied(first.requestId(), answered(PRICE), 11 * SECOND))
        .isEmpty();
    assertThat(schedule.currentRun()).isNull();
    assertThat(lastRun(schedule).number()).isEqualTo(1);
    assertThat(lastRun(schedule).startedAtNanos()).isZero();
    assertThat(lastRun(schedule).endedAtNanos()).isEqualTo(11 * SECOND);
    Question second = schedule.timePassed(20 * SECOND).getFirst();
    assertThat(second.requestId()).as("never used twice").isNotEqualTo(first.requestId());
    schedule.replied(second.requestId(), answered(PRICE), 20 * SECOND);
    assertThat(lastRun(schedule).number()).isEqualTo(2);
  }

  @Test
  void withNothingPlannedNothingIsDue() {
    RefreshSchedule schedule = schedule();
    assertThat(schedule.nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(schedule.timePassed(SECOND)).isEmpty();
    schedule.duty(false, SECOND);
    schedule.duty(true, SECOND);
    assertThat(schedule.nextRunNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whatHasAPeriodOfItsOwnWaitsForFiveSecondsAtTheStart() {
    RefreshSchedule schedule = schedule(Planned.everyRun(PRICE), new Planned(MOOD, 60 * SECOND));
    assertThat(queries(schedule.timePassed(0))).containsExactly(PRICE);
    assertThat(schedule.nextDeadlineNanos()).isEqualTo(5 * SECOND);
    assertThat(schedule.timePassed(5 * SECOND - 1)).isEmpty();
    assertThat(queries(schedule.timePassed(5 * SECOND))).containsExactly(MOOD);
    assertThat(schedule.nextDeadlineNanos()).isEqualTo(10 * SECOND);
  }

  /// Timers do not fire to the nanosecond, and the next run may be far.
  @Test
  void aRunThatBeginsUpToASecondTooEarlyStillAsksWhatIsDue() {
    for (long early : new long[] {SECOND, SECOND + 1}) {
      RefreshSchedule schedule = schedule(new Planned(MOOD, 60 * SECOND));
      schedule.askedBefore(
          new TreeMap<>(Map.of("market", START.minusSeconds(60).plusNanos(early))), 0);
      assertThat(schedule.timePassed(0)).hasSize(early == SECOND ? 1 : 0);
    }
  }

  @Test
  void aTimeInTheFutureIsNotBelievedAndOfTwoTheLaterCounts() {
    RefreshSchedule schedule = schedule(new Planned(MOOD, 60 * SECOND));
    schedule.askedBefore(new TreeMap<>(Map.of("market", START.plusNanos(1))), 0);
    assertThat(schedule.timePassed(0)).hasSize(1);

    RefreshSchedule another = schedule(new Planned(MOOD, 60 * SECOND));
    another.askedBefore(new TreeMap<>(Map.of("market", START)), 0);
    another.askedBefore(new TreeMap<>(Map.of("market", START.minusSeconds(99))), 0);
    assertThat(another.timePassed(0)).isEmpty();
  }

  @Test
  void whatNobodyAsksAnyMoreIsCountedAsPassedOnAndMadeUpForOnce() {
    RefreshSchedule schedule = schedule(Planned.everyRun(PRICE));
    schedule.duty(false, 0);
    assertThat(schedule.timePassed(0)).isEmpty();
    assertThat(schedule.timePassed(5 * SECOND)).isEmpty();
    assertThat(schedule.timePassed(10 * SECOND)).isEmpty();
    assertThat(schedule.passedOnRuns()).isEqualTo(2);
    schedule.duty(true, 12 * SECOND);
    assertThat(schedule.nextRunNanos()).isEqualTo(12 * SECOND);
    Question made = schedule.timePassed(12 * SECOND).getFirst();
    schedule.replied(made.requestId(), answered(PRICE), 12 * SECOND);
    schedule.duty(false, 13 * SECOND);
    schedule.duty(true, 13 * SECOND);
    assertThat(schedule.nextRunNanos()).as("nothing passed on since").isEqualTo(22 * SECOND);
  }

  @Test
  void aScheduleThatEndsHasNoNextRunAndOneThatStandsStillGoesOn() {
    RefreshSchedule once = schedule(_ -> Instant.MAX, Planned.everyRun(PRICE));
    once.timePassed(0);
    assertThat(once.nextRunNanos()).isEqualTo(Long.MAX_VALUE);
    RefreshSchedule stuck = schedule(time -> time, Planned.everyRun(PRICE));
    stuck.timePassed(7);
    assertThat(stuck.nextRunNanos()).isEqualTo(8);
  }

  @Test
  void anAnswerThatNobodyAskedForIsAMistakeOfOurs() {
    RefreshSchedule schedule = schedule(Planned.everyRun(PRICE));
    assertThatThrownBy(() -> schedule.replied(-9, answered(PRICE), 0))
        .hasMessage("schedule: nobody asked -9");
    schedule.timePassed(0);
    assertThatThrownBy(() -> schedule.replied(-9, answered(PRICE), 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aReportKeepsAThousandErrorsAndCountsTheRest() {
    List<Planned> plan = new ArrayList<>();
    for (int i = 0; i < 1_003; i++) {
      plan.add(Planned.everyRun(new Query.Trades(BTC, "" + i, 1)));
    }
    RefreshSchedule schedule = schedule(plan.toArray(new Planned[0]));
    List<Question> open = new ArrayList<>(schedule.timePassed(0));
    while (!open.isEmpty()) {
      assertThat(open).hasSizeLessThanOrEqualTo(RefreshSchedule.OUTSTANDING);
      Question one = open.removeFirst();
      open.addAll(schedule.replied(one.requestId(), failed(one.query()), 1));
    }
    assertThat(lastRun(schedule).errors()).hasSize(1_000);
    assertThat(lastRun(schedule).errorsDropped()).isEqualTo(3);
    assertThat(lastRun(schedule).asked()).isEqualTo(1_003);
    assertThat(lastRun(schedule).refreshed()).isZero();
  }

  /// These words are kept over a restart.
  @Test
  void questionsAreCalledByWhatTheyAreAbout() {
    List<Query> queries = List.of(
        Query.Prices.of(List.of(BTC, ETH)),
        new Query.Bars(BTC, Interval.M1, null, null, 1),
        new Query.Trades(BTC, null, 1),
        MOOD,
        new Query.Sentiments(BTC),
        new Query.Listings(EXCHANGE));
    assertThat(queries.stream().map(RefreshSchedule::nameOf))
        .containsExactly(
            "BTC/USDT ETH/USDT",
            "BTC/USDT 1m",
            "trades of BTC/USDT",
            "market",
            "sentiment of BTC/USDT",
            "listings of binance");
  }
}

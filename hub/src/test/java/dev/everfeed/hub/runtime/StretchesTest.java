package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.request.Tried;
import dev.everfeed.hub.runtime.Stretches.Missing;
import dev.everfeed.hub.runtime.Stretches.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is asked next, in minutes since 2024, and what becomes of it when nobody answers.
class StretchesTest {
  private static final Instant T0 = Instant.parse("2024-01-01T00:00:00Z");
  private static final Reason GONE = new Reason(true, "knows only its newest 720 1m bars");
  private static final Reason BROKEN = new Reason(false, "no whole answer within 3,000 ms");

  private static Span minutes(long from, long to) {
    return new Span(T0.plusSeconds(60 * from), T0.plusSeconds(60 * to));
  }

  private static Stretches of(long to, Span... covered) {
    return new Stretches(Interval.M1, minutes(0, to), List.of(covered), 100);
  }

  private static List<Span> all(Stretches stretches) {
    List<Span> questions = new ArrayList<>();
    for (Span next = stretches.take(); next != null; next = stretches.take()) {
      questions.add(next);
    }
    return questions;
  }

  @Test
  void questionsAreTheNewestFirstAndEndAtMultiplesOfTheirSize() {
    // 2024 began 28,401,120 minutes after 1970
    assertThat(all(of(250))).containsExactly(minutes(180, 250), minutes(80, 180), minutes(0, 80));
    assertThat(all(of(250, minutes(-50, 60), minutes(100, 190), minutes(240, 300))))
        .containsExactly(minutes(190, 240), minutes(80, 100), minutes(60, 80));
    assertThat(all(of(250, minutes(0, 250)))).isEmpty();
  }

  @Test
  void anAnswerThatCoversLessLeavesTheRest() {
    Stretches stretches = of(100);
    Span question = Objects.requireNonNull(stretches.take()); // 80 to 100
    assertThat(stretches.answered(question, minutes(85, 95))).isEqualTo(10);
    assertThat(all(stretches)).containsExactly(minutes(95, 100), minutes(80, 85), minutes(0, 80));
  }

  /// Else a clever answer of nothing would be asked for again and again.
  @Test
  void anAnswerThatCoversNoWholeIntervalIsNoProgress() {
    Stretches stretches = of(100);
    Span question = Objects.requireNonNull(stretches.take());
    assertThat(stretches.answered(question, null)).isZero();
    assertThat(stretches.answered(question, minutes(0, 50))).isZero();
    Span half = new Span(question.from().plusSeconds(1), question.from().plusSeconds(119));
    assertThat(stretches.answered(question, half)).isZero();
    assertThat(stretches.openCount()).isEqualTo(80);
  }

  @Test
  void beyondTheReachOfAnExchangeNothingOlderIsAsked() {
    Stretches stretches = of(300, minutes(50, 100));
    Span newest = Objects.requireNonNull(stretches.take()); // 280 to 300
    stretches.answered(newest, newest);
    Span beyond = Objects.requireNonNull(stretches.take()); // 180 to 280
    stretches.giveUpBefore(beyond, true, GONE);

    assertThat(stretches.take()).isNull();
    assertThat(stretches.explained(minutes(100, 280)))
        .containsExactly(new Missing(minutes(100, 280), GONE));
    assertThat(stretches.explained(minutes(0, 50)))
        .containsExactly(new Missing(minutes(0, 50), GONE));
  }

  @Test
  void aRefusalEndsItsStretchAndTheNextOneIsAsked() {
    Stretches stretches = of(300, minutes(50, 100));
    Span refused = Objects.requireNonNull(stretches.take());
    stretches.giveUpBefore(refused, false, BROKEN);

    assertThat(all(stretches)).containsExactly(minutes(0, 50));
    assertThat(stretches.explained(minutes(100, 300)))
        .containsExactly(new Missing(minutes(100, 300), BROKEN));
  }

  @Test
  void whatWasGivenUpIsToldWithTheReasonAndTheRestWasNotAsked() {
    Stretches stretches = of(100);
    Span newest = Objects.requireNonNull(stretches.take());
    stretches.giveUp(newest, BROKEN);
    assertThat(stretches.explained(minutes(70, 90)))
        .containsExactly(new Missing(minutes(70, 80), null), new Missing(minutes(80, 90), BROKEN));
  }

  @Test
  void aQuestionThatWeighsTooMuchIsHalvedUntilItIsNotWorthIt() {
    Stretches stretches = of(100);
    Span question = Objects.requireNonNull(stretches.take());
    stretches.giveBack(question);
    assertThat(stretches.halve()).isTrue();
    assertThat(stretches.halve()).isTrue();
    assertThat(all(stretches))
        .hasSize(5)
        .allSatisfy(each -> assertThat(Intervals.count(Interval.M1, each)).isLessThanOrEqualTo(25));
    assertThat(stretches.halve()).isFalse();
  }

  /// However little each answer covers, every interval is covered or explained in the end.
  @Test
  void nothingIsForgottenAndNothingIsAskedForEver() {
    Random random = new Random(4);
    for (int round = 0; round < 200; round++) {
      Stretches stretches = of(1_000, minutes(random.nextInt(500), 500 + random.nextInt(500)));
      long open = stretches.openCount();
      long covered = 0;
      Spans done = new Spans();
      int questions = 0;
      for (Span next = stretches.take(); next != null; next = stretches.take()) {
        assertThat(++questions).isLessThan(3_000);
        int length = (int) Intervals.count(Interval.M1, next);
        Instant from = next.from().plusSeconds(60L * random.nextInt(length));
        Span told = new Span(from, from.plusSeconds(30 + 60L * random.nextInt(50)));
        long more = stretches.answered(next, told);
        covered += more;
        if (more == 0) {
          stretches.giveUp(next, BROKEN);
          covered += length;
          assertThat(done.within(next)).isEmpty();
          done.add(next);
        }
      }
      assertThat(covered).isEqualTo(open);
    }
  }

  @Test
  void intervalsOfEveryLengthAreCounted() {
    Instant begin = Instant.parse("2023-12-30T22:33:44Z");
    for (Interval interval : Interval.values()) {
      if (interval.duration().toSeconds() < 900) {
        continue;
      }
      Instant open = Intervals.firstOpen(interval, begin);
      assertThat(interval.openOf(open)).isEqualTo(open);
      long number = Intervals.number(interval, open);
      for (int i = 0; i < 50; i++) {
        assertThat(Intervals.open(interval, number + i)).as("%s", interval).isEqualTo(open);
        assertThat(Intervals.number(interval, open.plusSeconds(899))).isEqualTo(number + i);
        open = interval.next(open);
      }
      assertThat(Intervals.count(interval, new Span(begin, open))).isEqualTo(50);
    }
    assertThat(Intervals.outwards(Interval.D1, new Span(begin, begin.plusSeconds(86_400))))
        .isEqualTo(
            new Span(Instant.parse("2023-12-30T00:00:00Z"), Instant.parse("2024-01-01T00:00:00Z")));
  }

  private static Tried tried(Failure.Kind kind, long afterNanos) {
    return new Tried(new SourceId("kraken"), new Failure(kind, kind.text(), afterNanos));
  }

  @Test
  void everyFailureHasItsConsequence() {
    for (Failure.Kind kind : Failure.Kind.values()) {
      NextStep step = NextStep.of(List.of(tried(kind, 7)));
      assertThat(step.kind())
          .as("%s", kind)
          .isEqualTo(
              switch (kind) {
                case TIMEOUT,
                    CONNECTION,
                    SERVER_ERROR,
                    UNDECODABLE,
                    WRONG_DATA,
                    FROZEN,
                    DISAGREES,
                    NO_ANSWER_YET -> NextStep.Kind.AGAIN;
                case RATE_LIMITED, BANNED, CIRCUIT_OPEN, PAUSED, OVER_BUDGET -> NextStep.Kind.WAIT;
                case CALLER -> NextStep.Kind.REFUSED;
                case NOT_OFFERED -> NextStep.Kind.NOT_THERE;
              });
      assertThat(step.pauseNanos()).isEqualTo(step.kind() == NextStep.Kind.WAIT ? 7 : 0);
      assertThat(step.reason()).isEqualTo("kraken: " + kind.text());
    }
    assertThat(NextStep.of(List.of(tried(Failure.Kind.OVER_BUDGET, Long.MAX_VALUE)))
            .kind())
        .isEqualTo(NextStep.Kind.LESS);
    assertThat(NextStep.of(
            List.of(tried(Failure.Kind.NOT_OFFERED, 0), tried(Failure.Kind.OVER_BUDGET, 9))))
        .isEqualTo(new NextStep(NextStep.Kind.WAIT, 9, "kraken: not_offered; kraken: over_budget"));
    assertThat(NextStep.of(List.of()).kind()).isEqualTo(NextStep.Kind.NOT_THERE);
  }

  @Test
  void pausesGrowUpToTheirBound() {
    Pace pace = Pace.usual();
    assertThat(pace.pause(0)).hasSeconds(2);
    assertThat(pace.pause(2)).hasSeconds(8);
    assertThat(pace.pause(1_000)).hasSeconds(20);
  }
}

package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarTurnsTest {
  private static final Answer DONE = Answer.json("{}");

  private long now;
  private final BarTurns turns = new BarTurns(() -> now);
  private final List<Promise<Answer>> begun = new ArrayList<>();

  @Test
  void asManyAsFitBeginAtOnceAndTheOthersInTheirOrder() {
    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      answers.add(take(5_000));
    }
    answers.add(take(1)); // a small one does not pass those before it
    assertThat(begun).hasSize(4);
    assertThat(turns.underWay()).isEqualTo(BarTurns.AT_ONCE);
    begun.get(3).complete(DONE);
    assertThat(answers.get(3).result()).isSameAs(DONE);
    assertThat(begun).hasSize(5);
    begun.get(0).fail("broken");
    begun.get(1).complete(DONE);
    assertThat(begun).hasSize(7);
    assertThat(answers.get(0).failed()).isTrue();
    for (int i = 2; i < begun.size(); i++) {
      begun.get(i).tryComplete(DONE);
    }
    assertThat(turns.underWay()).isZero();
    assertThat(answers).allMatch(Future::isComplete);
  }

  @Test
  void whatIsLargerThanAllTogetherHasItsTurnAlone() {
    take(5_000);
    take(2 * BarTurns.AT_ONCE);
    take(1);
    assertThat(begun).hasSize(1);
    begun.get(0).complete(DONE);
    assertThat(begun).hasSize(2);
    begun.get(1).complete(DONE);
    assertThat(begun).hasSize(3);
  }

  @Test
  void workThatThrowsFreesItsTurn() {
    Future<Answer> answer = turns.take(5_000, () -> {
      throw Problem.badParameter("no");
    });
    assertThat(answer.cause()).isInstanceOf(Problem.class);
    assertThat(turns.underWay()).isZero();
  }

  @Test
  void whenTooManyWaitFurtherOnesAreRefusedWithAReason() {
    take(BarTurns.AT_ONCE);
    for (int i = 0; i < BarTurns.WAITING_MAX; i++) {
      assertThat(take(1).isComplete()).isFalse();
    }
    assertThat(take(1).cause())
        .hasMessage("500 readers wait for their turn already, with 20,000 bars on their way; ask"
            + " again in a second, or for fewer bars");
    begun.get(0).complete(DONE);
    assertThat(begun).hasSize(1 + BarTurns.WAITING_MAX);
  }

  @Test
  void whoHasWaitedTooLongIsToldSoAndNoWorkIsDoneForIt() {
    take(BarTurns.AT_ONCE);
    Future<Answer> late = take(5_000);
    now += BarTurns.WAIT_MAX.toNanos();
    Future<Answer> inTime = take(5_000);
    now += 1;
    begun.get(0).complete(DONE);
    assertThat(late.cause())
        .hasMessage("no turn within 5,000 ms, with 0 bars on their way; ask again in a second, or"
            + " for fewer bars");
    assertThat(begun).hasSize(2);
    begun.get(1).complete(DONE);
    assertThat(inTime.result()).isSameAs(DONE);
    assertThat(turns.underWay()).isZero();
  }

  private Future<Answer> take(int bars) {
    return turns.take(bars, () -> {
      Promise<Answer> answer = Promise.promise();
      begun.add(answer);
      return answer.future();
    });
  }
}

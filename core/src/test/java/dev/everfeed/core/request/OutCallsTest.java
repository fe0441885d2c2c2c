package dev.everfeed.core.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutCallsTest {
  private static final long MILLI = 1_000_000;
  private static final SourceId KRAKEN = new SourceId("kraken");

  private final OutCalls calls = new OutCalls();

  private OutCall call(long startedAtMillis, int requests) {
    OutCall call = new OutCall(
        calls.newId(), null, KRAKEN, 0, startedAtMillis * MILLI, requests, new TreeMap<>());
    calls.add(call);
    return call;
  }

  private boolean isSilent(long nowMillis) {
    return calls.goneSilent(KRAKEN, 50 * MILLI, nowMillis * MILLI) != null;
  }

  @Test
  void aCallIsOutUntilItIsTakenBackOnce() {
    OutCall call = call(0, 1);
    assertThat(calls.isOut(call)).isTrue();
    assertThat(calls.of(KRAKEN)).containsExactly(call);
    assertThat(calls.of(new SourceId("okx"))).isEmpty();
    assertThat(calls.size()).isEqualTo(1);
    assertThat(calls.remove(call.id)).isSameAs(call);
    assertThat(calls.remove(call.id)).isNull();
    assertThat(calls.isOut(call)).isFalse();
    assertThat(calls.of(KRAKEN)).isEmpty();
    assertThat(calls.size()).isZero();
    assertThat(calls.newId()).as("never used twice").isEqualTo(2);
  }

  @Test
  void threeCallsThatAreOutForLongerThanUsualMakeASourceOneToAvoid() {
    call(0, 1);
    call(1, 1);
    assertThat(isSilent(900)).as("two are an accident").isFalse();
    call(2, 1);
    assertThat(isSilent(52)).isFalse();
    assertThat(isSilent(53)).isTrue();
    Failure why = Objects.requireNonNull(calls.goneSilent(KRAKEN, 50 * MILLI, 1_502 * MILLI));
    assertThat(why.kind()).isEqualTo(Failure.Kind.NO_ANSWER_YET);
    assertThat(why.message()).isEqualTo("3 calls without an answer, the last of them for 1,500 ms");
  }

  @Test
  void anAnswerSinceTheyBeganSpeaksForTheSource() {
    for (int i = 0; i < 4; i++) {
      call(10 + i, 1);
    }
    calls.answered(KRAKEN, 11 * MILLI);
    assertThat(isSilent(900)).as("two began after it").isFalse();
    call(14, 1);
    assertThat(isSilent(900)).isTrue();
  }

  @Test
  void aQuestionOfSeveralRequestsHasTheTimeOfSeveral() {
    for (int i = 0; i < 3; i++) {
      call(0, 2);
    }
    assertThat(isSilent(100)).isFalse();
    assertThat(isSilent(101)).isTrue();
  }

  @Test
  void whenThisProcessStoodStillNoCallIsHeldResponsible() {
    OutCall call = call(0, 1);
    calls.credit(5);
    calls.credit(7);
    assertThat(call.creditNanos).isEqualTo(12);
    assertThat(call.isProbe()).isTrue();
    assertThat(call.noAnswerYet(2_500 * MILLI).message()).isEqualTo("no answer after 2,500 ms");
  }
}

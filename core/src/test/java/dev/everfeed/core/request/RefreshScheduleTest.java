package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.AGGREGATE;
import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.ETH;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.request.Decision.Purpose;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The schedule together with the chain, as the hub runs them.
class RefreshScheduleTest {
  private final ChainBench bench =
      new ChainBench(List.of(Query.Prices.of(List.of(BTC, ETH))), ChainBench.route());

  @Test
  void theFirstRunBeginsAtOnceAndTheNextAfterTheInterval() {
    bench.passMillis(1);
    assertThat(bench.calls()).hasSize(1);
    bench.answer(bench.lastCall(), "100");
    assertThat(bench.engine.lastRun()).hasValueSatisfying(run -> {
      assertThat(run.asked()).isEqualTo(2);
      assertThat(run.refreshed()).isEqualTo(2);
      assertThat(run.errors()).isEmpty();
    });
    bench.passMillis(9_990);
    assertThat(bench.calls()).hasSize(1);
    bench.passMillis(10);
    assertThat(bench.calls()).hasSize(2);
  }

  /// A refresh has time: two further attempts at the same provider before the next one.
  @Test
  void aRefreshTriesTheSameProviderTwiceAgainBeforeTheNext() {
    bench.passMillis(1);
    for (int i = 0; i < 3; i++) {
      bench.fail(bench.lastCall(), Kind.SERVER_ERROR);
      bench.passMillis(200);
    }
    assertThat(bench.calls())
        .extracting(Decision.Call::purpose)
        .containsExactly(Purpose.FIRST, Purpose.RETRY, Purpose.RETRY, Purpose.NEXT);
    bench.answer(bench.lastCall(), "100");
    RunReport run = bench.engine.lastRun().orElseThrow();
    assertThat(run.refreshed()).isEqualTo(2);
    assertThat(run.errors()).hasSize(6);
    assertThat(run.errors().getFirst().subject()).isEqualTo("BTC/USDT");
    assertThat(run.errors().getFirst().source()).isEqualTo(EXCHANGE);
  }

  @Test
  void aRunIsNeverBegunWhileAnotherGoesOn() {
    bench.passMillis(1);
    for (int i = 0; i < 40; i++) {
      bench.passMillis(500); // nobody answers: timeouts, pauses, the next provider
    }
    assertThat(bench.engine.missedRuns()).isPositive();
    assertThat(bench.engine.lastRun()).hasValueSatisfying(run -> {
      assertThat(run.refreshed()).isZero();
      assertThat(run.errors()).extracting(RunReport.Error::source).contains(EXCHANGE, AGGREGATE);
      assertThat(run.endedAtNanos()).isGreaterThan(run.startedAtNanos());
    });
  }

  /// One delisted symbol makes the venue refuse the whole batch.
  @Test
  void aBatchThatIsRefusedAsAWholeIsAskedOneByOneAndTheSpoilerStaysAlone() {
    bench.passMillis(1);
    bench.fail(bench.lastCall(), Kind.CALLER);
    List<Decision.Call> singles = bench.calls().subList(1, 3);
    assertThat(singles)
        .extracting(Decision.Call::query)
        .containsExactly(Query.Prices.of(BTC), Query.Prices.of(ETH));
    bench.answer(singles.get(0), "100");
    bench.fail(singles.get(1), Kind.CALLER);
    bench.fail(bench.lastCall(), Kind.CALLER); // the aggregate does not know it either
    RunReport run = bench.engine.lastRun().orElseThrow();
    assertThat(run.asked()).isEqualTo(2);
    assertThat(run.refreshed()).isEqualTo(1);
    assertThat(run.errors()).extracting(RunReport.Error::subject).containsOnly("ETH/USDT");

    int before = bench.calls().size();
    bench.passMillis(10_000);
    assertThat(bench.calls().subList(before, before + 2))
        .extracting(Decision.Call::query)
        .containsExactlyInAnyOrder(Query.Prices.of(BTC), Query.Prices.of(ETH));
  }

  @Test
  void aSymbolThatABatchDoesNotAnswerIsAskedAlone() {
    bench.passMillis(1);
    bench.on(new Input.Answered(
        bench.lastCall().callId(),
        List.of(
            new Event.Price(BTC, null, EXCHANGE, dev.everfeed.core.model.Decimal.of(100), null))));
    assertThat(bench.lastCall().query()).isEqualTo(Query.Prices.of(ETH));
    bench.answer(bench.lastCall(), "10");
    assertThat(bench.engine.lastRun().orElseThrow().refreshed()).isEqualTo(2);
  }

  @Test
  void noMoreThanFourQuestionsAreOutAtOnce() {
    List<Query> plan = java.util.stream.IntStream.rangeClosed(1, 20)
        .mapToObj(i -> (Query) new Query.Bars(BTC, Interval.M1, null, null, i))
        .toList();
    ChainBench wide = new ChainBench(plan, ChainBench.route());
    wide.passMillis(1);
    assertThat(wide.calls()).hasSize(4);
    wide.on(new Input.Answered(wide.calls().getFirst().callId(), List.of()));
    assertThat(wide.calls()).hasSize(5);
    for (int i = 1; i < 20; i++) {
      wide.on(new Input.Answered(wide.calls().get(i).callId(), List.of()));
    }
    assertThat(wide.engine.lastRun().orElseThrow().refreshed()).isEqualTo(20);
  }

  @Test
  void aUserWhoJoinsARefreshThatPausesDoesNotWaitForThePause() {
    bench.passMillis(1);
    ChainBench single = new ChainBench(List.of(Query.Prices.of(BTC)), ChainBench.route());
    single.passMillis(1);
    single.fail(single.lastCall(), Kind.SERVER_ERROR);
    assertThat(single.calls()).hasSize(1);
    long request = single.askPrice();
    assertThat(single.lastCall().source()).isEqualTo(AGGREGATE);
    single.answer(single.lastCall(), "100");
    assertThat(single.valueOf(request).served().source()).isEqualTo(AGGREGATE);
    assertThat(single.engine.lastRun().orElseThrow().refreshed()).isEqualTo(1);
  }
}

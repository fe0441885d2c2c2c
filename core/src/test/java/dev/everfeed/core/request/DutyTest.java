package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.START;
import static dev.everfeed.core.request.ChainBench.ms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Whose questions the schedule's are, and what it does not ask again after a restart.
class DutyTest {
  private static final Query PRICE = Query.Prices.of(BTC);
  private static final Query BARS = new Query.Bars(BTC, Interval.M1, null, null, 5);
  private static final Query MOOD = new Query.Sentiments(null);
  private static final Query LISTED = new Query.Listings(EXCHANGE);

  // ---- duty

  @Test
  void withoutDutyNothingIsAskedAndTheRunsPassOn() {
    ChainBench bench = ChainBench.planned(10_000, Planned.everyRun(PRICE));
    bench.on(new Input.Duty(false));
    bench.passMillis(25_000);
    assertThat(bench.calls()).isEmpty();
    assertThat(bench.engine.passedOnRuns()).isEqualTo(3);
    assertThat(bench.engine.missedRuns()).isZero();
    assertThat(bench.engine.lastRun()).isEmpty();
  }

  @Test
  void withoutDutyUsersAreStillAnswered() {
    ChainBench bench = ChainBench.planned(10_000, Planned.everyRun(PRICE));
    bench.on(new Input.Duty(false));
    bench.passMillis(5_000);
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    assertThat(bench.isAnswered(request)).isTrue();
  }

  @Test
  void whenTheDutyComesWhatPassedOnIsMadeUpForOnce() {
    ChainBench bench = ChainBench.planned(10_000, Planned.everyRun(PRICE));
    bench.on(new Input.Duty(false));
    bench.passMillis(25_000);
    bench.on(new Input.Duty(true));
    assertThat(bench.calls()).hasSize(1);
    bench.answer(bench.lastCall(), "100");
    bench.on(new Input.Duty(true));
    bench.passMillis(1_000);
    bench.on(new Input.Duty(false));
    bench.on(new Input.Duty(true)); // nothing passed on meanwhile
    assertThat(bench.calls()).hasSize(1);
    bench.passMillis(9_000);
    assertThat(bench.calls()).hasSize(2);
  }

  @Test
  void whenTheDutyGoesWhatIsOutIsHeardAndNoMoreIsAsked() {
    Planned[] plan = IntStream.rangeClosed(1, 20)
        .mapToObj(i -> Planned.everyRun(new Query.Bars(BTC, Interval.M1, null, null, i)))
        .toArray(Planned[]::new);
    ChainBench bench = ChainBench.planned(10_000, plan);
    bench.passMillis(1);
    bench.on(new Input.Duty(false));
    for (Decision.Call call : bench.calls()) {
      bench.answer(call, List.of());
    }
    assertThat(bench.calls()).hasSize(4);
    assertThat(bench.engine.lastRun().orElseThrow().refreshed()).isEqualTo(4);
  }

  @Test
  void aSpoiledBatchIsNotAskedOneByOneWithoutDuty() {
    ChainBench bench =
        ChainBench.planned(10_000, Planned.everyRun(Query.Prices.of(List.of(BTC, ChainBench.ETH))));
    bench.passMillis(1);
    bench.on(new Input.Duty(false));
    bench.fail(bench.lastCall(), Kind.CALLER);
    assertThat(bench.calls()).hasSize(1);
    assertThat(bench.engine.currentRun()).isEmpty();
  }

  // ---- after a restart

  @Test
  void theFirstRunAsksPricesAtOnceAndThePeriodicWhenItIsKnownWhatWasAskedBefore() {
    ChainBench bench = bench(60_000);
    bench.passMillis(1_000);
    assertThat(asked(bench)).containsExactly(PRICE);
    bench.answer(bench.lastCall(), "100");
    bench.on(new Input.AskedBefore(Map.of(
        "BTC/USDT 1m", START.minusSeconds(30),
        "market", START.minusSeconds(90),
        "listings of binance", START.minusSeconds(59))));
    assertThat(asked(bench)).containsExactly(PRICE, MOOD, LISTED);
  }

  @Test
  void whatWasAskedBeforeIsAskedAgainWhenItsTimeHasCome() {
    ChainBench bench = bench(60_000);
    bench.on(new Input.AskedBefore(Map.of("BTC/USDT 1m", START.minusSeconds(30))));
    answerAll(bench);
    bench.passMillis(20_001);
    assertThat(asked(bench)).doesNotContain(BARS);
    answerAll(bench);
    bench.passMillis(10_000);
    assertThat(asked(bench)).contains(BARS);
  }

  @Test
  void withoutAWordThePeriodicWaitsForFiveSeconds() {
    ChainBench bench = bench(60_000);
    bench.passMillis(4_999);
    assertThat(asked(bench)).containsOnly(PRICE); // it hangs, and the run goes on
    bench.passMillis(1);
    assertThat(asked(bench)).containsSubsequence(PRICE, BARS, MOOD, LISTED);
    assertThat(bench.engine.currentRun().orElseThrow().number()).isEqualTo(1);
  }

  @Test
  void whatIsReleasedAfterTheFirstRunIsARunOfItsOwn() {
    ChainBench bench = bench(60_000);
    bench.passMillis(1);
    answerAll(bench);
    bench.passMillis(5_000);
    assertThat(bench.engine.currentRun()).hasValueSatisfying(run -> {
      assertThat(run.number()).isEqualTo(2);
      assertThat(run.asked()).isEqualTo(3);
    });
  }

  /// A clock that stepped back must not keep a question from being asked for hours.
  @Test
  void aTimeInTheFutureCountsAsNotKnown() {
    ChainBench bench = bench(60_000);
    bench.on(new Input.AskedBefore(Map.of("BTC/USDT 1m", START.plusSeconds(3_600))));
    assertThat(asked(bench)).contains(BARS);
  }

  /// Another hub had the duty, and says when it asked what.
  @Test
  void whatAnotherAskedMeanwhileIsNotAskedAgain() {
    ChainBench bench = bench(60_000);
    bench.on(new Input.AskedBefore(new TreeMap<>()));
    answerAll(bench);
    bench.on(new Input.Duty(false));
    bench.passMillis(65_000);
    bench.on(new Input.AskedBefore(Map.of("BTC/USDT 1m", START.plusSeconds(60))));
    int before = asked(bench).size();
    bench.on(new Input.Duty(true));
    assertThat(asked(bench).subList(before, asked(bench).size()))
        .containsExactly(PRICE, MOOD, LISTED);
  }

  @Test
  void aRunTellsWhatItAskedOfThePeriodicAndWhen() {
    ChainBench bench = bench(60_000);
    bench.on(new Input.AskedBefore(Map.of("market", START.minusSeconds(1))));
    answerAll(bench);
    assertThat(bench.engine.lastRun().orElseThrow().periodic())
        .containsExactly(
            new RunReport.Asked("BTC/USDT 1m", 0), new RunReport.Asked("listings of binance", 0));
    bench.passMillis(10_001);
    answerAll(bench);
    assertThat(bench.engine.lastRun().orElseThrow().periodic()).isEmpty();
  }

  /// Timers fire late by some milliseconds, now more, now less.
  @Test
  void aRunThatBeginsALittleEarlyStillAsksWhatIsDue() {
    ChainBench bench = ChainBench.planned(10_000, new Planned(BARS, ms(20_000)));
    bench.on(new Input.AskedBefore(new TreeMap<>()));
    answerAll(bench);
    bench.passMillis(3);
    bench.on(new Input.AskedBefore(Map.of("BTC/USDT 1m", START.plusMillis(3))));
    bench.passMillis(9_997);
    assertThat(asked(bench)).hasSize(1);
    bench.passMillis(10_000); // 19,997 ms of 20 s
    assertThat(asked(bench)).hasSize(2);
  }

  @Test
  void aRunThatBeginsFarTooEarlyDoesNot() {
    ChainBench bench = ChainBench.planned(10_000, new Planned(BARS, ms(22_000)));
    bench.on(new Input.AskedBefore(new TreeMap<>()));
    answerAll(bench);
    bench.passMillis(20_500);
    assertThat(asked(bench)).hasSize(1);
    bench.passMillis(10_000);
    assertThat(asked(bench)).hasSize(2);
  }

  private static ChainBench bench(long everyMillis) {
    return ChainBench.planned(
        10_000,
        Planned.everyRun(PRICE),
        new Planned(BARS, ms(everyMillis)),
        new Planned(MOOD, ms(everyMillis)),
        new Planned(LISTED, ms(everyMillis)));
  }

  private static List<Query> asked(ChainBench bench) {
    return bench.calls().stream().map(Decision.Call::query).toList();
  }

  private static void answerAll(ChainBench bench) {
    for (Decision.Call call : bench.calls()) {
      if (call.query() instanceof Query.Prices) {
        bench.answer(call, "100");
      } else {
        bench.answer(call, List.of());
      }
    }
  }
}

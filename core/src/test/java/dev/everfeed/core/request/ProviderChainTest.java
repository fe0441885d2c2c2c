package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.AGGREGATE;
import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.BTC_USD;
import static dev.everfeed.core.request.ChainBench.ETH;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.ms;
import static dev.everfeed.core.request.ChainBench.priceIn;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision.Purpose;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProviderChainTest {
  private final ChainBench bench = new ChainBench();

  @Test
  void theFirstProviderAnswersLive() {
    long request = bench.askPrice();
    bench.passMillis(7);
    bench.answer(bench.lastCall(), "100.50");

    Reply.Value value = bench.valueOf(request);
    assertThat(value.status()).isEqualTo(ValueStatus.LIVE);
    assertThat(value.served().source()).isEqualTo(EXCHANGE);
    assertThat(priceIn(value)).isEqualTo("100.50");
    assertThat(value.tried()).isEmpty();
  }

  /// A user does not wait for another attempt at a provider that has just failed.
  @Test
  void onTheFirstFailureTheNextProviderIsCalledAtOnceWithTheEquivalent() {
    long request = bench.askPrice();
    bench.fail(bench.lastCall(), Kind.CONNECTION);

    assertThat(bench.lastCall().source()).isEqualTo(AGGREGATE);
    assertThat(bench.lastCall().purpose()).isEqualTo(Purpose.NEXT);
    assertThat(bench.lastCall().query()).isEqualTo(Query.Prices.of(BTC_USD));
    bench.answer(bench.lastCall(), "100.60");

    Reply.Value value = bench.valueOf(request);
    assertThat(value.served().equivalent()).isTrue();
    assertThat(value.status()).isEqualTo(ValueStatus.LIVE);
    assertThat(value.query()).isEqualTo(Query.Prices.of(BTC));
    assertThat(value.tried()).extracting(Tried::source).containsExactly(EXCHANGE);
    assertThat(value.tried().getFirst().failure().kind()).isEqualTo(Kind.CONNECTION);
  }

  @Test
  void aSlowProviderIsHedgedAfter50MillisecondsAndTheFasterAnswerWins() {
    long request = bench.askPrice();
    bench.passMillis(49);
    assertThat(bench.calls()).hasSize(1);
    bench.passMillis(1);
    assertThat(bench.lastCall().purpose()).isEqualTo(Purpose.HEDGE);
    assertThat(bench.lastCall().source()).isEqualTo(AGGREGATE);
    bench.passMillis(5);
    bench.answer(bench.lastCall(), "100");

    assertThat(bench.valueOf(request).served().source()).isEqualTo(AGGREGATE);
    assertThat(bench.valueOf(request).tried())
        .extracting(t -> t.failure().kind())
        .containsExactly(Kind.NO_ANSWER_YET);
  }

  /// The loser of a hedge goes on, so that its late answer still refreshes the memory and nobody
  /// gets two replies.
  @Test
  void theAnswerThatLostIsRememberedAndNotServedTwice() {
    long request = bench.askPrice();
    Decision.Call first = bench.lastCall();
    bench.passMillis(50);
    bench.answer(bench.lastCall(), "100");
    bench.passMillis(100);
    bench.answer(first, "101");

    assertThat(priceIn(bench.valueOf(request))).isEqualTo("100");
    assertThat(bench.engine.callCount()).isZero();
    failEverything();
    assertThat(priceIn(bench.valueOf(bench.askPrice()))).isEqualTo("101");
  }

  @Test
  void hedgesStayWithinATenthOfTheTraffic() {
    int hedges = 0;
    for (int i = 0; i < 200; i++) {
      long request = bench.askPrice();
      Decision.Call first = bench.lastCall();
      bench.passMillis(60);
      if (!bench.lastCall().equals(first)) {
        hedges++;
      }
      bench.answer(first, "100");
      assertThat(bench.isAnswered(request)).isTrue();
    }
    assertThat(hedges).isBetween(10, 30); // a tenth of 200, and the burst of 10
  }

  @Test
  void tenThousandEqualQuestionsMakeOneCall() {
    for (int i = 0; i < 10_000; i++) {
      bench.askPrice();
    }
    assertThat(bench.calls()).hasSize(1);
    bench.answer(bench.lastCall(), "100");
    assertThat(bench.all(Decision.Answer.class)).hasSize(10_000);
  }

  @Test
  void withNobodyLeftTheRememberedValueComesWithItsAgeAndWhoFailed() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    bench.passMillis(30_000);
    failEverything();

    Reply.Value value = bench.valueOf(bench.askPrice());
    assertThat(value.status()).isEqualTo(ValueStatus.CACHED);
    assertThat(value.ageNanos()).isGreaterThanOrEqualTo(ms(30_000));
    assertThat(value.tried()).extracting(Tried::source).contains(EXCHANGE, AGGREGATE);
  }

  @Test
  void aRememberedValueBecomesStaleAndAtLastUnavailable() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    failEverything();
    bench.passMillis(61_000);
    failEverything();
    assertThat(bench.valueOf(bench.askPrice()).status()).isEqualTo(ValueStatus.STALE);
    bench.passMillis(3_600_000);
    failEverything();
    assertThat(bench.refusalOf(bench.askPrice()).tried())
        .extracting(Tried::source)
        .contains(EXCHANGE, AGGREGATE);
  }

  @Test
  void withNothingRememberedTheRefusalNamesEachProviderAndItsReason() {
    long request = bench.askPrice();
    bench.fail(bench.lastCall(), Kind.SERVER_ERROR);
    while (!bench.isAnswered(request)) {
      bench.fail(bench.lastCall(), Kind.CONNECTION);
      bench.passMillis(250);
    }
    Reply.Unavailable refusal = bench.refusalOf(request);
    assertThat(refusal.message()).contains("binance: server_error").contains("coingecko: conn");
  }

  /// Attempts at the same provider are for the last usable one, with full jitter, twice.
  @Test
  void theLastUsableProviderIsAskedTwiceAgain() {
    long request = bench.askPrice();
    bench.fail(bench.lastCall(), Kind.CONNECTION);
    bench.fail(bench.lastCall(), Kind.CONNECTION);
    bench.passMillis(100);
    assertThat(bench.lastCall().purpose()).isEqualTo(Purpose.RETRY);
    bench.fail(bench.lastCall(), Kind.CONNECTION);
    bench.passMillis(200);
    assertThat(bench.calls())
        .extracting(Decision.Call::source)
        .containsExactly(EXCHANGE, AGGREGATE, AGGREGATE, AGGREGATE);
    bench.fail(bench.lastCall(), Kind.CONNECTION);
    assertThat(bench.isAnswered(request)).isTrue();
  }

  @Test
  void fiveFailuresOpenTheCircuitWhichIsThenSkippedAndSaidSoOnce() {
    for (int i = 0; i < 5; i++) {
      bench.askPrice();
      bench.fail(bench.lastCall(), Kind.CONNECTION);
      bench.answer(bench.lastCall(), "100");
    }
    assertThat(bench.all(Decision.CircuitChanged.class))
        .extracting(Decision.CircuitChanged::to)
        .containsExactly(State.OPEN);
    int before = bench.calls().size();
    for (int i = 0; i < 3; i++) {
      long request = bench.askPrice();
      bench.answer(bench.lastCall(), "100");
      assertThat(bench.valueOf(request).tried().getFirst().failure().kind())
          .isEqualTo(Kind.CIRCUIT_OPEN);
    }
    assertThat(bench.calls().subList(before, before + 3))
        .extracting(Decision.Call::source)
        .containsOnly(AGGREGATE);
    assertThat(bench.all(Decision.SkippedDueToCircuit.class)).hasSize(1);
  }

  @Test
  void afterTheCooldownAProbeAndThreeSuccessesCloseTheCircuit() {
    openTheCircuit();
    bench.passMillis(60_000);
    Decision.Probe probe = bench.all(Decision.Probe.class).getLast();
    bench.on(new Input.Answered(probe.callId(), List.of()));
    for (int i = 0; i < 3; i++) {
      long request = bench.askPrice();
      bench.answer(bench.lastCall(), "100");
      assertThat(bench.valueOf(request).served().source()).isEqualTo(EXCHANGE);
    }
    assertThat(bench.all(Decision.CircuitChanged.class))
        .extracting(Decision.CircuitChanged::to)
        .containsExactly(State.OPEN, State.PROBING, State.HALF_OPEN, State.CLOSED);
  }

  @Test
  void aProbeThatNeverAnswersTimesOutAndTheCircuitStaysOpen() {
    openTheCircuit();
    bench.passMillis(60_000);
    assertThat(bench.all(Decision.Probe.class)).hasSize(1);
    bench.passMillis(3_000);
    assertThat(bench.all(Decision.Cancel.class)).hasSize(1);
    assertThat(bench.guards.getFirst().breaker().state()).isEqualTo(State.OPEN);
    bench.passMillis(300_000);
    assertThat(bench.all(Decision.Probe.class).size()).isBetween(2, 6);
  }

  /// Three calls that stay out are enough to send the following users elsewhere at once.
  @Test
  void aProviderThatHasJustGoneSilentIsAvoidedBeforeItsCircuitOpens() {
    for (int i = 0; i < 3; i++) {
      bench.askPrice();
      bench.passMillis(50);
      bench.answer(bench.lastCall(), "100");
    }
    bench.passMillis(1);
    long request = bench.askPrice();
    assertThat(bench.lastCall().source()).isEqualTo(AGGREGATE);
    assertThat(bench.lastCall().purpose()).isEqualTo(Purpose.FIRST);
    bench.answer(bench.lastCall(), "100");
    assertThat(bench.valueOf(request).tried().getFirst().failure().message())
        .contains("3 calls without an answer");
  }

  @Test
  void callsThatStayOutForTooLongOpenTheCircuit() {
    for (int i = 0; i < 5; i++) {
      bench.ask(new Query.Bars(BTC, dev.everfeed.core.model.Interval.M1, null, null, 10 + i));
    }
    bench.passMillis(2_000);
    assertThat(bench.guards.getFirst().breaker().state()).isEqualTo(State.OPEN);
    bench.passMillis(1_000);
    assertThat(bench.all(Decision.Cancel.class)).hasSize(5);
    assertThat(bench.guards.getFirst().snapshot(bench.nowNanos).failureCount()).isEqualTo(5);
  }

  /// The process stood still for two seconds; the answer has been in the socket's buffer all
  /// along.
  @Test
  void aLocalPauseIsNotHeldAgainstTheSource() {
    long request = bench.askPrice();
    Decision.Call call = bench.lastCall();
    bench.nowNanos += ms(2_500); // of which a second is credited
    bench.on(new Input.TimePassed());
    assertThat(bench.calls()).hasSize(1);
    assertThat(bench.guards.getFirst().snapshot(bench.nowNanos).failureCount()).isZero();
    bench.answer(call, "100", ChainBench.START.plusMillis(2_400));
    assertThat(bench.guards.getFirst().snapshot(bench.nowNanos).successCount()).isEqualTo(1);
    assertThat(bench.isAnswered(request)).isTrue(); // at its deadline, which no pause moves
  }

  @Test
  void aPatientUserGetsTheRememberedValueWhenNobodyIsQuick() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    bench.passMillis(10_000);
    long request = bench.askPrice();
    bench.passMillis(149);
    assertThat(bench.isAnswered(request)).isFalse();
    bench.passMillis(1);
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
  }

  @Test
  void atTheDeadlineEveryUserIsAnswered() {
    long request = bench.askPrice();
    bench.passMillis(1_000);
    assertThat(bench.refusalOf(request).tried())
        .extracting(t -> t.failure().kind())
        .containsOnly(Kind.NO_ANSWER_YET);
    bench.passMillis(20_000);
    assertThat(bench.engine.callCount()).isZero();
    assertThat(bench.engine.flightCount()).isZero();
  }

  @Test
  void aRateLimitedProviderIsLeftAloneForAsLongAsItAsked() {
    bench.askPrice();
    bench.on(new Input.Failed(
        bench.lastCall().callId(),
        new dev.everfeed.core.model.Failure(Kind.RATE_LIMITED, "HTTP 429", ms(30_000))));
    bench.answer(bench.lastCall(), "100");
    bench.passMillis(29_000);
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    assertThat(bench.valueOf(request).tried().getFirst().failure().kind()).isEqualTo(Kind.PAUSED);
    bench.passMillis(1_001);
    bench.askPrice();
    assertThat(bench.lastCall().source()).isEqualTo(EXCHANGE);
    assertThat(bench.guards.getFirst().snapshot(bench.nowNanos).failureCount()).isZero();
  }

  @Test
  void aPriceTenTimesTheLastIsNotBelievedAndCountsAgainstTheSource() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    bench.passMillis(1_000);
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "1000");
    bench.answer(bench.lastCall(), "101");

    assertThat(priceIn(bench.valueOf(request))).isEqualTo("101");
    assertThat(bench.valueOf(request).tried().getFirst().failure().kind())
        .isEqualTo(Kind.WRONG_DATA);
    assertThat(bench.guards.getFirst().snapshot(bench.nowNanos).failureCount()).isEqualTo(1);
  }

  @Test
  void aLargeMoveThatAnotherProviderSawTooIsBelieved() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    bench.passMillis(1_000);
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "70");
    bench.answer(bench.lastCall(), "70.5");
    assertThat(priceIn(bench.valueOf(request))).isEqualTo("70.5");
    bench.passMillis(1_000);
    long after = bench.askPrice();
    bench.answer(bench.lastCall(), "70.2");
    assertThat(bench.valueOf(after).served().source()).isEqualTo(EXCHANGE);
  }

  /// A frozen source is not failing, so its circuit stays closed; but others are asked first.
  @Test
  void aValueThatHasStoodStillForTooLongIsServedOnlyWhenNobodyElseHasOne() {
    Instant standing = ChainBench.START;
    bench.askPrice();
    bench.answer(bench.lastCall(), "100", standing);
    bench.passMillis(61_000);
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "100", standing);
    assertThat(bench.lastCall().source()).isEqualTo(AGGREGATE);
    bench.fail(bench.lastCall(), Kind.CALLER);
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.STALE);
    assertThat(bench.valueOf(request).ageNanos()).isEqualTo(ms(61_000));
  }

  @Test
  void aValueOlderThanItsSourcesUsualIntervalIsMaybeStale() {
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "100", ChainBench.START.minusSeconds(6));
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.MAYBE_STALE);
  }

  /// Everybody has failed and the last one is about to be asked again: whoever comes now does
  /// not wait for that while a value is remembered.
  @Test
  void whoJoinsWhileAnotherAttemptIsWaitedForIsPatientToo() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    bench.passMillis(10_000);
    bench.askPrice();
    bench.fail(bench.lastCall(), Kind.TIMEOUT);
    bench.fail(bench.lastCall(), Kind.TIMEOUT);
    long late = bench.askPrice();
    bench.passMillis(250);
    assertThat(bench.valueOf(late).status()).isEqualTo(ValueStatus.CACHED);
  }

  /// A source whose values move slowly and whose calls are few gives its last answer again.
  @Test
  void aSourceThatIsNotToBeAskedAgainSoSoonStandsInWithItsLastAnswer() {
    ChainBench rare = new ChainBench(List.of(), ChainBench.route(), ms(10_000));
    long first = rare.askPrice();
    rare.fail(rare.lastCall(), Kind.CONNECTION);
    rare.answer(rare.lastCall(), "100");
    assertThat(rare.valueOf(first).served().source()).isEqualTo(AGGREGATE);
    rare.passMillis(9_000);
    long second = rare.askPrice();
    rare.fail(rare.lastCall(), Kind.CONNECTION);
    assertThat(rare.calls()).hasSize(3);
    assertThat(rare.valueOf(second).status()).isEqualTo(ValueStatus.LIVE);
    assertThat(rare.valueOf(second).ageNanos()).isEqualTo(ms(9_000));
    assertThat(rare.valueOf(second).tried()).extracting(Tried::source).containsExactly(EXCHANGE);
    rare.passMillis(1_000);
    rare.askPrice();
    rare.fail(rare.lastCall(), Kind.CONNECTION);
    assertThat(rare.calls()).hasSize(5);
  }

  /// Who was tried before is said each time, also within `fresh_for`.
  @Test
  void aStandInIsNotServedFromYoungMemoryWithoutSayingWhoFailed() {
    ChainBench fresh = new ChainBench(List.of(), routeWith(ms(200), ms(1_000)));
    fresh.askPrice();
    fresh.fail(fresh.lastCall(), Kind.CONNECTION);
    fresh.answer(fresh.lastCall(), "100");
    fresh.passMillis(50);
    long again = fresh.askPrice();
    fresh.fail(fresh.lastCall(), Kind.CONNECTION);
    fresh.answer(fresh.lastCall(), "100");
    assertThat(fresh.valueOf(again).tried()).extracting(Tried::source).containsExactly(EXCHANGE);
  }

  @Test
  void anAnswerWithinFreshForIsLiveAndCostsNoCall() {
    ChainBench fresh = new ChainBench(List.of(), routeWith(ms(200), ms(1_000)));
    fresh.askPrice();
    fresh.answer(fresh.lastCall(), "100");
    fresh.passMillis(199);
    assertThat(fresh.valueOf(fresh.askPrice()).status()).isEqualTo(ValueStatus.LIVE);
    assertThat(fresh.calls()).hasSize(1);
  }

  @Test
  void withinStaleWhileRevalidateItIsServedAtOnceAsCachedAndFetchedAnew() {
    ChainBench fresh = new ChainBench(List.of(), routeWith(ms(200), ms(1_000)));
    fresh.askPrice();
    fresh.answer(fresh.lastCall(), "100");
    fresh.passMillis(500);
    assertThat(fresh.valueOf(fresh.askPrice()).status()).isEqualTo(ValueStatus.CACHED);
    assertThat(fresh.valueOf(fresh.askPrice()).status()).isEqualTo(ValueStatus.CACHED);
    assertThat(fresh.calls()).hasSize(2);
    fresh.answer(fresh.lastCall(), "102");
    assertThat(priceIn(fresh.valueOf(fresh.askPrice()))).isEqualTo("102");
  }

  private static Route routeWith(long freshForNanos, long staleWhileRevalidateNanos) {
    Route r = ChainBench.route();
    return new Route(
        r.providers(),
        r.equivalents(),
        freshForNanos,
        staleWhileRevalidateNanos,
        r.staleAfterNanos(),
        r.staleIfErrorNanos(),
        r.patienceNanos(),
        r.deadlineNanos());
  }

  @Test
  void anAnswerAfterItsCallWasGivenUpIsIgnored() {
    long request = bench.askPrice();
    Decision.Call late = bench.lastCall();
    bench.passMillis(3_000);
    bench.answer(late, "55");
    assertThat(bench.isAnswered(request)).isTrue();
    assertThat(bench.engine.rememberedCount()).isZero();
  }

  @Test
  void aKindWithoutARouteIsRefused() {
    long request = bench.ask(new Query.Listings(EXCHANGE));
    assertThat(bench.refusalOf(request).tried()).isEmpty();
  }

  @Test
  void anEquivalentIsUsedOnlyWhereItIsNamed() {
    ChainBench bare = new ChainBench(
        List.of(),
        new Route(
            List.of(EXCHANGE, AGGREGATE),
            new TreeMap<>(),
            0,
            0,
            ms(60_000),
            ms(60_000),
            ms(100),
            ms(1_000)));
    long request = bare.ask(Query.Prices.of(ETH));
    bare.fail(bare.lastCall(), Kind.CALLER);
    assertThat(bare.refusalOf(request).tried())
        .extracting(t -> t.failure().kind())
        .containsExactly(Kind.CALLER, Kind.NOT_OFFERED);
  }

  /// Fails every call that is out, and every one made instead, until nobody is called any more.
  private void failEverything() {
    for (int i = 0; i < 20; i++) {
      bench.askPrice();
      int handled = 0;
      while (bench.engine.callCount() > 0 && handled++ < 50) {
        bench.fail(bench.lastCall(), Kind.CONNECTION);
        bench.passMillis(201);
      }
    }
  }

  private void openTheCircuit() {
    for (int i = 0; i < 5; i++) {
      bench.askPrice();
      bench.fail(bench.lastCall(), Kind.CONNECTION);
      bench.answer(bench.lastCall(), "100");
    }
    assertThat(bench.guards.getFirst().breaker().state()).isEqualTo(State.OPEN);
  }
}

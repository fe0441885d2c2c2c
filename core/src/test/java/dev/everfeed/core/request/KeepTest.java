package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.AGGREGATE;
import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.BTC_USD;
import static dev.everfeed.core.request.ChainBench.ETH;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.ms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is written down of what providers say, and what is put aside.
class KeepTest {
  private final ChainBench bench = new ChainBench();

  @Test
  void aBelievedAnswerIsKeptOnceHoweverManyWaitForIt() {
    bench.askPrice();
    bench.askPrice();
    bench.passMillis(7);
    bench.answer(bench.lastCall(), "100");
    assertThat(kept()).singleElement().satisfies(served -> {
      assertThat(served.query()).isEqualTo(Query.Prices.of(BTC));
      assertThat(served.source()).isEqualTo(EXCHANGE);
      assertThat(served.receivedAtNanos()).isEqualTo(ms(7));
      assertThat(served.equivalent()).isFalse();
    });
  }

  @Test
  void anEquivalentIsKeptUnderItsOwnSymbolAndSaysSo() {
    bench.askPrice();
    bench.fail(bench.lastCall(), Kind.CONNECTION);
    bench.answer(bench.lastCall(), "100");
    assertThat(kept()).singleElement().satisfies(served -> {
      assertThat(served.equivalent()).isTrue();
      assertThat(((Event.Price) served.events().getFirst()).symbol()).isEqualTo(BTC_USD);
    });
  }

  @Test
  void aLateAnswerIsKeptThoughNobodyWaitsForIt() {
    bench.askPrice();
    Decision.Call first = bench.lastCall();
    bench.passMillis(50);
    bench.answer(bench.lastCall(), "100");
    bench.answer(first, "101");
    assertThat(kept()).extracting(Served::source).containsExactly(AGGREGATE, EXCHANGE);
  }

  /// It was kept when it came.
  @Test
  void anAnswerThatStandsInForANewOneIsNotKeptAgain() {
    ChainBench rare = new ChainBench(List.of(), ChainBench.route(), ms(10_000));
    rare.askPrice();
    rare.fail(rare.lastCall(), Kind.CONNECTION);
    rare.answer(rare.lastCall(), "100");
    rare.askPrice();
    rare.fail(rare.lastCall(), Kind.CONNECTION);
    assertThat(rare.all(Decision.Answer.class)).hasSize(2);
    assertThat(rare.all(Decision.Keep.class)).hasSize(1);
  }

  @Test
  void whatWasNotAskedIsNotKept() {
    bench.askPrice();
    bench.answer(bench.lastCall(), List.of(price(BTC, "100"), price(ETH, "10")));
    assertThat(kept())
        .singleElement()
        .satisfies(served -> assertThat(served.events()).containsExactly(price(BTC, "100")));
  }

  @Test
  void aFrozenValueIsKeptWhenNobodyHasANewerOne() {
    Instant standing = ChainBench.START;
    bench.passMillis(61_000);
    bench.askPrice();
    bench.answer(bench.lastCall(), "100", standing);
    assertThat(kept()).isEmpty();
    bench.fail(bench.lastCall(), Kind.CALLER);
    assertThat(kept())
        .singleElement()
        .satisfies(served -> assertThat(served.source()).isEqualTo(EXCHANGE));
    assertThat(bench.all(Decision.Reject.class)).isEmpty();
  }

  @Test
  void aListOfInstrumentsIsNotKept() {
    ChainBench listed = ChainBench.planned(10_000, Planned.everyRun(new Query.Listings(EXCHANGE)));
    listed.passMillis(1);
    listed.answer(listed.lastCall(), List.of());
    assertThat(listed.engine.lastRun().orElseThrow().refreshed()).isEqualTo(1);
    assertThat(listed.all(Decision.Keep.class)).isEmpty();
  }

  @Test
  void whatATrialBringsIsNotKept() {
    for (int i = 0; i < 5; i++) {
      bench.askPrice();
      bench.fail(bench.lastCall(), Kind.CONNECTION);
      bench.answer(bench.lastCall(), "100");
    }
    bench.passMillis(60_000);
    bench.on(new Input.Answered(bench.all(Decision.Probe.class).getLast().callId(), List.of()));
    assertThat(bench.guards.getFirst().breaker().state()).isEqualTo(State.HALF_OPEN);
    bench.passMillis(1_000);
    assertThat(bench.lastCall().purpose()).isEqualTo(Decision.Purpose.TRIAL);
    int before = kept().size();
    bench.answer(bench.lastCall(), "100");
    assertThat(kept()).hasSize(before);
  }

  @Test
  void whatCannotBeBelievedIsRejectedWithTheReasonAndWhatWasSaid() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "100");
    bench.askPrice();
    bench.answer(bench.lastCall(), "1000");
    assertThat(bench.all(Decision.Reject.class)).singleElement().satisfies(reject -> {
      assertThat(reject.source()).isEqualTo(EXCHANGE);
      assertThat(reject.query()).isEqualTo(Query.Prices.of(BTC));
      assertThat(reject.failure().kind()).isEqualTo(Kind.WRONG_DATA);
      assertThat(((Event.Price) reject.events().getFirst()).price()).isEqualTo(Decimal.of(1_000));
    });
    assertThat(kept()).hasSize(1);
  }

  private static Event.Price price(dev.everfeed.core.model.Symbol symbol, String price) {
    return new Event.Price(symbol, null, EXCHANGE, Decimal.parse(price), null);
  }

  private List<Served> kept() {
    return bench.all(Decision.Keep.class).stream().map(Decision.Keep::served).toList();
  }
}

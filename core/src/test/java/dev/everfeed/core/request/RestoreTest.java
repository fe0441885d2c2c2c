package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.AGGREGATE;
import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.BTC_USD;
import static dev.everfeed.core.request.ChainBench.ETH;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static dev.everfeed.core.request.ChainBench.ms;
import static dev.everfeed.core.request.ChainBench.priceIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure.Kind;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What was remembered before a restart.
class RestoreTest {
  private final ChainBench bench = new ChainBench();

  @Test
  void whenNobodyAnswersTheRestoredPriceComesWithTheAgeItHas() {
    restore(price(BTC, BTC, EXCHANGE, "100", ms(-20_000)));
    bench.passMillis(10_000);
    long request = bench.askPrice();
    bench.failAllProviders();
    assertThat(priceIn(bench.valueOf(request))).isEqualTo("100");
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
    assertThat(bench.valueOf(request).ageNanos()).isBetween(ms(30_000), ms(31_000));
    bench.passMillis(60_000);
    long later = bench.askPrice();
    bench.failAllProviders();
    assertThat(bench.valueOf(later).status()).isEqualTo(ValueStatus.STALE);
  }

  @Test
  void aRestoredEquivalentStillSaysWhatItIs() {
    restore(price(BTC, BTC_USD, AGGREGATE, "100", ms(-1)));
    long request = bench.askPrice();
    bench.failAllProviders();
    assertThat(bench.valueOf(request).served().equivalent()).isTrue();
    assertThat(bench.valueOf(request).served().source()).isEqualTo(AGGREGATE);
  }

  /// Young by the clocks of two processes; this one has not heard it said.
  @Test
  void aRestoredPriceIsNeverLiveHoweverYoung() {
    Route r = ChainBench.route();
    ChainBench fresh = new ChainBench(
        List.of(),
        new Route(
            r.providers(),
            r.equivalents(),
            ms(60_000),
            ms(60_000),
            r.staleAfterNanos(),
            r.staleIfErrorNanos(),
            r.patienceNanos(),
            r.deadlineNanos()),
        ms(60_000));
    fresh.on(new Input.Restored(
        List.of(price(BTC, BTC, EXCHANGE, "100", -1), price(ETH, BTC_USD, AGGREGATE, "10", -1))));
    long request = fresh.askPrice();
    assertThat(fresh.calls()).hasSize(1);
    fresh.failAllProviders();
    assertThat(fresh.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
    long standIn = fresh.ask(Query.Prices.of(ETH));
    fresh.failAllProviders();
    assertThat(fresh.valueOf(standIn).status()).isEqualTo(ValueStatus.CACHED);
    long both = fresh.ask(Query.Prices.of(List.of(BTC, ETH)));
    fresh.failAllProviders();
    assertThat(fresh.valueOf(both).status()).isEqualTo(ValueStatus.CACHED);
  }

  @Test
  void whatIsYoungerInMemoryStays() {
    bench.askPrice();
    bench.answer(bench.lastCall(), "101");
    restore(price(BTC, BTC, EXCHANGE, "100", ms(-1)));
    restore(price(ETH, ETH, EXCHANGE, "10", ms(-1)));
    restore(price(ETH, ETH, EXCHANGE, "9", ms(-2)));
    long request = bench.askPrice();
    bench.failAllProviders();
    assertThat(priceIn(bench.valueOf(request))).isEqualTo("101");
    long other = bench.ask(Query.Prices.of(ETH));
    bench.failAllProviders();
    assertThat(priceIn(bench.valueOf(other))).isEqualTo("10");
  }

  @Test
  void aRestoredPriceIsWhatTheFirstOneIsHeldAgainst() {
    restore(price(BTC, BTC, EXCHANGE, "100", ms(-30_000)));
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "1000");
    assertThat(bench.lastCall().source()).isEqualTo(AGGREGATE);
    bench.answer(bench.lastCall(), "101");
    assertThat(bench.valueOf(request).tried().getFirst().failure().kind())
        .isEqualTo(Kind.WRONG_DATA);
  }

  /// By 10 %, and 10 % more for each minute since.
  @Test
  void theOlderTheRestoredPriceTheMoreMayHaveHappenedSince() {
    restore(price(BTC, BTC, EXCHANGE, "100", ms(-600_000)));
    long request = bench.askPrice();
    bench.answer(bench.lastCall(), "200");
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.LIVE);
  }

  @Test
  void restoredSentimentStandsInToo() {
    Query mood = new Query.Sentiments(null);
    Event value = new Event.Sentiment(EXCHANGE, "fear_greed", null, Decimal.of(40), null, null);
    restore(new Served(mood, EXCHANGE, List.of(value), ms(-30_000), false));
    long request = bench.ask(mood);
    bench.failAllProviders();
    assertThat(bench.valueOf(request).served().events()).containsExactly(value);
    assertThat(bench.valueOf(request).status()).isEqualTo(ValueStatus.CACHED);
  }

  /// A clock has stepped back: how old it is cannot be told. Two processes may differ by a
  /// minute.
  @Test
  void whatClaimsToComeFromTheFutureIsLeftOut() {
    restore(price(BTC, BTC, EXCHANGE, "100", ms(60_001)));
    long request = bench.askPrice();
    bench.failAllProviders();
    assertThat(bench.refusalOf(request).tried()).isNotEmpty();

    restore(price(ETH, ETH, EXCHANGE, "10", ms(30_000)));
    long near = bench.ask(Query.Prices.of(ETH));
    bench.failAllProviders();
    assertThat(bench.valueOf(near).served().receivedAtNanos()).isNegative();
    assertThat(bench.valueOf(near).status()).isEqualTo(ValueStatus.CACHED);
  }

  @Test
  void whatCannotBeTrueDoesNotComeBack() {
    restore(price(BTC, BTC, EXCHANGE, "-5", ms(-1)));
    assertThat(bench.engine.rememberedCount()).isZero();
  }

  @Test
  void restoringPushesNothingOutAndIsBounded() {
    Memory memory = new Memory(0, List.of("binance"));
    TreeMap<Symbol, Symbol> askedAs = new TreeMap<>();
    askedAs.put(BTC, BTC);
    memory.remember(price(BTC, BTC, EXCHANGE, "100", 5), askedAs);
    memory.restore(
        IntStream.range(0, Memory.MAX_ANSWERS + 50)
            .mapToObj(i -> {
              Symbol symbol = Symbol.of("S" + i, "USDT");
              return price(symbol, symbol, EXCHANGE, "1", -1);
            })
            .toList(),
        10);
    assertThat(memory.size()).isEqualTo(Memory.MAX_ANSWERS);
    assertThat(memory.recallPrice(BTC)).isNotNull();
  }

  @Test
  void restoredAreAnswersToOneSymbolEachAndNoListings() {
    assertThatThrownBy(() -> new Input.Restored(List.of(
            new Served(Query.Prices.of(List.of(BTC, ETH)), EXCHANGE, List.of(), -1, false))))
        .hasMessageContaining("one symbol each");
    assertThatThrownBy(() -> new Input.Restored(
            List.of(new Served(new Query.Listings(EXCHANGE), EXCHANGE, List.of(), -1, false))))
        .hasMessageContaining("no listings");
  }

  private void restore(Served served) {
    bench.on(new Input.Restored(List.of(served)));
  }

  private static Served price(
      Symbol wanted, Symbol there, SourceId source, String price, long receivedAtNanos) {
    return new Served(
        Query.Prices.of(wanted),
        source,
        List.of(new Event.Price(there, null, source, Decimal.parse(price), null)),
        receivedAtNanos,
        !wanted.equals(there));
  }
}

package dev.everfeed.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Routes, plans and inputs that can never be right are refused; what is said to people.
class PlansTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Symbol BTC_USD = Symbol.of("BTC/USD");
  private static final SourceId BINANCE = new SourceId("binance");
  private static final SourceId COINGECKO = new SourceId("coingecko");
  private static final SortedMap<Symbol, SortedMap<SourceId, Symbol>> NONE = new TreeMap<>();

  private static Route route(long... lengths) {
    return new Route(
        List.of(BINANCE, COINGECKO),
        NONE,
        lengths[0],
        lengths[1],
        lengths[2],
        lengths[3],
        lengths[4],
        lengths[5]);
  }

  @Test
  void aRouteNamesEachProviderOnce() {
    assertThatThrownBy(
            () -> new Route(List.of(BINANCE, COINGECKO, BINANCE), NONE, 0, 0, 0, 0, 0, 1))
        .hasMessage("a route names each provider once, had [binance, coingecko, binance]");
  }

  @Test
  void noLengthOfARouteIsNegativeAndEveryUserIsAnsweredOneDay() {
    assertThat(route(0, 0, 0, 0, 0, 1).deadlineNanos()).isEqualTo(1);
    for (int i = 0; i < 5; i++) {
      long[] lengths = {0, 0, 0, 0, 0, 1};
      lengths[i] = -1;
      assertThatThrownBy(() -> route(lengths))
          .hasMessage("lengths of a route must not be negative");
    }
    assertThatThrownBy(() -> route(0, 0, 0, 0, 0, 0)).hasMessageContaining("lengths of a route");
  }

  @Test
  void onlyWhatIsNamedIsSubstitutedAndOnlyThere() {
    SortedMap<Symbol, SortedMap<SourceId, Symbol>> equivalents =
        new TreeMap<>(Map.of(BTC, new TreeMap<>(Map.of(COINGECKO, BTC_USD))));
    Route route = new Route(List.of(BINANCE, COINGECKO), equivalents, 0, 0, 0, 0, 0, 1);
    assertThat(route.symbolAt(COINGECKO, BTC)).isEqualTo(BTC_USD);
    assertThat(route.symbolAt(BINANCE, BTC)).isEqualTo(BTC);
    assertThat(route.symbolAt(COINGECKO, BTC_USD)).isEqualTo(BTC_USD);
  }

  @Test
  void ofAPlannedQuestionOneToAllExchangesAreWanted() {
    List<Query> questions = List.of(Query.Prices.of(BTC), Query.Prices.of(BTC_USD));
    assertThat(new Planned(questions, 2, 0).wanted()).isEqualTo(2);
    assertThat(new Planned(questions, 1, 0).everyNanos()).isZero();
    assertThatThrownBy(() -> new Planned(questions, 0, 0))
        .hasMessage("wanted must be 1 to the number of questions, 2, was 0");
    assertThatThrownBy(() -> new Planned(questions, 3, 0)).hasMessageEndingWith("2, was 3");
    assertThatThrownBy(() -> new Planned(questions, 1, -1))
        .hasMessage("everyNanos must not be negative, was -1");
  }

  @Test
  void aRefusalNamesWhoWasTriedAndWhy() {
    Query query = Query.Prices.of(BTC);
    assertThat(new Reply.Unavailable(query, List.of()).message()).isEqualTo("no provider answered");
    List<Tried> tried = List.of(
        new Tried(BINANCE, Failure.of(Failure.Kind.CONNECTION, "connection refused")),
        new Tried(COINGECKO, Failure.of(Failure.Kind.TIMEOUT, "no answer for 3,000 ms")));
    assertThat(new Reply.Unavailable(query, tried).message())
        .isEqualTo("no provider answered: binance: connection refused;"
            + " coingecko: no answer for 3,000 ms");
  }

  @Test
  void restoredAreAnswersToOneQuestionThatCanBeRestored() {
    Served bars = served(new Query.Bars(BTC, Interval.M1, null, null, 1));
    Served price = served(Query.Prices.of(BTC));
    assertThat(new Input.Restored(List.of(bars, price)).answers()).hasSize(2);
    for (Query query :
        List.of(Query.Prices.of(List.of(BTC, BTC_USD)), new Query.Listings(BINANCE))) {
      assertThatThrownBy(() -> new Input.Restored(List.of(served(query))))
          .hasMessage("restored are prices of one symbol each, and no listings, was " + query);
    }
  }

  private static Served served(Query query) {
    return new Served(query, BINANCE, List.of(), 0, false);
  }
}

package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.model.Query.Bars;
import dev.everfeed.core.model.Query.Prices;
import dev.everfeed.core.model.Query.Trades;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QueryTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");

  private static Instant at(String text) {
    return Instant.parse(text);
  }

  private static Bars bars(@Nullable Instant from, @Nullable Instant to, int limit) {
    return new Bars(BTC, Interval.M1, from, to, limit);
  }

  private static List<Symbol> symbols(int count) {
    List<Symbol> symbols = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      symbols.add(Symbol.of("S" + i));
    }
    return symbols;
  }

  @Test
  void aPriceQueryTakesOneToTwentySymbols() {
    assertThat(Prices.of(symbols(20)).symbols()).hasSize(20);
    assertThat(Prices.of(BTC).symbols()).containsExactly(BTC);
    assertThatThrownBy(() -> Prices.of(symbols(21)))
        .hasMessage("a price query takes 1 to 20 symbols, had 21");
    assertThatThrownBy(() -> Prices.of(List.of())).hasMessageContaining("had 0");
  }

  @Test
  void theLimitsOfBarsAndTradesAreKept() {
    assertThat(bars(null, null, 1).limit()).isEqualTo(1);
    assertThat(bars(null, null, 5_000).limit()).isEqualTo(5_000);
    assertThatThrownBy(() -> bars(null, null, 0)).hasMessage("limit must be 1 to 5000, was 0");
    assertThatThrownBy(() -> bars(null, null, 5_001)).hasMessageContaining("was 5001");
    assertThat(new Trades(BTC, null, 1).limit()).isEqualTo(1);
    assertThat(new Trades(BTC, null, 1_000).limit()).isEqualTo(1_000);
    assertThatThrownBy(() -> new Trades(BTC, null, 0)).hasMessage("limit must be 1 to 1000, was 0");
    assertThatThrownBy(() -> new Trades(BTC, null, 1_001)).hasMessageContaining("was 1001");
  }

  @Test
  void aRangeBeginsBeforeItEnds() {
    Instant noon = at("2026-11-02T12:00:00Z");
    assertThatThrownBy(() -> bars(noon, noon, 1))
        .hasMessage("from must be before to, was 2026-11-02T12:00:00Z and 2026-11-02T12:00:00Z");
    assertThat(bars(noon, null, 1).from()).isEqualTo(noon);
    assertThat(bars(null, noon, 1).to()).isEqualTo(noon);
  }

  @Test
  void tradesAreAskedFromAnIdOrFromAMoment() {
    assertThatThrownBy(() -> new Trades(BTC, "7", Instant.EPOCH, 1, null))
        .hasMessage("trades are asked from an id or from a moment, not both,"
            + " were 7 and 1970-01-01T00:00:00Z");
    assertThat(new Trades(BTC, "7", null, 1, "binance").exchange()).isEqualTo("binance");
    assertThat(new Trades(BTC, null, Instant.EPOCH, 1, null).from()).isEqualTo(Instant.EPOCH);
  }

  @Test
  void noBarOpensInARangeThatEndsBeforeTheNextInterval() {
    Instant from = at("2026-11-02T12:00:30Z");
    assertThat(bars(from, at("2026-11-02T12:00:45Z"), 1).isEmpty()).isTrue();
    assertThat(bars(from, at("2026-11-02T12:01:00Z"), 1).isEmpty()).isTrue();
    assertThat(bars(from, at("2026-11-02T12:01:00.001Z"), 1).isEmpty()).isFalse();
    assertThat(bars(from, null, 1).isEmpty()).isFalse();
    assertThat(bars(null, Instant.EPOCH, 1).isEmpty()).as("before 1970").isTrue();
    assertThat(bars(null, Instant.EPOCH.plusMillis(1), 1).isEmpty()).isFalse();
    assertThat(bars(null, null, 1).isEmpty()).isFalse();
  }

  @Test
  void theSameQuestionToAnotherExchangeDiffersInNothingElse() {
    Bars any = bars(Instant.EPOCH, null, 7);
    assertThat(any.exchange()).isNull();
    assertThat(any.at("kraken"))
        .isEqualTo(new Bars(BTC, Interval.M1, Instant.EPOCH, null, 7, "kraken"));
    assertThat(any.at("kraken").at(null)).isEqualTo(any);
  }

  /// By its kind it is decided who is asked.
  @Test
  void eachQuestionIsOfItsKindAndAllButTwoAreToAnyExchange() {
    List<Query> queries = List.of(
        Prices.of(BTC),
        bars(null, null, 1),
        new Trades(BTC, null, 1),
        new Query.Sentiments(BTC),
        new Query.Listings(new SourceId("binance")));
    assertThat(queries).extracting(Query::kind).containsExactly(Query.Kind.values());
    assertThat(queries).allMatch(query -> query.exchange() == null);
  }
}

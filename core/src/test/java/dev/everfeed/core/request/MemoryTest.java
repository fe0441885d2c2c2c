package dev.everfeed.core.request;

import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.ETH;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private final Memory memory = new Memory(0, List.of("binance"));

  @Test
  void barsFromSeveralAnswersAreOneSeriesAndTheLastReceivedStands() {
    remember(0, 10, "1", 100);
    remember(5, 10, "2", 200);

    Served all = recall(new Query.Bars(BTC, Interval.M1, null, null, 1_000));
    assertThat(all.events()).hasSize(15);
    assertThat(closes(all)).startsWith("1", "1", "1", "1", "1", "2").endsWith("2");
    assertThat(all.receivedAtNanos()).isEqualTo(100);
  }

  @Test
  void aBarThatIsNotCompleteDoesNotReplaceACompleteOne() {
    Query.Bars query = Bars.between(null, null, 5);
    memory.remember(
        new Served(query, EXCHANGE, List.of(Bars.bar(1, "1", true)), 100, false), new TreeMap<>());
    memory.remember(
        new Served(
            query, EXCHANGE, List.of(Bars.bar(1, "2", false), Bars.bar(2, "2", false)), 200, false),
        new TreeMap<>());
    assertThat(closes(recall(query))).containsExactly("1", "2");
  }

  @Test
  void aRangeIsCutAndLimitedFromItsBeginningOrToTheNewest() {
    remember(0, 10, "1", 100);
    Instant from = T0.plusSeconds(120);
    Served oldest = recall(new Query.Bars(BTC, Interval.M1, from, null, 2));
    assertThat(times(oldest)).containsExactly(from, from.plusSeconds(60));
    Served newest = recall(new Query.Bars(BTC, Interval.M1, null, null, 2));
    assertThat(times(newest)).containsExactly(T0.plusSeconds(480), T0.plusSeconds(540));
    Served before = recall(new Query.Bars(BTC, Interval.M1, null, from, 100));
    assertThat(times(before)).hasSize(2);
    assertThat(memory.recall(new Query.Bars(BTC, Interval.M1, T0.plusSeconds(9_999), null, 5)))
        .isNull();
    assertThat(memory.recall(new Query.Bars(ETH, Interval.M1, null, null, 5))).isNull();
  }

  @Test
  void aSeriesKeepsItsNewestFiveThousandBars() {
    for (int i = 0; i < 7; i++) {
      remember(i * 1_000, 1_000, "1", i);
    }
    assertThat(memory.barCount()).isEqualTo(BarMemory.MAX_BARS_PER_SERIES);
    Served oldest = recall(new Query.Bars(BTC, Interval.M1, T0, null, 1));
    assertThat(times(oldest)).containsExactly(T0.plusSeconds(2_000 * 60));
  }

  @Test
  void theNumberOfBarsIsBoundedOverAllSeries() {
    for (int series = 0; series < 120; series++) {
      Symbol symbol = Symbol.of("S" + series, "USDT");
      for (int i = 0; i < 5; i++) {
        remember(symbol, i * 1_000, 1_000, "1", series);
      }
    }
    assertThat(memory.barCount()).isLessThanOrEqualTo(BarMemory.MAX_BARS);
    assertThat(memory.recall(new Query.Bars(Symbol.of("S0/USDT"), Interval.M1, null, null, 1)))
        .isNull();
    assertThat(memory.recall(new Query.Bars(Symbol.of("S119/USDT"), Interval.M1, null, null, 1)))
        .isNotNull();
  }

  /// Each answer is remembered twice: as it was asked, and of its exchange.
  @Test
  void theEventsOfAllAnswersAreBoundedAndTheLastOnesStay() {
    int answers = Memory.MAX_EVENTS / 1_000;
    for (int i = 0; i < answers; i++) {
      remember(i * 1_000, 1_000, "1", i);
    }
    assertThat(memory.recallExactly(asked(0))).isNull();
    assertThat(memory.recallExactly(asked((answers - 1) * 1_000))).isNotNull();
    assertThat(memory.size()).isEqualTo(answers); // two for each of the newer half
  }

  private static Query asked(int first) {
    return new Query.Bars(BTC, Interval.M1, T0.plusSeconds(60L * first), null, 1_000);
  }

  @Test
  void pricesOfSeveralSymbolsAreAsOldAsTheOldest() {
    rememberPrice(BTC, 100);
    assertThat(memory.recall(Query.Prices.of(List.of(BTC, ETH)))).isNull();
    rememberPrice(ETH, 50);
    Served both = recall(Query.Prices.of(List.of(BTC, ETH)));
    assertThat(both.events()).hasSize(2);
    assertThat(both.receivedAtNanos()).isEqualTo(50);
  }

  @Test
  void theNumberOfPricesIsBounded() {
    for (int i = 0; i < Memory.MAX_ANSWERS + 50; i++) {
      rememberPrice(Symbol.of("S" + i, "USDT"), i);
    }
    assertThat(memory.size()).isEqualTo(Memory.MAX_ANSWERS);
  }

  private Served recall(Query query) {
    return java.util.Objects.requireNonNull(memory.recall(query)).served();
  }

  private void rememberPrice(Symbol symbol, long receivedAt) {
    Query query = Query.Prices.of(symbol);
    TreeMap<Symbol, Symbol> askedAs = new TreeMap<>();
    askedAs.put(symbol, symbol);
    memory.remember(
        new Served(
            query,
            EXCHANGE,
            List.of(new Event.Price(symbol, null, EXCHANGE, Decimal.ONE, null)),
            receivedAt,
            false),
        askedAs);
  }

  private void remember(int first, int count, String close, long receivedAt) {
    remember(BTC, first, count, close, receivedAt);
  }

  private void remember(Symbol symbol, int first, int count, String close, long receivedAt) {
    List<Event> bars = new ArrayList<>();
    Decimal price = Decimal.parse(close);
    for (int i = first; i < first + count; i++) {
      bars.add(new Event.Bar(
          symbol,
          "binance",
          EXCHANGE,
          Interval.M1,
          T0.plusSeconds(60L * i),
          price,
          price,
          price,
          price,
          null,
          null));
    }
    Query query = new Query.Bars(symbol, Interval.M1, T0.plusSeconds(60L * first), null, 1_000);
    memory.remember(new Served(query, EXCHANGE, bars, receivedAt, false), new TreeMap<>());
  }

  private static List<String> closes(Served served) {
    return served.events().stream().map(e -> ((Event.Bar) e).close().toString()).toList();
  }

  private static List<Instant> times(Served served) {
    return served.events().stream().map(e -> ((Event.Bar) e).time()).toList();
  }
}

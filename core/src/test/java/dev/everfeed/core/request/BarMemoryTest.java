package dev.everfeed.core.request;

import static dev.everfeed.core.request.Bars.bar;
import static dev.everfeed.core.request.Bars.between;
import static dev.everfeed.core.request.Bars.complete;
import static dev.everfeed.core.request.Bars.minute;
import static dev.everfeed.core.request.Bars.receivedAt;
import static dev.everfeed.core.request.ChainBench.BTC;
import static dev.everfeed.core.request.ChainBench.EXCHANGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.Span;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BarMemoryTest {
  private final BarMemory memory = new BarMemory(List.of("binance"));

  private void remember(List<Event.Bar> bars, long receivedAt, @Nullable Span covered) {
    Query.Bars asked = between(null, null, 5_000);
    memory.remember(
        asked, new Served(asked, EXCHANGE, List.copyOf(bars), receivedAt, false, covered));
  }

  private void remember(int first, int end) {
    remember(complete(first, end), 100, span(first, end));
  }

  private static Span span(int first, int end) {
    return new Span(minute(first), minute(end));
  }

  private Remembered recall(Query.Bars query) {
    return Objects.requireNonNull(memory.recall(query), "nothing is remembered");
  }

  private @Nullable Span covered(Query.Bars query) {
    return recall(query).served().covered();
  }

  private List<Instant> opens(Query.Bars query) {
    return recall(query).served().events().stream()
        .map(event -> ((Event.Bar) event).time())
        .toList();
  }

  private static final Query.Bars ALL = between(null, null, 5_000);

  @Test
  void whatTwoAnswersCoverIsOneSpanWhenTheyTouch() {
    remember(5, 8);
    remember(8, 10);
    assertThat(covered(ALL)).isEqualTo(span(5, 10));
    remember(2, 5);
    assertThat(covered(ALL)).isEqualTo(span(2, 10));
    remember(4, 6);
    assertThat(covered(ALL)).as("nothing new").isEqualTo(span(2, 10));
  }

  @Test
  void ofWhatTwoAnswersCoverApartTheLastIsKnown() {
    remember(0, 3);
    remember(4, 6);
    assertThat(covered(ALL)).isEqualTo(span(4, 6));
    remember(0, 3);
    assertThat(covered(ALL)).isEqualTo(span(0, 3));
    remember(complete(7, 8), 100, null);
    assertThat(covered(ALL)).as("an answer that does not say").isEqualTo(span(0, 3));
  }

  @Test
  void aLimitedAnswerCoversNoMoreThanItHas() {
    remember(0, 10);
    assertThat(covered(between(null, null, 3))).isEqualTo(span(7, 10));
    assertThat(covered(between(2, null, 3))).isEqualTo(span(0, 5));
    assertThat(covered(between(2, null, 8))).isEqualTo(span(0, 10));
    assertThat(covered(between(null, null, 10))).isEqualTo(span(0, 10));
  }

  @Test
  void aRangeHasItsBeginAndNotItsEnd() {
    remember(0, 10);
    assertThat(opens(between(2, 5, 9))).containsExactly(minute(2), minute(3), minute(4));
    assertThat(memory.recall(between(10, 20, 9))).isNull();
  }

  @Test
  void aSeriesKeepsItsNewestBarsAndCoversNoMoreThanThose() {
    remember(0, BarMemory.MAX_BARS_PER_SERIES + 2);
    assertThat(memory.size()).isEqualTo(BarMemory.MAX_BARS_PER_SERIES);
    assertThat(covered(ALL)).isEqualTo(span(2, BarMemory.MAX_BARS_PER_SERIES + 2));
    assertThat(opens(between(0, null, 1))).containsExactly(minute(2));
  }

  @Test
  void anAnswerIsAsOldAsItsOldestPartAndKnownSinceItsNewestOrUnfinishedOnes() {
    remember(complete(0, 2), 100, null);
    remember(complete(2, 4), 300, null);
    assertThat(recall(ALL).served().receivedAtNanos()).isEqualTo(100);
    assertThat(recall(ALL).knownAtNanos()).isEqualTo(300);
    remember(List.of(bar(5, "1", false)), 200, null);
    remember(complete(6, 7), 400, null);
    assertThat(recall(ALL).knownAtNanos()).isEqualTo(200);
  }

  @Test
  void ofTwoForOneIntervalACompleteOneStandsElseTheLastReceived() {
    remember(List.of(bar(0, "1", false)), 200, null);
    remember(List.of(bar(0, "2", false)), 100, null);
    assertThat(close()).isEqualTo("1");
    remember(List.of(bar(0, "3", false)), 300, null);
    assertThat(close()).isEqualTo("3");
    remember(List.of(bar(0, "4", true)), 50, null);
    assertThat(close()).isEqualTo("4");
    remember(List.of(bar(0, "5", false)), 900, null);
    assertThat(close()).isEqualTo("4");
    remember(List.of(bar(0, "6", true)), 60, null);
    assertThat(close()).isEqualTo("6");
  }

  private String close() {
    return ((Event.Bar) recall(ALL).served().events().getLast()).close().toString();
  }

  @Test
  void whatHistoryHasIsAddedAndNotRemembered() {
    remember(3, 5);
    Remembered together = Objects.requireNonNull(
        memory.recallWith(ALL, receivedAt(-50, complete(0, 3))), "nothing is remembered");
    assertThat(together.served().events()).hasSize(5);
    assertThat(together.served().covered()).as("nobody knows").isNull();
    assertThat(together.served().receivedAtNanos()).isEqualTo(-50);
    assertThat(opens(ALL)).containsExactly(minute(3), minute(4));
    assertThat(memory.size()).isEqualTo(2);
  }

  @Test
  void onlyWhatWasAskedForIsTakenFromHistory() {
    Query.Bars asked = between(1, 3, 9);
    assertThat(BarMemory.isWanted(asked, bar(1, "1", true))).isTrue();
    assertThat(BarMemory.isWanted(asked, bar(0, "1", true))).isFalse();
    assertThat(BarMemory.isWanted(asked, bar(2, "1", true))).isTrue();
    assertThat(BarMemory.isWanted(asked, bar(3, "1", true))).isFalse();
    assertThat(BarMemory.isWanted(asked.at("binance"), bar(2, "1", true))).isTrue();
    assertThat(BarMemory.isWanted(asked.at("kraken"), bar(2, "1", true))).isFalse();
    Query.Bars hours = new Query.Bars(BTC, Interval.H1, null, null, 9);
    assertThat(BarMemory.isWanted(hours, bar(2, "1", true))).isFalse();
    Query.Bars others = new Query.Bars(ChainBench.ETH, Interval.M1, null, null, 9);
    assertThat(BarMemory.isWanted(others, bar(2, "1", true))).isFalse();
    assertThat(BarMemory.isWanted(ALL, bar(2, "1", true))).isTrue();
  }

  @Test
  void barsOfAnotherLengthThanWasAskedForAreNotTaken() {
    Query.Bars hours = new Query.Bars(BTC, Interval.H1, null, null, 9);
    memory.remember(hours, new Served(hours, EXCHANGE, List.copyOf(complete(0, 3)), 1, false));
    assertThat(memory.size()).isZero();
    assertThat(memory.recall(hours)).isNull();
  }

  @Test
  void ofTwoExchangesNobodySaysWhoDeviates() {
    remember(0, 3);
    assertThat(memory.deviation(ALL, List.copyOf(complete(0, 3)))).isEmpty();
    assertThat(memory.deviation(ALL, List.of())).isEmpty();
  }
}

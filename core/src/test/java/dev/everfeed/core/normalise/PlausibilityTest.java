package dev.everfeed.core.normalise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlausibilityTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final SourceId SOURCE = new SourceId("binance");
  private static final long MINUTE = 60_000_000_000L;

  private static Event price(String price) {
    return new Event.Price(BTC, null, SOURCE, Decimal.parse(price), null);
  }

  private static Event trade(String price, String size) {
    return new Event.Trade(
        BTC, null, SOURCE, Decimal.parse(price), Decimal.parse(size), null, null, null);
  }

  private static Event quote(@Nullable String bid, @Nullable String ask) {
    return new Event.Quote(
        BTC,
        null,
        SOURCE,
        bid == null ? null : Decimal.parse(bid),
        null,
        ask == null ? null : Decimal.parse(ask),
        null,
        null);
  }

  private static Event bar(long second, int open, int high, int low, int close) {
    return new Event.Bar(
        BTC,
        null,
        SOURCE,
        Interval.M1,
        Instant.ofEpochSecond(second),
        Decimal.of(open),
        Decimal.of(high),
        Decimal.of(low),
        Decimal.of(close),
        null,
        true);
  }

  @Test
  void aPriceIsAboveZero() {
    assertThat(Plausibility.impossible(price("0.00000001"))).isEmpty();
    assertThat(Plausibility.impossible(price("0")))
        .contains("BTC/USDT: price must be above 0, was 0");
    assertThat(Plausibility.impossible(price("-1"))).isPresent();
  }

  @Test
  void aTradeHasAPriceAboveZeroAndNoSizeBelow() {
    assertThat(Plausibility.impossible(trade("1", "0"))).isEmpty();
    assertThat(Plausibility.impossible(trade("1", "-0.1")))
        .contains("BTC/USDT: trade of -0.1 at 1");
    assertThat(Plausibility.impossible(trade("0", "1"))).isPresent();
  }

  @Test
  void aQuoteHasNoSideBelowZero() {
    assertThat(Plausibility.impossible(quote("0", "0"))).isEmpty();
    assertThat(Plausibility.impossible(quote("2", "1"))).as("auctions cross").isEmpty();
    assertThat(Plausibility.impossible(quote(null, "1"))).isEmpty();
    assertThat(Plausibility.impossible(quote("1", "-1")))
        .contains("BTC/USDT: quote 1 / -1 below 0");
    assertThat(Plausibility.impossible(quote("-1", null))).isPresent();
  }

  @Test
  void openAndCloseOfABarLieBetweenItsLowAndItsHigh() {
    assertThat(Plausibility.impossible(bar(0, 1, 4, 1, 4))).isEmpty();
    assertThat(Plausibility.impossible(bar(0, 4, 4, 1, 1))).isEmpty();
    assertThat(Plausibility.impossible(bar(0, 2, 2, 2, 2))).isEmpty();
    assertThat(Plausibility.impossible(bar(0, 5, 4, 2, 3)))
        .contains("BTC/USDT bar of 1970-01-01T00:00:00Z: open 5, high 4, low 2, close 3 cannot be");
    for (Event wrong : List.of(
        bar(0, 1, 4, 2, 3),
        bar(0, 3, 4, 2, 5),
        bar(0, 3, 4, 2, 1),
        bar(0, 3, 2, 4, 3),
        bar(0, 0, 4, 0, 3),
        bar(0, 3, 4, -1, 3))) {
      assertThat(Plausibility.impossible(wrong)).as("%s", wrong).isPresent();
    }
  }

  @Test
  void whatCarriesNoPriceIsNeverImpossible() {
    assertThat(Plausibility.impossible(new Event.Heartbeat(SOURCE))).isEmpty();
  }

  @Test
  void theBarsOfASeriesRiseInTime() {
    Event first = bar(60, 1, 1, 1, 1);
    Event second = bar(120, 1, 1, 1, 1);
    assertThat(Plausibility.outOfOrder(List.of(first, price("1"), second))).isEmpty();
    assertThat(Plausibility.outOfOrder(List.of(first, first))).isPresent();
    assertThat(Plausibility.outOfOrder(List.of(second, price("1"), first)))
        .contains("BTC/USDT: bar of 1970-01-01T00:01:00Z comes after the bar of"
            + " 1970-01-01T00:02:00Z");
    assertThat(Plausibility.outOfOrder(List.of())).isEmpty();
  }

  @Test
  void aPriceMayMoveByTenPercentAndByTenMoreForEachWholeMinute() {
    assertThat(doubtful("110", 0)).isFalse();
    assertThat(doubtful("110.0001", 0)).isTrue();
    assertThat(doubtful("89.9999", MINUTE - 1)).isTrue();
    assertThat(doubtful("120", MINUTE)).isFalse();
    assertThat(doubtful("120.0001", MINUTE)).isTrue();
    assertThat(doubtful("150", 4 * MINUTE)).isFalse();
    assertThat(doubtful("110", -5 * MINUTE))
        .as("a clock read in the wrong order")
        .isFalse();
    assertThat(doubtful("111", -5 * MINUTE)).isTrue();
  }

  private static boolean doubtful(String price, long sinceNanos) {
    return Plausibility.isDoubtful(Decimal.parse(price), Decimal.of(100), sinceNanos);
  }

  @Test
  void twoSourcesAgreeUpToFivePercent() {
    assertThat(Plausibility.agree(Decimal.of(105), Decimal.of(100))).isTrue();
    assertThat(Plausibility.agree(Decimal.parse("105.0001"), Decimal.of(100))).isFalse();
    assertThat(Plausibility.agree(Decimal.of(95), Decimal.of(100))).isTrue();
  }
}

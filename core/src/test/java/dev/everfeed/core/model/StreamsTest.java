package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StreamsTest {
  private static final Symbol BTC = Symbol.of("BTC/USDT");
  private static final Stream TRADES = Stream.trades(BTC);
  private static final Stream QUOTES = Stream.quotes(BTC);
  private static final Stream BARS = Stream.bars(BTC, Interval.M1);

  @Test
  void aStreamIsNamedByItsChannelItsSymbolAndTheIntervalOfItsBars() {
    assertThat(TRADES).hasToString("trade|BTC/USDT");
    assertThat(QUOTES.name()).isEqualTo("quote|BTC/USDT");
    assertThat(BARS.name()).isEqualTo("bar|BTC/USDT|1m");
    assertThat(BARS).isLessThan(QUOTES);
    assertThat(TRADES).isGreaterThan(QUOTES);
  }

  @Test
  void barsHaveAnIntervalAndNothingElseHasOne() {
    assertThatThrownBy(() -> new Stream(Channel.BAR, BTC, null))
        .hasMessage(
            "bars have an interval and nothing else has one, was BAR of BTC/USDT with null");
    assertThatThrownBy(() -> new Stream(Channel.TRADE, BTC, Interval.M1))
        .hasMessageContaining("TRADE of BTC/USDT with 1m");
  }

  @Test
  void streamsAreNumberedInTheOrderGivenEachOnce() {
    Streams streams = new Streams(List.of(QUOTES, TRADES, QUOTES));
    assertThat(streams.size()).isEqualTo(2);
    assertThat(streams.all()).containsExactly(QUOTES, TRADES);
    assertThat(streams.numberOf(QUOTES)).isZero();
    assertThat(streams.numberOf(TRADES)).isEqualTo(1);
    assertThat(streams.stream(1)).isEqualTo(TRADES);
    assertThat(streams.numberOf(BARS)).isEqualTo(Streams.NONE);
    assertThatThrownBy(() -> streams.stream(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}

package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the constructors of events and of what goes with them refuse.
class EventTest {
  private static final SourceId SOURCE = new SourceId("kraken");

  private static Event.Quote quote(@Nullable Decimal bid, @Nullable Decimal ask) {
    return new Event.Quote(Symbol.of("BTC/USD"), null, SOURCE, bid, null, ask, null, null);
  }

  @Test
  void aQuoteNeedsOneSideAndMayBeCrossed() {
    assertThatThrownBy(() -> quote(null, null))
        .hasMessage("kraken BTC/USD: a quote needs a bid or an ask");
    assertThat(quote(Decimal.ONE, null).ask()).isNull();
    assertThat(quote(null, Decimal.ONE).bid()).isNull();
    assertThat(quote(Decimal.of(2), Decimal.ONE).bid()).as("auctions cross").isNotNull();
  }

  @Test
  void aSourceIsNamedInSmallLettersDigitsAndUnderscores() {
    assertThat(new SourceId("a" + "9_".repeat(15) + "z")).hasToString("a" + "9_".repeat(15) + "z");
    for (String name : new String[] {"", "9a", "_a", "Kraken", "a-b", "a".repeat(33)}) {
      assertThatThrownBy(() -> new SourceId(name))
          .hasMessage("source name must match [a-z][a-z0-9_]{0,31}, was \"" + name + "\"");
    }
    assertThat(new SourceId("binance")).isLessThan(SOURCE);
  }

  /// Five kinds say that the source is ill. All others are somebody else's affair.
  @Test
  void onlyFiveKindsOfFailureCountAgainstTheSource() {
    assertThat(Arrays.stream(Failure.Kind.values()).filter(Failure.Kind::countsAgainstBreaker))
        .containsExactly(
            Failure.Kind.TIMEOUT,
            Failure.Kind.CONNECTION,
            Failure.Kind.SERVER_ERROR,
            Failure.Kind.UNDECODABLE,
            Failure.Kind.WRONG_DATA);
  }

  @Test
  void nobodyAsksToBeLeftAloneForLessThanNothing() {
    assertThatThrownBy(() -> new Failure(Failure.Kind.PAUSED, "later", -1))
        .hasMessage("retryAfterNanos must not be negative, was -1");
    assertThat(new Failure(Failure.Kind.PAUSED, "later", 0))
        .isEqualTo(Failure.of(Failure.Kind.PAUSED, "later"));
  }
}

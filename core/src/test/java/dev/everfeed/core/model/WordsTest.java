package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// The words that leave the hub: readers, dashboards and stored rows know them, so that none of
/// them changes by an accident.
class WordsTest {
  private static <T> List<String> words(T[] values, Function<T, String> text) {
    return Arrays.stream(values).map(text).toList();
  }

  @Test
  void channelsSidesAndStatusesAreCalledAsInTheWireFormat() {
    assertThat(words(Channel.values(), Channel::text)).containsExactly("trade", "quote", "bar");
    assertThat(words(Side.values(), Side::text)).containsExactly("buy", "sell");
    assertThat(words(ValueStatus.values(), ValueStatus::text))
        .containsExactly("live", "maybe_stale", "stale", "delayed", "backfilled", "cached");
  }

  @Test
  void whatAVenueSaysOfItselfAndItsInstrumentsIsCalledAsInTheWireFormat() {
    assertThat(words(Event.Listing.Trading.values(), Event.Listing.Trading::text))
        .containsExactly("trading", "halted", "other");
    assertThat(words(Event.SourceStatus.Condition.values(), Event.SourceStatus.Condition::text))
        .containsExactly("online", "degraded", "maintenance", "offline");
  }

  @Test
  void kindsOfQuestionsAndRefillsAreInSmallLetters() {
    assertThat(words(Query.Kind.values(), Query.Kind::text))
        .containsExactly("price", "bars", "trades", "sentiment", "listings");
    assertThat(words(Proof.Refill.values(), Proof.Refill::text))
        .containsExactly("none", "by_id", "by_time");
    assertThat(Failure.Kind.OVER_BUDGET.text()).isEqualTo("over_budget");
  }
}

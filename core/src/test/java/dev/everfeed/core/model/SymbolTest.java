package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SymbolTest {
  @Test
  void aSymbolHasOneToFortyCharacters() {
    assertThat(new Symbol("X".repeat(40)).text()).hasSize(40);
    assertThat(new Symbol("X")).hasToString("X");
    assertThatThrownBy(() -> new Symbol("X".repeat(41)))
        .hasMessage("symbol must have 1 to 40 characters, had 41");
    assertThatThrownBy(() -> new Symbol("")).hasMessageContaining("had 0");
  }

  /// They would break a topic, a log line or a JSON text.
  @Test
  void blanksQuotesControlsAndTheSeparatorOfTopicsAreRefusedWithTheirPlace() {
    for (char c : new char[] {' ', '|', '"', '\\', '\t', '\u007f', '\u0085', '\u3000'}) {
      assertThatThrownBy(() -> new Symbol("BTC" + c))
          .hasMessage(
              "symbol must not contain blanks, quotes or '|', had U+%04X at 3".formatted((int) c));
    }
    assertThat(new Symbol("!$€µ~").text()).as("all others are its own affair").hasSize(5);
  }

  @Test
  void aPairHasABaseAndAQuoteCurrency() {
    Symbol pair = Symbol.of("BTC", "USDT");
    assertThat(pair).isEqualTo(Symbol.of("BTC/USDT"));
    assertThat(pair.base()).contains("BTC");
    assertThat(pair.quote()).contains("USDT");
    Symbol swap = Symbol.of("BTC/USD:BTC");
    assertThat(swap.base()).contains("BTC");
    assertThat(swap.quote()).as("not what it is settled in").contains("USD");
    assertThat(Symbol.of("A/B").base()).contains("A");
  }

  @Test
  void whatIsNoPairHasNeither() {
    for (String text : new String[] {"AAPL", "rb2601.SHFE", "/USDT"}) {
      assertThat(Symbol.of(text).base()).as(text).isEmpty();
      assertThat(Symbol.of(text).quote()).as(text).isEmpty();
    }
  }

  @Test
  void symbolsAreOrderedByTheirText() {
    assertThat(Symbol.of("BTC/USD")).isLessThan(Symbol.of("BTC/USDT"));
    assertThat(Symbol.of("ETH/USD")).isGreaterThan(Symbol.of("BTC/USDT"));
  }
}

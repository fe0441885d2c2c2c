package dev.everfeed.core.model;

import java.util.Optional;

/// What is traded, in the domain's own notation: `BTC/USDT`, `AAPL`, `rb2601.SHFE`
/// (wire/CANONICAL.md, Symbols).
///
/// A source's own notation (`BTCUSDT`, `bitcoin`) never leaves its package. Case is kept,
/// because futures need it.
///
/// @param text 1 to 40 characters, none of them blank, a control character or `|` (which
///     separates topic parts)
public record Symbol(String text) implements Comparable<Symbol> {
  public static final int MAX_LENGTH = 40;

  public Symbol {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "symbol must have 1 to %d characters, had %d".formatted(MAX_LENGTH, text.length()));
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' '
          || c == '|'
          || c == '"'
          || c == '\\'
          || Character.isISOControl(c)
          || Character.isWhitespace(c)) {
        throw new IllegalArgumentException(
            "symbol must not contain blanks, quotes or '|', had U+%04X at %d"
                .formatted((int) c, i));
      }
    }
  }

  public static Symbol of(String text) {
    return new Symbol(text);
  }

  public static Symbol of(String base, String quote) {
    return new Symbol(base + "/" + quote);
  }

  /// `BTC` of `BTC/USDT`; empty where the notation has no quote currency.
  public Optional<String> base() {
    int slash = text.indexOf('/');
    return slash <= 0 ? Optional.empty() : Optional.of(text.substring(0, slash));
  }

  /// `USDT` of `BTC/USDT`, `USD` of `BTC/USD:BTC`; empty where the notation has no quote
  /// currency.
  public Optional<String> quote() {
    int slash = text.indexOf('/');
    if (slash <= 0) {
      return Optional.empty();
    }
    int colon = text.indexOf(':', slash);
    return Optional.of(text.substring(slash + 1, colon < 0 ? text.length() : colon));
  }

  @Override
  public int compareTo(Symbol other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}

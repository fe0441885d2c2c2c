package dev.everfeed.hub.config;

import dev.everfeed.core.model.Symbol;

/// A symbol, or all symbols of a quote currency: `BTC/USDT`, `*/USDT`.
///
/// @param text a symbol whose base may be `*`
public record SymbolPattern(String text) {
  private static final String ANY = "*/";

  public SymbolPattern {
    Symbol.of(text);
    if (text.indexOf('*') >= 0 && (!text.startsWith(ANY) || text.lastIndexOf('*') > 0)) {
      throw new IllegalArgumentException("'*' may only stand for a whole base, as in \"*/USDT\"");
    }
  }

  boolean hasWildcard() {
    return text.startsWith(ANY);
  }

  boolean matches(Symbol symbol) {
    return hasWildcard()
        ? symbol.base().isPresent()
            && symbol.text().endsWith(text.substring(1))
            && symbol.text().indexOf('/') == symbol.text().length() - text.length() + 1
        : symbol.text().equals(text);
  }

  /// This with the base of `asked` in the place of the star.
  Symbol fill(Symbol asked) {
    return hasWildcard()
        ? Symbol.of(asked.base().orElseThrow() + text.substring(1))
        : Symbol.of(text);
  }

  @Override
  public String toString() {
    return text;
  }
}

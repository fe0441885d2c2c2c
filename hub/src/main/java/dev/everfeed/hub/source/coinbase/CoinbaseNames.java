package dev.everfeed.hub.source.coinbase;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Undecodable;
import java.util.Optional;
import java.util.regex.Pattern;

/// `BTC/USD` to `BTC-USD` and back.
final class CoinbaseNames {
  private static final Pattern SPOT = Pattern.compile("[A-Z0-9]+/[A-Z0-9]+");

  private CoinbaseNames() {}

  /// Empty for what has no name there: anything but spot in upper case.
  static Optional<String> nativeOf(Symbol symbol) {
    String text = symbol.text();
    return SPOT.matcher(text).matches() ? Optional.of(text.replace('/', '-')) : Optional.empty();
  }

  /// @throws Undecodable when it is not the name of a spot product
  static Symbol symbolOf(JsonValue value) throws Undecodable {
    String name = value.asText("the product");
    int dash = name.indexOf('-');
    if (dash <= 0 || dash == name.length() - 1 || name.indexOf('-', dash + 1) >= 0) {
      throw new Undecodable(
          value.offset(), "the product must be written BASE-QUOTE, was " + value.shown());
    }
    return symbol(value, name.substring(0, dash), name.substring(dash + 1));
  }

  /// @throws Undecodable when the two cannot be a symbol
  static Symbol symbol(JsonValue at, String base, String quote) throws Undecodable {
    try {
      return Symbol.of(base, quote);
    } catch (IllegalArgumentException e) {
      throw new Undecodable(at.offset(), String.valueOf(e.getMessage()));
    }
  }
}

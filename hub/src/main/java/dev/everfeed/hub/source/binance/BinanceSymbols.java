package dev.everfeed.hub.source.binance;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.GluedNames;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Undecodable;
import java.util.Optional;

/// `BTC/USDT` to `BTCUSDT` and back.
///
/// Binance glues base and quote together. Way back: one of the symbols that were asked for if
/// it has that name, else what [GluedNames] makes of it.
final class BinanceSymbols {
  private BinanceSymbols() {}

  /// Empty for what has no name there: anything but spot in upper case.
  static Optional<String> nativeOf(Symbol symbol) {
    if (symbol.base().isEmpty() || symbol.quote().isEmpty() || symbol.text().indexOf(':') >= 0) {
      return Optional.empty();
    }
    String name = symbol.base().get() + symbol.quote().get();
    boolean allowed = !symbol.quote().get().isEmpty()
        && name.chars()
            .allMatch(c -> (Character.isLetterOrDigit(c) && !Character.isLowerCase(c))
                || c == '-'
                || c == '_'
                || c == '.');
    return allowed ? Optional.of(name) : Optional.empty();
  }

  static Symbol symbolOf(JsonValue value, DecodeContext context) throws Undecodable {
    String name = value.asText("the symbol");
    if (context.symbol() != null && isNamed(context.symbol(), name)) {
      return context.symbol();
    }
    for (Symbol asked : context.batch()) {
      if (isNamed(asked, name)) {
        return asked;
      }
    }
    return of(value, GluedNames.split(name));
  }

  /// @throws Undecodable when the text cannot be a symbol
  static Symbol of(JsonValue at, String text) throws Undecodable {
    try {
      return Symbol.of(text);
    } catch (IllegalArgumentException e) {
      throw new Undecodable(at.offset(), String.valueOf(e.getMessage()));
    }
  }

  private static boolean isNamed(Symbol symbol, String name) {
    return nativeOf(symbol).filter(name::equals).isPresent();
  }
}

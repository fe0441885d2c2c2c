package dev.everfeed.hub.source.okx;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Undecodable;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// `BTC/USDT` to `BTC-USDT` and back.
///
/// | instrument | OKX | here |
/// |---|---|---|
/// | spot | `BTC-USDT` | `BTC/USDT` |
/// | perpetual | `BTC-USDT-SWAP`, `BTC-USD-SWAP` | `BTC/USDT:USDT`, `BTC/USD:BTC` |
/// | future | `BTC-USD-220527` | `BTC/USD:BTC-220527` |
/// | option | `BTC-USD-220624-50000-C` | `BTC/USD:BTC-220624-50000-C` |
///
/// What settles is the base if the quote is USD, else the quote (wire/CANONICAL.md, reading 9).
/// A name of another shape stands as it is.
final class OkxSymbols {
  private static final Pattern DATE = Pattern.compile("[0-9]{6}");

  private OkxSymbols() {}

  /// Empty for what has no name there: anything but spot in upper case.
  static Optional<String> nativeOf(Symbol symbol) {
    if (symbol.base().isEmpty() || symbol.quote().isEmpty() || symbol.text().indexOf(':') >= 0) {
      return Optional.empty();
    }
    String base = symbol.base().get();
    String quote = symbol.quote().get();
    return isCurrency(base) && isCurrency(quote)
        ? Optional.of(base + "-" + quote)
        : Optional.empty();
  }

  /// @throws Undecodable when the text cannot be a symbol
  static Symbol symbolOf(JsonValue value) throws Undecodable {
    String name = value.asText("\"instId\"");
    try {
      return Symbol.of(unified(name));
    } catch (IllegalArgumentException e) {
      throw new Undecodable(value.offset(), String.valueOf(e.getMessage()));
    }
  }

  /// Whether volumes of it are counted in contracts, so that the next column has the base units.
  static boolean isContract(Symbol symbol) {
    return symbol.text().indexOf(':') >= 0;
  }

  private static String unified(String name) {
    List<String> parts = List.of(name.split("-", -1));
    if (parts.size() < 2 || parts.contains("")) {
      return name;
    }
    String base = parts.get(0);
    String quote = parts.get(1);
    String pair = base + "/" + quote;
    if (parts.size() == 2) {
      return pair;
    }
    String settled = pair + ":" + (quote.equals("USD") ? base : quote);
    if (parts.size() == 3 && parts.get(2).equals("SWAP")) {
      return settled;
    }
    boolean dated = DATE.matcher(parts.get(2)).matches();
    return dated && (parts.size() == 3 || parts.size() == 5)
        ? settled + "-" + String.join("-", parts.subList(2, parts.size()))
        : name;
  }

  private static boolean isCurrency(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> Character.isLetterOrDigit(c) && !Character.isLowerCase(c));
  }
}

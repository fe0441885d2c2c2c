package dev.everfeed.hub.source.kraken;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.GluedNames;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Undecodable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// `BTC/USD` to `XBTUSD` and back.
///
/// Kraken has up to three names for one pair: a key (`XXBTZUSD`, only its oldest pairs with the
/// letters `X` for coins and `Z` for money in front; all newer ones are plain, `XBTUSDT`), an
/// *altname* (`XBTUSD`) and a *wsname* (`XBT/USD`). It understands each of them and answers
/// under the key, so what comes back seldom has the name that was asked for. Its own codes are
/// `XBT` for BTC and `XDG` for DOGE (wire/CANONICAL.md, Symbols).
final class KrakenSymbols {
  /// The longest of them that a glued name ends with is its quote: the list of
  /// wire/CANONICAL.md with the venue's own codes and the currencies that only Kraken quotes in.
  /// Without TUSD, in which it quotes nothing, and with which XBTUSD ends.
  private static final List<String> QUOTES = List.of(
      "FDUSD", "USDT", "USDC", "BUSD", "USDP", "USDS", "IDRT", "BIDR", "BTC", "XBT", "ETH", "BNB",
      "DAI", "EUR", "GBP", "CAD", "CHF", "TRY", "BRL", "AUD", "JPY", "UAH", "RUB", "NGN", "ZAR",
      "PAX", "XRP", "TRX", "DOGE", "XDG", "DOT", "VAI", "USD");

  private static final Pattern SPOT = Pattern.compile("[A-Z0-9.]+/[A-Z0-9.]+");

  private KrakenSymbols() {}

  /// The altname of a symbol: base and quote in the venue's codes, glued. It holds for every
  /// pair of the recorded lists. Empty for what has no name there: anything but spot in upper
  /// case.
  static Optional<String> altnameOf(Symbol symbol) {
    if (symbol.base().isEmpty() || symbol.quote().isEmpty() || symbol.text().indexOf(':') >= 0) {
      return Optional.empty();
    }
    String name = codeOf(symbol.base().get()) + codeOf(symbol.quote().get());
    boolean allowed = !symbol.quote().get().isEmpty()
        && name.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.');
    return allowed ? Optional.of(name) : Optional.empty();
  }

  /// The name of a symbol in its streams (version 2), where it is written as here. Empty for what
  /// has no name there: anything but spot in upper case.
  static Optional<String> streamNameOf(Symbol symbol) {
    return SPOT.matcher(symbol.text()).matches() ? Optional.of(symbol.text()) : Optional.empty();
  }

  /// @throws Undecodable when it cannot be a symbol
  static Symbol ofStream(JsonValue name) throws Undecodable {
    return of(name, name.asText("\"symbol\""));
  }

  /// What an answer's key means.
  ///
  /// @param key    as it stands in the answer
  /// @param only   whether no other pair is in the answer: then it is the one asked for
  /// @param listed the venue's list of instruments by key, as far as it is known
  static Symbol symbolOf(
      JsonValue at, String key, boolean only, DecodeContext context, Map<String, Symbol> listed)
      throws Undecodable {
    if (context.symbol() != null && (only || isNamed(context.symbol(), key))) {
      return context.symbol();
    }
    Symbol known = listed.get(key);
    if (known != null) {
      return known;
    }
    for (Symbol asked : context.batch()) {
      if (isNamed(asked, key)) {
        return asked;
      }
    }
    return of(at, read(key));
  }

  /// Whether the key is one that the venue could have for the symbol, in any of its forms.
  static boolean isNamed(Symbol symbol, String key) {
    if (symbol.text().indexOf(':') >= 0) {
      return false;
    }
    List<String> bases = formsOf(symbol.base().orElse(""));
    List<String> quotes = formsOf(symbol.quote().orElse(""));
    String glued = key.replace("/", "");
    return bases.stream().anyMatch(b -> quotes.stream().anyMatch(q -> glued.equals(b + q)));
  }

  /// `XXBTZUSD`, `XBTUSDT` and `XBT/USD` in the domain's words; a glued name without a known
  /// quote stays whole.
  private static String read(String key) {
    int slash = key.indexOf('/');
    if (slash > 0) {
      return canonical(key.substring(0, slash)) + "/" + canonical(key.substring(slash + 1));
    }
    if (key.length() == 8) {
      String base = key.substring(0, 4);
      String quote = key.substring(4);
      // USDTZUSD, the one key that is half old and half new
      if (isLegacy(quote) && (isLegacy(base) || base.equals("USDT"))) {
        return plain(base) + "/" + plain(quote);
      }
    }
    String quote = GluedNames.quoteOf(key, QUOTES);
    String base = key.substring(0, key.length() - quote.length());
    return quote.isEmpty() ? key : canonical(base) + "/" + canonical(quote);
  }

  /// The symbol of a listed pair: its wsname, or its two assets (`XXBT`, `ZUSD`) where it has
  /// none.
  static Symbol listed(JsonValue at, JsonValue.Obj pair) throws Undecodable {
    String name = pair.textOrNull("wsname");
    if (name == null || name.indexOf('/') <= 0) {
      return of(at, plain(pair.text("base")) + "/" + plain(pair.text("quote")));
    }
    return of(at, read(name));
  }

  /// An asset's code without the letter of its class: `XXBT` is BTC, `ZUSD` is USD.
  private static String plain(String asset) {
    return canonical(isLegacy(asset) ? asset.substring(1) : asset);
  }

  private static boolean isLegacy(String asset) {
    return asset.length() == 4 && (asset.charAt(0) == 'X' || asset.charAt(0) == 'Z');
  }

  private static List<String> formsOf(String asset) {
    String code = codeOf(asset);
    return code.length() == 3 ? List.of(code, "X" + code, "Z" + code, asset) : List.of(code, asset);
  }

  private static String codeOf(String asset) {
    return switch (asset) {
      case "BTC" -> "XBT";
      case "DOGE" -> "XDG";
      default -> asset;
    };
  }

  private static String canonical(String code) {
    return switch (code) {
      case "XBT" -> "BTC";
      case "XDG" -> "DOGE";
      default -> code;
    };
  }

  private static Symbol of(JsonValue at, String text) throws Undecodable {
    try {
      return Symbol.of(text);
    } catch (IllegalArgumentException e) {
      throw new Undecodable(at.offset(), String.valueOf(e.getMessage()));
    }
  }
}

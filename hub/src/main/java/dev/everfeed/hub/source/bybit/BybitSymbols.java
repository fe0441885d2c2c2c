package dev.everfeed.hub.source.bybit;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.GluedNames;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.Undecodable;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `BTC/USDT` to `BTCUSDT` and back.
///
/// Bybit glues base and quote together, and uses the same name for spot and derivatives: the
/// category tells them apart, and where there is none only the name can.
///
/// | instrument | Bybit | here |
/// |---|---|---|
/// | spot | `BTCUSDT` | `BTC/USDT` |
/// | linear perpetual | `BTCUSDT` | `BTC/USDT:USDT` |
/// | in USDC | `BTCPERP` | `BTC/USDC:USDC` |
/// | inverse perpetual | `BTCUSD` | `BTC/USD:BTC` |
/// | linear future | `BTCUSDT-29DEC23` | `BTC/USDT:USDT-231229` |
/// | in USDC | `BTC-29DEC23` | `BTC/USDC:USDC-231229` |
/// | inverse future, last Friday of the month | `BTCUSDU23` | `BTC/USD:BTC-230929` |
/// | option | `BTC-30DEC22-18000-C-USDT` | `BTC/USDT:USDT-221230-18000-C` |
/// | in USDC | `BTC-30DEC22-18000-C` | `BTC/USDC:USDC-221230-18000-C` |
///
/// A glued name is split as the venue lists it, else as it was asked for, else by [GluedNames].
final class BybitSymbols {
  private static final List<String> MONTHS =
      List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

  /// January to December of the futures' month codes.
  private static final String MONTH_CODES = "FGHJKMNQUVXZ";

  private static final Pattern DAY = Pattern.compile("([0-9]{1,2})([A-Z]{3})([0-9]{2})");
  private static final Pattern INVERSE_FUTURE =
      Pattern.compile("([A-Z0-9]+)USD([FGHJKMNQUVXZ])([0-9]{2})");

  private BybitSymbols() {}

  /// Empty for what has no name there: anything but spot in upper case.
  static Optional<String> nativeOf(Symbol symbol) {
    if (symbol.base().isEmpty() || symbol.quote().isEmpty() || symbol.text().indexOf(':') >= 0) {
      return Optional.empty();
    }
    String name = symbol.base().get() + symbol.quote().get();
    boolean allowed = !symbol.quote().get().isEmpty()
        && name.chars().allMatch(c -> Character.isLetterOrDigit(c) && !Character.isLowerCase(c));
    return allowed ? Optional.of(name) : Optional.empty();
  }

  /// The name of a spot pair that alone tells what it is: it is not that of a derivative.
  static Optional<String> unmistakable(Symbol symbol) {
    return nativeOf(symbol).filter(name -> derivative(name) == null);
  }

  /// @param category `spot`, `linear`, `inverse`, `option`, or null when the payload does not
  ///     say
  /// @param listed   what the venue's own list says its spot names are
  /// @throws Undecodable when the text cannot be a symbol
  static Symbol symbolOf(
      JsonValue value, @Nullable String category, DecodeContext context, Map<String, Symbol> listed)
      throws Undecodable {
    String name = value.asText("\"symbol\"");
    boolean spot = category == null || category.equals("spot");
    if (spot && listed.containsKey(name)) {
      return listed.get(name);
    }
    try {
      String derivative = spot && category != null ? null : derivative(name);
      if (derivative != null) {
        return Symbol.of(derivative);
      }
      Symbol pair = pair(name, context);
      return spot ? pair : Symbol.of(pair.text() + settlement(pair));
    } catch (IllegalArgumentException e) {
      throw new Undecodable(value.offset(), String.valueOf(e.getMessage()));
    }
  }

  private static Symbol pair(String name, DecodeContext context) {
    List<Symbol> asked = new ArrayList<>(context.batch());
    if (context.symbol() != null) {
      asked.addFirst(context.symbol());
    }
    for (Symbol symbol : asked) {
      if (nativeOf(symbol).filter(name::equals).isPresent()) {
        return symbol;
      }
    }
    return Symbol.of(GluedNames.split(name));
  }

  /// What settles is the base if the quote is USD, else the quote (wire/CANONICAL.md, reading
  /// 9).
  private static String settlement(Symbol pair) {
    return pair.quote()
        .map(quote -> ":" + (quote.equals("USD") ? pair.base().orElse(quote) : quote))
        .orElse("");
  }

  /// Null for a name that could as well be a spot pair's.
  private static @Nullable String derivative(String name) {
    String[] parts = name.split("-", -1);
    if (parts.length >= 2 && !parts[0].isEmpty()) {
      return dated(parts);
    }
    if (name.length() > 4 && name.endsWith("PERP")) {
      return name.substring(0, name.length() - 4) + "/USDC:USDC";
    }
    Matcher inverse = INVERSE_FUTURE.matcher(name);
    if (!inverse.matches()) {
      return null;
    }
    String base = inverse.group(1);
    LocalDate delivery = LocalDate.of(
            2000 + Integer.parseInt(inverse.group(3)), MONTH_CODES.indexOf(inverse.group(2)) + 1, 1)
        .with(TemporalAdjusters.lastInMonth(DayOfWeek.FRIDAY));
    return "%s/USD:%s-%02d%02d%02d"
        .formatted(
            base,
            base,
            delivery.getYear() - 2000,
            delivery.getMonthValue(),
            delivery.getDayOfMonth());
  }

  private static @Nullable String dated(String[] parts) {
    Matcher day = DAY.matcher(parts[1]);
    int month = day.matches() ? MONTHS.indexOf(day.group(2)) + 1 : 0;
    if (month == 0) {
      return null;
    }
    String date = "%s%02d%02d".formatted(day.group(3), month, Integer.parseInt(day.group(1)));
    if (parts.length == 2) {
      String pair = GluedNames.split(parts[0]);
      String quote = pair.indexOf('/') < 0 ? "USDC" : pair.substring(pair.indexOf('/') + 1);
      String base = pair.indexOf('/') < 0 ? pair : pair.substring(0, pair.indexOf('/'));
      return "%s/%s:%s-%s".formatted(base, quote, quote, date);
    }
    if (parts.length == 4 || parts.length == 5) {
      String quote = parts.length == 5 ? parts[4] : "USDC";
      return "%s/%s:%s-%s-%s-%s".formatted(parts[0], quote, quote, date, parts[2], parts[3]);
    }
    return null;
  }
}

package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Interval;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a request's parameters with Binance's own rules and refusals (errors.md of the public
/// spot documentation).
final class BinanceQuery {
  private static final String SYMBOL_RANGE = "^[\\w\\-._&&[^a-z]]{1,50}$";
  private static final Pattern SYMBOL = Pattern.compile(SYMBOL_RANGE);

  // Binance's own expression: upper case, no blanks, no trailing comma.
  private static final String SYMBOLS_RANGE =
      "^\\[(\"[\\w\\-._&&[^a-z]]{1,50}\"(,\"[\\w\\-._&&[^a-z]]{1,50}\"){0,}){0,1}\\]$";
  private static final Pattern SYMBOLS = Pattern.compile(SYMBOLS_RANGE);
  private static final String NUMBER_RANGE = "^[0-9]{1,20}$";
  private static final Pattern NUMBER = Pattern.compile(NUMBER_RANGE);

  private final Ask ask;
  private final SimulatedMarket market;

  BinanceQuery(Ask ask, SimulatedMarket market) {
    this.ask = ask;
    this.market = market;
  }

  Listing symbol() throws BinanceRefusal {
    String symbol = ask.get("symbol");
    if (symbol == null || symbol.isEmpty()) {
      throw BinanceRefusal.missing("symbol");
    }
    return listed(symbol);
  }

  /// The listings that `symbol` or `symbols` name; null when neither is there.
  @Nullable
  Set<Listing> chosen() throws BinanceRefusal {
    String one = ask.get("symbol");
    String several = ask.get("symbols");
    if (one != null && several != null) {
      throw new BinanceRefusal(-1128, "Combination of optional parameters invalid.");
    }
    if (one != null) {
      return Set.of(listed(one));
    }
    if (several == null) {
      return null;
    }
    if (!SYMBOLS.matcher(several).matches()) {
      throw BinanceRefusal.illegal("symbols", SYMBOLS_RANGE);
    }
    Set<Listing> listings = new LinkedHashSet<>();
    for (String name : names(several)) {
      listings.add(listed(name));
    }
    if (listings.isEmpty()) {
      throw BinanceRefusal.missing("symbols");
    }
    return listings;
  }

  boolean asksForOne() {
    return ask.get("symbol") != null;
  }

  Interval interval() throws BinanceRefusal {
    String interval = ask.get("interval");
    if (interval == null || interval.isEmpty()) {
      throw BinanceRefusal.missing("interval");
    }
    return Interval.parse(interval)
        .orElseThrow(() -> new BinanceRefusal(-1120, "Invalid interval."));
  }

  /// 1 to 1000; more is taken as 1000, as many users of the venue found out.
  int limit(int otherwise) throws BinanceRefusal {
    OptionalLong limit = number("limit");
    if (limit.isEmpty()) {
      return otherwise;
    }
    if (limit.getAsLong() < 1) {
      throw BinanceRefusal.invalid("limit");
    }
    return (int) Math.min(1_000, limit.getAsLong());
  }

  OptionalLong number(String parameter) throws BinanceRefusal {
    String text = ask.get(parameter);
    if (text == null) {
      return OptionalLong.empty();
    }
    if (text.isEmpty()) {
      throw new BinanceRefusal(-1105, "Parameter '%s' was empty.".formatted(parameter));
    }
    if (!NUMBER.matcher(text).matches()) {
      throw BinanceRefusal.illegal(parameter, NUMBER_RANGE);
    }
    if (text.length() > 18) {
      throw BinanceRefusal.invalid(parameter);
    }
    return OptionalLong.of(Long.parseLong(text));
  }

  /// Times are milliseconds since the epoch; beyond the year 9999 nothing is sensible.
  OptionalLong time(String parameter) throws BinanceRefusal {
    OptionalLong millis = number(parameter);
    if (millis.isPresent() && millis.getAsLong() > 253_402_300_799_999L) {
      throw BinanceRefusal.invalid(parameter);
    }
    return millis;
  }

  /// The simulated venue keeps UTC only.
  void refuseTimeZone() throws BinanceRefusal {
    String zone = ask.get("timeZone");
    if (zone != null && !zone.equals("0") && !zone.equals("00:00")) {
      throw BinanceRefusal.invalid("timeZone");
    }
  }

  private Listing listed(String symbol) throws BinanceRefusal {
    if (!SYMBOL.matcher(symbol).matches()) {
      throw BinanceRefusal.illegal("symbol", SYMBOL_RANGE);
    }
    return market.listed(symbol).orElseThrow(BinanceRefusal::invalidSymbol);
  }

  private static List<String> names(String list) {
    List<String> names = new ArrayList<>();
    int from = list.indexOf('"');
    while (from >= 0) {
      int to = list.indexOf('"', from + 1);
      names.add(list.substring(from + 1, to));
      from = list.indexOf('"', to + 1);
    }
    return names;
  }
}

package dev.everfeed.simulator.venue;

import java.util.List;
import java.util.Map;

/// Kraken's names and instruments.
///
/// Old currencies have two names: `XBT` and `XXBT`, `USD` and `ZUSD`. A pair of two such is
/// keyed by the long names (`XXBTZUSD`), any other by the short ones (`XBTUSDT`).
final class KrakenText {
  private static final Map<String, String> SHORT = Map.of("BTC", "XBT", "DOGE", "XDG");
  private static final Map<String, String> LONG = Map.of(
      "BTC", "XXBT",
      "ETH", "XETH",
      "LTC", "XLTC",
      "XRP", "XXRP",
      "DOGE", "XXDG",
      "USD", "ZUSD",
      "EUR", "ZEUR",
      "GBP", "ZGBP");

  private KrakenText() {}

  /// `XXBTZUSD`, `XBTUSDT`: the name in answers.
  static String key(Listing listing) {
    String base = LONG.get(listing.base());
    String quote = LONG.get(listing.quote());
    return base != null && quote != null ? base + quote : altName(listing);
  }

  /// `XBTUSD`.
  static String altName(Listing listing) {
    return shortName(listing.base()) + shortName(listing.quote());
  }

  /// `XBT/USD`.
  static String wsName(Listing listing) {
    return shortName(listing.base()) + "/" + shortName(listing.quote());
  }

  private static String shortName(String currency) {
    return SHORT.getOrDefault(currency, currency);
  }

  static void instrument(JsonText out, Listing listing) {
    String leverage = "[2,3,4,5,6,7,8,9,10]";
    out.name(key(listing))
        .object()
        .text("altname", altName(listing))
        .text("wsname", wsName(listing))
        .text("aclass_base", "currency")
        .text("base", LONG.getOrDefault(listing.base(), listing.base()))
        .text("aclass_quote", "currency")
        .text("quote", LONG.getOrDefault(listing.quote(), listing.quote()))
        .text("lot", "unit")
        .number("cost_decimals", 5)
        .number("pair_decimals", listing.decimals())
        .number("lot_decimals", 8)
        .number("lot_multiplier", 1)
        .raw("leverage_buy", leverage)
        .raw("leverage_sell", leverage)
        .raw("fees", "[[0,0.4],[10000,0.35],[50000,0.24]]")
        .raw("fees_maker", "[[0,0.25],[10000,0.2],[50000,0.14]]")
        .text("fee_volume_currency", "ZUSD")
        .number("margin_call", 80)
        .number("margin_stop", 40)
        .text("ordermin", "0.00005")
        .text("costmin", "0.5")
        .text("tick_size", JsonText.plain(listing.tick()))
        .text("status", "online")
        .number("long_position_limit", 80)
        .number("short_position_limit", 80)
        .endObject();
  }

  /// `[time, open, high, low, close, vwap, volume, count]`
  static void bar(JsonText out, Candle bar, int digits) {
    out.array().number(bar.openMillis() / 1_000);
    for (long price : new long[] {bar.open(), bar.high(), bar.low(), bar.close()}) {
      out.text(JsonText.fixed(price, digits));
    }
    out.text(bar.trades() == 0 ? "0.0" : JsonText.fixed(mean(bar), digits))
        .text(JsonText.fixed(bar.volume(), 8))
        .number(bar.trades())
        .endArray();
  }

  static void ticker(JsonText out, ExchangeBook book, long now) {
    Print last = book.lastTrade(now);
    ExchangeBook.Best best = book.best(last);
    long midnight = BarGrid.of(86_400).open(now);
    Candle today = book.candle(midnight, midnight + 86_400_000, now)
        .orElseGet(() -> book.flat(midnight, midnight + 86_400_000));
    Candle day = book.day(now);
    out.name(key(book.listing())).object();
    side(out, "a", best.ask(), best.askSize());
    side(out, "b", best.bid(), best.bidSize());
    pair(out, "c", JsonText.fixed(last.price(), 5), JsonText.fixed(last.size(), 8));
    pair(out, "v", JsonText.fixed(today.volume(), 8), JsonText.fixed(day.volume(), 8));
    pair(out, "p", JsonText.fixed(mean(today), 5), JsonText.fixed(mean(day), 5));
    out.name("t").array().number(today.trades()).number(day.trades()).endArray();
    pair(out, "l", JsonText.fixed(today.low(), 5), JsonText.fixed(day.low(), 5));
    pair(out, "h", JsonText.fixed(today.high(), 5), JsonText.fixed(day.high(), 5));
    out.text("o", JsonText.fixed(today.open(), 5)).endObject();
  }

  /// `[price, volume, time, b or s, m or l, misc, id]`; time in seconds with a fraction.
  static void trade(JsonText out, Print print) {
    long nanos = nanos(print);
    out.array()
        .text(JsonText.fixed(print.price(), 5))
        .text(JsonText.fixed(print.size(), 8))
        .raw("%d.%07d".formatted(nanos / 1_000_000_000, nanos % 1_000_000_000 / 100))
        .text(print.buyerIsMaker() ? "s" : "b")
        .text((Noise.hash(print.id(), 2) & 1) == 0 ? "m" : "l")
        .text("")
        .number(print.id())
        .endArray();
  }

  /// Since the epoch: the venue knows parts of a microsecond, a trade's id decides on them.
  static long nanos(Print print) {
    return print.timeMillis() * 1_000_000 + Noise.below(Noise.hash(print.id(), 1), 10_000) * 100;
  }

  private static void side(JsonText out, String name, long price, long size) {
    long lots = Math.max(1, size / 100_000_000);
    out.name(name).array();
    for (String value : List.of(JsonText.fixed(price, 5), Long.toString(lots), lots + ".000")) {
      out.text(value);
    }
    out.endArray();
  }

  private static void pair(JsonText out, String name, String today, String day) {
    out.name(name).array().text(today).text(day).endArray();
  }

  /// Volume weighted; of quote volume that was cut to its last digit, so it is kept in range.
  static long mean(Candle bar) {
    return bar.volume() == 0
        ? bar.close()
        : Math.clamp(Math.round(bar.quoteVolume() / (bar.volume() / 1e8)), bar.low(), bar.high());
  }
}

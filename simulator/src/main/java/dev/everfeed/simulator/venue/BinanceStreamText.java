package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Interval;

/// The frames of Binance's market streams, written as web-socket-streams.md shows them.
final class BinanceStreamText {
  private BinanceStreamText() {}

  static String trade(Listing listing, Print print) {
    StringBuilder out = event("trade", print.timeMillis() + BinanceStreams.SENT_AFTER_MILLIS);
    BinanceText.text(out, "s", listing.venueSymbol());
    BinanceText.number(out, "t", print.id());
    BinanceText.field(out, "p", print.price());
    BinanceText.field(out, "q", print.size());
    return end(out, print);
  }

  /// Each trade is its own aggregate, as over REST.
  static String aggregate(Listing listing, Print print) {
    StringBuilder out = event("aggTrade", print.timeMillis() + BinanceStreams.SENT_AFTER_MILLIS);
    BinanceText.text(out, "s", listing.venueSymbol());
    BinanceText.number(out, "a", print.id());
    BinanceText.field(out, "p", print.price());
    BinanceText.field(out, "q", print.size());
    BinanceText.number(out, "f", print.id());
    BinanceText.number(out, "l", print.id());
    return end(out, print);
  }

  private static String end(StringBuilder out, Print print) {
    BinanceText.number(out, "T", print.timeMillis());
    BinanceText.name(out, "m").append(print.buyerIsMaker());
    BinanceText.name(out, "M").append(true);
    return out.append('}').toString();
  }

  /// Neither `e` nor `E`: the venue leaves them out.
  static String best(Listing listing, Print print, long update) {
    var out = new StringBuilder(160).append('{');
    BinanceText.number(out, "u", update);
    BinanceText.text(out, "s", listing.venueSymbol());
    BinanceText.best(out, listing, print, "b", "B", "a", "A");
    return out.append('}').toString();
  }

  static String kline(
      Listing listing,
      Interval interval,
      Candle candle,
      long firstId,
      long sentMillis,
      boolean closed) {
    StringBuilder out = event("kline", sentMillis);
    BinanceText.text(out, "s", listing.venueSymbol());
    BinanceText.name(out, "k").append('{');
    BinanceText.number(out, "t", candle.openMillis());
    BinanceText.number(out, "T", candle.closeMillis());
    BinanceText.text(out, "s", listing.venueSymbol());
    BinanceText.text(out, "i", interval.text());
    boolean traded = candle.trades() > 0;
    BinanceText.number(out, "f", traded ? firstId : -1);
    BinanceText.number(out, "L", traded ? firstId + candle.trades() - 1 : -1);
    BinanceText.field(out, "o", candle.open());
    BinanceText.field(out, "c", candle.close());
    BinanceText.field(out, "h", candle.high());
    BinanceText.field(out, "l", candle.low());
    BinanceText.field(out, "v", candle.volume());
    BinanceText.number(out, "n", candle.trades());
    BinanceText.name(out, "x").append(closed);
    BinanceText.field(out, "q", candle.quoteVolume());
    BinanceText.field(out, "V", candle.takerVolume());
    BinanceText.field(out, "Q", candle.takerQuoteVolume());
    BinanceText.text(out, "B", "0");
    return out.append("}}").toString();
  }

  static String shutdown(long nowMillis) {
    return event("serverShutdown", nowMillis).append('}').toString();
  }

  private static StringBuilder event(String name, long sentMillis) {
    var out = new StringBuilder(220).append('{');
    BinanceText.text(out, "e", name);
    BinanceText.number(out, "E", sentMillis);
    return out;
  }
}

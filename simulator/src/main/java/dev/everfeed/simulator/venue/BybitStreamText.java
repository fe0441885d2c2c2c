package dev.everfeed.simulator.venue;

/// The frames of Bybit's public streams, written as the venue's documentation and the recorded
/// ones show them.
final class BybitStreamText {
  private BybitStreamText() {}

  /// `i` is the id that the answers over REST have.
  static String trade(Listing listing, Print print, long sequence) {
    return frame(BybitStreams.TRADES, listing, "snapshot", ExchangeStreams.sent(print))
        .name("data")
        .array()
        .object()
        .number("T", print.timeMillis())
        .text("s", listing.venueSymbol())
        .text("S", print.buyerIsMaker() ? "Sell" : "Buy")
        .text("v", JsonText.plain(print.size()))
        .text("p", JsonText.plain(print.price()))
        .text("i", BybitText.execution(print))
        .raw("BT", "false")
        .raw("RPI", "false")
        .number("seq", sequence)
        .endObject()
        .endArray()
        .endObject()
        .toString();
  }

  /// The book as a trade left it.
  static String whole(ExchangeBook book, Print last, long millis) {
    ExchangeBook.Best best = book.best(last);
    JsonText out = frame(BybitStreams.BOOK, book.listing(), "snapshot", millis);
    begin(out, book.listing()).name("b").array();
    level(out, best.bid(), best.bidSize()).endArray().name("a").array();
    level(out, best.ask(), best.askSize()).endArray();
    return end(out, last);
  }

  /// What a trade changed: a level that is gone has the size 0, and of a side that is as it was
  /// nothing is said.
  static String changed(ExchangeBook book, Print before, Print print) {
    ExchangeBook.Best was = book.best(before);
    ExchangeBook.Best is = book.best(print);
    JsonText out = frame(BybitStreams.BOOK, book.listing(), "delta", ExchangeStreams.sent(print));
    begin(out, book.listing()).name("b").array();
    side(out, was.bid(), is.bid(), was.bidSize(), is.bidSize());
    out.endArray().name("a").array();
    side(out, was.ask(), is.ask(), was.askSize(), is.askSize());
    return end(out.endArray(), print);
  }

  private static void side(JsonText out, long was, long is, long wasSize, long isSize) {
    if (was != is) {
      level(out, was, 0);
    }
    if (was != is || wasSize != isSize) {
      level(out, is, isSize);
    }
  }

  private static JsonText level(JsonText out, long price, long size) {
    return out.array().text(JsonText.plain(price)).text(JsonText.plain(size)).endArray();
  }

  private static JsonText begin(JsonText out, Listing listing) {
    return out.name("data").object().text("s", listing.venueSymbol());
  }

  private static String end(JsonText out, Print print) {
    return out.number("u", print.id())
        .number("seq", BybitText.sequence(print))
        .endObject()
        .number("cts", print.timeMillis())
        .endObject()
        .toString();
  }

  /// `end` is the last millisecond; `timestamp` that of the last trade.
  static String bar(ExchangeBook book, String interval, Candle bar, long now) {
    boolean closed = bar.closeMillis() < now;
    return new JsonText()
        .object()
        .text("type", "snapshot")
        .text("topic", "kline." + interval + "." + book.listing().venueSymbol())
        .name("data")
        .array()
        .object()
        .number("start", bar.openMillis())
        .number("end", bar.closeMillis())
        .text("interval", interval)
        .text("open", JsonText.plain(bar.open()))
        .text("close", JsonText.plain(bar.close()))
        .text("high", JsonText.plain(bar.high()))
        .text("low", JsonText.plain(bar.low()))
        .text("volume", JsonText.plain(bar.volume()))
        .text("turnover", JsonText.plain(bar.quoteVolume()))
        .raw("confirm", Boolean.toString(closed))
        .number("timestamp", book.lastTrade(Math.min(now, bar.closeMillis())).timeMillis())
        .endObject()
        .endArray()
        .number("ts", now)
        .endObject()
        .toString();
  }

  private static JsonText frame(String topic, Listing listing, String type, long millis) {
    return new JsonText()
        .object()
        .text("topic", topic + "." + listing.venueSymbol())
        .text("type", type)
        .number("ts", millis);
  }
}

package dev.everfeed.simulator.venue;

import java.util.function.Consumer;

/// OKX's JSON: everything is text, without zeros at the end.
final class OkxText {
  private OkxText() {}

  /// `BTC-USDT`.
  static String instId(Listing listing) {
    return listing.base() + "-" + listing.quote();
  }

  /// `[ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]`
  static void bar(JsonText out, Candle bar, long now) {
    out.array().text(Long.toString(bar.openMillis()));
    for (long value : new long[] {
      bar.open(),
      bar.high(),
      bar.low(),
      bar.close(),
      bar.volume(),
      bar.quoteVolume(),
      bar.quoteVolume()
    }) {
      out.text(JsonText.plain(value));
    }
    out.text(bar.closeMillis() < now ? "1" : "0").endArray();
  }

  static void ticker(JsonText out, ExchangeBook book, long now) {
    Print last = book.lastTrade(now);
    ExchangeBook.Best best = book.best(last);
    Candle day = book.day(now);
    BarGrid days = BarGrid.of(86_400);
    out.object()
        .text("instType", "SPOT")
        .text("instId", instId(book.listing()))
        .text("last", JsonText.plain(last.price()))
        .text("lastSz", JsonText.plain(last.size()))
        .text("askPx", JsonText.plain(best.ask()))
        .text("askSz", JsonText.plain(best.askSize()))
        .text("bidPx", JsonText.plain(best.bid()))
        .text("bidSz", JsonText.plain(best.bidSize()))
        .text("open24h", JsonText.plain(day.open()))
        .text("high24h", JsonText.plain(day.high()))
        .text("low24h", JsonText.plain(day.low()))
        .text("volCcy24h", JsonText.plain(day.quoteVolume()))
        .text("vol24h", JsonText.plain(day.volume()))
        .text("ts", Long.toString(last.timeMillis()))
        .text("sodUtc0", JsonText.plain(book.lastTrade(days.open(now)).price()))
        .text(
            "sodUtc8", JsonText.plain(book.lastTrade(days.aheadBy(8).open(now)).price()))
        .endObject();
  }

  /// A frame of a channel with one item.
  static String streamed(String channel, Listing listing, Consumer<JsonText> item) {
    JsonText out = new JsonText()
        .object()
        .raw("arg", arg(channel, instId(listing)))
        .name("data")
        .array();
    item.accept(out);
    return out.endArray().endObject().toString();
  }

  static JsonText arg(String channel, String instId) {
    return new JsonText()
        .object()
        .text("channel", channel)
        .text("instId", instId)
        .endObject();
  }

  /// The best level of each side: price, size, a field that is always 0, and how many orders.
  /// `seqId` grows with the trades, but not by one: orders count in it.
  static void best(JsonText out, ExchangeBook book, Print last) {
    ExchangeBook.Best best = book.best(last);
    out.object().name("asks").array();
    level(out, best.ask(), best.askSize(), Noise.hash(last.id(), 6)).endArray();
    out.name("bids").array();
    level(out, best.bid(), best.bidSize(), Noise.hash(last.id(), 7)).endArray();
    out.text("ts", Long.toString(last.timeMillis()))
        .number("seqId", 20 * last.id() + Noise.below(Noise.hash(last.id(), 8), 20))
        .endObject();
  }

  private static JsonText level(JsonText out, long price, long size, long chance) {
    return out.array()
        .text(JsonText.plain(price))
        .text(JsonText.plain(size))
        .text("0")
        .text(Long.toString(1 + Noise.below(chance, 20)))
        .endArray();
  }

  static void trade(JsonText out, Listing listing, Print print) {
    out.object()
        .text("instId", instId(listing))
        .text("side", print.buyerIsMaker() ? "sell" : "buy")
        .text("sz", JsonText.plain(print.size()))
        .text("px", JsonText.plain(print.price()))
        .text("source", "0")
        .text("tradeId", Long.toString(print.id()))
        .text("ts", Long.toString(print.timeMillis()))
        .endObject();
  }

  static void instrument(JsonText out, Listing listing) {
    out.object()
        .text("alias", "")
        .text("auctionEndTime", "")
        .text("baseCcy", listing.base())
        .text("category", "1")
        .text("ctMult", "")
        .text("ctType", "")
        .text("ctVal", "")
        .text("ctValCcy", "")
        .text("expTime", "")
        .text("instFamily", "")
        .text("instId", instId(listing))
        .text("instType", "SPOT")
        .text("lever", "")
        .text("listTime", Long.toString(SimulatedMarket.LISTED.toEpochMilli()))
        .text("lotSz", "0.00001")
        .text("maxIcebergSz", "9999999999.0000000000000000")
        .text("maxLmtAmt", "20000000")
        .text("maxLmtSz", "9999999999")
        .text("maxMktAmt", "1000000")
        .text("maxMktSz", "1000000")
        .text("maxStopSz", "1000000")
        .text("maxTriggerSz", "9999999999.0000000000000000")
        .text("maxTwapSz", "9999999999.0000000000000000")
        .text("minSz", "0.00001")
        .text("optType", "")
        .text("quoteCcy", listing.quote())
        .text("ruleType", "normal")
        .text("settleCcy", "")
        .text("state", "live")
        .text("stk", "")
        .text("tickSz", JsonText.plain(listing.tick()))
        .text("uly", "")
        .endObject();
  }
}

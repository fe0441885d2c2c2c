package dev.everfeed.simulator.venue;

/// Bybit's JSON: everything is text, without zeros at the end.
final class BybitText {
  private BybitText() {}

  static void bar(JsonText out, Candle bar) {
    out.array().text(Long.toString(bar.openMillis()));
    for (long value :
        new long[] {bar.open(), bar.high(), bar.low(), bar.close(), bar.volume(), bar.quoteVolume()
        }) {
      out.text(JsonText.plain(value));
    }
    out.endArray();
  }

  static void ticker(JsonText out, ExchangeBook book, long now) {
    Print last = book.lastTrade(now);
    ExchangeBook.Best best = book.best(last);
    Candle day = book.day(now);
    out.object()
        .text("symbol", book.listing().venueSymbol())
        .text("bid1Price", JsonText.plain(best.bid()))
        .text("bid1Size", JsonText.plain(best.bidSize()))
        .text("ask1Price", JsonText.plain(best.ask()))
        .text("ask1Size", JsonText.plain(best.askSize()))
        .text("lastPrice", JsonText.plain(last.price()))
        .text("prevPrice24h", JsonText.plain(day.open()))
        .text("price24hPcnt", JsonText.share((double) (last.price() - day.open()) / day.open(), 4))
        .text("highPrice24h", JsonText.plain(day.high()))
        .text("lowPrice24h", JsonText.plain(day.low()))
        .text("turnover24h", JsonText.plain(day.quoteVolume()))
        .text("volume24h", JsonText.plain(day.volume()))
        .text("usdIndexPrice", JsonText.plain(last.price()))
        .endObject();
  }

  static String execution(Print print) {
    return Long.toString(2_290_000_000_000_000_000L + print.id());
  }

  /// Grows with the id, but not by one: other products count in it.
  static long sequence(Print print) {
    return 20 * print.id() + Noise.below(Noise.hash(print.id(), 1), 20);
  }

  static void trade(JsonText out, Listing listing, Print print) {
    out.object()
        .text("execId", execution(print))
        .text("symbol", listing.venueSymbol())
        .text("price", JsonText.plain(print.price()))
        .text("size", JsonText.plain(print.size()))
        .text("side", print.buyerIsMaker() ? "Sell" : "Buy")
        .text("time", Long.toString(print.timeMillis()))
        .raw("isBlockTrade", "false")
        .raw("isRPITrade", "false")
        .text("seq", Long.toString(sequence(print)))
        .endObject();
  }

  static void instrument(JsonText out, Listing listing) {
    out.object()
        .text("symbol", listing.venueSymbol())
        .text("baseCoin", listing.base())
        .text("quoteCoin", listing.quote())
        .text("innovation", "0")
        .text("status", "Trading")
        .text("marginTrading", "utaOnly")
        .name("lotSizeFilter")
        .object()
        .text("basePrecision", "0.00001")
        .text("quotePrecision", "0.00000001")
        .text("minOrderQty", "0.00001")
        .text("maxOrderQty", "71.73956243")
        .text("minOrderAmt", "1")
        .text("maxOrderAmt", "2000000")
        .endObject()
        .name("priceFilter")
        .object()
        .text("tickSize", JsonText.plain(listing.tick()))
        .endObject()
        .endObject();
  }
}

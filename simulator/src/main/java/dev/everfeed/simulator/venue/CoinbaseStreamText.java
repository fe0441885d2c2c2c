package dev.everfeed.simulator.venue;

import java.util.UUID;

/// The frames of Coinbase Exchange's feed, written as the recorded session shows them.
final class CoinbaseStreamText {
  /// Numbers of the product's sequence from one trade to the next: orders take the rest.
  private static final long SEQUENCES_PER_TRADE = 1_000;

  private CoinbaseStreamText() {}

  /// `side` is the maker's.
  static String match(String type, ExchangeBook book, Print print) {
    return match(type, book, print, sequence(print));
  }

  static String match(String type, ExchangeBook book, Print print, long sequence) {
    return new JsonText()
        .object()
        .text("type", type)
        .number("trade_id", print.id())
        .text("maker_order_id", order(print, 1))
        .text("taker_order_id", order(print, 2))
        .text("side", print.buyerIsMaker() ? "buy" : "sell")
        .text("size", JsonText.fixed(print.size(), 8))
        .text("price", JsonText.fixed(print.price(), book.listing().decimals()))
        .text("product_id", CoinbaseText.product(book.listing()))
        .number("sequence", sequence)
        .text("time", CoinbaseText.micros(print))
        .endObject()
        .toString();
  }

  /// `side` is the taker's.
  static String ticker(ExchangeBook book, Print print) {
    int digits = book.listing().decimals();
    ExchangeBook.Best best = book.best(print);
    Candle day = book.day(print.timeMillis());
    return new JsonText()
        .object()
        .text("type", "ticker")
        .number("sequence", sequence(print))
        .text("product_id", CoinbaseText.product(book.listing()))
        .text("price", JsonText.fixed(print.price(), digits))
        .text("open_24h", JsonText.fixed(day.open(), digits))
        .text("volume_24h", JsonText.fixed(day.volume(), 8))
        .text("low_24h", JsonText.fixed(day.low(), digits))
        .text("high_24h", JsonText.fixed(day.high(), digits))
        .text("volume_30d", JsonText.fixed(day.volume() * 30, 8))
        .text("best_bid", JsonText.fixed(best.bid(), digits))
        .text("best_bid_size", JsonText.fixed(best.bidSize(), 8))
        .text("best_ask", JsonText.fixed(best.ask(), digits))
        .text("best_ask_size", JsonText.fixed(best.askSize(), 8))
        .text("side", print.buyerIsMaker() ? "sell" : "buy")
        .text("time", CoinbaseText.micros(print))
        .number("trade_id", print.id())
        .text("last_size", JsonText.fixed(print.size(), 8))
        .endObject()
        .toString();
  }

  static String heartbeat(ExchangeBook book, Print last, long nowMillis) {
    long seconds = Math.clamp((nowMillis - last.timeMillis()) / 1_000, 0, 800);
    return new JsonText()
        .object()
        .text("type", "heartbeat")
        .number("last_trade_id", last.id())
        .text("product_id", CoinbaseText.product(book.listing()))
        .number("sequence", sequence(last) + 100 + seconds)
        .text("time", CoinbaseText.millis(nowMillis))
        .endObject()
        .toString();
  }

  static long sequence(Print print) {
    return print.id() * SEQUENCES_PER_TRADE + Noise.below(Noise.hash(print.id(), 5), 90);
  }

  private static String order(Print print, int side) {
    return new UUID(Noise.hash(print.id(), side, 1), Noise.hash(print.id(), side, 2)).toString();
  }
}

package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// The frames of Kraken's WebSocket, version 2, written as the recorded ones and the venue's
/// documentation show them: numbers are bare.
final class KrakenStreamText {
  private static final DateTimeFormatter MICROS = stamp("SSSSSS");
  private static final DateTimeFormatter NANOS = stamp("SSSSSSSSS");

  private KrakenStreamText() {}

  private static DateTimeFormatter stamp(String fraction) {
    return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss." + fraction + "'Z'", Locale.ROOT)
        .withZone(ZoneOffset.UTC);
  }

  /// `BTC/USD`: not the `XBT` of the answers over REST.
  static String symbol(Listing listing) {
    return listing.base() + "/" + listing.quote();
  }

  /// `2026-03-04T05:06:07.890123Z`.
  static String micros(long millis) {
    return MICROS.format(Instant.ofEpochMilli(millis));
  }

  private static String micros(Print print) {
    long nanos = KrakenText.nanos(print);
    return MICROS.format(Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000));
  }

  static String trades(String type, ExchangeBook book, List<Print> prints) {
    JsonText out = frame("trade", type).name("data").array();
    for (Print print : prints) {
      out.object()
          .text("symbol", symbol(book.listing()))
          .text("side", print.buyerIsMaker() ? "sell" : "buy")
          .raw("price", JsonText.plain(print.price()))
          .raw("qty", JsonText.plain(print.size()))
          .text("ord_type", (Noise.hash(print.id(), 2) & 1) == 0 ? "market" : "limit")
          .number("trade_id", print.id())
          .text("timestamp", micros(print))
          .endObject();
    }
    return out.endArray().endObject().toString();
  }

  static String ticker(String type, ExchangeBook book, Print print) {
    ExchangeBook.Best best = book.best(print);
    Candle day = book.day(print.timeMillis());
    double change = (print.price() - day.open()) / 1e8;
    return frame("ticker", type)
        .name("data")
        .array()
        .object()
        .text("symbol", symbol(book.listing()))
        .raw("bid", JsonText.plain(best.bid()))
        .raw("bid_qty", JsonText.plain(best.bidSize()))
        .raw("ask", JsonText.plain(best.ask()))
        .raw("ask_qty", JsonText.plain(best.askSize()))
        .raw("last", JsonText.plain(print.price()))
        .raw("volume", JsonText.plain(day.volume()))
        .raw("vwap", JsonText.fixed(KrakenText.mean(day), book.listing().decimals()))
        .raw("low", JsonText.plain(day.low()))
        .raw("high", JsonText.plain(day.high()))
        .raw("change", JsonText.share(change, book.listing().decimals()))
        .raw("change_pct", JsonText.share(100 * change * 1e8 / day.open(), 2))
        .text("timestamp", micros(print))
        .endObject()
        .endArray()
        .endObject()
        .toString();
  }

  /// `interval_begin` is the open, the deprecated `timestamp` the end.
  static String bars(
      String type, ExchangeBook book, long minutes, List<Candle> bars, long sentMillis) {
    JsonText out = frame("ohlc", type)
        .text("timestamp", NANOS.format(Instant.ofEpochMilli(sentMillis)))
        .name("data")
        .array();
    for (Candle bar : bars) {
      out.object()
          .text("symbol", symbol(book.listing()))
          .raw("open", JsonText.plain(bar.open()))
          .raw("high", JsonText.plain(bar.high()))
          .raw("low", JsonText.plain(bar.low()))
          .raw("close", JsonText.plain(bar.close()))
          .number("trades", bar.trades())
          .raw("volume", JsonText.plain(bar.volume()))
          .raw("vwap", JsonText.fixed(KrakenText.mean(bar), book.listing().decimals()))
          .text("interval_begin", NANOS.format(Instant.ofEpochMilli(bar.openMillis())))
          .number("interval", minutes)
          .text("timestamp", micros(bar.closeMillis() + 1))
          .endObject();
    }
    return out.endArray().endObject().toString();
  }

  static String status(String system, long connection) {
    return frame("status", "update")
        .name("data")
        .array()
        .object()
        .text("api_version", "v2")
        .raw("connection_id", Long.toUnsignedString(Noise.hash(connection, 4)))
        .text("system", system)
        .text("version", "2.0.0")
        .endObject()
        .endArray()
        .endObject()
        .toString();
  }

  private static JsonText frame(String channel, String type) {
    return new JsonText().object().text("channel", channel).text("type", type);
  }
}

package dev.everfeed.simulator.venue;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// Binance's JSON, written as the venue writes it: no blanks, prices and sizes as strings with
/// eight digits after the point, ids, times and counts as numbers.
final class BinanceText {
  private BinanceText() {}

  /// `3701.23000000` for 370123000000.
  static StringBuilder decimal(StringBuilder out, long e8) {
    long rest = e8;
    if (rest < 0) {
      out.append('-');
      rest = -rest;
    }
    out.append(rest / 100_000_000).append('.');
    long fraction = rest % 100_000_000;
    for (long digit = 10_000_000; digit > 0; digit /= 10) {
      out.append((char) ('0' + fraction / digit % 10));
    }
    return out;
  }

  static void field(StringBuilder out, String name, long e8) {
    decimal(name(out, name).append('"'), e8).append('"');
  }

  static void number(StringBuilder out, String name, long value) {
    name(out, name).append(value);
  }

  static void text(StringBuilder out, String name, String value) {
    name(out, name).append('"').append(value).append('"');
  }

  static StringBuilder name(StringBuilder out, String name) {
    char last = out.charAt(out.length() - 1);
    if (last != '{' && last != '[') {
      out.append(',');
    }
    return out.append('"').append(name).append("\":");
  }

  /// t,o,h,l,c,v,T,qv,n,tbv,tqv,"0" (the last is to be ignored).
  static void kline(StringBuilder out, Candle candle) {
    out.append('[').append(candle.openMillis()).append(",\"");
    decimal(out, candle.open()).append("\",\"");
    decimal(out, candle.high()).append("\",\"");
    decimal(out, candle.low()).append("\",\"");
    decimal(out, candle.close()).append("\",\"");
    decimal(out, candle.volume()).append("\",").append(candle.closeMillis()).append(",\"");
    decimal(out, candle.quoteVolume()).append("\",").append(candle.trades()).append(",\"");
    decimal(out, candle.takerVolume()).append("\",\"");
    decimal(out, candle.takerQuoteVolume()).append("\",\"0\"]");
  }

  static void trade(StringBuilder out, Print print) {
    out.append('{');
    number(out, "id", print.id());
    field(out, "price", print.price());
    field(out, "qty", print.size());
    long quote = BigDecimal.valueOf(print.price(), 8)
        .multiply(BigDecimal.valueOf(print.size(), 8))
        .setScale(8, RoundingMode.DOWN)
        .unscaledValue()
        .longValueExact();
    field(out, "quoteQty", quote);
    number(out, "time", print.timeMillis());
    name(out, "isBuyerMaker").append(print.buyerIsMaker());
    name(out, "isBestMatch").append(true).append('}');
  }

  /// Each trade is its own aggregate here: `f` equals `l`.
  static void aggregate(StringBuilder out, Print print) {
    out.append('{');
    number(out, "a", print.id());
    field(out, "p", print.price());
    field(out, "q", print.size());
    number(out, "f", print.id());
    number(out, "l", print.id());
    number(out, "T", print.timeMillis());
    name(out, "m").append(print.buyerIsMaker());
    name(out, "M").append(true).append('}');
  }

  /// A taker who bought hit the ask, one who sold hit the bid; the spread is one tick.
  static void best(
      StringBuilder out,
      Listing listing,
      Print last,
      String bidName,
      String bidSizeName,
      String askName,
      String askSizeName) {
    long bid = last.buyerIsMaker() ? last.price() : Math.max(1, last.price() - listing.tick());
    field(out, bidName, bid);
    field(out, bidSizeName, size(listing, last, 1));
    field(out, askName, bid + listing.tick());
    field(out, askSizeName, size(listing, last, 2));
  }

  private static long size(Listing listing, Print last, int side) {
    long chance = Noise.hash(Noise.hash(listing.venueSymbol()), last.id(), side);
    return (1 + Noise.below(chance, 1_000_000)) * 1_000;
  }

  static void instrument(StringBuilder out, Listing listing) {
    out.append('{');
    text(out, "symbol", listing.venueSymbol());
    text(out, "status", "TRADING");
    text(out, "baseAsset", listing.base());
    number(out, "baseAssetPrecision", 8);
    text(out, "quoteAsset", listing.quote());
    number(out, "quotePrecision", 8);
    number(out, "quoteAssetPrecision", 8);
    number(out, "baseCommissionPrecision", 8);
    number(out, "quoteCommissionPrecision", 8);
    name(out, "orderTypes").append("[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\"]");
    name(out, "icebergAllowed").append(true);
    name(out, "ocoAllowed").append(true);
    name(out, "otoAllowed").append(true);
    name(out, "opoAllowed").append(true);
    name(out, "quoteOrderQtyMarketAllowed").append(true);
    name(out, "allowTrailingStop").append(false);
    name(out, "cancelReplaceAllowed").append(false);
    name(out, "amendAllowed").append(false);
    name(out, "pegInstructionsAllowed").append(true);
    name(out, "isSpotTradingAllowed").append(true);
    name(out, "isMarginTradingAllowed").append(false);
    name(out, "filters").append("[{\"filterType\":\"PRICE_FILTER\"");
    field(out, "minPrice", listing.tick());
    field(out, "maxPrice", 100_000_000_000_000L);
    field(out, "tickSize", listing.tick());
    out.append("},{\"filterType\":\"LOT_SIZE\"");
    field(out, "minQty", 1_000);
    field(out, "maxQty", 900_000_000_000L);
    field(out, "stepSize", 1_000);
    out.append("}]");
    name(out, "permissions").append("[]");
    name(out, "permissionSets").append("[[\"SPOT\"]]");
    text(out, "defaultSelfTradePreventionMode", "NONE");
    name(out, "allowedSelfTradePreventionModes").append("[\"NONE\"]}");
  }
}

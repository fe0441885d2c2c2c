package dev.everfeed.hub.source.coinbase;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.Listing.Trading;
import dev.everfeed.core.model.Side;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What both interfaces of the exchange mean alike.
final class CoinbaseForms {
  static final String EXCHANGE = "coinbase";

  /// Sections 2 and 3 of the Market Data Terms of Use, for all that Coinbase makes available.
  static final String TERMS =
      "Coinbase's market data terms allow personal, research and internal use, and ask for written"
          + " consent before the data is shown to others or indexes and valuations are made of it"
          + " (https://www.coinbase.com/legal/market_data).";

  private CoinbaseForms() {}

  /// The taker's side. Coinbase states the maker's: "the `side` of a trade indicates the maker
  /// order side; a `buy` side indicates a down-tick" (Exchange documentation, get product
  /// trades; Advanced Trade likewise, CANONICAL reading 10).
  static @Nullable Side takerSide(Obj trade) throws Undecodable {
    JsonValue value = trade.find("side");
    if (value == null || trade.textOrNull("side") == null) {
      return null; // the Advanced documentation shows an empty one
    }
    return switch (trade.text("side").toLowerCase(Locale.ROOT)) {
      case "buy" -> Side.SELL;
      case "sell" -> Side.BUY;
      default ->
        throw new Undecodable(value.offset(), "\"side\" must be buy or sell, was " + value.shown());
    };
  }

  /// The flags of a product stand beside its status, and the stricter of both counts (CANONICAL
  /// reading 8); `limit_only` still trades. A delisted or internal product is neither trading
  /// nor halted.
  static Trading trading(Obj product) throws Undecodable {
    String status = product.textOrNull("status");
    boolean disabled = isSet(product, "trading_disabled") || isSet(product, "is_disabled");
    boolean restricted = isSet(product, "cancel_only")
        || isSet(product, "post_only")
        || isSet(product, "auction_mode");
    if ("online".equals(status)) {
      return disabled ? Trading.HALTED : restricted ? Trading.OTHER : Trading.TRADING;
    }
    return "offline".equals(status) ? Trading.HALTED : Trading.OTHER;
  }

  private static boolean isSet(Obj product, String flag) throws Undecodable {
    return Boolean.TRUE.equals(product.booleanOrNull(flag));
  }

  /// Bars as they came, turned round when they came newest first, as they do today. Bars in no
  /// order at all stay so, and are found out by whoever asked.
  static List<Event> oldestFirst(List<Event.Bar> bars) {
    List<Event> ordered = new ArrayList<>(bars);
    if (bars.size() > 1 && bars.getFirst().time().isAfter(bars.getLast().time())) {
      Collections.reverse(ordered);
    }
    return ordered;
  }

  /// Trades as they came, turned round when they came newest first, as they do today.
  static List<Event> tradesOldestFirst(List<Event> trades) {
    List<Event> ordered = new ArrayList<>(trades);
    if (trades.size() > 1
        && trades.getFirst() instanceof Event.Trade first
        && trades.getLast() instanceof Event.Trade last
        && first.tradeId() != null
        && last.tradeId() != null
        && new BigInteger(first.tradeId()).compareTo(new BigInteger(last.tradeId())) > 0) {
      Collections.reverse(ordered);
    }
    return ordered;
  }

  /// A book's levels are arrays of prices and sizes, or objects of them; nothing is published of
  /// them, but what is no book must not pass for one.
  static void checkBook(Obj book) throws Undecodable {
    for (String side : List.of("bids", "asks")) {
      for (JsonValue level : book.get(side).asArray("\"" + side + "\"").items()) {
        if (level instanceof JsonValue.Arr row) {
          row.at(0, "the price").asDecimal("the price");
          row.at(1, "the size").asDecimal("the size");
        } else {
          Obj row = level.asObject("a level");
          row.decimal("price");
          row.decimal("size");
        }
      }
    }
  }
}

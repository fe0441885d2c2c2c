package dev.everfeed.hub.source.coinbase;

import static dev.everfeed.hub.source.coinbase.CoinbaseForms.EXCHANGE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The HTTP answers of Coinbase Advanced Trade (its REST documentation, public). All its numbers
/// are strings. An error body is an error under every kind.
///
/// `rest_ticker` and `rest_trades` are two readings of one answer, that of
/// `/market/products/{id}/ticker`: price and best bid and ask, or the trades.
public final class CoinbaseAdvancedDecoder implements WireDecoder {
  public static final SourceId SOURCE = new SourceId("coinbase_advanced");

  private static final Set<String> KINDS = Collections.unmodifiableSet(new TreeSet<>(Set.of(
      "rest_bars",
      "rest_trades",
      "rest_trades_element",
      "rest_ticker",
      "rest_book",
      "rest_instruments",
      "rest_time",
      "rest_error")));

  /// All that is read of the list of products, which has 54 fields a product.
  private static final Set<String> LISTING_FIELDS = Set.of(
      "products",
      "product_id",
      "base_currency_id",
      "quote_currency_id",
      "product_type",
      "alias",
      "status",
      "is_disabled",
      "trading_disabled",
      "cancel_only",
      "post_only",
      "auction_mode",
      "error",
      "message",
      "error_details");

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException("coinbase_advanced: no kind \"%s\", there are %s"
          .formatted(kind, String.join(" ", KINDS)));
    }
    Obj root = (kind.equals("rest_instruments")
            ? JsonReader.read(bytes, LISTING_FIELDS)
            : JsonReader.read(bytes))
        .asObject("the answer");
    if (root.has("error") || root.has("message")) {
      return List.of(error(root));
    }
    return switch (kind) {
      case "rest_bars" -> bars(root, kind, context);
      case "rest_trades" -> {
        List<Event> trades = new ArrayList<>();
        for (JsonValue item : root.get("trades").asArray("\"trades\"").items()) {
          trades.add(trade(item.asObject("a trade"), context));
        }
        yield trades;
      }
      case "rest_trades_element" -> List.of(trade(root, context));
      case "rest_ticker" -> ticker(root, kind, context);
      case "rest_book" -> {
        Obj book = root.get("pricebook").asObject("\"pricebook\"");
        CoinbaseNames.symbolOf(book.get("product_id"));
        CoinbaseForms.checkBook(book);
        yield List.of();
      }
      case "rest_instruments" -> listings(root);
      case "rest_time" -> List.of(new Event.ServerTime(SOURCE, root.get("iso").asIso("\"iso\"")));
      default ->
        throw new Undecodable(root.offset(), "not an error: neither \"error\" nor \"message\"");
    };
  }

  /// `{"error":"NOT_FOUND","error_details":"…","message":"…"}`, the code being the name of a
  /// gRPC status; no other answer has one of these fields.
  private static Event.ProviderError error(Obj root) throws Undecodable {
    String code = root.textOrNull("error");
    for (String field : List.of("message", "error_details", "error")) {
      String text = root.textOrNull(field);
      if (text != null) {
        return new Event.ProviderError(SOURCE, code, text);
      }
    }
    throw new Undecodable(root.offset(), "the error has neither \"error\" nor \"message\"");
  }

  /// `{"start":"seconds","low","high","open","close","volume"}`, newest first (case).
  private static List<Event> bars(Obj root, String kind, DecodeContext context) throws Undecodable {
    if (context.symbol() == null || context.interval() == null) {
      throw missing(kind, "a symbol and an interval");
    }
    Symbol symbol = context.symbol();
    Interval interval = context.interval();
    List<Event.Bar> bars = new ArrayList<>();
    for (JsonValue item : root.get("candles").asArray("\"candles\"").items()) {
      Obj row = item.asObject("a candle");
      bars.add(new Event.Bar(
          symbol,
          EXCHANGE,
          SOURCE,
          interval,
          row.get("start").asEpochSeconds("\"start\""),
          row.decimal("open"),
          row.decimal("high"),
          row.decimal("low"),
          row.decimal("close"),
          row.decimalOrNull("volume"),
          null));
    }
    return CoinbaseForms.oldestFirst(bars);
  }

  private static Event.Trade trade(Obj trade, DecodeContext context) throws Undecodable {
    return new Event.Trade(
        symbolOf(trade, context),
        EXCHANGE,
        SOURCE,
        trade.decimal("price"),
        trade.decimal("size"),
        CoinbaseForms.takerSide(trade),
        trade.idOrNull("trade_id"),
        timeOrNull(trade));
  }

  /// The price is that of the newest trade, which comes first (CANONICAL reading 10); the best
  /// bid and ask have no time.
  private static List<Event> ticker(Obj root, String kind, DecodeContext context)
      throws Undecodable {
    Event.Trade newest = null;
    for (JsonValue item : root.get("trades").asArray("\"trades\"").items()) {
      Event.Trade trade = trade(item.asObject("a trade"), context);
      newest = newest == null ? trade : newest;
    }
    Decimal bid = root.decimalOrNull("best_bid");
    Decimal ask = root.decimalOrNull("best_ask");
    List<Event> events = new ArrayList<>(2);
    if (newest != null) {
      events.add(new Event.Price(newest.symbol(), EXCHANGE, SOURCE, newest.price(), newest.time()));
    }
    if (bid != null || ask != null) {
      Symbol symbol = newest == null ? context.symbol() : newest.symbol();
      if (symbol == null) {
        throw missing(kind + " without trades", "a symbol");
      }
      events.add(new Event.Quote(symbol, EXCHANGE, SOURCE, bid, null, ask, null, null));
    }
    return events;
  }

  /// A list of products, or one alone. Futures are left out, and so is a product with an
  /// `alias`: it is another name for the book of that other product (`BTC-USDC` for `BTC-USD`),
  /// and all that it could give is data of another instrument than its name says.
  private static List<Event> listings(Obj root) throws Undecodable {
    List<JsonValue> products =
        root.has("products") ? root.get("products").asArray("\"products\"").items() : List.of(root);
    List<Event> listings = new ArrayList<>();
    for (JsonValue item : products) {
      Obj product = item.asObject("a product");
      String name = product.text("product_id");
      String type = product.textOrNull("product_type");
      if ((type != null && !type.equals("SPOT")) || product.textOrNull("alias") != null) {
        continue;
      }
      String base = product.text("base_currency_id");
      String quote = product.text("quote_currency_id");
      listings.add(new Event.Listing(
          CoinbaseNames.symbol(product, base, quote),
          EXCHANGE,
          SOURCE,
          name,
          base,
          quote,
          CoinbaseForms.trading(product)));
    }
    return listings;
  }

  private static Symbol symbolOf(Obj trade, DecodeContext context) throws Undecodable {
    JsonValue product = trade.find("product_id");
    return product == null && context.symbol() != null
        ? context.symbol()
        : CoinbaseNames.symbolOf(trade.get("product_id"));
  }

  private static @Nullable Instant timeOrNull(Obj object) throws Undecodable {
    JsonValue time = object.find("time");
    return time == null ? null : time.asIso("\"time\"");
  }

  private static IllegalArgumentException missing(String kind, String what) {
    return new IllegalArgumentException(
        "coinbase_advanced %s does not say of what it is: give %s".formatted(kind, what));
  }
}

package dev.everfeed.hub.source.binance;

import static dev.everfeed.hub.source.binance.BinanceDecoder.EXCHANGE;
import static dev.everfeed.hub.source.binance.BinanceDecoder.SOURCE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.Listing.Trading;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Arr;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The answers of Binance's REST interface (rest-api.md of the venue's documentation).
final class BinanceAnswers {
  /// All that is read of exchangeInfo, which has some 50 fields a symbol.
  static final Set<String> LISTING_FIELDS =
      Set.of("symbols", "symbol", "status", "baseAsset", "quoteAsset", "code", "msg");

  private BinanceAnswers() {}

  static void read(String kind, JsonValue root, DecodeContext context, List<Event> out)
      throws Undecodable {
    if (root instanceof Obj object && isError(object)) {
      out.add(error(object));
      return;
    }
    switch (kind) {
      case "rest_bars" -> {
        Symbol symbol = needed(context.symbol(), kind, "a symbol");
        Interval interval = needed(context.interval(), kind, "an interval");
        for (JsonValue row : root.asArray("the answer").items()) {
          out.add(bar(row.asArray("a bar"), symbol, interval));
        }
      }
      case "rest_trades", "rest_agg_trades", "rest_trades_element" -> {
        Symbol symbol = needed(context.symbol(), kind, "a symbol");
        for (JsonValue item : items(root)) {
          out.add(trade(item.asObject("a trade"), symbol));
        }
      }
      case "rest_ticker", "rest_ticker_element" -> {
        for (JsonValue item : items(root)) {
          dayTicker(item.asObject("a ticker"), context, out);
        }
      }
      case "rest_price" -> {
        for (JsonValue item : items(root)) {
          Obj ticker = item.asObject("a price");
          Symbol symbol = BinanceSymbols.symbolOf(ticker.get("symbol"), context);
          addPrice(symbol, ticker.get("price").asDecimalOrNull("\"price\""), null, out);
        }
      }
      case "rest_book_ticker" -> {
        for (JsonValue item : items(root)) {
          Obj ticker = item.asObject("a book ticker");
          Symbol symbol = BinanceSymbols.symbolOf(ticker.get("symbol"), context);
          if (!ticker.fields().containsKey("bidPrice")
              && !ticker.fields().containsKey("askPrice")) {
            throw new Undecodable(ticker.offset(), "\"bidPrice\" and \"askPrice\" are missing");
          }
          addQuote(ticker, symbol, null, out);
        }
      }
      case "rest_book" -> {
        Obj book = root.asObject("the answer");
        book.get("bids").asArray("\"bids\"");
        book.get("asks").asArray("\"asks\"");
      }
      case "rest_instruments" -> {
        Obj info = root.asObject("the answer");
        for (JsonValue item : info.get("symbols").asArray("\"symbols\"").items()) {
          out.add(listing(item.asObject("a symbol")));
        }
      }
      case "rest_time" -> {
        Obj answer = root.asObject("the answer");
        if (!answer.fields().isEmpty()) {
          // ping answers {}, and that is all it says
          out.add(new Event.ServerTime(SOURCE, answer.get("serverTime").asEpoch("\"serverTime\"")));
        }
      }
      default -> throw new Undecodable(root.offset(), "not an error: no \"code\" and \"msg\"");
    }
  }

  static boolean isError(Obj object) {
    return object.has("code") && object.has("msg");
  }

  static Event.ProviderError error(Obj object) throws Undecodable {
    JsonValue code = object.get("code");
    String text = switch (code) {
      case JsonValue.Num number -> number.literal();
      case JsonValue.Text name -> name.text();
      default -> throw new Undecodable(code.offset(), "\"code\" must be a number");
    };
    return new Event.ProviderError(SOURCE, text, object.text("msg"));
  }

  /// `[open time, open, high, low, close, volume, close time, …]`
  private static Event.Bar bar(Arr row, Symbol symbol, Interval interval) throws Undecodable {
    return new Event.Bar(
        symbol,
        EXCHANGE,
        SOURCE,
        interval,
        row.at(0, "the open time").asEpoch("the open time"),
        row.at(1, "the open").asDecimal("the open"),
        row.at(2, "the high").asDecimal("the high"),
        row.at(3, "the low").asDecimal("the low"),
        row.at(4, "the close").asDecimal("the close"),
        row.at(5, "the volume").asDecimalOrNull("the volume"),
        null);
  }

  /// A trade (`id`, `price`, `qty`) or an aggregated one (`a`, `p`, `q`): their ids count
  /// apart.
  private static Event.Trade trade(Obj item, Symbol symbol) throws Undecodable {
    boolean aggregated = item.has("p");
    return new Event.Trade(
        symbol,
        EXCHANGE,
        SOURCE,
        item.decimal(aggregated ? "p" : "price"),
        item.decimal(aggregated ? "q" : "qty"),
        takerSide(item, aggregated ? "m" : "isBuyerMaker"),
        item.idOrNull(aggregated ? "a" : "id"),
        item.epochOrNull(aggregated ? "T" : "time"));
  }

  /// The buyer being the maker means that the taker sold (web-socket-streams.md, Trade
  /// Streams).
  static @Nullable Side takerSide(Obj item, String buyerIsMaker) throws Undecodable {
    Boolean maker = item.booleanOrNull(buyerIsMaker);
    return maker == null ? null : maker ? Side.SELL : Side.BUY;
  }

  private static void dayTicker(Obj ticker, DecodeContext context, List<Event> out)
      throws Undecodable {
    Symbol symbol = BinanceSymbols.symbolOf(ticker.get("symbol"), context);
    Instant time = ticker.epochOrNull("closeTime");
    addPrice(symbol, ticker.get("lastPrice").asDecimalOrNull("\"lastPrice\""), time, out);
    addQuote(ticker, symbol, time, out);
  }

  static void addPrice(
      Symbol symbol, @Nullable Decimal price, @Nullable Instant time, List<Event> out) {
    if (price != null) {
      out.add(new Event.Price(symbol, EXCHANGE, SOURCE, price, time));
    }
  }

  private static void addQuote(Obj ticker, Symbol symbol, @Nullable Instant time, List<Event> out)
      throws Undecodable {
    addQuote(
        symbol,
        ticker.decimalOrNull("bidPrice"),
        ticker.decimalOrNull("bidQty"),
        ticker.decimalOrNull("askPrice"),
        ticker.decimalOrNull("askQty"),
        time,
        out);
  }

  static void addQuote(
      Symbol symbol,
      @Nullable Decimal bid,
      @Nullable Decimal bidSize,
      @Nullable Decimal ask,
      @Nullable Decimal askSize,
      @Nullable Instant time,
      List<Event> out) {
    if (bid != null || ask != null) {
      out.add(new Event.Quote(symbol, EXCHANGE, SOURCE, bid, bidSize, ask, askSize, time));
    }
  }

  private static Event.Listing listing(Obj item) throws Undecodable {
    String base = item.text("baseAsset");
    String quote = item.text("quoteAsset");
    String status = item.textOrNull("status");
    return new Event.Listing(
        BinanceSymbols.of(item, base + "/" + quote),
        EXCHANGE,
        SOURCE,
        item.text("symbol"),
        base,
        quote,
        status == null
            ? Trading.OTHER
            : switch (status) {
              case "TRADING" -> Trading.TRADING;
              case "HALT", "BREAK" -> Trading.HALTED;
              default -> Trading.OTHER;
            });
  }

  private static List<JsonValue> items(JsonValue root) throws Undecodable {
    return switch (root) {
      case Arr array -> array.items();
      case Obj object -> List.of(object);
      default ->
        throw new Undecodable(
            root.offset(), "the answer must be an object or an array, was " + root.shown());
    };
  }

  private static <T> T needed(@Nullable T value, String kind, String what) {
    if (value == null) {
      throw new IllegalArgumentException(
          "binance %s does not say of what it is: give %s".formatted(kind, what));
    }
    return value;
  }
}

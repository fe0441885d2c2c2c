package dev.everfeed.hub.source.okx;

import static dev.everfeed.hub.source.okx.OkxDecoder.EXCHANGE;
import static dev.everfeed.hub.source.okx.OkxDecoder.SOURCE;

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

/// The answers of OKX's REST interface (the venue's documentation, "Market Data" and "Public
/// Data"): `{"code":"0","msg":"","data":[…]}`, numbers as strings, newest first.
///
/// [#trade], [#ticker] and [#bar] read one item, which has the same form in the streams.
final class OkxAnswers {
  /// All that is read of the list of instruments, which has some 35 fields each.
  static final Set<String> LISTING_FIELDS =
      Set.of("code", "msg", "data", "instType", "instId", "baseCcy", "quoteCcy", "state");

  private OkxAnswers() {}

  static void read(String kind, JsonValue root, DecodeContext context, List<Event> out)
      throws Undecodable {
    if (root instanceof Obj object && isError(object)) {
      out.add(error(object));
      return;
    }
    switch (kind) {
      case "rest_bars" -> bars(data(root), context, out);
      case "rest_trades" -> {
        for (JsonValue item : data(root).items()) {
          out.add(trade(item.asObject("a trade")));
        }
      }
      case "rest_trades_element" -> out.add(trade(root.asObject("a trade")));
      case "rest_ticker" -> {
        for (JsonValue item : data(root).items()) {
          ticker(item.asObject("a ticker"), out);
        }
      }
      case "rest_ticker_element" -> ticker(root.asObject("a ticker"), out);
      case "rest_book" -> {
        for (JsonValue item : data(root).items()) {
          Obj book = item.asObject("a book");
          book.get("bids").asArray("\"bids\"");
          book.get("asks").asArray("\"asks\"");
        }
      }
      case "rest_instruments" -> {
        for (JsonValue item : data(root).items()) {
          listing(item.asObject("an instrument"), out);
        }
      }
      case "rest_time" -> {
        Obj clock = data(root).at(0, "the time").asObject("the time");
        out.add(new Event.ServerTime(SOURCE, clock.get("ts").asEpoch("\"ts\"")));
      }
      default -> throw new Undecodable(root.offset(), "not an error: no \"code\" other than 0");
    }
  }

  /// `{"msg":"Too Many Requests","code":"50011"}`, with or without `data`.
  static boolean isError(Obj root) throws Undecodable {
    JsonValue code = root.find("code");
    return code != null && !code.asId("\"code\"").equals("0");
  }

  static Event.ProviderError error(Obj root) throws Undecodable {
    String message = root.textOrNull("msg");
    return new Event.ProviderError(
        SOURCE, root.get("code").asId("\"code\""), message == null ? "" : message);
  }

  private static Arr data(JsonValue root) throws Undecodable {
    Obj answer = root.asObject("the answer");
    answer.get("code");
    return answer.get("data").asArray("\"data\"");
  }

  /// Newest first by contract, yet one documented sample is oldest first, so the ends decide.
  /// Rows that are out of order stay so: that is for others to refuse.
  private static void bars(Arr rows, DecodeContext context, List<Event> out) throws Undecodable {
    Symbol symbol = context.symbol();
    Interval interval = context.interval();
    if (symbol == null || interval == null) {
      throw new IllegalArgumentException(
          "okx rest_bars does not say of what it is: give a symbol and an interval");
    }
    List<Event.Bar> bars = new java.util.ArrayList<>();
    for (JsonValue row : rows.items()) {
      bars.add(bar(row.asArray("a bar"), symbol, interval));
    }
    boolean newestFirst =
        bars.size() > 1 && bars.getFirst().time().isAfter(bars.getLast().time());
    out.addAll(newestFirst ? bars.reversed() : bars);
  }

  /// `[ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]`. `vol` is in base units for spot and
  /// in contracts for derivatives, of which `volCcy` has the base units. `confirm` is 0 until
  /// the bar is over.
  static Event.Bar bar(Arr row, Symbol symbol, Interval interval) throws Undecodable {
    JsonValue volume = row.at(OkxSymbols.isContract(symbol) ? 6 : 5, "the volume");
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
        volume.asDecimalOrNull("the volume"),
        row.items().size() > 8 ? confirmed(row.items().get(8)) : null);
  }

  private static @Nullable Boolean confirmed(JsonValue confirm) throws Undecodable {
    if (confirm instanceof JsonValue.Nul) {
      return null;
    }
    String text = confirm.asId("\"confirm\"");
    return switch (text) {
      case "0" -> false;
      case "1" -> true;
      default -> throw new Undecodable(confirm.offset(), "\"confirm\" must be 0 or 1, was " + text);
    };
  }

  static Event.Trade trade(Obj item) throws Undecodable {
    return new Event.Trade(
        OkxSymbols.symbolOf(item.get("instId")),
        EXCHANGE,
        SOURCE,
        item.decimal("px"),
        item.decimal("sz"),
        takerSide(item),
        item.idOrNull("tradeId"),
        item.epochOrNull("ts"));
  }

  private static @Nullable Side takerSide(Obj item) throws Undecodable {
    String side = item.textOrNull("side");
    return switch (side) {
      case null -> null;
      case "buy" -> Side.BUY;
      case "sell" -> Side.SELL;
      default ->
        throw new Undecodable(
            item.get("side").offset(), "\"side\" must be buy or sell, was \"" + side + "\"");
    };
  }

  /// A last price and a best bid and ask; what is `""` is not there.
  static void ticker(Obj item, List<Event> out) throws Undecodable {
    Symbol symbol = OkxSymbols.symbolOf(item.get("instId"));
    Instant time = item.epochOrNull("ts");
    Decimal last = item.get("last").asDecimalOrNull("\"last\"");
    if (last != null) {
      out.add(new Event.Price(symbol, EXCHANGE, SOURCE, last, time));
    }
    Decimal bid = item.decimalOrNull("bidPx");
    Decimal ask = item.decimalOrNull("askPx");
    if (bid != null || ask != null) {
      out.add(new Event.Quote(
          symbol,
          EXCHANGE,
          SOURCE,
          bid,
          item.decimalOrNull("bidSz"),
          ask,
          item.decimalOrNull("askSz"),
          time));
    }
  }

  /// Spot only. An instrument whose currencies cannot be written as a symbol is passed over,
  /// since nobody could ask for it; it must not cost us the others.
  private static void listing(Obj item, List<Event> out) throws Undecodable {
    if (!item.text("instType").equals("SPOT")) {
      return;
    }
    String name = item.text("instId");
    String base = item.text("baseCcy");
    String quote = item.text("quoteCcy");
    String state = item.textOrNull("state");
    Symbol symbol;
    try {
      symbol = Symbol.of(base, quote);
    } catch (IllegalArgumentException e) {
      return;
    }
    Trading trading = switch (state) {
      case "live" -> Trading.TRADING;
      case "suspend" -> Trading.HALTED;
      case null, default -> Trading.OTHER; // preopen, test, expired
    };
    out.add(new Event.Listing(symbol, EXCHANGE, SOURCE, name, base, quote, trading));
  }
}

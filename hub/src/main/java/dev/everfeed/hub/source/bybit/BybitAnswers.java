package dev.everfeed.hub.source.bybit;

import static dev.everfeed.hub.source.bybit.BybitDecoder.EXCHANGE;
import static dev.everfeed.hub.source.bybit.BybitDecoder.SOURCE;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The answers of Bybit's REST interface (docs/v5/market of the venue's documentation):
/// `{"retCode":0,"retMsg":"OK","result":{…},"time":1672025956592}`, numbers as strings, newest
/// first. What failed has another `retCode`, and HTTP status 200 all the same.
final class BybitAnswers {
  /// All that is read of the list of instruments, which has some 20 fields each.
  static final Set<String> LISTING_FIELDS = Set.of(
      "retCode",
      "retMsg",
      "result",
      "category",
      "list",
      "symbol",
      "baseCoin",
      "quoteCoin",
      "status",
      "contractType",
      "optionsType");

  /// Execution ids are 19 digits for spot and UUIDs for derivatives.
  private static final int ID_MAX = 64;

  private final DecodeContext context;
  private final Map<String, Symbol> listed;

  BybitAnswers(DecodeContext context, Map<String, Symbol> listed) {
    this.context = context;
    this.listed = listed;
  }

  List<Event> read(String kind, JsonValue root) throws Undecodable {
    List<Event> out = new ArrayList<>();
    if (root instanceof Obj object && isError(object)) {
      out.add(error(object));
      return out;
    }
    switch (kind) {
      case "rest_bars" -> bars(result(root), out);
      case "rest_trades" -> {
        Obj result = result(root);
        String category = result.textOrNull("category");
        for (JsonValue item : list(result).items()) {
          out.add(trade(item.asObject("a trade"), category));
        }
      }
      case "rest_trades_element" -> out.add(trade(root.asObject("a trade"), null));
      case "rest_ticker" -> {
        Obj result = result(root);
        String category = result.textOrNull("category");
        Instant time = root.asObject("the answer").epochOrNull("time");
        for (JsonValue item : list(result).items()) {
          ticker(item.asObject("a ticker"), category, time, out);
        }
      }
      case "rest_ticker_element" -> ticker(root.asObject("a ticker"), null, null, out);
      case "rest_book" -> {
        Obj book = result(root);
        book.get("b").asArray("\"b\"");
        book.get("a").asArray("\"a\"");
      }
      case "rest_instruments" -> {
        Obj result = result(root);
        String category = result.textOrNull("category");
        for (JsonValue item : list(result).items()) {
          listing(item.asObject("an instrument"), category, out);
        }
      }
      case "rest_time" -> out.add(new Event.ServerTime(SOURCE, time(result(root))));
      default -> throw new Undecodable(root.offset(), "not an error: no \"retCode\" other than 0");
    }
    return out;
  }

  private static boolean isError(Obj root) throws Undecodable {
    JsonValue code = root.find("retCode");
    return code != null && !code.asId("\"retCode\"").equals("0");
  }

  private static Event.ProviderError error(Obj root) throws Undecodable {
    String message = root.textOrNull("retMsg");
    return new Event.ProviderError(
        SOURCE, root.get("retCode").asId("\"retCode\""), message == null ? "" : message);
  }

  private static Obj result(JsonValue root) throws Undecodable {
    Obj answer = root.asObject("the answer");
    answer.get("retCode");
    return answer.get("result").asObject("\"result\"");
  }

  private static Arr list(Obj result) throws Undecodable {
    return result.get("list").asArray("\"list\"");
  }

  /// Newest first by contract, but the ends decide. Rows that are out of order stay so: that is
  /// for others to refuse.
  private void bars(Obj result, List<Event> out) throws Undecodable {
    Interval interval = context.interval();
    if (interval == null) {
      throw new IllegalArgumentException(
          "bybit rest_bars does not say how long its bars are: give an interval");
    }
    String category = result.textOrNull("category");
    Symbol symbol = BybitSymbols.symbolOf(result.get("symbol"), category, context, listed);
    // inverse contracts count dollars in "volume" and the base coin in "turnover"
    int volume = "inverse".equals(category) ? 6 : 5;
    List<Event.Bar> bars = new ArrayList<>();
    for (JsonValue item : list(result).items()) {
      bars.add(bar(item.asArray("a bar"), symbol, interval, volume));
    }
    boolean newestFirst =
        bars.size() > 1 && bars.getFirst().time().isAfter(bars.getLast().time());
    out.addAll(newestFirst ? bars.reversed() : bars);
  }

  /// `[start, open, high, low, close, volume, turnover]`. Nothing tells whether the bar is over
  /// (docs/v5/market/kline: the close is the last price while it is not).
  private static Event.Bar bar(Arr row, Symbol symbol, Interval interval, int volume)
      throws Undecodable {
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
        row.at(volume, "the volume").asDecimalOrNull("the volume"),
        null);
  }

  private Event.Trade trade(Obj item, @Nullable String category) throws Undecodable {
    return new Event.Trade(
        BybitSymbols.symbolOf(item.get("symbol"), category, context, listed),
        EXCHANGE,
        SOURCE,
        item.decimal("price"),
        item.decimal("size"),
        takerSide(item, "side"),
        executionId(item, "execId"),
        item.epochOrNull("time"));
  }

  static @Nullable String executionId(Obj item, String field) throws Undecodable {
    JsonValue id = item.find(field);
    if (!(id instanceof JsonValue.Text text)) {
      return id == null ? null : id.asId("\"" + field + "\"");
    }
    if (text.text().length() > ID_MAX) {
      throw new Undecodable(
          id.offset(), "\"%s\" must have at most %d characters".formatted(field, ID_MAX));
    }
    return text.text().isEmpty() ? null : text.text();
  }

  /// "Side of taker" (docs/v5/market/recent-trade, docs/v5/websocket/public/trade).
  static @Nullable Side takerSide(Obj item, String field) throws Undecodable {
    String side = item.textOrNull(field);
    return switch (side) {
      case null -> null;
      case "Buy" -> Side.BUY;
      case "Sell" -> Side.SELL;
      default ->
        throw new Undecodable(
            item.get(field).offset(),
            "\"%s\" must be Buy or Sell, was \"%s\"".formatted(field, side));
    };
  }

  /// A last price and a best bid and ask; what is `""` is not there. A ticker has no time of its
  /// own, so it takes the answer's.
  private void ticker(Obj item, @Nullable String category, @Nullable Instant time, List<Event> out)
      throws Undecodable {
    Symbol symbol = BybitSymbols.symbolOf(item.get("symbol"), category, context, listed);
    Decimal last = item.get("lastPrice").asDecimalOrNull("\"lastPrice\"");
    if (last != null) {
      out.add(new Event.Price(symbol, EXCHANGE, SOURCE, last, time));
    }
    Decimal bid = item.decimalOrNull("bid1Price");
    Decimal ask = item.decimalOrNull("ask1Price");
    if (bid != null || ask != null) {
      out.add(new Event.Quote(
          symbol,
          EXCHANGE,
          SOURCE,
          bid,
          item.decimalOrNull("bid1Size"),
          ask,
          item.decimalOrNull("ask1Size"),
          time));
    }
  }

  /// Spot only; where the answer does not name its category, contracts and options show by
  /// their type. An instrument whose coins cannot be written as a symbol is passed over, since
  /// nobody could ask for it; it must not cost us the others.
  private static void listing(Obj item, @Nullable String category, List<Event> out)
      throws Undecodable {
    boolean spot = category == null
        ? !item.has("contractType") && !item.has("optionsType")
        : category.equals("spot");
    if (!spot) {
      return;
    }
    String name = item.text("symbol");
    String base = item.text("baseCoin");
    String quote = item.text("quoteCoin");
    Symbol symbol;
    try {
      symbol = Symbol.of(base, quote);
    } catch (IllegalArgumentException e) {
      return;
    }
    Trading trading = "Trading".equals(item.textOrNull("status")) ? Trading.TRADING : Trading.OTHER;
    out.add(new Event.Listing(symbol, EXCHANGE, SOURCE, name, base, quote, trading));
  }

  /// `timeNano` has 19 digits: seconds and nanoseconds.
  private static Instant time(Obj clock) throws Undecodable {
    JsonValue value = clock.get("timeNano");
    String digits = value.asId("\"timeNano\"");
    if (digits.length() < 10 || digits.length() > 20) {
      throw new Undecodable(
          value.offset(), "\"timeNano\" must be nanoseconds since 1970, was " + value.shown());
    }
    int split = digits.length() - 9;
    return Instant.ofEpochSecond(
        Long.parseLong(digits.substring(0, split)), Long.parseLong(digits.substring(split)));
  }
}

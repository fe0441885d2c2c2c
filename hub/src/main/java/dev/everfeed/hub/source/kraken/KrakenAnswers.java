package dev.everfeed.hub.source.kraken;

import static dev.everfeed.hub.source.kraken.KrakenRestDecoder.EXCHANGE;
import static dev.everfeed.hub.source.kraken.KrakenRestDecoder.SOURCE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.Listing.Trading;
import dev.everfeed.core.model.Event.SourceStatus.Condition;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Arr;
import dev.everfeed.hub.source.JsonValue.Nul;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.JsonValue.Text;
import dev.everfeed.hub.source.Undecodable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The results within Kraken's envelope (docs.kraken.com, api-reference/market-data). Most are
/// objects whose fields are pairs, with the cursor `last` among them. One for each message.
final class KrakenAnswers {
  private static final String LAST = "last";

  /// Dark pools: pairs of their own that show neither trades nor prices.
  private static final String DARK_POOL = ".d";

  private final Map<String, Symbol> listed;
  private final DecodeContext context;
  private final List<Event> out;

  KrakenAnswers(Map<String, Symbol> listed, DecodeContext context, List<Event> out) {
    this.listed = listed;
    this.context = context;
    this.out = out;
  }

  void read(String kind, Obj envelope) throws Undecodable {
    Obj result = envelope.get("result").asObject("\"result\"");
    switch (kind) {
      case "rest_bars" -> {
        Interval interval = context.interval();
        if (interval == null) {
          throw new IllegalArgumentException(
              "kraken_rest rest_bars does not say how long they are: give an interval");
        }
        for (Map.Entry<String, JsonValue> pair : pairs(result)) {
          bars(symbolOf(pair, result), interval, pair.getValue().asArray("the bars"));
        }
      }
      case "rest_trades" -> {
        for (Map.Entry<String, JsonValue> pair : pairs(result)) {
          Symbol symbol = symbolOf(pair, result);
          for (JsonValue row : pair.getValue().asArray("the trades").items()) {
            out.add(trade(symbol, row.asArray("a trade")));
          }
        }
      }
      case "rest_ticker" -> {
        for (Map.Entry<String, JsonValue> pair : pairs(result)) {
          ticker(symbolOf(pair, result), pair.getValue().asObject("a ticker"));
        }
      }
      case "rest_book" -> {
        for (Map.Entry<String, JsonValue> pair : pairs(result)) {
          Obj book = pair.getValue().asObject("a book");
          book.get("asks").asArray("\"asks\"");
          book.get("bids").asArray("\"bids\"");
        }
      }
      case "rest_spread" -> {
        for (Map.Entry<String, JsonValue> pair : pairs(result)) {
          pair.getValue().asArray("the spreads");
        }
      }
      case "rest_instruments" -> {
        for (Map.Entry<String, JsonValue> pair : result.fields().entrySet()) {
          if (!pair.getKey().endsWith(DARK_POOL)) {
            out.add(listing(pair.getKey(), pair.getValue().asObject("a pair")));
          }
        }
      }
      case "rest_time" ->
        out.add(
            new Event.ServerTime(SOURCE, result.get("unixtime").asEpochSeconds("\"unixtime\"")));
      case "rest_status" ->
        out.add(new Event.SourceStatus(SOURCE, condition(result.get("status"))));
      default -> throw new Undecodable(envelope.offset(), "not an error: \"error\" is empty");
    }
  }

  private static List<Map.Entry<String, JsonValue>> pairs(Obj result) throws Undecodable {
    List<Map.Entry<String, JsonValue>> pairs = new ArrayList<>(result.fields().entrySet());
    pairs.removeIf(field -> field.getKey().equals(LAST));
    if (pairs.isEmpty()) {
      throw new Undecodable(result.offset(), "\"result\" has no pair");
    }
    return pairs;
  }

  private Symbol symbolOf(Map.Entry<String, JsonValue> pair, Obj result) throws Undecodable {
    boolean only = result.fields().size() - (result.fields().containsKey(LAST) ? 1 : 0) == 1;
    return KrakenSymbols.symbolOf(pair.getValue(), pair.getKey(), only, context, listed);
  }

  /// `[open time in s, open, high, low, close, average price, volume, trades]`, oldest first.
  /// The last row is the interval that still runs, and is always there (get-ohlc-data: "the
  /// last entry … is for the current, not-yet-committed timeframe").
  private void bars(Symbol symbol, Interval interval, Arr rows) throws Undecodable {
    int newest = rows.items().size() - 1;
    for (int i = 0; i <= newest; i++) {
      Arr row = rows.items().get(i).asArray("a bar");
      out.add(new Event.Bar(
          symbol,
          EXCHANGE,
          SOURCE,
          interval,
          row.at(0, "the open time").asEpochSeconds("the open time"),
          row.at(1, "the open").asDecimal("the open"),
          row.at(2, "the high").asDecimal("the high"),
          row.at(3, "the low").asDecimal("the low"),
          row.at(4, "the close").asDecimal("the close"),
          row.at(6, "the volume").asDecimalOrNull("the volume"),
          i < newest));
    }
  }

  /// `[price, volume, time in s, side, order type, remark, id]`; older answers
  /// have no id.
  private static Event.Trade trade(Symbol symbol, Arr row) throws Undecodable {
    JsonValue id = row.items().size() > 6 ? row.items().get(6) : null;
    return new Event.Trade(
        symbol,
        EXCHANGE,
        SOURCE,
        row.at(0, "the price").asDecimal("the price"),
        row.at(1, "the volume").asDecimal("the volume"),
        side(row.at(3, "the side")),
        id == null || id instanceof Nul ? null : id.asId("the id"),
        seconds(row.at(2, "the time")));
  }

  private static @Nullable Side side(JsonValue value) throws Undecodable {
    if (value instanceof Nul || (value instanceof Text text && text.text().isEmpty())) {
      return null;
    }
    return switch (value.asText("the side")) {
      case "b" -> Side.BUY;
      case "s" -> Side.SELL;
      default ->
        throw new Undecodable(
            value.offset(), "the side must be \"b\" or \"s\", was " + value.shown());
    };
  }

  /// Seconds since 1970 with a fraction, exact; what is finer than nanoseconds is cut off.
  private static Instant seconds(JsonValue value) throws Undecodable {
    BigDecimal seconds = value.asDecimal("the time").toBigDecimal();
    if (seconds.signum() < 0 || seconds.compareTo(BigDecimal.valueOf(100_000_000_000L)) >= 0) {
      throw new Undecodable(
          value.offset(), "the time must be a time in seconds, was " + value.shown());
    }
    BigDecimal nanos = seconds.movePointRight(9).setScale(0, RoundingMode.DOWN);
    BigDecimal[] parts = nanos.divideAndRemainder(BigDecimal.valueOf(1_000_000_000));
    return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
  }

  /// `c` last trade `[price, volume]`; `a` and `b` best sides `[price, whole lots, lots]`. It
  /// has no time.
  private void ticker(Symbol symbol, Obj ticker) throws Undecodable {
    Decimal price =
        ticker.get("c").asArray("\"c\"").at(0, "the last price").asDecimalOrNull("the last price");
    if (price != null) {
      out.add(new Event.Price(symbol, EXCHANGE, SOURCE, price, null));
    }
    Decimal bid = best(ticker, "b", 0);
    Decimal ask = best(ticker, "a", 0);
    if (bid != null || ask != null) {
      out.add(new Event.Quote(
          symbol, EXCHANGE, SOURCE, bid, best(ticker, "b", 2), ask, best(ticker, "a", 2), null));
    }
  }

  private static @Nullable Decimal best(Obj ticker, String side, int index) throws Undecodable {
    JsonValue value = ticker.find(side);
    if (value == null) {
      return null;
    }
    String what = "\"%s\"[%d]".formatted(side, index);
    return value.asArray("\"" + side + "\"").at(index, what).asDecimalOrNull(what);
  }

  /// One of AssetPairs. Older answers have no status.
  private static Event.Listing listing(String key, Obj pair) throws Undecodable {
    Symbol symbol = KrakenSymbols.listed(pair, pair);
    return new Event.Listing(
        symbol,
        EXCHANGE,
        SOURCE,
        key,
        symbol.base().orElse(""),
        symbol.quote().orElse(""),
        trading(pair.textOrNull("status")));
  }

  private static @Nullable Trading trading(@Nullable String status) {
    return status == null
        ? null
        : switch (status) {
          case "online", "limit_only" -> Trading.TRADING;
          case "maintenance" -> Trading.HALTED;
          default -> Trading.OTHER; // cancel_only, post_only, reduce_only, delisted, …
        };
  }

  static Condition condition(JsonValue status) throws Undecodable {
    return switch (status.asText("the status")) {
      case "online" -> Condition.ONLINE;
      case "maintenance" -> Condition.MAINTENANCE;
      case "offline" -> Condition.OFFLINE;
      case String other when other.endsWith("_only") -> Condition.DEGRADED;
      default ->
        throw new Undecodable(
            status.offset(),
            "the status must be online, maintenance, cancel_only or post_only, was "
                + status.shown());
    };
  }
}

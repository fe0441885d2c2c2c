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
import dev.everfeed.hub.source.JsonValue.Arr;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.RecordedSession;
import dev.everfeed.hub.source.Undecodable;
import dev.everfeed.hub.source.WireDecoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The HTTP answers of Coinbase Exchange (Exchange REST documentation, products) and the frames
/// of its feed. None of the answers but the list of products names its product, so the context
/// must; an error body is an error under every kind. A frame says itself what it is, so all
/// `ws_` kinds read alike.
public final class CoinbaseExchangeDecoder implements WireDecoder {
  public static final SourceId SOURCE = new SourceId("coinbase_exchange");

  private static final Set<String> STREAM_KINDS = Set.of(
      "ws_trade",
      "ws_ticker",
      "ws_heartbeat",
      "ws_ack",
      "ws_error",
      "ws_status",
      "ws_book",
      "ws_other",
      "ws_request");

  private static final Set<String> REST_KINDS = Set.of(
      "rest_bars",
      "rest_trades",
      "rest_trades_element",
      "rest_ticker",
      "rest_stats",
      "rest_book",
      "rest_instruments",
      "rest_time",
      "rest_error");

  private static final Set<String> KINDS = kindsOf();

  private static Set<String> kindsOf() {
    Set<String> all = new TreeSet<>(STREAM_KINDS);
    all.addAll(REST_KINDS);
    all.add("ws_session");
    return Collections.unmodifiableSet(all);
  }

  @Override
  public Set<String> kinds() {
    return KINDS;
  }

  @Override
  public List<Event> decode(String kind, byte[] bytes, DecodeContext context) throws Undecodable {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException("coinbase_exchange: no kind \"%s\", there are %s"
          .formatted(kind, String.join(" ", KINDS)));
    }
    List<Event> events = new ArrayList<>();
    if (kind.equals("ws_session")) {
      RecordedSession.read(bytes, frame -> CoinbaseFrames.frame(JsonReader.read(frame), events));
      return events;
    }
    JsonValue root = JsonReader.read(bytes);
    if (STREAM_KINDS.contains(kind)) {
      CoinbaseFrames.frame(root, events);
      return events;
    }
    if (root instanceof Obj object && isError(object)) {
      return List.of(new Event.ProviderError(SOURCE, null, object.text("message")));
    }
    return switch (kind) {
      case "rest_bars" -> bars(root, symbol(kind, context), interval(kind, context));
      case "rest_trades", "rest_trades_element" -> trades(root, symbol(kind, context));
      case "rest_ticker" -> ticker(root.asObject("the answer"), symbol(kind, context));
      case "rest_stats" -> stats(root.asObject("the answer"));
      case "rest_book" -> {
        CoinbaseForms.checkBook(root.asObject("the answer"));
        yield List.of();
      }
      case "rest_instruments" -> listings(root);
      case "rest_time" -> {
        Obj time = root.asObject("the answer");
        yield List.of(new Event.ServerTime(SOURCE, time.get("iso").asIso("\"iso\"")));
      }
      default -> throw new Undecodable(root.offset(), "not an error: no \"message\"");
    };
  }

  /// `{"message":"NotFound"}`: no answer has a field of that name, a product's is called
  /// `status_message`.
  private static boolean isError(Obj object) {
    return object.has("message");
  }

  /// Rows of `[time in seconds, low, high, open, close, volume]`, newest first.
  private static List<Event> bars(JsonValue root, Symbol symbol, Interval interval)
      throws Undecodable {
    List<Event.Bar> bars = new ArrayList<>();
    for (JsonValue item : root.asArray("the answer").items()) {
      Arr row = item.asArray("a bar");
      Instant time = row.at(0, "the open time").asEpochSeconds("the open time");
      Decimal low = row.at(1, "the low").asDecimal("the low");
      Decimal high = row.at(2, "the high").asDecimal("the high");
      Decimal open = row.at(3, "the open").asDecimal("the open");
      Decimal close = row.at(4, "the close").asDecimal("the close");
      Decimal volume = row.at(5, "the volume").asDecimalOrNull("the volume");
      bars.add(new Event.Bar(
          symbol, EXCHANGE, SOURCE, interval, time, open, high, low, close, volume, null));
    }
    return CoinbaseForms.oldestFirst(bars);
  }

  /// Newest first; one alone is an element of such a list.
  private static List<Event> trades(JsonValue root, Symbol symbol) throws Undecodable {
    List<Event> trades = new ArrayList<>();
    for (JsonValue item : items(root)) {
      Obj trade = item.asObject("a trade");
      trades.add(new Event.Trade(
          symbol,
          EXCHANGE,
          SOURCE,
          trade.decimal("price"),
          trade.decimal("size"),
          CoinbaseForms.takerSide(trade),
          trade.idOrNull("trade_id"),
          timeOrNull(trade)));
    }
    return trades;
  }

  /// `price`, `size`, `time` and `trade_id` are those of the last trade.
  private static List<Event> ticker(Obj ticker, Symbol symbol) throws Undecodable {
    Instant time = timeOrNull(ticker);
    Decimal price = ticker.get("price").asDecimalOrNull("\"price\"");
    Decimal bid = ticker.decimalOrNull("bid");
    Decimal ask = ticker.decimalOrNull("ask");
    List<Event> events = new ArrayList<>(2);
    if (price != null) {
      events.add(new Event.Price(symbol, EXCHANGE, SOURCE, price, time));
    }
    if (bid != null || ask != null) {
      events.add(new Event.Quote(symbol, EXCHANGE, SOURCE, bid, null, ask, null, time));
    }
    return events;
  }

  /// 24 h figures, of which nothing is published (CANONICAL: fields not named there give
  /// nothing).
  private static List<Event> stats(Obj stats) throws Undecodable {
    for (String name : List.of("open", "high", "low", "volume")) {
      stats.decimal(name);
    }
    return List.of();
  }

  private static List<Event> listings(JsonValue root) throws Undecodable {
    List<Event> listings = new ArrayList<>();
    for (JsonValue item : items(root)) {
      Obj product = item.asObject("a product");
      String base = product.text("base_currency");
      String quote = product.text("quote_currency");
      listings.add(new Event.Listing(
          CoinbaseNames.symbol(product, base, quote),
          EXCHANGE,
          SOURCE,
          product.text("id"),
          base,
          quote,
          CoinbaseForms.trading(product)));
    }
    return listings;
  }

  private static @Nullable Instant timeOrNull(Obj object) throws Undecodable {
    JsonValue time = object.find("time");
    return time == null ? null : time.asIso("\"time\"");
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

  private static Symbol symbol(String kind, DecodeContext context) {
    if (context.symbol() == null) {
      throw new IllegalArgumentException(
          "coinbase_exchange %s does not say of what it is: give a symbol".formatted(kind));
    }
    return context.symbol();
  }

  private static Interval interval(String kind, DecodeContext context) {
    if (context.interval() == null) {
      throw new IllegalArgumentException(
          "coinbase_exchange %s does not say of what it is: give an interval".formatted(kind));
    }
    return context.interval();
  }
}

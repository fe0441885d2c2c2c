package dev.everfeed.hub.source.bybit;

import static dev.everfeed.hub.source.bybit.BybitDecoder.EXCHANGE;
import static dev.everfeed.hub.source.bybit.BybitDecoder.SOURCE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.SourceStatus.Condition;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Arr;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The frames of Bybit's public streams (docs/v5/websocket/public, docs/v5/ws/connect): data
/// under a topic, `publicTrade.BTCUSDT`, or the answer to an operation. An unknown topic gives
/// nothing; a known one that lacks a required field is undecodable.
final class BybitFrames {
  static final String TRADES = "publicTrade.";
  static final String QUOTES = "orderbook.1.";
  static final String BARS = "kline.";
  private static final String TICKERS = "tickers.";
  private static final String STATUS = "system.status";

  private final DecodeContext context;
  private final Map<String, Symbol> listed;
  private final List<Event> out;

  BybitFrames(DecodeContext context, Map<String, Symbol> listed, List<Event> out) {
    this.context = context;
    this.listed = listed;
    this.out = out;
  }

  void frame(JsonValue root) throws Undecodable {
    Obj frame = root.asObject("the frame");
    String topic = topic(frame);
    if (topic.isEmpty()) {
      answer(frame);
    } else if (topic.startsWith(TRADES)) {
      for (JsonValue item : frame.get("data").asArray("\"data\"").items()) {
        out.add(trade(item.asObject("a trade"), frame));
      }
    } else if (topic.startsWith(QUOTES)) {
      Event.Quote quote = book(frame).quote();
      if (quote != null) {
        out.add(quote);
      }
    } else if (topic.startsWith(BARS)) {
      bars(topic, frame);
    } else if (topic.startsWith(TICKERS)) {
      ticker(frame.get("data").asObject("\"data\""), frame.epochOrNull("ts"));
    } else if (topic.equals(STATUS)) {
      for (JsonValue item : frame.get("data").asArray("\"data\"").items()) {
        status(item.asObject("a status").text("state"));
      }
    }
  }

  /// Empty for a frame that has none.
  static String topic(Obj frame) throws Undecodable {
    return frame.has("topic") ? frame.text("topic") : "";
  }

  private Event.Trade trade(Obj item, Obj frame) throws Undecodable {
    Instant time = item.epochOrNull("T");
    return new Event.Trade(
        symbol(item.get("s")),
        EXCHANGE,
        SOURCE,
        item.decimal("p"),
        item.decimal("v"),
        BybitAnswers.takerSide(item, "S"),
        BybitAnswers.executionId(item, "i"),
        time == null ? frame.epochOrNull("ts") : time);
  }

  /// The best level of each side, as one frame states it.
  ///
  /// @param isWhole whether it is the book as it is, and not what has changed in it
  /// @param name    the venue's, of the symbol
  record Book(
      boolean isWhole, String name, Symbol symbol, @Nullable Instant time, Side bids, Side asks) {

    /// Of what the frame states alone; null when that is no level.
    Event.@Nullable Quote quote() {
      return quote(bids.level(), asks.level());
    }

    Event.@Nullable Quote quote(@Nullable Level bid, @Nullable Level ask) {
      return bid == null && ask == null
          ? null
          : new Event.Quote(
              symbol,
              EXCHANGE,
              SOURCE,
              bid == null ? null : bid.price(),
              bid == null ? null : bid.size(),
              ask == null ? null : ask.price(),
              ask == null ? null : ask.size(),
              time);
    }
  }

  /// @param isStated whether the frame says anything of it
  /// @param level    the best one that is not deleted, or null
  record Side(boolean isStated, @Nullable Level level) {}

  record Level(Decimal price, Decimal size) {}

  Book book(Obj frame) throws Undecodable {
    Obj data = frame.get("data").asObject("\"data\"");
    JsonValue type = frame.get("type");
    boolean isWhole = switch (type.asText("\"type\"")) {
      case "snapshot" -> true;
      case "delta" -> false;
      default ->
        throw new Undecodable(
            type.offset(), "\"type\" must be snapshot or delta, was " + type.shown());
    };
    JsonValue name = data.get("s");
    return new Book(
        isWhole,
        name.asText("\"s\""),
        symbol(name),
        frame.epochOrNull("ts"),
        side(data.get("b").asArray("\"b\"")),
        side(data.get("a").asArray("\"a\"")));
  }

  /// Levels of `[price, size]`; one of size 0 is deleted.
  private static Side side(Arr levels) throws Undecodable {
    for (JsonValue item : levels.items()) {
      Arr level = item.asArray("a level");
      Decimal price = level.at(0, "the price").asDecimal("the price");
      Decimal size = level.at(1, "the size").asDecimal("the size");
      if (size.signum() != 0) {
        return new Side(true, new Level(price, size));
      }
    }
    return new Side(!levels.items().isEmpty(), null);
  }

  /// The symbol stands in the topic alone.
  private void bars(String topic, Obj frame) throws Undecodable {
    JsonValue at = frame.get("topic");
    String name = topic.substring(topic.lastIndexOf('.') + 1);
    Symbol symbol = symbol(new JsonValue.Text(at.offset(), name));
    for (JsonValue item : frame.get("data").asArray("\"data\"").items()) {
      Obj bar = item.asObject("a bar");
      out.add(new Event.Bar(
          symbol,
          EXCHANGE,
          SOURCE,
          interval(bar.get("interval")),
          bar.get("start").asEpoch("\"start\""),
          bar.decimal("open"),
          bar.decimal("high"),
          bar.decimal("low"),
          bar.decimal("close"),
          bar.decimalOrNull("volume"),
          bar.booleanOrNull("confirm")));
    }
  }

  private static Interval interval(JsonValue value) throws Undecodable {
    return BybitIntervals.of(value.asText("\"interval\""))
        .orElseThrow(() -> new Undecodable(
            value.offset(),
            "\"interval\" must be one of %s, was %s"
                .formatted(BybitIntervals.WORDS.values(), value.shown())));
  }

  /// A delta states what has changed alone. Options call the best prices otherwise.
  private void ticker(Obj ticker, @Nullable Instant time) throws Undecodable {
    Symbol symbol = symbol(ticker.get("symbol"));
    Decimal last = ticker.decimalOrNull("lastPrice");
    if (last != null) {
      out.add(new Event.Price(symbol, EXCHANGE, SOURCE, last, time));
    }
    Decimal bid = either(ticker, "bid1Price", "bidPrice");
    Decimal ask = either(ticker, "ask1Price", "askPrice");
    if (bid != null || ask != null) {
      out.add(new Event.Quote(
          symbol,
          EXCHANGE,
          SOURCE,
          bid,
          either(ticker, "bid1Size", "bidSize"),
          ask,
          either(ticker, "ask1Size", "askSize"),
          time));
    }
  }

  private static @Nullable Decimal either(Obj object, String name, String other)
      throws Undecodable {
    Decimal value = object.decimalOrNull(name);
    return value == null ? object.decimalOrNull(other) : value;
  }

  /// What is planned or was called off does not concern the present.
  private void status(String state) {
    switch (state) {
      case "ongoing" -> out.add(new Event.SourceStatus(SOURCE, Condition.MAINTENANCE));
      case "scheduled", "completed", "canceled" ->
        out.add(new Event.SourceStatus(SOURCE, Condition.ONLINE));
      default -> {
        // a state that the documentation does not have
      }
    }
  }

  /// `{"success":true,"ret_msg":"subscribe","req_id":"1","op":"subscribe"}`; options answer with
  /// the topics, `{"success":true,"data":{"failTopics":[],"successTopics":[…]},…}`. A pong has
  /// the operation `ping` or `pong`, by the product.
  private void answer(Obj frame) throws Undecodable {
    if (frame.find("data") instanceof Obj data && data.has("successTopics")) {
      acknowledged(data, "successTopics", true);
      acknowledged(data, "failTopics", false);
      return;
    }
    String operation = frame.textOrNull("op");
    if ("pong".equals(operation)) {
      out.add(new Event.Heartbeat(SOURCE));
      return;
    }
    Boolean success = frame.booleanOrNull("success");
    if (success == null) {
      return; // a request, or what the venue adds next year
    }
    if (!success) {
      String message = frame.textOrNull("ret_msg");
      out.add(new Event.ProviderError(SOURCE, null, message == null ? "" : message));
    } else if ("ping".equals(operation)) {
      out.add(new Event.Heartbeat(SOURCE));
    } else if ("subscribe".equals(operation) || "unsubscribe".equals(operation)) {
      out.add(new Event.Ack(SOURCE, true, null));
    }
  }

  private void acknowledged(Obj data, String name, boolean ok) throws Undecodable {
    if (data.has(name)) {
      for (JsonValue topic : data.get(name).asArray("\"" + name + "\"").items()) {
        out.add(new Event.Ack(SOURCE, ok, topic.asText("a topic")));
      }
    }
  }

  private Symbol symbol(JsonValue name) throws Undecodable {
    return BybitSymbols.symbolOf(name, null, context, listed);
  }
}

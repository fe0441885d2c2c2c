package dev.everfeed.hub.source.binance;

import static dev.everfeed.hub.source.binance.BinanceDecoder.EXCHANGE;
import static dev.everfeed.hub.source.binance.BinanceDecoder.SOURCE;

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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The frames of Binance's streams (web-socket-streams.md), bare or in the wrapper of a
/// combined stream. What has an unknown event type gives nothing; what has a known one and
/// lacks a required field is undecodable.
final class BinanceFrames {
  private BinanceFrames() {}

  static void frame(JsonValue root, DecodeContext context, List<Event> out) throws Undecodable {
    for (Obj item : items(root)) {
      one(item, context, out);
    }
  }

  /// What the frame carries: one message, or those of all symbols (`!ticker@arr`).
  static List<Obj> items(JsonValue root) throws Undecodable {
    JsonValue data = root;
    if (root instanceof Obj wrapper && wrapper.has("stream")) {
      wrapper.text("stream");
      data = wrapper.get("data");
    }
    return switch (data) {
      case Obj object -> List.of(object);
      case Arr array -> {
        List<Obj> items = new ArrayList<>(array.items().size());
        for (JsonValue item : array.items()) {
          items.add(item.asObject("an item of the frame"));
        }
        yield items;
      }
      default ->
        throw new Undecodable(
            data.offset(), "the frame must be an object or an array, was " + data.shown());
    };
  }

  static void one(Obj frame, DecodeContext context, List<Event> out) throws Undecodable {
    if (frame.has("e")) {
      event(frame.text("e"), frame, context, out);
    } else if (frame.fields().containsKey("result")) {
      acknowledgement(frame, out);
    } else if (BinanceAnswers.isError(frame)) {
      out.add(BinanceAnswers.error(frame));
    } else if (frame.find("error") instanceof Obj error) {
      out.add(BinanceAnswers.error(error));
    } else if (frame.has("u") && frame.has("s")) {
      // the book ticker has neither event type nor time
      bookTicker(frame, context, out);
    }
  }

  private static void event(String type, Obj frame, DecodeContext context, List<Event> out)
      throws Undecodable {
    switch (type) {
      case "trade" -> trade(frame, "t", context, out);
      case "aggTrade" -> trade(frame, "a", context, out);
      case "kline" -> bar(frame, context, out);
      case "24hrTicker" -> {
        Symbol symbol = BinanceSymbols.symbolOf(frame.get("s"), context);
        Instant time = time(frame);
        BinanceAnswers.addPrice(symbol, frame.get("c").asDecimalOrNull("\"c\""), time, out);
        addQuote(frame, symbol, time, out);
      }
      case "bookTicker" -> bookTicker(frame, context, out);
      // It announces its own end; what follows is a reconnect, not an outage.
      case "serverShutdown" -> out.add(new Event.SourceStatus(SOURCE, Condition.MAINTENANCE));
      default -> {
        // another channel: order books, mini tickers, what the venue adds next year
      }
    }
  }

  private static void trade(Obj frame, String id, DecodeContext context, List<Event> out)
      throws Undecodable {
    out.add(new Event.Trade(
        BinanceSymbols.symbolOf(frame.get("s"), context),
        EXCHANGE,
        SOURCE,
        frame.decimal("p"),
        frame.decimal("q"),
        BinanceAnswers.takerSide(frame, "m"),
        frame.idOrNull(id),
        time(frame)));
  }

  private static void bar(Obj frame, DecodeContext context, List<Event> out) throws Undecodable {
    Obj bar = frame.get("k").asObject("\"k\"");
    String interval = bar.text("i");
    out.add(new Event.Bar(
        BinanceSymbols.symbolOf(bar.has("s") ? bar.get("s") : frame.get("s"), context),
        EXCHANGE,
        SOURCE,
        Interval.parse(interval)
            .orElseThrow(() -> new Undecodable(
                bar.offset(),
                "\"i\" must be one of %s, was \"%s\"".formatted(Interval.all(), interval))),
        bar.get("t").asEpoch("\"t\""),
        bar.decimal("o"),
        bar.decimal("h"),
        bar.decimal("l"),
        bar.decimal("c"),
        bar.decimalOrNull("v"),
        bar.booleanOrNull("x")));
  }

  private static void bookTicker(Obj frame, DecodeContext context, List<Event> out)
      throws Undecodable {
    if (!frame.fields().containsKey("b") && !frame.fields().containsKey("a")) {
      throw new Undecodable(frame.offset(), "\"b\" and \"a\" are missing");
    }
    addQuote(frame, BinanceSymbols.symbolOf(frame.get("s"), context), time(frame), out);
  }

  private static void addQuote(Obj frame, Symbol symbol, @Nullable Instant time, List<Event> out)
      throws Undecodable {
    BinanceAnswers.addQuote(
        symbol,
        frame.decimalOrNull("b"),
        frame.decimalOrNull("B"),
        frame.decimalOrNull("a"),
        frame.decimalOrNull("A"),
        time,
        out);
  }

  /// `{"result":null,"id":1}`; the reply to LIST_SUBSCRIPTIONS names the streams.
  private static void acknowledgement(Obj frame, List<Event> out) throws Undecodable {
    if (!(frame.find("result") instanceof Arr streams)) {
      out.add(new Event.Ack(SOURCE, true, null));
      return;
    }
    for (JsonValue stream : streams.items()) {
      out.add(new Event.Ack(SOURCE, true, stream.asText("a stream")));
    }
  }

  /// The event's own stamp, else the frame's.
  private static @Nullable Instant time(Obj frame) throws Undecodable {
    Instant own = frame.epochOrNull("T");
    return own != null ? own : frame.epochOrNull("E");
  }
}

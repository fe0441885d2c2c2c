package dev.everfeed.hub.source.kraken;

import static dev.everfeed.hub.source.kraken.KrakenRestDecoder.EXCHANGE;
import static dev.everfeed.hub.source.kraken.KrakenRestDecoder.SOURCE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The frames of Kraken's streams, version 2 (docs.kraken.com, api/docs/websocket-v2): data of a
/// channel, numbers bare, or the answer to a method. An unknown channel gives nothing; a known
/// one that lacks a required field is undecodable.
///
/// The first frame of trades after a subscription that asks for it is a `snapshot`: trades of
/// before it, which are no news and give nothing.
final class KrakenFrames {
  static final String TRADES = "trade";
  static final String QUOTES = "ticker";
  static final String BARS = "ohlc";
  private static final String SNAPSHOT = "snapshot";

  private KrakenFrames() {}

  static void frame(JsonValue root, List<Event> out) throws Undecodable {
    Obj frame = root.asObject("the frame");
    if (frame.has("channel")) {
      data(frame.text("channel"), frame, out);
    } else if (frame.has("error")) {
      out.add(new Event.ProviderError(SOURCE, null, frame.text("error")));
    } else if (frame.has("Error")) { // "Exceeded msg rate", which names no request
      out.add(new Event.ProviderError(SOURCE, null, frame.text("Error")));
    } else if (frame.has("method")) {
      answer(frame, out);
    }
  }

  private static void data(String channel, Obj frame, List<Event> out) throws Undecodable {
    switch (channel) {
      case TRADES -> {
        boolean isNews = !isSnapshot(frame);
        for (Obj item : items(frame)) {
          Event.Trade trade = trade(item);
          if (isNews) {
            out.add(trade);
          }
        }
      }
      case QUOTES -> {
        for (Obj item : items(frame)) {
          ticker(item, out);
        }
      }
      case BARS -> {
        frame.text("type");
        bars(items(frame), out);
      }
      case "status" -> {
        for (Obj item : items(frame)) {
          out.add(new Event.SourceStatus(SOURCE, KrakenAnswers.condition(item.get("system"))));
        }
      }
      case "heartbeat" -> out.add(new Event.Heartbeat(SOURCE));
      default -> {
        // order books, instruments, what comes next year
      }
    }
  }

  /// Whether it is what was before, and not what happens.
  static boolean isSnapshot(Obj frame) throws Undecodable {
    return frame.text("type").equals(SNAPSHOT);
  }

  private static List<Obj> items(Obj frame) throws Undecodable {
    List<Obj> items = new ArrayList<>();
    for (JsonValue item : frame.get("data").asArray("\"data\"").items()) {
      items.add(item.asObject("an item"));
    }
    return items;
  }

  private static Event.Trade trade(Obj item) throws Undecodable {
    return new Event.Trade(
        KrakenSymbols.ofStream(item.get("symbol")),
        EXCHANGE,
        SOURCE,
        item.decimal("price"),
        item.decimal("qty"),
        side(item),
        item.idOrNull("trade_id"),
        timeOrNull(item));
  }

  /// The taker's.
  private static @Nullable Side side(Obj item) throws Undecodable {
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

  /// A price of 0 is that of a side that has none: an instrument that is not open yet has `0` at
  /// the time `1970-01-01`.
  private static void ticker(Obj item, List<Event> out) throws Undecodable {
    Symbol symbol = KrakenSymbols.ofStream(item.get("symbol"));
    Decimal last = price(item, "last");
    Decimal bid = price(item, "bid");
    Decimal bidSize = item.decimalOrNull("bid_qty");
    Decimal ask = price(item, "ask");
    Decimal askSize = item.decimalOrNull("ask_qty");
    Instant time = timeOrNull(item);
    if (last != null) {
      out.add(new Event.Price(symbol, EXCHANGE, SOURCE, last, time));
    }
    if (bid != null || ask != null) {
      out.add(new Event.Quote(
          symbol,
          EXCHANGE,
          SOURCE,
          bid,
          bid == null ? null : bidSize,
          ask,
          ask == null ? null : askSize,
          time));
    }
  }

  private static @Nullable Decimal price(Obj item, String name) throws Undecodable {
    Decimal number = item.decimalOrNull(name);
    return number == null || number.signum() == 0 ? null : number;
  }

  /// The newest bar of a frame still runs, the others of the same symbol and interval are over
  /// (wire/CANONICAL.md, reading 3): nothing marks the last state of one.
  private static void bars(List<Obj> items, List<Event> out) throws Undecodable {
    List<Event.Bar> bars = new ArrayList<>();
    for (Obj item : items) {
      JsonValue minutes = item.get("interval");
      Optional<Interval> interval = KrakenIntervals.of(minutes.asId("\"interval\""));
      if (interval.isPresent()) {
        bars.add(new Event.Bar(
            KrakenSymbols.ofStream(item.get("symbol")),
            EXCHANGE,
            SOURCE,
            interval.get(),
            item.get("interval_begin").asIso("\"interval_begin\""),
            item.decimal("open"),
            item.decimal("high"),
            item.decimal("low"),
            item.decimal("close"),
            item.decimalOrNull("volume"),
            false));
      }
    }
    Map<String, Instant> newest = new HashMap<>();
    for (Event.Bar bar : bars) {
      newest.merge(streamOf(bar), bar.time(), (a, b) -> a.isAfter(b) ? a : b);
    }
    for (Event.Bar bar : bars) {
      out.add(bar.time().equals(newest.get(streamOf(bar))) ? bar : over(bar));
    }
  }

  private static String streamOf(Event.Bar bar) {
    return Stream.bars(bar.symbol(), bar.interval()).name();
  }

  static Event.Bar over(Event.Bar bar) {
    return new Event.Bar(
        bar.symbol(),
        bar.exchange(),
        bar.source(),
        bar.interval(),
        bar.time(),
        bar.open(),
        bar.high(),
        bar.low(),
        bar.close(),
        bar.volume(),
        true);
  }

  private static @Nullable Instant timeOrNull(Obj item) throws Undecodable {
    JsonValue time = item.find("timestamp");
    return time == null ? null : time.asIso("\"timestamp\"");
  }

  /// `{"method":"subscribe","result":{"channel":"ticker","symbol":"BTC/USD"},"success":true}`,
  /// one for each symbol.
  private static void answer(Obj frame, List<Event> out) throws Undecodable {
    switch (frame.text("method")) {
      case "pong" -> out.add(new Event.Heartbeat(SOURCE));
      case "subscribe", "unsubscribe" -> {
        if (frame.has("success")) { // else it is a request
          Obj result = frame.get("result").asObject("\"result\"");
          boolean ok = frame.get("success").asBoolean("\"success\"");
          out.add(new Event.Ack(SOURCE, ok, result.textOrNull("channel")));
        }
      }
      default -> {
        // nothing that we asked for
      }
    }
  }
}

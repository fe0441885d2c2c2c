package dev.everfeed.hub.source.okx;

import static dev.everfeed.hub.source.okx.OkxDecoder.EXCHANGE;
import static dev.everfeed.hub.source.okx.OkxDecoder.SOURCE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Event.SourceStatus.Condition;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Arr;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The frames of OKX's public channels (the venue's documentation, "WebSocket"): data of the
/// channel and the instrument that `arg` names, or an event; and `pong`, which is no JSON. Items
/// have the form of the answers over HTTP ([OkxAnswers]). An unknown channel gives nothing; a
/// known one that lacks a required field is undecodable.
final class OkxFrames {
  static final String TRADES = "trades-all";
  static final String QUOTES = "bbo-tbt";
  static final String BARS = "candle";

  /// "The connection will be closed for a service upgrade"; a minute or less before that is done.
  private static final String UPGRADE = "64008";

  private static final byte[] PONG = "pong".getBytes(StandardCharsets.US_ASCII);
  private static final Map<String, Interval> INTERVALS = intervals();

  private OkxFrames() {}

  private static Map<String, Interval> intervals() {
    Map<String, Interval> intervals = new TreeMap<>();
    OkxBars.OFFERED.forEach((interval, word) -> intervals.put(word, interval));
    return intervals;
  }

  static boolean isPong(byte[] frame) {
    return Arrays.equals(frame, PONG);
  }

  static void read(byte[] frame, List<Event> out) throws Undecodable {
    if (isPong(frame)) {
      out.add(new Event.Heartbeat(SOURCE));
    } else {
      frame(JsonReader.read(frame).asObject("the frame"), out);
    }
  }

  static void frame(Obj frame, List<Event> out) throws Undecodable {
    if (frame.has("event")) {
      event(frame.text("event"), frame, out);
      return;
    }
    if (!frame.has("arg")) {
      return; // a request
    }
    Obj arg = frame.get("arg").asObject("\"arg\"");
    String channel = arg.text("channel");
    switch (channel) {
      case TRADES, "trades" -> {
        for (JsonValue item : data(frame).items()) {
          out.add(OkxAnswers.trade(item.asObject("a trade")));
        }
      }
      case "tickers" -> {
        for (JsonValue item : data(frame).items()) {
          OkxAnswers.ticker(item.asObject("a ticker"), out);
        }
      }
      case QUOTES -> {
        Symbol symbol = OkxSymbols.symbolOf(arg.get("instId"));
        for (JsonValue item : data(frame).items()) {
          quote(symbol, item.asObject("a book"), out);
        }
      }
      default -> {
        Optional<Interval> interval = interval(channel);
        if (interval.isPresent()) {
          Symbol symbol = OkxSymbols.symbolOf(arg.get("instId"));
          for (JsonValue item : data(frame).items()) {
            out.add(OkxAnswers.bar(item.asArray("a bar"), symbol, interval.get()));
          }
        }
      }
    }
  }

  /// Of the bars that a channel has. Days of Hong Kong (`candle1D`) are nobody's here.
  static Optional<Interval> interval(String channel) {
    return channel.startsWith(BARS)
        ? Optional.ofNullable(INTERVALS.get(channel.substring(BARS.length())))
        : Optional.empty();
  }

  private static Arr data(Obj frame) throws Undecodable {
    return frame.get("data").asArray("\"data\"");
  }

  /// `{"asks":[["8476.98","415","0","13"]],"bids":[…],"ts":"1597026383085","seqId":123456}`: the
  /// best level of each side, whole in each frame.
  private static void quote(Symbol symbol, Obj book, List<Event> out) throws Undecodable {
    Arr bids = book.get("bids").asArray("\"bids\"");
    Arr asks = book.get("asks").asArray("\"asks\"");
    Decimal bid = best(bids, 0, "the price");
    Decimal bidSize = best(bids, 1, "the size");
    Decimal ask = best(asks, 0, "the price");
    Decimal askSize = best(asks, 1, "the size");
    if (bid != null || ask != null) {
      out.add(new Event.Quote(
          symbol, EXCHANGE, SOURCE, bid, bidSize, ask, askSize, book.epochOrNull("ts")));
    }
  }

  private static @Nullable Decimal best(Arr levels, int column, String what) throws Undecodable {
    return levels.items().isEmpty()
        ? null
        : levels.items().getFirst().asArray("a level").at(column, what).asDecimal(what);
  }

  private static void event(String event, Obj frame, List<Event> out) throws Undecodable {
    switch (event) {
      case "subscribe", "unsubscribe" ->
        out.add(new Event.Ack(
            SOURCE,
            true,
            frame.has("arg") ? frame.get("arg").asObject("\"arg\"").textOrNull("channel") : null));
      case "error" -> out.add(OkxAnswers.error(frame));
      case "notice" -> {
        if (UPGRADE.equals(frame.idOrNull("code"))) {
          out.add(new Event.SourceStatus(SOURCE, Condition.MAINTENANCE));
        }
      }
      default -> {
        // how many connections there are, a login: nothing that we asked for
      }
    }
  }
}

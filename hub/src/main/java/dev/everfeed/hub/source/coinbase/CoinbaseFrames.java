package dev.everfeed.hub.source.coinbase;

import static dev.everfeed.hub.source.coinbase.CoinbaseExchangeDecoder.SOURCE;
import static dev.everfeed.hub.source.coinbase.CoinbaseForms.EXCHANGE;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.Undecodable;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The frames of Coinbase Exchange's feed (Exchange documentation, WebSocket channels). What has
/// no type or an unknown one gives nothing; what has a known one and lacks a required field is
/// undecodable.
final class CoinbaseFrames {
  private CoinbaseFrames() {}

  static void frame(JsonValue root, List<Event> out) throws Undecodable {
    Obj frame = root.asObject("the frame");
    if (!frame.has("type")) {
      if (frame.has("message")) {
        out.add(error(frame)); // as its answers over HTTP say it
      }
      return;
    }
    switch (frame.text("type")) {
      case "match" -> out.add(trade(frame));
      case "ticker" -> ticker(frame, out);
      case "heartbeat" -> {
        newestTrade(frame);
        out.add(new Event.Heartbeat(SOURCE));
      }
      case "subscriptions" -> {
        for (JsonValue item : channels(frame)) {
          out.add(new Event.Ack(SOURCE, true, item.asObject("a channel").text("name")));
        }
      }
      case "error" -> out.add(error(frame));
      default -> {
        // last_match is no new trade (SPEC section 2); order books, status, what comes next year
      }
    }
  }

  static List<JsonValue> channels(Obj subscriptions) throws Undecodable {
    return subscriptions.get("channels").asArray("\"channels\"").items();
  }

  /// The newest trade of the heartbeat's product, or null when it does not say.
  static @Nullable Long newestTrade(Obj heartbeat) throws Undecodable {
    if (!heartbeat.has("product_id") || !heartbeat.has("last_trade_id")) {
      return null;
    }
    CoinbaseNames.symbolOf(heartbeat.get("product_id"));
    return heartbeat.get("last_trade_id").asWhole("\"last_trade_id\"");
  }

  private static Event.Trade trade(Obj match) throws Undecodable {
    return new Event.Trade(
        CoinbaseNames.symbolOf(match.get("product_id")),
        EXCHANGE,
        SOURCE,
        match.decimal("price"),
        match.decimal("size"),
        CoinbaseForms.takerSide(match),
        match.idOrNull("trade_id"),
        timeOrNull(match));
  }

  private static void ticker(Obj ticker, List<Event> out) throws Undecodable {
    Symbol symbol = CoinbaseNames.symbolOf(ticker.get("product_id"));
    Instant time = timeOrNull(ticker);
    Decimal price = ticker.get("price").asDecimalOrNull("\"price\"");
    Decimal bid = ticker.decimalOrNull("best_bid");
    Decimal bidSize = ticker.decimalOrNull("best_bid_size");
    Decimal ask = ticker.decimalOrNull("best_ask");
    Decimal askSize = ticker.decimalOrNull("best_ask_size");
    if (price != null) {
      out.add(new Event.Price(symbol, EXCHANGE, SOURCE, price, time));
    }
    if (bid != null || ask != null) {
      out.add(new Event.Quote(symbol, EXCHANGE, SOURCE, bid, bidSize, ask, askSize, time));
    }
  }

  /// `{"type":"error","message":"Failed to subscribe","reason":"… is not a valid product"}`:
  /// only both together tell what is wrong.
  private static Event.ProviderError error(Obj frame) throws Undecodable {
    String message = frame.text("message");
    String reason = frame.textOrNull("reason");
    return new Event.ProviderError(
        SOURCE, null, reason == null ? message : message + ": " + reason);
  }

  private static @Nullable Instant timeOrNull(Obj frame) throws Undecodable {
    JsonValue time = frame.find("time");
    return time == null ? null : time.asIso("\"time\"");
  }
}

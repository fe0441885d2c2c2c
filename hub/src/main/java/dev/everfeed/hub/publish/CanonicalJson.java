package dev.everfeed.hub.publish;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.time.Rfc3339;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Writes events in the canonical form of wire/CANONICAL.md: one JSON object a line, the
/// fields and their order as listed there, numbers with the source's exact decimal value and
/// no exponent.
///
/// Stateless; any thread may use it.
public final class CanonicalJson {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private CanonicalJson() {}

  /// One event, without a line break.
  public static String line(Event event) {
    StringBuilder out = new StringBuilder(200);
    append(out, event);
    return out.toString();
  }

  /// One event as an object.
  public static void append(StringBuilder out, Event event) {
    out.append('{');
    appendFields(out, event);
    out.append('}');
  }

  /// The object's fields without its braces, so that a caller can add its own (`gateway`,
  /// `status`).
  public static void appendFields(StringBuilder out, Event event) {
    switch (event) {
      case Event.Trade e -> {
        market(out, "trade", e.symbol().text(), e.exchange(), e);
        number(out, "price", e.price());
        number(out, "size", e.size());
        text(out, "side", e.side() == null ? null : e.side().text());
        text(out, "trade_id", e.tradeId());
        time(out, e.time());
      }
      case Event.Quote e -> {
        market(out, "quote", e.symbol().text(), e.exchange(), e);
        number(out, "bid", e.bid());
        number(out, "bid_size", e.bidSize());
        number(out, "ask", e.ask());
        number(out, "ask_size", e.askSize());
        time(out, e.time());
      }
      case Event.Price e -> {
        market(out, "price", e.symbol().text(), e.exchange(), e);
        number(out, "price", e.price());
        time(out, e.time());
      }
      case Event.Bar e -> {
        market(out, "bar", e.symbol().text(), e.exchange(), e);
        text(out, "interval", e.interval().text());
        time(out, e.time());
        number(out, "open", e.open());
        number(out, "high", e.high());
        number(out, "low", e.low());
        number(out, "close", e.close());
        number(out, "volume", e.volume());
        name(out, "complete").append(e.complete());
      }
      case Event.Listing e -> {
        market(out, "instrument", e.symbol().text(), e.exchange(), e);
        text(out, "native", e.nativeName());
        text(out, "base", e.base());
        text(out, "quote", e.quote());
        text(out, "status", e.status() == null ? null : e.status().text());
      }
      case Event.ServerTime e -> {
        begin(out, "time", e);
        time(out, e.time());
      }
      case Event.SourceStatus e -> {
        begin(out, "status", e);
        text(out, "status", e.status().text());
      }
      case Event.Ack e -> {
        begin(out, "ack", e);
        name(out, "ok").append(e.ok());
        text(out, "native", e.nativeName());
      }
      case Event.Heartbeat e -> begin(out, "heartbeat", e);
      case Event.ProviderError e -> {
        begin(out, "provider_error", e);
        text(out, "code", e.code());
        text(out, "message", e.message());
      }
      case Event.Sentiment e -> {
        begin(out, "sentiment", e);
        text(out, "measure", e.measure());
        text(out, "symbol", e.symbol() == null ? null : e.symbol().text());
        number(out, "value", e.value());
        text(out, "label", e.label());
        time(out, e.time());
      }
    }
  }

  /// The line that `decode` prints for bytes that are not a message of the kind.
  ///
  /// @param file   as it was given
  /// @param offset bytes before the place where it was seen
  public static String errorLine(String file, long offset, String reason) {
    StringBuilder out = new StringBuilder(200).append("{\"type\":\"error\"");
    text(out, "file", file);
    name(out, "offset").append(offset);
    text(out, "reason", reason);
    return out.append('}').toString();
  }

  /// A JSON string, quotes included; `null` for null.
  public static void appendString(StringBuilder out, @Nullable String value) {
    if (value == null) {
      out.append("null");
      return;
    }
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          boolean half = Character.isSurrogate(c) && !isWhole(value, i);
          if (c < ' ' || c == 0x7f || half) {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
              out.append(HEX[c >> shift & 0xf]);
            }
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /// Half a surrogate pair, which a source can smuggle in as an escape, has no UTF-8.
  private static boolean isWhole(String value, int i) {
    return Character.isHighSurrogate(value.charAt(i))
        ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
  }

  private static void market(
      StringBuilder out, String type, String symbol, @Nullable String exchange, Event event) {
    out.append("\"type\":\"").append(type).append('"');
    text(out, "symbol", symbol);
    text(out, "exchange", exchange);
    text(out, "source", event.source().name());
  }

  private static void begin(StringBuilder out, String type, Event event) {
    out.append("\"type\":\"").append(type).append('"');
    text(out, "source", event.source().name());
  }

  private static StringBuilder name(StringBuilder out, String name) {
    return out.append(",\"").append(name).append("\":");
  }

  private static void text(StringBuilder out, String name, @Nullable String value) {
    appendString(name(out, name), value);
  }

  private static void number(StringBuilder out, String name, @Nullable Decimal value) {
    name(out, name).append(value);
  }

  private static void time(StringBuilder out, @Nullable Instant time) {
    text(out, "time", time == null ? null : Rfc3339.format(time));
  }
}

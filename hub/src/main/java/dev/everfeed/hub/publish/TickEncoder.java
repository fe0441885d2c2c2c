package dev.everfeed.hub.publish;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes published forms: the canonical fields of wire/CANONICAL.md in their order, then `id`
/// (trades only), `gateway`, `received_at`, `status`, `epoch`, `seq` (DESIGN section 6).
///
/// Allocates nothing for a tick in primitives once it has seen each stream from each gateway;
/// one that carries an [Event] goes through [CanonicalJson]. Owned by one thread.
final class TickEncoder {
  private static final byte[] NULL = ascii("null");
  private static final byte[][] TRADE = names("price", "size");
  private static final byte[][] QUOTE = names("bid", "bid_size", "ask", "ask_size");
  private static final byte[][] BAR = names("open", "high", "low", "close", "volume");
  private static final byte[] SIDE_BUY = ascii(",\"side\":\"buy\"");
  private static final byte[] SIDE_SELL = ascii(",\"side\":\"sell\"");
  private static final byte[] SIDE_NONE = ascii(",\"side\":null");
  private static final byte[] TRADE_ID = ascii(",\"trade_id\":\"");
  private static final byte[] TRADE_ID_NONE = ascii(",\"trade_id\":null");
  private static final byte[] ID_NONE = ascii(",\"id\":null");
  private static final byte[] TIME = ascii(",\"time\":\"");
  private static final byte[] TIME_NONE = ascii(",\"time\":null");
  private static final byte[] COMPLETE = ascii(",\"complete\":");
  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");
  private static final byte[] RECEIVED_AT = ascii(",\"received_at\":\"");
  private static final byte[][] STATUSES = statuses();
  private static final byte QUOTE_MARK = '"';

  private final Streams streams;

  // By gateway.
  private Gateway[] gateways = {};
  private byte[][] @Nullable [] begins = {};
  private byte[][] @Nullable [] ids = {};
  private byte[][] gatewayFields = {};
  private final Bytes out = new Bytes();
  private final StringBuilder text = new StringBuilder();
  private byte @Nullable [] epochField;
  private long epochOfField;

  /// @param gateways by their numbers
  TickEncoder(Streams streams, List<Gateway> gateways) {
    this.streams = streams;
    for (int i = 0; i < gateways.size(); i++) {
      put(i, gateways.get(i));
    }
  }

  /// From now on a number means this gateway.
  void put(int number, Gateway gateway) {
    if (number >= gateways.length) {
      gateways = Arrays.copyOf(gateways, number + 1);
      begins = Arrays.copyOf(begins, number + 1);
      ids = Arrays.copyOf(ids, number + 1);
      gatewayFields = Arrays.copyOf(gatewayFields, number + 1);
    }
    gateways[number] = gateway;
    begins[number] = new byte[streams.size()][];
    ids[number] = new byte[streams.size()][];
    gatewayFields[number] = utf8(",\"gateway\":" + quoted(gateway.id()));
  }

  /// Writes one message.
  ///
  /// @param gateway         its number
  /// @param receivedAtNanos of the epoch, by our clock
  /// @return its length in bytes; it is `bytes()[0, length)` until the next call
  int encode(
      Tick tick, int gateway, ValueStatus status, long epoch, long seq, long receivedAtNanos) {
    out.clear();
    Event event = tick.event();
    if (event != null) {
      fields(event, gateways[gateway].exchange());
    } else {
      Stream stream = streams.stream(tick.stream());
      out.put(begin(tick.stream(), gateway));
      switch (stream.channel()) {
        case TRADE -> trade(tick, gateway);
        case QUOTE -> {
          numbers(tick, QUOTE);
          time(tick);
        }
        case BAR -> bar(tick);
      }
    }
    out.put(gatewayFields[gateway]);
    out.put(RECEIVED_AT);
    out.putTime(receivedAtNanos);
    out.put(QUOTE_MARK);
    out.put(STATUSES[status.ordinal()]);
    out.put(epochField(epoch));
    out.put(seq);
    out.put((byte) '}');
    return out.length();
  }

  /// Reused; see [#encode].
  byte[] bytes() {
    return out.array();
  }

  /// An epoch is that of all messages of a start.
  private byte[] epochField(long epoch) {
    byte[] known = epochField;
    if (known == null || epoch != epochOfField) {
      known = ascii(",\"epoch\":" + epoch + ",\"seq\":");
      epochField = known;
      epochOfField = epoch;
    }
    return known;
  }

  private void fields(Event event, String exchange) {
    text.setLength(0);
    text.append('{');
    CanonicalJson.appendFields(text, event);
    if (event instanceof Event.Trade trade) {
      text.append(",\"id\":");
      String id = trade.tradeId();
      CanonicalJson.appendString(
          text, id == null ? null : exchange + "|" + trade.symbol() + "|" + id);
    }
    out.put(text);
  }

  private void trade(Tick tick, int gateway) {
    numbers(tick, TRADE);
    Side side = tick.side();
    out.put(side == null ? SIDE_NONE : side == Side.BUY ? SIDE_BUY : SIDE_SELL);
    int length = tick.idLength();
    if (length == 0) {
      out.put(TRADE_ID_NONE);
      time(tick);
      out.put(ID_NONE);
      return;
    }
    out.put(TRADE_ID);
    tradeId(tick, length);
    time(tick);
    out.put(id(tick.stream(), gateway));
    tradeId(tick, length);
  }

  private void tradeId(Tick tick, int length) {
    tick.copyId(out.roomFor(length), out.length());
    out.take(length);
    out.put(QUOTE_MARK);
  }

  private void bar(Tick tick) {
    time(tick);
    numbers(tick, BAR);
    out.put(COMPLETE);
    out.put(!tick.saysComplete() ? NULL : tick.isComplete() ? TRUE : FALSE);
  }

  private void numbers(Tick tick, byte[][] names) {
    for (int i = 0; i < names.length; i++) {
      out.put(names[i]);
      if (tick.has(i)) {
        out.putDecimal(tick.mantissa(i), tick.scale(i));
      } else {
        out.put(NULL);
      }
    }
  }

  private void time(Tick tick) {
    if (tick.timeNanos() == Tick.NONE) {
      out.put(TIME_NONE);
    } else {
      out.put(TIME);
      out.putTime(tick.timeNanos());
      out.put(QUOTE_MARK);
    }
  }

  /// What is the same in all events of a stream from a gateway.
  private byte[] begin(int number, int gateway) {
    byte[] known = begins[gateway][number];
    if (known == null) {
      Stream stream = streams.stream(number);
      Gateway from = gateways[gateway];
      Interval interval = stream.interval();
      known = utf8("{\"type\":\"%s\",\"symbol\":%s,\"exchange\":%s,\"source\":%s%s"
          .formatted(
              stream.channel().text(),
              quoted(stream.symbol().text()),
              quoted(from.exchange()),
              quoted(from.source().name()),
              interval == null ? "" : ",\"interval\":" + quoted(interval.text())));
      begins[gateway][number] = known;
    }
    return known;
  }

  /// The id of a trade up to the exchange's own.
  private byte[] id(int number, int gateway) {
    byte[] known = ids[gateway][number];
    if (known == null) {
      String text =
          quoted(gateways[gateway].exchange() + "|" + streams.stream(number).symbol() + "|");
      known = utf8(",\"id\":" + text.substring(0, text.length() - 1));
      ids[gateway][number] = known;
    }
    return known;
  }

  private static byte[][] names(String... names) {
    byte[][] all = new byte[names.length][];
    for (int i = 0; i < all.length; i++) {
      all[i] = ascii(",\"" + names[i] + "\":");
    }
    return all;
  }

  private static byte[][] statuses() {
    ValueStatus[] values = ValueStatus.values();
    byte[][] all = new byte[values.length][];
    for (ValueStatus status : values) {
      all[status.ordinal()] = ascii(",\"status\":\"" + status.text() + "\"");
    }
    return all;
  }

  private static String quoted(String value) {
    StringBuilder out = new StringBuilder();
    CanonicalJson.appendString(out, value);
    return out.toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

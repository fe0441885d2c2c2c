package dev.everfeed.hub.source.kraken;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.source.FrameSink;
import dev.everfeed.hub.source.HotFrameDecoder;
import dev.everfeed.hub.source.JsonCursor;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.NameTable;
import dev.everfeed.hub.source.StreamNumbers;
import dev.everfeed.hub.source.Undecodable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The frames of one connection to Kraken's streams: trades, best prices and heartbeats without
/// allocation; the rest by [KrakenFrames]. A snapshot gives no trades and no bars, whether it was
/// asked for or not; one of the ticker is the book as it is. A bar is given complete when the next
/// one of its stream comes.
final class KrakenFrameDecoder extends HotFrameDecoder {
  private static final int CHANNEL = 0;
  private static final int TYPE = 1;
  private static final int DATA = 2;

  /// By the numbers above.
  private static final NameTable FIELDS = new NameTable(List.of("channel", "type", "data"));

  private static final int SYMBOL = 0;
  private static final int SIDE = 1;
  private static final int PRICE = 2;
  private static final int SIZE = 3;
  private static final int ID = 4;
  private static final int TIME = 5;
  private static final int BID = 6;
  private static final int BID_SIZE = 7;
  private static final int ASK = 8;
  private static final int ASK_SIZE = 9;
  private static final int LAST = 10;

  /// Of an item, by the numbers above.
  private static final NameTable ITEM_FIELDS = new NameTable(List.of(
      "symbol",
      "side",
      "price",
      "qty",
      "trade_id",
      "timestamp",
      "bid",
      "bid_qty",
      "ask",
      "ask_qty",
      "last"));

  private static final int TRADES = 0;
  private static final int QUOTES = 1;
  private static final int HEARTBEATS = 2;
  private static final NameTable CHANNELS =
      new NameTable(List.of(KrakenFrames.TRADES, KrakenFrames.QUOTES, "heartbeat"));

  private static final int UPDATE = 0;
  private static final NameTable TYPES = new NameTable(List.of("update", "snapshot"));

  private static final int BOUGHT = 0;
  private static final NameTable SIDES = new NameTable(List.of("buy", "sell"));

  private static final Event.Heartbeat HEARTBEAT = new Event.Heartbeat(KrakenRestDecoder.SOURCE);

  /// What a second subscription is answered with.
  private static final String ALREADY = "Already subscribed";

  /// The newest state of the newest bar, by stream.
  private final Map<Integer, Event.Bar> running = new HashMap<>();

  /// The streams of bars that the venue has acknowledged.
  private final Set<Integer> bars = new TreeSet<>();

  private final Item trade = this::trade;
  private final Item quote = this::quote;
  private final int[] at = new int[FIELDS.size()];
  private final int[] itemAt = new int[ITEM_FIELDS.size()];

  KrakenFrameDecoder(Streams streams) {
    super(new StreamNumbers(streams, KrakenSymbols::streamNameOf));
  }

  @Override
  protected boolean hot(byte[] frame, int from, int to, FrameSink out) {
    cursor.reset(frame, from, to);
    if (!cursor.object(FIELDS, at) || !cursor.atEnd()) {
      return false;
    }
    int channel = cursor.name(at[CHANNEL], CHANNELS);
    if (channel == HEARTBEATS) {
      out.control(HEARTBEAT);
      return true;
    }
    int type = cursor.name(at[TYPE], TYPES);
    return switch (channel) {
      case TRADES -> type == UPDATE && giveAll(at[DATA], trade, frame, out);
      case QUOTES -> type != NameTable.NONE && giveAll(at[DATA], quote, frame, out);
      default -> false;
    };
  }

  private boolean trade(byte[] frame, int item) {
    int place = placeOf(item);
    return place != NameTable.NONE && readTrade(frame, place);
  }

  private boolean quote(byte[] frame, int item) {
    int place = placeOf(item);
    return place != NameTable.NONE && readQuote(place);
  }

  private int placeOf(int item) {
    cursor.moveTo(item);
    return cursor.object(ITEM_FIELDS, itemAt)
        ? cursor.name(itemAt[SYMBOL], numbers.names())
        : NameTable.NONE;
  }

  private boolean readTrade(byte[] frame, int place) {
    int side = cursor.name(itemAt[SIDE], SIDES);
    tick.begin(numbers.trades(place));
    if (side == NameTable.NONE
        || !cursor.number(itemAt[PRICE], tick, Tick.PRICE)
        || !cursor.number(itemAt[SIZE], tick, Tick.SIZE)
        || !setTime()
        || !cursor.id(itemAt[ID])) {
      return false;
    }
    tick.setSide(side == BOUGHT ? Side.BUY : Side.SELL);
    tick.setId(frame, cursor.textFrom(), cursor.textTo() - cursor.textFrom());
    return true;
  }

  /// The last price is not published, but it has to be one.
  private boolean readQuote(int place) {
    tick.begin(numbers.quotes(place));
    return (itemAt[LAST] == JsonCursor.ABSENT || cursor.number(itemAt[LAST]))
        && price(itemAt[BID], Tick.BID)
        && cursor.number(itemAt[BID_SIZE], tick, Tick.BID_SIZE)
        && price(itemAt[ASK], Tick.ASK)
        && cursor.number(itemAt[ASK_SIZE], tick, Tick.ASK_SIZE)
        && (itemAt[TIME] == JsonCursor.ABSENT || setTime());
  }

  /// Of 0 it is that of a side that has none.
  private boolean price(int place, int index) {
    return cursor.number(place, tick, index) && cursor.mantissa() != 0;
  }

  private boolean setTime() {
    long time = cursor.isoNanos(itemAt[TIME]);
    tick.setTimeNanos(time);
    return time != Tick.NONE;
  }

  @Override
  protected void slow(byte[] frame, FrameSink out) throws Undecodable {
    JsonValue root = JsonReader.read(frame);
    List<Event> events = new ArrayList<>(2);
    KrakenFrames.frame(root, events);
    Obj object = root.asObject("the frame");
    for (Event event : events) {
      switch (event) {
        case Event.Trade _, Event.Quote _ -> give(event, out);
        case Event.Bar bar -> {
          if (!KrakenFrames.isSnapshot(object)) {
            bar(bar, out);
          }
        }
        case Event.Ack ack -> acknowledged(object, ack, out);
        case Event.ProviderError error -> {
          int stream = refused(object);
          if (stream == Streams.NONE) {
            out.control(error);
          } else if (isHad(stream, error.message())) {
            out.subscribed(stream);
          } else {
            out.refused(stream, error.message());
          }
        }
        case Event.Price _ -> {
          // no stream of ours
        }
        case Event.Listing _,
            Event.ServerTime _,
            Event.SourceStatus _,
            Event.Heartbeat _,
            Event.Sentiment _ -> out.control(event);
      }
    }
  }

  /// Nothing marks the last state of a bar: it is over when one with a later open comes, and is
  /// given complete before that (wire/SPEC.md, section 4).
  private void bar(Event.Bar bar, FrameSink out) {
    int stream = numbers.numberOf(bar);
    if (stream == Streams.NONE) {
      return;
    }
    Event.Bar before = running.get(stream);
    if (before != null && bar.time().isBefore(before.time())) {
      give(KrakenFrames.over(bar), out); // comes late: a later one was there
      return;
    }
    if (before != null
        && bar.time().isAfter(before.time())
        && !Boolean.TRUE.equals(before.complete())) {
      give(KrakenFrames.over(before), out);
    }
    running.put(stream, bar);
    give(bar, out);
  }

  /// Whether a refusal says that there is already what was asked for. Of bars it does not say
  /// of which interval.
  private boolean isHad(int stream, String refusal) {
    return refusal.equals(ALREADY)
        || (refusal.startsWith(ALREADY + " to one ohlc") && bars.contains(stream));
  }

  private void acknowledged(Obj frame, Event.Ack ack, FrameSink out) throws Undecodable {
    int stream = ack.ok() ? acknowledged(frame.get("result").asObject("\"result\"")) : Streams.NONE;
    boolean subscribes = frame.text("method").equals("subscribe");
    if (KrakenFrames.BARS.equals(ack.nativeName())) {
      running.remove(stream); // what came since, or will, is of another subscription
      if (subscribes) {
        bars.add(stream);
      } else {
        bars.remove(stream);
      }
    }
    if (stream == Streams.NONE || !subscribes) {
      out.control(ack);
    } else {
      out.subscribed(stream);
    }
  }

  private int acknowledged(Obj result) {
    int place = place(result);
    if (place == NameTable.NONE || !(result.find("channel") instanceof JsonValue.Text channel)) {
      return Streams.NONE;
    }
    return switch (channel.text()) {
      case KrakenFrames.TRADES -> numbers.trades(place);
      case KrakenFrames.QUOTES -> numbers.quotes(place);
      case KrakenFrames.BARS ->
        result.find("interval") instanceof JsonValue.Num minutes
            ? KrakenIntervals.of(minutes.literal())
                .map(interval -> numbers.bars(place, interval.ordinal()))
                .orElse(Streams.NONE)
            : Streams.NONE;
      default -> Streams.NONE;
    };
  }

  /// The published stream that an error is about, if it says.
  private int refused(Obj frame) {
    int place = place(frame);
    if (place == NameTable.NONE
        || !(frame.find("req_id") instanceof JsonValue.Num id)
        || !id.literal().matches("[0-9]{1,15}")) {
      return Streams.NONE;
    }
    return KrakenChannel.of(Long.parseLong(id.literal()))
        .map(channel -> number(channel, place))
        .orElse(Streams.NONE);
  }

  private int number(KrakenChannel channel, int place) {
    Interval interval = channel.interval();
    if (interval != null) {
      return numbers.bars(place, interval.ordinal());
    }
    return channel.channel() == Channel.TRADE ? numbers.trades(place) : numbers.quotes(place);
  }

  private int place(Obj object) {
    return object.find("symbol") instanceof JsonValue.Text name
        ? numbers.place(name.text())
        : NameTable.NONE;
  }
}

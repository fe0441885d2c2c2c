package dev.everfeed.hub.source.okx;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.source.FrameSink;
import dev.everfeed.hub.source.HotFrameDecoder;
import dev.everfeed.hub.source.JsonCursor;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Arr;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.NameTable;
import dev.everfeed.hub.source.StreamNumbers;
import dev.everfeed.hub.source.Undecodable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The frames of one connection to OKX's public channels: trades, best prices and pongs without
/// allocation, the rest by [OkxFrames]. Trades come from `trades-all` alone, quotes from
/// `bbo-tbt` alone: the ids of `trades` have holes, and a ticker comes later.
final class OkxFrameDecoder extends HotFrameDecoder {
  private static final int ARG = 0;
  private static final int EVENT = 1;
  private static final int DATA = 2;

  /// By the numbers above.
  private static final NameTable FIELDS = new NameTable(List.of("arg", "event", "data"));

  private static final int CHANNEL = 0;
  private static final int NAME = 1;

  /// By the numbers above.
  private static final NameTable ARG_FIELDS = new NameTable(List.of("channel", "instId"));

  private static final int SYMBOL = 0;
  private static final int ID = 1;
  private static final int PRICE = 2;
  private static final int SIZE = 3;
  private static final int SIDE = 4;
  private static final int TIME = 5;
  private static final int BIDS = 6;
  private static final int ASKS = 7;
  private static final int SEQUENCE = 8;

  /// Of an item, by the numbers above.
  private static final NameTable ITEM_FIELDS = new NameTable(
      List.of("instId", "tradeId", "px", "sz", "side", "ts", "bids", "asks", "seqId"));

  private static final int TRADES = 0;
  private static final int QUOTES = 1;
  private static final NameTable CHANNELS =
      new NameTable(List.of(OkxFrames.TRADES, OkxFrames.QUOTES));

  private static final int BOUGHT = 0;
  private static final NameTable SIDES = new NameTable(List.of("buy", "sell"));

  /// `Wrong URL or channel:candle1m,instId:BTC-USDT doesn't exist. …` (60018).
  private static final Pattern REFUSED =
      Pattern.compile("channel:([A-Za-z0-9-]{1,40}),instId:([A-Za-z0-9-]{1,40})");

  private static final Event.Heartbeat HEARTBEAT = new Event.Heartbeat(OkxDecoder.SOURCE);

  private final Item trade = this::trade;
  private final int[] at = new int[FIELDS.size()];
  private final int[] argAt = new int[ARG_FIELDS.size()];
  private final int[] itemAt = new int[ITEM_FIELDS.size()];

  OkxFrameDecoder(Streams streams) {
    super(new StreamNumbers(streams, OkxSymbols::nativeOf));
  }

  @Override
  protected boolean hot(byte[] frame, int from, int to, FrameSink out) {
    if (isPong(frame, from, to)) {
      out.control(HEARTBEAT);
      return true;
    }
    cursor.reset(frame, from, to);
    if (!cursor.object(FIELDS, at)
        || !cursor.atEnd()
        || at[ARG] == JsonCursor.ABSENT
        || at[EVENT] != JsonCursor.ABSENT) {
      return false;
    }
    cursor.moveTo(at[ARG]);
    if (!cursor.object(ARG_FIELDS, argAt)) {
      return false;
    }
    return switch (cursor.name(argAt[CHANNEL], CHANNELS)) {
      case TRADES -> giveAll(at[DATA], trade, frame, out);
      case QUOTES -> quotes(out);
      default -> false;
    };
  }

  private static boolean isPong(byte[] frame, int from, int to) {
    return to - from == 4
        && frame[from] == 'p'
        && frame[from + 1] == 'o'
        && frame[from + 2] == 'n'
        && frame[from + 3] == 'g';
  }

  private boolean trade(byte[] frame, int item) {
    cursor.moveTo(item);
    if (!cursor.object(ITEM_FIELDS, itemAt)) {
      return false;
    }
    int place = cursor.name(itemAt[SYMBOL], numbers.names());
    int side = cursor.name(itemAt[SIDE], SIDES);
    long time = cursor.epochNanos(itemAt[TIME]);
    if (place == NameTable.NONE || side == NameTable.NONE || time == Tick.NONE) {
      return false;
    }
    tick.begin(numbers.trades(place));
    if (!cursor.number(itemAt[PRICE], tick, Tick.PRICE)
        || !cursor.number(itemAt[SIZE], tick, Tick.SIZE)
        || !cursor.id(itemAt[ID])) {
      return false;
    }
    tick.setSide(side == BOUGHT ? Side.BUY : Side.SELL);
    tick.setTimeNanos(time);
    tick.setId(frame, cursor.textFrom(), cursor.textTo() - cursor.textFrom());
    return true;
  }

  /// A frame has one book.
  private boolean quotes(FrameSink out) {
    int place = cursor.name(argAt[NAME], numbers.names());
    int item = cursor.firstItem(at[DATA]);
    if (place == NameTable.NONE
        || item == JsonCursor.ABSENT
        || cursor.nextItem(item) != JsonCursor.ABSENT) {
      return false;
    }
    cursor.moveTo(item);
    if (!cursor.object(ITEM_FIELDS, itemAt)) {
      return false;
    }
    long time = cursor.epochNanos(itemAt[TIME]);
    tick.begin(numbers.quotes(place));
    if (time == Tick.NONE || !best(itemAt[BIDS], Tick.BID) || !best(itemAt[ASKS], Tick.ASK)) {
      return false;
    }
    tick.setTimeNanos(time);
    tick.setOrder(
        itemAt[SEQUENCE] == JsonCursor.ABSENT ? Tick.NONE : cursor.whole(itemAt[SEQUENCE]));
    if (tick.has(Tick.BID) || tick.has(Tick.ASK)) {
      give(out);
    }
    return true;
  }

  /// A side without levels is absent.
  private boolean best(int levels, int price) {
    if (cursor.isEmptyArray(levels)) {
      return true;
    }
    int level = cursor.firstItem(levels);
    int priceAt = cursor.firstItem(level);
    int sizeAt = priceAt == JsonCursor.ABSENT ? JsonCursor.ABSENT : cursor.nextItem(priceAt);
    return cursor.number(priceAt, tick, price) && cursor.number(sizeAt, tick, price + 1);
  }

  @Override
  protected void slow(byte[] frame, FrameSink out) throws Undecodable {
    if (OkxFrames.isPong(frame)) {
      out.control(HEARTBEAT);
      return;
    }
    Obj root = JsonReader.read(frame).asObject("the frame");
    List<Event> events = new ArrayList<>(2);
    OkxFrames.frame(root, events);
    for (Event event : events) {
      switch (event) {
        case Event.Trade _, Event.Bar _ -> {
          if (!channelOf(root).equals("trades")) {
            give(event, out);
          }
        }
        case Event.Quote _ -> {
          if (channelOf(root).equals(OkxFrames.QUOTES)) {
            give(event, order(root), out);
          }
        }
        case Event.Ack ack -> acknowledged(root, ack, out);
        case Event.ProviderError error -> {
          int stream = refused(root, error);
          if (stream == Streams.NONE) {
            out.control(error);
          } else {
            out.refused(stream, error.code() + " " + error.message());
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

  /// A frame has one book.
  private static long order(Obj frame) {
    return frame.find("data") instanceof Arr books
            && books.items().size() == 1
            && books.items().getFirst() instanceof Obj book
        ? order(book, "seqId")
        : Tick.NONE;
  }

  private static String channelOf(Obj frame) throws Undecodable {
    return frame.get("arg").asObject("\"arg\"").text("channel");
  }

  private void acknowledged(Obj frame, Event.Ack ack, FrameSink out) throws Undecodable {
    int stream = streamOf(frame);
    if (stream != Streams.NONE && frame.text("event").equals("subscribe")) {
      out.subscribed(stream);
    } else {
      out.control(ack);
    }
  }

  /// The published stream that an error is about: it has no `arg`, and says so in its text alone.
  private int refused(Obj frame, Event.ProviderError error) {
    Matcher named = REFUSED.matcher(error.message());
    return named.find() ? streamOf(named.group(1), named.group(2)) : streamOf(frame);
  }

  /// The published stream that the event is about, if it says.
  private int streamOf(Obj frame) {
    return frame.find("arg") instanceof Obj arg
            && arg.find("channel") instanceof JsonValue.Text channel
            && arg.find("instId") instanceof JsonValue.Text name
        ? streamOf(channel.text(), name.text())
        : Streams.NONE;
  }

  private int streamOf(String channel, String name) {
    int place = numbers.place(name);
    if (place == NameTable.NONE) {
      return Streams.NONE;
    }
    return switch (channel) {
      case OkxFrames.TRADES -> numbers.trades(place);
      case OkxFrames.QUOTES -> numbers.quotes(place);
      default ->
        OkxFrames.interval(channel)
            .map(interval -> numbers.bars(place, interval.ordinal()))
            .orElse(Streams.NONE);
    };
  }
}

package dev.everfeed.hub.source.binance;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Side;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.source.DecodeContext;
import dev.everfeed.hub.source.FrameSink;
import dev.everfeed.hub.source.GluedNames;
import dev.everfeed.hub.source.HotFrameDecoder;
import dev.everfeed.hub.source.JsonCursor;
import dev.everfeed.hub.source.JsonReader;
import dev.everfeed.hub.source.JsonValue;
import dev.everfeed.hub.source.JsonValue.Obj;
import dev.everfeed.hub.source.NameTable;
import dev.everfeed.hub.source.StreamNumbers;
import dev.everfeed.hub.source.Undecodable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// The frames of one connection to Binance's streams: trades, book tickers and klines without
/// allocation, bare or in the wrapper of a combined stream; the rest by [BinanceFrames].
///
/// Trades come from `trade` alone, quotes from `bookTicker` alone: the ids of aggregated trades
/// count apart, and a 24 h ticker's best prices are a second old.
final class BinanceFrameDecoder extends HotFrameDecoder {
  private static final int STREAM = 0;
  private static final int DATA = 1;
  private static final int TYPE = 2;
  private static final int RESULT = 3;
  private static final int CODE = 4;
  private static final int MSG = 5;
  private static final int ERROR = 6;
  private static final int SYMBOL = 7;
  private static final int EVENT_TIME = 8;
  private static final int TIME = 9;
  private static final int ID = 10;
  private static final int PRICE = 11;
  private static final int SIZE = 12;
  private static final int BUYER_IS_MAKER = 13;
  private static final int UPDATE = 14;
  private static final int BID = 15;
  private static final int BID_SIZE = 16;
  private static final int ASK = 17;
  private static final int ASK_SIZE = 18;
  private static final int BAR = 19;

  /// By the numbers above.
  private static final NameTable FIELDS = new NameTable(List.of(
      "stream", "data", "e", "result", "code", "msg", "error", "s", "E", "T", "t", "p", "q", "m",
      "u", "b", "B", "a", "A", "k"));

  private static final int BAR_OPEN_TIME = 0;
  private static final int BAR_SYMBOL = 1;
  private static final int BAR_INTERVAL = 2;
  private static final int BAR_OPEN = 3;
  private static final int BAR_HIGH = 4;
  private static final int BAR_LOW = 5;
  private static final int BAR_CLOSE = 6;
  private static final int BAR_VOLUME = 7;
  private static final int BAR_CLOSED = 8;
  private static final int BAR_TRADES = 9;

  /// By the numbers above.
  private static final NameTable BAR_FIELDS =
      new NameTable(List.of("t", "s", "i", "o", "h", "l", "c", "v", "x", "n"));

  /// Of a bar's order, for its number of trades: more than a month of the busiest symbol has.
  private static final int TRADES_BITS = 28;

  private static final long TRADES_MAX = (1L << TRADES_BITS) - 1;

  private static final int TRADE_TYPE = 0;
  private static final int QUOTE_TYPE = 1;
  private static final int BAR_TYPE = 2;
  private static final NameTable TYPES = new NameTable(List.of("trade", "bookTicker", "kline"));

  private final int[] at = new int[FIELDS.size()];
  private final int[] barAt = new int[BAR_FIELDS.size()];
  private final DecodeContext context;

  BinanceFrameDecoder(Streams streams) {
    super(new StreamNumbers(streams, BinanceSymbols::nativeOf));
    this.context = new DecodeContext(null, null, misread(numbers.symbols()));
  }

  /// The symbols that their glued name alone would not give.
  private static List<Symbol> misread(List<Symbol> symbols) {
    return symbols.stream()
        .filter(symbol -> BinanceSymbols.nativeOf(symbol)
            .filter(name -> !GluedNames.split(name).equals(symbol.text()))
            .isPresent())
        .toList();
  }

  @Override
  protected boolean hot(byte[] frame, int from, int to, FrameSink out) {
    cursor.reset(frame, from, to);
    if (!cursor.object(FIELDS, at) || !cursor.atEnd()) {
      return false;
    }
    if (at[STREAM] != JsonCursor.ABSENT) {
      if (!cursor.text(at[STREAM]) || at[DATA] == JsonCursor.ABSENT) {
        return false;
      }
      cursor.moveTo(at[DATA]);
      if (!cursor.object(FIELDS, at)) {
        return false;
      }
    }
    if (at[TYPE] == JsonCursor.ABSENT) {
      // a book ticker has no type; these would make it an answer
      boolean answer = at[RESULT] != JsonCursor.ABSENT
          || at[CODE] != JsonCursor.ABSENT
          || at[MSG] != JsonCursor.ABSENT
          || at[ERROR] != JsonCursor.ABSENT;
      return !answer && cursor.id(at[UPDATE]) && quote(out);
    }
    return switch (cursor.name(at[TYPE], TYPES)) {
      case TRADE_TYPE -> trade(frame, out);
      case QUOTE_TYPE -> quote(out);
      case BAR_TYPE -> bar(out);
      default -> false;
    };
  }

  private boolean trade(byte[] frame, FrameSink out) {
    int place = cursor.name(at[SYMBOL], numbers.names());
    if (place == NameTable.NONE) {
      return false;
    }
    boolean sold = cursor.isTrue(at[BUYER_IS_MAKER]);
    tick.begin(numbers.trades(place));
    if (!cursor.number(at[PRICE], tick, Tick.PRICE)
        || !cursor.number(at[SIZE], tick, Tick.SIZE)
        || !(sold || cursor.isFalse(at[BUYER_IS_MAKER]))
        || !setTime()
        || !cursor.id(at[ID])) {
      return false;
    }
    tick.setSide(sold ? Side.SELL : Side.BUY);
    tick.setId(frame, cursor.textFrom(), cursor.textTo() - cursor.textFrom());
    give(out);
    return true;
  }

  private boolean quote(FrameSink out) {
    int place = cursor.name(at[SYMBOL], numbers.names());
    if (place == NameTable.NONE) {
      return false;
    }
    tick.begin(numbers.quotes(place));
    if (!cursor.number(at[BID], tick, Tick.BID)
        || !cursor.number(at[BID_SIZE], tick, Tick.BID_SIZE)
        || !cursor.number(at[ASK], tick, Tick.ASK)
        || !cursor.number(at[ASK_SIZE], tick, Tick.ASK_SIZE)
        || !setTime()) {
      return false;
    }
    tick.setOrder(at[UPDATE] == JsonCursor.ABSENT ? Tick.NONE : cursor.whole(at[UPDATE]));
    give(out);
    return true;
  }

  private boolean bar(FrameSink out) {
    if (at[BAR] == JsonCursor.ABSENT) {
      return false;
    }
    cursor.moveTo(at[BAR]);
    if (!cursor.object(BAR_FIELDS, barAt)) {
      return false;
    }
    int place = cursor.name(barAt[BAR_SYMBOL], numbers.names());
    int interval = cursor.name(barAt[BAR_INTERVAL], StreamNumbers.intervals());
    if (place == NameTable.NONE || interval == NameTable.NONE) {
      return false;
    }
    boolean closed = cursor.isTrue(barAt[BAR_CLOSED]);
    long time = cursor.epochNanos(barAt[BAR_OPEN_TIME]);
    tick.begin(numbers.bars(place, interval));
    if (time == Tick.NONE
        || !(closed || cursor.isFalse(barAt[BAR_CLOSED]))
        || !cursor.number(barAt[BAR_OPEN], tick, Tick.OPEN)
        || !cursor.number(barAt[BAR_HIGH], tick, Tick.HIGH)
        || !cursor.number(barAt[BAR_LOW], tick, Tick.LOW)
        || !cursor.number(barAt[BAR_CLOSE], tick, Tick.CLOSE)
        || !cursor.number(barAt[BAR_VOLUME], tick, Tick.VOLUME)) {
      return false;
    }
    tick.setTimeNanos(time);
    tick.setComplete(closed);
    tick.setOrder(orderOf(time, closed));
    give(out);
    return true;
  }

  /// Of the states of bars: by the open, then by the number of trades, the closed one last.
  private long orderOf(long time, boolean closed) {
    long trades =
        barAt[BAR_TRADES] == JsonCursor.ABSENT ? Tick.NONE : cursor.whole(barAt[BAR_TRADES]);
    if (trades < 0) {
      return Tick.NONE;
    }
    long state = closed ? TRADES_MAX : Math.min(trades, TRADES_MAX - 1);
    return time / 1_000_000_000 << TRADES_BITS | state;
  }

  /// The event's own stamp, else the frame's, else none; false when it cannot be read.
  private boolean setTime() {
    int place = at[TIME] != JsonCursor.ABSENT ? at[TIME] : at[EVENT_TIME];
    if (place == JsonCursor.ABSENT) {
      return true;
    }
    long time = cursor.epochNanos(place);
    tick.setTimeNanos(time);
    return time != Tick.NONE;
  }

  @Override
  protected void slow(byte[] frame, FrameSink out) throws Undecodable {
    List<Obj> items = BinanceFrames.items(JsonReader.read(frame));
    List<List<Event>> decoded = new ArrayList<>(items.size());
    for (Obj item : items) {
      List<Event> events = new ArrayList<>(2);
      BinanceFrames.one(item, context, events);
      decoded.add(events);
    }
    for (int i = 0; i < decoded.size(); i++) {
      Obj item = items.get(i);
      boolean answered = false;
      for (Event event : decoded.get(i)) {
        switch (event) {
          case Event.Trade _, Event.Quote _, Event.Bar _ -> {
            if (isPublished(item)) {
              give(event, out);
            }
          }
          case Event.Ack _ -> {
            OptionalInt id = requestOf(item);
            if (id.isEmpty()) {
              out.control(event);
            } else if (!answered) {
              out.answered(id.getAsInt(), null);
              answered = true; // a list of subscriptions is one answer
            }
          }
          case Event.ProviderError error -> {
            OptionalInt id = requestOf(item);
            if (id.isPresent()) {
              out.answered(id.getAsInt(), error.code() + " " + error.message());
            } else {
              out.control(error);
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
  }

  private static boolean isPublished(Obj item) throws Undecodable {
    return !item.has("e")
        || switch (item.text("e")) {
          case "trade", "bookTicker", "kline" -> true;
          default -> false;
        };
  }

  /// The number of the request that is answered.
  private static OptionalInt requestOf(Obj item) {
    return item.find("id") instanceof JsonValue.Num number && number.literal().matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(number.literal()))
        : OptionalInt.empty();
  }
}

package dev.everfeed.hub.source.coinbase;

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

/// The frames of one connection to Coinbase Exchange's feed: matches, tickers and heartbeats
/// without allocation; the rest by [CoinbaseFrames].
final class CoinbaseFrameDecoder extends HotFrameDecoder {
  private static final int TYPE = 0;
  private static final int PRODUCT = 1;
  private static final int TIME = 2;
  private static final int PRICE = 3;
  private static final int SIZE = 4;
  private static final int SIDE = 5;
  private static final int ID = 6;
  private static final int BID = 7;
  private static final int BID_SIZE = 8;
  private static final int ASK = 9;
  private static final int ASK_SIZE = 10;
  private static final int NEWEST_ID = 11;
  private static final int SEQUENCE = 12;

  /// By the numbers above.
  private static final NameTable FIELDS = new NameTable(List.of(
      "type",
      "product_id",
      "time",
      "price",
      "size",
      "side",
      "trade_id",
      "best_bid",
      "best_bid_size",
      "best_ask",
      "best_ask_size",
      "last_trade_id",
      "sequence"));

  private static final int MATCH_TYPE = 0;
  private static final int TICKER_TYPE = 1;
  private static final int HEARTBEAT_TYPE = 2;
  private static final NameTable TYPES = new NameTable(List.of("match", "ticker", "heartbeat"));

  private static final int MAKER_BOUGHT = 0;

  /// The maker's side, which is the other of the taker's ([CoinbaseForms#takerSide]).
  private static final NameTable SIDES = new NameTable(List.of("buy", "sell"));

  private static final Event.Heartbeat HEARTBEAT =
      new Event.Heartbeat(CoinbaseExchangeDecoder.SOURCE);

  private final int[] at = new int[FIELDS.size()];

  CoinbaseFrameDecoder(Streams streams) {
    super(new StreamNumbers(streams, CoinbaseNames::nativeOf));
  }

  @Override
  protected boolean hot(byte[] frame, int from, int to, FrameSink out) {
    cursor.reset(frame, from, to);
    if (!cursor.object(FIELDS, at) || !cursor.atEnd()) {
      return false;
    }
    int type = cursor.name(at[TYPE], TYPES);
    int place = cursor.name(at[PRODUCT], numbers.names());
    if (place == NameTable.NONE) {
      return false;
    }
    return switch (type) {
      case MATCH_TYPE -> match(frame, place, out);
      case TICKER_TYPE -> ticker(place, out);
      case HEARTBEAT_TYPE -> heartbeat(place, out);
      default -> false;
    };
  }

  private boolean match(byte[] frame, int place, FrameSink out) {
    tick.begin(numbers.trades(place));
    int side = cursor.name(at[SIDE], SIDES);
    if (!cursor.number(at[PRICE], tick, Tick.PRICE)
        || !cursor.number(at[SIZE], tick, Tick.SIZE)
        || side == NameTable.NONE
        || !setTime()
        || !cursor.id(at[ID])) {
      return false;
    }
    tick.setSide(side == MAKER_BOUGHT ? Side.SELL : Side.BUY);
    tick.setId(frame, cursor.textFrom(), cursor.textTo() - cursor.textFrom());
    give(out);
    return true;
  }

  /// The last price is not published, but without one it is not the ticker that we know.
  private boolean ticker(int place, FrameSink out) {
    tick.begin(numbers.quotes(place));
    if (!cursor.number(at[PRICE])
        || !cursor.number(at[BID], tick, Tick.BID)
        || !optional(at[BID_SIZE], Tick.BID_SIZE)
        || !cursor.number(at[ASK], tick, Tick.ASK)
        || !optional(at[ASK_SIZE], Tick.ASK_SIZE)
        || !setTime()) {
      return false;
    }
    tick.setOrder(at[SEQUENCE] == JsonCursor.ABSENT ? Tick.NONE : cursor.whole(at[SEQUENCE]));
    give(out);
    return true;
  }

  private boolean optional(int place, int index) {
    return place == JsonCursor.ABSENT || cursor.number(place, tick, index);
  }

  private boolean heartbeat(int place, FrameSink out) {
    long newest = cursor.whole(at[NEWEST_ID]);
    if (newest == Tick.NONE) {
      return false;
    }
    if (numbers.trades(place) != Streams.NONE) {
      out.newest(numbers.trades(place), newest);
    }
    out.control(HEARTBEAT);
    return true;
  }

  private boolean setTime() {
    long time = cursor.isoNanos(at[TIME]);
    tick.setTimeNanos(time);
    return time != Tick.NONE;
  }

  @Override
  protected void slow(byte[] frame, FrameSink out) throws Undecodable {
    JsonValue root = JsonReader.read(frame);
    List<Event> events = new ArrayList<>(2);
    CoinbaseFrames.frame(root, events);
    Obj object = root.asObject("the frame");
    for (Event event : events) {
      switch (event) {
        case Event.Trade _, Event.Quote _ -> give(event, out);
        case Event.Heartbeat heartbeat -> {
          newest(object, out);
          out.control(heartbeat);
        }
        case Event.Ack _, Event.Price _, Event.Bar _ -> {
          // acknowledgements name streams, below; the others are no streams of ours
        }
        case Event.ProviderError _,
            Event.Listing _,
            Event.ServerTime _,
            Event.SourceStatus _,
            Event.Sentiment _ -> out.control(event);
      }
    }
    if (object.has("type") && object.text("type").equals("subscriptions")) {
      subscribed(object, out);
    }
  }

  private void newest(Obj heartbeat, FrameSink out) throws Undecodable {
    Long id = CoinbaseFrames.newestTrade(heartbeat);
    int place = id == null ? NameTable.NONE : numbers.place(heartbeat.text("product_id"));
    if (id != null && place != NameTable.NONE && numbers.trades(place) != Streams.NONE) {
      out.newest(numbers.trades(place), id);
    }
  }

  /// The answer names all subscriptions of the connection, whatever was asked for last.
  private void subscribed(Obj answer, FrameSink out) throws Undecodable {
    for (JsonValue item : CoinbaseFrames.channels(answer)) {
      Obj channel = item.asObject("a channel");
      String name = channel.text("name");
      if (!(channel.find("product_ids") instanceof Arr products)) {
        continue; // some channels have none
      }
      for (JsonValue product : products.items()) {
        int place =
            product instanceof JsonValue.Text text ? numbers.place(text.text()) : NameTable.NONE;
        int stream = place == NameTable.NONE
            ? Streams.NONE
            : switch (name) {
              case CoinbaseExchangeStream.TRADES -> numbers.trades(place);
              case CoinbaseExchangeStream.QUOTES -> numbers.quotes(place);
              default -> Streams.NONE;
            };
        if (stream != Streams.NONE) {
          out.subscribed(stream);
        }
      }
    }
  }
}

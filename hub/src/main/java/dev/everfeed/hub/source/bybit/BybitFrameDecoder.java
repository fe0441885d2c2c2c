package dev.everfeed.hub.source.bybit;

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
import dev.everfeed.hub.source.bybit.BybitFrames.Book;
import dev.everfeed.hub.source.bybit.BybitFrames.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The frames of one connection to Bybit's streams: trades and best prices without allocation,
/// the rest by [BybitFrames]. Quotes come from `orderbook.1` alone, each whole, whether its frame
/// was or not.
final class BybitFrameDecoder extends HotFrameDecoder {
  private static final int TOPIC = 0;
  private static final int TYPE = 1;
  private static final int TIME = 2;
  private static final int DATA = 3;

  /// By the numbers above.
  private static final NameTable FIELDS = new NameTable(List.of("topic", "type", "ts", "data"));

  private static final int TRADE_TIME = 0;
  private static final int TRADE_SYMBOL = 1;
  private static final int TRADE_SIDE = 2;
  private static final int TRADE_SIZE = 3;
  private static final int TRADE_PRICE = 4;
  private static final int TRADE_ID = 5;

  /// By the numbers above.
  private static final NameTable TRADE_FIELDS =
      new NameTable(List.of("T", "s", "S", "v", "p", "i"));

  private static final int BOOK_SYMBOL = 0;
  private static final int BOOK_BIDS = 1;
  private static final int BOOK_ASKS = 2;
  private static final int BOOK_SEQUENCE = 3;

  /// By the numbers above.
  private static final NameTable BOOK_FIELDS = new NameTable(List.of("s", "b", "a", "seq"));

  private static final int WHOLE = 0;
  private static final NameTable TYPES = new NameTable(List.of("snapshot", "delta"));

  private static final int BOUGHT = 0;
  private static final NameTable SIDES = new NameTable(List.of("Buy", "Sell"));

  /// `error:already subscribed,topic:kline.1.BTCUSDT`, `Invalid symbol :[kline.1.XYZUSDT]`.
  private static final Pattern NAMED =
      Pattern.compile("(?:topic:|Invalid symbol :\\[)([A-Za-z0-9.]{3,60})");

  private static final String ALREADY = "error:already subscribed";

  private static final byte[] TRADES = BybitFrames.TRADES.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] QUOTES = BybitFrames.QUOTES.getBytes(StandardCharsets.US_ASCII);

  private final Item trade = this::trade;
  private final int[] at = new int[FIELDS.size()];
  private final int[] tradeAt = new int[TRADE_FIELDS.size()];
  private final int[] bookAt = new int[BOOK_FIELDS.size()];
  private final BybitBooks books;
  private final DecodeContext context;

  BybitFrameDecoder(Streams streams) {
    super(new StreamNumbers(streams, BybitSymbols::unmistakable));
    this.books = new BybitBooks(numbers.symbols().size());
    this.context = new DecodeContext(null, null, misread(numbers.symbols()));
  }

  /// The symbols that their glued name alone would not give.
  private static List<Symbol> misread(List<Symbol> symbols) {
    return symbols.stream()
        .filter(symbol -> BybitSymbols.unmistakable(symbol)
            .filter(name -> !GluedNames.split(name).equals(symbol.text()))
            .isPresent())
        .toList();
  }

  @Override
  protected boolean hot(byte[] frame, int from, int to, FrameSink out) {
    cursor.reset(frame, from, to);
    if (!cursor.object(FIELDS, at) || !cursor.atEnd() || !cursor.text(at[TOPIC])) {
      return false;
    }
    if (topicIs(TRADES, frame)) {
      return giveAll(at[DATA], trade, frame, out);
    }
    return topicIs(QUOTES, frame) && quote(out);
  }

  private boolean topicIs(byte[] prefix, byte[] frame) {
    int from = cursor.textFrom();
    int end = from + prefix.length;
    return end <= cursor.textTo() && Arrays.equals(prefix, 0, prefix.length, frame, from, end);
  }

  private boolean trade(byte[] frame, int item) {
    cursor.moveTo(item);
    if (!cursor.object(TRADE_FIELDS, tradeAt)) {
      return false;
    }
    int place = cursor.name(tradeAt[TRADE_SYMBOL], numbers.names());
    int side = cursor.name(tradeAt[TRADE_SIDE], SIDES);
    long time = cursor.epochNanos(tradeAt[TRADE_TIME]);
    if (place == NameTable.NONE || side == NameTable.NONE || time == Tick.NONE) {
      return false;
    }
    tick.begin(numbers.trades(place));
    if (!cursor.number(tradeAt[TRADE_PRICE], tick, Tick.PRICE)
        || !cursor.number(tradeAt[TRADE_SIZE], tick, Tick.SIZE)
        || !cursor.text(tradeAt[TRADE_ID])
        || !isPlain(frame, cursor.textFrom(), cursor.textTo())) {
      return false;
    }
    tick.setSide(side == BOUGHT ? Side.BUY : Side.SELL);
    tick.setTimeNanos(time);
    tick.setId(frame, cursor.textFrom(), cursor.textTo() - cursor.textFrom());
    return true;
  }

  /// Digits, or a UUID.
  private static boolean isPlain(byte[] bytes, int from, int to) {
    if (to - from > Tick.ID_MAX) {
      return false;
    }
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      boolean isDigit = b >= '0' && b <= '9';
      boolean isLetter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
      if (!isDigit && !isLetter && b != '-') {
        return false;
      }
    }
    return true;
  }

  private boolean quote(FrameSink out) {
    int type = cursor.name(at[TYPE], TYPES);
    long time = cursor.epochNanos(at[TIME]);
    if (type == NameTable.NONE || time == Tick.NONE || at[DATA] == JsonCursor.ABSENT) {
      return false;
    }
    cursor.moveTo(at[DATA]);
    if (!cursor.object(BOOK_FIELDS, bookAt)) {
      return false;
    }
    int place = cursor.name(bookAt[BOOK_SYMBOL], numbers.names());
    if (place == NameTable.NONE || (type != WHOLE && !books.knows(place))) {
      return false;
    }
    tick.begin(numbers.quotes(place));
    if (!side(bookAt[BOOK_BIDS], Tick.BID, type, place)
        || !side(bookAt[BOOK_ASKS], Tick.ASK, type, place)) {
      return false;
    }
    tick.setTimeNanos(time);
    tick.setOrder(
        bookAt[BOOK_SEQUENCE] == JsonCursor.ABSENT
            ? Tick.NONE
            : cursor.whole(bookAt[BOOK_SEQUENCE]));
    books.keep(place, tick);
    if (tick.has(Tick.BID) || tick.has(Tick.ASK)) {
      give(out);
    }
    return true;
  }

  /// The best level that is not deleted; without any level, in a delta, the one before.
  private boolean side(int levels, int price, int type, int place) {
    if (cursor.isEmptyArray(levels)) {
      if (type != WHOLE) {
        books.complete(place, price, tick);
      }
      return true;
    }
    int level = cursor.firstItem(levels);
    if (level == JsonCursor.ABSENT) {
      return false;
    }
    while (level != JsonCursor.ABSENT) {
      int priceAt = cursor.firstItem(level);
      int sizeAt = priceAt == JsonCursor.ABSENT ? JsonCursor.ABSENT : cursor.nextItem(priceAt);
      if (!cursor.number(priceAt) || !cursor.number(sizeAt)) {
        return false;
      }
      if (cursor.mantissa() != 0) {
        return cursor.number(priceAt, tick, price) && cursor.number(sizeAt, tick, price + 1);
      }
      level = cursor.nextItem(level);
    }
    return true;
  }

  @Override
  protected void slow(byte[] frame, FrameSink out) throws Undecodable {
    Obj root = JsonReader.read(frame).asObject("the frame");
    List<Event> events = new ArrayList<>(2);
    BybitFrames frames = new BybitFrames(context, Map.of(), events);
    frames.frame(root);
    String topic = BybitFrames.topic(root);
    if (topic.startsWith(BybitFrames.QUOTES)) {
      quote(frames.book(root), order(root), out);
      return;
    }
    boolean isPublished =
        topic.startsWith(BybitFrames.TRADES) || topic.startsWith(BybitFrames.BARS);
    for (Event event : events) {
      switch (event) {
        case Event.Trade _, Event.Bar _ -> {
          if (isPublished) {
            give(event, out);
          }
        }
        case Event.Quote _, Event.Price _ -> {
          // of a ticker, which is not what was asked for
        }
        case Event.Ack ack -> answered(root, null, ack, out);
        case Event.ProviderError error -> answered(root, error.message(), error, out);
        case Event.Listing _,
            Event.ServerTime _,
            Event.SourceStatus _,
            Event.Heartbeat _,
            Event.Sentiment _ -> out.control(event);
      }
    }
  }

  private static long order(Obj frame) {
    return frame.find("data") instanceof Obj book ? order(book, "seq") : Tick.NONE;
  }

  private void quote(Book book, long order, FrameSink out) {
    int place = numbers.place(book.name());
    if (place == NameTable.NONE || (!book.isWhole() && !books.knows(place))) {
      return;
    }
    boolean bidIsAsBefore = !book.isWhole() && !book.bids().isStated();
    boolean askIsAsBefore = !book.isWhole() && !book.asks().isStated();
    Level bid = bidIsAsBefore ? books.level(place, Tick.BID) : book.bids().level();
    Level ask = askIsAsBefore ? books.level(place, Tick.ASK) : book.asks().level();
    books.keep(place, bid, ask);
    Event.Quote quote = book.quote(bid, ask);
    if (quote != null) {
      give(quote, order, out);
    }
  }

  private void answered(Obj frame, @Nullable String refusal, Event event, FrameSink out) {
    OptionalInt id = requestOf(frame);
    if (refusal != null) {
      named(refusal, out);
    }
    if (id.isPresent()) {
      out.answered(id.getAsInt(), refusal);
    } else {
      out.control(event);
    }
  }

  /// A refusal of several topics names the one that it is about. One that is subscribed to
  /// already is what was wanted; the others of the request are asked for anew all the same.
  private void named(String refusal, FrameSink out) {
    Matcher matcher = NAMED.matcher(refusal);
    int stream = matcher.find() ? streamOf(matcher.group(1)) : Streams.NONE;
    if (stream == Streams.NONE) {
      return;
    }
    if (refusal.startsWith(ALREADY)) {
      out.subscribed(stream);
    } else {
      out.refused(stream, refusal);
    }
  }

  /// The published stream of a topic.
  private int streamOf(String topic) {
    int dot = topic.lastIndexOf('.');
    int place = numbers.place(topic.substring(dot + 1));
    if (place == NameTable.NONE) {
      return Streams.NONE;
    }
    String channel = topic.substring(0, dot + 1);
    return switch (channel) {
      case BybitFrames.TRADES -> numbers.trades(place);
      case BybitFrames.QUOTES -> numbers.quotes(place);
      default ->
        channel.startsWith(BybitFrames.BARS)
            ? BybitIntervals.of(channel.substring(BybitFrames.BARS.length(), dot))
                .map(interval -> numbers.bars(place, interval.ordinal()))
                .orElse(Streams.NONE)
            : Streams.NONE;
    };
  }

  /// The number of the request that is answered.
  private static OptionalInt requestOf(Obj frame) {
    return frame.find("req_id") instanceof JsonValue.Text text && text.text().matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(text.text()))
        : OptionalInt.empty();
  }
}

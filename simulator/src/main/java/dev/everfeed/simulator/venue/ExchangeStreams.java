package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the streams of the exchanges beside Binance have in common: whose trades they tell, and
/// when. What a channel is called and how its frames are written is the exchange's own.
///
/// The market is that of the exchange's REST answers, so trades, best prices and bars agree with
/// them. A trade is sent in the millisecond after it happened, and the best prices that it left
/// behind next to it. Here a stream is named by its channel and the venue's name of the symbol:
/// `matches|BTC-USD`.
abstract class ExchangeStreams implements StreamVenue {
  static final long SENT_AFTER_MILLIS = 1;

  private static final char BETWEEN = '|';

  private final ExchangeMarket market;
  private final Map<String, ExchangeBook> books = new LinkedHashMap<>();
  private final Habits habits;
  private final boolean listsAll;

  /// @param nameOf what the venue calls a symbol
  /// @param listsAll whether any symbol can be subscribed to: a recorded session has its own
  ExchangeStreams(
      ExchangeMarket market, Function<Listing, String> nameOf, Habits habits, boolean listsAll) {
    this.market = market;
    market.books().forEach(book -> books.put(nameOf.apply(book.listing()), book));
    this.habits = habits;
    this.listsAll = listsAll;
  }

  static String stream(String channel, String name) {
    return channel + BETWEEN + name;
  }

  static String channelOf(String stream) {
    return stream.substring(0, stream.indexOf(BETWEEN));
  }

  /// Null for a channel that the venue does not have.
  abstract StreamEvent.@Nullable Kind kind(String channel);

  /// The channel of single trades.
  abstract String trades();

  abstract String trade(String channel, ExchangeBook book, Print print);

  /// A trade of a flood: numbers that follow from the id are its stand-in.
  String flooded(ExchangeBook book, Print print) {
    return trade(trades(), book, print);
  }

  /// Adds what a channel of best prices told of in that time.
  abstract void quotes(
      String stream, ExchangeBook book, long from, long to, List<StreamEvent> into);

  /// Adds the states of a bar in that time; nothing where the venue streams none.
  void bars(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {}

  /// Adds the heartbeats of a product in that time; nothing where it has none.
  void heartbeats(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {}

  final boolean lists(String name) {
    return listsAll || books.containsKey(name);
  }

  /// Null for a symbol that is not listed, and for all while a recorded session is played: what
  /// a subscription begins with would be of another market.
  final @Nullable ExchangeBook begins(String stream) {
    return listsAll ? null : book(stream);
  }

  final @Nullable ExchangeBook book(String stream) {
    return books.get(stream.substring(stream.indexOf(BETWEEN) + 1));
  }

  /// The newest trade that has been told by then.
  static Print lastTold(ExchangeBook book, long millis) {
    return book.lastTrade(millis - SENT_AFTER_MILLIS);
  }

  /// The trades that are told in that time, oldest first.
  static List<Print> told(ExchangeBook book, long from, long to) {
    long first = book.firstIdFrom(from + 1 - SENT_AFTER_MILLIS);
    return book.trades(first, Integer.MAX_VALUE, to - SENT_AFTER_MILLIS);
  }

  static long sent(Print print) {
    return print.timeMillis() + SENT_AFTER_MILLIS;
  }

  /// The first of the moments at whole multiples of the step that comes after that one.
  static long nextAfter(long millis, long step) {
    return (Math.floorDiv(millis, step) + 1) * step;
  }

  /// How a bar is written.
  interface BarText {
    String of(Candle candle, long atMillis);
  }

  /// Adds a running bar every second, and a closed one at its close, also one without trades.
  static void everySecond(
      String stream,
      ExchangeBook book,
      BarGrid grid,
      long from,
      long to,
      BarText text,
      List<StreamEvent> into) {
    for (long at = nextAfter(from, 1_000); at <= to; at += 1_000) {
      boolean closes = grid.open(at) == at;
      long open = grid.open(closes ? at - 1 : at);
      long next = grid.next(open);
      Candle candle = book.candle(open, next, at).orElse(null);
      if (candle == null && closes) {
        candle = book.flat(open, next);
      }
      if (candle != null) {
        into.add(new StreamEvent(stream, StreamEvent.Kind.BAR, at, text.of(candle, at)));
      }
    }
  }

  @Override
  public final Habits habits() {
    return habits;
  }

  @Override
  public void happen(String stream, long from, long to, List<StreamEvent> into) {
    ExchangeBook book = book(stream);
    String channel = channelOf(stream);
    StreamEvent.Kind kind = kind(channel);
    if (book == null || kind == null) {
      return;
    }
    switch (kind) {
      case TRADE -> {
        for (Print print : told(book, from, to)) {
          into.add(new StreamEvent(stream, kind, sent(print), trade(channel, book, print)));
        }
      }
      case QUOTE -> quotes(stream, book, from, to, into);
      case BAR -> bars(stream, book, from, to, into);
      case HEARTBEAT -> heartbeats(stream, book, from, to, into);
    }
  }

  @Override
  public final @Nullable Subject subject(String stream) {
    ExchangeBook book = book(stream);
    StreamEvent.Kind kind = kind(channelOf(stream));
    return book == null || kind == null ? null : new Subject(book.listing().symbol(), kind);
  }

  @Override
  public final void halt(@Nullable Symbol symbol, long second) {
    market.halt(symbol, second);
  }

  @Override
  public final void resume(@Nullable Symbol symbol, long second) {
    market.resume(symbol, second);
  }

  @Override
  public final String tradeStream(Symbol symbol) {
    return books.entrySet().stream()
        .filter(named -> named.getValue().listing().symbol().equals(symbol))
        .map(named -> stream(trades(), named.getKey()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "%s does not list %s; it lists %s".formatted(name(), symbol, books.keySet())));
  }

  /// Of the venue, as its [Venue] has it.
  abstract String name();

  @Override
  public final StreamEvent template(String tradeStream, int variant) {
    ExchangeBook book = book(tradeStream);
    if (book == null) {
      throw new IllegalArgumentException("not a stream of trades: " + tradeStream);
    }
    String data = flooded(book, book.listing().flooded(variant));
    return new StreamEvent(tradeStream, StreamEvent.Kind.TRADE, FloodFrames.MILLIS, data);
  }
}

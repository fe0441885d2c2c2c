package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Bybit v5 over WebSocket (wire/SPEC.md section 6), spot, at `/v5/public/spot`: `publicTrade`,
/// `orderbook.1` and `kline`. Trades are those of [BybitVenue], each told by itself.
///
/// A book is told whole when a subscription begins, then what has changed in it (recorded:
/// wire/cases/bybit/ws_book_ticker), and whole again, with the same `u`, after 3 s without a
/// change. A running bar is told every second, and once more at its close, with `confirm`.
final class BybitStreams extends ExchangeStreams {
  static final String TRADES = "publicTrade";
  static final String BOOK = "orderbook.1";
  static final long BOOK_AGAIN_MILLIS = 3_000;
  private static final String BARS = "kline.";

  /// In 5 minutes (docs/v5/ws/connect).
  private static final int MOST_HANDSHAKES = 500;

  private static final PriceMarks PRICES =
      new PriceMarks(Set.of("p", "open", "close", "high", "low"), Map.of(), 0, true);

  private final WindowLimit handshakes;
  private long connections;

  /// @param listsAll whether any symbol can be subscribed to: a recorded session has its own
  /// @param limited whether handshakes are counted
  BybitStreams(ExchangeMarket market, Habits habits, boolean listsAll, boolean limited) {
    super(market, Listing::venueSymbol, habits, listsAll);
    this.handshakes = new WindowLimit(limited ? MOST_HANDSHAKES : 0, Duration.ofMinutes(5));
  }

  /// Cut after 10 idle minutes (docs/v5/ws/connect).
  static Habits habits(long lifeMillis) {
    return new Habits(0, 0, 0, 600_000, 0, lifeMillis);
  }

  @Override
  String name() {
    return "bybit";
  }

  @Override
  public boolean mayConnect(Instant now) {
    return handshakes.take(1, now);
  }

  @Override
  public PriceMarks prices(StreamEvent.Kind kind) {
    return PRICES;
  }

  @Override
  public Optional<StreamTalk> talk(String path, Map<String, String> query) {
    return path.equals("/v5/public/spot")
        ? Optional.of(new BybitTalk(this, ++connections))
        : Optional.empty();
  }

  @Override
  StreamEvent.@Nullable Kind kind(String channel) {
    return switch (channel) {
      case TRADES -> StreamEvent.Kind.TRADE;
      case BOOK -> StreamEvent.Kind.QUOTE;
      default -> grid(channel) == null ? null : StreamEvent.Kind.BAR;
    };
  }

  private static @Nullable BarGrid grid(String channel) {
    return channel.startsWith(BARS)
        ? BybitVenue.grid(channel.substring(BARS.length())).orElse(null)
        : null;
  }

  @Override
  String trades() {
    return TRADES;
  }

  @Override
  String trade(String channel, ExchangeBook book, Print print) {
    return BybitStreamText.trade(book.listing(), print, BybitText.sequence(print));
  }

  @Override
  String flooded(ExchangeBook book, Print print) {
    return BybitStreamText.trade(book.listing(), print, FloodFrames.ID);
  }

  @Override
  void quotes(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    Print last = lastTold(book, from);
    for (Print print : told(book, from, to)) {
      again(stream, book, last, from, sent(print) - 1, into);
      String data = BybitStreamText.changed(book, last, print);
      into.add(new StreamEvent(stream, StreamEvent.Kind.QUOTE, sent(print), data));
      last = print;
    }
    again(stream, book, last, from, to, into);
  }

  /// The same book, as long as nothing changes it.
  private static void again(
      String stream, ExchangeBook book, Print last, long from, long to, List<StreamEvent> into) {
    long since = Math.max(0, from - sent(last)) / BOOK_AGAIN_MILLIS;
    long at = sent(last) + (since + 1) * BOOK_AGAIN_MILLIS;
    for (; at <= to; at += BOOK_AGAIN_MILLIS) {
      String data = BybitStreamText.whole(book, last, at);
      into.add(new StreamEvent(stream, StreamEvent.Kind.QUOTE, at, data));
    }
  }

  @Override
  void bars(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    String channel = channelOf(stream);
    BarGrid grid = grid(channel);
    if (grid != null) {
      String interval = channel.substring(BARS.length());
      everySecond(
          stream,
          book,
          grid,
          from,
          to,
          (bar, at) -> BybitStreamText.bar(book, interval, bar, at),
          into);
    }
  }

  /// The whole book as it was at that moment; null for what has none.
  @Nullable
  String whole(String stream, long millis) {
    ExchangeBook book = begins(stream);
    return book == null || !channelOf(stream).equals(BOOK)
        ? null
        : BybitStreamText.whole(book, lastTold(book, millis), millis);
  }
}

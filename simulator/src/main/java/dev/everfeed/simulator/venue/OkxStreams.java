package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// OKX v5 over WebSocket (wire/SPEC.md section 5): `trades`, `tickers` and `bbo-tbt` at
/// `/ws/v5/public`, `trades-all` and the candles at `/ws/v5/business`; a channel at the wrong
/// address is refused. Trades are those of [OkxVenue], each told by itself.
///
/// A running candle is told every second, and once more at its close, with `confirm` 1.
final class OkxStreams extends ExchangeStreams {
  static final String TRADES = "trades-all";
  private static final String BARS = "candle";
  private static final String PUBLIC = "/ws/v5/public";
  private static final String BUSINESS = "/ws/v5/business";
  private static final Set<String> OF_PUBLIC = Set.of("trades", "tickers", "bbo-tbt");

  /// A second and address.
  private static final int MOST_HANDSHAKES = 3;

  /// Subscriptions and their ends, an hour and connection.
  static final int MOST_REQUESTS = 480;

  /// `ts` and the like stand in front of a row's prices; levels of a book begin with the price.
  private static final PriceMarks PRICES = new PriceMarks(
      Set.of("px", "last", "askPx", "bidPx", "open24h", "high24h", "low24h", "sodUtc0", "sodUtc8"),
      Map.of(),
      4,
      true);

  private final boolean limited;
  private final WindowLimit handshakes;
  private long connections;

  /// @param listsAll whether any instrument can be subscribed to: a recorded session has its own
  /// @param limited whether handshakes and requests are counted
  OkxStreams(ExchangeMarket market, Habits habits, boolean listsAll, boolean limited) {
    super(market, OkxText::instId, habits, listsAll);
    this.limited = limited;
    this.handshakes = new WindowLimit(limited ? MOST_HANDSHAKES : 0, Duration.ofSeconds(1));
  }

  /// Closed when there was nothing to send for 30 s and the client said nothing.
  static Habits habits(long lifeMillis) {
    return new Habits(0, 0, 0, 30_000, 0, lifeMillis);
  }

  @Override
  String name() {
    return "okx";
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
    return path.equals(PUBLIC) || path.equals(BUSINESS)
        ? Optional.of(
            new OkxTalk(this, path.equals(BUSINESS), ++connections, limited ? MOST_REQUESTS : 0))
        : Optional.empty();
  }

  /// Whether the channel is at that address.
  boolean has(String channel, boolean business) {
    return kind(channel) != null && OF_PUBLIC.contains(channel) != business;
  }

  @Override
  StreamEvent.@Nullable Kind kind(String channel) {
    return switch (channel) {
      case TRADES, "trades" -> StreamEvent.Kind.TRADE;
      case "bbo-tbt", "tickers" -> StreamEvent.Kind.QUOTE;
      default -> grid(channel) == null ? null : StreamEvent.Kind.BAR;
    };
  }

  private static @Nullable BarGrid grid(String channel) {
    return channel.startsWith(BARS) ? OkxVenue.BARS.get(channel.substring(BARS.length())) : null;
  }

  @Override
  String trades() {
    return TRADES;
  }

  @Override
  String trade(String channel, ExchangeBook book, Print print) {
    return OkxText.streamed(
        channel, book.listing(), out -> OkxText.trade(out, book.listing(), print));
  }

  @Override
  void quotes(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    for (Print print : told(book, from, to)) {
      into.add(new StreamEvent(
          stream, StreamEvent.Kind.QUOTE, sent(print), quote(channelOf(stream), book, print)));
    }
  }

  private static String quote(String channel, ExchangeBook book, Print print) {
    return OkxText.streamed(channel, book.listing(), out -> {
      if (channel.equals("tickers")) {
        OkxText.ticker(out, book, print.timeMillis());
      } else {
        OkxText.best(out, book, print);
      }
    });
  }

  @Override
  void bars(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    BarGrid grid = grid(channelOf(stream));
    if (grid != null) {
      everySecond(stream, book, grid, from, to, (bar, at) -> bar(stream, book, bar, at), into);
    }
  }

  private static String bar(String stream, ExchangeBook book, Candle bar, long now) {
    return OkxText.streamed(channelOf(stream), book.listing(), out -> OkxText.bar(out, bar, now));
  }

  /// What a subscription begins with: what is newest, whether it was told before or not.
  @Nullable
  String first(String stream, long upToMillis) {
    ExchangeBook book = begins(stream);
    String channel = channelOf(stream);
    StreamEvent.Kind kind = kind(channel);
    if (book == null || kind == null) {
      return null;
    }
    Print last = lastTold(book, upToMillis);
    return switch (kind) {
      case TRADE -> trade(channel, book, last);
      case QUOTE -> quote(channel, book, last);
      case BAR -> {
        BarGrid grid = grid(channel);
        yield grid == null
            ? null
            : book.newest(grid, Long.MIN_VALUE, upToMillis, 1, upToMillis).stream()
                .map(bar -> bar(stream, book, bar, upToMillis))
                .findFirst()
                .orElse(null);
      }
      case HEARTBEAT -> null;
    };
  }
}

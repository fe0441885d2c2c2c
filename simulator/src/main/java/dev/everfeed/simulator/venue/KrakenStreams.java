package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Kraken's WebSocket, version 2 (wire/SPEC.md section 4), at `/v2`: channels `trade`, `ticker`
/// and `ohlc`. Trades are those of [KrakenVenue].
///
/// A bar is told with each of its trades and at no other time: nothing says that it is over. A
/// heartbeat is told every second to who was told nothing else.
final class KrakenStreams extends ExchangeStreams {
  /// The stream of heartbeats: whoever subscribed to anything is told of it.
  static final String HEARTBEAT = stream("heartbeat", "");

  static final int SNAPSHOT_TRADES = 50;
  static final long HEARTBEAT_MILLIS = 1_000;
  private static final String BARS = "ohlc-";

  /// About 150 connections in 10 minutes and address (guides/spot-ws-intro).
  private static final int MOST_HANDSHAKES = 150;

  private static final PriceMarks PRICES = PriceMarks.of(
      "price", "bid", "ask", "last", "low", "high", "open", "close", "vwap", "change");

  private final WindowLimit handshakes;
  private long connections;

  /// @param listsAll whether any symbol can be subscribed to: a recorded session has its own
  /// @param limited whether handshakes are counted
  KrakenStreams(ExchangeMarket market, Habits habits, boolean listsAll, boolean limited) {
    super(market, KrakenStreamText::symbol, habits, listsAll);
    this.handshakes = new WindowLimit(limited ? MOST_HANDSHAKES : 0, Duration.ofMinutes(10));
  }

  /// Closed within about a minute of inactivity (guides/spot-ws-intro).
  static Habits habits(long lifeMillis) {
    return new Habits(0, 0, 0, 60_000, 0, lifeMillis);
  }

  @Override
  String name() {
    return "kraken";
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
    return path.equals("/v2") ? Optional.of(new KrakenTalk(this, ++connections)) : Optional.empty();
  }

  /// `ohlc-5`; a channel of the venue has its interval beside it.
  static String bars(long minutes) {
    return BARS + minutes;
  }

  @Override
  StreamEvent.@Nullable Kind kind(String channel) {
    return switch (channel) {
      case "trade" -> StreamEvent.Kind.TRADE;
      case "ticker" -> StreamEvent.Kind.QUOTE;
      default -> channel.startsWith(BARS) ? StreamEvent.Kind.BAR : null;
    };
  }

  @Override
  String trades() {
    return "trade";
  }

  @Override
  String trade(String channel, ExchangeBook book, Print print) {
    return KrakenStreamText.trades("update", book, List.of(print));
  }

  @Override
  void quotes(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    for (Print print : told(book, from, to)) {
      String data = KrakenStreamText.ticker("update", book, print);
      into.add(new StreamEvent(stream, StreamEvent.Kind.QUOTE, sent(print), data));
    }
  }

  @Override
  void bars(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    long minutes = minutes(stream);
    for (Print print : told(book, from, to)) {
      book.candle(open(print, minutes), open(print, minutes) + minutes * 60_000, print.timeMillis())
          .map(bar -> KrakenStreamText.bars("update", book, minutes, List.of(bar), sent(print)))
          .ifPresent(
              data -> into.add(new StreamEvent(stream, StreamEvent.Kind.BAR, sent(print), data)));
    }
  }

  private static long open(Print print, long minutes) {
    return BarGrid.of(minutes * 60).open(print.timeMillis());
  }

  private static long minutes(String stream) {
    return Long.parseLong(channelOf(stream).substring(BARS.length()));
  }

  @Override
  public void happen(String stream, long from, long to, List<StreamEvent> into) {
    if (!stream.equals(HEARTBEAT)) {
      super.happen(stream, from, to, into);
      return;
    }
    for (long at = nextAfter(from, HEARTBEAT_MILLIS); at <= to; at += HEARTBEAT_MILLIS) {
      into.add(
          new StreamEvent(stream, StreamEvent.Kind.HEARTBEAT, at, "{\"channel\":\"heartbeat\"}"));
    }
  }

  /// What a subscription begins with where it asks for a snapshot; null where that is nothing.
  @Nullable
  String snapshot(String stream, long upToMillis) {
    ExchangeBook book = begins(stream);
    StreamEvent.Kind kind = kind(channelOf(stream));
    if (book == null || kind == null) {
      return null;
    }
    long now = upToMillis - SENT_AFTER_MILLIS;
    return switch (kind) {
      case TRADE ->
        KrakenStreamText.trades(
            "snapshot",
            book,
            book.tradesBelow(Long.MAX_VALUE, SNAPSHOT_TRADES, now).reversed());
      case QUOTE -> KrakenStreamText.ticker("snapshot", book, book.lastTrade(now));
      case BAR -> {
        long minutes = minutes(stream);
        BarGrid grid = BarGrid.of(minutes * 60);
        long running = grid.open(now);
        long first = running - (KrakenVenue.MOST_BARS - 1) * minutes * 60_000;
        List<Candle> bars =
            new ArrayList<>(book.oldest(grid, first, running, KrakenVenue.MOST_BARS, now));
        yield bars.isEmpty()
            ? null
            : KrakenStreamText.bars("snapshot", book, minutes, bars, upToMillis);
      }
      case HEARTBEAT -> null;
    };
  }
}

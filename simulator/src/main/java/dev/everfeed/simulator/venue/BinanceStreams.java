package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Binance spot's market streams (wire/SPEC.md section 1): `<symbol>@trade`, `@aggTrade`,
/// `@bookTicker` and `@kline_<interval>`, raw under `/ws`, combined under `/stream`.
///
/// A trade is sent 2 ms after it happened, so its `E` is its `T` and 2; best prices follow each
/// trade; a running bar is told every 2 s (`1s`: only closed), a closed one at its close with
/// `x:true`. Trades, best prices and bars are those of [BinanceVenue].
final class BinanceStreams implements StreamVenue {
  static final int MOST_STREAMS = 1_024;
  static final long SENT_AFTER_MILLIS = 2;

  /// 300 connections per attempt every 5 minutes (web-socket-streams.md).
  static final int MOST_HANDSHAKES = 300;

  private static final Duration HANDSHAKE_WINDOW = Duration.ofMinutes(5);

  /// `u` rises by 1 to 9 from one best price to the next.
  private static final int UPDATES_PER_TRADE = 5;

  private static final int MOST_NAMES = 4_096;
  private static final PriceMarks TRADE_PRICES = PriceMarks.of("p");
  private static final PriceMarks QUOTE_PRICES = PriceMarks.of("b", "a");
  private static final PriceMarks BAR_PRICES = PriceMarks.of("o", "h", "l", "c");

  private final SimulatedMarket market;
  private final Habits habits;
  private final WindowLimit handshakes;
  private final Map<String, Listing> listings = new LinkedHashMap<>();
  private final Map<String, Named> names = new LinkedHashMap<>();

  /// What a stream's name means; null parts where it means nothing.
  private record Named(
      @Nullable Listing listing, String what, @Nullable Interval interval) {}

  /// @param limited whether handshakes are counted
  BinanceStreams(SimulatedMarket market, Habits habits, boolean limited) {
    this.market = market;
    this.habits = habits;
    this.handshakes = new WindowLimit(limited ? MOST_HANDSHAKES : 0, HANDSHAKE_WINDOW);
    for (Listing listing : market.listings()) {
      listings.put(listing.venueSymbol().toLowerCase(Locale.ROOT), listing);
    }
  }

  /// Of web-socket-streams.md: a ping every 20 s, a pong within a minute, 5 messages a second.
  static Habits habits(long lifeMillis) {
    return new Habits(20_000, 60_000, 0, 0, 5, lifeMillis);
  }

  @Override
  public Habits habits() {
    return habits;
  }

  @Override
  public boolean mayConnect(Instant now) {
    return handshakes.take(1, now);
  }

  @Override
  public PriceMarks prices(StreamEvent.Kind kind) {
    return switch (kind) {
      case TRADE, HEARTBEAT -> TRADE_PRICES;
      case QUOTE -> QUOTE_PRICES;
      case BAR -> BAR_PRICES;
    };
  }

  @Override
  public Optional<StreamTalk> talk(String path, Map<String, String> query) {
    boolean combined = path.equals("/stream");
    if (!combined && !path.equals("/ws") && !path.startsWith("/ws/")) {
      return Optional.empty();
    }
    String list = combined
        ? query.getOrDefault("streams", "")
        : path.substring(Math.min(path.length(), "/ws/".length()));
    Set<String> streams = new LinkedHashSet<>();
    for (String name : list.split("/", -1)) {
      if (!name.isEmpty()) {
        streams.add(name);
      }
    }
    return streams.size() > MOST_STREAMS
        ? Optional.empty()
        : Optional.of(new BinanceTalk(combined, streams));
  }

  @Override
  public void happen(String stream, long from, long to, List<StreamEvent> into) {
    Named named = named(stream);
    Listing listing = named.listing();
    if (listing == null) {
      return;
    }
    Interval interval = named.interval();
    if (interval != null) {
      klines(stream, listing, interval, from, to, into);
      return;
    }
    long first = market.firstIdFrom(listing, from + 1 - SENT_AFTER_MILLIS);
    List<Print> prints = market.trades(listing, first, Integer.MAX_VALUE, to - SENT_AFTER_MILLIS);
    for (Print print : prints) {
      long sent = print.timeMillis() + SENT_AFTER_MILLIS;
      into.add(
          switch (named.what()) {
            case "trade" ->
              new StreamEvent(
                  stream, StreamEvent.Kind.TRADE, sent, BinanceStreamText.trade(listing, print));
            case "aggTrade" ->
              new StreamEvent(
                  stream,
                  StreamEvent.Kind.TRADE,
                  sent,
                  BinanceStreamText.aggregate(listing, print));
            default ->
              new StreamEvent(
                  stream,
                  StreamEvent.Kind.QUOTE,
                  sent,
                  BinanceStreamText.best(listing, print, update(print)));
          });
    }
  }

  @Override
  public @Nullable Subject subject(String stream) {
    Named named = named(stream);
    Listing listing = named.listing();
    if (listing == null) {
      return null;
    }
    return new Subject(
        listing.symbol(),
        named.interval() != null
            ? StreamEvent.Kind.BAR
            : named.what().equals("bookTicker") ? StreamEvent.Kind.QUOTE : StreamEvent.Kind.TRADE);
  }

  @Override
  public void halt(@Nullable Symbol symbol, long second) {
    market.halt(symbol, second);
  }

  @Override
  public void resume(@Nullable Symbol symbol, long second) {
    market.resume(symbol, second);
  }

  @Override
  public String tradeStream(Symbol symbol) {
    return market
        .listed(symbol)
        .map(listing -> listing.venueSymbol().toLowerCase(Locale.ROOT) + "@trade")
        .orElseThrow(() -> new IllegalArgumentException(
            "binance does not list %s; it lists %s".formatted(symbol, market.symbols())));
  }

  @Override
  public StreamEvent template(String tradeStream, int variant) {
    Listing listing = named(tradeStream).listing();
    if (listing == null) {
      throw new IllegalArgumentException("not a stream of trades: " + tradeStream);
    }
    String data = BinanceStreamText.trade(listing, listing.flooded(variant));
    return new StreamEvent(tradeStream, StreamEvent.Kind.TRADE, FloodFrames.MILLIS, data);
  }

  /// Rises from trade to trade, with holes.
  static long update(Print print) {
    return print.id() * UPDATES_PER_TRADE
        + Noise.below(Noise.hash(print.id(), 17), UPDATES_PER_TRADE);
  }

  private void klines(
      String stream,
      Listing listing,
      Interval interval,
      long from,
      long to,
      List<StreamEvent> into) {
    long step = interval.text().equals("1s") ? 1_000 : 2_000;
    for (long at = (Math.floorDiv(from, step) + 1) * step; at <= to; at += step) {
      Instant open = interval.openOf(Instant.ofEpochMilli(at));
      boolean closes = open.toEpochMilli() == at;
      if (closes) {
        open = interval.openOf(Instant.ofEpochMilli(at - 1));
      }
      long openMillis = open.toEpochMilli();
      long next = interval.next(open).toEpochMilli();
      long firstId = market.firstIdFrom(listing, openMillis);
      Candle candle = market.candle(listing, openMillis, next, at).orElse(null);
      if (candle == null && closes) {
        candle = market.flat(listing, openMillis, next);
      }
      if (candle != null) {
        String data = BinanceStreamText.kline(listing, interval, candle, firstId, at, closes);
        into.add(new StreamEvent(stream, StreamEvent.Kind.BAR, at, data));
      }
    }
  }

  private Named named(String stream) {
    Named known = names.get(stream);
    if (known != null) {
      return known;
    }
    if (names.size() >= MOST_NAMES) {
      names.clear();
    }
    Named named = read(stream);
    names.put(stream, named);
    return named;
  }

  private Named read(String stream) {
    int at = stream.indexOf('@');
    Listing listing = at < 0 ? null : listings.get(stream.substring(0, at));
    String what = stream.substring(at + 1);
    if (what.equals("trade") || what.equals("aggTrade") || what.equals("bookTicker")) {
      return new Named(listing, what, null);
    }
    Interval interval = what.startsWith("kline_")
        ? Interval.parse(what.substring("kline_".length())).orElse(null)
        : null;
    return new Named(interval == null ? null : listing, what, interval);
  }
}

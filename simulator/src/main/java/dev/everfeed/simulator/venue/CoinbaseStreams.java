package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Coinbase Exchange's WebSocket feed (wire/SPEC.md section 2): channels `matches`, `ticker` and
/// `heartbeat` at the root path. Trades are those of [CoinbaseExchangeVenue].
///
/// A trade is sent in the millisecond after it happened, its ticker next to it. `sequence` is
/// the product's: the same for a trade and its ticker, with holes (orders have numbers too).
/// Here a stream is named `matches|BTC-USD`.
final class CoinbaseStreams implements StreamVenue {
  static final List<String> CHANNELS = List.of("matches", "ticker", "heartbeat");
  static final long SENT_AFTER_MILLIS = 1;

  private static final PriceMarks PRICES =
      PriceMarks.of("price", "best_bid", "best_ask", "open_24h", "low_24h", "high_24h");

  private final ExchangeMarket market;
  private final Map<String, ExchangeBook> books = new LinkedHashMap<>();
  private final Habits habits;
  private final boolean listsAll;
  private final BurstLimit handshakes;

  /// @param listsAll whether any product can be subscribed to: a recorded session has its own
  /// @param limited whether handshakes are counted: 8 a second, bursts of 20 (CBX rate-limits)
  CoinbaseStreams(ExchangeMarket market, Habits habits, boolean listsAll, boolean limited) {
    this.market = market;
    market.books().forEach(book -> books.put(CoinbaseText.product(book.listing()), book));
    this.habits = habits;
    this.listsAll = listsAll;
    this.handshakes = new BurstLimit(limited ? 20 : 0, 8);
  }

  /// A subscription within 5 s, 100 messages a second (CBX-overview, CBX rate-limits).
  static Habits habits(long lifeMillis) {
    return new Habits(0, 0, 5_000, 100, lifeMillis);
  }

  @Override
  public Habits habits() {
    return habits;
  }

  @Override
  public boolean mayConnect(Instant now) {
    return handshakes.take(now);
  }

  @Override
  public PriceMarks prices(StreamEvent.Kind kind) {
    return PRICES;
  }

  static String stream(String channel, String product) {
    return channel + "|" + product;
  }

  @Override
  public @Nullable Subject subject(String stream) {
    int bar = stream.indexOf('|');
    ExchangeBook book = books.get(stream.substring(bar + 1));
    if (book == null) {
      return null;
    }
    return new Subject(
        book.listing().symbol(),
        switch (stream.substring(0, bar)) {
          case "heartbeat" -> StreamEvent.Kind.HEARTBEAT;
          case "matches" -> StreamEvent.Kind.TRADE;
          default -> StreamEvent.Kind.QUOTE;
        });
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
    return books.values().stream()
        .map(ExchangeBook::listing)
        .filter(listing -> listing.symbol().equals(symbol))
        .map(listing -> stream("matches", CoinbaseText.product(listing)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "coinbase_exchange does not list %s; it lists %s".formatted(symbol, books.keySet())));
  }

  @Override
  public StreamEvent template(String tradeStream, int variant) {
    ExchangeBook book = books.get(tradeStream.substring(tradeStream.indexOf('|') + 1));
    if (book == null) {
      throw new IllegalArgumentException("not a stream of trades: " + tradeStream);
    }
    String data =
        CoinbaseStreamText.match("match", book, book.listing().flooded(variant), FloodFrames.ID);
    return new StreamEvent(tradeStream, StreamEvent.Kind.TRADE, FloodFrames.MILLIS, data);
  }

  @Override
  public Optional<StreamTalk> talk(String path, Map<String, String> query) {
    return path.equals("/") ? Optional.of(new CoinbaseTalk(this)) : Optional.empty();
  }

  boolean lists(String product) {
    return listsAll || books.containsKey(product);
  }

  /// What a subscription begins with; null where it begins with nothing.
  @Nullable
  String first(String channel, String product, long upToMillis) {
    ExchangeBook book = books.get(product);
    if (book == null || listsAll || channel.equals("heartbeat")) {
      return null;
    }
    Print last = book.lastTrade(upToMillis - SENT_AFTER_MILLIS);
    return channel.equals("matches")
        ? CoinbaseStreamText.match("last_match", book, last)
        : CoinbaseStreamText.ticker(book, last);
  }

  @Override
  public void happen(String stream, long from, long to, List<StreamEvent> into) {
    int bar = stream.indexOf('|');
    ExchangeBook book = books.get(stream.substring(bar + 1));
    if (book == null) {
      return;
    }
    String channel = stream.substring(0, bar);
    if (channel.equals("heartbeat")) {
      for (long at = (Math.floorDiv(from, 1_000L) + 1) * 1_000; at <= to; at += 1_000) {
        Print last = book.lastTrade(at - SENT_AFTER_MILLIS);
        String data = CoinbaseStreamText.heartbeat(book, last, at);
        into.add(new StreamEvent(stream, StreamEvent.Kind.HEARTBEAT, at, data));
      }
      return;
    }
    boolean matches = channel.equals("matches");
    long first = book.firstIdFrom(from + 1 - SENT_AFTER_MILLIS);
    for (Print print : book.trades(first, Integer.MAX_VALUE, to - SENT_AFTER_MILLIS)) {
      into.add(new StreamEvent(
          stream,
          matches ? StreamEvent.Kind.TRADE : StreamEvent.Kind.QUOTE,
          print.timeMillis() + SENT_AFTER_MILLIS,
          matches
              ? CoinbaseStreamText.match("match", book, print)
              : CoinbaseStreamText.ticker(book, print)));
    }
  }
}

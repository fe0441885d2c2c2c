package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Coinbase Exchange's WebSocket feed (wire/SPEC.md section 2): channels `matches`, `ticker` and
/// `heartbeat` at the root path. Trades are those of [CoinbaseExchangeVenue].
///
/// A ticker comes with each trade. `sequence` is the product's: the same for a trade and its
/// ticker, with holes (orders have numbers too).
final class CoinbaseStreams extends ExchangeStreams {
  static final List<String> CHANNELS = List.of("matches", "ticker", "heartbeat");

  private static final PriceMarks PRICES =
      PriceMarks.of("price", "best_bid", "best_ask", "open_24h", "low_24h", "high_24h");

  private final BurstLimit handshakes;

  /// @param listsAll whether any product can be subscribed to: a recorded session has its own
  /// @param limited whether handshakes are counted: 8 a second, bursts of 20 (CBX rate-limits)
  CoinbaseStreams(ExchangeMarket market, Habits habits, boolean listsAll, boolean limited) {
    super(market, CoinbaseText::product, habits, listsAll);
    this.handshakes = new BurstLimit(limited ? 20 : 0, 8);
  }

  /// A subscription within 5 s, 100 messages a second (CBX-overview, CBX rate-limits).
  static Habits habits(long lifeMillis) {
    return new Habits(0, 0, 5_000, 0, 100, lifeMillis);
  }

  @Override
  String name() {
    return "coinbase_exchange";
  }

  @Override
  public boolean mayConnect(Instant now) {
    return handshakes.take(now);
  }

  @Override
  public PriceMarks prices(StreamEvent.Kind kind) {
    return PRICES;
  }

  @Override
  public Optional<StreamTalk> talk(String path, Map<String, String> query) {
    return path.equals("/") ? Optional.of(new CoinbaseTalk(this)) : Optional.empty();
  }

  @Override
  StreamEvent.@Nullable Kind kind(String channel) {
    return switch (channel) {
      case "matches" -> StreamEvent.Kind.TRADE;
      case "ticker" -> StreamEvent.Kind.QUOTE;
      case "heartbeat" -> StreamEvent.Kind.HEARTBEAT;
      default -> null;
    };
  }

  @Override
  String trades() {
    return "matches";
  }

  /// What a subscription begins with; null where it begins with nothing.
  @Nullable
  String first(String channel, String product, long upToMillis) {
    ExchangeBook book = begins(stream(channel, product));
    if (book == null || channel.equals("heartbeat")) {
      return null;
    }
    Print last = lastTold(book, upToMillis);
    return channel.equals("matches")
        ? CoinbaseStreamText.match("last_match", book, last)
        : CoinbaseStreamText.ticker(book, last);
  }

  @Override
  String trade(String channel, ExchangeBook book, Print print) {
    return CoinbaseStreamText.match("match", book, print);
  }

  @Override
  String flooded(ExchangeBook book, Print print) {
    return CoinbaseStreamText.match("match", book, print, FloodFrames.ID);
  }

  @Override
  void quotes(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    for (Print print : told(book, from, to)) {
      String data = CoinbaseStreamText.ticker(book, print);
      into.add(new StreamEvent(stream, StreamEvent.Kind.QUOTE, sent(print), data));
    }
  }

  @Override
  void heartbeats(String stream, ExchangeBook book, long from, long to, List<StreamEvent> into) {
    for (long at = nextAfter(from, 1_000); at <= to; at += 1_000) {
      String data = CoinbaseStreamText.heartbeat(book, lastTold(book, at), at);
      into.add(new StreamEvent(stream, StreamEvent.Kind.HEARTBEAT, at, data));
    }
  }
}

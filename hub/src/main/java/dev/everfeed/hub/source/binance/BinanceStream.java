package dev.everfeed.hub.source.binance;

import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Stream;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.hub.source.FrameDecoder;
import dev.everfeed.hub.source.StreamRules;
import dev.everfeed.hub.source.StreamSource;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/// Binance spot over WebSocket, without a key (web-socket-streams.md of the venue's
/// documentation): `@trade`, `@bookTicker` and `@kline_…`.
public final class BinanceStream implements StreamSource {

  /// 1,024 streams a connection, which lives for 24 hours; 5 messages a second to the venue, of
  /// which pongs are some; 300 connections in 5 minutes; a ping every 20 seconds (wire/SPEC.md,
  /// section 1). A message of 200 streams has some 5 kB; how long one may be is not said.
  private static final StreamRules RULES = new StreamRules(
      1_024,
      200,
      4,
      Duration.ofMillis(1_250),
      300,
      Duration.ofMinutes(5),
      null,
      Duration.ofHours(24),
      Duration.ofSeconds(30),
      Integer.MAX_VALUE);

  private static final Set<Interval> INTERVALS =
      Collections.unmodifiableSet(EnumSet.allOf(Interval.class));

  @Override
  public SourceId id() {
    return BinanceDecoder.SOURCE;
  }

  @Override
  public String exchange() {
    return BinanceDecoder.EXCHANGE;
  }

  @Override
  public URI baseUrl() {
    return URI.create("wss://stream.binance.com:9443");
  }

  @Override
  public String path(Stream stream) {
    return "/ws";
  }

  @Override
  public Set<Interval> intervals() {
    return INTERVALS;
  }

  /// Trade ids are consecutive per symbol, also in the recorded sessions (wire/SPEC.md, section
  /// 1). A book ticker's update id rises with holes. A kline is sent again and again until it is
  /// closed: its states are ordered by its open, its number of trades and its end.
  @Override
  public Map<Channel, Proof> proofs() {
    return Map.of(
        Channel.TRADE,
        new Proof(true, true, true, Proof.Refill.BY_ID, "all"),
        Channel.QUOTE,
        new Proof(true, false, true, Proof.Refill.NONE, "the latest"),
        Channel.BAR,
        new Proof(true, false, true, Proof.Refill.BY_TIME, "all"));
  }

  @Override
  public StreamRules rules() {
    return RULES;
  }

  @Override
  public Optional<String> nativeName(Symbol symbol) {
    return BinanceSymbols.nativeOf(symbol);
  }

  @Override
  public List<String> subscribe(List<Stream> streams, int requestId) {
    return List.of(request("SUBSCRIBE", streams, requestId));
  }

  @Override
  public List<String> unsubscribe(List<Stream> streams, int requestId) {
    return List.of(request("UNSUBSCRIBE", streams, requestId));
  }

  @Override
  public boolean answersByRequest() {
    return true;
  }

  @Override
  public FrameDecoder decoder(Streams streams) {
    return new BinanceFrameDecoder(streams);
  }

  private static String request(String method, List<Stream> streams, int requestId) {
    StringJoiner names = new StringJoiner("\",\"", "[\"", "\"]").setEmptyValue("[]");
    for (Stream stream : streams) {
      names.add(nativeOf(stream));
    }
    return "{\"method\":\"%s\",\"params\":%s,\"id\":%d}".formatted(method, names, requestId);
  }

  /// `btcusdt@kline_1m`: symbols in lower case, intervals as they are (`1M` is a month).
  private static String nativeOf(Stream stream) {
    String symbol = BinanceSymbols.nativeOf(stream.symbol())
        .orElseThrow(() -> new IllegalArgumentException("binance does not offer " + stream))
        .toLowerCase(Locale.ROOT);
    Interval interval = stream.interval();
    return symbol
        + switch (stream.channel()) {
          case TRADE -> "@trade";
          case QUOTE -> "@bookTicker";
          case BAR -> "@kline_" + (interval == null ? "" : interval.text());
        };
  }
}

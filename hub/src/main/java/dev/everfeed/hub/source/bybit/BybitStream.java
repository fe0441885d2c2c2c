package dev.everfeed.hub.source.bybit;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/// Bybit spot over WebSocket, without a key (docs/v5/ws/connect): `publicTrade`, `orderbook.1`
/// and `kline`. Its ticker of spot has no bid and ask.
public final class BybitStream implements StreamSource {

  /// 10 topics a request, and all topics of a connection together at most 21,000 characters long:
  /// 500 of up to 39 and a comma; 500 connections in 5 minutes (docs/v5/ws/connect). How many
  /// requests may be sent is not said. Every ping is answered.
  private static final StreamRules RULES = new StreamRules(
      500,
      10,
      10,
      Duration.ofSeconds(1),
      500,
      Duration.ofMinutes(5),
      null,
      null,
      Duration.ofSeconds(30),
      Integer.MAX_VALUE);

  private static final Map<Interval, String> INTERVALS = BybitIntervals.WORDS;

  @Override
  public SourceId id() {
    return BybitDecoder.SOURCE;
  }

  @Override
  public String exchange() {
    return BybitDecoder.EXCHANGE;
  }

  @Override
  public URI baseUrl() {
    return URI.create("wss://stream.bybit.com");
  }

  @Override
  public String path(Stream stream) {
    return "/v5/public/spot";
  }

  @Override
  public Set<Interval> intervals() {
    return Collections.unmodifiableSet(INTERVALS.keySet());
  }

  /// A trade has an id of its own, without an order: 19 digits for spot, of which the
  /// documentation promises nothing, and of the newest 60 no gap can be filled. `seq` of a book
  /// orders it among all depths (docs/v5/websocket/public/orderbook), so it is one number for
  /// the whole venue and has holes; several trades may share one. Nothing tells two states of
  /// a running bar apart.
  @Override
  public Map<Channel, Proof> proofs() {
    return Map.of(
        Channel.TRADE,
        new Proof(true, false, false, Proof.Refill.NONE, "the newest 60"),
        Channel.QUOTE,
        new Proof(true, false, true, Proof.Refill.NONE, "the latest"),
        Channel.BAR,
        new Proof(false, false, true, Proof.Refill.BY_TIME, "all"));
  }

  @Override
  public StreamRules rules() {
    return RULES;
  }

  @Override
  public Optional<String> nativeName(Symbol symbol) {
    return BybitSymbols.unmistakable(symbol);
  }

  @Override
  public List<String> subscribe(List<Stream> streams, int requestId) {
    return List.of(request("subscribe", streams, requestId));
  }

  @Override
  public List<String> unsubscribe(List<Stream> streams, int requestId) {
    return List.of(request("unsubscribe", streams, requestId));
  }

  @Override
  public boolean answersByRequest() {
    return true;
  }

  /// "We recommend client sends the ping heartbeat packet every 20 seconds" (docs/v5/ws/connect).
  @Override
  public Optional<String> ping() {
    return Optional.of("{\"op\":\"ping\"}");
  }

  @Override
  public FrameDecoder decoder(Streams streams) {
    return new BybitFrameDecoder(streams);
  }

  private String request(String operation, List<Stream> streams, int requestId) {
    StringJoiner topics = new StringJoiner("\",\"", "[\"", "\"]").setEmptyValue("[]");
    for (Stream stream : streams) {
      topics.add(topic(stream));
    }
    return "{\"op\":\"%s\",\"args\":%s,\"req_id\":\"%d\"}".formatted(operation, topics, requestId);
  }

  private String topic(Stream stream) {
    if (!offers(stream)) {
      throw new IllegalArgumentException("bybit does not offer " + stream);
    }
    String name = nativeName(stream.symbol()).orElseThrow();
    Interval interval = stream.interval();
    return switch (stream.channel()) {
      case TRADE -> BybitFrames.TRADES + name;
      case QUOTE -> BybitFrames.QUOTES + name;
      case BAR -> BybitFrames.BARS + (interval == null ? "" : INTERVALS.get(interval)) + "." + name;
    };
  }
}

package dev.everfeed.hub.source.kraken;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/// Kraken spot over WebSocket, version 2, without a key (docs.kraken.com,
/// api/docs/websocket-v2): `trade`, `ticker` at each change of the best prices, and `ohlc`.
///
/// Of trades and bars no snapshot is asked for: it is what was before, and what of that is
/// missing is asked for over HTTP. That of the ticker is the book as it is. A bar comes with each
/// trade and is never marked as the last one: it is over when one with a later open comes, and is
/// given complete then.
public final class KrakenStream implements StreamSource {

  /// Heartbeats come about every second when nothing else does (wire/SPEC.md, section 4). About
  /// 150 connections in 10 minutes and address, and who begins more is banned for as long
  /// (guides/spot-ws-intro). Of messages it is only said that there may be too many: a request
  /// is one for each channel and interval.
  private static final StreamRules RULES = new StreamRules(
      400,
      100,
      2,
      Duration.ofSeconds(1),
      100,
      Duration.ofMinutes(10),
      null,
      null,
      Duration.ofSeconds(10),
      Integer.MAX_VALUE);

  private static final Map<Interval, String> INTERVALS = KrakenIntervals.WORDS;

  @Override
  public SourceId id() {
    return KrakenRestDecoder.SOURCE;
  }

  @Override
  public String exchange() {
    return KrakenRestDecoder.EXCHANGE;
  }

  @Override
  public URI baseUrl() {
    return URI.create("wss://ws.kraken.com");
  }

  @Override
  public String path(Stream stream) {
    return "/v2";
  }

  /// A connection takes one interval of a symbol: a second one is refused, `Already subscribed to
  /// one ohlc interval on this symbol`. Those of a minute are with the trades and quotes.
  @Override
  public String group(Stream stream) {
    Interval interval = stream.interval();
    return interval == null || interval == Interval.M1
        ? path(stream)
        : path(stream) + " " + interval.text();
  }

  @Override
  public String wire() {
    return KrakenStreamDecoder.WIRE;
  }

  @Override
  public Set<Interval> intervals() {
    return Collections.unmodifiableSet(INTERVALS.keySet());
  }

  /// "Trade identifier is a sequence number, unique per book" (websocket-v2, trade): whether
  /// without holes is not said, and the answers over HTTP are asked for from a moment on. A
  /// ticker has a time, which several may share, and nothing else; nothing tells two states of
  /// a running bar apart.
  @Override
  public Map<Channel, Proof> proofs() {
    return Map.of(
        Channel.TRADE,
        new Proof(true, false, true, Proof.Refill.BY_TIME, "all"),
        Channel.QUOTE,
        new Proof(false, false, true, Proof.Refill.NONE, "the latest"),
        Channel.BAR,
        new Proof(false, false, true, Proof.Refill.BY_TIME, "the newest 720 of each interval"));
  }

  @Override
  public StreamRules rules() {
    return RULES;
  }

  @Override
  public Optional<String> nativeName(Symbol symbol) {
    return KrakenSymbols.streamNameOf(symbol);
  }

  @Override
  public List<String> subscribe(List<Stream> streams, int requestId) {
    return requests("subscribe", streams, requestId);
  }

  @Override
  public List<String> unsubscribe(List<Stream> streams, int requestId) {
    return requests("unsubscribe", streams, requestId);
  }

  @Override
  public boolean answersByRequest() {
    return false;
  }

  /// "The server closes any open websocket connection within approximately one minute of
  /// inactivity" (guides/spot-ws-intro); whose inactivity is not said.
  @Override
  public Optional<String> ping() {
    return Optional.of("{\"method\":\"ping\"}");
  }

  @Override
  public FrameDecoder decoder(Streams streams) {
    return new KrakenFrameDecoder(streams);
  }

  /// A message has one channel, and of bars one interval.
  private List<String> requests(String method, List<Stream> streams, int requestId) {
    Map<KrakenChannel, StringJoiner> names = new LinkedHashMap<>();
    for (Stream stream : streams) {
      if (!offers(stream)) {
        throw new IllegalArgumentException("kraken does not offer " + stream);
      }
      names
          .computeIfAbsent(
              new KrakenChannel(stream.channel(), stream.interval()),
              _ -> new StringJoiner("\",\"", "[\"", "\"]"))
          .add(nativeName(stream.symbol()).orElseThrow());
    }
    List<String> messages = new ArrayList<>(names.size());
    names.forEach((channel, symbols) ->
        messages.add("{\"method\":\"%s\",\"params\":{%s,\"symbol\":%s},\"req_id\":%d}"
            .formatted(
                method,
                parameters(channel, method.equals("subscribe")),
                symbols,
                channel.marked(requestId))));
    return messages;
  }

  private static String parameters(KrakenChannel channel, boolean subscribes) {
    Interval interval = channel.interval();
    String snapshot = "";
    if (subscribes) {
      snapshot = ",\"snapshot\":" + (channel.channel() == Channel.QUOTE);
    }
    return switch (channel.channel()) {
      case TRADE -> "\"channel\":\"trade\"" + snapshot;
      case QUOTE -> "\"channel\":\"ticker\",\"event_trigger\":\"bbo\"" + snapshot;
      case BAR ->
        "\"channel\":\"ohlc\",\"interval\":"
            + (interval == null ? "" : INTERVALS.get(interval))
            + snapshot;
    };
  }
}

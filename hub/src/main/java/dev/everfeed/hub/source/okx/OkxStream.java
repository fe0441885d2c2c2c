package dev.everfeed.hub.source.okx;

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

/// OKX spot over WebSocket, without a key: `trades-all` and `candle…` of `/business`, `bbo-tbt`
/// of `/public`, so a gateway has two connections. (`trades` of `/public` puts several fills into
/// one event, whose ids have holes then.)
///
/// The first trade after a subscription may be the newest of before it, and nothing marks it: it
/// has its own time, and its id tells whether it has been had.
public final class OkxStream implements StreamSource {

  /// 3 connections a second and address, of which one is left for what comes late and for who
  /// else is at that address; 480 requests an hour and connection; without any
  /// message for 30 seconds it is closed (wire/SPEC.md, section 5). How many subscriptions it may
  /// have is not said: so many that all can be asked for one by one, if need be, within the hour.
  private static final StreamRules RULES = new StreamRules(
      400,
      50,
      440,
      Duration.ofHours(1),
      2,
      Duration.ofSeconds(1),
      null,
      null,
      Duration.ofSeconds(25),
      Integer.MAX_VALUE);

  private static final Map<Interval, String> INTERVALS = OkxBars.OFFERED;

  @Override
  public SourceId id() {
    return OkxDecoder.SOURCE;
  }

  @Override
  public String exchange() {
    return OkxDecoder.EXCHANGE;
  }

  @Override
  public URI baseUrl() {
    return URI.create("wss://ws.okx.com:8443");
  }

  @Override
  public String path(Stream stream) {
    return switch (stream.channel()) {
      case TRADE, BAR -> "/ws/v5/business";
      case QUOTE -> "/ws/v5/public";
    };
  }

  @Override
  public Set<Interval> intervals() {
    return Collections.unmodifiableSet(INTERVALS.keySet());
  }

  /// Trade ids count up by one for each instrument: 64 in a row in the recorded session. `seqId`
  /// of a book rises with holes, and "the set of sequence ID received by users is the same" over
  /// several connections (the venue's documentation, "Sequence ID"). Nothing tells two states of
  /// a running bar apart.
  @Override
  public Map<Channel, Proof> proofs() {
    return Map.of(
        Channel.TRADE,
        new Proof(true, true, true, Proof.Refill.BY_ID, "3 months"),
        Channel.QUOTE,
        new Proof(true, false, true, Proof.Refill.NONE, "the latest"),
        Channel.BAR,
        new Proof(false, false, true, Proof.Refill.BY_TIME, "recent years"));
  }

  @Override
  public StreamRules rules() {
    return RULES;
  }

  @Override
  public Optional<String> nativeName(Symbol symbol) {
    return OkxSymbols.nativeOf(symbol);
  }

  @Override
  public List<String> subscribe(List<Stream> streams, int requestId) {
    return List.of(request("subscribe", streams));
  }

  @Override
  public List<String> unsubscribe(List<Stream> streams, int requestId) {
    return List.of(request("unsubscribe", streams));
  }

  @Override
  public boolean answersByRequest() {
    return false;
  }

  /// Answered with `pong`, both without quotes.
  @Override
  public Optional<String> ping() {
    return Optional.of("ping");
  }

  @Override
  public FrameDecoder decoder(Streams streams) {
    return new OkxFrameDecoder(streams);
  }

  private String request(String operation, List<Stream> streams) {
    StringJoiner channels = new StringJoiner(",", "[", "]");
    for (Stream stream : streams) {
      if (!offers(stream)) {
        throw new IllegalArgumentException("okx does not offer " + stream);
      }
      channels.add("{\"channel\":\"%s\",\"instId\":\"%s\"}"
          .formatted(channel(stream), nativeName(stream.symbol()).orElseThrow()));
    }
    return "{\"op\":\"%s\",\"args\":%s}".formatted(operation, channels);
  }

  private static String channel(Stream stream) {
    Interval interval = stream.interval();
    return switch (stream.channel()) {
      case TRADE -> OkxFrames.TRADES;
      case QUOTE -> OkxFrames.QUOTES;
      case BAR -> OkxFrames.BARS + (interval == null ? "" : INTERVALS.get(interval));
    };
  }
}

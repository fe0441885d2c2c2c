package dev.everfeed.hub.source.coinbase;

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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/// Coinbase Exchange's feed, without a key (Exchange documentation, WebSocket overview and
/// channels): `matches` and `ticker`, and with either of them `heartbeat`, which comes every
/// second and names the newest trade of its product.
///
/// A ticker comes with each match and not with each change of the book.
public final class CoinbaseExchangeStream implements StreamSource {
  static final String TRADES = "matches";
  static final String QUOTES = "ticker";
  private static final String HEARTBEAT = "heartbeat";

  /// A connection must have subscribed within 5 seconds; 8 requests a second and address; 100
  /// messages a second to the venue (wire/SPEC.md, section 2). How many subscriptions a
  /// connection may have is not said, nor that it ends by itself. The heartbeats of all products
  /// come every second.
  private static final StreamRules RULES = new StreamRules(
      1_000,
      100,
      4,
      Duration.ofSeconds(1),
      8,
      Duration.ofSeconds(1),
      Duration.ofSeconds(5),
      null,
      Duration.ofSeconds(10),
      Integer.MAX_VALUE);

  @Override
  public SourceId id() {
    return CoinbaseExchangeDecoder.SOURCE;
  }

  @Override
  public String exchange() {
    return CoinbaseForms.EXCHANGE;
  }

  @Override
  public URI baseUrl() {
    return URI.create("wss://ws-feed.exchange.coinbase.com");
  }

  @Override
  public String path(Stream stream) {
    return "/";
  }

  @Override
  public Set<Interval> intervals() {
    return Set.of();
  }

  /// Trade ids are consecutive per product, also in the recorded session; `sequence` counts
  /// orders too, so it rises in every channel of ours and has holes (wire/SPEC.md, section 2).
  @Override
  public Map<Channel, Proof> proofs() {
    return Map.of(
        Channel.TRADE,
        new Proof(true, true, true, Proof.Refill.BY_ID, "all"),
        Channel.QUOTE,
        new Proof(true, false, true, Proof.Refill.NONE, "the latest"));
  }

  @Override
  public StreamRules rules() {
    return RULES;
  }

  @Override
  public Optional<String> nativeName(Symbol symbol) {
    return CoinbaseNames.nativeOf(symbol);
  }

  @Override
  public List<String> subscribe(List<Stream> streams, int requestId) {
    Map<String, Set<String>> channels = channels(streams);
    Set<String> all = new LinkedHashSet<>();
    channels.values().forEach(all::addAll);
    channels.put(HEARTBEAT, all);
    return List.of(request("subscribe", channels));
  }

  /// The heartbeat of a product ends with its trades: it is they that need it.
  @Override
  public List<String> unsubscribe(List<Stream> streams, int requestId) {
    Map<String, Set<String>> channels = channels(streams);
    Set<String> trades = channels.get(TRADES);
    if (trades != null) {
      channels.put(HEARTBEAT, trades);
    }
    return List.of(request("unsubscribe", channels));
  }

  @Override
  public boolean answersByRequest() {
    return false;
  }

  @Override
  public FrameDecoder decoder(Streams streams) {
    return new CoinbaseFrameDecoder(streams);
  }

  /// Products by channel, both in the order of the streams.
  private static Map<String, Set<String>> channels(List<Stream> streams) {
    Map<String, Set<String>> channels = new LinkedHashMap<>();
    for (Stream stream : streams) {
      String channel = switch (stream.channel()) {
        case TRADE -> TRADES;
        case QUOTE -> QUOTES;
        case BAR -> throw notOffered(stream);
      };
      String product =
          CoinbaseNames.nativeOf(stream.symbol()).orElseThrow(() -> notOffered(stream));
      channels.computeIfAbsent(channel, _ -> new LinkedHashSet<>()).add(product);
    }
    return channels;
  }

  /// With its products at each channel: those at the top would count for all channels.
  private static String request(String type, Map<String, Set<String>> channels) {
    StringJoiner items = new StringJoiner(",", "[", "]");
    channels.forEach((channel, products) -> {
      StringJoiner names = new StringJoiner("\",\"", "[\"", "\"]").setEmptyValue("[]");
      products.forEach(names::add);
      items.add("{\"name\":\"%s\",\"product_ids\":%s}".formatted(channel, names));
    });
    return "{\"type\":\"%s\",\"channels\":%s}".formatted(type, items);
  }

  private static IllegalArgumentException notOffered(Stream stream) {
    return new IllegalArgumentException("coinbase_exchange does not offer " + stream);
  }
}

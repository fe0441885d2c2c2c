package dev.everfeed.hub.source;

import dev.everfeed.hub.source.alternativeme.AlternativeMe;
import dev.everfeed.hub.source.alternativeme.AlternativeMeDecoder;
import dev.everfeed.hub.source.binance.BinanceDecoder;
import dev.everfeed.hub.source.binance.BinanceRest;
import dev.everfeed.hub.source.binance.BinanceStream;
import dev.everfeed.hub.source.bybit.BybitDecoder;
import dev.everfeed.hub.source.bybit.BybitRest;
import dev.everfeed.hub.source.coinbase.CoinbaseAdvanced;
import dev.everfeed.hub.source.coinbase.CoinbaseAdvancedDecoder;
import dev.everfeed.hub.source.coinbase.CoinbaseExchange;
import dev.everfeed.hub.source.coinbase.CoinbaseExchangeDecoder;
import dev.everfeed.hub.source.coinbase.CoinbaseExchangeStream;
import dev.everfeed.hub.source.coingecko.CoinGecko;
import dev.everfeed.hub.source.coingecko.CoinGeckoDecoder;
import dev.everfeed.hub.source.kraken.KrakenRest;
import dev.everfeed.hub.source.kraken.KrakenRestDecoder;
import dev.everfeed.hub.source.okx.OkxDecoder;
import dev.everfeed.hub.source.okx.OkxRest;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The list of sources. A new one is its own package and one line here.
public final class KnownSources {

  /// @param wire   what its messages are called: a source may speak several wire formats
  /// @param stream null for one that is not listened to
  private record Entry(
      String name,
      String wire,
      URI baseUrl,
      Supplier<WireDecoder> decoder,
      Function<SourceSettings, PolledSource> polled,
      @Nullable Supplier<StreamSource> stream) {

    /// One that is only polled.
    Entry(
        String name,
        String wire,
        URI baseUrl,
        Supplier<WireDecoder> decoder,
        Function<SourceSettings, PolledSource> polled) {
      this(name, wire, baseUrl, decoder, polled, null);
    }
  }

  private static final List<Entry> ENTRIES = List.of(
      new Entry(
          "binance",
          "binance",
          URI.create("https://api.binance.com"),
          BinanceDecoder::new,
          BinanceRest::new,
          BinanceStream::new),
      new Entry(
          "coinbase_exchange",
          "coinbase_exchange",
          URI.create("https://api.exchange.coinbase.com"),
          CoinbaseExchangeDecoder::new,
          CoinbaseExchange::new,
          CoinbaseExchangeStream::new),
      new Entry(
          "coinbase_advanced",
          "coinbase_advanced",
          URI.create("https://api.coinbase.com"),
          CoinbaseAdvancedDecoder::new,
          CoinbaseAdvanced::new),
      new Entry(
          "kraken",
          "kraken_rest",
          URI.create("https://api.kraken.com"),
          KrakenRestDecoder::new,
          KrakenRest::new),
      new Entry("okx", "okx", URI.create("https://www.okx.com"), OkxDecoder::new, OkxRest::new),
      new Entry(
          "bybit", "bybit", URI.create("https://api.bybit.com"), BybitDecoder::new, BybitRest::new),
      new Entry(
          "coingecko",
          "coingecko",
          URI.create("https://api.coingecko.com"),
          CoinGeckoDecoder::new,
          CoinGecko::new),
      new Entry(
          "alternative_me",
          "alternative_me",
          URI.create("https://api.alternative.me"),
          AlternativeMeDecoder::new,
          AlternativeMe::new));

  private KnownSources() {}

  /// In the order in which they are listed to people.
  public static List<String> names() {
    return ENTRIES.stream().map(Entry::name).toList();
  }

  /// The wire formats that can be decoded; most are called as their source.
  public static List<String> wires() {
    return ENTRIES.stream().map(Entry::wire).toList();
  }

  public static Optional<WireDecoder> decoder(String wire) {
    return ENTRIES.stream()
        .filter(e -> e.wire().equals(wire))
        .findFirst()
        .map(e -> e.decoder().get());
  }

  /// Where the source is in the real world; the default of its setting.
  public static Optional<URI> baseUrl(String source) {
    return entry(source).map(Entry::baseUrl);
  }

  /// @throws IllegalArgumentException when there is no such source; the message lists those
  ///     there are
  public static PolledSource polled(String name, SourceSettings settings) {
    return entry(name)
        .orElseThrow(() -> new IllegalArgumentException(
            "no source \"%s\", there are %s".formatted(name, String.join(", ", names()))))
        .polled()
        .apply(settings);
  }

  /// How it is listened to; empty for a source that is only polled, and for none.
  public static Optional<StreamSource> stream(String name) {
    return entry(name).flatMap(e -> Optional.ofNullable(e.stream())).map(Supplier::get);
  }

  private static Optional<Entry> entry(String name) {
    return ENTRIES.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}

package dev.everfeed.hub.source;

import dev.everfeed.hub.source.alternativeme.AlternativeMe;
import dev.everfeed.hub.source.alternativeme.AlternativeMeDecoder;
import dev.everfeed.hub.source.binance.BinanceDecoder;
import dev.everfeed.hub.source.binance.BinanceRest;
import dev.everfeed.hub.source.binance.BinanceStream;
import dev.everfeed.hub.source.bybit.BybitDecoder;
import dev.everfeed.hub.source.bybit.BybitRest;
import dev.everfeed.hub.source.bybit.BybitStream;
import dev.everfeed.hub.source.coinbase.CoinbaseAdvanced;
import dev.everfeed.hub.source.coinbase.CoinbaseAdvancedDecoder;
import dev.everfeed.hub.source.coinbase.CoinbaseExchange;
import dev.everfeed.hub.source.coinbase.CoinbaseExchangeDecoder;
import dev.everfeed.hub.source.coinbase.CoinbaseExchangeStream;
import dev.everfeed.hub.source.coingecko.CoinGecko;
import dev.everfeed.hub.source.coingecko.CoinGeckoDecoder;
import dev.everfeed.hub.source.kraken.KrakenRest;
import dev.everfeed.hub.source.kraken.KrakenRestDecoder;
import dev.everfeed.hub.source.kraken.KrakenStream;
import dev.everfeed.hub.source.kraken.KrakenStreamDecoder;
import dev.everfeed.hub.source.okx.OkxDecoder;
import dev.everfeed.hub.source.okx.OkxRest;
import dev.everfeed.hub.source.okx.OkxStream;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The list of sources. A new one is its own package and one line here.
public final class KnownSources {

  /// A wire format, by the name that `decode` knows.
  private record Wire(String name, Supplier<WireDecoder> decoder) {}

  /// @param wires  the formats of its answers and of its frames
  /// @param stream null for one that is not listened to
  private record Entry(
      String name,
      URI baseUrl,
      List<Wire> wires,
      Function<SourceSettings, PolledSource> polled,
      @Nullable Supplier<StreamSource> stream) {

    /// One whose format is called as it is.
    Entry(
        String name,
        URI baseUrl,
        Supplier<WireDecoder> decoder,
        Function<SourceSettings, PolledSource> polled,
        @Nullable Supplier<StreamSource> stream) {
      this(name, baseUrl, List.of(new Wire(name, decoder)), polled, stream);
    }

    /// One that is only polled.
    Entry(
        String name,
        URI baseUrl,
        Supplier<WireDecoder> decoder,
        Function<SourceSettings, PolledSource> polled) {
      this(name, baseUrl, decoder, polled, null);
    }
  }

  private static final List<Entry> ENTRIES = List.of(
      new Entry(
          "binance",
          URI.create("https://api.binance.com"),
          BinanceDecoder::new,
          BinanceRest::new,
          BinanceStream::new),
      new Entry(
          "coinbase_exchange",
          URI.create("https://api.exchange.coinbase.com"),
          CoinbaseExchangeDecoder::new,
          CoinbaseExchange::new,
          CoinbaseExchangeStream::new),
      new Entry(
          "coinbase_advanced",
          URI.create("https://api.coinbase.com"),
          CoinbaseAdvancedDecoder::new,
          CoinbaseAdvanced::new),
      new Entry(
          "kraken",
          URI.create("https://api.kraken.com"),
          List.of(
              new Wire("kraken_rest", KrakenRestDecoder::new),
              new Wire(KrakenStreamDecoder.WIRE, KrakenStreamDecoder::new)),
          KrakenRest::new,
          KrakenStream::new),
      new Entry(
          "okx", URI.create("https://www.okx.com"), OkxDecoder::new, OkxRest::new, OkxStream::new),
      new Entry(
          "bybit",
          URI.create("https://api.bybit.com"),
          BybitDecoder::new,
          BybitRest::new,
          BybitStream::new),
      new Entry(
          "coingecko",
          URI.create("https://api.coingecko.com"),
          CoinGeckoDecoder::new,
          CoinGecko::new),
      new Entry(
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
    return allWires().map(Wire::name).toList();
  }

  public static Optional<WireDecoder> decoder(String wire) {
    return allWires()
        .filter(w -> w.name().equals(wire))
        .findFirst()
        .map(w -> w.decoder().get());
  }

  private static Stream<Wire> allWires() {
    return ENTRIES.stream().flatMap(entry -> entry.wires().stream());
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

package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How the simulated venues are set up. Immutable; `with…` gives a changed copy.
///
/// @param host a loopback address: what is simulated stays on this machine
/// @param consolePort of the console, 0 for any free port
/// @param ports by venue name; a venue that is missing here takes any free port
/// @param seed of the market and of what faults draw
/// @param symbols that the market lists, spot
/// @param clock wall time
/// @param binanceWeightPerMinute 0 for no limit; the venue's own is 6000 (its rateLimits, 2026)
/// @param coingeckoCallsPerMinute 0 for no limit; the Demo plan's is 100 (documentation of 2026)
/// @param coingeckoUpdateEvery how often the aggregate moves; at the venue every 30 to 60 s
/// @param exchangeLimits whether Coinbase, Kraken, OKX and Bybit count requests, each in its way
/// @param recordings by venue name, tried in order
/// @param tradesPerSecond of an average second, at every venue, with bursts, quiet hours and (at
///     Binance) halts; a symbol that is missing here has a steady few
/// @param streams what the venues tell over WebSocket
public record VenuesConfig(
    String host,
    int consolePort,
    Map<String, Integer> ports,
    long seed,
    List<Symbol> symbols,
    InstantSource clock,
    int binanceWeightPerMinute,
    int coingeckoCallsPerMinute,
    Duration coingeckoUpdateEvery,
    boolean exchangeLimits,
    Map<String, List<Recording>> recordings,
    Map<Symbol, Integer> tradesPerSecond,
    StreamsConfig streams) {
  /// The simulated venues, in the order of their ports.
  public static final List<String> VENUES = List.of(
      "binance",
      "coingecko",
      "alternative_me",
      "coinbase_exchange",
      "coinbase_advanced",
      "kraken",
      "okx",
      "bybit");

  /// Those that have streams.
  public static final List<String> STREAMING = List.of("binance", "coinbase_exchange");

  /// More is a matter of [Venues#flood].
  public static final int MOST_TRADES_PER_SECOND = 2_000;

  /// Port of the console in a demonstration; the venues take the ports after it.
  public static final int DEFAULT_PORT = 8_090;

  public static final List<Symbol> DEFAULT_SYMBOLS = List.of(
      Symbol.of("BTC/USDT"),
      Symbol.of("ETH/USDT"),
      Symbol.of("BNB/USDT"),
      Symbol.of("SOL/USDT"),
      Symbol.of("XRP/USDT"),
      Symbol.of("DOGE/USDT"),
      Symbol.of("ADA/USDT"),
      Symbol.of("LTC/USDT"),
      Symbol.of("ETH/BTC"));

  public VenuesConfig {
    ports = Map.copyOf(ports);
    symbols = List.copyOf(symbols);
    recordings = Map.copyOf(recordings);
    tradesPerSecond = Map.copyOf(tradesPerSecond);
    tradesPerSecond.forEach((symbol, rate) -> {
      if (rate < BurstyPace.LEAST_AVERAGE || rate > MOST_TRADES_PER_SECOND) {
        throw new IllegalArgumentException("trades per second of %s: must be %d to %d, was %d"
            .formatted(symbol, BurstyPace.LEAST_AVERAGE, MOST_TRADES_PER_SECOND, rate));
      }
    });
    checkNames("ports", ports);
    checkNames("recordings", recordings);
    for (String venue : streams.sessions().keySet()) {
      if (!STREAMING.contains(venue)) {
        throw new IllegalArgumentException(
            "sessions: must name one of %s, was %s".formatted(STREAMING, venue));
      }
    }
    if (!coingeckoUpdateEvery.isPositive()) {
      throw new IllegalArgumentException(
          "coingeckoUpdateEvery: must be positive, was " + coingeckoUpdateEvery);
    }
    if (binanceWeightPerMinute < 0 || coingeckoCallsPerMinute < 0) {
      throw new IllegalArgumentException(
          "limits per minute: must be 0 (none) or more, were %d and %d"
              .formatted(binanceWeightPerMinute, coingeckoCallsPerMinute));
    }
    try {
      if (!InetAddress.getByName(host).isLoopbackAddress()) {
        throw new IllegalArgumentException("host: must be a loopback address, was " + host);
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("host: must be a loopback address, was " + host, e);
    }
  }

  /// With the streams as they are by default.
  public VenuesConfig(
      String host,
      int consolePort,
      Map<String, Integer> ports,
      long seed,
      List<Symbol> symbols,
      InstantSource clock,
      int binanceWeightPerMinute,
      int coingeckoCallsPerMinute,
      Duration coingeckoUpdateEvery,
      boolean exchangeLimits,
      Map<String, List<Recording>> recordings) {
    this(
        host,
        consolePort,
        ports,
        seed,
        symbols,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        Map.of(),
        StreamsConfig.DEFAULT);
  }

  /// All on free ports, default symbols, seed 1, no limits lifted, nothing recorded.
  public static VenuesConfig onFreePorts(InstantSource clock) {
    return new VenuesConfig(
        "127.0.0.1",
        0,
        Map.of(),
        1,
        DEFAULT_SYMBOLS,
        clock,
        6_000,
        100,
        Duration.ofSeconds(5),
        true,
        Map.of(),
        Map.of(),
        StreamsConfig.DEFAULT);
  }

  /// The console on `base`, the venues on the ports after it in the order of [#VENUES].
  public VenuesConfig fromPort(int base) {
    Map<String, Integer> after = new LinkedHashMap<>();
    for (int i = 0; i < VENUES.size(); i++) {
      after.put(VENUES.get(i), base + 1 + i);
    }
    return new VenuesConfig(
        host,
        base,
        after,
        seed,
        symbols,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        tradesPerSecond,
        streams);
  }

  public VenuesConfig withSeed(long other) {
    return new VenuesConfig(
        host,
        consolePort,
        ports,
        other,
        symbols,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        tradesPerSecond,
        streams);
  }

  public VenuesConfig withSymbols(List<Symbol> other) {
    return new VenuesConfig(
        host,
        consolePort,
        ports,
        seed,
        other,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        tradesPerSecond,
        streams);
  }

  /// 0 for no limit.
  public VenuesConfig withLimits(int binanceWeight, int coingeckoCalls) {
    return new VenuesConfig(
        host,
        consolePort,
        ports,
        seed,
        symbols,
        clock,
        binanceWeight,
        coingeckoCalls,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        tradesPerSecond,
        streams);
  }

  /// For load tests: nobody counts requests.
  public VenuesConfig withoutLimits() {
    return new VenuesConfig(
        host,
        consolePort,
        ports,
        seed,
        symbols,
        clock,
        0,
        0,
        coingeckoUpdateEvery,
        false,
        recordings,
        tradesPerSecond,
        streams);
  }

  public VenuesConfig withRecordings(String venue, List<Recording> of) {
    Map<String, List<Recording>> more = new LinkedHashMap<>(recordings);
    more.put(venue, List.copyOf(of));
    return new VenuesConfig(
        host,
        consolePort,
        ports,
        seed,
        symbols,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        more,
        tradesPerSecond,
        streams);
  }

  /// At every venue that lists the symbol.
  ///
  /// @param average 10 to [#MOST_TRADES_PER_SECOND]
  public VenuesConfig withTradesPerSecond(Symbol symbol, int average) {
    Map<Symbol, Integer> more = new LinkedHashMap<>(tradesPerSecond);
    more.put(symbol, average);
    return new VenuesConfig(
        host,
        consolePort,
        ports,
        seed,
        symbols,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        more,
        streams);
  }

  public VenuesConfig withStreams(StreamsConfig other) {
    return new VenuesConfig(
        host,
        consolePort,
        ports,
        seed,
        symbols,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        tradesPerSecond,
        other);
  }

  private static void checkNames(String field, Map<String, ?> byName) {
    for (String name : byName.keySet()) {
      if (!VENUES.contains(name)) {
        throw new IllegalArgumentException(
            "%s: must name one of %s, was %s".formatted(field, VENUES, name));
      }
    }
  }
}

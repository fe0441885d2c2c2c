package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the simulated venues are set up. Immutable; `with…` gives a changed copy.
///
/// @param host a loopback address: what is simulated stays on this machine
/// @param consolePort of the console, 0 for any free port
/// @param ports by name; a venue or line that is missing here takes any free port
/// @param seed of the market and of what faults draw
/// @param symbols that the market lists, spot
/// @param clock wall time
/// @param binanceWeightPerMinute 0 for no limit; the venue's own is 6000 (its rateLimits, 2026)
/// @param coingeckoCallsPerMinute 0 for no limit; the Demo plan's is 100 (documentation of 2026)
/// @param coingeckoUpdateEvery how often the aggregate moves; at the venue every 30 to 60 s
/// @param exchangeLimits whether Coinbase, Kraken, OKX and Bybit count requests, each in its way
/// @param recordings by name, tried in order; a line without any has its venue's
/// @param tradesPerSecond of an average second, at every venue, with bursts, quiet hours and (at
///     Binance) halts; a symbol that is missing here has a steady few
/// @param streams what the venues tell over WebSocket
/// @param servers which venues and lines run
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
    StreamsConfig streams,
    Servers servers) {
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
  public static final List<String> STREAMING =
      List.of("binance", "coinbase_exchange", "kraken", "okx", "bybit");

  /// More is a matter of [Venues#flood].
  public static final int MOST_TRADES_PER_SECOND = 2_000;

  /// Port of the console in a demonstration; the venues and lines take the ports after it.
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
    checkNames("ports", VENUES, ports, servers);
    checkNames("recordings", VENUES, recordings, servers);
    checkNames("sessions", STREAMING, streams.sessions(), servers);
    checkNames("connections", STREAMING, streams.connections(), servers);
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
        StreamsConfig.DEFAULT,
        Servers.ALL);
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
        StreamsConfig.DEFAULT,
        Servers.ALL);
  }

  /// The console on `base`, the venues and then the lines on the ports after it in the order of
  /// [Servers#names].
  public VenuesConfig fromPort(int base) {
    Map<String, Integer> after = new LinkedHashMap<>();
    for (String name : servers.names()) {
      after.put(name, base + 1 + after.size());
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
        streams,
        servers);
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
        streams,
        servers);
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
        streams,
        servers);
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
        streams,
        servers);
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
        streams,
        servers);
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
        streams,
        servers);
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
        streams,
        servers);
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
        other,
        servers);
  }

  /// Further servers of a venue with streams, such as `binance_2`: each the same market, with a
  /// port, limits and faults of its own. Before [#fromPort], which gives them theirs.
  public VenuesConfig withLines(String venue, String... names) {
    return with(servers.with(venue, List.of(names)), ports);
  }

  /// No more than these, for a process that is one line of one venue.
  public VenuesConfig withServers(Servers other) {
    return with(other, ports);
  }

  /// Of one venue or line; 0 for any free one.
  public VenuesConfig withPort(String name, int port) {
    Map<String, Integer> more = new LinkedHashMap<>(ports);
    more.put(name, port);
    return with(servers, more);
  }

  private VenuesConfig with(Servers otherServers, Map<String, Integer> otherPorts) {
    return new VenuesConfig(
        host,
        consolePort,
        otherPorts,
        seed,
        symbols,
        clock,
        binanceWeightPerMinute,
        coingeckoCallsPerMinute,
        coingeckoUpdateEvery,
        exchangeLimits,
        recordings,
        tradesPerSecond,
        streams,
        otherServers);
  }

  /// What a line does not have itself it has from its venue.
  <T> @Nullable T forServer(Map<String, T> byName, String name) {
    T own = byName.get(name);
    return own != null ? own : byName.get(servers.venueOf(name));
  }

  private static void checkNames(
      String field, List<String> venues, Map<String, ?> byName, Servers servers) {
    for (String name : byName.keySet()) {
      if (!venues.contains(name) && !servers.lines().containsKey(name)) {
        throw new IllegalArgumentException(
            "%s: must name one of %s or a line, was %s".formatted(field, venues, name));
      }
    }
  }
}

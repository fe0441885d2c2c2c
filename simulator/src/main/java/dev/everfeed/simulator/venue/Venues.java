package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.fault.Console;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.fault.VenueStatus;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All simulated venues and their console on loopback, started and ended together.
///
/// Each venue and each line has its own port and listener; all run on the one event loop of
/// their own Vert.x, so the simulator takes at most one core. The methods here are for any
/// thread but that one, and block for at most 10 s.
public final class Venues implements AutoCloseable {
  private static final long WAIT_SECONDS = 10;

  private final Vertx vertx;
  private final Context loop;
  private final Map<String, VenueServer> servers;

  // Held here because Vert.x closes a server that nobody refers to any more.
  private final Console console;
  private final URI consoleUrl;

  private Venues(
      Vertx vertx,
      Context loop,
      Map<String, VenueServer> servers,
      Console console,
      URI consoleUrl) {
    this.vertx = vertx;
    this.loop = loop;
    this.servers = servers;
    this.console = console;
    this.consoleUrl = consoleUrl;
  }

  /// Completes when all of them listen.
  ///
  /// @throws IOException when one cannot; nothing is left running then
  public static Venues start(VenuesConfig config) throws IOException {
    Vertx vertx = Vertx.vertx(new VertxOptions()
        .setEventLoopPoolSize(1)
        .setWorkerPoolSize(1)
        .setInternalBlockingPoolSize(1));
    Context loop = vertx.getOrCreateContext();
    Map<String, VenueServer> servers = new LinkedHashMap<>();
    try {
      var market = new SimulatedMarket(config.seed(), config.symbols(), config.tradesPerSecond());
      Map<Exchange, ExchangeMarket> exchanges = new EnumMap<>(Exchange.class);
      for (Exchange exchange : Exchange.values()) {
        exchanges.put(exchange, new ExchangeMarket(market, exchange));
      }
      for (String name : config.servers().names()) {
        VenueServer server = reserve(vertx, config, offer(config, name, market, exchanges));
        servers.put(name, server);
        await(loop, "%s: cannot listen on %s".formatted(name, server.url()), server::listen);
      }
      var console = new Console(vertx, List.copyOf(servers.values()));
      int port = await(
          loop,
          "console: cannot listen on %s port %d".formatted(config.host(), config.consolePort()),
          () -> console.listen(config.host(), config.consolePort()));
      URI url = URI.create("http://%s:%d".formatted(config.host(), port));
      return new Venues(vertx, loop, servers, console, url);
    } catch (IOException | RuntimeException e) {
      close(vertx, servers);
      throw e;
    }
  }

  /// What a venue or a line of it serves, with limits of its own.
  private static Offer offer(
      VenuesConfig config,
      String name,
      SimulatedMarket market,
      Map<Exchange, ExchangeMarket> exchanges) {
    String venue = config.servers().venueOf(name);
    Session session = config.forServer(config.streams().sessions(), name);
    List<Recording> recordings = config.forServer(config.recordings(), name);
    return new Offer(
        name,
        venue(config, venue, market, exchanges),
        streams(config, venue, market, exchanges, session != null),
        session,
        config.streams().connections().getOrDefault(name, ConnectionLimit.NONE),
        recordings == null ? List.of() : recordings);
  }

  private static Venue venue(
      VenuesConfig config,
      String name,
      SimulatedMarket market,
      Map<Exchange, ExchangeMarket> exchanges) {
    boolean limited = config.exchangeLimits();
    return switch (name) {
      case "binance" -> new BinanceVenue(market, config.binanceWeightPerMinute());
      case "coingecko" ->
        new CoinGeckoVenue(
            // One of its own: a halt at Binance does not stop an aggregate.
            new SimulatedMarket(config.seed(), config.symbols(), config.tradesPerSecond()),
            config.coingeckoCallsPerMinute(),
            config.coingeckoUpdateEvery());
      case "alternative_me" -> new AlternativeMeVenue(config.seed());
      case "coinbase_exchange" ->
        new CoinbaseExchangeVenue(of(exchanges, Exchange.COINBASE), limited);
      case "coinbase_advanced" ->
        new CoinbaseAdvancedVenue(of(exchanges, Exchange.COINBASE), limited);
      case "kraken" -> new KrakenVenue(of(exchanges, Exchange.KRAKEN), limited);
      case "okx" -> new OkxVenue(of(exchanges, Exchange.OKX), limited);
      case "bybit" ->
        new BybitVenue(
            of(exchanges, Exchange.BYBIT), of(exchanges, Exchange.BYBIT_LINEAR), limited);
      default -> throw new IllegalArgumentException("no simulated venue \"" + name + "\"");
    };
  }

  private static ExchangeMarket of(Map<Exchange, ExchangeMarket> exchanges, Exchange exchange) {
    return Objects.requireNonNull(exchanges.get(exchange), exchange.text());
  }

  /// Null for a venue without streams.
  private static @Nullable StreamVenue streams(
      VenuesConfig config,
      String venue,
      SimulatedMarket market,
      Map<Exchange, ExchangeMarket> exchanges,
      boolean recorded) {
    long life = config.streams().life().toMillis();
    return switch (venue) {
      case "binance" ->
        new BinanceStreams(
            market, BinanceStreams.habits(life), config.binanceWeightPerMinute() > 0);
      case "coinbase_exchange" ->
        new CoinbaseStreams(
            of(exchanges, Exchange.COINBASE),
            CoinbaseStreams.habits(life),
            recorded,
            config.exchangeLimits());
      case "kraken" ->
        new KrakenStreams(
            of(exchanges, Exchange.KRAKEN),
            KrakenStreams.habits(life),
            recorded,
            config.exchangeLimits());
      case "okx" ->
        new OkxStreams(
            of(exchanges, Exchange.OKX),
            OkxStreams.habits(life),
            recorded,
            config.exchangeLimits());
      case "bybit" ->
        new BybitStreams(
            of(exchanges, Exchange.BYBIT),
            BybitStreams.habits(life),
            recorded,
            config.exchangeLimits());
      default -> null;
    };
  }

  /// Scheme, host and port of a venue, without a path: `http://127.0.0.1:8091`.
  public URI baseUrl(String venue) {
    return server(venue).url();
  }

  /// All of them by name.
  public Map<String, URI> baseUrls() {
    Map<String, URI> urls = new LinkedHashMap<>();
    servers.forEach((name, server) -> urls.put(name, server.url()));
    return urls;
  }

  public URI console() {
    return consoleUrl;
  }

  /// Returns when the fault is in force; it replaces the one before it.
  public VenueStatus fault(String venue, FaultOrder order) throws IOException {
    return await(loop, venue + ": " + order.kind(), () -> server(venue).apply(order));
  }

  public VenueStatus heal(String venue) throws IOException {
    return await(loop, venue + ": cannot heal", () -> server(venue).heal());
  }

  /// Pours trades into the stream of one symbol at one venue or line; replaces its flood before
  /// it. The identifiers begin anew with each flood.
  ///
  /// @param framesPerSecond 1 to [Flood#MOST_PER_SECOND]
  public Flood flood(String name, Symbol symbol, int framesPerSecond) throws IOException {
    return flood(name, List.of(server(name)), symbol, framesPerSecond);
  }

  /// The same at a venue and all its lines at once: each tells the same trades, with the same
  /// ids, due at the same moments.
  public Flood floodLines(String venue, Symbol symbol, int framesPerSecond) throws IOException {
    return flood(venue, lines(venue), symbol, framesPerSecond);
  }

  private Flood flood(String name, List<VenueServer> lines, Symbol symbol, int framesPerSecond)
      throws IOException {
    return await(loop, name + ": flood", () -> {
      long start = lines.getFirst().streams().nowMillis();
      var flood = new Flood(name, symbol, framesPerSecond, Flood.FIRST_ID, start);
      lines.forEach(line -> line.streams().flood(flood));
      return Future.succeededFuture(flood);
    });
  }

  /// Does nothing where there is no flood.
  public void endFlood(String name) throws IOException {
    endFloods(name, List.of(server(name)));
  }

  /// At a venue and all its lines.
  public void endFloodLines(String venue) throws IOException {
    endFloods(venue, lines(venue));
  }

  private void endFloods(String name, List<VenueServer> lines) throws IOException {
    await(loop, name + ": flood", () -> {
      lines.forEach(line -> line.streams().endFlood());
      return Future.succeededFuture();
    });
  }

  /// The venue's own server, if it runs, and its lines.
  private List<VenueServer> lines(String venue) {
    List<VenueServer> lines = servers.values().stream()
        .filter(server -> server.venueName().equals(venue))
        .toList();
    return lines.isEmpty() ? List.of(server(venue)) : lines;
  }

  public List<VenueStatus> status() throws IOException {
    return await(loop, "status", () -> {
      List<VenueStatus> all = new ArrayList<>();
      servers.values().forEach(server -> all.add(server.status()));
      return Future.succeededFuture(all);
    });
  }

  public VenueStatus status(String venue) throws IOException {
    return await(loop, "status", () -> Future.succeededFuture(server(venue).status()));
  }

  @Override
  public void close() throws IOException {
    close(vertx, servers);
  }

  @Override
  public String toString() {
    return "%s with %s of %s"
        .formatted(servers.keySet(), console.getClass().getSimpleName(), consoleUrl);
  }

  private VenueServer server(String venue) {
    VenueServer server = servers.get(venue);
    if (server == null) {
      throw new IllegalArgumentException(
          "no simulated venue \"%s\"; there are: %s".formatted(venue, servers.keySet()));
    }
    return server;
  }

  private static VenueServer reserve(Vertx vertx, VenuesConfig config, Offer offer)
      throws IOException {
    String name = offer.name();
    int port = config.ports().getOrDefault(name, 0);
    try {
      return new VenueServer(
          vertx,
          offer,
          config.host(),
          port,
          config.clock(),
          Noise.hash(config.seed(), Noise.hash(name)));
    } catch (IOException e) {
      throw new IOException(
          "%s: cannot listen on %s port %d: %s; end what listens there or choose another port"
              .formatted(name, config.host(), port, e.getMessage()),
          e);
    }
  }

  private static <T> T await(Context loop, String what, Supplier<Future<T>> work)
      throws IOException {
    var done = Promise.<T>promise();
    loop.runOnContext(_ -> {
      try {
        work.get().onComplete(done);
      } catch (RuntimeException e) {
        done.fail(e);
      }
    });
    try {
      return done.future()
          .toCompletionStage()
          .toCompletableFuture()
          .get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof IllegalArgumentException mistake) {
        throw mistake;
      }
      throw new IOException(what + ": " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new IOException(what + ": not done after %d s".formatted(WAIT_SECONDS), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(what + ": interrupted", e);
    }
  }

  private static void close(Vertx vertx, Map<String, VenueServer> servers) throws IOException {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the simulated venues did not end cleanly", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      for (VenueServer server : servers.values()) {
        server.release();
      }
    }
  }
}

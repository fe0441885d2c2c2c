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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All simulated venues and their console on loopback, started and ended together.
///
/// Each venue has its own port and listener; all run on the one event loop of their own Vert.x,
/// so the simulator takes at most one core. The methods here are for any thread but that one,
/// and block for at most 10 s.
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
      var coinbase = new ExchangeMarket(market, Exchange.COINBASE);
      Map<String, StreamVenue> streams = streams(config, market, coinbase);
      for (Venue venue : venues(config, market, coinbase)) {
        String name = venue.name();
        VenueServer server = reserve(vertx, config, venue, streams.get(name));
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

  /// In the order of [VenuesConfig#VENUES].
  private static List<Venue> venues(
      VenuesConfig config, SimulatedMarket market, ExchangeMarket coinbase) {
    boolean limited = config.exchangeLimits();
    return List.of(
        new BinanceVenue(market, config.binanceWeightPerMinute()),
        new CoinGeckoVenue(market, config.coingeckoCallsPerMinute(), config.coingeckoUpdateEvery()),
        new AlternativeMeVenue(config.seed()),
        new CoinbaseExchangeVenue(coinbase, limited),
        new CoinbaseAdvancedVenue(coinbase, limited),
        new KrakenVenue(new ExchangeMarket(market, Exchange.KRAKEN), limited),
        new OkxVenue(new ExchangeMarket(market, Exchange.OKX), limited),
        new BybitVenue(
            new ExchangeMarket(market, Exchange.BYBIT),
            new ExchangeMarket(market, Exchange.BYBIT_LINEAR),
            limited));
  }

  /// By the name of the venue.
  private static Map<String, StreamVenue> streams(
      VenuesConfig config, SimulatedMarket market, ExchangeMarket coinbase) {
    long life = config.streams().life().toMillis();
    return Map.of(
        "binance",
        new BinanceStreams(
            market, BinanceStreams.habits(life), config.binanceWeightPerMinute() > 0),
        "coinbase_exchange",
        new CoinbaseStreams(
            coinbase,
            CoinbaseStreams.habits(life),
            config.streams().sessions().containsKey("coinbase_exchange"),
            config.exchangeLimits()));
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

  /// Pours trades into the stream of one symbol; replaces the venue's flood before it. The
  /// identifiers begin anew with each flood.
  ///
  /// @param framesPerSecond 1 to [Flood#MOST_PER_SECOND]
  public Flood flood(String venue, Symbol symbol, int framesPerSecond) throws IOException {
    return await(
        loop,
        venue + ": flood",
        () ->
            Future.succeededFuture(server(venue).streams().flood(venue, symbol, framesPerSecond)));
  }

  /// Does nothing where there is no flood.
  public void endFlood(String venue) throws IOException {
    await(loop, venue + ": flood", () -> {
      server(venue).streams().endFlood();
      return Future.succeededFuture();
    });
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

  private static VenueServer reserve(
      Vertx vertx, VenuesConfig config, Venue venue, @Nullable StreamVenue streams)
      throws IOException {
    String name = venue.name();
    int port = config.ports().getOrDefault(name, 0);
    try {
      return new VenueServer(
          vertx,
          venue,
          streams,
          config.streams().sessions().get(name),
          config.recordings().getOrDefault(name, List.of()),
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

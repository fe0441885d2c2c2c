package dev.everfeed.benchmarks.load;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.hub.api.SourceView;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.Hub;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.fault.VenueStatus;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// A hub in this process in front of simulated venues without limits, over real sockets. The
/// schedule runs once at the start and then once a day, so that all later calls are the
/// readers'.
public final class Stage implements AutoCloseable {
  public static final List<String> SYMBOLS = List.of(
      "BTC/USDT",
      "ETH/USDT",
      "BNB/USDT",
      "SOL/USDT",
      "XRP/USDT",
      "DOGE/USDT",
      "ADA/USDT",
      "LTC/USDT");
  private static final long LOOK_EVERY_NANOS = 20_000_000L;
  private static final long UP_WITHIN_NANOS = Duration.ofSeconds(20).toNanos();

  private final Venues venues;
  private final Hub hub;

  /// @param calls by the hub's own count, of both providers of prices, probes not counted
  /// @param requests that the two venues have read, of any kind
  public record Upstream(long calls, long requests) {
    public Upstream since(Upstream before) {
      return new Upstream(calls - before.calls, requests - before.requests);
    }
  }

  private Stage(Venues venues, Hub hub) {
    this.venues = venues;
    this.hub = hub;
  }

  /// @param more lines of configuration
  public static Stage set(String more) throws IOException, InterruptedException {
    Venues venues =
        Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withLimits(0, 0));
    try {
      Stage stage = new Stage(venues, Hub.start(settings(venues, more)));
      long until = System.nanoTime() + UP_WITHIN_NANOS;
      while (stage.hub.view().lastRun() == null) {
        if (System.nanoTime() > until) {
          stage.close();
          throw new IOException("the hub's first run did not end within 20 s");
        }
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
      return stage;
    } catch (IOException | RuntimeException e) {
      venues.close();
      throw e;
    }
  }

  private static Settings settings(Venues venues, String more) {
    return Settings.parse(
        """
        http: {port: 0, max_connections: 5000}
        stream: {enabled: false}
        store: {enabled: false}
        symbols: %s
        sources:
          binance: {base_url: "%s", weight_limit: 1000000}
          coingecko: {base_url: "%s", weight_limit: 1000000}
          alternative_me: {base_url: "%s"}
        refresh: {every: 1d, intervals: []}
        %s
        """.formatted(
                SYMBOLS,
                venues.baseUrl("binance"),
                venues.baseUrl("coingecko"),
                venues.baseUrl("alternative_me"),
                more),
        Map.of());
  }

  public Hub hub() {
    return hub;
  }

  public void fault(String venue, FaultOrder order) throws IOException {
    venues.fault(venue, order);
  }

  public Upstream upstream() throws IOException {
    long calls = 0;
    for (SourceView source : hub.view().sources()) {
      GuardSnapshot guard = source.guard();
      if (!source.id().name().equals("alternative_me")) {
        calls += guard.successCount() + guard.failureCount();
      }
    }
    long requests = 0;
    for (VenueStatus venue : venues.status()) {
      requests += venue.name().equals("alternative_me") ? 0 : venue.requests();
    }
    return new Upstream(calls, requests);
  }

  public boolean circuitsOpen() {
    return hub.view().sources().stream()
        .filter(source -> !source.id().name().equals("alternative_me"))
        .allMatch(source -> source.guard().state() == CircuitBreaker.State.OPEN);
  }

  /// `/v1/price` of each symbol in turn.
  public static String price(int number) {
    return "/v1/price?symbol=" + SYMBOLS.get(number % SYMBOLS.size());
  }

  /// Waits until the hub has looked at itself again: its view is renewed four times a second.
  public static void settle() throws InterruptedException {
    Thread.sleep(Duration.ofMillis(600));
  }

  @Override
  public void close() throws IOException {
    hub.close();
    venues.close();
  }
}

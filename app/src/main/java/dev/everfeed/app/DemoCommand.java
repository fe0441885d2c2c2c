package dev.everfeed.app;

import dev.everfeed.hub.config.FailoverSettings;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.RouteSettings;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.runtime.Hub;
import dev.everfeed.hub.telemetry.Logging;
import dev.everfeed.simulator.venue.Servers;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `demo`: simulated venues and a hub in front of them, on loopback, without keys or network.
@Command(
    name = "demo",
    description = "Runs simulated venues and a hub on loopback: no keys, no network.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);

  /// The simulated one takes 10 requests at once. Its window is 3 s, in which it would take more
  /// from far away, where each request lasts; on loopback nothing slows them down.
  private static final String COINBASE = ", weight_limit: 10";

  /// Every venue, and two more lines of the one that is asked first.
  static final Servers SERVERS = new Servers(VenuesConfig.VENUES, lines());

  /// The best first.
  private static final String STANDBY = """
      coinbase_exchange: {standby: hot}
      kraken: {standby: warm}
      okx: {standby: cold}
      bybit: {standby: cold}
      """;

  private static final int LAST_VENUES_PORT = 65_535 - SERVERS.names().size();

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "The hub's port, 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--venues-port",
      defaultValue = "8090",
      description =
          "The console's port, 0 for free ones; the venues and lines have the next ones (default: ${DEFAULT-VALUE}).")
  private int venuesPort;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the simulated market (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = DataFolders.DEMO,
      description =
          "Folder for what the demo keeps; \"none\" keeps nothing (default: ${DEFAULT-VALUE}).")
  private String data = DataFolders.DEMO;

  @Option(
      names = "--fetch",
      paramLabel = "MODE",
      defaultValue = "primary",
      converter = FetchOfWord.class,
      completionCandidates = FetchWords.class,
      description =
          "From how many exchanges bars are fetched and stored: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private RouteSettings.Route.Fetch fetch = RouteSettings.Route.Fetch.PRIMARY;

  @Option(
      names = "--policy",
      paramLabel = "POLICY",
      defaultValue = "immediate",
      converter = PolicyOfWord.class,
      description =
          "When instruments leave a gateway that ails: immediate delayed manual shadow (default: ${DEFAULT-VALUE}).")
  private FailoverSettings.Policy policy = FailoverSettings.Policy.IMMEDIATE;

  @Option(names = "--log", paramLabel = "FORMAT", description = "text or json (ECS).")
  private @Nullable String log;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    if (venuesPort < 0 || venuesPort > LAST_VENUES_PORT) {
      throw new ParameterException(
          spec.commandLine(),
          "--venues-port must be 0 to %d, because the venues and lines take the ports after it; was %d"
              .formatted(LAST_VENUES_PORT, venuesPort));
    }
    PrintWriter out = spec.commandLine().getOut();
    Logging.configure(Settings.Log.Format.TEXT, Settings.Log.Level.WARN);
    try (RunningUntilStopped running = new RunningUntilStopped()) {
      VenuesConfig config =
          VenuesConfig.onFreePorts(InstantSource.system()).withSeed(seed).withServers(SERVERS);
      Venues venues =
          running.closing(Venues.start(venuesPort == 0 ? config : config.fromPort(venuesPort)));
      Map<String, String> environment = new HashMap<>(System.getenv());
      // Simulated prices do not go where some other program keeps its own.
      environment.remove("DATABASE_URL");
      if (log != null) {
        environment.put("EVERFEED_LOG_FORMAT", log);
      }
      List<Mistake> ignored = new ArrayList<>();
      Settings settings = Settings.parse(configuration(venues), environment, ignored::add);
      Logging.configure(settings.log().format(), settings.log().level());
      ignored.forEach(mistake -> LOG.warn("demo: left out: {}", mistake));
      Hub hub = running.closing(Hub.start(settings));
      out.print(welcome(
          "http://127.0.0.1:" + hub.port(), hub.zeromqPort(), venues.console().toString()));
      out.flush();
      running.await(() -> {
        out.println("everfeed: stopped");
        out.flush();
      });
    } catch (IOException e) {
      spec.commandLine().getErr().println("everfeed: " + e.getMessage());
      return Everfeed.TAKEN;
    }
    return 0;
  }

  /// As a user would write it, with cooldowns short enough to watch.
  private String configuration(Venues venues) {
    String sources = VenuesConfig.VENUES.stream()
        .map(venue -> "  %s: {base_url: \"%s\"%s}"
            .formatted(venue, venues.baseUrl(venue), venue.startsWith("coinbase") ? COINBASE : ""))
        .collect(Collectors.joining("\n"));
    return """
        http: {port: %d}
        data_dir: "%s"
        store: {enabled: %s}
        symbols: [BTC/USDT, ETH/USDT, SOL/USDT, BNB/USDT]
        sources:
        %s
        stream:
          build: [1s]
          gateways:
        %s
          failover: {policy: %s, cooldown: 5s, fail_back_after: 5s, probation: 2s, canary_after: 15s}
        breaker: {open: 4s, open_max: 15s}
        routes:
          prices: {stale_after: 15s}
          bars: {fetch: %s, fresh_for: 2s, stale_while_revalidate: 0s}
        refresh: {every: 2s, intervals: [1m, 1h], bars: 200, bars_every: 20s, trades_every: 20s, sentiment_every: 30s}
        """.formatted(
            port,
            data.replace("\\", "\\\\").replace("\"", "\\\""),
            !data.equals("none"),
            sources,
            gateways(venues),
            policy.name().toLowerCase(Locale.ROOT),
            fetch.text());
  }

  /// Three lines of one venue, and four other venues, each of which stands by in another way.
  /// One is listened to as well: its events are witnesses, and it can take over at once.
  private static String gateways(Venues venues) {
    List<String> lines = new ArrayList<>(SERVERS.lines().keySet());
    lines.addFirst("binance");
    String ofBinance = lines.stream()
        .map(line -> "    %s: {source: binance, stream_url: \"%s\", standby: hot}"
            .formatted(line, venues.baseUrl(line).toString().replaceFirst("^http", "ws")))
        .collect(Collectors.joining("\n"));
    return ofBinance + "\n" + STANDBY.indent(4).stripTrailing();
  }

  private String welcome(String hub, int zeromq, String console) {
    String consoleOption = venuesPort == VenuesConfig.DEFAULT_PORT ? "" : " --console " + console;
    return """

        Everfeed demo: a hub in front of eight simulated venues: five exchanges (binance, coinbase by two
        doors, kraken, okx, bybit), coingecko and alternative_me. Bars are fetched: %4$s (--fetch).
          open   %1$s                      what there is
                 %1$s/health/scheduler     how the sources are
                 %2$s                      the venues and their faults
          read   ws://%7$s/v1/stream  trades, quotes and bars as they happen%6$s
          try    curl '%1$s/v1/price?symbol=BTC/USDT'
                 curl '%1$s/v1/bars?symbol=BTC/USDT&interval=1m&limit=3'
                 curl '%1$s/v1/bars?symbol=BTC/USDT&interval=1m&limit=3&exchange=all'
                 ./everfeed fault binance refuse%3$s
                 curl '%1$s/v1/price?symbol=BTC/USDT'
                 ./everfeed heal binance%3$s
                 ./everfeed fault binance silent --for 20s%3$s    a line falls silent: nothing is lost
                 curl '%1$s/health/gateways'
                 ./everfeed sql "SELECT exchange, symbol, interval, COUNT(*) FROM ohlcv GROUP BY 1, 2, 3"
        Venues: %5$s
        Streamed: binance (three lines, hot), else coinbase_exchange (hot), kraken (warm), okx and bybit (cold)
        Lines of binance, the same market again, each with faults of its own: %8$s
        Faults: refuse reset blackhole slow 5xx 429 html truncated wrong-price frozen skew, of streams gap
        duplicate reorder stall silent lag half-open disconnect halt ... (./everfeed fault --help)
        Ctrl-C stops everything.

        """.formatted(
            hub,
            console,
            consoleOption,
            fetch.text(),
            String.join(" ", VenuesConfig.VENUES),
            zeromq < 0 ? "" : ", also on ZeroMQ at tcp://127.0.0.1:" + zeromq,
            hub.substring("http://".length()),
            String.join(" ", SERVERS.lines().keySet()));
  }

  /// In the order of their ports.
  private static Map<String, String> lines() {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("binance_2", "binance");
    lines.put("binance_3", "binance");
    return lines;
  }

  static final class FetchOfWord implements ITypeConverter<RouteSettings.Route.Fetch> {
    @Override
    public RouteSettings.Route.Fetch convert(String word) {
      return Arrays.stream(RouteSettings.Route.Fetch.values())
          .filter(mode -> mode.text().equals(word))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException(
              "must be one of %s, was %s".formatted(String.join(" ", new FetchWords()), word)));
    }
  }

  static final class PolicyOfWord implements ITypeConverter<FailoverSettings.Policy> {
    @Override
    public FailoverSettings.Policy convert(String word) {
      return Arrays.stream(FailoverSettings.Policy.values())
          .filter(policy -> policy.name().toLowerCase(Locale.ROOT).equals(word))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException(
              "must be immediate, delayed, manual or shadow, was " + word));
    }
  }

  static final class FetchWords implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(RouteSettings.Route.Fetch.values())
          .map(RouteSettings.Route.Fetch::text)
          .iterator();
    }
  }
}

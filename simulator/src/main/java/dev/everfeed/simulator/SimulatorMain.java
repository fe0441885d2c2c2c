package dev.everfeed.simulator;

import dev.everfeed.core.model.Symbol;
import dev.everfeed.simulator.venue.Servers;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Runs the simulated venues alone. Ends with the process.
///
/// | argument | means |
/// |---|---|
/// | `--seed N` | of the market, default 1 |
/// | `--port-base N` | of the console, default 8090, the venues after it; 0 for free ports |
/// | `--venue NAME` | this venue; may be repeated; the others do not run then |
/// | `--line NAME=VENUE` | a further server of a venue; may be repeated; venues that are not named
/// do not run then |
/// | `--port N` | of the one venue or line that runs; the console has a free one, unless
/// `--port-base` is given |
/// | `--symbol SYMBOL` or `--symbol SYMBOL=N` | lists it, with N trades in an average second, or a
/// steady few; may be repeated; symbols that are not named are not listed then |
/// | `--no-limits` | nobody counts requests, for load tests |
///
/// A market is a function of seed and wall time: lines of one venue in several processes tell
/// the same trades with the same ids, also after one was killed and started again, or stopped
/// and continued.
public final class SimulatorMain {
  private static final String USAGE =
      "usage: SimulatorMain [--seed N] [--port-base N, 0 for free ports] [--venue NAME]..."
          + " [--line NAME=VENUE]... [--port N] [--symbol SYMBOL[=N]]... [--no-limits]";
  private static final int HIGHEST_PORT = 65_535;

  private SimulatorMain() {}

  public static void main(String[] args) {
    try {
      start(args, System.out);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(USAGE);
      System.exit(2);
    } catch (IOException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
    // The event loop keeps the process alive.
  }

  /// @throws IllegalArgumentException when the arguments cannot be understood
  static Venues start(String[] args, PrintStream out) throws IOException {
    VenuesConfig config = config(args);
    Venues venues = Venues.start(config);
    out.println("console            " + venues.console());
    venues.baseUrls().forEach((name, url) -> out.printf("%-18s %s%n", name, url));
    out.printf("seed %d; try: curl %s/venues%n", config.seed(), venues.console());
    return venues;
  }

  private static VenuesConfig config(String[] args) {
    VenuesConfig config = VenuesConfig.onFreePorts(InstantSource.system());
    List<String> venues = new ArrayList<>();
    Map<String, String> lines = new LinkedHashMap<>();
    Map<Symbol, Integer> symbols = new LinkedHashMap<>();
    OptionalInt base = OptionalInt.empty();
    OptionalInt port = OptionalInt.empty();
    for (int i = 0; i < args.length; i++) {
      String name = args[i];
      if (name.equals("--no-limits")) {
        config = config.withoutLimits();
        continue;
      }
      String value = ++i < args.length ? args[i] : "";
      switch (name) {
        case "--seed" -> config = config.withSeed(number(name, value, Long.MAX_VALUE));
        case "--port-base" -> base = OptionalInt.of((int) number(name, value, HIGHEST_PORT));
        case "--port" -> port = OptionalInt.of((int) number(name, value, HIGHEST_PORT));
        case "--venue" -> venues.add(value);
        case "--symbol" -> {
          String[] parts = value.split("=", 2);
          long rate =
              parts.length < 2 ? 0 : number(name, parts[1], VenuesConfig.MOST_TRADES_PER_SECOND);
          symbols.put(Symbol.of(parts[0]), (int) rate);
        }
        case "--line" -> {
          int equals = value.indexOf('=');
          if (equals < 0
              || lines.put(value.substring(0, equals), value.substring(equals + 1)) != null) {
            throw new IllegalArgumentException(
                "--line: must be NAME=VENUE, each name once, was \"%s\"".formatted(value));
          }
        }
        default -> throw new IllegalArgumentException("unknown argument " + name);
      }
    }
    if (!venues.isEmpty() || !lines.isEmpty()) {
      config = config.withServers(new Servers(venues, lines));
    }
    if (!symbols.isEmpty()) {
      config = config.withSymbols(List.copyOf(symbols.keySet()));
    }
    for (Map.Entry<Symbol, Integer> symbol : symbols.entrySet()) {
      if (symbol.getValue() > 0) {
        config = config.withTradesPerSecond(symbol.getKey(), symbol.getValue());
      }
    }
    return onPorts(config, base, port);
  }

  private static VenuesConfig onPorts(VenuesConfig config, OptionalInt base, OptionalInt port) {
    List<String> names = config.servers().names();
    int first = base.orElse(port.isPresent() ? 0 : VenuesConfig.DEFAULT_PORT);
    if (first > HIGHEST_PORT - names.size()) {
      throw new IllegalArgumentException(
          "--port-base: must be 0 to %d, because the venues take the ports after it, was %d"
              .formatted(HIGHEST_PORT - names.size(), first));
    }
    VenuesConfig placed = first == 0 ? config : config.fromPort(first);
    if (port.isEmpty()) {
      return placed;
    }
    if (names.size() > 1) {
      throw new IllegalArgumentException(
          "--port: is of the one venue or line that runs, and these would run: " + names);
    }
    return placed.withPort(names.getFirst(), port.getAsInt());
  }

  private static long number(String name, String value, long max) {
    if (!value.matches("[0-9]{1,18}") || Long.parseLong(value) > max) {
      throw new IllegalArgumentException(
          "%s: must be a whole number from 0 to %d, was \"%s\"".formatted(name, max, value));
    }
    return Long.parseLong(value);
  }
}

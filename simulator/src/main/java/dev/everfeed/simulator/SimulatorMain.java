package dev.everfeed.simulator;

import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.time.InstantSource;

/// Runs the simulated venues alone: `--seed N` (default 1), `--port-base N` (default 8090: the
/// console, the venues after it), `--no-limits` for load tests. Ends with the process.
public final class SimulatorMain {
  private static final String USAGE =
      "usage: SimulatorMain [--seed N] [--port-base N, 0 for free ports] [--no-limits]";

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
    int base = VenuesConfig.DEFAULT_PORT;
    for (int i = 0; i < args.length; i++) {
      String value = i + 1 < args.length ? args[i + 1] : "";
      switch (args[i]) {
        case "--seed" -> {
          config = config.withSeed(number(args[i], value, Long.MAX_VALUE));
          i++;
        }
        case "--port-base" -> {
          base = (int) number(args[i], value, 65_535 - VenuesConfig.VENUES.size());
          i++;
        }
        case "--no-limits" -> config = config.withoutLimits();
        default -> throw new IllegalArgumentException("unknown argument " + args[i]);
      }
    }
    return base == 0 ? config : config.fromPort(base);
  }

  private static long number(String name, String value, long max) {
    if (!value.matches("[0-9]{1,18}") || Long.parseLong(value) > max) {
      throw new IllegalArgumentException(
          "%s: must be a whole number from 0 to %d, was \"%s\"".formatted(name, max, value));
    }
    return Long.parseLong(value);
  }
}

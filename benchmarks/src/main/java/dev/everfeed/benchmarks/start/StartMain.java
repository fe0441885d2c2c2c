package dev.everfeed.benchmarks.start;

import dev.everfeed.benchmarks.load.HubProcess;
import dev.everfeed.benchmarks.load.Load;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.Samples;
import dev.everfeed.benchmarks.load.Stage;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;

/// How long the hub takes to answer after its process was started, and how much memory it has
/// (GOALS G12): with and without the AOT cache of the launcher, when there is one. The venues
/// run here, the hub in a process of its own. Writes the measured part of `results/start.md`.
public final class StartMain {
  private static final int RUNS = 10;
  private static final int REQUESTS = 200;
  private static final Duration RUNNING = Duration.ofSeconds(30);
  private static final Path CACHE = Path.of("app/target/everfeed.aot");

  private StartMain() {}

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 2) {
      System.err.println("usage: StartMain RESULT-FILE COMMIT; `benchmarks/run start` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    StringBuilder text = new StringBuilder(
        "| | first 200 of `/health/live`, ms: median (least-most) of 10 | first priced answer, ms |"
            + " resident after " + REQUESTS + " requests, MiB | after " + RUNNING.toSeconds()
            + " s |\n|---|---|---|---|---|\n");
    try (Venues venues =
        Venues.start(VenuesConfig.onFreePorts(InstantSource.system()).withLimits(0, 0))) {
      String configuration = configuration(venues);
      if (Files.exists(CACHE)) {
        text.append(row("with the AOT cache", configuration));
        Path aside = CACHE.resolveSibling("everfeed.aot.aside");
        Files.move(CACHE, aside, StandardCopyOption.REPLACE_EXISTING);
        try {
          text.append(row("without", configuration));
        } finally {
          Files.move(aside, CACHE);
        }
      } else {
        text.append(row("without an AOT cache", configuration));
      }
    }
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run start") + text);
  }

  /// As in the demo.
  private static String configuration(Venues venues) {
    return """
        data_dir: benchmarks/target/start-data
        symbols: [BTC/USDT, ETH/USDT, SOL/USDT]
        sources:
          binance: {base_url: "%s"}
          coingecko: {base_url: "%s"}
          alternative_me: {base_url: "%s"}
        routes:
          prices: {stale_after: 15s}
        refresh: {every: 2s, intervals: [1m, 1h], bars: 200, bars_every: 20s, sentiment_every: 30s}
        """.formatted(
        venues.baseUrl("binance"), venues.baseUrl("coingecko"), venues.baseUrl("alternative_me"));
  }

  private static String row(String name, String configuration)
      throws IOException, InterruptedException {
    long[] live = new long[RUNS];
    long[] priced = new long[RUNS];
    for (int run = 0; run < RUNS; run++) {
      try (HubProcess hub = new HubProcess("start", configuration, "")) {
        live[run] = hub.until("/health/live", answer -> answer.code() == 200);
        priced[run] = hub.until(
            Stage.price(0), answer -> answer.code() == 200 && answer.body().contains("\"price\":"));
      }
    }
    long afterRequests;
    long afterRunning;
    try (HubProcess hub = new HubProcess("start", configuration, "")) {
      hub.until("/health/live", answer -> answer.code() == 200);
      long began = System.nanoTime();
      try (Load load = new Load(hub.port())) {
        Samples samples =
            load.run(50, Duration.ofMillis(REQUESTS * 1_000 / 50), i -> Stage.price(i % 2));
        System.out.println("start: " + samples.kinds());
      }
      afterRequests = hub.residentKib();
      Thread.sleep(RUNNING.minusNanos(System.nanoTime() - began));
      afterRunning = hub.residentKib();
    }
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %d | %d |%n",
        name,
        cell(live),
        cell(priced),
        afterRequests / 1_024,
        afterRunning / 1_024);
  }

  private static String cell(long[] nanos) {
    Arrays.sort(nanos);
    return String.format(
        Locale.ROOT,
        "%,d (%,d-%,d)",
        (nanos[(RUNS - 1) / 2] + nanos[RUNS / 2]) / 2_000_000,
        nanos[0] / 1_000_000,
        nanos[RUNS - 1] / 1_000_000);
  }
}

package dev.everfeed.benchmarks.failover;

import dev.everfeed.benchmarks.load.Load;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.Samples;
import dev.everfeed.benchmarks.load.Stage;
import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What readers of prices see while a provider fails (GOALS G9), and writes the measured part of
/// `results/failover.md`.
public final class FailoverMain {
  private static final int READERS_PER_SECOND = 200;
  private static final int CACHED_PER_SECOND = 1_000;
  private static final Duration HEALTHY = Duration.ofSeconds(10);
  private static final Duration FAULTY = Duration.ofSeconds(60);
  private static final Duration CACHED = Duration.ofSeconds(30);

  /// Every question goes out, unless the same one is out already.
  private static final String NOTHING_IS_FRESH = "routes: {prices: {fresh_for: 0s}}";

  private static final Map<String, FaultOrder> FAULTS = new LinkedHashMap<>();

  static {
    FAULTS.put("refuses connections", FaultOrder.of(FaultKind.REFUSE));
    FAULTS.put("resets connections", FaultOrder.of(FaultKind.RESET));
    FAULTS.put("accepts and says nothing", FaultOrder.of(FaultKind.BLACKHOLE));
    FAULTS.put("answers after 3 s", FaultOrder.of(FaultKind.SLOW).delayedBy(Duration.ofSeconds(3)));
  }

  private FailoverMain() {}

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 2) {
      System.err.println(
          "usage: FailoverMain RESULT-FILE COMMIT; `benchmarks/run failover` does it");
      System.exit(2);
    }
    String load = ResultFile.load();
    warmUp();
    String text = faults() + "\n" + Crowd.table() + "\n" + cached();
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run failover") + text);
  }

  private static void warmUp() throws IOException, InterruptedException {
    try (Stage stage = Stage.set(NOTHING_IS_FRESH);
        Load load = new Load(stage.hub().port())) {
      load.run(READERS_PER_SECOND, HEALTHY, Stage::price);
      load.run(CACHED_PER_SECOND, HEALTHY, Stage::price);
    }
  }

  private static String faults() throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder(
        "| the first of two providers | requests | p50, ms | p99 | p99.9 | max | process stood still, p99.9 | max |"
            + " answers | calls per request | requests read by the venues, per request |\n"
            + "|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (Map.Entry<String, FaultOrder> fault : FAULTS.entrySet()) {
      try (Stage stage = Stage.set(NOTHING_IS_FRESH);
          Load load = new Load(stage.hub().port())) {
        Stage.settle();
        Stage.Upstream before = stage.upstream();
        Samples healthy = load.run(READERS_PER_SECOND, HEALTHY, Stage::price);
        Stage.settle();
        Stage.Upstream atFault = stage.upstream();
        if (fault.getKey().equals(FAULTS.keySet().iterator().next())) {
          text.append(row("healthy, for comparison", healthy, atFault.since(before)));
        }
        stage.fault("binance", fault.getValue());
        Samples faulty = load.run(READERS_PER_SECOND, FAULTY, Stage::price);
        Thread.sleep(Duration.ofMillis(3_500)); // calls that nobody waits for end at 3 s
        text.append(row(fault.getKey(), faulty, stage.upstream().since(atFault)));
      }
    }
    return text.toString();
  }

  private static String row(String name, Samples samples, Stage.Upstream upstream) {
    double requests = samples.all().getTotalCount();
    System.out.println("failover: " + name + "\n" + samples.slowest());
    return String.format(
        Locale.ROOT,
        "| %s | %,.0f | %s | %s | %s | %.4f | %.4f |%n",
        name,
        requests,
        Samples.cells(samples.all()),
        samples.hiccups(),
        samples.kinds(),
        upstream.calls() / requests,
        upstream.requests() / requests);
  }

  private static String cached() throws IOException, InterruptedException {
    try (Stage stage = Stage.set("");
        Load load = new Load(stage.hub().port())) {
      load.run(CACHED_PER_SECOND, Duration.ofSeconds(5), Stage::price);
      stage.fault("binance", FaultOrder.of(FaultKind.BLACKHOLE));
      stage.fault("coingecko", FaultOrder.of(FaultKind.REFUSE));
      load.run(CACHED_PER_SECOND, HEALTHY, Stage::price);
      boolean open = stage.circuitsOpen();
      Samples samples = load.run(CACHED_PER_SECOND, CACHED, Stage::price);
      System.out.println("failover: cached\n" + samples.slowest());
      return String.format(
          Locale.ROOT,
          "| every provider down for 10 s, %s | requests | p50, ms | p99 | p99.9 | max |"
              + " process stood still, p99.9 | max | answers |%n"
              + "|---|---|---|---|---|---|---|---|---|%n| %,d/s | %,d | %s | %s | %s |%n",
          open ? "circuits open" : "not all circuits open",
          CACHED_PER_SECOND,
          samples.all().getTotalCount(),
          Samples.cells(samples.all()),
          samples.hiccups(),
          samples.kinds());
    }
  }
}

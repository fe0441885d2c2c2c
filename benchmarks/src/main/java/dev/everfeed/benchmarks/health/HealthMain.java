package dev.everfeed.benchmarks.health;

import dev.everfeed.benchmarks.load.Load;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.Samples;
import dev.everfeed.benchmarks.load.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// How fast the health pages answer while prices are read, and writes the measured part of
/// `results/health.md`.
public final class HealthMain {
  private static final List<String> PAGES =
      List.of("/health", "/health/ready", "/health/scheduler", "/health/gateways");
  private static final int PRICES_PER_SECOND = 2_000;
  private static final int PAGES_PER_SECOND = 50;
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration MEASURED = Duration.ofSeconds(60);

  private record Seen(Samples prices, Samples pages) {}

  private HealthMain() {}

  /// @param args the file to write, and the commit measured
  public static void main(String[] args)
      throws IOException, InterruptedException, ExecutionException {
    if (args.length != 2) {
      System.err.println("usage: HealthMain RESULT-FILE COMMIT; `benchmarks/run health` does it");
      System.exit(2);
    }
    String loadBefore = ResultFile.load();
    StringBuilder text = new StringBuilder(
        "| page | asked | requests | p50, ms | p99 | p99.9 | max |\n|---|---|---|---|---|---|---|\n");
    String stoodStill;
    try (Stage stage = Stage.set("routes: {prices: {fresh_for: 250ms}}");
        Load prices = new Load(stage.hub().port());
        Load pages = new Load(stage.hub().port())) {
      prices.run(PRICES_PER_SECOND / 10, WARM_UP, Stage::price);
      run(prices, pages, WARM_UP);
      Seen seen = run(prices, pages, MEASURED);
      for (String page : PAGES) {
        text.append(row(page, PAGES_PER_SECOND, seen.pages(), page));
      }
      text.append(
          row("`/v1/price`, for comparison", PRICES_PER_SECOND, seen.prices(), "/v1/price"));
      System.out.println(
          "health: pages: " + seen.pages().kinds() + "\n" + seen.pages().slowest());
      stoodStill = seen.pages().hiccups();
      System.out.println("health: prices: " + seen.prices().kinds());
    }
    text.append("\nThe process stood still meanwhile: p99.9 | max, ms: ")
        .append(stoodStill)
        .append("\n");
    ResultFile.write(
        Path.of(args[0]),
        ResultFile.conditions(args[1], loadBefore, "benchmarks/run health") + text);
  }

  private static Seen run(Load prices, Load pages, Duration during)
      throws InterruptedException, ExecutionException {
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      Callable<Samples> reading = () -> prices.run(PRICES_PER_SECOND, during, Stage::price);
      Callable<Samples> looking = () ->
          pages.run(PAGES_PER_SECOND * PAGES.size(), during, i -> PAGES.get(i % PAGES.size()));
      Future<Samples> read = two.submit(reading);
      Future<Samples> looked = two.submit(looking);
      return new Seen(read.get(), looked.get());
    }
  }

  private static String row(String name, int perSecond, Samples samples, String path) {
    return String.format(
        Locale.ROOT,
        "| %s | %,d/s | %,d | %s |%n",
        name,
        perSecond,
        samples.of(path).getTotalCount(),
        Samples.cells(samples.of(path)));
  }
}

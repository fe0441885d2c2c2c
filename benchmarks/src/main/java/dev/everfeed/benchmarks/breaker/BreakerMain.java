package dev.everfeed.benchmarks.breaker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// Runs [BreakerBenchmark] with one and with two threads and writes the measured part of
/// `results/breaker.md`: what stands between its two marks. The words around it are written by
/// hand.
public final class BreakerMain {
  private static final String BEGIN = "<!-- measured: begin -->\n";
  private static final String END = "<!-- measured: end -->\n";
  private static final int FORKS = 2;
  private static final int WARMUPS = 3;
  private static final int ITERATIONS = 5;
  private static final int ITERATION_MILLIS = 300;

  /// In the order of the table.
  private static final Map<String, String> ROWS = new LinkedHashMap<>();

  static {
    ROWS.put("everfeed", "**Everfeed**, caller passes the clock");
    ROWS.put("everfeedWithClock", "Everfeed and `System.nanoTime()` before and after the call");
    ROWS.put("resilience4jCount", "Resilience4j 2.4.0, last 100 calls (its default)");
    ROWS.put("resilience4jCountLockFree", "Resilience4j 2.4.0, last 100 calls, `LOCK_FREE`");
    ROWS.put("resilience4jTime", "Resilience4j 2.4.0, 60 s");
    ROWS.put("resilience4jTimeLockFree", "Resilience4j 2.4.0, 60 s, `LOCK_FREE`");
    ROWS.put("failsafeCount", "Failsafe 3.3.2, last 100 calls");
    ROWS.put("failsafeTime", "Failsafe 3.3.2, 60 s");
    ROWS.put("clockAlone", "for comparison: one `System.nanoTime()`");
    ROWS.put(
        "everfeedFailure",
        "for comparison: Everfeed, a failure instead of a success (a breaker per thread)");
  }

  private record Measured(double medianNanos, double leastNanos, double mostNanos, double bytes) {}

  private BreakerMain() {}

  /// @param args the file to write, and the commit measured
  public static void main(String[] args) throws RunnerException, IOException {
    if (args.length != 2) {
      System.err.println("usage: BreakerMain RESULT-FILE COMMIT; `benchmarks/run breaker` does it");
      System.exit(2);
    }
    Map<String, Measured> one = measure(1);
    Map<String, Measured> two = measure(2);
    String text = conditions(args[1]) + table(one, two);
    write(Path.of(args[0]), text);
    System.out.println(text);
  }

  private static Map<String, Measured> measure(int threads) throws RunnerException {
    Map<String, Measured> measured = new LinkedHashMap<>();
    for (RunResult result : new Runner(new OptionsBuilder()
            .include("\\." + BreakerBenchmark.class.getSimpleName() + "\\.")
            .threads(threads)
            .forks(FORKS)
            .warmupIterations(WARMUPS)
            .warmupTime(TimeValue.milliseconds(ITERATION_MILLIS))
            .measurementIterations(ITERATIONS)
            .measurementTime(TimeValue.milliseconds(ITERATION_MILLIS))
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend(
                // Without it Resilience4j would write a line of debug log for each call.
                "-Dlogback.configurationFile=logback-quiet.xml", "-Xms256m", "-Xmx256m")
            .shouldFailOnError(true)
            .build())
        .run()) {
      String name = result.getParams().getBenchmark();
      measured.put(name.substring(name.lastIndexOf('.') + 1), of(result));
    }
    return measured;
  }

  private static Measured of(RunResult result) {
    List<Double> nanos = new ArrayList<>();
    List<Double> bytes = new ArrayList<>();
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        nanos.add(iteration.getPrimaryResult().getScore());
        for (Map.Entry<String, Result> each : iteration.getSecondaryResults().entrySet()) {
          if (each.getKey().endsWith("gc.alloc.rate.norm")) {
            bytes.add(each.getValue().getScore());
          }
        }
      }
    }
    double[] sorted = sorted(nanos);
    return new Measured(
        median(sorted), sorted[0], sorted[sorted.length - 1], median(sorted(bytes)));
  }

  private static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  private static double median(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  private static String conditions(String commit) {
    Runtime.Version java = Runtime.version();
    return String.format(
        Locale.ROOT,
        "Commit %s · %d cores, %s %s · JDK %s (%s) · JMH, average time, %d forks x %d iterations of"
            + " %d ms after %d to warm up · `benchmarks/run breaker`%n%n",
        commit,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        java,
        System.getProperty("java.vm.name"),
        FORKS,
        ITERATIONS,
        ITERATION_MILLIS,
        WARMUPS);
  }

  private static String table(Map<String, Measured> one, Map<String, Measured> two) {
    StringBuilder text = new StringBuilder(
        "| permit and success, ns: median (least-most) | 1 thread | ratio | 2 threads | ratio |"
            + " bytes allocated per call |\n|---|---|---|---|---|---|\n");
    Measured own = known(one, "everfeed");
    Measured ownOfTwo = known(two, "everfeed");
    ROWS.forEach((name, label) -> {
      Measured single = known(one, name);
      Measured shared = known(two, name);
      text.append(String.format(
          Locale.ROOT,
          "| %s | %s | %.1f | %s | %.1f | %.0f |%n",
          label,
          cell(single),
          single.medianNanos / own.medianNanos,
          cell(shared),
          shared.medianNanos / ownOfTwo.medianNanos,
          Math.max(single.bytes, shared.bytes)));
    });
    return text.toString();
  }

  private static Measured known(Map<String, Measured> measured, String name) {
    Measured known = measured.get(name);
    if (known == null) {
      throw new IllegalStateException("no result for " + name + ", there are " + measured.keySet());
    }
    return known;
  }

  private static String cell(Measured measured) {
    return String.format(
        Locale.ROOT,
        "%.1f (%.1f-%.1f)",
        measured.medianNanos,
        measured.leastNanos,
        measured.mostNanos);
  }

  private static void write(Path file, String measured) throws IOException {
    String text = Files.readString(file);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(file + ": the lines " + BEGIN.strip() + " and " + END.strip()
          + " must stand in it, the measured part goes between them");
    }
    Files.writeString(
        file,
        text.substring(0, begin + BEGIN.length()) + "\n" + measured + "\n" + text.substring(end));
  }
}

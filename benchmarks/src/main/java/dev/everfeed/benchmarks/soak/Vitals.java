package dev.everfeed.benchmarks.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a hub holds of the machine, looked at again and again: the heap after a full collection,
/// resident memory, native memory, descriptors and threads. Linux only. For one thread.
final class Vitals {
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");
  private static final Pattern COMMITTED = Pattern.compile("Total: .*committed=(\\d+)KB");
  private static final Pattern HEAP =
      Pattern.compile("Java Heap \\(reserved=\\d+KB, committed=(\\d+)KB");
  private static final int ANSWERS_WITHIN_SECONDS = 60;

  private final long pid;
  private final List<Sample> samples = new ArrayList<>();

  /// One look.
  ///
  /// @param atSeconds since the hub was up
  /// @param heapMib   in use right after a full collection
  /// @param nativeMib committed by the JVM outside its heap, as it tracks it itself
  record Sample(
      double atSeconds,
      double heapMib,
      double residentMib,
      double nativeMib,
      double descriptors,
      double threads) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "heap %.0f MiB, native %.0f, resident %.0f, %.0f descriptors, %.0f threads",
          heapMib,
          nativeMib,
          residentMib,
          descriptors,
          threads);
    }
  }

  /// One figure, and how far it may grow.
  ///
  /// @param allowedOnce   in the whole stretch that is judged: what fills up late
  /// @param allowedAnHour beside that, steadily
  private record Figure(
      String name,
      String unit,
      double allowedOnce,
      double allowedAnHour,
      ToDoubleFunction<Sample> value) {}

  private static final List<Figure> FIGURES = List.of(
      new Figure("heap after a full collection", "MiB", 3, 6, Sample::heapMib),
      new Figure("native memory", "MiB", 8, 6, Sample::nativeMib),
      new Figure("resident memory", "MiB", 16, 24, Sample::residentMib),
      new Figure("descriptors", "", 8, 4, Sample::descriptors),
      new Figure("threads", "", 3, 2, Sample::threads));

  /// A figure as it was judged.
  record Judged(
      String name,
      String unit,
      double first,
      double last,
      double most,
      double slopeAnHour,
      double lowestAnHour,
      double allowedAnHour) {
    boolean grows() {
      return lowestAnHour > allowedAnHour;
    }

    String row() {
      return String.format(
          Locale.ROOT,
          "| %s%s | %.1f | %.1f | %.1f | %+.1f | %+.1f | %.1f | %s |%n",
          name,
          unit.isEmpty() ? "" : ", " + unit,
          first,
          last,
          most,
          slopeAnHour,
          lowestAnHour,
          allowedAnHour,
          grows() ? "**grows**" : "flat");
    }
  }

  Vitals(long pid) {
    this.pid = pid;
  }

  /// Has the hub collect its garbage, which stops it for some 50 ms, and looks.
  void look(double atSeconds) throws IOException, InterruptedException {
    String said = jcmd("GC.run\nGC.heap_info\nVM.native_memory summary");
    Matcher used = USED.matcher(said);
    double heapKib = 0;
    while (used.find()) {
      heapKib += Double.parseDouble(used.group(1));
    }
    if (heapKib == 0) {
      throw new IOException("jcmd %d tells no heap; it said: %s".formatted(pid, said));
    }
    double nativeKib = figure(COMMITTED, said) - figure(HEAP, said);
    List<String> status = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
    samples.add(new Sample(
        atSeconds,
        heapKib / 1_024,
        of(status, "VmRSS:") / 1_024.0,
        nativeKib / 1_024,
        descriptors(),
        of(status, "Threads:")));
  }

  private double figure(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException(
          "jcmd %d: nothing like %s in what it said: %s".formatted(pid, pattern, text));
    }
    return Double.parseDouble(matcher.group(1));
  }

  private static long of(List<String> status, String field) {
    return status.stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  private long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.count();
    }
  }

  private String jcmd(String commands) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
            "-J-XX:TieredStopAtLevel=1",
            "-J-Xshare:auto",
            Long.toString(pid),
            commands)
        .redirectErrorStream(true)
        .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(ANSWERS_WITHIN_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("jcmd %d failed; it said: %s".formatted(pid, said));
    }
    return said;
  }

  /// Of what was seen after the warm-up.
  List<Judged> judge(double warmUpSeconds) {
    List<Sample> after =
        samples.stream().filter(it -> it.atSeconds >= warmUpSeconds).toList();
    double[] hours = after.stream().mapToDouble(it -> it.atSeconds / 3_600).toArray();
    double span = hours[hours.length - 1] - hours[0];
    List<Judged> judged = new ArrayList<>();
    for (Figure figure : FIGURES) {
      double[] values = after.stream().mapToDouble(figure.value).toArray();
      Trend trend = Trend.of(hours, values);
      judged.add(new Judged(
          figure.name,
          figure.unit,
          values[0],
          values[values.length - 1],
          samples.stream().mapToDouble(figure.value).max().orElse(0),
          trend.slope(),
          trend.lowest(),
          figure.allowedOnce / span + figure.allowedAnHour));
    }
    return judged;
  }

  int count() {
    return samples.size();
  }

  /// The newest look.
  Sample last() {
    return samples.getLast();
  }

  /// All looks, to be drawn.
  void writeDown(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("seconds,heap_mib,resident_mib,native_mib,descriptors,threads");
    samples.forEach(it -> lines.add(String.format(
        Locale.ROOT,
        "%.1f,%.2f,%.2f,%.2f,%.0f,%.0f",
        it.atSeconds,
        it.heapMib,
        it.residentMib,
        it.nativeMib,
        it.descriptors,
        it.threads)));
    Files.write(file, lines);
  }

  /// The whole table.
  static String heads(double minutes) {
    return String.format(Locale.ROOT, """
        | judged over %.1f min | first | last | most at all | slope an hour | not less than (97.5 %%) | allowed | |
        |---|---|---|---|---|---|---|---|
        """, minutes);
  }
}

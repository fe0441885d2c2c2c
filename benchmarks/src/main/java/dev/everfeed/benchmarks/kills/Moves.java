package dev.everfeed.benchmarks.kills;

import dev.everfeed.simulator.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// The active one of two lines is hit, again and again, and its contracts move to the other one:
/// how long each step takes.
final class Moves {
  private static final long WITHIN_NANOS = 15_000_000_000L;
  private static final Duration RESET_LASTS = Duration.ofMillis(200);
  private static final int WAIT_MILLIS = 1_000;

  private final Map<String, Long> firstNanos = new ConcurrentHashMap<>();
  private final Figures detection = new Figures();
  private final Figures switching = new Figures();
  private final Figures duration = new Figures();
  private final Figures told = new Figures();
  private final Figures first = new Figures();
  private final Figures canary = new Figures();
  private final Figures last = new Figures();
  private volatile String left = "";
  private Witness.Sums sums = new Witness.Sums(0, 0, 0, 0, 0, 0);
  private int hits;
  private int partial;

  /// Milliseconds.
  static final class Figures {
    private final List<Double> all = new ArrayList<>();

    void add(double millis) {
      all.add(millis);
    }

    int size() {
      return all.size();
    }

    double percentile(double share) {
      double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return sorted[Math.clamp((int) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1)];
    }

    /// `p50 / p99`, a dash for none.
    String cell() {
      return all.isEmpty()
          ? "–"
          : String.format(Locale.ROOT, "%.1f / %.1f", percentile(0.5), percentile(0.99));
    }

    /// `p50 / max`, a dash for none.
    String toMost() {
      return all.isEmpty()
          ? "–"
          : String.format(Locale.ROOT, "%.1f / %.1f", percentile(0.5), percentile(1));
    }
  }

  private void came(Witness.Trade trade) {
    if (!left.isEmpty() && !trade.gateway().equals(left)) {
      firstNanos.putIfAbsent(trade.symbol(), trade.atNanos());
    }
  }

  /// @param blow SIGKILL or a reset
  /// @param isWarm whether a trade of the other line tells that its contract has moved: hot
  ///     lines' trades come from both all the time
  static Moves run(Site.Plan plan, Blow blow, boolean isWarm, int times, long untilNanos)
      throws IOException, InterruptedException {
    Moves moves = new Moves();
    RandomGenerator random = new java.util.SplittableRandom(plan.seed());
    try (Site site = new Site(plan, moves::came)) {
      while (moves.hits < times && System.nanoTime() < untilNanos) {
        TimeUnit.MILLISECONDS.sleep(1_500 + random.nextInt(WAIT_MILLIS));
        site.awaitHealthy();
        moves.hit(site, plan, blow, isWarm);
        System.out.printf("%s: moved %d times%n", plan.name(), moves.hits);
      }
      TimeUnit.SECONDS.sleep(2); // for what is still on its way
      moves.sums = site.witness().sums();
      List<String> said = new ArrayList<>(site.witness().evidence());
      site.witness().failovers().forEach(each -> said.add(each.event().toString()));
      Files.write(Path.of("benchmarks/target", plan.name() + "-events.txt"), said);
    }
    return moves;
  }

  private void hit(Site site, Site.Plan plan, Blow blow, boolean isWarm)
      throws IOException, InterruptedException {
    int before = site.witness().failovers().size();
    String active = Site.active(site.shown());
    LineProcess line = site.line(active);
    firstNanos.clear();
    left = active;
    long began = System.nanoTime();
    if (blow == Blow.KILL) {
      line.kill();
    } else {
      line.fault(FaultKind.RESET, RESET_LASTS);
    }
    hits++;
    long until = began + WITHIN_NANOS;
    int symbols = plan.perSecond().size();
    while (System.nanoTime() < until
        && (site.witness().failovers().size() == before
            || (isWarm && firstNanos.size() < symbols))) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    left = "";
    if (blow == Blow.KILL) {
      line.startAgain();
    }
    Map<String, Long> came = new LinkedHashMap<>(firstNanos);
    if (isWarm && !came.isEmpty()) {
      long[] at = came.values().stream().mapToLong(Long::longValue).sorted().toArray();
      first.add((at[0] - began) / 1e6);
      if (at.length == symbols) {
        last.add((Arrays.stream(at).max().orElseThrow() - began) / 1e6);
      }
      Long ofCanary = came.get(plan.symbols().getFirst());
      if (ofCanary != null) {
        canary.add((ofCanary - began) / 1e6);
      }
    }
    for (Witness.Told event :
        site.witness().failovers().subList(before, site.witness().failovers().size())) {
      detection.add(event.event().path("detection_ms").asDouble());
      switching.add(event.event().path("switch_ms").asDouble());
      duration.add(event.event().path("failover_duration_ms").asDouble());
      told.add((event.atNanos() - began) / 1e6);
      partial += event.event().path("unmigrated_contracts").isEmpty() ? 0 : 1;
    }
  }

  static String heads() {
    return """
        | | times | failovers told | of them not of all instruments | detection_ms p50 / max | switch_ms | failover_duration_ms | from the blow until told, ms | until the first trade of the backup (warm) | of the canary | until every instrument had one | lost | missing | doubled | out of order | seq holes |
        |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
        """;
  }

  String row(String name) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %s | %s | %s | %s | %s | %s | %s | %d of %,d | %d | %d | %d | %d |%n",
        name,
        hits,
        told.size(),
        partial,
        detection.toMost(),
        switching.toMost(),
        duration.toMost(),
        told.toMost(),
        first.toMost(),
        canary.toMost(),
        last.toMost(),
        sums.lost(),
        sums.trades(),
        sums.missing(),
        sums.doubled(),
        sums.late(),
        sums.seqHoles());
  }
}

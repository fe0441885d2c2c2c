package dev.everfeed.benchmarks.kills;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a siege came to.
record Outcome(
    String name,
    int lines,
    List<Siege.Hit> hits,
    Map<Witness.Told, Siege.Hit> causes,
    Witness witness,
    double share,
    long residentKib,
    long mostResidentKib,
    double seconds) {
  /// What a hit may be felt in.
  private static final long WINDOW_NANOS = 1_500_000_000L;

  static String heads() {
    return """
        | site | lines | minutes | hits | of the active line | two at once | trades | lost, declared | missing, undeclared | doubled | out of order | seq holes | failovers | fail-backs | the hub's share of a core | resident at the end, MiB | most |
        |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
        """;
  }

  String row() {
    Witness.Sums sums = witness.sums();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.1f | %d | %d | %d | %,d | %d | %d | %d | %d | %d | %d | %d | %.2f | %d | %d |%n",
        name,
        lines,
        seconds / 60,
        hits.size(),
        hits.stream().filter(Siege.Hit::active).count(),
        hits.stream().filter(hit -> hit.atOnce() > 1).count(),
        sums.trades(),
        sums.lost(),
        sums.missing(),
        sums.doubled(),
        sums.late(),
        sums.seqHoles(),
        told("fail_over"),
        told("fail_back"),
        share,
        residentKib / 1_024,
        mostResidentKib / 1_024);
  }

  private long told(String kind) {
    return witness.failovers().stream()
        .filter(told -> told.event().get("kind").asText().equals(kind))
        .count();
  }

  static String headsByBlow() {
    return """
        | blow to | times | failovers | detection_ms p50 / p99 | switch_ms | from the blow until told, ms | longest pause after it, ms p50 / p99 / max | in as long before it | oldest trade after it, ms p50 / p99 / max | before it |
        |---|---|---|---|---|---|---|---|---|---|
        """;
  }

  /// Of one kind of all sites.
  static String row(List<Outcome> all, Blow blow, boolean active) {
    Moves.Figures detection = new Moves.Figures();
    Moves.Figures switching = new Moves.Figures();
    Moves.Figures told = new Moves.Figures();
    Moves.Figures pause = new Moves.Figures();
    Moves.Figures pauseBefore = new Moves.Figures();
    Moves.Figures oldest = new Moves.Figures();
    Moves.Figures oldestBefore = new Moves.Figures();
    for (Outcome one : all) {
      for (Siege.Hit hit : one.hits) {
        if (hit.blow() != blow || hit.active() != active) {
          continue;
        }
        Witness.Stretch after = one.witness.between(hit.atNanos(), hit.atNanos() + WINDOW_NANOS);
        Witness.Stretch before = one.witness.between(hit.atNanos() - WINDOW_NANOS, hit.atNanos());
        pause.add(after.pauseNanos() / 1e6);
        pauseBefore.add(before.pauseNanos() / 1e6);
        oldest.add(after.oldestMicros() / 1e3);
        oldestBefore.add(before.oldestMicros() / 1e3);
      }
      one.causes.forEach((event, hit) -> {
        if (hit.blow() == blow && hit.active() == active) {
          detection.add(event.event().path("detection_ms").asDouble());
          switching.add(event.event().path("switch_ms").asDouble());
          told.add((event.atNanos() - hit.atNanos()) / 1e6);
        }
      });
    }
    return "| %s: %s | %d | %d | %s | %s | %s | %s | %s | %s | %s |%n"
        .formatted(
            active ? "the active line" : "another line",
            blow,
            pause.size(),
            detection.size(),
            detection.cell(),
            switching.cell(),
            told.cell(),
            threefold(pause),
            threefold(pauseBefore),
            threefold(oldest),
            threefold(oldestBefore));
  }

  private static String threefold(Moves.Figures figures) {
    return figures.size() == 0
        ? "–"
        : String.format(
            Locale.ROOT,
            "%.0f / %.0f / %.0f",
            figures.percentile(0.5),
            figures.percentile(0.99),
            figures.percentile(1));
  }

  /// Ages of single trades after and before hits of the active line.
  static String ages(List<Outcome> all) {
    Moves.Figures after = new Moves.Figures();
    Moves.Figures before = new Moves.Figures();
    for (Outcome one : all) {
      for (Siege.Hit hit : one.hits) {
        if (hit.active()) {
          add(after, one.witness.between(hit.atNanos(), hit.atNanos() + WINDOW_NANOS));
          add(before, one.witness.between(hit.atNanos() - WINDOW_NANOS, hit.atNanos()));
        }
      }
    }
    return after.size() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "Age of single trades at the reader, by the venue's time, in the 1.5 s after a blow to the active line, ms p50 / p99: %s, of %,d; in the 1.5 s before it: %s.%n",
            after.cell(),
            after.size(),
            before.cell());
  }

  private static void add(Moves.Figures figures, Witness.Stretch stretch) {
    for (long micros : stretch.ageMicros()) {
      figures.add(micros / 1e3);
    }
  }
}

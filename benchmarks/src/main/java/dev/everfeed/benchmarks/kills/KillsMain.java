package dev.everfeed.benchmarks.kills;

import dev.everfeed.benchmarks.load.Hiccups;
import dev.everfeed.benchmarks.load.ResultFile;
import dev.everfeed.benchmarks.load.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Lines of one venue, in real processes, are killed at random moments, and a reader proves that
/// nothing was lost, doubled or out of order (GOALS G2, G3). Writes the measured part of
/// `results/kills.md`.
public final class KillsMain {
  private static final int HITS = 1_000;
  private static final Duration LONGEST = Duration.ofMinutes(60);
  private static final Duration LONGEST_MOVES = Duration.ofMinutes(6);
  private static final int[] LINES = {2, 2, 3, 3, 3};
  private static final int RESETS = 15;
  private static final int MANY = 500;
  private static final int MANY_KILLS = 5;
  private static final String FAILOVER = "cooldown: 1s, fail_back_after: 2s, probation: 1s";

  /// Whoever was moved to stays: each of the two lines is the backup in turn.
  private static final String STAYING = "cooldown: 0s, fail_back_after: 1h, probation: 1s";

  private KillsMain() {}

  /// @param args the file to write, the commit measured, and how many hits, 1,000 if not there
  public static void main(String[] args) throws Exception {
    if (args.length < 2) {
      System.err.println(
          "usage: KillsMain RESULT-FILE COMMIT [HITS]; `benchmarks/run kills` does it");
      System.exit(2);
    }
    int hits = args.length > 2 ? Integer.parseInt(args[2]) : HITS;
    String load = ResultFile.load();
    String measured = besieged(hits) + moved();
    ResultFile.write(
        Path.of(args[0]), ResultFile.conditions(args[1], load, "benchmarks/run kills") + measured);
    System.exit(0); // clients of consoles may have threads left
  }

  private static Site.Plan plan(int site, int lines) {
    Map<String, Integer> symbols = new LinkedHashMap<>();
    symbols.put("BTC/USDT", 60);
    symbols.put("ETH/USDT", 40);
    return new Site.Plan("kills-" + site, lines, site, symbols, "hot", FAILOVER);
  }

  private static String besieged(int hits) throws Exception {
    Hiccups hiccups = new Hiccups();
    long until = System.nanoTime() + LONGEST.toNanos();
    AtomicInteger left = new AtomicInteger(hits);
    List<Outcome> outcomes = new ArrayList<>();
    try (ExecutorService sites = Executors.newCachedThreadPool()) {
      List<Future<Outcome>> running = new ArrayList<>();
      for (int i = 0; i < LINES.length; i++) {
        Site.Plan plan = plan(i + 1, LINES[i]);
        running.add(sites.submit(() -> besiege(plan, left, until)));
      }
      while (!running.stream().allMatch(Future::isDone)) {
        TimeUnit.SECONDS.sleep(10);
        System.out.printf("kills: %d to go%n", Math.max(0, left.get()));
        if (running.stream().anyMatch(one -> one.state() == Future.State.FAILED)) {
          left.set(0);
        }
      }
      for (Future<Outcome> one : running) {
        outcomes.add(one.get());
      }
    }
    return report(outcomes)
        + String.format(
            Locale.ROOT,
            "The process of the readers stood still meanwhile, p50 | p99 | p99.9 | max, ms: %s.%n%n",
            Samples.cells(hiccups.seen()));
  }

  private static Outcome besiege(Site.Plan plan, AtomicInteger left, long until)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    try (Site site = new Site(plan, _ -> {})) {
      Siege siege = new Siege(site, new SplittableRandom(plan.seed()));
      try {
        siege.run(left, until);
        site.awaitHealthy();
        TimeUnit.SECONDS.sleep(2); // for what is still on its way
      } finally {
        siege.writeDown();
      }
      return new Outcome(
          plan.name(),
          plan.lines(),
          siege.hits(),
          siege.causes(),
          site.witness(),
          site.share(),
          site.hub().residentKib(),
          site.hub().mostResidentKib(),
          (System.nanoTime() - began) / 1e9);
    }
  }

  private static String report(List<Outcome> all) {
    StringBuilder text = new StringBuilder();
    int hits = all.stream().mapToInt(one -> one.hits().size()).sum();
    long bad = all.stream()
        .map(one -> one.witness().sums())
        .mapToLong(sums -> sums.missing() + sums.doubled() + sums.late() + sums.seqHoles())
        .sum();
    long lost = all.stream().mapToLong(one -> one.witness().sums().lost()).sum();
    text.append(String.format(
        Locale.ROOT,
        "**%,d hits; trades lost and declared: %,d; missing without a word, doubled, out of order, or holes in `seq`: %,d.** Two instruments at a site, some 60 and 40 trades a second; hot lines; %s.%n%n",
        hits,
        lost,
        bad,
        FAILOVER));
    text.append(Outcome.heads());
    all.forEach(one -> text.append(one.row()));
    text.append(String.format("%n")).append(Outcome.headsByBlow());
    for (boolean active : new boolean[] {true, false}) {
      for (Blow blow : Blow.values()) {
        text.append(Outcome.row(all, blow, active));
      }
    }
    return text.append(String.format("%n")).append(Outcome.ages(all)).toString();
  }

  private static String moved() throws IOException, InterruptedException {
    Map<String, Integer> few = new LinkedHashMap<>();
    for (String symbol : List.of("BTC/USDT", "ETH/USDT", "SOL/USDT", "BNB/USDT")) {
      few.put(symbol, 100);
    }
    Map<String, Integer> many = new LinkedHashMap<>();
    for (int i = 0; i < MANY; i++) {
      many.put("X%03d/USDT".formatted(i), 0);
    }
    String rows = Moves.heads();
    rows +=
        run("kills-warm", few, "warm", Blow.RESET, RESETS).row("4 instruments, warm backup, reset");
    rows += run("kills-many-hot", many, "hot", Blow.KILL, MANY_KILLS)
        .row(MANY + " instruments, hot lines, SIGKILL");
    rows += run("kills-many-warm", many, "warm", Blow.KILL, MANY_KILLS)
        .row(MANY + " instruments, warm backup, SIGKILL");
    return rows;
  }

  private static Moves run(
      String name, Map<String, Integer> perSecond, String standby, Blow blow, int times)
      throws IOException, InterruptedException {
    return Moves.run(
        new Site.Plan(name, 2, 7, perSecond, standby, STAYING),
        blow,
        standby.equals("warm"),
        times,
        System.nanoTime() + LONGEST_MOVES.toNanos());
  }
}

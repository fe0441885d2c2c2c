package dev.everfeed.benchmarks.kills;

import dev.everfeed.simulator.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/// Hits the lines of a site at random moments, one or two at once, so that one at least lives
/// all the time: one that the hub calls healthy, that delivers, and that was not hit in the
/// last two seconds.
final class Siege {
  private static final long LOOK_MILLIS = 25;
  private static final int WAIT_MILLIS = 400;
  private static final long SETTLED_NANOS = 2_000_000_000L;

  /// One of so many times two lines of three are hit at once.
  private static final int BOTH_ONE_OF = 5;

  private final Site site;
  private final RandomGenerator random;
  private final ScheduledExecutorService recoveries =
      Executors.newScheduledThreadPool(2, Thread.ofPlatform().daemon().factory());
  private final Map<String, Long> recoveredNanos = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<IOException> failed = new ConcurrentLinkedQueue<>();
  private final List<Hit> hits = new ArrayList<>();

  /// A line was hit.
  ///
  /// @param active whether contracts were at it
  /// @param atOnce how many lines were hit at that moment
  record Hit(long atNanos, Instant at, Blow blow, String line, boolean active, int atOnce) {}

  Siege(Site site, RandomGenerator random) {
    this.site = site;
    this.random = random;
  }

  List<Hit> hits() {
    return hits;
  }

  /// Returns when there have been enough hits at all sites, or it is time, and all lines are up
  /// again.
  void run(AtomicInteger left, long untilNanos) throws IOException, InterruptedException {
    while (left.get() > 0 && System.nanoTime() < untilNanos && failed.isEmpty()) {
      if (living().size() < 2) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        continue;
      }
      TimeUnit.MICROSECONDS.sleep(random.nextInt(WAIT_MILLIS * 1_000));
      Map<String, Site.Shown> shown = site.shown();
      List<String> living = living(shown);
      if (living.size() < 2) {
        continue;
      }
      List<String> targets = targets(living, shown);
      for (String target : targets) {
        if (left.getAndDecrement() > 0) {
          Site.Shown how = shown.get(target);
          hit(target, how != null && how.active() > 0, targets.size());
        }
      }
    }
    recoveries.shutdown();
    if (!recoveries.awaitTermination(60, TimeUnit.SECONDS)) {
      throw new IOException(site.name() + ": lines were not started again within 60 s");
    }
    for (IOException e : failed) {
      throw e;
    }
  }

  private List<String> living() throws IOException {
    return living(site.shown());
  }

  private List<String> living(Map<String, Site.Shown> shown) {
    long now = System.nanoTime();
    List<String> living = new ArrayList<>();
    shown.forEach((line, how) -> {
      long since = recoveredNanos.getOrDefault(line, now - SETTLED_NANOS);
      if (how.healthy() && how.delivers() && now - since >= SETTLED_NANOS) {
        living.add(line);
      }
    });
    return living;
  }

  /// Two of three times the active one is among them.
  private List<String> targets(List<String> living, Map<String, Site.Shown> shown) {
    List<String> drawn = new ArrayList<>(living);
    Collections.shuffle(drawn, java.util.Random.from(random));
    String active = Site.active(shown);
    if (drawn.contains(active) && random.nextInt(3) < 2) {
      drawn.remove(active);
      drawn.addFirst(active);
    }
    int count = living.size() > 2 && random.nextInt(BOTH_ONE_OF) == 0 ? 2 : 1;
    return drawn.subList(0, count);
  }

  private void hit(String target, boolean active, int atOnce)
      throws IOException, InterruptedException {
    Blow blow = Blow.values()[random.nextInt(Blow.values().length)];
    LineProcess line = site.line(target);
    recoveredNanos.put(target, Long.MAX_VALUE);
    hits.add(new Hit(System.nanoTime(), Instant.now(), blow, target, active, atOnce));
    switch (blow) {
      case KILL -> {
        line.kill();
        later(target, random.nextInt(200), line::startAgain);
      }
      case FREEZE -> {
        line.signal("STOP");
        later(target, 1_000 + random.nextInt(1_000), () -> line.signal("CONT"));
      }
      case RESET -> {
        int millis = 100 + random.nextInt(900);
        line.fault(FaultKind.RESET, Duration.ofMillis(millis));
        later(target, millis, () -> {});
      }
      case BLACKHOLE -> {
        int millis = 1_000 + random.nextInt(1_000);
        line.fault(FaultKind.BLACKHOLE, Duration.ofMillis(millis));
        later(target, millis, () -> {});
      }
    }
  }

  private interface Recovery {
    void run() throws IOException, InterruptedException;
  }

  private void later(String target, int millis, Recovery recovery) {
    recoveries.schedule(
        () -> {
          try {
            recovery.run();
            recoveredNanos.put(target, System.nanoTime());
          } catch (IOException e) {
            failed.add(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        millis,
        TimeUnit.MILLISECONDS);
  }

  /// What happened, to be read beside the hub's log.
  void writeDown() throws IOException {
    List<String> lines = new ArrayList<>();
    hits.forEach(hit -> lines.add("%s hit %s%s: %s%s"
        .formatted(
            hit.at,
            hit.line,
            hit.active ? " (active)" : "",
            hit.blow,
            hit.atOnce > 1 ? ", one of " + hit.atOnce : "")));
    site.witness()
        .failovers()
        .forEach(told -> lines.add(told.event().path("timestamp").asText() + " " + told.event()));
    lines.addAll(site.witness().evidence());
    Collections.sort(lines);
    Files.write(Path.of("benchmarks/target", site.name() + "-events.txt"), lines);
  }

  /// The hit that a failover followed: the last one of the line that was left.
  Map<Witness.Told, Hit> causes() {
    Map<Witness.Told, Hit> causes = new LinkedHashMap<>();
    for (Witness.Told told : site.witness().failovers()) {
      if (!told.event().get("kind").asText().equals("fail_over")) {
        continue;
      }
      String from = told.event().get("failed_gateway_id").asText();
      Hit last = null;
      for (Hit hit : hits) {
        if (hit.line.equals(from) && hit.atNanos <= told.atNanos()) {
          last = hit;
        }
      }
      if (last != null && told.atNanos() - last.atNanos < Duration.ofSeconds(20).toNanos()) {
        causes.put(told, last);
      }
    }
    return causes;
  }
}

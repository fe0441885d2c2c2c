package dev.everfeed.benchmarks.soak;

import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import dev.everfeed.simulator.venue.Venues;
import dev.everfeed.simulator.venue.VenuesConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Faults of every kind at venues and lines, drawn from a seed. Of the lines of the venue that is
/// streamed from at least one is left alone, so that nothing needs to be lost; but once in a
/// while all of them are shut, and another venue takes over. Runs on the thread that calls
/// [#run].
final class Faults {
  private static final int PAUSE_MILLIS = 2_500;
  private static final int LONGEST_MILLIS = 6_000;
  private static final long SETTLES_NANOS = 3_000_000_000L;
  private static final int ALL_SHUT_ONE_OF = 40;

  private final Venues venues;
  private final List<String> lines;
  private final List<String> others;
  private final RandomGenerator random;
  private final Map<String, Long> soundAgainAtNanos = new HashMap<>();
  private final Map<FaultKind, Integer> ordered = new TreeMap<>();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private int allShut;
  private int notKnown;

  /// @param lines of the venue that is streamed from, itself among them
  Faults(Venues venues, List<String> lines, List<String> others, RandomGenerator random) {
    this.venues = venues;
    this.lines = lines;
    this.others = others;
    this.random = random;
  }

  /// Until then; all are well when it returns.
  void run(long untilNanos) throws IOException, InterruptedException {
    while (System.nanoTime() < untilNanos) {
      TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(PAUSE_MILLIS));
      if (random.nextInt(ALL_SHUT_ONE_OF) == 0) {
        for (String line : lines) {
          order(line, FaultKind.REFUSE, 4_000);
        }
        allShut++;
        continue;
      }
      boolean atLine = random.nextInt(3) > 0;
      List<String> of = atLine ? lines : others;
      String name = of.get(random.nextInt(of.size()));
      if (atLine && !mayFail(name)) {
        continue;
      }
      FaultKind kind = FaultKind.values()[random.nextInt(FaultKind.values().length)];
      boolean hasStreams = atLine || VenuesConfig.STREAMING.contains(name);
      if (!kind.isOfStreams() || hasStreams) {
        order(name, kind, 300 + random.nextInt(LONGEST_MILLIS));
      }
    }
    for (String line : lines) {
      heal(line);
    }
    for (String other : others) {
      heal(other);
    }
  }

  /// A second time when the first was not done in time.
  private void heal(String name) throws IOException {
    try {
      venues.heal(name);
    } catch (IOException e) {
      venues.heal(name);
    }
  }

  private boolean mayFail(String line) {
    long now = System.nanoTime();
    long sound = lines.stream()
        .filter(other -> !other.equals(line))
        .filter(other -> soundAgainAtNanos.getOrDefault(other, now) <= now)
        .count();
    return sound == lines.size() - 1;
  }

  private void order(String name, FaultKind kind, int millis) {
    try {
      venues.fault(name, FaultOrder.of(kind).lasting(Duration.ofMillis(millis)));
    } catch (IllegalArgumentException e) {
      told.add("%s %s: not %s: %s".formatted(Instant.now(), name, kind, e.getMessage()));
      return; // not every venue can fail in every way
    } catch (IOException e) {
      // the simulated venues wait for a processor: the fault may be in force or not
      told.add("%s %s: %s, not known: %s".formatted(Instant.now(), name, kind, e.getMessage()));
      notKnown++;
    }
    soundAgainAtNanos.put(name, System.nanoTime() + millis * 1_000_000L + SETTLES_NANOS);
    ordered.merge(kind, 1, Integer::sum);
    told.add("%s %s: %s for %d ms".formatted(Instant.now(), name, kind, millis));
  }

  int count() {
    return ordered.values().stream().mapToInt(Integer::intValue).sum();
  }

  int kinds() {
    return ordered.size();
  }

  /// Orders that were not confirmed in time.
  int notKnown() {
    return notKnown;
  }

  /// How often all lines were shut at once.
  int allShut() {
    return allShut;
  }

  /// In their order, to be read beside the hub's log.
  List<String> told() {
    return told;
  }
}

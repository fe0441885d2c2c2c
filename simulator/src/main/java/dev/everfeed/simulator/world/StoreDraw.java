package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Draws whether a world has a store, and what becomes of it.
final class StoreDraw {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final int WITH_STORE_PERCENT = 45;

  /// The stream's name is chosen so that the seeds pinned in WorldTest have no store: what they
  /// found they found without one.
  private static final String STREAM = "store 4420";

  private StoreDraw() {}

  static Optional<StorePlan> of(
      Seeds seeds, Instant beginning, List<Symbol> symbols, long safetyNanos) {
    SplittableRandom random = seeds.of(STREAM);
    if (!Seeds.chance(random, WITH_STORE_PERCENT)) {
      return Optional.empty();
    }
    int pastMinutes = Seeds.chance(random, 20) ? 0 : random.nextInt(5, 90);
    return Optional.of(new StorePlan(
        pastMinutes,
        spells(random, safetyNanos),
        restarts(random, safetyNanos),
        dutyChanges(random, safetyNanos),
        Seeds.chance(random, 30) ? 0 : Seeds.logUniform(random, 10 * MILLI, 8 * SECOND),
        questions(random, beginning, symbols, pastMinutes),
        Seeds.logUniform(random, 0.2, 3.0)));
  }

  private static List<StorePlan.Spell> spells(SplittableRandom random, long safety) {
    List<StorePlan.Spell> spells = new ArrayList<>();
    int count = Seeds.chance(random, 30) ? 0 : random.nextInt(1, 6);
    for (int i = 0; i < count; i++) {
      StorePlan.Trouble trouble =
          StorePlan.Trouble.values()[random.nextInt(StorePlan.Trouble.values().length)];
      long from = Seeds.chance(random, 10) ? 0 : random.nextLong(safety);
      long length = Seeds.logUniform(random, SECOND, 120 * SECOND);
      spells.add(new StorePlan.Spell(trouble, from, Math.min(safety, from + length)));
    }
    spells.sort(Comparator.comparingLong(StorePlan.Spell::fromNanos));
    return spells;
  }

  private static List<StorePlan.Restart> restarts(SplittableRandom random, long safety) {
    List<StorePlan.Restart> restarts = new ArrayList<>();
    int count = Seeds.chance(random, 30) ? 0 : random.nextInt(1, 4);
    long from = 5 * SECOND;
    for (int i = 0; i < count; i++) {
      long at = from + Seeds.logUniform(random, SECOND, safety / 2);
      long down = Seeds.logUniform(random, 100 * MILLI, 20 * SECOND);
      if (at + down + SECOND < safety) {
        restarts.add(new StorePlan.Restart(at, down));
      }
      from = at + down + SECOND;
    }
    return restarts;
  }

  private static List<StorePlan.DutyChange> dutyChanges(SplittableRandom random, long safety) {
    List<StorePlan.DutyChange> changes = new ArrayList<>();
    int count = Seeds.chance(random, 50) ? 0 : random.nextInt(1, 5);
    for (int i = 0; i < count; i++) {
      long at = Seeds.chance(random, 15) ? 0 : random.nextLong(safety);
      changes.add(new StorePlan.DutyChange(at, false));
    }
    changes.sort(Comparator.comparingLong(StorePlan.DutyChange::atNanos));
    for (int i = 1; i < count; i += 2) { // it goes, and comes, and goes
      changes.set(i, new StorePlan.DutyChange(changes.get(i).atNanos(), true));
    }
    return changes;
  }

  private static List<Query> questions(
      SplittableRandom random, Instant beginning, List<Symbol> symbols, int pastMinutes) {
    List<Query> questions = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Symbol symbol = symbols.get(random.nextInt(symbols.size()));
      int first = random.nextInt(-pastMinutes - 5, 4);
      int length = random.nextInt(1, 30);
      Instant from = beginning.plusSeconds(60L * first);
      Instant to = from.plusSeconds(60L * length);
      int limit = Seeds.chance(random, 70) ? 100 : random.nextInt(1, 30);
      questions.add(
          switch (random.nextInt(10)) {
            case 0, 1 -> new Query.Bars(symbol, Interval.M1, null, null, random.nextInt(6, 60));
            case 2 -> new Query.Bars(symbol, Interval.M1, null, to, limit);
            case 3 -> new Query.Bars(symbol, Interval.M1, from, null, limit);
            default -> new Query.Bars(symbol, Interval.M1, from, to, limit);
          });
    }
    return questions;
  }
}

package dev.everfeed.simulator.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// The pull side as a whole, on virtual time: safety while faults are on, then liveness after
/// healing, with every invariant looked at after every event. A failure names the command that
/// shows it again; its seed then joins the pinned ones with its story.
class WorldTest {
  private static final long SEEDS = 500;

  @Test
  void noSeedBreaksAnInvariant() {
    long began = System.nanoTime();
    List<Outcome> outcomes = LongStream.rangeClosed(1, SEEDS)
        .parallel()
        .mapToObj(seed -> World.seeded(seed).run())
        .toList();

    System.out.printf(
        "%,d seeds, %,d virtual hours, %,d requests, %,d faults, %,d failovers, %,d openings,"
            + " %,d calls, %,d inputs and decisions in %,d ms%n",
        SEEDS,
        sum(outcomes, Outcome::endNanos) / 3_600_000_000_000L,
        sum(outcomes, Outcome::requests),
        sum(outcomes, Outcome::faults),
        sum(outcomes, Outcome::failovers),
        sum(outcomes, Outcome::openings),
        sum(outcomes, Outcome::calls),
        sum(outcomes, Outcome::steps),
        (System.nanoTime() - began) / 1_000_000);
    assertThat(failures(outcomes)).isEmpty();
    assertThat(sum(outcomes, Outcome::requests)).isGreaterThanOrEqualTo(1_000_000);
    assertThat(sum(outcomes, Outcome::faults)).isGreaterThanOrEqualTo(5_000);
    assertThat(sum(outcomes, Outcome::openings)).isGreaterThanOrEqualTo(1_000);
    for (Outcome outcome : outcomes) {
      long answers = outcome.live()
          + outcome.maybeStale()
          + outcome.cached()
          + outcome.stale()
          + outcome.unavailable();
      assertThat(outcome.requests()).as(outcome.replay()).isEqualTo(answers);
    }
  }

  private static long sum(List<Outcome> outcomes, ToLongFunction<Outcome> of) {
    return outcomes.stream().mapToLong(of).sum();
  }

  /// One line each: how to see it again, and what was broken.
  private static String failures(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> !outcome.violations().isEmpty())
        .map(outcome -> outcome.replay() + "  " + outcome.violations().getFirst())
        .collect(Collectors.joining("\n"));
  }
}

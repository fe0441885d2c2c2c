package dev.everfeed.simulator.world.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// The push side as a whole, on virtual time: safety while faults are on, then liveness after
/// them, with every invariant looked at after every event. A failure names the command that
/// shows it again; its seed then joins the pinned ones with its story.
class StreamWorldTest {
  private static final long SEEDS = 2_000;

  @Test
  void noSeedBreaksAnInvariant() {
    long began = System.nanoTime();
    List<StreamOutcome> outcomes = LongStream.rangeClosed(1, SEEDS)
        .parallel()
        .mapToObj(seed -> StreamWorld.seeded(seed).run())
        .toList();

    System.out.printf(
        "%,d seeds, %,d virtual hours, %,d events, %,d published, %,d faults, %,d failovers,"
            + " %,d convictions (%,d without a fault), %,d s until well at most, %,d ms%n",
        SEEDS,
        sum(outcomes, StreamOutcome::endNanos) / 3_600_000_000_000L,
        sum(outcomes, StreamOutcome::steps),
        sum(outcomes, StreamOutcome::published),
        sum(outcomes, StreamOutcome::faults),
        sum(outcomes, StreamOutcome::failovers),
        sum(outcomes, StreamOutcome::convictions),
        sum(outcomes, StreamOutcome::falseConvictions),
        outcomes.stream().mapToLong(StreamOutcome::wellNanos).max().orElse(0) / 1_000_000_000L,
        (System.nanoTime() - began) / 1_000_000);
    assertThat(failures(outcomes)).isEmpty();
    assertThat(sum(outcomes, StreamOutcome::steps)).isGreaterThanOrEqualTo(50_000_000);
    assertThat(sum(outcomes, StreamOutcome::faults)).isGreaterThanOrEqualTo(20_000);
    assertThat(sum(outcomes, StreamOutcome::failovers)).isGreaterThanOrEqualTo(5_000);
  }

  @Test
  void aSeedDoesTheSameAgainAndWhenItIsTraced() {
    List<String> lines = new ArrayList<>();
    for (long seed = 1; seed <= 10; seed++) {
      StreamOutcome outcome = StreamWorld.seeded(seed).run();
      assertThat(StreamWorld.seeded(seed).tracedTo(lines::add).run().hash())
          .isEqualTo(outcome.hash());
    }
    assertThat(lines).hasSizeGreaterThan(10_000);
  }

  private static long sum(List<StreamOutcome> outcomes, ToLongFunction<StreamOutcome> of) {
    return outcomes.stream().mapToLong(of).sum();
  }

  /// One line each: how to see it again, and what was broken.
  private static String failures(List<StreamOutcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> !outcome.violations().isEmpty())
        .map(outcome -> outcome.replay() + "  " + outcome.violations().getFirst())
        .collect(Collectors.joining("\n"));
  }
}

package dev.everfeed.simulator.world.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.simulator.check.Violation;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every planted bug of the push side must be found by the invariant it breaks; the production
/// classes are not touched.
class PlantedStreamBugsTest {
  private static final int SEEDS_MOST = 2_000;

  @ParameterizedTest
  @EnumSource
  void aPlantedBugIsFoundByItsInvariant(PlantedStreamBug bug) {
    int seed = 0;
    List<Violation> found = List.of();
    while (found.isEmpty() && seed < SEEDS_MOST) {
      seed++;
      found = StreamWorld.seeded(seed).with(bug.distortion.get()).run().violations().stream()
          .filter(violation -> violation.id().equals(bug.foundBy))
          .toList();
    }
    assertThat(found)
        .as("%s must be found by %s within %,d seeds", bug, bug.foundBy, SEEDS_MOST)
        .isNotEmpty();
    System.out.printf("%-34s seed %4d, %s%n", bug, seed, found.getFirst());
  }
}

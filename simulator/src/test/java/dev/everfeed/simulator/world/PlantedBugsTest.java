package dev.everfeed.simulator.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.simulator.check.Violation;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a simulation does not find is only known when something is there to be found. Every
/// planted bug must be found by the invariant it breaks, soon; the production classes are not
/// touched.
class PlantedBugsTest {
  private static final int SEEDS_MOST = 40;

  @ParameterizedTest
  @EnumSource
  void aPlantedBugIsFoundByItsInvariant(PlantedBug bug) {
    int seed = 0;
    List<Violation> found = List.of();
    while (found.isEmpty() && seed < SEEDS_MOST) {
      seed++;
      found = World.seeded(seed).with(bug.distortion.get()).run().violations().stream()
          .filter(violation -> violation.id().equals(bug.foundBy))
          .toList();
    }
    assertThat(found)
        .as("%s must be found by %s within %d seeds", bug, bug.foundBy, SEEDS_MOST)
        .isNotEmpty();
    System.out.printf("%-28s seed %2d, %s%n", bug, seed, found.getFirst());
  }
}

package dev.everfeed.core.arbitrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
  private final RecentIds ids = new RecentIds();

  @Test
  void anIdIsKnownUntilAsManyNewerOnesHaveCome() {
    assertThat(ids.add(-7)).isTrue();
    assertThat(ids.add(-7)).isFalse();
    for (int i = 1; i < RecentIds.SIZE; i++) {
      assertThat(ids.add(1_000L + i)).isTrue();
    }
    assertThat(ids.add(-7)).as("the oldest of all that fit").isFalse();
    assertThat(ids.add(2_000_000)).isTrue();
    assertThat(ids.add(-7)).as("forgotten").isTrue();
  }

  @Test
  void theHashZeroIsAnIdLikeAnyOther() {
    assertThat(ids.add(0)).isTrue();
    assertThat(ids.add(0)).isFalse();
  }

  @Test
  void nothingIsKnownAfterAllWasForgotten() {
    for (int i = 1; i < 3 * RecentIds.SIZE / 2; i++) {
      ids.add(i);
    }
    ids.clear();
    for (int i = 1; i < 3 * RecentIds.SIZE / 2; i++) {
      assertThat(ids.add(i)).isTrue();
    }
    assertThat(ids.add(RecentIds.SIZE)).isFalse();
  }

  /// Against a set and a queue as the naive twin. Few different hashes, so that ids come again
  /// before and after they are forgotten; many of them fall into neighbouring slots.
  @Test
  void theyAgreeWithANaiveTwinOverManyTimesTheirSize() {
    for (int spread : new int[] {1_100, 2_500, 60_000}) {
      RecentIds clever = new RecentIds();
      Random random = new Random(spread);
      Set<Long> known = new LinkedHashSet<>();
      ArrayDeque<Long> order = new ArrayDeque<>();
      for (int i = 0; i < Repetitions.of(40_000); i++) {
        long hash = 1 + random.nextInt(spread);
        boolean isNew = known.add(hash);
        assertThat(clever.add(hash)).as("spread %d, step %d", spread, i).isEqualTo(isNew);
        if (isNew) {
          order.addLast(hash);
          if (order.size() > RecentIds.SIZE) {
            known.remove(order.removeFirst());
          }
        }
      }
    }
  }
}

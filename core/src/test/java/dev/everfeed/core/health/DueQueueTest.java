package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DueQueueTest {

  /// Against a map as the naive twin; ticks lie around the place where they wrap.
  @ParameterizedTest
  @ValueSource(ints = {1, 50, 64, 65, 9_000})
  void theSoonestCellIsTakenFirstWhateverWasMovedOrRemoved(int cells) {
    Random random = new Random(3);
    DueQueue queue = new DueQueue(cells);
    Map<Integer, Integer> twin = new TreeMap<>();
    for (int i = 0; i < Repetitions.of(100_000); i++) {
      int cell = random.nextInt(cells);
      int tick = Integer.MAX_VALUE + random.nextInt(100) - 50;
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          queue.put(cell, tick);
          twin.put(cell, tick);
        }
        case 2 -> {
          queue.putIfSooner(cell, tick);
          twin.merge(cell, tick, (a, b) -> a - b <= 0 ? a : b);
        }
        case 3 -> {
          queue.remove(cell);
          twin.remove(cell);
        }
        default -> {
          if (!twin.isEmpty() && twin.size() < 500) { // to look through a thousand takes too long
            int soonest = twin.values().stream().min((a, b) -> a - b).orElseThrow();
            assertThat(queue.firstTick()).isEqualTo(soonest);
            assertThat(twin.remove(queue.takeFirst())).isEqualTo(soonest);
          }
        }
      }
      assertThat(queue.isEmpty()).isEqualTo(twin.isEmpty());
      assertThat(queue.holds(cell)).isEqualTo(twin.containsKey(cell));
    }
  }

  @Test
  void theTickThatStandsForNoneIsDueOneLater() {
    DueQueue queue = new DueQueue(3);
    queue.put(1, 0);
    assertThat(queue.holds(1)).isTrue();
    assertThat(queue.firstTick()).isEqualTo(1);
    assertThat(queue.takeFirst()).isEqualTo(1);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aCellTakesLittleMoreThanFourBytes() {
    assertThat(new DueQueue(60_000).bytes()).isBetween(240_000L, 244_000L);
  }
}

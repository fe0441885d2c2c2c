package dev.everfeed.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DueQueueTest {

  /// Against a map as the naive twin; ticks lie around the place where they wrap.
  @Test
  void theSoonestCellIsTakenFirstWhateverWasMovedOrRemoved() {
    Random random = new Random(3);
    DueQueue queue = new DueQueue(50);
    Map<Integer, Integer> twin = new TreeMap<>();
    for (int i = 0; i < 100_000; i++) {
      int cell = random.nextInt(50);
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
          if (!twin.isEmpty()) {
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
}

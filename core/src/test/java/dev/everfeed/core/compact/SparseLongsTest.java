package dev.everfeed.core.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SparseLongsTest {

  /// Against a map as the naive twin; first few places, then many, then few again.
  @Test
  void whatWasSetIsThereAndEverythingElseIsUsual() {
    Random random = new Random(2);
    SparseLongs numbers = new SparseLongs(-1);
    Map<Integer, Long> twin = new TreeMap<>();
    for (int i = 0; i < 300_000; i++) {
      int place = random.nextInt(2_000) * 3;
      boolean sets = random.nextInt(300_000) > Math.abs(150_000 - i);
      if (sets) {
        long value = random.nextLong(1_000);
        numbers.set(place, value);
        twin.put(place, value);
      } else if (random.nextBoolean()) {
        numbers.set(place, -1);
        twin.remove(place);
      } else {
        numbers.clear(place);
        twin.remove(place);
      }
      int other = random.nextInt(6_000);
      assertThat(numbers.get(other)).isEqualTo(twin.getOrDefault(other, -1L));
      assertThat(numbers.has(other)).isEqualTo(twin.containsKey(other));
      assertThat(numbers.size()).isEqualTo(twin.size());
    }
  }

  @Test
  void everythingIsUsualAfterItWasCleared() {
    SparseLongs numbers = new SparseLongs(7);
    for (int place = 0; place < 100; place++) {
      numbers.set(place, place + 100);
    }
    numbers.clear();
    assertThat(numbers.size()).isZero();
    for (int place = 0; place < 100; place++) {
      assertThat(numbers.get(place)).isEqualTo(7);
      numbers.set(place, place);
      assertThat(numbers.get(place)).isEqualTo(place);
    }
  }

  @Test
  void itGrowsToWhatWasThereAtATimeAndNotWithWhatComesAndGoes() {
    SparseLongs numbers = new SparseLongs(0);
    for (int i = 0; i < 1_000_000; i++) {
      numbers.set(i % 20_000, 1);
      numbers.clear((i + 19_990) % 20_000);
    }
    assertThat(numbers.size()).isLessThanOrEqualTo(10);
    assertThat(numbers.bytes()).isLessThanOrEqualTo(32 * 12);
  }
}

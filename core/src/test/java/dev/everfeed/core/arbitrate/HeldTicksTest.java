package dev.everfeed.core.arbitrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import dev.everfeed.core.arbitrate.HeldTicks.Added;
import dev.everfeed.core.model.Tick;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HeldTicksTest {
  private final HeldTicks held = holding(4, 40);

  private static HeldTicks holding(int perStreamMax, int max) {
    return new HeldTicks(perStreamMax, max);
  }

  private static Tick tick(int stream, long id) {
    byte[] text = Long.toString(id).getBytes(StandardCharsets.US_ASCII);
    Tick tick = new Tick();
    tick.begin(stream);
    tick.setId(text, 0, text.length);
    return tick;
  }

  private Added add(int stream, long id, long nowNanos) {
    return held.add(stream, tick(stream, id), stream + 1, nowNanos - 1, nowNanos);
  }

  private List<Long> taken(int stream) {
    List<Long> ids = new ArrayList<>();
    for (int at = held.first(stream); at != HeldTicks.NONE; at = held.first(stream)) {
      ids.add(held.tick(at).idNumber());
      held.removeFirst(stream);
    }
    return ids;
  }

  @Test
  void theyAreTakenInTheOrderOfTheirIdsWhateverTheOrderTheyCameIn() {
    for (long id : new long[] {7, 3, 9, 5}) {
      assertThat(add(1, id, 0)).isEqualTo(Added.HELD);
    }
    assertThat(held.count(1)).isEqualTo(4);
    assertThat(held.size()).isEqualTo(4);
    assertThat(taken(1)).containsExactly(3L, 5L, 7L, 9L);
    assertThat(held.count(1)).isZero();
    assertThat(held.size()).isZero();
    assertThat(add(1, 2, 0)).as("and there is room again").isEqualTo(Added.HELD);
    assertThat(add(1, 1, 0)).isEqualTo(Added.HELD);
    assertThat(taken(1)).containsExactly(1L, 2L);
  }

  @Test
  void whoBroughtItAndWhenIsKept() {
    add(1, 5, 100);
    int at = held.first(1);
    assertThat(held.gateway(at)).isEqualTo(2);
    assertThat(held.receivedNanos(at)).isEqualTo(99);
    assertThat(held.tick(at).stream()).isEqualTo(1);
  }

  @Test
  void anIdThatWaitsAlreadyIsKnownWhereverItStands() {
    for (long id : new long[] {3, 5, 9}) {
      add(0, id, 0);
    }
    for (long id : new long[] {3, 5, 9}) {
      assertThat(add(0, id, 0)).isEqualTo(Added.KNOWN);
    }
    assertThat(held.size()).isEqualTo(3);
    assertThat(add(1, 5, 0)).as("another stream's").isEqualTo(Added.HELD);
  }

  @Test
  void noMoreWaitThanMayInAStreamNorInAllTogether() {
    for (int id = 0; id < 4; id++) {
      add(0, id, 0);
    }
    assertThat(add(0, 4, 0)).isEqualTo(Added.FULL);
    assertThat(add(0, 2, 0)).isEqualTo(Added.KNOWN);
    assertThat(held.size()).isEqualTo(4);

    HeldTicks small = holding(18, 18);
    for (int id = 0; id < 17; id++) {
      assertThat(small.add(0, tick(0, id), 0, 0, 0)).isEqualTo(Added.HELD);
    }
    assertThat(small.add(1, tick(1, 0), 0, 0, 0)).isEqualTo(Added.HELD);
    assertThat(small.add(1, tick(1, 1), 0, 0, 0)).isEqualTo(Added.FULL);
    small.removeFirst(0);
    assertThat(small.add(1, tick(1, 1), 0, 0, 0)).isEqualTo(Added.HELD);
  }

  /// Behind the first hole may lie another one: how long what is behind that has waited.
  @Test
  void itWaitsSinceTheLongestWaitingOfItAndThoseBehindIt() {
    add(0, 9, 100);
    add(0, 5, 200);
    int first = held.first(0);
    assertThat(held.sinceNanos(first)).isEqualTo(100);
    held.removeFirst(0);
    assertThat(held.sinceNanos(held.first(0))).isEqualTo(100);
    add(0, 12, 300);
    held.removeFirst(0);
    assertThat(held.sinceNanos(held.first(0))).isEqualTo(300);
  }

  /// Against a sorted map for each stream as the naive twin.
  @Test
  void anyOrderOfAddingAndTakingAgreesWithASortedMap() {
    Random random = new Random(8);
    List<TreeMap<Long, Long>> twins = List.of(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    for (int i = 0; i < Repetitions.of(20_000); i++) {
      int stream = random.nextInt(3);
      TreeMap<Long, Long> twin = twins.get(stream);
      if (random.nextInt(5) < 3) {
        long id = random.nextInt(12);
        Added expected =
            twin.containsKey(id) ? Added.KNOWN : twin.size() == 4 ? Added.FULL : Added.HELD;
        assertThat(add(stream, id, i)).isEqualTo(expected);
        if (expected == Added.HELD) {
          twin.put(id, i - 1L);
        }
      } else if (!twin.isEmpty()) {
        int at = held.first(stream);
        assertThat(held.tick(at).idNumber()).isEqualTo(twin.firstKey());
        assertThat(held.receivedNanos(at)).isEqualTo(twin.firstEntry().getValue());
        held.removeFirst(stream);
        twin.pollFirstEntry();
      }
      assertThat(held.count(stream)).isEqualTo(twin.size());
      assertThat(held.size()).isEqualTo(twins.stream().mapToInt(TreeMap::size).sum());
    }
  }
}

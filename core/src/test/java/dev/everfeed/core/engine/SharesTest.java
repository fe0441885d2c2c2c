package dev.everfeed.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SharesTest {
  private final Shares shares = new Shares(2);

  @Test
  void streamsFillOneConnectionAfterTheOther() {
    want(0, 1, 2, 3, 4);
    assertThat(all()).containsExactly(List.of(0, 1), List.of(2, 3), List.of(4));
  }

  @Test
  void whatIsNotWantedAnyMoreMovesNoneOfTheOthers() {
    want(0, 1, 2, 3, 4);
    want(1, 2, 3, 4);
    assertThat(all()).containsExactly(List.of(1), List.of(2, 3), List.of(4));
  }

  @Test
  void whatIsWantedAnewTakesAPlaceThatIsFree() {
    want(5, 6, 7);
    want(0, 5, 6, 7);
    assertThat(all()).containsExactly(List.of(5, 6), List.of(0, 7));
    want(0, 6, 8);
    assertThat(all()).containsExactly(List.of(6, 8), List.of(0));
  }

  @Test
  void aConnectionOfWhichNothingIsWantedStaysAndIsUsedAgain() {
    want(0, 1, 2);
    want();
    assertThat(all()).containsExactly(List.of(), List.of());
    want(3);
    assertThat(all()).containsExactly(List.of(3), List.of());
  }

  @Test
  void whateverIsWantedIsOnOneConnectionAndStaysThere() {
    Random random = new Random(7);
    TreeMap<Integer, Integer> before = new TreeMap<>();
    for (int i = 0; i < 500; i++) {
      TreeSet<Integer> wanted = new TreeSet<>();
      random.ints(random.nextInt(12), 0, 20).forEach(wanted::add);
      shares.want(wanted);
      TreeMap<Integer, Integer> now = new TreeMap<>();
      for (int connection = 0; connection < shares.count(); connection++) {
        assertThat(shares.of(connection)).hasSizeLessThanOrEqualTo(2);
        for (int stream : shares.of(connection)) {
          assertThat(now.put(stream, connection)).isNull();
        }
      }
      assertThat(now.keySet()).isEqualTo(wanted);
      before.forEach((stream, connection) -> {
        if (now.containsKey(stream)) {
          assertThat(now).containsEntry(stream, connection);
        }
      });
      before = now;
    }
  }

  @Test
  void aConnectionTakesAtLeastOneStream() {
    assertThatThrownBy(() -> new Shares(0)).hasMessageContaining("at least 1 stream, was 0");
  }

  private void want(Integer... streams) {
    shares.want(new TreeSet<>(List.of(streams)));
  }

  private List<List<Integer>> all() {
    List<List<Integer>> all = new ArrayList<>();
    for (int i = 0; i < shares.count(); i++) {
      all.add(List.copyOf(shares.of(i)));
    }
    return all;
  }
}

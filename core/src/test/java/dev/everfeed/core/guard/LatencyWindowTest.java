package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatencyWindowTest {
  @Test
  void isZeroBeforeTheFirstAnswer() {
    assertThat(new LatencyWindow().p95Nanos()).isZero();
  }

  @Test
  void oneAnswerIsItsOwnPercentile() {
    LatencyWindow window = new LatencyWindow();
    window.record(7);
    assertThat(window.p95Nanos()).isEqualTo(7);
  }

  @Test
  void aLatencyFromAClockReadInTheWrongOrderIsZero() {
    LatencyWindow window = new LatencyWindow();
    window.record(-3);
    assertThat(window.p95Nanos()).isZero();
  }

  /// Against the definition: the smallest value that at least 95 % of the last 128 do not
  /// exceed.
  @Test
  void agreesWithTheDefinitionOnRandomLatencies() {
    SplittableRandom random = new SplittableRandom(4);
    LatencyWindow window = new LatencyWindow();
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      long latency = random.nextLong(1_000);
      window.record(latency);
      all.add(latency);
      if (random.nextInt(3) > 0) {
        continue;
      }
      List<Long> last = all.subList(Math.max(0, all.size() - 128), all.size());
      long expected = last.stream()
          .sorted()
          .filter(each ->
              last.stream().filter(other -> other <= each).count() * 100 >= last.size() * 95L)
          .findFirst()
          .orElseThrow();
      assertThat(window.p95Nanos()).isEqualTo(expected);
      assertThat(window.p95Nanos()).isEqualTo(expected);
    }
  }
}

package dev.everfeed.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/// A judge of leaks must be able to find one, and must not find one in noise.
class TrendTest {
  private static final int POINTS = 120;
  private final SplittableRandom random = new SplittableRandom(7);

  private Trend of(DoubleUnaryOperator value) {
    double[] times = new double[POINTS];
    double[] values = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      times[i] = i / 300.0; // hours, one every 12 s
      values[i] = value.applyAsDouble(times[i]);
    }
    return Trend.of(times, values);
  }

  private double noise(double width) {
    return (random.nextDouble() - 0.5) * width;
  }

  @Test
  void aStraightLineHasItsSlopeAndNoDoubt() {
    Trend line = of(hours -> 50 + 3 * hours);

    assertThat(line.slope()).isCloseTo(3, org.assertj.core.api.Assertions.within(1e-6));
    assertThat(line.lowest()).isCloseTo(3, org.assertj.core.api.Assertions.within(1e-6));
  }

  @Test
  void aLeakIsFoundBeneathNoiseTenTimesAsWideAsASample() {
    Trend leak = of(hours -> 80 + 30 * hours + noise(6));

    assertThat(leak.lowest()).isGreaterThan(20);
    assertThat(leak.slope()).isBetween(25.0, 35.0);
    assertThat(leak.highest()).isGreaterThan(leak.slope());
  }

  @Test
  void noiseAroundALevelIsNoGrowth() {
    Trend flat = of(_ -> 80 + noise(20));

    assertThat(flat.lowest()).isNegative();
    assertThat(flat.highest()).isPositive();
  }

  /// A collection that came late, a burst of readers.
  @Test
  void aFifthOfWildPointsDoesNotMoveIt() {
    Trend wild = of(_ -> 80 + noise(1) + (random.nextInt(5) == 0 ? 300 : 0));

    assertThat(Math.abs(wild.slope())).isLessThan(1);
    assertThat(wild.lowest()).isNegative();
  }

  @Test
  void tooFewPointsAreNoTrend() {
    assertThatThrownBy(() -> Trend.of(new double[] {1, 2}, new double[] {1, 2}))
        .hasMessageContaining("8 points at least")
        .hasMessageContaining("were 2 and 2");
  }
}

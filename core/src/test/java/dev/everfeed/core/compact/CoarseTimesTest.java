package dev.everfeed.core.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CoarseTimesTest {
  private static final long HOUR = 3_600_000_000_000L;
  private static final long DAY = 24 * HOUR;

  @Test
  void nothingHasHappenedBeforeItIsSet() {
    CoarseTimes times = new CoarseTimes(2);
    times.set(1, 5_000_000);
    assertThat(times.get(0)).isEqualTo(CoarseTimes.NEVER);
    assertThat(times.get(1)).isEqualTo(5_000_000);
  }

  @Test
  void timesAreRoundedDownToTheStepAlsoBeforeZero() {
    CoarseTimes times = new CoarseTimes(1);
    for (long nanos : new long[] {0, 249_999, 250_000, 999_999, -1, -250_000, -250_001}) {
      times.set(0, nanos);
      assertThat(nanos - times.get(0)).isBetween(0L, CoarseTimes.STEP_NANOS - 1);
    }
  }

  /// Two years: the base moves more than a hundred times. What is older reads as a time in
  /// between.
  @Test
  void whatIsYoungerThanTheHorizonIsExactToTheStepHoweverLongItRuns() {
    Random random = new Random(1);
    int places = 50;
    CoarseTimes times = new CoarseTimes(places);
    long[] twin = new long[places];
    for (int place = 0; place < places; place++) {
      times.set(place, 0);
    }
    for (long now = HOUR; now < 730 * DAY; now += random.nextLong(2 * HOUR)) {
      int set = random.nextInt(places / 2); // the others stay where they were
      twin[set] = now;
      times.set(set, now);
      for (int place = 0; place < places; place++) {
        long error = twin[place] - times.get(place);
        boolean isYoung = now - twin[place] <= CoarseTimes.HORIZON_NANOS;
        if (isYoung) {
          assertThat(error).isBetween(0L, CoarseTimes.STEP_NANOS - 1);
        } else {
          assertThat(error).isLessThan(CoarseTimes.STEP_NANOS);
          assertThat(now - times.get(place)).isGreaterThanOrEqualTo(CoarseTimes.HORIZON_NANOS);
        }
      }
    }
  }

  @Test
  void aYearWithoutAnythingIsALeapOfTheBase() {
    CoarseTimes times = new CoarseTimes(2);
    times.set(0, 7 * HOUR);
    times.set(1, 365 * DAY);
    assertThat(times.get(1)).isEqualTo(365 * DAY);
    assertThat(365 * DAY - times.get(0)).isEqualTo(CoarseTimes.HORIZON_NANOS);
  }

  @Test
  void aPlaceTakesFourBytes() {
    assertThat(new CoarseTimes(60_000).bytes()).isEqualTo(240_000);
  }
}

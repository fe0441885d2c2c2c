package dev.everfeed.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import java.time.Instant;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class Rfc3339Test {
  @Test
  void aTimeHasAsManyFractionDigitsAsItNeeds() {
    assertThat(Rfc3339.format(Instant.parse("2020-01-02T16:11:12.010Z")))
        .isEqualTo("2020-01-02T16:11:12.01Z");
    assertThat(Rfc3339.format(Instant.EPOCH)).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(Rfc3339.format(Instant.ofEpochSecond(0, 1)))
        .isEqualTo("1970-01-01T00:00:00.000000001Z");
  }

  @Test
  void yearsOfFourDigitsHaveNoSignAndAllOthersHaveOne() {
    for (String text : new String[] {
      "0000-01-01T00:00:00Z",
      "9999-12-31T23:59:59.999999999Z",
      "+10000-01-01T00:00:00Z",
      "-0001-12-31T23:59:59.5Z",
      "+10000-01-01T00:00:00.0001Z"
    }) {
      assertThat(Rfc3339.format(Instant.parse(text))).isEqualTo(text);
    }
  }

  @Test
  void everyTimeIsReadBackAsItWas() {
    RandomGenerator random = new Random(5);
    long[] spans = {1L << 32, 1L << 38, 300_000_000_000L, Instant.MAX.getEpochSecond()};
    int[] units = {1, 1_000, 1_000_000, 100_000_000};
    for (int i = 0; i < Repetitions.of(200_000); i++) {
      long span = spans[i % spans.length];
      int unit = units[random.nextInt(units.length)];
      Instant time = Instant.ofEpochSecond(
          random.nextLong(-span, span), (long) unit * random.nextInt(1_000_000_000 / unit));
      String text = Rfc3339.format(time);
      assertThat(Instant.parse(text)).isEqualTo(time);
      assertThat(text).doesNotContainPattern("\\.\\d*0Z$");
    }
    for (Instant time : new Instant[] {Instant.MIN, Instant.MAX}) {
      assertThat(Instant.parse(Rfc3339.format(time))).isEqualTo(time);
    }
  }
}

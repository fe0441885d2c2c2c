package dev.everfeed.hub.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.time.Rfc3339;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BytesTest {
  private static final int TRIES = 100_000;

  private final Bytes bytes = new Bytes();
  private final Random random = new Random(5);

  private String text() {
    String text = new String(bytes.array(), 0, bytes.length(), StandardCharsets.US_ASCII);
    bytes.clear();
    return text;
  }

  @Test
  void decimalsAreThoseOfBigDecimalWithoutAnExponent() {
    for (int i = 0; i < TRIES; i++) {
      long mantissa = random.nextLong() >> random.nextInt(64);
      int scale = random.nextInt(19);
      bytes.putDecimal(mantissa, scale);
      assertThat(text()).isEqualTo(BigDecimal.valueOf(mantissa, scale).toPlainString());
    }
  }

  @Test
  void theSmallestAndTheLargestNumbersFit() {
    for (long number : new long[] {
      Long.MIN_VALUE,
      Long.MAX_VALUE,
      Integer.MIN_VALUE,
      Integer.MIN_VALUE - 1L,
      Integer.MAX_VALUE,
      0
    }) {
      bytes.put(number);
      assertThat(text()).isEqualTo(Long.toString(number));
    }
  }

  @Test
  void timesOfTheSameSecondOfTheNextAndOfAnotherAreRight() {
    long nanos = 0;
    for (int i = 0; i < TRIES; i++) {
      nanos = switch (random.nextInt(4)) {
        case 0 -> random.nextLong();
        case 1 -> Math.floorDiv(nanos, 1_000_000_000L) * 1_000_000_000L;
        default -> nanos + random.nextInt(500_000_000);
      };
      bytes.putTime(nanos);
      assertThat(text())
          .isEqualTo(Rfc3339.format(Instant.ofEpochSecond(
              Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L))));
    }
  }
}

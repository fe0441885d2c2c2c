package dev.everfeed.core.bars;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.Decimal;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunningDecimalTest {
  private final Random random = new Random(4);

  @Test
  void aSumIsExactHoweverLargeItsPartsAre() {
    for (int round = 0; round < 2_000; round++) {
      RunningDecimal sum = new RunningDecimal();
      BigDecimal expected = BigDecimal.ZERO;
      for (int i = 0; i < 20; i++) {
        BigDecimal part = any();
        RunningDecimal more = new RunningDecimal();
        more.set(Decimal.of(part));
        sum.add(more);
        expected = expected.add(part);
      }
      assertThat(sum.toBigDecimal()).isEqualByComparingTo(expected);
      if (sum.isSmall()) {
        assertThat(BigDecimal.valueOf(sum.mantissa(), sum.scale())).isEqualByComparingTo(expected);
      }
    }
  }

  @Test
  void theOrderIsThatOfTheValues() {
    for (int round = 0; round < 20_000; round++) {
      BigDecimal one = any();
      BigDecimal other = random.nextInt(4) == 0 ? one.setScale(one.scale() + 1) : any();
      RunningDecimal a = new RunningDecimal();
      RunningDecimal b = new RunningDecimal();
      set(a, one);
      set(b, other);
      assertThat(Integer.signum(a.compareTo(b))).isEqualTo(one.compareTo(other));
    }
  }

  private static void set(RunningDecimal into, BigDecimal value) {
    if (value.unscaledValue().bitLength() < 64 && value.scale() <= RunningDecimal.SCALE_MAX) {
      into.set(value.unscaledValue().longValue(), value.scale());
    } else {
      into.set(Decimal.of(value));
    }
  }

  private BigDecimal any() {
    BigDecimal small =
        BigDecimal.valueOf(random.nextLong() >> random.nextInt(63), random.nextInt(19));
    return random.nextInt(10) == 0 ? small.movePointRight(25) : small;
  }
}

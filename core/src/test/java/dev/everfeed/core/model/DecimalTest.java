package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// [Decimal] beside [BigDecimal], which knows.
class DecimalTest {
  @Test
  void textsAreReadAndWrittenAsBigDecimalDoes() {
    RandomGenerator random = new Random(11);
    for (int i = 0; i < 200_000; i++) {
      String text = text(random);
      BigDecimal right = new BigDecimal(text);
      Decimal decimal = Decimal.parse(text);
      assertThat(decimal.toString()).as(text).isEqualTo(right.toPlainString());
      assertThat(decimal.toBigDecimal()).as(text).isEqualTo(right);
      assertThat(decimal.signum()).as(text).isEqualTo(right.signum());
      assertThat(Decimal.of(right).toString()).as(text).isEqualTo(right.toPlainString());
    }
  }

  @Test
  void orderEqualityAndHashAreThoseOfTheValueWhateverItsZerosAndItsLength() {
    RandomGenerator random = new Random(12);
    int equal = 0;
    for (int i = 0; i < 100_000; i++) {
      BigDecimal a = new BigDecimal(text(random));
      BigDecimal b = random.nextInt(3) == 0
          ? a.setScale(Math.min(100, Math.max(0, a.scale()) + random.nextInt(25)))
          : new BigDecimal(text(random));
      if (b.precision() > Decimal.MAX_DIGITS) {
        continue;
      }
      Decimal left = Decimal.of(a);
      Decimal right = Decimal.of(b);
      assertThat(Integer.signum(left.compareTo(right)))
          .as("%s to %s", a, b)
          .isEqualTo(a.compareTo(b));
      assertThat(left.equals(right)).isEqualTo(a.compareTo(b) == 0);
      if (a.compareTo(b) == 0) {
        equal++;
        assertThat(left).as("%s and %s", a, b).hasSameHashCodeAs(right);
      }
    }
    assertThat(equal).isGreaterThan(10_000);
  }

  @Test
  void sumsAndProductsAreExact() {
    RandomGenerator random = new Random(13);
    for (int i = 0; i < 20_000; i++) {
      BigDecimal a = BigDecimal.valueOf(random.nextLong(), random.nextInt(20));
      BigDecimal b = BigDecimal.valueOf(random.nextLong(), random.nextInt(20));
      Decimal left = Decimal.of(a);
      Decimal right = Decimal.of(b);
      assertThat(left.plus(right).toBigDecimal()).isEqualTo(a.add(b));
      assertThat(left.minus(right).toBigDecimal()).isEqualTo(a.subtract(b));
      assertThat(left.times(right).toBigDecimal()).isEqualTo(a.multiply(b));
    }
  }

  @Test
  void whatIsNoNumberOrTooLargeIsRefusedAndShown() {
    for (String text :
        new String[] {"", ".", "-", "+", "-.", "1.2.3", "--1", "1-", "1e", "e1", "0x1", " 1"}) {
      assertThatThrownBy(() -> Decimal.parse(text))
          .as("<%s>", text)
          .isInstanceOf(NumberFormatException.class)
          .hasMessageContaining("\"" + text + "\"");
    }
    for (String text : new String[] {"1e101", "1e-101", "9".repeat(101)}) {
      assertThatThrownBy(() -> Decimal.parse(text)).isInstanceOf(NumberFormatException.class);
    }
  }

  /// Signs, points, zeros at both ends and exponents, short and long.
  private static String text(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    text.append(new String[] {"", "", "-", "+"}[random.nextInt(4)]);
    int digits = 1 + random.nextInt(random.nextBoolean() ? 30 : 10);
    int point = random.nextInt(digits + 2) - 1;
    for (int i = 0; i < digits; i++) {
      if (i == point) {
        text.append('.');
      }
      text.append((char) ('0' + (random.nextBoolean() ? 0 : random.nextInt(10))));
    }
    if (random.nextInt(8) == 0) {
      text.append('.').append(point >= 0 ? "" : "5");
      if (point >= 0) {
        text.setLength(text.length() - 1);
      }
    }
    if (random.nextInt(4) == 0) {
      text.append(random.nextBoolean() ? 'e' : 'E').append(random.nextInt(121) - 60);
    }
    BigDecimal read = new BigDecimal(text.toString());
    boolean inside = Math.abs(read.scale()) <= Decimal.MAX_EXPONENT
        && read.unscaledValue().compareTo(BigInteger.TEN.pow(Decimal.MAX_DIGITS)) < 0;
    return inside ? text.toString() : "1";
  }
}

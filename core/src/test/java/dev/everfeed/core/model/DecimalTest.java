package dev.everfeed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.core.Repetitions;
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
    for (int i = 0; i < Repetitions.of(200_000); i++) {
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
    for (int i = 0; i < Repetitions.of(100_000); i++) {
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
    assertThat(equal).isGreaterThan(Repetitions.of(10_000));
  }

  @Test
  void sumsAndProductsAreExact() {
    RandomGenerator random = new Random(13);
    for (int i = 0; i < Repetitions.of(20_000); i++) {
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

  @Test
  void asManyDigitsAndAsLargeExponentsAsAreAllowedAreTaken() {
    String digits = "9".repeat(Decimal.MAX_DIGITS);
    assertThat(Decimal.parse(digits)).hasToString(digits);
    assertThat(Decimal.parse("1e100").toBigDecimal()).isEqualByComparingTo("1e100");
    assertThat(Decimal.parse("-0." + "0".repeat(99) + "1")).isLessThan(Decimal.ZERO);
    assertThat(Decimal.parse("0".repeat(108))).isEqualTo(Decimal.ZERO);
    assertThatThrownBy(() -> Decimal.parse("0".repeat(109)))
        .hasMessage("\"" + "0".repeat(40) + "…\" is longer than 108 characters");
    assertThatThrownBy(() -> Decimal.parse("x".repeat(40)))
        .hasMessage("\"" + "x".repeat(40) + "\" is not a decimal number");
    assertThatThrownBy(() -> Decimal.parse("")).hasMessage("\"\" is empty");
    assertThatThrownBy(() -> Decimal.of(1, 101))
        .hasMessage("decimal has 1 digits and scale 101, allowed are 100 and 100 either way");
  }

  @Test
  void aNumberOfUpToEighteenDigitsIsOneSmallObject() {
    Decimal most = Decimal.parse("-0.123456789012345678");
    assertThat(most.isSmall()).isTrue();
    assertThat(most.mantissa()).isEqualTo(-123_456_789_012_345_678L);
    assertThat(most.scale()).isEqualTo(18);
    assertThat(Decimal.parse("1234567890123456789").isSmall()).isFalse();
    assertThat(Decimal.parse("1.50").scale()).as("its zeros are kept").isEqualTo(2);
  }

  @Test
  void distanceIsCountedInMillionthsOfTheReferenceWithoutASign() {
    assertThat(distance("101", "100")).isEqualTo(10_000);
    assertThat(distance("99", "100")).isEqualTo(10_000);
    assertThat(distance("-99", "-100")).isEqualTo(10_000);
    assertThat(distance("-100", "100")).isEqualTo(2_000_000);
    assertThat(distance("1.0000015", "1")).as("rounded half up").isEqualTo(2);
    assertThat(distance("1.0000014", "1")).isEqualTo(1);
    assertThat(distance("1.0", "1")).isZero();
  }

  @Test
  void fromNothingAnythingIsInfinitelyFarAndWhatIsTooFarToCountToo() {
    assertThat(distance("0", "0")).isZero();
    assertThat(distance("0.1", "0")).isEqualTo(Long.MAX_VALUE);
    assertThat(distance("0", "7")).isEqualTo(1_000_000);
    assertThat(distance("999999999999", "1")).isEqualTo(999_999_999_998_000_000L);
    assertThat(distance("1000000000002", "1")).isEqualTo(Long.MAX_VALUE);
    assertThat(distance("1e90", "1e-90")).isEqualTo(Long.MAX_VALUE);
  }

  private static long distance(String value, String reference) {
    return Decimal.parse(value).partsPerMillionFrom(Decimal.parse(reference));
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

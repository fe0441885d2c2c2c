package dev.everfeed.core.model;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// An exact decimal number, as a source wrote it: digits and scale are kept, nothing passes
/// through binary floating point.
///
/// Two decimals are equal when their values are (`1.50` equals `1.5`), unlike [BigDecimal]. The
/// text form never has an exponent and keeps the trailing zeros that the source sent. A text may
/// have at most [#MAX_DIGITS] digits and an exponent of at most [#MAX_EXPONENT] either way, so
/// that no hostile payload can ask for a gigabyte of zeros (wire/CANONICAL.md, reading 2).
/// Immutable, shared freely between threads.
public final class Decimal implements Comparable<Decimal> {
  /// Longest accepted number of digits. The longest in the recorded payloads is 22.
  public static final int MAX_DIGITS = 100;

  /// Largest accepted exponent, either sign.
  public static final int MAX_EXPONENT = 100;

  public static final Decimal ZERO = new Decimal(BigDecimal.ZERO);
  public static final Decimal ONE = new Decimal(BigDecimal.ONE);

  private final BigDecimal value;

  private Decimal(BigDecimal value) {
    this.value = value;
  }

  /// Reads a JSON number's or a plain decimal's text.
  ///
  /// @throws NumberFormatException when the text is not a decimal number or is beyond the
  ///     limits; the message quotes at most 40 characters of it
  public static Decimal parse(CharSequence text) {
    int length = text.length();
    if (length == 0 || length > MAX_DIGITS + 8) {
      throw refused(
          text, length == 0 ? "is empty" : "is longer than " + (MAX_DIGITS + 8) + " characters");
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      boolean numeric =
          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
      if (!numeric) {
        throw refused(text, "is not a decimal number");
      }
    }
    BigDecimal parsed;
    try {
      parsed = new BigDecimal(text.toString());
    } catch (NumberFormatException e) {
      throw refused(text, "is not a decimal number");
    }
    return of(parsed);
  }

  /// @throws NumberFormatException when the number is beyond [#MAX_DIGITS] or [#MAX_EXPONENT]
  public static Decimal of(BigDecimal value) {
    if (value.precision() > MAX_DIGITS || Math.abs((long) value.scale()) > MAX_EXPONENT) {
      throw new NumberFormatException(
          "decimal has %d digits and scale %d, allowed are %d and %d either way"
              .formatted(value.precision(), value.scale(), MAX_DIGITS, MAX_EXPONENT));
    }
    return new Decimal(value);
  }

  /// `mantissa * 10^-scale`.
  public static Decimal of(long mantissa, int scale) {
    return of(BigDecimal.valueOf(mantissa, scale));
  }

  public static Decimal of(long whole) {
    return new Decimal(BigDecimal.valueOf(whole));
  }

  public BigDecimal toBigDecimal() {
    return value;
  }

  /// -1, 0 or 1.
  public int signum() {
    return value.signum();
  }

  public Decimal plus(Decimal other) {
    return of(value.add(other.value));
  }

  public Decimal minus(Decimal other) {
    return of(value.subtract(other.value));
  }

  public Decimal times(Decimal other) {
    return of(value.multiply(other.value));
  }

  /// How far this is from `reference`, in parts per million of it, at most `Long.MAX_VALUE`. A
  /// reference of zero is infinitely far from everything but zero.
  public long partsPerMillionFrom(Decimal reference) {
    if (compareTo(reference) == 0) {
      return 0;
    }
    if (reference.signum() == 0) {
      return Long.MAX_VALUE;
    }
    BigDecimal ppm = value
        .subtract(reference.value)
        .abs()
        .movePointRight(6)
        .divide(reference.value.abs(), 0, RoundingMode.HALF_UP);
    return ppm.precision() <= 18 ? ppm.longValue() : Long.MAX_VALUE;
  }

  @Override
  public int compareTo(Decimal other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Decimal that && value.compareTo(that.value) == 0;
  }

  @Override
  public int hashCode() {
    return value.stripTrailingZeros().hashCode();
  }

  /// Plain digits, never an exponent: `3701.23000000`.
  @Override
  public String toString() {
    return value.toPlainString();
  }

  private static NumberFormatException refused(CharSequence text, String why) {
    String shown = text.length() <= 40 ? text.toString() : text.subSequence(0, 40) + "…";
    return new NumberFormatException("\"" + shown + "\" " + why);
  }
}

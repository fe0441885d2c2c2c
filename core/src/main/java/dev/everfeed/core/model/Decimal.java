package dev.everfeed.core.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/// An exact decimal number, as a source wrote it: digits and scale are kept, nothing passes
/// through binary floating point.
///
/// Two decimals are equal when their values are (`1.50` equals `1.5`), unlike [BigDecimal]. The
/// text form never has an exponent and keeps the trailing zeros that the source sent. A text may
/// have at most [#MAX_DIGITS] digits and an exponent of at most [#MAX_EXPONENT] either way, so
/// that no hostile payload can ask for a gigabyte of zeros (wire/CANONICAL.md, reading 2).
/// Immutable, shared freely between threads.
///
/// Of 18 digits or fewer, which is nearly all there are, it is one small object: hundreds of
/// thousands of bars are kept in memory, with five numbers each.
public final class Decimal implements Comparable<Decimal> {
  /// Longest accepted number of digits. The longest in the recorded payloads is 22.
  public static final int MAX_DIGITS = 100;

  /// Largest accepted exponent, either sign.
  public static final int MAX_EXPONENT = 100;

  public static final Decimal ZERO = new Decimal(0, 0, null);
  public static final Decimal ONE = new Decimal(1, 0, null);

  /// Every number of so many digits fits in a `long`.
  private static final int SMALL_DIGITS = 18;

  private static final long[] POWERS = new long[SMALL_DIGITS + 1];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) {
      POWERS[i] = POWERS[i - 1] * 10;
    }
  }

  private final long mantissa;
  private final int scale;

  /// The value when it has more than [#SMALL_DIGITS] digits; otherwise null, and it is
  /// `mantissa * 10^-scale`.
  private final @Nullable BigDecimal large;

  private Decimal(long mantissa, int scale, @Nullable BigDecimal large) {
    this.mantissa = mantissa;
    this.scale = scale;
    this.large = large;
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
    if (length <= SMALL_DIGITS) {
      Decimal plain = plain(text);
      if (plain != null) {
        return plain;
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
    return value.precision() <= SMALL_DIGITS
        ? new Decimal(value.unscaledValue().longValue(), value.scale(), null)
        : new Decimal(0, 0, value);
  }

  /// `mantissa * 10^-scale`.
  public static Decimal of(long mantissa, int scale) {
    return of(BigDecimal.valueOf(mantissa, scale));
  }

  public static Decimal of(long whole) {
    return of(whole, 0);
  }

  /// Digits with at most one point and at most one sign in front; null for every other text.
  private static @Nullable Decimal plain(CharSequence text) {
    char sign = text.charAt(0);
    long mantissa = 0;
    int digits = 0;
    int point = -1;
    for (int i = sign == '-' || sign == '+' ? 1 : 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        mantissa = mantissa * 10 + (c - '0');
        digits++;
      } else if (c == '.' && point < 0) {
        point = digits;
      } else {
        return null;
      }
    }
    if (digits == 0) {
      return null;
    }
    return new Decimal(sign == '-' ? -mantissa : mantissa, point < 0 ? 0 : digits - point, null);
  }

  public BigDecimal toBigDecimal() {
    return large != null ? large : BigDecimal.valueOf(mantissa, scale);
  }

  /// Whether the value is [#mantissa] times ten to the power of minus [#scale].
  public boolean isSmall() {
    return large == null;
  }

  /// Of at most 18 digits; without meaning unless [#isSmall].
  public long mantissa() {
    return mantissa;
  }

  /// How many digits are behind the point; without meaning unless [#isSmall].
  public int scale() {
    return scale;
  }

  /// -1, 0 or 1.
  public int signum() {
    return large != null ? large.signum() : Long.signum(mantissa);
  }

  public Decimal plus(Decimal other) {
    return of(toBigDecimal().add(other.toBigDecimal()));
  }

  public Decimal minus(Decimal other) {
    return of(toBigDecimal().subtract(other.toBigDecimal()));
  }

  public Decimal times(Decimal other) {
    return of(toBigDecimal().multiply(other.toBigDecimal()));
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
    BigDecimal from = reference.toBigDecimal();
    BigDecimal ppm = toBigDecimal()
        .subtract(from)
        .abs()
        .movePointRight(6)
        .divide(from.abs(), 0, RoundingMode.HALF_UP);
    return ppm.precision() <= 18 ? ppm.longValue() : Long.MAX_VALUE;
  }

  @Override
  public int compareTo(Decimal other) {
    return large == null && other.large == null && scale == other.scale
        ? Long.compare(mantissa, other.mantissa)
        : toBigDecimal().compareTo(other.toBigDecimal());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Decimal that && compareTo(that) == 0;
  }

  @Override
  public int hashCode() {
    if (large != null) {
      return large.stripTrailingZeros().hashCode();
    }
    long digits = mantissa;
    int places = scale;
    while (digits != 0 && digits % 10 == 0) {
      digits /= 10;
      places--;
    }
    // A large one that equals a small one has the same digits: see BigDecimal#hashCode.
    return digits == 0 ? 0 : BigDecimal.valueOf(digits, places).hashCode();
  }

  /// Plain digits, never an exponent: `3701.23000000`.
  @Override
  public String toString() {
    return appendTo(new StringBuilder(24)).toString();
  }

  private StringBuilder appendTo(StringBuilder out) {
    if (large != null || scale < 0) {
      return out.append(toBigDecimal().toPlainString());
    }
    if (scale == 0) {
      return out.append(mantissa);
    }
    if (mantissa < 0) {
      out.append('-');
    }
    long digits = Math.abs(mantissa);
    boolean allBehindThePoint = scale > SMALL_DIGITS;
    out.append(allBehindThePoint ? 0 : digits / POWERS[scale]).append('.');
    long fraction = allBehindThePoint ? digits : digits % POWERS[scale];
    for (int place = scale - 1; place > 0; place--) {
      if (place > SMALL_DIGITS || fraction < POWERS[place]) {
        out.append('0');
      } else {
        break;
      }
    }
    return out.append(fraction);
  }

  private static NumberFormatException refused(CharSequence text, String why) {
    String shown = text.length() <= 40 ? text.toString() : text.subSequence(0, 40) + "…";
    return new NumberFormatException("\"" + shown + "\" " + why);
  }
}

package dev.everfeed.core.bars;

import dev.everfeed.core.model.Decimal;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// An exact decimal number that changes: a price that is replaced, a volume that grows. Nothing
/// is rounded and nothing overflows: `mantissa * 10^-scale`, and what does not fit in a mantissa
/// beside it. Allocates nothing while everything fits, and of a sum that does not only once for
/// each time that a mantissa is full.
///
/// Owned by one thread.
public final class RunningDecimal {
  /// The largest scale of a [dev.everfeed.core.model.Tick].
  static final int SCALE_MAX = 18;

  private static final long[] POWERS = new long[SCALE_MAX + 1];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) {
      POWERS[i] = POWERS[i - 1] * 10;
    }
  }

  private long mantissa;
  private int scale;
  private @Nullable BigDecimal beside;

  /// @param scale 0 to 18
  void set(long mantissa, int scale) {
    this.mantissa = mantissa;
    this.scale = scale;
    beside = null;
  }

  void set(Decimal value) {
    if (value.isSmall() && value.scale() >= 0 && value.scale() <= SCALE_MAX) {
      set(value.mantissa(), value.scale());
    } else {
      set(0, 0);
      beside = value.toBigDecimal();
    }
  }

  void set(RunningDecimal other) {
    mantissa = other.mantissa;
    scale = other.scale;
    beside = other.beside;
  }

  void add(RunningDecimal other) {
    if (other.beside != null) {
      keepBeside(other.beside);
    }
    int common = Math.max(scale, other.scale);
    long mine = POWERS[common - scale];
    long its = POWERS[common - other.scale];
    if (!fits(other.mantissa, its)) {
      keepBeside(BigDecimal.valueOf(other.mantissa, other.scale));
      return;
    }
    long more = other.mantissa * its;
    if (!fits(mantissa, mine) || overflows(mantissa * mine, more)) {
      keepBeside(BigDecimal.valueOf(mantissa, scale));
      set(more, common, beside);
    } else {
      set(mantissa * mine + more, common, beside);
    }
  }

  private void set(long newMantissa, int newScale, @Nullable BigDecimal newBeside) {
    mantissa = newMantissa;
    scale = newScale;
    beside = newBeside;
  }

  private void keepBeside(BigDecimal more) {
    beside = beside == null ? more : beside.add(more);
  }

  private static boolean fits(long number, long factor) {
    return Math.multiplyHigh(number, factor) == number * factor >> 63;
  }

  private static boolean overflows(long one, long other) {
    long sum = one + other;
    return ((one ^ sum) & (other ^ sum)) < 0;
  }

  int compareTo(RunningDecimal other) {
    if (beside != null || other.beside != null) {
      return toBigDecimal().compareTo(other.toBigDecimal());
    }
    if (scale == other.scale) {
      return Long.compare(mantissa, other.mantissa);
    }
    return scale < other.scale
        ? compare(mantissa, POWERS[other.scale - scale], other.mantissa)
        : -compare(other.mantissa, POWERS[scale - other.scale], mantissa);
  }

  /// `number * factor` with another number.
  private static int compare(long number, long factor, long other) {
    return fits(number, factor) ? Long.compare(number * factor, other) : Long.signum(number);
  }

  /// Whether the value is [#mantissa] times ten to the power of minus [#scale].
  public boolean isSmall() {
    return beside == null;
  }

  /// Without meaning unless [#isSmall].
  public long mantissa() {
    return mantissa;
  }

  /// 0 to 18; without meaning unless [#isSmall].
  public int scale() {
    return scale;
  }

  public BigDecimal toBigDecimal() {
    BigDecimal small = BigDecimal.valueOf(mantissa, scale);
    return beside == null ? small : beside.add(small);
  }

  @Override
  public String toString() {
    return toBigDecimal().toPlainString();
  }
}

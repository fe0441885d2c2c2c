package dev.everfeed.hub.source.bybit;

import dev.everfeed.core.model.Decimal;
import dev.everfeed.core.model.Tick;
import dev.everfeed.hub.source.bybit.BybitFrames.Level;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The best bid and ask of each symbol as the connection last stated them. A delta states only
/// what has changed; what it says nothing of is as it was. Before the first whole book nothing is
/// known, and a delta gives nothing.
///
/// Numbers of more than 18 digits are not kept: who states one is unknown until its next whole
/// book. Keeping and completing allocate nothing; applying the same frame again changes nothing.
/// Owned by one thread.
final class BybitBooks {
  /// As in a [Tick]: bid, its size, ask, its size.
  private static final int NUMBERS = 4;

  private static final byte ABSENT = -1;

  private final boolean[] known;
  private final long[] mantissas;
  private final byte[] scales;

  /// @param symbols their number
  BybitBooks(int symbols) {
    this.known = new boolean[symbols];
    this.mantissas = new long[symbols * NUMBERS];
    this.scales = new byte[symbols * NUMBERS];
    Arrays.fill(scales, ABSENT);
  }

  /// Whether a whole book was stated, and all that followed can be kept.
  boolean knows(int symbol) {
    return known[symbol];
  }

  /// Sets on the tick what a delta says nothing of.
  ///
  /// @param price [Tick#BID] or [Tick#ASK]
  void complete(int symbol, int price, Tick tick) {
    for (int index = price; index <= price + 1; index++) {
      int cell = symbol * NUMBERS + index;
      if (scales[cell] != ABSENT) {
        tick.setNumber(index, mantissas[cell], scales[cell]);
      }
    }
  }

  /// The level that a delta says nothing of; null where there is none.
  @Nullable
  Level level(int symbol, int price) {
    int cell = symbol * NUMBERS + price;
    return scales[cell] == ABSENT
        ? null
        : new Level(
            Decimal.of(mantissas[cell], scales[cell]),
            Decimal.of(mantissas[cell + 1], scales[cell + 1]));
  }

  /// A tick has all there is now.
  void keep(int symbol, Tick tick) {
    known[symbol] = true;
    for (int index = 0; index < NUMBERS; index++) {
      keep(symbol * NUMBERS + index, tick.has(index), tick.mantissa(index), tick.scale(index));
    }
  }

  /// These two are all there is now.
  void keep(int symbol, @Nullable Level bid, @Nullable Level ask) {
    known[symbol] = fits(bid) && fits(ask);
    keep(symbol * NUMBERS + Tick.BID, bid);
    keep(symbol * NUMBERS + Tick.ASK, ask);
  }

  private void keep(int cell, @Nullable Level level) {
    boolean isThere = level != null && fits(level);
    Decimal price = level == null ? Decimal.ZERO : level.price();
    Decimal size = level == null ? Decimal.ZERO : level.size();
    keep(cell, isThere, price.mantissa(), price.scale());
    keep(cell + 1, isThere, size.mantissa(), size.scale());
  }

  private void keep(int cell, boolean isThere, long mantissa, int scale) {
    mantissas[cell] = mantissa;
    scales[cell] = isThere ? (byte) scale : ABSENT;
  }

  private static boolean fits(@Nullable Level level) {
    return level == null || (fits(level.price()) && fits(level.size()));
  }

  private static boolean fits(Decimal number) {
    return number.isSmall() && number.scale() >= 0 && number.scale() <= 18;
  }
}

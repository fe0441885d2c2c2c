package dev.everfeed.simulator.venue;

import java.util.Arrays;

/// The minutes in which nobody trades a thin symbol at one exchange: 12 of every hour, five of
/// them in a row from a whole five minutes, so that a bar of five minutes can lack as well.
///
/// The first and the last minute of an hour and those that reach its high and its low always
/// have trades: whole hours need no second look. Confined to one thread: it remembers its last
/// hours.
final class QuietMinutes {
  static final int PER_HOUR = 12;
  static final int ACTIVE_SECONDS = (60 - PER_HOUR) * 60;

  private static final int SLOTS = 64;
  private static final long FIRST_AND_LAST = 1L | (1L << 59);
  private static final long ALL = (1L << 60) - 1;

  private final long seed;
  private final PricePath path;
  private final long[] hours = new long[SLOTS];
  private final long[] masks = new long[SLOTS];

  QuietMinutes(long seed, PricePath path) {
    this.seed = seed;
    this.path = path;
    Arrays.fill(hours, Long.MIN_VALUE);
  }

  boolean isQuiet(long second) {
    return ((mask(Math.floorDiv(second, 3_600L)) >> minuteOf(second)) & 1) == 1;
  }

  /// Seconds with trades in the second's hour, before it.
  long activeBefore(long second) {
    if (Math.floorMod(second, 3_600L) == 0) {
      return 0; // without looking at the hour: days are made of these
    }
    long mask = mask(Math.floorDiv(second, 3_600L));
    int minute = minuteOf(second);
    int active = minute - Long.bitCount(mask & ((1L << minute) - 1));
    boolean quiet = ((mask >> minute) & 1) == 1;
    return active * 60L + (quiet ? 0 : Math.floorMod(second, 60L));
  }

  /// The second before which `active` seconds of its hour had trades, and which has some.
  long nth(long hour, long active) {
    long mask = mask(hour);
    long left = active / 60;
    for (int minute = 0; minute < 60; minute++) {
      if (((mask >> minute) & 1) == 0 && left-- == 0) {
        return hour * 3_600 + minute * 60L + active % 60;
      }
    }
    throw new IllegalArgumentException("an hour has %d seconds with trades, was asked for number %d"
        .formatted(ACTIVE_SECONDS, active));
  }

  private long mask(long hour) {
    int slot = (int) Math.floorMod(hour, (long) SLOTS);
    if (hours[slot] != hour) {
      masks[slot] = draw(hour);
      hours[slot] = hour;
    }
    return masks[slot];
  }

  private long draw(long hour) {
    long allowed = ALL
        & ~FIRST_AND_LAST
        & ~(1L << path.highestMinute(hour))
        & ~(1L << path.lowestMinute(hour));
    int block = 1 + (int) Noise.below(Noise.hash(seed, hour, 0), 10);
    while (((allowed >> (5 * block)) & 31) != 31) {
      block = block % 10 + 1;
    }
    long mask = 31L << (5 * block);
    for (int i = 1; Long.bitCount(mask) < PER_HOUR; i++) {
      mask |= (1L << Noise.below(Noise.hash(seed, hour, i), 60)) & allowed;
    }
    return mask;
  }

  private static int minuteOf(long second) {
    return (int) (Math.floorMod(second, 3_600L) / 60);
  }
}

package dev.everfeed.simulator.venue;

import java.util.Arrays;

/// The minutes in which trading in a busy symbol is halted: five in a row in about one hour of
/// six.
///
/// The first and the last minute of an hour and those that reach its high and its low always
/// trade: whole hours need no second look. Confined to one thread: it remembers its last hours.
final class Halts {
  static final int MINUTES = 5;
  static final int ONE_HOUR_OF = 6;
  private static final int HOUR = 3_600;
  private static final int SLOTS = 64;
  private static final int NONE = -1;

  private final long seed;
  private final PricePath path;
  private final long[] hours = new long[SLOTS];
  private final int[] firsts = new int[SLOTS];

  Halts(long seed, PricePath path) {
    this.seed = seed;
    this.path = path;
    Arrays.fill(hours, Long.MIN_VALUE);
  }

  /// The first halted minute of the hour, or -1.
  int first(long hour) {
    int slot = (int) Math.floorMod(hour, (long) SLOTS);
    if (hours[slot] != hour) {
      firsts[slot] = draw(hour);
      hours[slot] = hour;
    }
    return firsts[slot];
  }

  boolean isHalted(long second) {
    int first = first(Math.floorDiv(second, (long) HOUR));
    long minute = Math.floorMod(second, (long) HOUR) / 60;
    return first != NONE && minute >= first && minute < first + MINUTES;
  }

  /// The second up to which as much flows in an hour without a halt as up to this one: what is
  /// traded in an hour is spread over the seconds that trade.
  long flowSecond(long second) {
    long into = Math.floorMod(second, (long) HOUR);
    int first = into == 0 ? NONE : first(Math.floorDiv(second, (long) HOUR));
    if (first == NONE) {
      return second;
    }
    long halted = Math.clamp(into - first * 60L, 0, MINUTES * 60);
    return second - into + (into - halted) * HOUR / (HOUR - MINUTES * 60);
  }

  private int draw(long hour) {
    long chance = Noise.hash(seed, 41, hour);
    if (Noise.below(chance, ONE_HOUR_OF) != 0) {
      return NONE;
    }
    int choices = 59 - MINUTES;
    int start = (int) Noise.below(Noise.hash(chance, 1), choices);
    for (int i = 0; i < choices; i++) {
      int first = 1 + (start + i) % choices;
      if (isFree(path.highestMinute(hour), first) && isFree(path.lowestMinute(hour), first)) {
        return first;
      }
    }
    return NONE;
  }

  private static boolean isFree(int minute, int first) {
    return minute < first || minute >= first + MINUTES;
  }
}

package dev.everfeed.core.health;

import java.util.Arrays;

/// What is usual for each cell of a [PeerClock]: its longest gap, by which it is judged when it
/// is alone, and its lag, by how much it may run behind its peers. 5 bytes a cell.
///
/// A lag is learnt from near misses, and forgotten slowly: 66 us in 128 events (of 300 ms, a
/// fifth in an hour at 39 a second), since spikes of lag are rare and come again, and a lag
/// forgotten too early costs a false conviction, one remembered too long some milliseconds.
final class Rhythms {
  /// Events after which what is known of long gaps and lags is forgotten a little.
  static final int DECAY_EVERY = 128;

  private static final int GAP_SHIFT = 24; // a gap is known to 17 ms
  private static final int LAG_SHIFT = 16; // a lag to 66 us, so that it can be forgotten slowly

  private final PeerClockPolicy policy;
  private final byte[] events; // 0 to 255, then 128 to 255 again
  private final char[] lag; // in steps of 66 us
  private final char[] longestGap; // in steps of 17 ms

  Rhythms(int cells, PeerClockPolicy policy) {
    this.policy = policy;
    this.events = new byte[cells];
    this.lag = new char[cells];
    Arrays.fill(lag, (char) (policy.lagStartNanos() >> LAG_SHIFT));
    this.longestGap = new char[cells];
  }

  /// Nothing is known of the cell.
  void forget(int cell) {
    events[cell] = 0;
    lag[cell] = (char) (policy.lagStartNanos() >> LAG_SHIFT);
    longestGap[cell] = 0;
  }

  boolean isYoung(int cell) {
    return (events[cell] & 0xff) < policy.warmUpGaps();
  }

  long lagNanos(int cell) {
    return (long) lag[cell] << LAG_SHIFT;
  }

  /// How long a silence has to be that makes a cell suspect when nobody else is there.
  long aloneNanos(int cell) {
    long least = isYoung(cell) ? policy.aloneUnknownNanos() : policy.aloneFloorNanos();
    return Math.max(least, (long) (policy.aloneFactor() * ((long) longestGap[cell] << GAP_SHIFT)));
  }

  /// Learns how late the cell can be, from an event that came so long after what its peers had
  /// would have convicted it. More than the cap was a stall and teaches nothing.
  void nearMiss(int cell, long lateNanos) {
    if (lateNanos <= policy.lagCapNanos()) {
      long wanted = Math.min(lateNanos * 5 / 4, policy.lagCapNanos());
      lag[cell] = (char) Math.max(lag[cell], wanted >> LAG_SHIFT);
    }
  }

  /// Counts the cell's events and learns its longest gap; whether what is known of long gaps
  /// decays now.
  boolean ages(int cell, long gap) {
    int longest = longestGap[cell];
    long steps = (gap >> GAP_SHIFT) + 1;
    if (steps > longest) {
      // Twice what is known makes it suspect; beyond that it may have been a fault.
      long bound = isYoung(cell) ? steps : aloneNanos(cell) >> GAP_SHIFT;
      longest = (int) Math.min(Math.min(steps, bound + 1), Character.MAX_VALUE);
      longestGap[cell] = (char) Math.max(longest, longestGap[cell]);
    }
    if (events[cell] != -1) {
      events[cell]++;
      return false;
    }
    events[cell] = (byte) DECAY_EVERY;
    longestGap[cell] -= (char) (longestGap[cell] / 80); // 0.9999 to the power of 128
    long floor = policy.lagFloorNanos() >> LAG_SHIFT;
    lag[cell] = (char) Math.max(floor, lag[cell] - 1 - (lag[cell] >> 13));
    return true;
  }

  long bytes() {
    return events.length * (1L + 2 + 2);
  }
}

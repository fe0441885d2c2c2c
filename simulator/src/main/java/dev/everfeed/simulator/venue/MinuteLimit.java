package dev.everfeed.simulator.venue;

import java.time.Instant;

/// What was asked in the running minute of wall time, against a limit. Minutes begin at whole
/// minutes, as Binance counts them. Confined to its venue's event loop.
final class MinuteLimit {
  private final long limit;
  private long minute = Long.MIN_VALUE;
  private long used;

  /// @param limit weight allowed in a minute; 0 for no limit
  MinuteLimit(long limit) {
    this.limit = limit;
  }

  /// Counts `weight` and answers whether the limit is kept.
  boolean take(long weight, Instant now) {
    roll(now);
    used += weight;
    return limit == 0 || used <= limit;
  }

  long used(Instant now) {
    roll(now);
    return used;
  }

  long limit() {
    return limit;
  }

  /// Seconds until the next minute, at least 1.
  static long secondsLeft(Instant now) {
    return 60 - Math.floorMod(now.getEpochSecond(), 60L);
  }

  private void roll(Instant now) {
    long current = Math.floorDiv(now.getEpochSecond(), 60L);
    if (current != minute) {
      minute = current;
      used = 0;
    }
  }
}

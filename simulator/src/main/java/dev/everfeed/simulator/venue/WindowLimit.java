package dev.everfeed.simulator.venue;

import java.time.Duration;
import java.time.Instant;

/// What was asked in the running window of wall time, against a limit. Windows begin at whole
/// multiples of their length: minutes at whole minutes, as Binance counts them. Confined to its
/// venue's event loop.
final class WindowLimit {
  private final long limit;
  private final long millis;
  private long window = Long.MIN_VALUE;
  private long used;

  /// @param limit weight allowed in a window; 0 for no limit
  WindowLimit(long limit, Duration window) {
    this.limit = limit;
    this.millis = window.toMillis();
  }

  static WindowLimit perMinute(long limit) {
    return new WindowLimit(limit, Duration.ofMinutes(1));
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

  /// Seconds until the next window, rounded up.
  long secondsLeft(Instant now) {
    long into = Math.floorMod(Math.floorDiv(now.toEpochMilli(), 1_000L) * 1_000, millis);
    return Math.ceilDiv(millis - into, 1_000L);
  }

  private void roll(Instant now) {
    long current = Math.floorDiv(now.toEpochMilli(), millis);
    if (current != window) {
      window = current;
      used = 0;
    }
  }
}

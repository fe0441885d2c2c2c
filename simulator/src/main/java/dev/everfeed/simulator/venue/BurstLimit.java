package dev.everfeed.simulator.venue;

import java.time.Instant;

/// A counter that each request raises by one and that falls all the time: a burst is allowed,
/// then so many requests a second. A refused request does not count. Confined to its venue's
/// event loop.
final class BurstLimit {
  private final int burst;
  private final double perSecond;
  private double level;
  private Instant levelAt = Instant.MIN;

  /// @param burst requests allowed at once; 0 for no limit
  BurstLimit(int burst, double perSecond) {
    this.burst = burst;
    this.perSecond = perSecond;
  }

  /// Answers whether the limit is kept.
  boolean take(Instant now) {
    fall(now);
    if (burst > 0 && level + 1 > burst) {
      return false;
    }
    level++;
    return true;
  }

  long used(Instant now) {
    fall(now);
    return (long) StrictMath.ceil(level);
  }

  private void fall(Instant now) {
    if (levelAt.equals(Instant.MIN)) {
      levelAt = now;
    }
    double seconds = (now.toEpochMilli() - levelAt.toEpochMilli()) / 1e3;
    level = Math.max(0, level - Math.max(0, seconds) * perSecond);
    levelAt = now;
  }
}

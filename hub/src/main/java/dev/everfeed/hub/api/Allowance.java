package dev.everfeed.hub.api;

/// How much may be taken: so many at once, and so many a second on the average. One thread.
final class Allowance {
  private static final double SECOND = 1e9;

  private final double perSecond;
  private final double most;
  private double left;
  private long countedAt;

  /// @param nowNanos monotonic
  Allowance(double perSecond, double most, long nowNanos) {
    this.perSecond = perSecond;
    this.most = most;
    left = most;
    countedAt = nowNanos;
  }

  /// Takes one; false when there is none.
  boolean take(long nowNanos) {
    left = Math.min(most, left + perSecond * (nowNanos - countedAt) / SECOND);
    countedAt = nowNanos;
    if (left < 1) {
      return false;
    }
    left -= 1;
    return true;
  }
}

package dev.everfeed.core.guard;

import java.util.Arrays;

/// The moments of the failures in a breaker's window, immutable.
///
/// `moments[0]` is the oldest, they never fall, at most [BreakerPolicy#MAX_THRESHOLD] of them.
/// Exact moments instead of buckets: a circuit opens at the threshold, so there are never more
/// to keep than the threshold, and the window slides without the error of a bucket's width.
final class Moments {
  static final Moments NONE = new Moments(new long[0]);

  private final long[] moments;

  private Moments(long[] moments) {
    this.moments = moments;
  }

  int size() {
    return moments.length;
  }

  /// How many are younger than the window.
  int within(long windowNanos, long nowNanos) {
    int count = 0;
    for (int i = moments.length - 1; i >= 0 && nowNanos - moments[i] < windowNanos; i--) {
      count++;
    }
    return count;
  }

  /// With one more, without those that have left the window. A moment before the newest one
  /// counts as that: threads that race may report in any order.
  Moments plus(long nowNanos, long windowNanos) {
    long moment = moments.length == 0 ? nowNanos : Math.max(nowNanos, moments[moments.length - 1]);
    int kept = Math.min(within(windowNanos, moment), BreakerPolicy.MAX_THRESHOLD - 1);
    long[] next = Arrays.copyOfRange(moments, moments.length - kept, moments.length + 1);
    next[kept] = moment;
    return new Moments(next);
  }
}

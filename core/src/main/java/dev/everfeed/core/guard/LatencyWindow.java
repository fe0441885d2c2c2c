package dev.everfeed.core.guard;

import java.util.Arrays;

/// The latencies of the last 128 answers of a source. Owned by one thread, does not allocate.
final class LatencyWindow {
  private static final int SIZE = 128;

  /// A ring: `nanos[recorded % SIZE]` is written next.
  private final long[] nanos = new long[SIZE];

  private final long[] sorted = new long[SIZE];
  private long recorded;
  private long p95Nanos;
  private boolean p95Known = true;

  /// @param latencyNanos a negative one (a clock read in the wrong order) counts as 0
  void record(long latencyNanos) {
    nanos[(int) (recorded % SIZE)] = Math.max(0, latencyNanos);
    recorded++;
    p95Known = false;
  }

  /// The smallest latency that at least 95 % of the window do not exceed (nearest rank); 0
  /// while it is empty. Sorted when first asked after a new answer, remembered until the next.
  long p95Nanos() {
    if (!p95Known) {
      int count = count();
      System.arraycopy(nanos, 0, sorted, 0, count);
      Arrays.sort(sorted, 0, count);
      p95Nanos = sorted[(count * 95 + 99) / 100 - 1];
      p95Known = true;
    }
    return p95Nanos;
  }

  int count() {
    return (int) Math.min(recorded, SIZE);
  }
}

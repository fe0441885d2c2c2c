package dev.everfeed.core.bars;

/// What time it is at a venue: ours, and by how much the venue's newest stamps were ahead of it
/// in the last half minute to minute (behind, mostly: its clock may be anywhere, and its events
/// were under way). The quickest of them counts, so that a trade that was long under way does
/// not put it back. A venue that says nothing for longer keeps what was known last.
final class VenueTime {
  private static final long WINDOW_NANOS = 30_000_000_000L;

  private long ahead = Long.MIN_VALUE;
  private long aheadBefore = Long.MIN_VALUE;
  private long windowNanos;

  /// An event with this stamp came now.
  void stamped(long timeNanos, long nowNanos) {
    if (nowNanos - windowNanos >= WINDOW_NANOS) {
      aheadBefore = nowNanos - windowNanos < 2 * WINDOW_NANOS ? ahead : Long.MIN_VALUE;
      ahead = Long.MIN_VALUE;
      windowNanos = nowNanos;
    }
    ahead = Math.max(ahead, timeNanos - nowNanos);
  }

  /// Nanoseconds of the epoch; after the first event.
  long at(long nowNanos) {
    return nowNanos + Math.max(ahead, aheadBefore);
  }

  /// When it will be that time, in our nanoseconds.
  long when(long timeNanos) {
    return timeNanos - Math.max(ahead, aheadBefore);
  }
}

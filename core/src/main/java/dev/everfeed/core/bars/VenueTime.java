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

  /// Since when every stamp has leapt, or [#NEVER], and how far the first of them.
  private long leapingSinceNanos = NEVER;

  private long leaptNanos;

  private static final long NEVER = Long.MIN_VALUE;

  /// Whether a stamp is rather wrong than new, being further than `leapNanos` ahead of our
  /// clock and of what this one was until now. A clock that was put forward is so by the same
  /// with every stamp, and believed when it was so for as long. So is the first stamp, since it
  /// may well be our clock that is wrong.
  ///
  /// @param aheadNanos of when it was received, by the clock that stamps what is received
  boolean leaps(long timeNanos, long aheadNanos, long nowNanos, long leapNanos) {
    if (aheadNanos <= leapNanos || !hasBegun() || timeNanos - at(nowNanos) <= leapNanos) {
      leapingSinceNanos = NEVER;
      return false;
    }
    long leap = timeNanos - nowNanos;
    if (leapingSinceNanos == NEVER || Math.abs(leap - leaptNanos) > leapNanos) {
      leapingSinceNanos = nowNanos;
      leaptNanos = leap;
    }
    return nowNanos - leapingSinceNanos < leapNanos;
  }

  private boolean hasBegun() {
    return Math.max(ahead, aheadBefore) != Long.MIN_VALUE;
  }

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

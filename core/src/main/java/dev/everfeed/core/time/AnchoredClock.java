package dev.everfeed.core.time;

import java.time.Instant;

/// Wall time that never steps back: a monotonic reading anchored once to the wall clock.
///
/// It is pure: the caller reads the clocks. A wall clock that is set later moves nothing here;
/// the hub re-anchors only at its start. Immutable.
public final class AnchoredClock {
  private final Instant anchor;
  private final long anchorNanos;

  /// @param anchor      the wall clock's reading
  /// @param anchorNanos the monotonic clock's reading at the same moment
  public AnchoredClock(Instant anchor, long anchorNanos) {
    this.anchor = anchor;
    this.anchorNanos = anchorNanos;
  }

  /// The wall time of a monotonic moment.
  public Instant at(long nanos) {
    return anchor.plusNanos(nanos - anchorNanos);
  }

  /// The monotonic moment of a wall time. Times more than 146 years from the anchor are clamped.
  public long nanosAt(Instant time) {
    long seconds = time.getEpochSecond() - anchor.getEpochSecond();
    if (Math.abs(seconds) > 4_600_000_000L) {
      return seconds < 0 ? Long.MIN_VALUE / 2 : Long.MAX_VALUE / 2;
    }
    return anchorNanos + seconds * 1_000_000_000L + (time.getNano() - anchor.getNano());
  }
}

package dev.everfeed.hub.runtime;

import dev.everfeed.core.time.AnchoredClock;
import java.time.Instant;

/// The hub's time: monotonic nanoseconds since the clock was made, and the wall time they stand
/// for, anchored once. Any thread may read it.
final class HubClock {
  private final long originNanos = System.nanoTime();
  private final Instant startedAt = Instant.now();
  private final AnchoredClock anchored = new AnchoredClock(startedAt, 0);

  long nanos() {
    return System.nanoTime() - originNanos;
  }

  AnchoredClock anchored() {
    return anchored;
  }

  /// Wall time that never steps back.
  Instant now() {
    return anchored.at(nanos());
  }

  Instant startedAt() {
    return startedAt;
  }
}

package dev.everfeed.core.time;

import java.time.Duration;
import java.time.Instant;

/// When something that repeats is due next. A pure function; a cron expression is one.
@FunctionalInterface
public interface NextRun {
  /// The first moment after `time`; `Instant.MAX` for never again.
  Instant after(Instant time);

  static NextRun every(Duration length) {
    if (length.isZero() || length.isNegative()) {
      throw new IllegalArgumentException("a run must repeat after more than 0 s, was " + length);
    }
    return time -> time.plus(length);
  }
}

package dev.everfeed.core.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A stretch of the venue's time, `[from, to)`, for which an answer is all there is: an interval
/// in it that has no bar has none at the venue.
///
/// @param from inclusive
/// @param to   exclusive, after `from`
public record Span(Instant from, Instant to) {
  public Span {
    if (!from.isBefore(to)) {
      throw new IllegalArgumentException(
          "a span must end after its begin, was %s to %s".formatted(from, to));
    }
  }

  /// Null when nothing lies between the two.
  public static @Nullable Span between(Instant from, Instant to) {
    return from.isBefore(to) ? new Span(from, to) : null;
  }

  public boolean contains(Span other) {
    return !from.isAfter(other.from) && !to.isBefore(other.to);
  }

  public boolean contains(Instant time) {
    return !time.isBefore(from) && time.isBefore(to);
  }
}

package dev.everfeed.core.request;

import dev.everfeed.core.model.Query;

/// Something that the schedule keeps fresh.
///
/// @param everyNanos it is asked in the first run that begins at least this long after it was
///     asked last; 0 for every run
public record Planned(Query query, long everyNanos) {
  public Planned {
    if (everyNanos < 0) {
      throw new IllegalArgumentException("everyNanos must not be negative, was " + everyNanos);
    }
  }

  public static Planned everyRun(Query query) {
    return new Planned(query, 0);
  }
}

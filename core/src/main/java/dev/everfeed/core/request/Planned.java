package dev.everfeed.core.request;

import dev.everfeed.core.model.Query;
import java.util.List;

/// Something that the schedule keeps fresh.
///
/// @param questions  by which it is asked, in order of preference: one, or the same of several
///     exchanges
/// @param wanted     so many of them are asked at once, and each that brings nothing brings in
///     the next one; 1 to all
/// @param everyNanos a question is asked in the first run that begins at least this long after
///     it was asked last; 0 for every run
public record Planned(List<Query> questions, int wanted, long everyNanos) {
  public Planned {
    questions = List.copyOf(questions);
    if (everyNanos < 0) {
      throw new IllegalArgumentException("everyNanos must not be negative, was " + everyNanos);
    }
    if (wanted < 1 || wanted > questions.size()) {
      throw new IllegalArgumentException("wanted must be 1 to the number of questions, %d, was %d"
          .formatted(questions.size(), wanted));
    }
  }

  public Planned(Query query, long everyNanos) {
    this(List.of(query), 1, everyNanos);
  }

  public static Planned everyRun(Query query) {
    return new Planned(query, 0);
  }
}

package dev.everfeed.core.request;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import org.jspecify.annotations.Nullable;

/// What each source offers, at what price, and how fresh its values usually are. A pure
/// function: equal arguments, equal answers.
public interface Catalogue {
  /// [#weight] of what a source cannot be asked.
  int NOT_OFFERED = -1;

  /// What a call costs in the source's own weight units, or [#NOT_OFFERED].
  int weight(SourceId source, Query query);

  /// How many requests, one after the other, a question to the source takes at most. Time limits
  /// are for one of them.
  default int requests(SourceId source, Query query) {
    return 1;
  }

  /// Why a source cannot be asked something, for people.
  default String whyNotOffered(SourceId source, Query query) {
    return "does not offer this " + query.kind().text();
  }

  /// Where the source's data trades; null for an aggregate or an index.
  @Nullable
  String exchangeOf(SourceId source);

  /// What a probe costs.
  int probeWeight(SourceId source);

  /// For how long the source is not asked the same question again, because its values do not
  /// move faster or its calls are few: its last answer stands in, as if it had just been given.
  /// 0 for a source that may be asked every time.
  default long askAgainAfterNanos(SourceId source) {
    return 0;
  }

  /// How old the newest value of the healthy source may be, in nanoseconds.
  long usualIntervalNanos(SourceId source);
}

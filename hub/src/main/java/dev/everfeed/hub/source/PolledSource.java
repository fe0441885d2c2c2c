package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A source that is asked over HTTP: how a query becomes a request, and an answer becomes
/// events.
///
/// Pure: it opens no socket, reads no clock and owns no thread; any thread may call it. What
/// fails how is DESIGN section 7.
public interface PolledSource {

  SourceId id();

  /// Where its data trades, or null for an aggregate or an index.
  @Nullable
  String exchange();

  /// The credit that its terms ask to be shown beside its data.
  String attribution();

  /// Where people read about it.
  String homepage();

  /// What its terms say about use, in a sentence.
  String terms();

  Content content();

  /// The kinds of query that it can answer at all.
  Set<Query.Kind> offers();

  /// How old a value of this source may be while it is healthy; an older one is `maybe_stale`.
  Duration usualInterval();

  /// For how long it is not asked the same again; its last answer stands in.
  default Duration askAgainAfter() {
    return Duration.ZERO;
  }

  /// Weight that it allows in a minute, by its documents, until it tells better.
  int weightPerMinute();

  /// @throws UnsupportedQueryException when the source cannot be asked this; nothing was sent
  SourceRequest request(Query query) throws UnsupportedQueryException;

  /// The cheapest request that shows whether the source is alive.
  SourceRequest probe();

  /// What an answer to `request(query)` amounts to.
  Outcome interpret(Query query, HttpResult result);

  /// This source, knowing its own list of what trades there; for those that need it to name a
  /// symbol as the source does.
  default PolledSource knowing(List<Event> listings) {
    return this;
  }

  /// What an answer to [#probe] amounts to.
  Outcome interpretProbe(HttpResult result);

  /// What an answer to any request says of our budget.
  Usage usage(HttpResult result);
}

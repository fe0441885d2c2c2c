package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Proof;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

  /// Weight that it allows in a [#weightWindow], by its documents, until it tells better.
  int weightPerWindow();

  /// How long the window is in which it counts.
  default Duration weightWindow() {
    return Duration.ofMinutes(1);
  }

  /// What each kind of its data can prove about its own completeness.
  Map<Query.Kind, Proof> proofs();

  /// How it serves bars, or null when it has none.
  default @Nullable BarRules bars() {
    return null;
  }

  /// The first request of a question.
  ///
  /// @throws UnsupportedQueryException when the source cannot be asked this; nothing was sent
  SourceRequest request(Query query) throws UnsupportedQueryException;

  /// What all requests weigh together that the question may take.
  default int weight(Query query) throws UnsupportedQueryException {
    return request(query).weight();
  }

  /// The cheapest request that shows whether the source is alive.
  SourceRequest probe();

  /// The cheapest request whose answer shows the source's clock: as an [Event.ServerTime] where
  /// it has a page for that, else in HTTP's `Date` (RFC 9110, section 6.6.1).
  default SourceRequest clock() {
    return probe();
  }

  /// What an answer to a question's request amounts to; with [Outcome.More] the question goes
  /// on.
  ///
  /// @param before what [Outcome.More] gave for the pages before this one; empty for the first
  Outcome interpret(Query query, List<Event> before, HttpResult result);

  /// What the answer to the first request amounts to.
  default Outcome interpret(Query query, HttpResult result) {
    return interpret(query, List.of(), result);
  }

  /// This source, knowing its own list of what trades there; for those that need it to name a
  /// symbol as the source does.
  default PolledSource knowing(List<Event> listings) {
    return this;
  }

  /// What an answer to [#probe] amounts to.
  Outcome interpretProbe(HttpResult result);

  /// What an answer to [#clock] amounts to.
  default Outcome interpretClock(HttpResult result) {
    return interpretProbe(result);
  }

  /// What an answer to any request says of our budget.
  Usage usage(HttpResult result);
}

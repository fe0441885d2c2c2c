package dev.everfeed.core.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One usable answer of one source to one query.
///
/// @param query           the question as it was asked of the hub
/// @param source          who answered
/// @param events          what it said, in the payload's order; a price answer may carry prices
///     and quotes
/// @param receivedAtNanos monotonic time at which the last byte arrived, 0 = process start
/// @param equivalent      true when the source answered with an explicitly configured equivalent
///     (`BTC/USD` for `BTC/USDT`); the events then carry the equivalent's symbol
/// @param covered         of bars, the time for which these are all there are; null where that
///     is not known
public record Served(
    Query query,
    SourceId source,
    List<Event> events,
    long receivedAtNanos,
    boolean equivalent,
    @Nullable Span covered) {
  public Served {
    events = List.copyOf(events);
  }

  public Served(
      Query query, SourceId source, List<Event> events, long receivedAtNanos, boolean equivalent) {
    this(query, source, events, receivedAtNanos, equivalent, null);
  }
}

package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Bars by series and open time, put together from all answers: the last one received for an
/// interval stands.
///
/// Bounds: [#MAX_BARS_PER_SERIES] newest bars a series and [#MAX_BARS] in all; then whole series
/// go, the one not used for longest first.
final class BarMemory {
  static final int MAX_BARS_PER_SERIES = 5_000;
  static final int MAX_BARS = 500_000;

  private record Series(Symbol symbol, Interval interval) {}

  private record Kept(Event.Bar bar, SourceId source, long receivedAtNanos) {}

  private final LinkedHashMap<Series, NavigableMap<Instant, Kept>> series =
      new LinkedHashMap<>(16, 0.75f, true);
  private int size;

  void remember(Query.Bars asked, Served served) {
    NavigableMap<Instant, Kept> bars =
        series.computeIfAbsent(new Series(asked.symbol(), asked.interval()), _ -> new TreeMap<>());
    size -= bars.size();
    for (Event event : served.events()) {
      if (event instanceof Event.Bar bar && bar.interval() == asked.interval()) {
        bars.put(bar.time(), new Kept(bar, served.source(), served.receivedAtNanos()));
      }
    }
    while (bars.size() > MAX_BARS_PER_SERIES) {
      bars.pollFirstEntry();
    }
    size += bars.size();
    Iterator<Map.Entry<Series, NavigableMap<Instant, Kept>>> eldest =
        series.entrySet().iterator();
    while (size > MAX_BARS && series.size() > 1 && eldest.hasNext()) {
      size -= eldest.next().getValue().size();
      eldest.remove();
    }
  }

  /// The kept bars of the range, at most `limit`: the newest ones when the query has no `from`,
  /// else the oldest. Null when there is none. The answer is as old as its oldest part.
  @Nullable
  Served recall(Query.Bars wanted) {
    NavigableMap<Instant, Kept> bars = series.get(new Series(wanted.symbol(), wanted.interval()));
    if (bars == null) {
      return null;
    }
    NavigableMap<Instant, Kept> range = bars;
    if (wanted.from() != null) {
      range = range.tailMap(wanted.from(), true);
    }
    if (wanted.to() != null) {
      range = range.headMap(wanted.to(), false);
    }
    List<Kept> kept = new ArrayList<>(range.values());
    if (kept.size() > wanted.limit()) {
      kept = wanted.from() == null
          ? kept.subList(kept.size() - wanted.limit(), kept.size())
          : kept.subList(0, wanted.limit());
    }
    if (kept.isEmpty()) {
      return null;
    }
    List<Event> events = new ArrayList<>(kept.size());
    long oldest = Long.MAX_VALUE;
    for (Kept one : kept) {
      events.add(one.bar());
      oldest = Math.min(oldest, one.receivedAtNanos());
    }
    return new Served(wanted, kept.getLast().source(), events, oldest, false);
  }

  int size() {
    return size;
  }
}

package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Bars by series and open time, put together from all answers: of two for one interval a
/// complete one stands before one that is not, else the last one received.
///
/// Bounds: [#MAX_BARS_PER_SERIES] newest bars a series and [#MAX_BARS] in all; then whole
/// series go, the one not used for longest first.
final class BarMemory {
  static final int MAX_BARS_PER_SERIES = 5_000;
  static final int MAX_BARS = 500_000;

  private record Series(Symbol symbol, Interval interval) {}

  private record Kept(Event.Bar bar, SourceId source, long receivedAtNanos) {
    boolean isComplete() {
      return Boolean.TRUE.equals(bar.complete());
    }

    static Kept better(Kept one, Kept other) {
      if (one.isComplete() != other.isComplete()) {
        return one.isComplete() ? one : other;
      }
      return one.receivedAtNanos() > other.receivedAtNanos() ? one : other;
    }
  }

  private final LinkedHashMap<Series, NavigableMap<Instant, Kept>> series =
      new LinkedHashMap<>(16, 0.75f, true);
  private int size;

  void remember(Query.Bars asked, Served served) {
    NavigableMap<Instant, Kept> bars =
        series.computeIfAbsent(new Series(asked.symbol(), asked.interval()), _ -> new TreeMap<>());
    size -= bars.size();
    for (Event event : served.events()) {
      if (event instanceof Event.Bar bar && bar.interval() == asked.interval()) {
        bars.merge(
            bar.time(), new Kept(bar, served.source(), served.receivedAtNanos()), Kept::better);
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
  Remembered recall(Query.Bars wanted) {
    return together(wanted, inRange(wanted));
  }

  /// The same, put together from these and from what was kept elsewhere. Nothing is remembered
  /// of the latter: a range of long ago would push out what is asked every minute.
  @Nullable
  Remembered recallWith(Query.Bars wanted, List<Input.Past> past) {
    NavigableMap<Instant, Kept> all = new TreeMap<>(inRange(wanted));
    for (Input.Past one : past) {
      boolean asked = one.event() instanceof Event.Bar bar
          && bar.symbol().equals(wanted.symbol())
          && bar.interval() == wanted.interval()
          && (wanted.from() == null || !bar.time().isBefore(wanted.from()))
          && (wanted.to() == null || bar.time().isBefore(wanted.to()));
      if (asked) {
        Event.Bar bar = (Event.Bar) one.event();
        all.merge(bar.time(), new Kept(bar, bar.source(), one.receivedAtNanos()), Kept::better);
      }
    }
    return together(wanted, all);
  }

  private NavigableMap<Instant, Kept> inRange(Query.Bars wanted) {
    NavigableMap<Instant, Kept> range = series.get(new Series(wanted.symbol(), wanted.interval()));
    if (range == null) {
      return Collections.emptyNavigableMap();
    }
    if (wanted.from() != null) {
      range = range.tailMap(wanted.from(), true);
    }
    if (wanted.to() != null) {
      range = range.headMap(wanted.to(), false);
    }
    return range;
  }

  private static @Nullable Remembered together(
      Query.Bars wanted, NavigableMap<Instant, Kept> range) {
    List<Kept> kept = new ArrayList<>(range.values());
    if (kept.size() > wanted.limit()) {
      kept = wanted.from() == null
          ? kept.subList(kept.size() - wanted.limit(), kept.size())
          : kept.subList(0, wanted.limit());
    }
    if (kept.isEmpty()) {
      return null;
    }
    Kept newest = kept.getLast();
    List<Event> events = new ArrayList<>(kept.size());
    long oldest = Long.MAX_VALUE;
    long knownAt = newest.receivedAtNanos();
    for (Kept one : kept) {
      events.add(one.bar());
      oldest = Math.min(oldest, one.receivedAtNanos());
      knownAt = one.isComplete() ? knownAt : Math.min(knownAt, one.receivedAtNanos());
    }
    return new Remembered(new Served(wanted, newest.source(), events, oldest, false), knownAt);
  }

  int size() {
    return size;
  }
}

package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Consistency;
import dev.everfeed.core.normalise.Primary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Bars by exchange, series and open time, put together from all answers: of two for one
/// interval a complete one stands before one that is not, else the last one received.
///
/// A question that names no exchange is answered with the bars of one ([Primary]), never a
/// mixture.
///
/// Bounds: [#MAX_BARS_PER_SERIES] newest bars a series and [#MAX_BARS] in all; then whole
/// series go, the one not used for longest first.
final class BarMemory {
  static final int MAX_BARS_PER_SERIES = 5_000;
  static final int MAX_BARS = 150_000;

  /// @param exchange empty for bars of no exchange
  private record Series(Symbol symbol, Interval interval, String exchange) {}

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

  /// The bars of a series, and for which time they are all there are.
  private static final class Bars {
    final NavigableMap<Instant, Kept> byOpen = new TreeMap<>();

    @Nullable
    Span covered;

    void cover(@Nullable Span span) {
      Span known = covered;
      if (span == null || (known != null && known.contains(span))) {
        return;
      }
      boolean apart =
          known == null || known.to().isBefore(span.from()) || span.to().isBefore(known.from());
      covered = known == null || apart ? span : union(known, span);
    }

    /// What was pushed out is not known to be all there is any more.
    void forgetBefore(Instant first) {
      Span known = covered;
      if (known != null && known.from().isBefore(first)) {
        covered = Span.between(first, known.to());
      }
    }

    private static Span union(Span one, Span other) {
      return new Span(earlier(one.from(), other.from()), later(one.to(), other.to()));
    }
  }

  private final List<String> preference;
  private final LinkedHashMap<Series, Bars> series = new LinkedHashMap<>(16, 0.75f, true);
  private int size;

  /// @param preference exchanges, the best first; others come after them
  BarMemory(List<String> preference) {
    this.preference = List.copyOf(preference);
  }

  void remember(Query.Bars asked, Served served) {
    Map<String, Bars> touched = new LinkedHashMap<>();
    for (Event event : served.events()) {
      if (event instanceof Event.Bar bar && bar.interval() == asked.interval()) {
        Bars bars = series.computeIfAbsent(
            new Series(asked.symbol(), asked.interval(), nameOf(bar)), _ -> new Bars());
        int before = bars.byOpen.size();
        bars.byOpen.merge(
            bar.time(), new Kept(bar, served.source(), served.receivedAtNanos()), Kept::better);
        size += bars.byOpen.size() - before;
        touched.put(nameOf(bar), bars);
      }
    }
    for (Bars bars : touched.values()) {
      bars.cover(served.covered());
      while (bars.byOpen.size() > MAX_BARS_PER_SERIES) {
        bars.byOpen.pollFirstEntry();
        size--;
        bars.forgetBefore(bars.byOpen.firstKey());
      }
    }
    Iterator<Map.Entry<Series, Bars>> eldest = series.entrySet().iterator();
    while (size > MAX_BARS && series.size() > 1 && eldest.hasNext()) {
      size -= eldest.next().getValue().byOpen.size();
      eldest.remove();
    }
  }

  private static String nameOf(Event.Bar bar) {
    return bar.exchange() == null ? "" : bar.exchange();
  }

  /// The kept bars of the range, at most `limit`: the newest ones when the query has no `from`,
  /// else the oldest. Null when there is none. The answer is as old as its oldest part.
  @Nullable
  Remembered recall(Query.Bars wanted) {
    return recallWith(wanted, List.of());
  }

  /// The same, put together from these and from what was kept elsewhere. Nothing is remembered
  /// of the latter: a range of long ago would push out what is asked every minute.
  @Nullable
  Remembered recallWith(Query.Bars wanted, List<Input.Past> past) {
    Map<String, NavigableMap<Instant, Kept>> all = inRange(wanted, past);
    String exchange = wanted.exchange() == null ? pick(wanted, all) : wanted.exchange();
    NavigableMap<Instant, Kept> range = exchange == null ? null : all.get(exchange);
    if (range == null || exchange == null) {
      return null;
    }
    Bars own = series.get(new Series(wanted.symbol(), wanted.interval(), exchange));
    return together(wanted, range, own == null || !past.isEmpty() ? null : own.covered);
  }

  /// How far an answer's exchange is from the others that are kept, or empty when there is
  /// nothing to compare.
  Optional<Consistency.Deviation> deviation(Query.Bars asked, List<Event> answer) {
    Map<String, List<Event.Bar>> closes = new TreeMap<>();
    inRange(asked.at(null), List.of())
        .forEach((exchange, range) -> closes.put(exchange, bars(range)));
    String exchange = null;
    List<Event.Bar> own = new ArrayList<>();
    for (Event event : answer) {
      if (event instanceof Event.Bar bar) {
        exchange = nameOf(bar);
        own.add(bar);
      }
    }
    if (exchange == null) {
      return Optional.empty();
    }
    closes.put(exchange, own);
    return closes.size() < Consistency.WITNESSES
        ? Optional.empty()
        : Consistency.of(exchange, closes);
  }

  private @Nullable String pick(Query.Bars wanted, Map<String, NavigableMap<Instant, Kept>> all) {
    Map<String, List<Event.Bar>> bars = new TreeMap<>();
    all.forEach((exchange, range) -> bars.put(exchange, bars(range)));
    return Primary.of(preference, wanted.interval(), bars).orElse(null);
  }

  private static List<Event.Bar> bars(NavigableMap<Instant, Kept> range) {
    return range.values().stream().map(Kept::bar).toList();
  }

  /// By exchange; none is empty.
  private Map<String, NavigableMap<Instant, Kept>> inRange(
      Query.Bars wanted, List<Input.Past> past) {
    Map<String, NavigableMap<Instant, Kept>> all = new TreeMap<>();
    if (wanted.exchange() != null) {
      addRange(wanted, wanted.exchange(), all);
    } else {
      List<String> known = new ArrayList<>(preference);
      if (!known.contains("")) {
        known.add("");
      }
      known.forEach(exchange -> addRange(wanted, exchange, all));
    }
    Map<String, NavigableMap<Instant, Kept>> merged = past.isEmpty() ? all : new TreeMap<>();
    if (!past.isEmpty()) {
      all.forEach((exchange, range) -> merged.put(exchange, new TreeMap<>(range)));
    }
    for (Input.Past one : past) {
      if (one.event() instanceof Event.Bar bar && isWanted(wanted, bar)) {
        merged
            .computeIfAbsent(nameOf(bar), _ -> new TreeMap<>())
            .merge(bar.time(), new Kept(bar, bar.source(), one.receivedAtNanos()), Kept::better);
      }
    }
    return merged;
  }

  static boolean isWanted(Query.Bars wanted, Event.Bar bar) {
    return bar.symbol().equals(wanted.symbol())
        && bar.interval() == wanted.interval()
        && (wanted.exchange() == null || wanted.exchange().equals(bar.exchange()))
        && (wanted.from() == null || !bar.time().isBefore(wanted.from()))
        && (wanted.to() == null || bar.time().isBefore(wanted.to()));
  }

  private void addRange(
      Query.Bars wanted, String exchange, Map<String, NavigableMap<Instant, Kept>> all) {
    Bars bars = series.get(new Series(wanted.symbol(), wanted.interval(), exchange));
    if (bars == null) {
      return;
    }
    NavigableMap<Instant, Kept> range = bars.byOpen;
    if (wanted.from() != null) {
      range = range.tailMap(wanted.from(), true);
    }
    if (wanted.to() != null) {
      range = range.headMap(wanted.to(), false);
    }
    if (!range.isEmpty()) {
      all.put(exchange, range);
    }
  }

  private static Remembered together(
      Query.Bars wanted, NavigableMap<Instant, Kept> range, @Nullable Span covered) {
    List<Kept> kept = new ArrayList<>(range.values());
    Span told = covered;
    if (kept.size() > wanted.limit()) {
      boolean newest = wanted.from() == null;
      kept = newest
          ? kept.subList(kept.size() - wanted.limit(), kept.size())
          : kept.subList(0, wanted.limit());
      told = covered == null
          ? null
          : newest
              ? Span.between(later(kept.getFirst().bar().time(), covered.from()), covered.to())
              : Span.between(
                  covered.from(),
                  earlier(wanted.interval().next(kept.getLast().bar().time()), covered.to()));
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
    return new Remembered(
        new Served(wanted, newest.source(), events, oldest, false, told), knownAt);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  int size() {
    return size;
  }
}

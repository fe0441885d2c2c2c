package dev.everfeed.hub.store;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Consistency;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Bars of the past that were read a moment ago, in blocks of [#BLOCK] intervals: readers of a
/// range are seldom alone, and read it page by page. A database takes 13 ms of processor for
/// 5,000 bars (`benchmarks/run merged`).
///
/// What it says is at most [#MAX_AGE] old: a bar of the past that is corrected, by this hub or
/// by another one on the same database, is told anew after that. It knows blocks only of which
/// the exchange has told all it has; the others are read each time.
///
/// Bounds: [#MAX_BARS], some 32 MB; the blocks not used for longest go first. Any thread may
/// ask; it blocks the one that does.
public final class PastBars {
  static final int BLOCK = 1_000;
  static final int MAX_BARS = 100_000;
  static final Duration MAX_AGE = Duration.ofSeconds(10);

  /// Bars of each exchange that are compared before one stands for all: enough to see a venue
  /// that is wrong, few enough to be read for each question.
  static final int COMPARED = 50;

  private record Key(String exchange, Symbol symbol, Interval interval, long block) {}

  private record Block(List<Stored> bars, long readAtNanos) {
    int weight() {
      return Math.max(1, bars.size());
    }
  }

  private final LongSupplier nanos;
  private final int most;
  private final LinkedHashMap<Key, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private int kept;

  /// @param nanos monotonic
  public PastBars(LongSupplier nanos) {
    this(nanos, MAX_BARS);
  }

  PastBars(LongSupplier nanos, int most) {
    this.nanos = nanos;
    this.most = most;
  }

  /// All bars in a range of the first exchange of which they are all stored, and which does not
  /// disagree with the others in the newest [#COMPARED] of them ([Consistency]).
  ///
  /// @param exchanges in the order of preference
  /// @param range     as in [#whole]
  /// @return empty when there is no such exchange
  public List<Stored> first(
      History history, List<String> exchanges, Symbol symbol, Interval interval, Span range)
      throws SQLException {
    Map<String, Consistency.Deviation> deviations = null;
    for (String exchange : exchanges) {
      List<Stored> bars = whole(history, exchange, symbol, interval, range);
      if (bars == null || bars.isEmpty()) {
        continue;
      }
      if (deviations == null) {
        deviations = deviations(history, exchanges, symbol, interval, range);
      }
      Consistency.Deviation its = deviations.get(exchange);
      if (its == null || !its.disagrees()) {
        return bars;
      }
    }
    return List.of();
  }

  private static Map<String, Consistency.Deviation> deviations(
      History history, List<String> exchanges, Symbol symbol, Interval interval, Span range)
      throws SQLException {
    if (exchanges.size() < Consistency.WITNESSES) {
      return Map.of();
    }
    Map<String, List<Event.Bar>> series = new HashMap<>();
    for (Stored stored :
        history.newestBarsOfEach(exchanges, symbol, interval, range.from(), range.to(), COMPARED)) {
      Event.Bar bar = (Event.Bar) stored.event();
      series
          .computeIfAbsent(String.valueOf(bar.exchange()), _ -> new ArrayList<>())
          .add(bar);
    }
    return series.size() < Consistency.WITNESSES ? Map.of() : Consistency.of(series);
  }

  /// All bars of an exchange that open in a range, oldest first.
  ///
  /// @param range whole intervals, at most [History#LIMIT_MAX]
  /// @return null when not all of it is stored
  @Nullable
  List<Stored> whole(History history, String exchange, Symbol symbol, Interval interval, Span range)
      throws SQLException {
    if (interval == Interval.MONTH) { // not all as long as one another
      return isCovered(history, exchange, symbol, interval, range)
          ? read(history, exchange, symbol, interval, range)
          : null;
    }
    long length = interval.duration().toSeconds() * BLOCK;
    long first = Math.floorDiv(range.from().getEpochSecond(), length);
    long last = Math.floorDiv(range.to().getEpochSecond() - 1, length);
    Map<Long, List<Stored>> found = new LinkedHashMap<>();
    Span absent = null;
    for (long block = first; block <= last; block++) {
      List<Stored> bars = known(new Key(exchange, symbol, interval, block));
      if (bars == null) {
        Span span = spanOf(block, length);
        absent = absent == null ? span : new Span(absent.from(), span.to());
      } else {
        found.put(block, bars);
      }
    }
    if (absent != null) {
      Span covered = covered(history, exchange, symbol, interval, absent, range);
      if (covered == null) {
        return null;
      }
      long readAt = nanos.getAsLong();
      List<Stored> read = read(history, exchange, symbol, interval, covered);
      for (long block = first; block <= last; block++) {
        Span span = spanOf(block, length);
        if (absent.contains(span)) {
          List<Stored> bars = within(read, span);
          found.put(block, bars);
          if (covered.contains(span)) {
            keep(new Key(exchange, symbol, interval, block), new Block(bars, readAt));
          }
        }
      }
    }
    List<Stored> all = new ArrayList<>();
    for (long block = first; block <= last; block++) {
      all.addAll(found.getOrDefault(block, List.of()));
    }
    return within(all, range);
  }

  private static Span spanOf(long block, long length) {
    return new Span(
        Instant.ofEpochSecond(block * length), Instant.ofEpochSecond((block + 1) * length));
  }

  private static boolean isCovered(
      History history, String exchange, Symbol symbol, Interval interval, Span range)
      throws SQLException {
    return history.covered(exchange, symbol, interval, range).contains(range);
  }

  /// What is covered of the blocks, if it is at least what is wanted of them; else null.
  private static @Nullable Span covered(
      History history, String exchange, Symbol symbol, Interval interval, Span blocks, Span wanted)
      throws SQLException {
    Instant from = wanted.from().isAfter(blocks.from()) ? wanted.from() : blocks.from();
    Instant to = wanted.to().isBefore(blocks.to()) ? wanted.to() : blocks.to();
    Span least = new Span(from, to);
    for (Span span : history.covered(exchange, symbol, interval, blocks)) {
      if (span.contains(least)) {
        return span;
      }
    }
    return null;
  }

  private static List<Stored> read(
      History history, String exchange, Symbol symbol, Interval interval, Span span)
      throws SQLException {
    List<Stored> bars = new ArrayList<>();
    Instant from = span.from();
    while (from.isBefore(span.to())) {
      Instant end = interval.moved(from, History.LIMIT_MAX);
      Instant to = end.isBefore(span.to()) ? end : span.to();
      bars.addAll(history.bars(List.of(exchange), symbol, interval, from, to, History.LIMIT_MAX));
      from = to;
    }
    return bars;
  }

  private static List<Stored> within(List<Stored> bars, Span span) {
    int from = firstAtOrAfter(bars, span.from());
    int to = firstAtOrAfter(bars, span.to());
    return List.copyOf(bars.subList(from, to));
  }

  private static int firstAtOrAfter(List<Stored> bars, Instant time) {
    int low = 0;
    int high = bars.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (((Event.Bar) bars.get(middle).event()).time().isBefore(time)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private synchronized @Nullable List<Stored> known(Key key) {
    Block block = blocks.get(key);
    return block == null || nanos.getAsLong() - block.readAtNanos > MAX_AGE.toNanos()
        ? null
        : block.bars;
  }

  private synchronized void keep(Key key, Block block) {
    Block before = blocks.put(key, block);
    kept += block.weight() - (before == null ? 0 : before.weight());
    Iterator<Block> eldest = blocks.values().iterator();
    while (kept > most && blocks.size() > 1) {
      kept -= eldest.next().weight();
      eldest.remove();
    }
  }

  synchronized int kept() {
    return kept;
  }
}

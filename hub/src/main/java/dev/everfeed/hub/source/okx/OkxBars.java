package dev.everfeed.hub.source.okx;

import static dev.everfeed.hub.source.okx.OkxDecoder.SOURCE;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.normalise.Rollup;
import dev.everfeed.hub.source.BarPager;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.UnsupportedQueryException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Which of OKX's two lists of bars answers what, and how much of it at once.
///
/// | path | knows | a page |
/// |---|---|---|
/// | `/market/candles` | the newest 1,440 of an interval, the running one among them | 300 |
/// | `/market/history-candles` | "recent years"; whether the running one too is not said | 100 |
///
/// (The venue's documentation of January 2026, "Get candlesticks" and "Get candlesticks
/// history". It gives 300 for the second as well, earlier ones and most clients 100; what asks
/// for 100 is right with both.)
///
/// So the newest bars come from the first list without ado. For a range it depends on how long
/// ago it is, and we have no clock: the venue is asked for its time first, then for the bars.
/// What lies within the newest [#NEAR] intervals is asked of the first list, all else of the
/// second.
///
/// Both ends are exclusive, and named against intuition: `after` is the moment before which, and
/// `before` the one after which a bar has to open. `before` alone gives the newest bars and not
/// the first ones from there on, so the two are always sent together.
final class OkxBars {
  /// Bars this near to now are surely in the first list: its 1,440, less what passes while a
  /// question is paged.
  static final int NEAR = 1_400;

  /// Of a question for the newest bars: four pages, which all lie within [#NEAR].
  private static final int NEWEST_MAX = 1_200;

  /// From 6 hours on, the plain names (`1D`) are days of Hong Kong; only the `utc` ones begin
  /// where ours do. 3-day bars are built: from where the venue counts its own is not documented.
  /// So are 8-hour bars, which it does not have.
  static final SequencedMap<Interval, String> OFFERED = offered();

  static final BarRules NEAR_RULES = new BarRules(OFFERED, 300, true, false, Integer.MAX_VALUE);
  static final BarRules RULES = new BarRules(OFFERED, 100, true, false, Integer.MAX_VALUE);

  private final Requests requests;
  private final SourceRequest clock;

  /// How a page is asked for.
  @FunctionalInterface
  interface Requests {
    /// @param path that the page is on, with a `?` and all of the query but the name
    SourceRequest of(BarPager.Page page, String path) throws UnsupportedQueryException;
  }

  /// @param clock asks the venue for its time
  OkxBars(Requests requests, SourceRequest clock) {
    this.requests = requests;
    this.clock = clock;
  }

  private static SequencedMap<Interval, String> offered() {
    SequencedMap<Interval, String> words = new LinkedHashMap<>();
    words.put(Interval.M1, "1m");
    words.put(Interval.M3, "3m");
    words.put(Interval.M5, "5m");
    words.put(Interval.M15, "15m");
    words.put(Interval.M30, "30m");
    words.put(Interval.H1, "1H");
    words.put(Interval.H2, "2H");
    words.put(Interval.H4, "4H");
    words.put(Interval.H6, "6Hutc");
    words.put(Interval.H12, "12Hutc");
    words.put(Interval.D1, "1Dutc");
    words.put(Interval.W1, "1Wutc");
    words.put(Interval.MONTH, "1Mutc");
    return words;
  }

  SourceRequest first(Query.Bars query) throws UnsupportedQueryException {
    if (isRange(query)) {
      pager(RULES, null).first(query); // what cannot be asked costs no question for the time
      return clock;
    }
    return pager(NEAR_RULES, null).first(atMostNewest(query));
  }

  int weight(Query.Bars query) throws UnsupportedQueryException {
    return isRange(query)
        ? clock.weight() + pager(RULES, null).mostPages(query)
        : pager(NEAR_RULES, null).mostPages(atMostNewest(query));
  }

  /// The interval that is fetched for it.
  Interval asked(Query.Bars query) throws UnsupportedQueryException {
    return pager(RULES, null).asked(query.interval());
  }

  /// Whether the answer to come is the venue's time, and no bars yet.
  static boolean isClockDue(Query.Bars query, List<Event> before) {
    return isRange(query) && before.isEmpty();
  }

  /// Asks for the first page, now that the time is known.
  Outcome told(Query.Bars query, Event.ServerTime now) throws UnsupportedQueryException {
    return new Outcome.More(List.of(now), ranged(query, now).first(query));
  }

  /// What has come with one page.
  Outcome received(Query.Bars query, List<Event> before, List<Event> page, HttpResult result)
      throws UnsupportedQueryException {
    if (!isRange(query)) {
      return pager(NEAR_RULES, null).received(atMostNewest(query), before, page, result);
    }
    // the pager knows nothing of the time that stands before its own events
    Event.ServerTime now = (Event.ServerTime) before.getFirst();
    Outcome outcome =
        ranged(query, now).received(query, before.subList(1, before.size()), page, result);
    if (!(outcome instanceof Outcome.More(List<Event> soFar, SourceRequest next))) {
      return outcome;
    }
    List<Event> events = new ArrayList<>();
    events.add(now);
    events.addAll(soFar);
    return new Outcome.More(events, next);
  }

  private BarPager ranged(Query.Bars query, Event.ServerTime now) throws UnsupportedQueryException {
    Interval basis = asked(query);
    Instant near = nearest(basis, now.time());
    boolean allNear = !earliest(query, basis).isBefore(near);
    return pager(allNear ? NEAR_RULES : RULES, near);
  }

  /// From where on the first list knows the bars.
  private static Instant nearest(Interval basis, Instant now) {
    return basis.openOf(now).minus(basis.duration().multipliedBy(NEAR));
  }

  /// Before this, no page of the question begins. Without a beginning it is paged backwards from
  /// its end, in whole pages.
  private static Instant earliest(Query.Bars query, Interval basis) {
    if (query.from() != null) {
      return query.from();
    }
    Instant to = query.to();
    if (to == null) {
      throw new IllegalArgumentException("not a range: " + query);
    }
    long bars = (query.limit() + 1L) * Rollup.parts(query.interval(), basis);
    long reaches =
        Math.min(bars, (long) BarPager.MAX_PAGES * NEAR_RULES.pageMax()) + NEAR_RULES.pageMax();
    return to.minus(basis.duration().multipliedBy(reaches));
  }

  private static boolean isRange(Query.Bars query) {
    return query.from() != null || query.to() != null;
  }

  private Query.Bars atMostNewest(Query.Bars query) throws UnsupportedQueryException {
    int parts = Rollup.parts(query.interval(), asked(query));
    int most = (NEWEST_MAX - parts + 1) / parts;
    return query.limit() <= most
        ? query
        : new Query.Bars(
            query.symbol(), query.interval(), null, null, Math.max(1, most), query.exchange());
  }

  /// @param near from where on the first list knows the bars; null when all that is asked is
  ///     among them
  private BarPager pager(BarRules rules, @Nullable Instant near) {
    return new BarPager(SOURCE, rules, page -> requests.of(page, path(page, near)));
  }

  private static String path(BarPager.Page page, @Nullable Instant near) {
    Instant from = page.from();
    Instant to = page.to();
    boolean isNear = near == null || (from != null && !from.isBefore(near));
    StringBuilder path =
        new StringBuilder(isNear ? "/market/candles?" : "/market/history-candles?");
    path.append("bar=").append(page.nativeInterval());
    if (from != null && to != null) {
      path.append("&after=").append(to.toEpochMilli());
      path.append("&before=").append(Math.max(0, from.toEpochMilli() - 1));
    } else if (from != null || to != null) {
      throw new IllegalArgumentException("a page has both ends or none, was " + page);
    }
    return path.append("&limit=").append(page.limit()).toString();
  }
}

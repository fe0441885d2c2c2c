package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.normalise.Rollup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The bars of one question: asked page by page, and built from shorter ones where the venue
/// does not have the interval.
///
/// From a moment on it pages forwards, window after window of as many intervals as a page
/// holds; for the newest bars backwards. An answer may be less than what was asked, never
/// other: it ends after as many pages as would hold all bars if each interval had one, at most
/// [#MAX_PAGES], and `covered` says for which time it is all there is. What is unfinished by
/// the venue's own clock (the `Date` of its answer) is never covered.
///
/// A built bar is whole, or it is the one that runs. Of one that the last page has cut nothing
/// is told: it comes with the next answer, which begins where `covered` ends.
///
/// Pure; any thread may use it. Between pages everything it knows is in the events of
/// [Outcome.More]: the bars so far, and last a [Event.ServerTime] that says how far it is.
public final class BarPager {
  /// 2,400 bars at Coinbase, 8,000 at Binance.
  public static final int MAX_PAGES = 8;

  private final SourceId source;
  private final BarRules rules;
  private final Requests requests;

  /// One page.
  ///
  /// @param interval       one that is offered
  /// @param nativeInterval the venue's own word for it
  /// @param from           inclusive, a whole interval; null, with `to`, for the newest bars
  /// @param to             exclusive, or null for no end
  /// @param limit          1 to the venue's largest page
  public record Page(
      Symbol symbol,
      Interval interval,
      String nativeInterval,
      @Nullable Instant from,
      @Nullable Instant to,
      int limit) {}

  /// How a page is asked for.
  @FunctionalInterface
  public interface Requests {
    SourceRequest of(Page page) throws UnsupportedQueryException;
  }

  public BarPager(SourceId source, BarRules rules, Requests requests) {
    this.source = source;
    this.rules = rules;
    this.requests = requests;
  }

  /// A question in the intervals that the venue has.
  ///
  /// @param basis  the interval that is asked for
  /// @param from   the first open that is wanted, or null for the newest
  /// @param to     where the last wanted bar ends, or null
  /// @param needed bars of the basis
  /// @param page   bars of one page
  private record Plan(
      Query.Bars query,
      Interval basis,
      @Nullable Instant from,
      @Nullable Instant to,
      int needed,
      int page) {

    boolean isBuilt() {
      return basis != query.interval();
    }
  }

  /// The interval that is fetched for a wanted one.
  public Interval asked(Interval wanted) throws UnsupportedQueryException {
    return Rollup.basis(wanted, rules.offered().keySet())
        .orElseThrow(() -> new UnsupportedQueryException(
            source,
            "has no %s bars, nor any that they could be built from; it has %s"
                .formatted(
                    wanted,
                    rules.offered().keySet().stream()
                        .map(Interval::text)
                        .collect(Collectors.joining(" ")))));
  }

  public SourceRequest first(Query.Bars query) throws UnsupportedQueryException {
    Plan plan = plan(query);
    Instant from = plan.from();
    if (from != null) {
      return request(plan, from, forwards(plan, from));
    }
    Instant to = plan.to();
    return to == null ? request(plan, null, null) : request(plan, backwards(plan, to), to);
  }

  /// How many requests the question may take: one more than its pages when the newest bars
  /// before a moment are wanted that may be in the future.
  public int mostPages(Query.Bars query) throws UnsupportedQueryException {
    Plan plan = plan(query);
    boolean maybeFuture = plan.from() == null && plan.to() != null;
    return pages(plan) + (maybeFuture ? 1 : 0);
  }

  private int pages(Plan plan) {
    return isOnePage() ? 1 : Math.min(MAX_PAGES, Math.ceilDiv(plan.needed(), plan.page()));
  }

  /// What has come with one page.
  ///
  /// @param before of the [Outcome.More] before, empty for the first page
  /// @param page   decoded, oldest first; what lies outside the window is left out here
  public Outcome received(
      Query.Bars query, List<Event> before, List<Event> page, HttpResult result) {
    try {
      return received(plan(query), before, bars(page), HttpAnswers.date(result));
    } catch (UnsupportedQueryException e) {
      return HttpAnswers.unusable(Failure.Kind.NOT_OFFERED, source, e.getMessage());
    }
  }

  private Outcome received(
      Plan plan, List<Event> before, List<Event.Bar> page, Optional<Instant> now)
      throws UnsupportedQueryException {
    List<Event.Bar> known = bars(before);
    Instant reached =
        !before.isEmpty() && before.getLast() instanceof Event.ServerTime mark ? mark.time() : null;
    return plan.from() == null
        ? receivedBackwards(plan, known, reached, page, now)
        : receivedForwards(plan, known, reached == null ? plan.from() : reached, page, now);
  }

  private Outcome receivedForwards(
      Plan plan, List<Event.Bar> known, Instant begin, List<Event.Bar> page, Optional<Instant> now)
      throws UnsupportedQueryException {
    Instant wantedFrom = plan.from() == null ? begin : plan.from();
    Instant end = forwards(plan, begin);
    Span reach = reachOf(page);
    if (reach != null && isBeyond(plan, reach)) {
      return beyondReach(plan, reach);
    }
    List<Event.Bar> own = within(page, begin, end);
    Outcome strange = strange(page, own, begin, end);
    if (strange != null) {
      return strange;
    }
    List<Event.Bar> all = new ArrayList<>(known);
    all.addAll(own);
    Instant from = reach != null && reach.from().isAfter(wantedFrom) ? reach.from() : wantedFrom;
    boolean full = all.size() >= plan.needed();
    if (page.size() >= plan.page() && !own.isEmpty() && !isOnePage()) {
      end = after(own.getLast()); // a full page may have been cut
    } else if (rules.seeks()) {
      end = null;
    }
    boolean over = full
        || isOnePage()
        || end == null
        || (plan.to() != null && !end.isBefore(plan.to()))
        || (now.isPresent() && end.isAfter(now.get()));
    if (!over && end != null && pagesOf(plan, wantedFrom, end, all) < pages(plan)) {
      return new Outcome.More(marked(all, end), request(plan, end, forwards(plan, end)));
    }
    Instant last = end == null ? plan.to() : end;
    return assembled(plan, all, from, last, now);
  }

  private Outcome receivedBackwards(
      Plan plan,
      List<Event.Bar> known,
      @Nullable Instant reached,
      List<Event.Bar> page,
      Optional<Instant> now)
      throws UnsupportedQueryException {
    Instant end = reached == null ? plan.to() : reached;
    Instant begin = end == null ? null : backwards(plan, end);
    List<Event.Bar> own = within(page, begin, end);
    Outcome strange = strange(page, own, begin, end);
    if (strange != null) {
      return strange;
    }
    Span reach = reachOf(page);
    if (reach != null && isBeyond(plan, reach)) {
      return beyondReach(plan, reach);
    }
    List<Event.Bar> all = new ArrayList<>(own);
    all.addAll(known);
    if (all.isEmpty()) {
      Instant running = now.map(plan.basis()::openOf).map(plan.basis()::next).orElse(null);
      // The window began in the future: it is moved to the venue's present.
      return reached == null && end != null && running != null && end.isAfter(running)
          ? new Outcome.More(marked(all, running), request(plan, backwards(plan, running), running))
          : new Outcome.Usable(List.of());
    }
    boolean maybeCut = page.size() >= plan.page() && !own.isEmpty();
    Instant from = begin == null || maybeCut ? all.getFirst().time() : begin;
    boolean exhausted = own.isEmpty()
        || (begin == null && own.size() < plan.page())
        || !from.isAfter(earliest(plan))
        || isOnePage();
    Instant newestEnd = plan.to();
    Instant since = earlier(newestEnd, after(all.getLast()));
    boolean more = !exhausted
        && all.size() < plan.needed()
        && Math.ceilDiv(intervals(plan, from, since), plan.page()) < pages(plan);
    if (more) {
      return new Outcome.More(marked(all, from), request(plan, backwards(plan, from), from));
    }
    return assembled(plan, all, own.isEmpty() ? all.getFirst().time() : from, newestEnd, now);
  }

  /// Whether no bar that is wanted can be made of what the venue still knows.
  private static boolean isBeyond(Plan plan, Span reach) {
    Instant to = plan.to();
    return to != null && !plan.query().interval().firstOpen(reach.from()).isBefore(to);
  }

  private Outcome beyondReach(Plan plan, Span reach) {
    return HttpAnswers.unusable(
        Failure.Kind.NOT_OFFERED,
        source,
        "knows only its newest %,d %s bars, back to %s"
            .formatted(rules.reach(), plan.basis(), reach.from()));
  }

  /// A venue that takes bounds as they are has no reason to answer with anything else.
  private @Nullable Outcome strange(
      List<Event.Bar> page, List<Event.Bar> own, @Nullable Instant from, @Nullable Instant to) {
    if (!rules.seeks() || own.size() == page.size()) {
      return null;
    }
    Event.Bar other =
        page.stream().filter(bar -> !own.contains(bar)).findFirst().orElseThrow();
    return HttpAnswers.unusable(
        Failure.Kind.WRONG_DATA,
        source,
        "the %s bar of %s at %s is outside the range asked for, %s to %s"
            .formatted(other.interval(), other.symbol(), other.time(), from, to));
  }

  /// The answer: what was wanted of `all`, which is everything the venue has from `from` to
  /// `to`.
  private Outcome assembled(
      Plan plan, List<Event.Bar> all, Instant from, @Nullable Instant to, Optional<Instant> now) {
    Outcome wrong = wrong(plan, all);
    if (wrong != null) {
      return wrong;
    }
    Instant over = finishedAt(plan, all, from, to, now);
    Query.Bars query = plan.query();
    Interval wanted = query.interval();
    List<Event.Bar> bars = all;
    if (plan.isBuilt()) {
      Instant known = over.isAfter(from) ? over : from.plusNanos(1);
      bars = Rollup.of(all, wanted, new Span(from, known)).stream()
          .filter(bar -> isAllThereIs(bar, to, now))
          .toList();
    }
    bars = within(bars, query.from(), query.to());
    Instant begin = plan.isBuilt() ? wanted.firstOpen(from) : from;
    Instant end = plan.isBuilt() ? wanted.openOf(over) : over;
    if (bars.size() < query.limit() && lacksTheRunning(plan, end, to, now)) {
      Instant earlier = wanted.moved(end, -1);
      if (earlier.isAfter(begin)) {
        end = earlier;
        bars = within(bars, null, end);
      }
    }
    if (bars.size() > query.limit()) {
      if (query.from() == null) {
        bars = bars.subList(bars.size() - query.limit(), bars.size());
        begin = bars.getFirst().time();
      } else {
        bars = bars.subList(0, query.limit());
        Instant cut = after(bars.getLast());
        end = cut.isBefore(end) ? cut : end;
      }
    }
    return new Outcome.Usable(List.copyOf(bars), Span.between(begin, end));
  }

  /// Whether a built bar has all parts that the venue has of it.
  ///
  /// @param to for how long the parts are known, or null for as long as there are any
  private static boolean isAllThereIs(Event.Bar bar, @Nullable Instant to, Optional<Instant> now) {
    return to == null || !after(bar).isAfter(to) || (now.isPresent() && to.isAfter(now.get()));
  }

  /// Whether the pages ended in the running bar, or just before it. Who reads on begins where
  /// `covered` ends, and only if that is before the running bar; so the answer has to end one
  /// bar earlier.
  private static boolean lacksTheRunning(
      Plan plan, Instant end, @Nullable Instant to, Optional<Instant> now) {
    return to != null
        && !to.equals(plan.to())
        && now.isPresent()
        && !to.isAfter(now.get())
        && end.equals(plan.query().interval().openOf(now.get()));
  }

  /// Up to where nothing changes any more.
  private static Instant finishedAt(
      Plan plan, List<Event.Bar> all, Instant from, @Nullable Instant to, Optional<Instant> now) {
    Instant over = now.map(plan.basis()::openOf)
        .orElse(all.isEmpty() ? from : all.getLast().time());
    for (Event.Bar bar : all) {
      if (Boolean.FALSE.equals(bar.complete()) && bar.time().isBefore(over)) {
        over = bar.time();
      }
    }
    return to != null && to.isBefore(over) ? to : over;
  }

  private @Nullable Outcome wrong(Plan plan, List<Event.Bar> all) {
    Query.Bars any =
        new Query.Bars(plan.query().symbol(), plan.basis(), null, null, Query.Bars.MAX_LIMIT);
    for (int i = 0; i < all.size(); i += Query.Bars.MAX_LIMIT - 1) {
      // stretches that share a bar, so that their border is in order too
      List<Event> stretch =
          List.copyOf(all.subList(i, Math.min(all.size(), i + Query.Bars.MAX_LIMIT)));
      if (Plausible.bars(source, any, stretch) instanceof Outcome.Unusable wrong) {
        return wrong;
      }
    }
    return null;
  }

  private Plan plan(Query.Bars query) throws UnsupportedQueryException {
    Interval wanted = query.interval();
    Interval basis = asked(wanted);
    int parts = Rollup.parts(wanted, basis);
    Instant from = query.from() == null ? null : wanted.firstOpen(query.from());
    Instant to = query.to() == null ? null : wanted.firstOpen(query.to());
    // of the newest, the first long bar may begin before the first short one
    long wantedParts = (long) query.limit() * parts + (from == null ? parts - 1 : 0);
    long most = (long) MAX_PAGES * rules.pageMax();
    int needed = (int) Math.min(wantedParts, most < parts ? most : most / parts * parts);
    // A window of the past may have fewer bars than intervals, so it is as long as a page allows.
    boolean window = !rules.seeks() && (from != null || to != null);
    int page = window ? rules.pageMax() : Math.min(needed, rules.pageMax());
    return new Plan(query, basis, from, to, needed, page);
  }

  private SourceRequest request(Plan plan, @Nullable Instant from, @Nullable Instant to)
      throws UnsupportedQueryException {
    String nativeInterval = rules.offered().get(plan.basis());
    if (nativeInterval == null) {
      throw new IllegalStateException(plan.basis() + " is not offered");
    }
    return requests.of(
        new Page(plan.query().symbol(), plan.basis(), nativeInterval, from, to, plan.page()));
  }

  /// The venue answers with all it has at once.
  private boolean isOnePage() {
    return rules.reach() <= rules.pageMax();
  }

  /// Where the window that begins there ends; null for no end.
  private @Nullable Instant forwards(Plan plan, Instant begin) {
    Instant to = plan.to();
    if (isOnePage() || rules.seeks()) {
      return to;
    }
    Instant end = plan.basis().moved(begin, plan.page());
    return to != null && to.isBefore(end) ? to : end;
  }

  private Instant backwards(Plan plan, Instant end) {
    Instant begin = plan.basis().moved(end, -plan.page());
    return begin.isBefore(earliest(plan)) ? earliest(plan) : begin;
  }

  /// Venues refuse what is before 1970.
  private static Instant earliest(Plan plan) {
    return plan.basis().firstOpen(Instant.EPOCH);
  }

  /// What the venue still knows, when that is all it can have answered with.
  private @Nullable Span reachOf(List<Event.Bar> page) {
    return page.size() >= rules.reach()
        ? Span.between(page.getFirst().time(), after(page.getLast()))
        : null;
  }

  private long pagesOf(Plan plan, Instant from, Instant end, List<Event.Bar> all) {
    return rules.seeks()
        ? Math.ceilDiv(all.size(), plan.page())
        : Math.ceilDiv(intervals(plan, from, end), plan.page());
  }

  private static long intervals(Plan plan, Instant from, Instant to) {
    return (to.getEpochSecond() - from.getEpochSecond())
        / plan.basis().duration().toSeconds();
  }

  private static Instant earlier(@Nullable Instant one, Instant other) {
    return one == null || one.isAfter(other) ? other : one;
  }

  private static Instant after(Event.Bar bar) {
    return bar.interval().next(bar.time());
  }

  private List<Event> marked(List<Event.Bar> bars, Instant reached) {
    List<Event> events = new ArrayList<>(bars);
    events.add(new Event.ServerTime(source, reached));
    return events;
  }

  private static List<Event.Bar> bars(List<Event> events) {
    List<Event.Bar> bars = new ArrayList<>(events.size());
    for (Event event : events) {
      if (event instanceof Event.Bar bar) {
        bars.add(bar);
      }
    }
    return bars;
  }

  private static List<Event.Bar> within(
      List<Event.Bar> bars, @Nullable Instant from, @Nullable Instant to) {
    return bars.stream()
        .filter(bar -> (from == null || !bar.time().isBefore(from))
            && (to == null || bar.time().isBefore(to)))
        .toList();
  }
}

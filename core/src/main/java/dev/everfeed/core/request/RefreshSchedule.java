package dev.everfeed.core.request;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.core.time.NextRun;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Asks everything that is to be kept fresh, again and again.
///
/// Pure, owned by the chain's thread. A run is never begun while another one is going on: its
/// time passes and is counted in [#missedRuns]. Questions to one exchange stand in a lane of
/// their own, with at most [#OUTSTANDING] out at once, so that a slow exchange does not hold up
/// the others; what names none has a lane too. What was not asked for longest comes first. A
/// question that its exchange has no budget for ends the lane in this run: the rest waits for
/// the next one, where it comes first, so that with thousands of symbols each has its turn.
/// Prices are asked in batches; a batch that the venue refuses as a whole, or answers in part,
/// is asked again symbol by symbol, and the symbol that spoiled it stays alone from then on, so
/// that one delisted symbol does not cost the others their price.
///
/// The first run begins at once, whatever the plan's own times are, because a hub with an empty
/// memory has nothing to serve; so a run that a restart missed is made up for, once. What has a
/// period of its own waits in it until [#askedBefore] tells when it was asked last, or for
/// [#HELD_NANOS]: a restart is no reason to ask again what was asked a minute ago.
///
/// Without the duty a run passes on: another hub makes it. What passed on is made up for once
/// when the duty comes, because nobody knows whether the other one still did it. When it goes,
/// the questions that are out are heard, and no more are asked.
///
/// |         | time of the next run | without duty  | reply, others out or waiting | last reply |
/// |---------|----------------------|---------------|------------------------------|------------|
/// | Idle    | Running              | passed on + 1 | -                            | -          |
/// | Running | Running, missed + 1  | passed on + 1 | Running                      | Idle       |
final class RefreshSchedule {
  /// More make a run on a busy machine no shorter, and each question longer: with 8 at each of
  /// five exchanges and two cores, answers took the 2 s that make a source look slow.
  static final int OUTSTANDING = 4;

  /// How long what has a period of its own waits at the start to hear when it was asked last.
  static final long HELD_NANOS = 5_000_000_000L;

  /// A run that begins by so much, or by a tenth of the distance between two runs, too early
  /// for a question still asks it: timers do not fire to the nanosecond, and the next run may
  /// be far.
  static final long EARLY_NANOS = 1_000_000_000L;

  private static final long NEVER = Long.MIN_VALUE;

  /// Something to ask.
  ///
  /// @param fetch    what it belongs to, or null for a symbol of a batch that is asked again
  /// @param question its place among the questions of that
  private record Waiting(Query query, @Nullable Fetch fetch, int question) {
    String lane() {
      String exchange = query.exchange();
      return exchange == null ? "" : exchange;
    }
  }

  /// Questions that wait for one exchange.
  private static final class Lane {
    final Queue<Waiting> waiting = new ArrayDeque<>();
    int out;

    /// Nobody has the budget for more of it in this run.
    boolean exhausted;
  }

  /// A question of the schedule; ids are negative and never used twice.
  record Question(long requestId, Query query) {}

  private final List<Planned> plan;

  /// By plan, and question of it.
  private final long[][] askedAtNanos;

  private final List<Decision.Fetched> fetched = new ArrayList<>();
  private final NextRun nextRun;
  private final AnchoredClock clock;
  private final SortedSet<Symbol> alone = new TreeSet<>();

  private long nextRunNanos;
  private long lastId;
  private long runNumber;
  private long missedRuns;
  private long passedOnRuns;
  private boolean onDuty = true;
  private boolean passedOn;

  /// When what has a period of its own may be asked; `Long.MAX_VALUE` once it may.
  private long heldUntilNanos = Long.MAX_VALUE;

  private @Nullable Running running;
  private @Nullable RunReport lastRun;

  private static final class Running {
    final long number;
    final long startedAtNanos;
    final SortedMap<String, Lane> lanes = new TreeMap<>();
    final Map<Long, Waiting> out = new LinkedHashMap<>();
    final List<RunReport.Error> errors = new ArrayList<>();
    final List<RunReport.Asked> periodic = new ArrayList<>();
    int errorsDropped;
    int asked;
    int refreshed;

    Running(long number, long startedAtNanos) {
      this.number = number;
      this.startedAtNanos = startedAtNanos;
    }

    RunReport report(long endedAtNanos) {
      return new RunReport(
          number, startedAtNanos, endedAtNanos, asked, refreshed, errors, errorsDropped, periodic);
    }

    void add(Query query) {
      add(new Waiting(query, null, 0));
    }

    void add(Waiting one) {
      lane(one).waiting.add(one);
    }

    Lane lane(Waiting one) {
      return lanes.computeIfAbsent(one.lane(), _ -> new Lane());
    }
  }

  /// The first run is due at once.
  RefreshSchedule(List<Planned> plan, NextRun nextRun, AnchoredClock clock, long nowNanos) {
    this.plan = List.copyOf(plan);
    this.askedAtNanos = new long[plan.size()][];
    for (int i = 0; i < plan.size(); i++) {
      askedAtNanos[i] = new long[plan.get(i).questions().size()];
      Arrays.fill(askedAtNanos[i], NEVER);
    }
    this.nextRun = nextRun;
    this.clock = clock;
    this.nextRunNanos = plan.isEmpty() ? Long.MAX_VALUE : nowNanos;
    for (Planned planned : plan) {
      if (planned.everyNanos() > 0) {
        this.heldUntilNanos = nowNanos + HELD_NANOS;
      }
    }
  }

  long nextDeadlineNanos() {
    return Math.min(nextRunNanos, heldUntilNanos);
  }

  /// `Long.MAX_VALUE` when there is nothing to refresh.
  long nextRunNanos() {
    return nextRunNanos;
  }

  long passedOnRuns() {
    return passedOnRuns;
  }

  long missedRuns() {
    return missedRuns;
  }

  @Nullable
  RunReport lastRun() {
    return lastRun;
  }

  @Nullable
  RunReport currentRun() {
    return running == null ? null : running.report(-1);
  }

  /// Whether this process is to ask.
  void duty(boolean mine, long nowNanos) {
    boolean comes = mine && !onDuty;
    onDuty = mine;
    if (comes && passedOn && !plan.isEmpty()) {
      nextRunNanos = nowNanos;
    }
  }

  /// When questions were asked last by somebody else, by the words of the report. A time in the
  /// future says nothing: a clock has stepped back.
  void askedBefore(SortedMap<String, Instant> asked, long nowNanos) {
    for (int i = 0; i < plan.size(); i++) {
      Instant time = asked.get(nameOf(plan.get(i).questions().getFirst()));
      if (time != null && clock.nanosAt(time) <= nowNanos) {
        for (int j = 0; j < askedAtNanos[i].length; j++) {
          askedAtNanos[i][j] = Math.max(askedAtNanos[i][j], clock.nanosAt(time));
        }
      }
    }
    if (heldUntilNanos != Long.MAX_VALUE) {
      heldUntilNanos = nowNanos;
    }
  }

  /// Begins a run if one is due, and returns the questions to ask now.
  List<Question> timePassed(long nowNanos) {
    boolean due = nowNanos >= nextRunNanos;
    boolean released = nowNanos >= heldUntilNanos;
    if (due) {
      nextRunNanos = nanosOfNextRun(nowNanos);
    }
    if (released) {
      heldUntilNanos = Long.MAX_VALUE;
    }
    if (!onDuty) {
      passedOnRuns += due ? 1 : 0;
      passedOn |= due;
      return List.of();
    }
    Running run = running;
    if (run != null) {
      missedRuns += due ? 1 : 0;
      return released && plan(run, false, nowNanos) ? askOrEnd(run, nowNanos) : List.of();
    }
    if (!due && !released) {
      return List.of();
    }
    run = new Running(runNumber + 1, nowNanos);
    boolean anything = plan(run, due, nowNanos);
    if (!due && !anything) {
      return List.of();
    }
    runNumber++;
    passedOn = false;
    running = run;
    return askOrEnd(run, nowNanos);
  }

  /// Puts into a run what is due, what was not asked for longest first. False when nothing is.
  ///
  /// @param whole with what is asked in every run
  private boolean plan(Running run, boolean whole, long nowNanos) {
    long untilNext = nextRunNanos == Long.MAX_VALUE ? Long.MAX_VALUE : nextRunNanos - nowNanos;
    long early = Math.min(EARLY_NANOS, untilNext / 10);
    List<Waiting> due = new ArrayList<>();
    for (int i = 0; i < plan.size(); i++) {
      Planned planned = plan.get(i);
      boolean held = planned.everyNanos() == 0 ? !whole : heldUntilNanos != Long.MAX_VALUE;
      Fetch fetch = new Fetch(i, planned);
      for (int n = 0; !held && n < planned.wanted(); n++) {
        int question = fetch.take();
        long asked = askedAtNanos[i][question];
        if (asked == NEVER || nowNanos - asked >= planned.everyNanos() - early) {
          enqueue(planned.questions().get(question), fetch, question, due);
        } else {
          fetch.ended();
        }
      }
    }
    due.sort(Comparator.comparingLong(this::askedAt));
    for (Waiting one : due) {
      run.asked += subjects(one.query()).size();
      run.add(one);
    }
    return !due.isEmpty();
  }

  private long askedAt(Waiting one) {
    Fetch fetch = one.fetch();
    return fetch == null ? NEVER : askedAtNanos[fetch.planned][one.question()];
  }

  /// What has been brought since this was called last.
  List<Decision.Fetched> takeFetched() {
    List<Decision.Fetched> taken = List.copyOf(fetched);
    fetched.clear();
    return taken;
  }

  /// Takes the answer to one of its questions, and returns the questions to ask now.
  List<Question> replied(long requestId, Reply reply, long nowNanos) {
    Running run = running;
    Waiting asked = run == null ? null : run.out.remove(requestId);
    if (run == null || asked == null) {
      throw new IllegalStateException("schedule: nobody asked " + requestId);
    }
    Lane lane = run.lane(asked);
    lane.out--;
    if (isOverBudget(reply)) {
      forgetAsked(run, asked);
      if (asked.query().exchange() != null) {
        postpone(run, lane, asked, reply, nowNanos);
        return askOrEnd(run, nowNanos);
      }
    }
    Query query = asked.query();
    boolean asksAgain = switch (query) {
      case Query.Prices prices
      when prices.symbols().size() > 1 -> splitIfSpoiled(run, prices, reply);
      default -> false;
    };
    if (!asksAgain) {
      for (Tried tried : reply.tried()) {
        if (reply instanceof Reply.Value && isNoError(tried.failure().kind())) {
          continue;
        }
        note(run, query, tried.source(), tried.failure(), nowNanos);
      }
      if (reply instanceof Reply.Value value) {
        run.refreshed += refreshedOf(query, value);
      }
    }
    ended(run, asked, reply);
    return askOrEnd(run, nowNanos);
  }

  private void ended(Running run, Waiting asked, Reply reply) {
    Fetch fetch = asked.fetch();
    if (fetch == null) {
      return;
    }
    fetch.replied(asked.query(), reply);
    if (fetch.bringsInAnother(reply)) {
      int question = fetch.take();
      Query another = plan.get(fetch.planned).questions().get(question);
      run.asked += subjects(another).size();
      run.add(new Waiting(another, fetch, question));
    }
    end(fetch);
  }

  private void end(Fetch fetch) {
    Decision.Fetched report = fetch.ended() ? fetch.report() : null;
    if (report != null) {
      fetched.add(report);
    }
  }

  /// Whoever could answer has no budget left for it, and nothing else was wrong.
  private static boolean isOverBudget(Reply reply) {
    if (!(reply instanceof Reply.Unavailable)) {
      return false;
    }
    boolean any = false;
    for (Tried tried : reply.tried()) {
      switch (tried.failure().kind()) {
        case OVER_BUDGET -> any = true;
        case NOT_OFFERED -> {} // was never a candidate
        default -> {
          return false;
        }
      }
    }
    return any;
  }

  private void postpone(Running run, Lane lane, Waiting asked, Reply reply, long nowNanos) {
    if (!lane.exhausted) {
      lane.exhausted = true;
      for (Tried tried : reply.tried()) {
        if (tried.failure().kind() == Failure.Kind.OVER_BUDGET) {
          String what = "%,d questions wait for the next run: %s"
              .formatted(lane.waiting.size() + 1, tried.failure().message());
          note(
              run,
              asked.query(),
              tried.source(),
              Failure.of(Failure.Kind.OVER_BUDGET, what),
              nowNanos);
        }
      }
    }
    lane.waiting.add(asked);
    for (Waiting one = lane.waiting.poll(); one != null; one = lane.waiting.poll()) {
      Fetch fetch = one.fetch();
      if (fetch != null) {
        fetch.postponed(one.query());
        end(fetch);
      }
    }
  }

  private List<Question> askOrEnd(Running run, long nowNanos) {
    List<Question> next = ask(run, nowNanos);
    if (next.isEmpty() && run.out.isEmpty()) {
      lastRun = run.report(nowNanos);
      running = null;
    }
    return next;
  }

  /// When another one answered: who was still out, and who was never a candidate.
  private static boolean isNoError(Failure.Kind kind) {
    return kind == Failure.Kind.NO_ANSWER_YET || kind == Failure.Kind.NOT_OFFERED;
  }

  private long nanosOfNextRun(long nowNanos) {
    Instant next = nextRun.after(clock.at(nowNanos));
    return next.equals(Instant.MAX) ? Long.MAX_VALUE : Math.max(nowNanos + 1, clock.nanosAt(next));
  }

  /// Known spoilers of a batch are asked by themselves.
  private void enqueue(Query query, Fetch fetch, int question, List<Waiting> due) {
    if (query instanceof Query.Prices prices && prices.symbols().size() > 1) {
      List<Symbol> together = new ArrayList<>();
      for (Symbol symbol : prices.symbols()) {
        if (alone.contains(symbol)) {
          due.add(new Waiting(Query.Prices.of(symbol), null, 0));
        } else {
          together.add(symbol);
        }
      }
      if (!together.isEmpty()) {
        due.add(new Waiting(Query.Prices.of(together), fetch, question));
      }
      return;
    }
    due.add(new Waiting(query, fetch, question));
  }

  /// True when the whole batch is asked again one by one. What it did bring is counted then.
  private boolean splitIfSpoiled(Running run, Query.Prices batch, Reply reply) {
    boolean refusedWhole = reply instanceof Reply.Unavailable
        && reply.tried().stream().anyMatch(t -> t.failure().kind() == Failure.Kind.CALLER);
    if (refusedWhole) {
      batch.symbols().forEach(symbol -> run.add(Query.Prices.of(symbol)));
      return true;
    }
    if (reply instanceof Reply.Value value && value.served().equivalent()) {
      boolean whole = priceCount(value) >= batch.symbols().size();
      if (!whole) {
        batch.symbols().forEach(symbol -> run.add(Query.Prices.of(symbol)));
      }
      return !whole;
    }
    if (reply instanceof Reply.Value value) {
      for (Symbol symbol : batch.symbols()) {
        if (!hasPriceOf(value, symbol)) {
          alone.add(symbol);
          run.add(Query.Prices.of(symbol));
        }
      }
    }
    return false;
  }

  private int refreshedOf(Query query, Reply.Value value) {
    if (!(query instanceof Query.Prices prices)) {
      return 1;
    }
    if (prices.symbols().size() == 1) {
      return 1;
    }
    return (int)
        prices.symbols().stream().filter(symbol -> hasPriceOf(value, symbol)).count();
  }

  private static long priceCount(Reply.Value value) {
    return value.served().events().stream()
        .filter(Event.Price.class::isInstance)
        .count();
  }

  /// A batch that was answered by equivalents has been found whole before.
  private static boolean hasPriceOf(Reply.Value value, Symbol symbol) {
    if (value.served().equivalent()) {
      return true;
    }
    for (Event event : value.served().events()) {
      if (event instanceof Event.Price price && price.symbol().equals(symbol)) {
        return true;
      }
    }
    return false;
  }

  private void note(
      Running run, Query query, @Nullable SourceId source, Failure failure, long nowNanos) {
    boolean spoiler = failure.kind() == Failure.Kind.CALLER;
    for (String subject : subjects(query)) {
      if (run.errors.size() == RunReport.MAX_ERRORS) {
        run.errorsDropped++;
      } else {
        run.errors.add(
            new RunReport.Error(source, subject, failure.kind(), failure.message(), nowNanos));
      }
    }
    if (spoiler && query instanceof Query.Prices prices && prices.symbols().size() == 1) {
      alone.add(prices.symbols().first());
    }
  }

  private List<Question> ask(Running run, long nowNanos) {
    List<Question> questions = new ArrayList<>();
    for (Lane lane : run.lanes.values()) {
      if (!onDuty) {
        lane.waiting.clear();
      }
      while (lane.out < OUTSTANDING && !lane.exhausted) {
        Waiting next = lane.waiting.poll();
        if (next == null) {
          break;
        }
        noteAsked(run, next, nowNanos);
        long id = --lastId;
        run.out.put(id, next);
        lane.out++;
        questions.add(new Question(id, next.query()));
      }
    }
    return questions;
  }

  /// What nobody had the budget for was not asked: it is the first in the next run.
  private void forgetAsked(Running run, Waiting asked) {
    Fetch fetch = asked.fetch();
    if (fetch == null) {
      return;
    }
    long at = askedAtNanos[fetch.planned][asked.question()];
    askedAtNanos[fetch.planned][asked.question()] = NEVER;
    if (asked.question() == 0) {
      run.periodic.remove(
          new RunReport.Asked(nameOf(plan.get(fetch.planned).questions().getFirst()), at));
    }
  }

  private void noteAsked(Running run, Waiting next, long nowNanos) {
    Fetch fetch = next.fetch();
    if (fetch == null) {
      return;
    }
    askedAtNanos[fetch.planned][next.question()] = nowNanos;
    Planned planned = plan.get(fetch.planned);
    if (planned.everyNanos() > 0 && next.question() == 0) {
      String what = nameOf(planned.questions().getFirst());
      run.periodic.add(new RunReport.Asked(what, nowNanos));
    }
  }

  /// What a question is called in reports and after a restart. Two questions for bars of one
  /// series are called the same.
  static String nameOf(Query query) {
    return String.join(" ", subjects(query));
  }

  /// What a question is about, in the words of the report.
  private static List<String> subjects(Query query) {
    return switch (query) {
      case Query.Prices prices -> prices.symbols().stream().map(Symbol::text).toList();
      case Query.Bars bars -> List.of(bars.symbol() + " " + bars.interval());
      case Query.Trades trades -> List.of("trades of " + trades.symbol());
      case Query.Sentiments sentiments ->
        List.of(sentiments.symbol() == null ? "market" : "sentiment of " + sentiments.symbol());
      case Query.Listings listings -> List.of("listings of " + listings.source());
    };
  }
}

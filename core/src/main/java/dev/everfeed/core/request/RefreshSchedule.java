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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Asks everything that is to be kept fresh, again and again.
///
/// Pure, owned by the chain's thread. A run is never begun while another one is going on: its
/// time passes and is counted in [#missedRuns]. At most [#OUTSTANDING] questions are out at
/// once. Prices are asked in batches; a batch that the venue refuses as a whole, or answers in
/// part, is asked again symbol by symbol, and the symbol that spoiled it stays alone from then
/// on, so that one delisted symbol does not cost the others their price.
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
  static final int OUTSTANDING = 8;

  /// How long what has a period of its own waits at the start to hear when it was asked last.
  static final long HELD_NANOS = 5_000_000_000L;

  /// A run that begins by so much, or by a tenth of the distance between two runs, too early
  /// for a question still asks it: timers do not fire to the nanosecond, and the next run may
  /// be far.
  static final long EARLY_NANOS = 1_000_000_000L;

  private static final long NEVER = Long.MIN_VALUE;

  /// Something to ask.
  ///
  /// @param planned its place in the plan when it has a period of its own, else -1
  private record Waiting(Query query, int planned) {}

  /// A question of the schedule; ids are negative and never used twice.
  record Question(long requestId, Query query) {}

  private final List<Planned> plan;
  private final long[] askedAtNanos;
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
    final Queue<Waiting> waiting = new ArrayDeque<>();
    final Map<Long, Query> out = new LinkedHashMap<>();
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
      waiting.add(new Waiting(query, -1));
    }
  }

  /// The first run is due at once.
  RefreshSchedule(List<Planned> plan, NextRun nextRun, AnchoredClock clock, long nowNanos) {
    this.plan = List.copyOf(plan);
    this.askedAtNanos = new long[plan.size()];
    Arrays.fill(askedAtNanos, NEVER);
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
      Instant time = asked.get(nameOf(plan.get(i).query()));
      if (time != null && clock.nanosAt(time) <= nowNanos) {
        askedAtNanos[i] = Math.max(askedAtNanos[i], clock.nanosAt(time));
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

  /// Puts into a run what is due. False when nothing is.
  ///
  /// @param whole with what is asked in every run
  private boolean plan(Running run, boolean whole, long nowNanos) {
    long untilNext = nextRunNanos == Long.MAX_VALUE ? Long.MAX_VALUE : nextRunNanos - nowNanos;
    long early = Math.min(EARLY_NANOS, untilNext / 10);
    int before = run.waiting.size();
    for (int i = 0; i < plan.size(); i++) {
      Planned planned = plan.get(i);
      boolean due = planned.everyNanos() == 0
          ? whole
          : heldUntilNanos == Long.MAX_VALUE
              && (askedAtNanos[i] == NEVER
                  || nowNanos - askedAtNanos[i] >= planned.everyNanos() - early);
      if (due) {
        run.asked += subjects(planned.query()).size();
        enqueue(run, planned.query(), planned.everyNanos() == 0 ? -1 : i);
      }
    }
    return run.waiting.size() > before;
  }

  /// Takes the answer to one of its questions, and returns the questions to ask now.
  List<Question> replied(long requestId, Reply reply, long nowNanos) {
    Running run = running;
    Query query = run == null ? null : run.out.remove(requestId);
    if (run == null || query == null) {
      throw new IllegalStateException("schedule: nobody asked " + requestId);
    }
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
    return askOrEnd(run, nowNanos);
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
  private void enqueue(Running run, Query query, int planned) {
    if (query instanceof Query.Prices prices && prices.symbols().size() > 1) {
      List<Symbol> together = new ArrayList<>();
      for (Symbol symbol : prices.symbols()) {
        if (alone.contains(symbol)) {
          run.waiting.add(new Waiting(Query.Prices.of(symbol), planned));
        } else {
          together.add(symbol);
        }
      }
      if (!together.isEmpty()) {
        run.waiting.add(new Waiting(Query.Prices.of(together), planned));
      }
      return;
    }
    run.waiting.add(new Waiting(query, planned));
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
    if (!onDuty) {
      run.waiting.clear();
    }
    List<Question> questions = new ArrayList<>();
    while (run.out.size() < OUTSTANDING) {
      Waiting next = run.waiting.poll();
      if (next == null) {
        break;
      }
      if (next.planned() >= 0 && askedAtNanos[next.planned()] < run.startedAtNanos) {
        askedAtNanos[next.planned()] = nowNanos;
        run.periodic.add(new RunReport.Asked(nameOf(plan.get(next.planned()).query()), nowNanos));
      }
      long id = --lastId;
      run.out.put(id, next.query());
      questions.add(new Question(id, next.query()));
    }
    return questions;
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

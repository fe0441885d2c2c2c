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
/// |         | time of the next run | reply, others out or waiting | last reply |
/// |---------|----------------------|------------------------------|------------|
/// | Idle    | Running              | -                            | -          |
/// | Running | Running, missed + 1  | Running                      | Idle       |
final class RefreshSchedule {
  static final int OUTSTANDING = 8;

  private static final long NEVER = Long.MIN_VALUE;

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
  private @Nullable Running running;
  private @Nullable RunReport lastRun;

  private static final class Running {
    final long number;
    final long startedAtNanos;
    final Queue<Query> waiting = new ArrayDeque<>();
    final Map<Long, Query> out = new LinkedHashMap<>();
    final List<RunReport.Error> errors = new ArrayList<>();
    int errorsDropped;
    int asked;
    int refreshed;

    Running(long number, long startedAtNanos) {
      this.number = number;
      this.startedAtNanos = startedAtNanos;
    }

    RunReport report(long endedAtNanos) {
      return new RunReport(
          number, startedAtNanos, endedAtNanos, asked, refreshed, errors, errorsDropped);
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
  }

  long nextDeadlineNanos() {
    return nextRunNanos;
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

  /// Begins a run if one is due, and returns the questions to ask now.
  List<Question> timePassed(long nowNanos) {
    if (nowNanos < nextRunNanos) {
      return List.of();
    }
    nextRunNanos = nanosOfNextRun(nowNanos);
    if (running != null) {
      missedRuns++;
      return List.of();
    }
    running = new Running(++runNumber, nowNanos);
    for (int i = 0; i < plan.size(); i++) {
      Query query = plan.get(i).query();
      boolean due =
          askedAtNanos[i] == NEVER || nowNanos - askedAtNanos[i] >= plan.get(i).everyNanos();
      if (due) {
        askedAtNanos[i] = nowNanos;
        running.asked += subjects(query).size();
        enqueue(running, query);
      }
    }
    return askOrEnd(running, nowNanos);
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
    List<Question> next = ask(run);
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
  private void enqueue(Running run, Query query) {
    if (query instanceof Query.Prices prices && prices.symbols().size() > 1) {
      List<Symbol> together = new ArrayList<>();
      for (Symbol symbol : prices.symbols()) {
        if (alone.contains(symbol)) {
          run.waiting.add(Query.Prices.of(symbol));
        } else {
          together.add(symbol);
        }
      }
      if (!together.isEmpty()) {
        run.waiting.add(Query.Prices.of(together));
      }
      return;
    }
    run.waiting.add(query);
  }

  /// True when the whole batch is asked again one by one. What it did bring is counted then.
  private boolean splitIfSpoiled(Running run, Query.Prices batch, Reply reply) {
    boolean refusedWhole = reply instanceof Reply.Unavailable
        && reply.tried().stream().anyMatch(t -> t.failure().kind() == Failure.Kind.CALLER);
    if (refusedWhole) {
      batch.symbols().forEach(symbol -> run.waiting.add(Query.Prices.of(symbol)));
      return true;
    }
    if (reply instanceof Reply.Value value && value.served().equivalent()) {
      boolean whole = priceCount(value) >= batch.symbols().size();
      if (!whole) {
        batch.symbols().forEach(symbol -> run.waiting.add(Query.Prices.of(symbol)));
      }
      return !whole;
    }
    if (reply instanceof Reply.Value value) {
      for (Symbol symbol : batch.symbols()) {
        if (!hasPriceOf(value, symbol)) {
          alone.add(symbol);
          run.waiting.add(Query.Prices.of(symbol));
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

  private List<Question> ask(Running run) {
    List<Question> questions = new ArrayList<>();
    while (run.out.size() < OUTSTANDING) {
      Query query = run.waiting.poll();
      if (query == null) {
        break;
      }
      long id = --lastId;
      run.out.put(id, query);
      questions.add(new Question(id, query));
    }
    return questions;
  }

  /// What a question is about, in the words of the report.
  private static List<String> subjects(Query query) {
    return switch (query) {
      case Query.Prices prices -> prices.symbols().stream().map(Symbol::text).toList();
      case Query.Bars bars -> List.of(bars.symbol() + " " + bars.interval());
      case Query.Trades trades -> List.of(trades.symbol().text());
      case Query.Sentiments sentiments ->
        List.of(sentiments.symbol() == null ? "market" : sentiments.symbol().text());
      case Query.Listings listings -> List.of("listings of " + listings.source());
    };
  }
}

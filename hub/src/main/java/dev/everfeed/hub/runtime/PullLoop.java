package dev.everfeed.hub.runtime;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.hub.journal.NotAcceptedException;
import dev.everfeed.hub.source.HttpResult;
import dev.everfeed.hub.source.HttpTransport;
import dev.everfeed.hub.source.Outcome;
import dev.everfeed.hub.source.PolledSource;
import dev.everfeed.hub.source.SourceRequest;
import dev.everfeed.hub.source.TransportException;
import dev.everfeed.hub.source.UnsupportedQueryException;
import dev.everfeed.hub.source.Usage;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the [PullEngine] on one Vert.x context: feeds it what happens, does what it decides.
///
/// Everything here runs on that context; [#ask] may be called from anywhere.
final class PullLoop {
  private static final Logger LOG = LoggerFactory.getLogger(PullLoop.class);
  private static final long NO_TIMER = -1;
  private static final long MILLI = 1_000_000L;
  private static final String STOPPING = "the hub is stopping";

  private final Vertx vertx;
  private final Context context;
  private final HubClock clock;
  private final PullPlan plan;
  private final PullEngine engine;
  private final HttpTransport transport;
  private final PullLog log;
  private final PullMetrics metrics;

  /// Null when nothing is kept.
  private @Nullable Storage storage;

  private @Nullable Recorder recorder;

  /// A question that is not answered yet.
  private record Asked(Query query, Priority priority, Promise<Reply> promise) {}

  private final Map<Long, Asked> open = new HashMap<>();

  /// How often each question of a backfill is open.
  private final Map<Query, Integer> backfilling = new HashMap<>();

  /// What the present input has brought, and is on its way to the disk: an answer comes with
  /// the input that has brought it.
  private final Map<Query, CompletionStage<?>> keeping = new HashMap<>();

  private long lastRequestId;
  private long timer = NO_TIMER;
  private long timerAtNanos = Long.MAX_VALUE;
  private boolean stopped;

  PullLoop(
      Vertx vertx,
      Context context,
      HubClock clock,
      PullPlan plan,
      PullEngine engine,
      HttpTransport transport,
      PullMetrics metrics) {
    this.vertx = vertx;
    this.context = context;
    this.clock = clock;
    this.plan = plan;
    this.engine = engine;
    this.transport = transport;
    this.metrics = metrics;
    this.log = new PullLog(clock);
  }

  /// What is decided from now on is written down as well. Before [#start].
  void keepIn(Storage storage) {
    this.storage = storage;
    this.recorder = new Recorder(
        storage.journal(),
        clock.anchored(),
        context,
        source -> plan.source(source).exchange());
  }

  /// On the loop's context.
  void writeDown(@Nullable RunReport run) {
    Recorder written = recorder;
    if (written != null && run != null) {
      written.ran(run);
    }
  }

  /// From any thread.
  void tell(Input input) {
    context.runOnContext(_ -> feed(input));
  }

  /// Begins to refresh.
  void start() {
    context.runOnContext(_ -> feed(new Input.AskedBefore(new TreeMap<>()))); // nothing is known
  }

  /// Takes nothing new and fails what is open. On the loop's context.
  void stop() {
    stopped = true;
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
    }
    open.values().forEach(asked -> asked.promise().tryFail(STOPPING));
    open.clear();
  }

  /// A user's question. The future completes on the loop's context.
  Future<Reply> ask(Query query) {
    return ask(query, Priority.USER);
  }

  /// A question. The future completes on the loop's context; that of a [Priority#BACKFILL] when
  /// what the answer brought is on disk, and it fails with a [NotAcceptedException] when the
  /// journal has not taken it.
  Future<Reply> ask(Query query, Priority priority) {
    Promise<Reply> promise = Promise.promise();
    if (Vertx.currentContext() == context) {
      ask(query, priority, promise);
    } else {
      context.runOnContext(_ -> ask(query, priority, promise));
    }
    return promise.future();
  }

  private void ask(Query query, Priority priority, Promise<Reply> promise) {
    if (stopped) {
      promise.fail(STOPPING);
      return;
    }
    long id = ++lastRequestId;
    open.put(id, new Asked(query, priority, promise));
    if (priority == Priority.BACKFILL) {
      backfilling.merge(query, 1, Integer::sum);
    }
    feed(new Input.Ask(id, query, priority));
  }

  private void answered(Decision.Answer answer) {
    Asked asked = open.remove(answer.requestId());
    if (asked == null) {
      return;
    }
    if (asked.priority() != Priority.BACKFILL) {
      asked.promise().complete(answer.reply());
      return;
    }
    backfilling.computeIfPresent(asked.query(), (_, count) -> count == 1 ? null : count - 1);
    if (recorder == null || !(answer.reply() instanceof Reply.Value)) {
      asked.promise().complete(answer.reply());
      return;
    }
    CompletionStage<?> written = keeping.get(asked.query());
    if (written == null) {
      // An earlier answer stands in for a new one: whether it was written down is not known.
      asked.promise().fail(new NotAcceptedException("the answer was not written down"));
      return;
    }
    written.whenComplete((_, refused) -> context.runOnContext(_ -> {
      if (refused == null) {
        asked.promise().tryComplete(answer.reply());
      } else {
        asked.promise().tryFail(refused);
      }
    }));
  }

  /// Whether all bars of a stretch are on disk, as far as this process has seen to it. On the
  /// loop's context.
  boolean isCovered(CoveredOnDisk.Series series, Span span) {
    return recorder != null && recorder.isCovered(series, span);
  }

  /// Runs something on the loop's context, where sources and engine may be looked at.
  <T> Future<T> look(Supplier<T> what) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(_ -> {
      try {
        promise.complete(what.get());
      } catch (RuntimeException e) {
        promise.fail(e);
      }
    });
    return promise.future();
  }

  PullEngine engine() {
    return engine;
  }

  /// The guards' health now. On the loop's context.
  List<GuardSnapshot> snapshots() {
    long now = clock.nanos();
    return engine.guards().stream().map(guard -> guard.snapshot(now)).toList();
  }

  private void feed(Input input) {
    if (stopped) {
      return;
    }
    engine.on(input, clock.nanos(), this::act);
    keeping.clear();
    armTimer();
  }

  private void armTimer() {
    long next = engine.nextDeadlineNanos();
    if (timer != NO_TIMER && timerAtNanos <= next) {
      return; // it will look for the next one itself
    }
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
    if (next == Long.MAX_VALUE) {
      return;
    }
    long delayMillis = Math.clamp((next - clock.nanos() + MILLI - 1) / MILLI, 1, 60_000);
    timerAtNanos = next;
    timer = vertx.setTimer(delayMillis, _ -> {
      timer = NO_TIMER;
      feed(new Input.TimePassed());
    });
  }

  private void act(Decision decision) {
    log.decided(decision);
    metrics.decided(decision);
    Recorder written = recorder;
    if (written != null) {
      if (decision instanceof Decision.Keep keep) {
        Query query = keep.served().query();
        keeping.put(query, written.keep(keep.served(), backfilling.containsKey(query)));
      } else {
        written.decided(decision, clock.nanos());
      }
    }
    switch (decision) {
      case Decision.Call call -> call(call);
      case Decision.Probe probe -> probe(probe);
      case Decision.Answer answer -> answered(answer);
      case Decision.Cancel _ -> {} // the transport has the same deadline and closes by itself
      case Decision.CallEnded _,
          Decision.CircuitChanged _,
          Decision.SkippedDueToCircuit _,
          Decision.Fetched _ -> {}
      case Decision.Recall recall -> recall(recall);
      case Decision.Keep _, Decision.Reject _ -> {} // the recorder has them
    }
  }

  private void recall(Decision.Recall recall) {
    Storage asked = storage;
    Future<Recall.Answer> answer =
        asked == null ? Future.failedFuture("history: nothing is kept") : asked.recall(recall);
    answer.onComplete(past -> tell(
        past.succeeded()
            ? new Input.Recalled(
                recall.callId(), past.result().past(), past.result().covered())
            : new Input.Failed(
                recall.callId(),
                Failure.of(Failure.Kind.CONNECTION, "history: " + past.cause().getMessage()))));
  }

  private void call(Decision.Call call) {
    PolledSource source = plan.source(call.source());
    SourceRequest request;
    try {
      request = source.request(call.query());
    } catch (UnsupportedQueryException e) {
      Failure failure = Failure.of(Failure.Kind.NOT_OFFERED, e.getMessage());
      context.runOnContext(_ -> feed(new Input.Failed(call.callId(), failure)));
      return;
    }
    page(call, source, List.of(), request, clock.nanos() + call.timeoutNanos());
  }

  /// Asks for one page of an answer, and for the next one as long as there is one. All pages
  /// share the call's time.
  private void page(
      Decision.Call call,
      PolledSource source,
      List<Event> before,
      SourceRequest request,
      long untilNanos) {
    // A list of instruments has megabytes: it is not decoded on the loop.
    boolean large = call.query().kind() == Query.Kind.LISTINGS;
    fetch(source, request, Math.max(0, untilNanos - clock.nanos()))
        .onComplete(fetched -> interpret(
            source,
            fetched,
            large,
            (adapter, result) -> adapter.interpret(call.query(), before, result),
            (outcome, usage) -> {
              if (outcome instanceof Outcome.More(List<Event> events, SourceRequest next)) {
                reported(usage, source);
                page(call, source, events, next, untilNanos);
              } else {
                ended(call.callId(), outcome, usage, source);
              }
            }));
  }

  private void probe(Decision.Probe probe) {
    PolledSource source = plan.source(probe.source());
    fetch(source, source.probe(), probe.timeoutNanos())
        .onComplete(fetched -> interpret(
            source,
            fetched,
            false,
            PolledSource::interpretProbe,
            (outcome, usage) -> ended(probe.callId(), outcome, usage, source)));
  }

  private Future<HttpResult> fetch(PolledSource source, SourceRequest request, long timeoutNanos) {
    return transport.fetch(plan.baseUrl(source.id()), request, timeoutNanos);
  }

  private void interpret(
      PolledSource source,
      AsyncResult<HttpResult> fetched,
      boolean large,
      BiFunction<PolledSource, HttpResult, Outcome> interpreter,
      BiConsumer<Outcome, Usage> then) {
    if (fetched.failed()) {
      then.accept(new Outcome.Unusable(failureOf(source, fetched.cause())), Usage.UNKNOWN);
      return;
    }
    HttpResult result = fetched.result();
    if (!large) {
      then.accept(safely(source, result, interpreter), source.usage(result));
      return;
    }
    vertx
        .executeBlocking(() -> safely(source, result, interpreter), false)
        .onComplete(decoded -> context.runOnContext(_ -> then.accept(
            decoded.succeeded()
                ? decoded.result()
                : new Outcome.Unusable(failureOf(source, decoded.cause())),
            source.usage(result))));
  }

  /// Whatever bytes a source sends, and whatever an adapter makes of them, the loop goes on.
  private static Outcome safely(
      PolledSource source,
      HttpResult result,
      BiFunction<PolledSource, HttpResult, Outcome> interpreter) {
    try {
      return interpreter.apply(source, result);
    } catch (RuntimeException | StackOverflowError e) {
      LOG.error(
          "source {}: the adapter failed on {} bytes with status {}, counted as undecodable",
          source.id(),
          result.body().length,
          result.status(),
          e);
      return new Outcome.Unusable(Failure.of(
          Failure.Kind.UNDECODABLE, "%s: the adapter failed: %s".formatted(source.id(), e)));
    }
  }

  private static Failure failureOf(PolledSource source, Throwable cause) {
    return switch (cause) {
      case TransportException e -> e.failure();
      case VertxException e ->
        Failure.of(Failure.Kind.CONNECTION, source.id() + ": " + e.getMessage());
      default -> {
        LOG.error("source {}: a call failed in an unexpected way", source.id(), cause);
        yield Failure.of(Failure.Kind.CONNECTION, source.id() + ": " + cause);
      }
    };
  }

  private void reported(Usage usage, PolledSource source) {
    if (usage.usedWeight().isPresent() || usage.limit().isPresent()) {
      feed(new Input.WeightReported(
          source.id(),
          usage.usedWeight().orElse(-1),
          plan.mayUse(source.id(), usage.limit()).orElse(-1)));
    }
  }

  private void ended(long callId, Outcome outcome, Usage usage, PolledSource source) {
    reported(usage, source);
    switch (outcome) {
      case Outcome.Usable(List<Event> events, Span covered) ->
        feed(new Input.Answered(callId, events, covered));
      case Outcome.Unusable(Failure failure) -> feed(new Input.Failed(callId, failure));
      case Outcome.More _ ->
        feed(new Input.Failed(
            callId,
            Failure.of(
                Failure.Kind.UNDECODABLE, source.id() + ": a probe has one page, had more")));
    }
  }

  /// What a source listed last, or nothing yet. The same list until it lists anew.
  List<Event> listings(SourceId source) {
    return engine
        .remembered(new Query.Listings(source))
        .map(served -> served.events())
        .orElse(List.of());
  }
}

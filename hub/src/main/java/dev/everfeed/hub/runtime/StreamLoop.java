package dev.everfeed.hub.runtime;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ConnectBudget;
import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.engine.WatchPolicy;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Streams;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.api.StreamView;
import dev.everfeed.hub.ledger.Gap;
import dev.everfeed.hub.publish.Publisher;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The push side: every venue's sockets, decoding, the engine and publishing, on one event loop
/// of its own, so that nothing between a venue's bytes and the published ones crosses a thread.
///
/// Does what the engine decides: gateways are told what is wanted of them, what is published is
/// encoded and logged, trades that did not come are asked for, decisions are told.
final class StreamLoop implements StreamEngine.Output {
  /// How often it is looked whether this process stood still.
  private static final long BEAT_MILLIS = 20;

  /// Later than that, it did (RESILIENCE section 1, guard a).
  private static final Duration SLIP_LEAST = Duration.ofMillis(25);

  private static final Duration LINKS_EVERY = Duration.ofMillis(100);
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final Duration PING_EVERY = Duration.ofSeconds(10);
  static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  private final Vertx vertx;
  private final Context context;
  private final HubClock clock;
  private final StreamPlan plan;
  private final Publisher publisher;
  private final StreamEngine engine;
  private final EngineEvents events;
  private final FailoverLog failovers;
  private final Operators operators;
  private final Refills refills;
  private final Confirmations confirmations;
  private final BuiltBars bars;

  // Held because Vert.x closes the sockets of a client that nobody refers to any more.
  private final WebSocketClient client;

  private final StreamTap tap;
  private final StandingBook book;

  /// By place; null where nobody is.
  private final @Nullable GatewayFeed[] gateways;

  private final Map<SourceId, ConnectBudget> budgets = new HashMap<>();
  private final RandomGenerator random;
  private final @Nullable Playback playback;

  /// What each source listed last.
  private final Map<SourceId, Set<Symbol>> listings = new HashMap<>();

  /// What received times are counted from, nanoseconds of the epoch.
  private final long epochNanos;

  private final Tick refilled = new Tick();
  private @Nullable Continuity continuity;
  private @Nullable EngineMeters meters;
  private @Nullable Verdicts verdicts;
  private long timer = -1;
  private long deadlineTimer = -1;
  private long deadlineNanos = Long.MAX_VALUE;
  private long beatNanos;

  /// When what runs now began.
  private long awakeNanos;

  private long linksNanos;
  private long pingedNanos;
  private boolean stopped;
  private volatile Shown shown;
  private long lookedNanos;

  /// What the push side is like.
  ///
  /// @param atNanos when this was looked at, on the loop
  record Shown(
      long atNanos,
      List<StreamView> gateways,
      long published,
      long duplicates,
      long gaps,
      long missing,
      long refilled,
      long reordered,
      long ahead) {}

  /// Asks for trades that did not come.
  interface Refills {
    /// Nobody is asked.
    Refills NONE = (_, _, _, _, answered) -> answered.accept(List.of());

    /// @param answered called once, on any thread: with the trades, or without any when they
    ///     cannot be had
    void ask(
        SourceId source,
        Symbol symbol,
        long firstId,
        int count,
        Consumer<List<Event.Trade>> answered);
  }

  /// @param context  the loop, on which everything happens
  /// @param refills  asked for trades that did not come
  /// @param tap      is told of all that goes over the sockets
  /// @param book     what operators have ordered before
  /// @param playback what is played in place of the venues; null to listen to them
  StreamLoop(
      Vertx vertx,
      Context context,
      HubClock clock,
      StreamPlan plan,
      Publisher publisher,
      RandomGenerator random,
      Refills refills,
      StreamTap tap,
      StandingBook book,
      @Nullable Playback playback) {
    this.tap = tap;
    this.book = book;
    this.vertx = vertx;
    this.context = context;
    this.clock = clock;
    this.plan = plan;
    this.publisher = publisher;
    this.refills = refills;
    this.beatNanos = clock.nanos();
    this.failovers = new FailoverLog(plan, clock, publisher.epoch(), this::control);
    this.events = new EngineEvents(plan, clock, publisher, failovers);
    this.operators = new Operators(
        this, plan, failovers, book, playback == null ? null : "a recording is played");
    Instant began = playback == null ? clock.startedAt() : playback.header().startedAt();
    this.epochNanos = began.getEpochSecond() * 1_000_000_000L + began.getNano();
    this.engine = new StreamEngine(
        plan.engine(),
        ArbiterPolicy.USUAL,
        PeerClockPolicy.USUAL,
        WatchPolicy.usual(epochNanos),
        plan.control(),
        beatNanos,
        this);
    this.bars = new BuiltBars(plan, engine, publisher);
    this.confirmations = new Confirmations(this, plan, engine, refills, vertx);
    this.client = vertx.createWebSocketClient(new WebSocketClientOptions()
        .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
        .setMaxFrameSize(VenueSocket.MESSAGE_MAX)
        .setMaxMessageSize(VenueSocket.MESSAGE_MAX)
        .setTcpNoDelay(true)
        .setTryUsePerMessageCompression(false)
        .setVerifyHost(true));
    this.random = random;
    this.playback = playback;
    this.gateways = new GatewayFeed[plan.gateways().count()];
    plan.gateways().taken().forEach(place -> gateways[place] = made(place));
    this.shown = look();
  }

  private GatewayFeed made(int place) {
    StreamPlan.Line line = plan.gateways().get(place);
    if (playback != null) {
      return playback.feed(place, line, this);
    }
    ConnectBudget budget = budgets.computeIfAbsent(
        line.source().id(),
        _ -> new ConnectBudget(
            line.source().rules().connectsMax(),
            line.source().rules().connectsWindow().toNanos()));
    return new GatewayStream(place, line, this, budget, random);
  }

  private void forEach(Consumer<GatewayFeed> done) {
    for (GatewayFeed each : gateways) {
      if (each != null) {
        done.accept(each);
      }
    }
  }

  /// Tells what becomes of every event; before [#start].
  void tell(Continuity continuity) {
    this.continuity = continuity;
    continuity.start((gateway, stream, firstId, lastId, kind) -> {
      long before = engine.arbiter().seq(stream) - 1; // the next one has its number already
      events.gap(gateway, stream, firstId, lastId, kind.text(), before);
      if (verdicts != null && kind == Gap.Kind.HUB_DOWN) {
        verdicts.lost(stream, lastId - firstId + 1, awakeNanos);
      }
    });
  }

  /// Before [#start].
  void measure(EngineMeters meters) {
    this.meters = meters;
  }

  /// Has every contract judged; before [#start].
  ///
  /// @param recording whether what is published is one
  Verdicts judge(VerdictRule rule, boolean recording) {
    Verdicts made = new Verdicts(plan, engine, rule, clock, events, recording);
    verdicts = made;
    return made;
  }

  /// On the loop, and in the constructor.
  Shown look() {
    return new Shown(
        clock.nanos(),
        plan.gateways().taken().mapToObj(place -> feed(place).shown()).toList(),
        engine.arbiter().published(),
        engine.arbiter().duplicates(),
        engine.arbiter().gaps(),
        engine.arbiter().missing(),
        engine.arbiter().refilled(),
        engine.arbiter().reordered(),
        engine.ahead());
  }

  /// Connects, on the loop.
  void start() {
    context.runOnContext(_ -> {
      beatNanos = clock.nanos();
      book.begin(input -> engine.on(input, beatNanos));
      engine.on(new ControlInput.TimePassed(), beatNanos);
      timer = vertx.setPeriodic(BEAT_MILLIS, _ -> beat());
      armDeadline();
    });
  }

  private void beat() {
    long now = awake();
    if (meters != null && beatNanos != now) {
      meters.beat(now - beatNanos - BEAT_MILLIS * 1_000_000);
    }
    beatNanos = now;
    if (now - linksNanos >= LINKS_EVERY.toNanos()) {
      linksNanos = now;
      forEach(gateway -> gateway.timePassed(now));
    }
    if (now - pingedNanos >= PING_EVERY.toNanos()) {
      pingedNanos = now;
      forEach(GatewayFeed::ping);
    }
    operators.timePassed();
    if (now - lookedNanos >= LOOK_EVERY.toNanos()) {
      lookedNanos = now;
      failovers.look();
      shown = look();
      bars.look();
      if (verdicts != null) {
        verdicts.look();
      }
      if (meters != null) {
        meters.look(engine.bytes());
      }
    }
    passTime(now);
    bars.timePassed(now);
    if (verdicts != null) {
      verdicts.beat(now);
    }
    if (continuity != null) {
      continuity.timePassed(now);
    }
  }

  /// What was not heard while this process stood still is nobody's fault: the engine hears of
  /// that before anything else, whatever runs first afterwards: a frame, a timer, the beat.
  private long awake() {
    long now = clock.nanos();
    long slip = now - beatNanos - BEAT_MILLIS * 1_000_000;
    if (slip > SLIP_LEAST.toNanos()) {
      beatNanos = now;
      if (meters != null) {
        meters.beat(slip);
        meters.paused(slip);
      }
      engine.paused(slip, now);
      bars.paused(slip);
    }
    awakeNanos = now;
    return now;
  }

  private void passTime(long now) {
    if (engine.nextDeadlineNanos() <= now) {
      engine.timePassed(now);
      measureDecision(now);
    }
    armDeadline();
  }

  private void measureDecision(long began) {
    if (meters != null) {
      meters.decision(clock.nanos() - began);
    }
  }

  /// Between two beats the engine is called when it asks for it.
  private void armDeadline() {
    long next = engine.nextDeadlineNanos();
    long now = clock.nanos();
    if (stopped || next - now >= BEAT_MILLIS * 1_000_000 || next >= deadlineNanos) {
      return;
    }
    if (deadlineTimer >= 0) {
      vertx.cancelTimer(deadlineTimer);
    }
    deadlineNanos = next;
    long millis = Math.max(1, Math.ceilDiv(next - now, 1_000_000L));
    deadlineTimer = vertx.setTimer(millis, _ -> {
      deadlineTimer = -1;
      deadlineNanos = Long.MAX_VALUE;
      passTime(awake());
    });
  }

  /// What a source lists now; for any thread.
  void listed(SourceId source, Set<Symbol> symbols) {
    onLoop(() -> {
      listings.put(source, symbols);
      plan.gateways()
          .taken()
          .filter(place -> plan.gateways().get(place).source().id().equals(source))
          .forEach(place -> tell(new ControlInput.Listed(place, contracts(symbols))));
    });
  }

  private TreeSet<Integer> contracts(Set<Symbol> symbols) {
    TreeSet<Integer> contracts = new TreeSet<>();
    for (int i = 0; i < plan.contracts().size(); i++) {
      if (symbols.contains(plan.contracts().get(i))) {
        contracts.add(i);
      }
    }
    return contracts;
  }

  // ---- gateways that come and go, on the loop

  /// A gateway comes to a vacant place.
  void come(int place, StreamPlan.Line line) {
    plan.gateways().put(place, line);
    publisher.gateway(place, line.gateway());
    failovers.cameTo(place);
    bars.came(place);
    if (verdicts != null) {
      verdicts.came(place);
    }
    if (continuity != null) {
      continuity.came(place);
    }
    gateways[place] = made(place);
    tell(new ControlInput.Planned(place, line.plan()));
    Set<Symbol> listing = listings.get(line.source().id());
    if (listing != null) {
      tell(new ControlInput.Listed(place, contracts(listing)));
    }
    shown = look();
  }

  /// A gateway is used in another way. With another address it is connected anew.
  void plan(int place, StreamPlan.Line line) {
    StreamPlan.Line before = plan.gateways().get(place);
    plan.gateways().put(place, line);
    if (!before.url().equals(line.url())) {
      feed(place).stop();
      tell(new ControlInput.Linked(place, Link.State.DISCONNECTED, "it has another address"));
      gateways[place] = made(place);
      feed(place).want(new TreeSet<>(engine.control().wanted(place)));
    }
    tell(new ControlInput.Planned(place, line.plan()));
    shown = look();
  }

  /// A gateway that is switched off leaves its place.
  void leave(int place) {
    feed(place).stop();
    confirmations.forget(place);
    gateways[place] = null;
    tell(new ControlInput.Linked(place, Link.State.DISCONNECTED, "it is taken away"));
    tell(ControlInput.Planned.vacant(place));
    plan.gateways().vacate(place);
    failovers.cameTo(place);
    shown = look();
  }

  void tell(ControlInput input) {
    if (!stopped) {
      long now = awake();
      engine.on(input, now);
      measureDecision(now);
      armDeadline();
    }
  }

  /// For any thread; at most 350 ms old.
  Shown shown() {
    return shown;
  }

  /// For any thread.
  BuiltBars bars() {
    return bars;
  }

  /// For any thread.
  Operators operators() {
    return operators;
  }

  // ---- for operators, on the loop

  Control control() {
    return engine.control();
  }

  GatewayFeed feed(int gateway) {
    return Objects.requireNonNull(gateways[gateway], () -> "nobody is at place " + gateway);
  }

  // ---- for the gateways, on the loop

  StreamTap tap() {
    return tap;
  }

  WebSocketClient client() {
    return client;
  }

  Streams streams() {
    return plan.streams();
  }

  long nanos() {
    return clock.nanos();
  }

  boolean isStopped() {
    return stopped;
  }

  /// Does something that waits, one after the other, beside the loop; for any thread.
  <T> Future<T> blocking(Callable<T> task) {
    return vertx.<T>executeBlocking(task, true).map(done -> Objects.requireNonNull(done));
  }

  /// Runs something on the loop; for any thread.
  void onLoop(Runnable task) {
    context.runOnContext(_ -> task.run());
  }

  /// Whether what a gateway brings of a stream comes once, whoever brings it.
  boolean tellsApart(int gateway, int stream) {
    return plan.engine().offer().identity(gateway, stream) != Identity.NONE;
  }

  /// @param receivedNanos by the clock of the hub, or of the recording
  void tick(int gateway, Tick tick, long receivedNanos) {
    long now = awake();
    engine.on(gateway, tick, receivedNanos, now);
    if (meters != null && meters.measuresThisTick()) {
      meters.tick(clock.nanos() - now);
    }
    if (engine.nextDeadlineNanos() < deadlineNanos) {
      armDeadline();
    }
  }

  void newest(int gateway, int stream, long tradeId) {
    engine.newest(gateway, stream, tradeId, awake());
    armDeadline();
  }

  void linked(int gateway, Link.State state, String reason) {
    tell(new ControlInput.Linked(gateway, state, reason));
  }

  void subscribed(int gateway, int stream) {
    tell(new ControlInput.Subscribed(gateway, stream));
  }

  void refused(int gateway, int stream, String reason) {
    tell(new ControlInput.Refused(gateway, stream, reason));
  }

  /// How a gateway is, for those who ask.
  StreamView view(
      int gateway,
      int streams,
      List<String> channels,
      List<String> symbols,
      long messages,
      long lastMessageNanos,
      long reconnects,
      long unreadable,
      @Nullable String lastError,
      long lastErrorNanos) {
    Control control = engine.control();
    int active = 0;
    List<String> suspected = new ArrayList<>();
    List<String> convicted = new ArrayList<>();
    for (int i = 0; i < plan.contracts().size(); i++) {
      if (control.isConvicted(gateway, i)) {
        convicted.add(plan.contracts().get(i).text());
      }
      if (isSuspected(gateway, i)) {
        suspected.add(plan.contracts().get(i).text());
      }
      active += control.active(i) == gateway ? 1 : 0;
    }
    StreamPlan.Line line = plan.gateways().get(gateway);
    return new StreamView(
        line.plan(),
        line.gateway().source(),
        control.isEnabled(gateway),
        control.state(gateway),
        control.reason(gateway),
        control.sinceNanos(gateway),
        active,
        streams,
        channels,
        symbols,
        suspected,
        convicted,
        messages,
        lastMessageNanos,
        reconnects,
        unreadable,
        lastError,
        lastErrorNanos);
  }

  private boolean isSuspected(int gateway, int contract) {
    for (int stream : plan.engine().contracts().get(contract)) {
      if (engine.control().isSuspected(gateway, stream)) {
        return true;
      }
    }
    return false;
  }

  // ---- what the engine decides

  @Override
  public void publish(int gateway, Tick tick, ValueStatus status, long seq, long receivedNanos) {
    if (continuity != null) {
      continuity.published(gateway, tick);
    }
    publisher.publish(tick, gateway, status, seq, epochNanos + receivedNanos);
    bars.published(gateway, tick, epochNanos + receivedNanos, awakeNanos);
  }

  @Override
  public void gap(int gateway, int stream, long firstId, long lastId) {
    bars.lost(stream, lastId - firstId + 1, awakeNanos);
    if (verdicts != null) {
      verdicts.lost(stream, lastId - firstId + 1, awakeNanos);
    }
    long lines = engine.arbiter().lines(stream);
    String kind = (Long.bitCount(lines) > 1 ? Gap.Kind.ALL_LINES : Gap.Kind.LINE).text();
    events.gap(gateway, stream, firstId, lastId, kind, engine.arbiter().seq(stream));
    if (continuity != null) {
      continuity.gap(gateway, stream, lastId, lines);
    }
  }

  @Override
  public void refill(int gateway, int stream, long firstId, long lastId) {
    if (continuity != null) {
      continuity.asked(gateway, stream, firstId, lastId, engine.arbiter().lines(stream));
    }
    refills.ask(
        plan.gateways().get(gateway).source().id(),
        plan.streams().stream(stream).symbol(),
        firstId,
        (int) (lastId - firstId + 1),
        trades -> onLoop(() -> answered(gateway, stream, lastId, trades)));
  }

  private void answered(int gateway, int stream, long lastId, List<Event.Trade> trades) {
    long now = awake();
    for (Event.Trade trade : trades) {
      refilled.begin(stream, trade);
      engine.refilled(gateway, refilled, now);
    }
    engine.refillEnded(stream, lastId, now);
    armDeadline();
  }

  @Override
  public void decided(ControlDecision decision) {
    switch (decision) {
      case ControlDecision.Want want -> feed(want.gateway()).want(want.streams());
      case ControlDecision.Reconnect reconnect ->
        feed(reconnect.gateway()).reconnect(reconnect.reason());
      case ControlDecision.Status status -> {
        publisher.statusNow(status.stream(), status.status());
        bars.status(status.stream(), status.status(), awakeNanos);
        if (verdicts != null) {
          verdicts.statusChanged(status.stream());
        }
      }
      case ControlDecision.Confirm confirm -> confirmations.begin(confirm);
      case ControlDecision.Became became -> {
        events.became(became);
        if (meters != null) {
          meters.became(became);
        }
      }
      case ControlDecision.Began began -> {
        failovers.began(began.failover());
        events.began(began.failover());
      }
      case ControlDecision.Ended ended -> {
        failovers.ended(ended.failover());
        events.ended(ended.failover());
        if (meters != null) {
          meters.ended(ended.failover());
        }
      }
      case ControlDecision.SourceChanged changed -> events.sourceChanged(changed);
      case ControlDecision.PriceJudged judged -> {
        events.priceJudged(judged);
        if (verdicts != null) {
          verdicts.judged(judged);
        }
      }
      case ControlDecision.NoBackup none -> {
        failovers.noBackup(none);
        events.noBackup(none);
      }
      case ControlDecision.Route _, ControlDecision.Candidate _ ->
        throw new IllegalStateException("the engine deals with this itself: " + decision);
    }
  }

  /// Closes every connection.
  Future<Void> stop() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(_ -> {
      stopped = true;
      if (timer >= 0) {
        vertx.cancelTimer(timer);
      }
      if (deadlineTimer >= 0) {
        vertx.cancelTimer(deadlineTimer);
      }
      forEach(GatewayFeed::stop);
      shown = look(); // the last word, for who sums up
      client.close().onComplete(done);
    });
    return done.future();
  }
}

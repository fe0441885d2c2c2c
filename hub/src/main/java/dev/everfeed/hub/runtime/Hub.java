package dev.everfeed.hub.runtime;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.Reply;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.access.Access;
import dev.everfeed.hub.account.Accounts;
import dev.everfeed.hub.api.ApiServer;
import dev.everfeed.hub.api.Audit;
import dev.everfeed.hub.api.Backfiller;
import dev.everfeed.hub.api.Desk;
import dev.everfeed.hub.api.FailoverHistory;
import dev.everfeed.hub.api.Failovers;
import dev.everfeed.hub.api.HubView;
import dev.everfeed.hub.api.SourceView;
import dev.everfeed.hub.api.StandingOrders;
import dev.everfeed.hub.api.StoreView;
import dev.everfeed.hub.api.VerdictBoard;
import dev.everfeed.hub.config.ConfigurationException;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.ledger.LedgerView;
import dev.everfeed.hub.publish.Publications;
import dev.everfeed.hub.source.HttpTransport;
import dev.everfeed.hub.store.DataDirectoryInUseException;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.telemetry.AccountMetrics;
import dev.everfeed.hub.telemetry.BackfillMetrics;
import dev.everfeed.hub.telemetry.HttpMetrics;
import dev.everfeed.hub.telemetry.Metrics;
import dev.everfeed.hub.telemetry.ProviderMetrics;
import dev.everfeed.hub.telemetry.RunMetrics;
import dev.everfeed.hub.telemetry.StoreMetrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running hub: the pull side on one event loop, the HTTP server in front of it.
///
/// Objects are made in the order in which data flows. [#close] is idempotent and stops in that
/// order, within a deadline.
public final class Hub implements AutoCloseable, Desk {
  private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
  private static final long VIEW_EVERY_MILLIS = 250;
  private static final Duration ACCESS_EVERY = Duration.ofSeconds(1);
  private static final Duration ACCESS_LATE_AFTER = Duration.ofSeconds(15);

  /// What people know it by, where it has no file.
  private static final String CONFIGURATION = "the configuration";
  private static final Duration CLOSE_STEP_WITHIN = Duration.ofSeconds(3);

  /// Of the time to drain, for the connection to be closed in.
  private static final Duration DRAIN_ENDS = Duration.ofMillis(1_500);

  private final HubClock clock = new HubClock();
  private final Settings settings;
  private final Vertx vertx;
  private final PullPlan plan;
  private final PullLoop loop;
  private final HttpTransport transport;
  private final Metrics metrics;
  private final PullMetrics pullMetrics;
  private final Context context;
  private final PullViews pullViews;

  /// Null when nothing is kept.
  private final @Nullable Storage storage;

  /// Null when no source is listened to.
  private final @Nullable LiveSide live;

  private final VerdictRule rule;

  /// Null when what is published happens now.
  private final @Nullable Playback playback;

  /// Null when nothing is kept.
  private final @Nullable Backfills backfills;

  /// Null where nobody orders anything.
  private final @Nullable AuditLog audit;

  /// Null when nothing is kept, or nothing is to be repaired.
  private final @Nullable Repairs repairs;

  /// Null in a hub that only fills in history.
  private final @Nullable Accounts accounts;

  /// Null in a hub that answers nobody.
  private final @Nullable Access access;

  private boolean refreshing;
  private volatile long lookedNanos;
  private @Nullable Thread accountsThread;
  private volatile HubView view;
  private volatile HubView.Phase phase = HubView.Phase.STARTING;
  private @Nullable ApiServer server;
  private boolean closed;
  private List<String> unfinished = List.of();

  /// What a hub is there for.
  private enum Role {
    ALL,
    /// It publishes a recording, and asks nobody by itself.
    PLAYS,
    /// It answers nobody and has no schedule.
    BACKFILLS
  }

  /// @param configuration what people know it by
  private Hub(
      Settings settings,
      Role role,
      @Nullable Playback playback,
      @Nullable Access access,
      String configuration) {
    this.settings = settings;
    this.access = access;
    this.playback = playback;
    this.rule = new VerdictRule(settings.verdict().policy());
    this.metrics = new Metrics();
    boolean all = role == Role.ALL;
    RandomGenerator random = RandomGenerator.getDefault();
    // One loop decides and serves, so that an answer from memory crosses no thread.
    // A second one listens to the venues: what comes in bursts there must not wait for a page.
    this.vertx = Vertx.builder()
        .with(new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(2))
        .withTransport(BoundedTransport.of(
            settings.http().maxConnections() + BoundedTransport.HANDSHAKES,
            HttpMetrics.refusals(metrics)))
        .build();
    this.context = vertx.getOrCreateContext();
    PullPlan whole = PullPlan.of(settings, random, clock.nanos());
    this.plan = all ? whole : whole.withoutSchedule();
    this.transport = new HttpTransport(vertx);
    this.pullMetrics = new PullMetrics(
        new ProviderMetrics(metrics, plan.sources().keySet()),
        new RunMetrics(metrics),
        clock.anchored(),
        settings.routes().bars().fetch().text());
    PullEngine engine = new PullEngine(
        plan.guards(),
        plan.routes(),
        new SourceCatalogue(plan),
        plan.plan(),
        plan.nextRun(),
        clock.anchored(),
        random,
        clock.nanos());
    this.loop = new PullLoop(vertx, context, clock, plan, engine, transport, pullMetrics);
    this.storage = settings.store().enabled() ? storage(all, random) : null;
    this.audit = role == Role.BACKFILLS ? null : auditLog();
    this.live = role != Role.BACKFILLS && settings.stream().enabled() ? liveSide() : null;
    this.pullViews = new PullViews(
        settings, plan, loop, pullMetrics, live == null ? (_, _) -> {} : live::listed);
    if (storage != null) {
      loop.keepIn(storage);
    }
    if (storage == null) {
      this.backfills = null;
      this.repairs = null;
    } else {
      HubHands hands = new HubHands(loop, plan, storage);
      BackfillMetrics counts = new BackfillMetrics(metrics);
      this.backfills = new Backfills(
          hands,
          Pace.usual(),
          clock::nanos,
          clock::now,
          counts,
          RandomGenerator.getDefault()); // the other is the loop's
      boolean repair = all && !settings.backfill().repair().isZero();
      this.repairs = repair
          ? new Repairs(
              settings.backfill(),
              storage::isOnDuty,
              hands,
              Pace.usual(),
              clock::nanos,
              clock::now,
              counts)
          : null;
    }
    this.accounts = role == Role.BACKFILLS ? null : accounts(configuration);
    this.view = look();
    ViewMetrics.register(metrics, () -> view, clock::now);
    if (audit != null) {
      AuditLog orders = audit;
      StoreMetrics.audit(metrics, () -> orders.trouble() != null);
    }
  }

  private Accounts accounts(String configuration) {
    Storage keeps = storage;
    try {
      Accounts made = new Accounts(
          settings,
          configuration,
          keeps == null ? null : keeps.folder("accounts"),
          live == null || playback != null ? null : new AccountGateways(live),
          unusedBecause(),
          new AccountsHost(),
          new AccountMetrics(metrics));
      if (keeps != null) {
        keeps.tell(made);
      }
      return made;
    } catch (IOException e) {
      giveUp();
      throw new StorageException(String.valueOf(e.getMessage()), e);
    }
  }

  private String unusedBecause() {
    if (playback != null) {
      return "this hub plays a recording, and listens to nobody";
    }
    return settings.stream().enabled()
        ? "this hub listens to nobody: the configuration has no gateway"
        : "this hub listens to nobody: stream.enabled is false";
  }

  private final class AccountsHost implements Accounts.Host {
    @Override
    public Instant now() {
      return clock.now();
    }

    @Override
    public long nanos() {
      return clock.nanos();
    }

    @Override
    public @Nullable String missing() {
      return storage == null ? null : storage.missing();
    }

    @Override
    public void happened(String type, String detail) {
      if (storage != null) {
        storage.happened(type, detail);
      }
    }
  }

  private @Nullable LiveSide liveSide() {
    StreamPlan streams = playback == null
        ? StreamPlan.of(settings)
        : playback.plan().building(settings.stream().build());
    if (streams.gateways().count() == 0) {
      return null;
    }
    Storage keeps = storage;
    try {
      long now = clock.startedAt().toEpochMilli();
      long epoch = keeps == null ? now : keeps.nextEpoch(now);
      LiveSide made = new LiveSide(
          vertx,
          clock,
          streams,
          epoch,
          settings,
          rule,
          metrics,
          this::refill,
          keeps == null || playback != null ? null : keeps.folder("control"),
          playback);
      // What is played has been delivered before: it is no account of the present.
      Path folder = keeps == null || playback != null ? null : keeps.folder("ledger");
      made.keepAccount(
          new Continuity(streams, folder, folder == null ? null : this::askAgain, clock, metrics));
      return made;
    } catch (IllegalStateException e) {
      giveUp();
      throw e;
    } catch (IOException e) {
      giveUp();
      throw new StorageException(String.valueOf(e.getMessage()), e);
    }
  }

  private AuditLog auditLog() {
    Storage keeps = storage;
    try {
      return keeps == null
          ? AuditLog.inMemory(clock::now)
          : AuditLog.open(keeps.folder("audit"), clock::now);
    } catch (IOException e) {
      giveUp();
      throw new StorageException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Optional<Audit> audit() {
    return Optional.ofNullable(audit);
  }

  /// It does not start.
  private void giveUp() {
    if (storage != null) {
      storage.close();
    }
    vertx.close();
  }

  /// Trades by their ids, before everything else that is asked of a source (DESIGN section 7).
  private void refill(
      SourceId source,
      Symbol symbol,
      long firstId,
      int count,
      Consumer<List<Event.Trade>> answered) {
    String exchange = plan.source(source).exchange();
    Query.Trades query = new Query.Trades(symbol, Long.toString(firstId), null, count, exchange);
    loop.ask(query, Priority.FAILOVER_REFILL)
        .onComplete(done -> answered.accept(done.succeeded() ? trades(done.result()) : List.of()));
  }

  /// Trades by their ids that are in the journal when the answer is there, after everything
  /// else that is asked of a source. Fails with what people are told.
  private CompletionStage<List<Event.Trade>> askAgain(
      SourceId source, Symbol symbol, long firstId, int limit) {
    String exchange = plan.source(source).exchange();
    Query.Trades query = new Query.Trades(symbol, Long.toString(firstId), null, limit, exchange);
    return loop.ask(query, Priority.BACKFILL)
        .compose(reply -> reply instanceof Reply.Unavailable nobody
            ? Future.<List<Event.Trade>>failedFuture(nobody.message())
            : Future.succeededFuture(trades(reply)))
        .toCompletionStage();
  }

  private static List<Event.Trade> trades(Reply reply) {
    return reply instanceof Reply.Value value
        ? value.served().events().stream()
            .filter(Event.Trade.class::isInstance)
            .map(Event.Trade.class::cast)
            .toList()
        : List.of();
  }

  /// Null where nothing is listened to.
  @Nullable
  LiveSide live() {
    return live;
  }

  @Override
  public Optional<Publications> publications() {
    return Optional.ofNullable(live).map(LiveSide::publications);
  }

  @Override
  public Optional<LedgerView> ledger() {
    return live == null ? Optional.empty() : live.ledger();
  }

  /// The data directory and the journal; the database comes up later.
  private Storage storage(boolean chores, RandomGenerator random) {
    try {
      return Storage.open(
          settings, chores, plan, clock, new StoreMetrics(metrics), new Wiring(), random);
    } catch (ConfigurationException e) {
      vertx.close();
      throw e;
    } catch (DataDirectoryInUseException | IOException e) {
      vertx.close();
      throw new StorageException(String.valueOf(e.getMessage()), e);
    }
  }

  /// What the storage tells the pull side.
  private final class Wiring implements Storage.Listener {
    @Override
    public void up(Recall recall, History history) throws SQLException {
      loop.tell(new Input.Restored(recall.lastKnown(history)));
      loop.tell(new Input.HistoryAvailable(true));
    }

    @Override
    public void down() {
      loop.tell(new Input.HistoryAvailable(false));
    }

    @Override
    public void duty(boolean mine) {
      loop.tell(new Input.Duty(mine));
    }

    @Override
    public void askedBefore(Map<String, Instant> asked) {
      loop.tell(new Input.AskedBefore(asked));
    }
  }

  /// Starts a hub and waits until it listens. The database comes up in the background.
  ///
  /// @throws dev.everfeed.hub.api.ListenException when the address cannot be taken
  /// @throws StorageException when the data directory cannot be used
  /// @throws ConfigurationException when the store's address is none
  public static Hub start(Settings settings) throws InterruptedException {
    return start(settings, CONFIGURATION);
  }

  /// The same.
  ///
  /// @param configuration what people know it by: its file
  public static Hub start(Settings settings, String configuration) throws InterruptedException {
    Access access = Access.open(settings, configuration);
    return start(new Hub(settings, Role.ALL, null, access, configuration), access);
  }

  /// Starts a hub that publishes a recording in place of what venues say now: same messages,
  /// same addresses. It begins to play when this returns, or as much later as it was told.
  ///
  /// @throws dev.everfeed.hub.api.ListenException when the address cannot be taken
  public static Hub playing(Settings settings, Playback playback) throws InterruptedException {
    Access access = Access.open(settings, CONFIGURATION);
    return start(new Hub(settings, Role.PLAYS, playback, access, CONFIGURATION), access);
  }

  private static Hub start(Hub hub, Access access) throws InterruptedException {
    Settings settings = hub.settings;
    try {
      hub.server = await(ApiServer.start(
          hub.vertx, access, settings.stream().readers(), hub, hub.metrics, hub.clock::nanos));
    } catch (RuntimeException e) {
      hub.close();
      throw e;
    }
    hub.begin();
    hub.vertx.setPeriodic(ACCESS_EVERY.toMillis(), _ -> hub.refresh(access));
    LOG.info(
        "hub: listening on {}://{}:{}{}, {} symbols, sources {}",
        access.certificate().isPresent() ? "https" : "http",
        settings.http().host(),
        hub.port(),
        hub.zeromqPort() < 0
            ? ""
            : ", ZeroMQ on tcp://%s:%d"
                .formatted(settings.stream().zeromq().host(), hub.zeromqPort()),
        settings.symbols().size(),
        hub.plan.sources().keySet());
    return hub;
  }

  /// Keys and certificates change while the hub runs.
  private void refresh(Access access) {
    if (refreshing || phase == HubView.Phase.STOPPING) {
      return; // a disk that hangs is asked once
    }
    refreshing = true;
    vertx.executeBlocking(access::refresh).onComplete(done -> {
      refreshing = false;
      lookedNanos = clock.nanos();
      ApiServer running = server;
      if (done.failed()) {
        LOG.error("access: the files could not be looked at", done.cause());
      } else if (done.result() && running != null) {
        running
            .renewCertificate()
            .onSuccess(_ -> access.taken())
            .onFailure(e -> access.notTaken(String.valueOf(e.getMessage())));
      }
    });
  }

  /// Starts what backfills need, in a process that is there for them alone: it listens nowhere,
  /// has no schedule, and leaves that of the database's other hubs to them.
  ///
  /// @throws StorageException when the data directory cannot be used, by another hub for example
  /// @throws ConfigurationException when nothing is kept, or the store's address is none
  public static Hub forBackfills(Settings settings) {
    if (!settings.store().enabled()) {
      throw new ConfigurationException(
          "configuration",
          List.of(new Mistake(
              "store.enabled", "", "must be true for a backfill, which fills the store")));
    }
    Hub hub = new Hub(settings, Role.BACKFILLS, null, null, CONFIGURATION);
    hub.begin();
    return hub;
  }

  private void begin() {
    phase = HubView.Phase.SERVING;
    context.runOnContext(_ -> renewView());
    vertx.setPeriodic(VIEW_EVERY_MILLIS, _ -> context.runOnContext(_ -> renewView()));
    loop.start();
    if (storage != null) {
      storage.start();
    }
    if (repairs != null) {
      repairs.start();
    }
    if (live != null) {
      live.start(storage == null ? null : storage.journal());
    }
    if (accounts != null) {
      accountsThread = Thread.ofVirtual().name("accounts").start(accounts);
    }
  }

  private static <T> T await(Future<T> future) throws InterruptedException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException("hub: did not start: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("hub: did not listen within 10 s", e);
    }
  }

  /// The port that the HTTP server listens on.
  public int port() {
    ApiServer running = server;
    if (running == null) {
      throw new IllegalStateException("hub: not listening");
    }
    return running.port();
  }

  /// The port of the ZeroMQ publisher, or -1 when there is none.
  public int zeromqPort() {
    return live == null ? -1 : live.zeromqPort();
  }

  @Override
  public Future<Reply> ask(Query query) {
    return loop.ask(query);
  }

  @Override
  public HubView view() {
    return view;
  }

  @Override
  public Optional<Backfiller> backfills() {
    return Optional.ofNullable(backfills);
  }

  @Override
  public Optional<Accounts> accounts() {
    return Optional.ofNullable(accounts);
  }

  @Override
  public Optional<Failovers> failovers() {
    return Optional.ofNullable(live).map(LiveSide::failovers);
  }

  @Override
  public VerdictBoard verdicts() {
    return live == null ? VerdictBoard.NONE : live.verdicts();
  }

  @Override
  public VerdictRule verdictRule() {
    return rule;
  }

  /// What a supervisor is told of this hub.
  Supervision.Supervised supervised() {
    return new Supervision.Supervised() {
      @Override
      public Duration silence() {
        long pull = view.nowNanos();
        return Duration.ofNanos(
            clock.nanos() - (live == null ? pull : Math.min(pull, live.shownAtNanos())));
      }

      @Override
      public String status() {
        HubView now = view;
        String kept = storage == null ? "" : "; store " + now.store().state().text();
        String listened = now.streaming().isEmpty()
            ? ""
            : "; %d of %d gateways published from"
                .formatted(
                    now.streaming().stream().filter(each -> each.active() > 0).count(),
                    now.streaming().size());
        return "serving on %s:%d%s%s".formatted(settings.http().host(), port(), kept, listened);
      }
    };
  }

  private void renewView() {
    view = look();
    pullMetrics.observed(view.sources().stream().map(SourceView::guard).toList(), loop.engine());
    loop.writeDown(view.lastRun());
  }

  private HubView look() {
    long now = clock.nanos();
    PullEngine engine = loop.engine();
    long next = engine.nextRunNanos();
    return new HubView(
        phase,
        clock.startedAt(),
        now,
        clock.anchored(),
        pullViews.sources(),
        engine.lastRun().orElse(null),
        engine.currentRun().orElse(null),
        next == Long.MAX_VALUE ? null : clock.anchored().at(next),
        settings.symbols(),
        new TreeSet<>(List.of(Interval.values())),
        pullViews.instruments(),
        pullViews.routes(),
        engine.rememberedCount(),
        storage == null ? StoreView.none(clock.startedAt()) : storage.view(),
        live == null ? List.of() : live.gateways(),
        live == null ? FailoverHistory.NONE : live.failovers().history(),
        live == null ? StandingOrders.NONE : live.standing(),
        faults(),
        playback == null ? null : playback.notice());
  }

  private List<String> faults() {
    List<String> faults = new ArrayList<>();
    if (accounts != null) {
      faults.addAll(accounts.view().faults());
    }
    if (access != null) {
      faults.addAll(access.faults(clock.now()));
      long since = clock.nanos() - lookedNanos;
      if (since > ACCESS_LATE_AFTER.toNanos()) {
        faults.add(
            "access: the files of the keys and the certificate have not answered for %,d ms (limit %,d ms): what was revoked since is still good"
                .formatted(since / 1_000_000, ACCESS_LATE_AFTER.toMillis()));
      }
    }
    String zeromq = live == null ? null : live.zeromqTrouble();
    if (zeromq != null) {
      faults.add(zeromq);
    }
    return faults;
  }

  /// Stops in order, within `shutdown_deadline`; what hangs is left, and named by [#unfinished].
  /// May be called more than once, from any thread but the hub's own.
  ///
  /// | step     | what                                                                       |
  /// |----------|----------------------------------------------------------------------------|
  /// | ready    | `/health/ready` is 503: who shares out readers sends no more                 |
  /// | work     | no backfill, no repair, no run of the schedule begins                       |
  /// | venues   | the sockets to the venues are closed; nothing is published after this       |
  /// | readers  | get what was published, then close code 1001; questions are answered for 2 s |
  /// | journal  | what was published and ordered is synced: journal, ledger, audit           |
  /// | store    | as much of the journal as there is time for is written to the database      |
  /// | database | the hub's own is stopped                                                    |
  /// | loops    | the threads of everything                                                   |
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    phase = HubView.Phase.STOPPING;
    Duration within = settings.shutdownDeadline();
    Shutdown shutdown = new Shutdown(within, clock::nanos);
    shutdown.step("ready", CLOSE_STEP_WITHIN, () -> done(onLoop(this::renewView)));
    shutdown.step("work", CLOSE_STEP_WITHIN, this::stopWork);
    shutdown.step("venues", CLOSE_STEP_WITHIN, () -> {
      if (live != null) {
        done(live.stop());
      }
    });
    shutdown.step("readers", CLOSE_STEP_WITHIN.plus(CLOSE_STEP_WITHIN), this::closeReaders);
    shutdown.step("journal", within, () -> {
      try (AutoCloseable _ = () -> {
        if (storage != null) {
          storage.closeJournal(); // whatever becomes of the others
        }
      }) {
        if (live != null) {
          live.close(); // before the journal, which it offers to
        }
        if (audit != null) {
          audit.close(); // after the server, which notes in it
        }
      }
    });
    Storage keeps = storage;
    if (keeps != null) {
      // What is left, less what the database takes to stop.
      Duration reserve = Duration.ofMillis(Math.min(5_000, within.toMillis() / 3));
      Duration drain = shutdown.left().minus(reserve);
      shutdown.step("store", drain, () -> keeps.closeStore(drain.minus(DRAIN_ENDS)));
      shutdown.step("database", shutdown.left(), keeps::closeServer);
    }
    shutdown.step("loops", CLOSE_STEP_WITHIN, () -> done(vertx.close()));
    metrics.close();
    unfinished = shutdown.unfinished();
    Duration after = within.minus(shutdown.left());
    if (unfinished.isEmpty()) {
      LOG.info(
          "hub: stopped in {} ms, after {}",
          after.toMillis(),
          Duration.between(clock.startedAt(), Instant.now()));
    } else {
      LOG.warn(
          "hub: stopped in {} ms (shutdown_deadline {} ms), without: {}; what was accepted is in the journal",
          after.toMillis(),
          within.toMillis(),
          String.join(", ", unfinished));
    }
  }

  /// The steps of [#close] that failed or did not end in time; empty before, and where all did.
  public synchronized List<String> unfinished() {
    return unfinished;
  }

  private void stopWork() throws InterruptedException {
    loop.tell(new Input.Duty(false)); // runs pass on to another hub
    if (repairs != null) {
      repairs.close();
    }
    if (backfills != null) {
      backfills.close();
    }
    Thread thread = accountsThread;
    if (accounts != null && thread != null) {
      accounts.close();
      thread.join();
    }
  }

  private void closeReaders() throws Exception {
    ApiServer running = server;
    Future<Void> serverClosed = running == null ? Future.succeededFuture() : running.close();
    if (live != null) {
      live.closeReaders();
    }
    done(serverClosed);
    done(onLoop(loop::stop)); // who still waits is refused
    done(transport.close());
  }

  private static void done(Future<Void> closing) throws InterruptedException, ExecutionException {
    closing.toCompletionStage().toCompletableFuture().get();
  }

  private Future<Void> onLoop(Runnable task) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(_ -> {
      task.run();
      done.complete();
    });
    return done.future();
  }
}

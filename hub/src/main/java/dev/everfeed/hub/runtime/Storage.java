package dev.everfeed.hub.runtime;

import dev.everfeed.core.request.Decision;
import dev.everfeed.hub.account.Accounts;
import dev.everfeed.hub.api.StoreView;
import dev.everfeed.hub.config.ConfigurationException;
import dev.everfeed.hub.config.JournalSettings;
import dev.everfeed.hub.config.Mistake;
import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.config.Settings;
import dev.everfeed.hub.config.StoreSettings;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Journal;
import dev.everfeed.hub.journal.JournalReader;
import dev.everfeed.hub.journal.SegmentLog;
import dev.everfeed.hub.publish.CanonicalJson;
import dev.everfeed.hub.store.DailyJobs;
import dev.everfeed.hub.store.DataDirectory;
import dev.everfeed.hub.store.DataDirectoryInUseException;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.Drain;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.store.StoreWriter;
import dev.everfeed.hub.store.Written;
import dev.everfeed.hub.telemetry.StoreMetrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything that keeps data: the data directory, the journal in it, the database behind it,
/// and the threads between them. Nothing of it is ever waited for by who answers readers.
///
/// | thread          | runs                                        | blocks on            |
/// |-----------------|---------------------------------------------|----------------------|
/// | `journal`       | group commits                               | the disk             |
/// | `store`         | [StoreLoop]                                 | server and database  |
/// | `duty`          | [DutyLoop]                                  | the database         |
/// | one a recall    | questions to history, a few at a time       | the database         |
final class Storage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.store");
  private static final long MIB = 1L << 20;
  private static final int MAX_RECORD_BYTES = 1 << 20;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  /// Beyond its last writing, for its connections to be closed.
  private static final Duration THREAD_ENDS_WITHIN = Duration.ofSeconds(1);

  /// What the pull side is to know. Called on threads of the storage.
  interface Listener extends DutyLoop.Listener {
    /// History can be asked from now on.
    void up(Recall recall, History history) throws SQLException;

    void down();
  }

  private final DataDirectory directory;
  private final Journal journal;
  private final JournalReader reader;
  private final @Nullable EmbeddedServer server;
  private final StopSignal stop = new StopSignal();
  private final StoreLoop loop;
  private final DutyLoop duty;
  private final Recall recall;
  /// Questions to history that wait for a connection, each for its own time at most.
  private static final int RECALLS_WAITING_MAX = 500;

  private final Semaphore recalls;
  private final HubClock clock;
  private final Settings settings;

  /// Whether this hub does what one of all on the database does: the schedule, the daily jobs.
  private final boolean chores;

  private final StoreMetrics metrics;
  private final Listener listener;
  private final Thread journalThread;
  private final Thread storeThread;
  private final Thread dutyThread;
  private volatile @Nullable History history;

  /// Null when nothing waits to be drained.
  private volatile @Nullable Instant oldestWaiting;

  /// Null in a hub without accounts.
  private volatile @Nullable Accounts accounts;

  private long lookedAtNanos;
  private @Nullable DailyJobs jobs;

  /// Takes the data directory and opens the journal; the database is brought up in the
  /// background once [#start] is called.
  ///
  /// @param chores false for a hub that leaves the schedule and the daily jobs to others
  /// @throws DataDirectoryInUseException when another hub has it
  /// @throws IOException when the directory cannot be used
  static Storage open(
      Settings settings,
      boolean chores,
      PullPlan plan,
      HubClock clock,
      StoreMetrics metrics,
      Listener listener,
      RandomGenerator random)
      throws IOException, DataDirectoryInUseException {
    // A wrong address stops the start, before anything is made.
    DatabaseAddress external = external(settings.store());
    DataDirectory directory = DataDirectory.open(Path.of(settings.dataDir()));
    try {
      Journal journal = Journal.open(
          directory.privateFolder("journal"),
          new Journal.Settings(limits(settings.journal())),
          clock::nanos,
          InstantSource.system(),
          new JournalNews(metrics));
      return new Storage(
          settings, chores, plan, clock, metrics, listener, random, external, directory, journal);
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private Storage(
      Settings settings,
      boolean chores,
      PullPlan plan,
      HubClock clock,
      StoreMetrics metrics,
      Listener listener,
      RandomGenerator random,
      @Nullable DatabaseAddress external,
      DataDirectory directory,
      Journal journal)
      throws IOException {
    this.settings = settings;
    this.chores = chores;
    this.clock = clock;
    this.metrics = metrics;
    this.listener = listener;
    this.directory = directory;
    this.journal = journal;
    this.reader = journal.reader();
    metrics.disk(
        directory.path(), settings.journal().minFreeMib() * MIB, journal.state().logMaxBytes());
    this.server = external == null
        ? new EmbeddedServer(directory.path().resolve("postgres"), clock::nanos)
        : null;
    this.recall = new Recall(plan, clock.anchored(), clock::nanos);
    this.recalls = new Semaphore(settings.store().poolSize() - 2);
    this.duty = new DutyLoop(journal.id(), listener, stop);
    this.loop = new StoreLoop(
        server,
        external,
        settings.store().poolSize(),
        this::drain,
        this::lookAtJournal,
        new StoreLoop.Listener() {
          @Override
          public void up(DataSource database, History now) throws SQLException {
            isUp(database, now);
          }

          @Override
          public void down() {
            isDown();
          }

          @Override
          public void written(Written written) {
            metrics.written(written.rows(), written.tookNanos());
            if (written.quarantined() > 0) {
              LOG.warn(
                  "store: {} rows cannot be true or are refused by the database; they are in table"
                      + " quarantine, with the reasons",
                  written.quarantined());
            }
          }
        },
        clock,
        random,
        stop);
    // Syncing blocks its thread in the kernel, so this one is not virtual.
    this.journalThread = Thread.ofPlatform().name("journal").daemon().unstarted(journal);
    this.storeThread = Thread.ofVirtual().name("store").unstarted(loop);
    this.dutyThread = Thread.ofVirtual().name("duty").unstarted(duty);
  }

  /// See [DataDirectory#nextEpoch].
  long nextEpoch(long now) throws IOException {
    return directory.nextEpoch(now);
  }

  /// A folder of the data directory that only the hub's user can enter.
  Path folder(String name) throws IOException {
    return directory.privateFolder(name);
  }

  private static SegmentLog.Limits limits(JournalSettings settings) {
    return new SegmentLog.Limits(
        settings.segmentMib() * MIB,
        settings.maxMib() * MIB,
        settings.keepFor(),
        MAX_RECORD_BYTES,
        settings.minFreeMib() * MIB);
  }

  /// Where the configured database is, or null for the embedded one.
  ///
  /// @throws ConfigurationException when the address is none
  private static @Nullable DatabaseAddress external(StoreSettings settings) {
    Secret url = settings.url();
    if (url == null) {
      return null;
    }
    try {
      return DatabaseAddress.parse(url.reveal(), settings.user(), settings.password())
          .withTimeouts(settings.connectTimeout(), settings.socketTimeout());
    } catch (IllegalArgumentException e) {
      Mistake mistake = new Mistake("store.url", "", String.valueOf(e.getMessage()));
      throw new ConfigurationException("configuration", List.of(mistake));
    }
  }

  /// Told when the database comes and goes; before [#start].
  void tell(Accounts accounts) {
    this.accounts = accounts;
  }

  void start() {
    tellWhatWasFound();
    journalThread.start();
    storeThread.start();
    if (chores) {
      dutyThread.start();
    }
  }

  /// What the journal found is told twice: in the log, and in the table `event`.
  private void tellWhatWasFound() {
    SegmentLog.Opened opened = journal.opened();
    opened.remark().lines().forEach(remark -> LOG.warn("{}", remark));
    StringBuilder found = new StringBuilder("{\"segments\":%d,\"cut_from\":%d,\"cut_bytes\":%d"
        .formatted(opened.segments(), opened.cutFrom(), opened.cutBytes()));
    CanonicalJson.appendString(found.append(",\"remark\":"), opened.remark());
    StringBuilder hub =
        new StringBuilder("{\"pid\":%d".formatted(ProcessHandle.current().pid()));
    String version = Storage.class.getPackage().getImplementationVersion();
    if (version != null) {
      CanonicalJson.appendString(hub.append(",\"version\":"), version);
    }
    Instant now = clock.now();
    journal.offer(List.of(
        new Entry.Happened("hub_started", null, hub.append('}').toString(), now),
        new Entry.Happened("journal_opened", null, found.append('}').toString(), now)));
  }

  Journal journal() {
    return journal;
  }

  private Drain drain(DataSource database) {
    StoreWriter writer =
        new StoreWriter(database, clock::nanos, settings.store().keepTrades());
    return new Drain(journal, writer, clock::now);
  }

  /// On the store's thread, since it may read the disk. Once a second at most.
  private void lookAtJournal() throws IOException {
    if (clock.nanos() - lookedAtNanos > LOOK_EVERY.toNanos()) {
      lookedAtNanos = clock.nanos();
      oldestWaiting = reader.depth().oldest();
    }
  }

  private void isUp(DataSource database, History now) throws SQLException {
    if (chores) {
      duty.up(database, now);
    }
    listener.up(recall, now);
    history = now;
    Accounts told = accounts;
    if (told != null) {
      told.up(database);
    }
    if (!chores) {
      return;
    }
    jobs = DailyJobs.start(
        database,
        settings.store().keepTrades(),
        settings.store().keepRecords(),
        entry -> journal.offer(List.of(entry)),
        clock::now);
  }

  private void isDown() {
    history = null;
    Accounts told = accounts;
    if (told != null) {
      told.down();
    }
    DailyJobs running = jobs;
    jobs = null;
    if (running != null) {
      running.close();
    }
    if (chores) {
      if (stop.isSet()) {
        duty.release();
      }
      duty.down();
    }
    listener.down();
  }

  /// Asks history, on a thread of its own. Fails at once when it cannot be asked now.
  Future<Recall.Answer> recall(Decision.Recall question) {
    History asked = history;
    if (asked == null) {
      return Future.failedFuture("history: the database is not there");
    }
    if (recalls.getQueueLength() >= RECALLS_WAITING_MAX) {
      return Future.failedFuture(
          "history: %,d questions wait already".formatted(RECALLS_WAITING_MAX));
    }
    Promise<Recall.Answer> answer = Promise.promise();
    Thread.startVirtualThread(() -> {
      try {
        if (!recalls.tryAcquire(question.timeoutNanos(), TimeUnit.NANOSECONDS)) {
          answer.fail("history: as many questions as it may have were under way all the time");
          return;
        }
      } catch (InterruptedException e) {
        answer.fail(e);
        return;
      }
      try {
        answer.complete(recall.answer(question, asked));
      } catch (SQLException | RuntimeException e) {
        answer.fail(e);
      } finally {
        recalls.release();
      }
    });
    return answer.future();
  }

  /// Null while the database is not there.
  @Nullable
  History history() {
    return history;
  }

  /// Why the database is not there, or null when it is.
  @Nullable
  String missing() {
    if (history != null) {
      return null;
    }
    String reason = loop.shown().reason();
    return reason == null ? "the database is on its way up" : reason;
  }

  boolean isOnDuty() {
    return duty.isOnDuty();
  }

  /// Up to where the journal has accepted entries.
  long acceptedTo() {
    return journal.state().endPosition();
  }

  /// Up to where these are in the database.
  long drainedTo() {
    return reader.drainedPosition();
  }

  /// Why nothing should be fetched that can be fetched later, or null: so much of the journal
  /// waits already that what cannot be fetched again may want the rest.
  ///
  /// @param share the part of the journal that may wait, as 1 in so many
  @Nullable
  String holdUp(int share) {
    Journal.State state = journal.state();
    long waiting = Math.max(0, state.endPosition() - reader.drainedPosition());
    long most = state.logMaxBytes() / share;
    return waiting <= most
        ? null
        : "the database is behind: %,d bytes wait in the journal, %,d may before more is fetched"
            .formatted(waiting, most);
  }

  /// Writes an event down.
  void happened(String type, String detail) {
    journal.offer(List.of(new Entry.Happened(type, null, detail, clock.now())));
  }

  StoreView view() {
    StoreLoop.Shown shown = loop.shown();
    Journal.State state = journal.state();
    long waiting = Math.max(0, state.endPosition() - reader.drainedPosition());
    Instant oldest = oldestWaiting;
    long age = waiting == 0 || oldest == null
        ? -1
        : Math.max(0, Duration.between(oldest, clock.now()).toMillis());
    metrics.observed(shown.state() == StoreView.State.UP, duty.isOnDuty(), waiting, age);
    return new StoreView(
        server == null ? StoreView.Kind.EXTERNAL : StoreView.Kind.EMBEDDED,
        shown.state(),
        shown.reason(),
        shown.since(),
        new StoreView.JournalView(
            state.condition() == Journal.Condition.ACCEPTING ? null : state.reason(),
            waiting,
            age,
            state.accepted(),
            state.refused()),
        duty.isOnDuty());
  }

  /// Writes what was offered and syncs it; nothing is accepted from now on.
  void closeJournal() throws IOException {
    journal.close();
  }

  /// Writes what waits in the journal to the database, as far as the time allows: the rest is
  /// written by the next start. Blocks for a little longer at most. After [#closeJournal].
  void closeStore(Duration most) {
    loop.lastDrain(most);
    stop.set();
    ended(journalThread, most);
    ended(storeThread, most);
    ended(dutyThread, most);
  }

  /// Stops the hub's own database, where it has one, and gives the data directory back. An
  /// interrupt kills it, which costs no row ([EmbeddedServer#close]).
  void closeServer() {
    try {
      if (server != null) {
        server.close();
      }
    } finally {
      directory.close();
    }
  }

  /// All of it, of a hub that does not start.
  @Override
  public void close() {
    try {
      closeJournal();
    } catch (IOException e) {
      LOG.error("journal: {}", e.getMessage());
    }
    closeStore(CLOSE_WITHIN);
    closeServer();
  }

  private static void ended(Thread thread, Duration most) {
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(most.plus(THREAD_ENDS_WITHIN))) {
        LOG.warn("store: thread {} did not end within {}, left alone", thread.getName(), most);
        thread.interrupt();
      }
    } catch (InterruptedException _) {
      // Our own time is over: what the thread waits for is not waited for any more.
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}

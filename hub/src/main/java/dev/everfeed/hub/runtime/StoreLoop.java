package dev.everfeed.hub.runtime;

import dev.everfeed.hub.api.StoreView;
import dev.everfeed.hub.store.ConnectionPool;
import dev.everfeed.hub.store.DatabaseAddress;
import dev.everfeed.hub.store.DatabaseCheck;
import dev.everfeed.hub.store.Drain;
import dev.everfeed.hub.store.EmbeddedServer;
import dev.everfeed.hub.store.EmbeddedServerException;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.store.MigrationException;
import dev.everfeed.hub.store.Migrations;
import dev.everfeed.hub.store.Written;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the database up, keeps it up, and drains the journal into it. Runs on a thread of its
/// own; nobody ever waits for it.
///
/// | state    | what happens                                               | next            |
/// |----------|------------------------------------------------------------|-----------------|
/// | STARTING | server, connection, migrations, for the first time         | UP, DOWN        |
/// | UP       | the journal is drained, the database asked once a second   | DOWN            |
/// | DOWN     | a pause of 0.25 s, twice as long each time, 5 s at most    | UP, DOWN        |
final class StoreLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.store");

  private static final Duration IDLE = Duration.ofMillis(100);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration ASK_EVERY = Duration.ofSeconds(1);
  private static final Duration BOUND_LOG_EVERY = Duration.ofMinutes(1);
  private static final Duration HISTORY_WITHIN = Duration.ofSeconds(5);

  /// Hears of what can be used.
  interface Listener {
    /// The database is there, with all its tables.
    void up(DataSource database, History history) throws SQLException;

    void down();

    void written(Written written);
  }

  /// Looks at what waits; may read the disk.
  interface Look {
    void now() throws IOException;
  }

  private final @Nullable EmbeddedServer server;
  private final @Nullable DatabaseAddress external;
  private final int poolSize;
  private final Function<DataSource, Drain> drains;
  private final Look look;
  private final Listener listener;
  private final HubClock clock;
  private final RandomGenerator random;
  private final StopSignal stop;

  private volatile Shown shown;

  /// For what still waits when the hub stops.
  private volatile Duration lastDrain = Duration.ofSeconds(2);

  private long logBoundAtNanos;
  private long askedAtNanos;

  /// What the loop says of itself.
  record Shown(StoreView.State state, @Nullable String reason, Instant since) {}

  /// @param server   null when the database is external
  /// @param external null when it is the hub's own
  StoreLoop(
      @Nullable EmbeddedServer server,
      @Nullable DatabaseAddress external,
      int poolSize,
      Function<DataSource, Drain> drains,
      Look look,
      Listener listener,
      HubClock clock,
      RandomGenerator random,
      StopSignal stop) {
    this.server = server;
    this.external = external;
    this.poolSize = poolSize;
    this.drains = drains;
    this.look = look;
    this.listener = listener;
    this.clock = clock;
    this.random = random;
    this.stop = stop;
    this.shown = new Shown(StoreView.State.STARTING, null, clock.startedAt());
  }

  /// How long it goes on writing once it is to stop; before that.
  void lastDrain(Duration most) {
    lastDrain = most;
  }

  /// For any thread.
  Shown shown() {
    return shown;
  }

  @Override
  public void run() {
    Duration pause = FIRST_PAUSE;
    while (!stop.isSet()) {
      long upBefore = clock.nanos();
      try {
        session();
      } catch (EmbeddedServerException | MigrationException | StoreDownException e) {
        isDown(e.getMessage(), null);
      } catch (SQLException e) {
        isDown(DatabaseCheck.explain(e).sentence(), e);
      } catch (IOException e) {
        isDown("the disk of the journal fails: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.error("store: failed in an unexpected way, tried again", e);
        isDown("an error of the hub itself: " + e, null);
      }
      boolean wasUpForLong = clock.nanos() - upBefore > LONGEST_PAUSE.toNanos() * 2;
      pause = wasUpForLong ? FIRST_PAUSE : pause;
      long millis = pause.toMillis();
      stop.await(Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1)));
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
          ? pause.multipliedBy(2)
          : LONGEST_PAUSE;
    }
  }

  private void session()
      throws EmbeddedServerException, MigrationException, StoreDownException, SQLException,
          IOException, InterruptedException {
    look.now();
    DatabaseAddress address = address();
    if (DatabaseCheck.check(address) instanceof DatabaseCheck.Down down) {
      throw new StoreDownException("%s: %s".formatted(address.describe(), down.sentence()));
    }
    try (ConnectionPool pool = new ConnectionPool(address, poolSize, ConnectionPool.WAIT, null)) {
      DataSource database = pool.dataSource();
      int migrated = Migrations.run(database);
      Drain drain = drains.apply(database);
      drain.begin();
      isUp(address, migrated);
      try {
        listener.up(database, new History(database, HISTORY_WITHIN));
        drain(drain);
      } finally {
        listener.down();
      }
    }
  }

  private DatabaseAddress address() throws EmbeddedServerException, InterruptedException {
    if (server != null) {
      return server.start(EmbeddedServer.START_WITHIN);
    }
    if (external == null) {
      throw new IllegalStateException("store: neither an embedded nor an external database");
    }
    return external;
  }

  /// Returns when the hub stops and nothing waits any more, or it has waited long enough.
  private void drain(Drain drain) throws SQLException, IOException {
    long stopAtNanos = Long.MAX_VALUE;
    while (clock.nanos() < stopAtNanos) {
      Drain.Step step = drain.step();
      Written written = step.written();
      if (written != null) {
        listener.written(written);
      }
      if (stop.isSet()) {
        if (step.idle()) {
          return;
        }
        stopAtNanos = Math.min(stopAtNanos, clock.nanos() + lastDrain.toNanos());
        continue;
      }
      look.now();
      if (written != null) {
        askedAtNanos = clock.nanos();
      } else if (clock.nanos() - askedAtNanos > ASK_EVERY.toNanos()) {
        askedAtNanos = clock.nanos();
        drain.look();
      }
      stop.await(step.idle() ? IDLE : Duration.ofNanos(step.restNanos()));
      boundLog();
    }
    LOG.warn("store: stopped with entries waiting in the journal; the next start writes them");
  }

  private void boundLog() {
    if (server != null && clock.nanos() - logBoundAtNanos > BOUND_LOG_EVERY.toNanos()) {
      logBoundAtNanos = clock.nanos();
      server.boundLog();
    }
  }

  private void isUp(DatabaseAddress address, int migrated) {
    Shown before = shown;
    shown = new Shown(StoreView.State.UP, null, clock.now());
    LOG.info(
        "store: up at {}{}{}",
        address.describe(),
        migrated == 0 ? "" : ", %d migrations done".formatted(migrated),
        before.state() == StoreView.State.DOWN
            ? " after %,d s"
                .formatted(Duration.between(before.since(), clock.now()).toSeconds())
            : "");
  }

  private void isDown(@Nullable String reason, @Nullable Exception cause) {
    Shown before = shown;
    String said = reason == null ? "unknown" : reason;
    boolean again = before.state() == StoreView.State.DOWN;
    shown = new Shown(StoreView.State.DOWN, said, again ? before.since() : clock.now());
    if (!again || !said.equals(before.reason())) {
      LOG.warn(
          "store: down: {}; everything goes on, the journal holds what is to be written, and it is"
              + " tried again every {} s at the latest",
          said,
          LONGEST_PAUSE.toSeconds());
      LOG.debug("store: down", cause);
    }
  }
}

package dev.everfeed.hub.runtime;

import dev.everfeed.hub.store.DatabaseCheck;
import dev.everfeed.hub.store.History;
import dev.everfeed.hub.store.Lease;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out whether this hub runs the schedule. Of several hubs on one database the holder of
/// the lease does; where the lease cannot be read every hub does, because a schedule that
/// nobody runs is worse than one that runs twice, and writing is idempotent. Runs on a thread
/// of its own.
final class DutyLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.store");
  private static final String NAME = "refresh";

  /// Another hub takes over at most this long after this one was killed.
  static final Duration LENGTH = Duration.ofSeconds(10);

  private static final Duration RENEW_EVERY = Duration.ofSeconds(3);

  /// Hears of a change.
  interface Listener {
    void duty(boolean mine);

    /// What was asked by others, or before the start. Comes before the duty.
    void askedBefore(Map<String, Instant> asked);
  }

  private record Reachable(Lease lease, History history) {}

  private final UUID hub;
  private final Listener listener;
  private final StopSignal stop;
  private final Object state = new Object();
  private volatile @Nullable Reachable reachable;

  /// By whom the duty was granted last; under the monitor of [#look].
  private @Nullable Reachable lastMine;

  private volatile boolean mine = true;

  DutyLoop(UUID hub, Listener listener, StopSignal stop) {
    this.hub = hub;
    this.listener = listener;
    this.stop = stop;
  }

  /// The database can be asked.
  void up(DataSource database, History history) {
    Reachable now = new Reachable(new Lease(database, NAME, hub, LENGTH), history);
    reachable = now;
    look(now);
  }

  void down() {
    synchronized (state) {
      reachable = null;
      isMine(true);
    }
  }

  /// What a database says that has gone meanwhile is not heard.
  private void granted(Reachable by, boolean granted) {
    synchronized (state) {
      if (by.equals(reachable)) {
        isMine(granted);
      }
    }
  }

  boolean isOnDuty() {
    return mine;
  }

  @Override
  public void run() {
    while (!stop.isSet()) {
      stop.await(RENEW_EVERY);
      Reachable now = reachable;
      if (now != null && !stop.isSet()) {
        look(now);
      }
    }
  }

  private synchronized void look(Reachable now) {
    try {
      Lease.Grant grant = now.lease().take();
      boolean before = mine;
      switch (grant) {
        case Lease.Mine _ -> {
          if (!before || !now.equals(lastMine)) {
            listener.askedBefore(now.history().asked());
          } // else nobody but this hub has asked since
          lastMine = now;
          granted(now, true);
        }
        case Lease.Theirs theirs -> {
          if (before) {
            LOG.info(
                "schedule: hub {} runs it, this one ({}) waits and answers readers",
                theirs.holder(),
                hub);
          }
          granted(now, false);
        }
      }
    } catch (SQLException e) {
      if (!mine) {
        LOG.warn(
            "schedule: the lease cannot be read ({}), so this hub runs it as well",
            DatabaseCheck.explain(e).sentence());
      }
      granted(now, true);
    }
  }

  private void isMine(boolean now) {
    if (mine != now) {
      mine = now;
      if (now) {
        LOG.info("schedule: this hub ({}) runs it", hub);
      }
      listener.duty(now);
    }
  }

  /// Gives the lease up, so that another hub need not wait for its end.
  void release() {
    Reachable now = reachable;
    if (now != null && mine) {
      try {
        now.lease().release();
      } catch (SQLException e) {
        LOG.info(
            "schedule: the lease was not given up: {}", DatabaseCheck.explain(e).sentence());
      }
    }
  }
}

package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.Failover;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What must be true of the records of failovers.
final class FailoverChecks {
  private final StreamChecks checks;
  private final Map<Long, Failover> open = new TreeMap<>();
  private long last;

  FailoverChecks(StreamChecks checks) {
    this.checks = checks;
  }

  void began(Failover failover) {
    if (failover.id() != last + 1) {
      broken(failover, "begins after number " + last);
    }
    last = failover.id();
    open.put(failover.id(), failover);
    boolean over = failover.result() != Failover.Result.PENDING;
    if (failover.contracts().isEmpty() || (over && failover.endedNanos() != checks.now())) {
      broken(failover, "begins with nothing, or was over before");
    }
  }

  void ended(Failover failover) {
    if (open.remove(failover.id()) == null) {
      broken(failover, "ends twice, or has not begun");
    }
    Set<Integer> both = new TreeSet<>(failover.migrated());
    both.addAll(failover.unmigrated().keySet());
    int sum = failover.migrated().size() + failover.unmigrated().size();
    if (!both.equals(failover.contracts()) || sum != both.size()) {
      broken(failover, "migrated and unmigrated are not its contracts");
    }
    if (!failover.migrated().containsAll(failover.waitingFirstTick())) {
      broken(failover, "something waits for its first tick that has not migrated");
    }
    boolean moved = !failover.migrated().isEmpty();
    boolean stayed = !failover.unmigrated().isEmpty();
    boolean fits = switch (failover.result()) {
      case PENDING -> false;
      case EXECUTED -> moved && !stayed;
      case PARTIAL -> moved && stayed;
      case FAILED, CANCELLED, SHADOW -> !moved && stayed;
    };
    if (!fits) {
      broken(failover, "its result does not fit what was done");
    }
    if (failover.detectionNanos() < 0
        || failover.durationNanos() < 0
        || failover.switchNanos() < (moved ? 0 : -1)
        || failover.lost() < -1
        || failover.endedNanos() != checks.now()
        || failover.decidedNanos() < failover.ailingSinceNanos()) {
      broken(failover, "its times cannot be");
    }
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  Map<Long, Failover> open() {
    return open;
  }

  private void broken(Failover failover, String what) {
    checks.broken(
        "E20",
        "failover %d (%s, %s, contracts %s, migrated %s, unmigrated %s) %s"
            .formatted(
                failover.id(),
                failover.kind().text(),
                failover.result().text(),
                failover.contracts(),
                failover.migrated(),
                failover.unmigrated(),
                what));
  }
}

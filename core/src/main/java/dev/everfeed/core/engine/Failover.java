package dev.everfeed.core.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// One decision to leave a gateway for another: why, what was done, what it cost. All contracts
/// that leave the same gateway for the same one at the same time, for the same reason.
///
/// Filled by the [Control] while it goes on; once it is over, it does not change any more. Times
/// are nanoseconds of the clock that the control is given.
public final class Failover {

  /// Why contracts move.
  public enum Kind {
    FAIL_OVER("fail_over"),
    FAIL_BACK("fail_back"),
    MANUAL("manual");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /// What came of it.
  public enum Result {
    /// It goes on, or waits for its time.
    PENDING("pending"),
    /// Everything moved.
    EXECUTED("executed"),
    /// Something moved, something did not.
    PARTIAL("partial"),
    /// Nothing moved: what was there before is still used.
    FAILED("failed"),
    /// What ailed was well again before its time came.
    CANCELLED("cancelled"),
    /// Only told, since the policy is `shadow`.
    SHADOW("shadow");

    private final String text;

    Result(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /// What was seen, decided or done at a moment.
  public record Step(long nanos, String what) {}

  /// Steps that are kept; the last one says that there were more.
  static final int STEPS_MAX = 64;

  private final long id;
  private final Kind kind;
  private final FailoverPolicy policy;
  private final int from;
  private final int to;
  private final String trigger;
  private final long silentSinceNanos;
  private final long ailingSinceNanos;
  private final long decidedNanos;
  private final SortedSet<Integer> contracts = new TreeSet<>();
  private final SortedSet<Integer> moving = new TreeSet<>();
  private final SortedSet<Integer> migrated = new TreeSet<>();
  private final SortedSet<Integer> waitingFirstTick = new TreeSet<>();
  private final SortedMap<Integer, String> unmigrated = new TreeMap<>();
  private final List<Step> steps = new ArrayList<>();
  private long startedNanos = -1;
  private long firstMovedNanos = -1;
  private long endedNanos = -1;
  private long lost = -1;
  private Result result = Result.PENDING;

  Failover(
      long id,
      Kind kind,
      FailoverPolicy policy,
      int from,
      int to,
      String trigger,
      long silentSinceNanos,
      long ailingSinceNanos,
      long decidedNanos) {
    this.id = id;
    this.kind = kind;
    this.policy = policy;
    this.from = from;
    this.to = to;
    this.trigger = trigger;
    this.silentSinceNanos = silentSinceNanos;
    this.ailingSinceNanos = ailingSinceNanos;
    this.decidedNanos = decidedNanos;
  }

  // ---- for the control

  void step(long nowNanos, String what) {
    if (steps.size() < STEPS_MAX) {
      steps.add(
          steps.size() == STEPS_MAX - 1
              ? new Step(nowNanos, "further steps are left out")
              : new Step(nowNanos, what));
    }
  }

  void add(int contract) {
    contracts.add(contract);
    moving.add(contract);
  }

  void started(long nowNanos) {
    if (startedNanos < 0) {
      startedNanos = nowNanos;
    }
  }

  void moved(int contract, boolean waits, long nowNanos) {
    moving.remove(contract);
    migrated.add(contract);
    if (waits) {
      waitingFirstTick.add(contract);
    }
    if (firstMovedNanos < 0) {
      firstMovedNanos = nowNanos;
    }
  }

  void stayed(int contract, String why) {
    contracts.add(contract);
    moving.remove(contract);
    unmigrated.put(contract, why);
  }

  boolean isMoving() {
    return !moving.isEmpty();
  }

  Collection<Integer> moving() {
    return List.copyOf(moving);
  }

  /// @param lost events that were declared lost meanwhile; -1 where nothing proves it
  void end(Result result, long lost, long nowNanos) {
    this.result = result;
    this.lost = lost;
    this.endedNanos = nowNanos;
  }

  // ---- for readers

  /// From 1 on within a start of the hub.
  public long id() {
    return id;
  }

  public Kind kind() {
    return kind;
  }

  public FailoverPolicy policy() {
    return policy;
  }

  /// The gateway that is left.
  public int from() {
    return from;
  }

  /// The one that takes over, or [Control#NOBODY] where there was none.
  public int to() {
    return to;
  }

  /// What ailed.
  public String trigger() {
    return trigger;
  }

  public Result result() {
    return result;
  }

  /// All contracts that it is about.
  public SortedSet<Integer> contracts() {
    return Collections.unmodifiableSortedSet(contracts);
  }

  public SortedSet<Integer> migrated() {
    return Collections.unmodifiableSortedSet(migrated);
  }

  /// Of the migrated ones those that are subscribed, and have not brought anything yet.
  public SortedSet<Integer> waitingFirstTick() {
    return Collections.unmodifiableSortedSet(waitingFirstTick);
  }

  /// Contracts that did not move, and why.
  public SortedMap<Integer, String> unmigrated() {
    return Collections.unmodifiableSortedMap(unmigrated);
  }

  public List<Step> steps() {
    return Collections.unmodifiableList(steps);
  }

  /// From the last sign of life to the moment at which it was known that something ails; 0 for
  /// what says itself that it ends.
  public long detectionNanos() {
    return Math.max(0, ailingSinceNanos - silentSinceNanos);
  }

  /// When it was known that something ails.
  public long ailingSinceNanos() {
    return ailingSinceNanos;
  }

  public long decidedNanos() {
    return decidedNanos;
  }

  /// When contracts began to move; -1 while none has.
  public long startedNanos() {
    return startedNanos;
  }

  /// From the moment of the decision to move to the first contract that was published from the
  /// gateway that took over; -1 when none was.
  public long switchNanos() {
    return firstMovedNanos < 0 || startedNanos < 0 ? -1 : firstMovedNanos - startedNanos;
  }

  /// From the moment at which it was known that something ails to the end; -1 before it.
  public long durationNanos() {
    return endedNanos < 0 ? -1 : endedNanos - ailingSinceNanos;
  }

  /// -1 while it goes on.
  public long endedNanos() {
    return endedNanos;
  }

  /// Events declared lost meanwhile; -1 where nothing proves it.
  public long lost() {
    return lost;
  }
}

package dev.everfeed.hub.journal;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What those who offer and the thread that commits share: the batch that is filled, whether
/// there is any use in it, and the counts. Everything is under one lock, which nobody holds
/// while the disk is at work.
final class Intake {
  private static final long TRY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// @param batches what was given up: who waits for it is to be told
  record GivenUp(List<OpenBatch> batches, boolean turned) {}

  private final int bufferBytes;
  private final int maxRecordBytes;
  private final LongSupplier nanos;
  private final InstantSource wall;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private OpenBatch open = new OpenBatch();
  private OpenBatch other = new OpenBatch();
  private int committingBytes;
  private long pending;
  private long accepted;
  private long refused;
  private long lastSyncNanos;
  private Journal.Condition condition = Journal.Condition.ACCEPTING;
  private String reason = "";
  private Instant since;
  private long triedAtNanos;
  private boolean running;
  private boolean closing;
  private boolean ended;

  Intake(Journal.Settings settings, LongSupplier nanos, InstantSource wall) {
    this.bufferBytes = settings.bufferBytes();
    this.maxRecordBytes = settings.log().maxRecordBytes();
    this.nanos = nanos;
    this.wall = wall;
    this.since = wall.instant();
  }

  /// Takes all or nothing.
  ///
  /// @return why nothing was taken, or null
  @Nullable
  String take(List<? extends Entry> entries, @Nullable CompletableFuture<Long> outcome) {
    lock.lock();
    try {
      String refusal = closing ? "it is closed" : notYet();
      boolean first = open.isEmpty();
      if (refusal == null) {
        refusal = open.add(entries, maxRecordBytes, bufferBytes - committingBytes, outcome);
      }
      if (refusal != null) {
        refused += entries.size();
        return refusal;
      }
      pending += entries.size();
      if (condition != Journal.Condition.ACCEPTING) {
        triedAtNanos = nanos.getAsLong(); // this one is the attempt
      }
      if (first) {
        changed.signalAll();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /// Why nothing is tried now, or null.
  private @Nullable String notYet() {
    return condition != Journal.Condition.ACCEPTING
            && nanos.getAsLong() - triedAtNanos < TRY_AGAIN_NANOS
        ? reason + "; tried again once a second"
        : null;
  }

  /// @return false when somebody runs, or has run, already
  boolean begin() {
    lock.lock();
    try {
      if (running || ended) {
        return false;
      }
      running = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for something to commit.
  ///
  /// @return what was offered since the last time; an empty batch when nothing was for
  ///     `mostNanos`; null when it is closed and everything is told of
  @Nullable
  OpenBatch next(long mostNanos) {
    lock.lock();
    try {
      long left = mostNanos;
      while (open.isEmpty() && !closing && left > 0) {
        try {
          left = changed.awaitNanos(left);
        } catch (InterruptedException e) {
          closing = true; // an interrupt ends the loop
        }
      }
      if (open.isEmpty()) {
        return closing ? null : other;
      }
      return swap();
    } finally {
      lock.unlock();
    }
  }

  /// Without waiting: an empty batch when nothing was offered.
  OpenBatch offered() {
    lock.lock();
    try {
      return open.isEmpty() ? other : swap();
    } finally {
      lock.unlock();
    }
  }

  private OpenBatch swap() {
    OpenBatch batch = open;
    open = other;
    other = batch;
    committingBytes = batch.bytes();
    return batch;
  }

  /// @return whether it did not accept before
  boolean accepted(OpenBatch batch, long syncNanos) {
    lock.lock();
    try {
      accepted += batch.entries();
      pending -= batch.entries();
      lastSyncNanos = syncNanos;
      committingBytes = 0;
      return turn(Journal.Condition.ACCEPTING, "");
    } finally {
      lock.unlock();
    }
  }

  /// Gives up the batch that is committed, and the one that was filled behind it.
  GivenUp giveUp(Journal.Condition to, String why) {
    lock.lock();
    try {
      GivenUp given = new GivenUp(List.of(other, open), turn(to, why));
      for (OpenBatch batch : given.batches()) {
        refused += batch.entries();
        pending -= batch.entries();
      }
      open = new OpenBatch();
      other = new OpenBatch();
      committingBytes = 0;
      triedAtNanos = nanos.getAsLong();
      return given;
    } finally {
      lock.unlock();
    }
  }

  private boolean turn(Journal.Condition to, String why) {
    boolean turned = condition != to;
    if (turned) {
      condition = to;
      since = wall.instant();
    }
    reason = why;
    return turned;
  }

  void ended() {
    lock.lock();
    try {
      closing = true;
      ended = true;
      running = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Takes nothing more.
  void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean hasEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /// @return whether the run has ended within that time
  boolean awaitEnd(long mostNanos) throws InterruptedException {
    lock.lock();
    try {
      long left = mostNanos;
      while (!ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      return ended;
    } finally {
      lock.unlock();
    }
  }

  Journal.State state(SegmentLog log) {
    lock.lock();
    try {
      return new Journal.State(
          condition,
          reason,
          since,
          accepted,
          refused,
          pending,
          lastSyncNanos,
          log.firstPosition(),
          log.durablePosition(),
          (long) open.bytes() + committingBytes,
          log.bytes(),
          log.limits().maxBytes());
    } finally {
      lock.unlock();
    }
  }
}

package dev.everfeed.benchmarks.stall;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Several detectors on the same lines: once with line 0 healthy all the time, which tells false
/// convictions, and in replicas where it falls silent again and again, which tell the delay.
final class Trial implements Lines.Reader {
  private static final long SECOND = 1_000_000_000;
  private static final long STALL_LEAST = 30 * SECOND;

  /// What one detector did.
  static final class Record {
    int falseConvictions;
    final List<Double> mistakeSeconds = new ArrayList<>();

    /// From the first event that was missed; infinite when it was not noticed in time.
    final List<Double> delaySeconds = new ArrayList<>();

    /// Of those that began while a line had 35 events a second or more, over about a minute.
    final List<Double> busyDelaySeconds = new ArrayList<>();

    void add(Record other) {
      falseConvictions += other.falseConvictions;
      mistakeSeconds.addAll(other.mistakeSeconds);
      delaySeconds.addAll(other.delaySeconds);
      busyDelaySeconds.addAll(other.busyDelaySeconds);
    }
  }

  /// A copy of the lines in which line 0 stalls.
  private static final class Replica {
    private final List<Detector> detectors;
    private final long[] convictedAt;
    private long stallAt;
    private long missedAt = -1;
    private boolean busy;

    Replica(List<Detector> detectors) {
      this.detectors = detectors;
      this.convictedAt = new long[detectors.size()];
    }
  }

  private static final double BUSY = 35;

  private final EventTimes market;
  private final RandomGenerator random;
  private final long stallMost;
  private final List<Record> records;
  private final List<Detector> healthy;
  private final long[] mistakenSince;
  private final List<Replica> replicas = new ArrayList<>();
  private double rate; // of line 1, events a second over about a minute
  private long lastOfLineOne;

  /// @param contenders to make each detector anew for every replica
  /// @param stallMostSeconds a stall ends when all have noticed and 30 s are over, or
  ///     after this
  Trial(
      EventTimes market,
      List<Contender> contenders,
      int replicas,
      int stallMostSeconds,
      RandomGenerator random) {
    this.market = market;
    this.random = random;
    this.stallMost = stallMostSeconds * SECOND;
    this.records = contenders.stream().map(_ -> new Record()).toList();
    this.healthy = contenders.stream().map(each -> each.detector().get()).toList();
    this.mistakenSince = new long[contenders.size()];
    for (int i = 0; i < replicas; i++) {
      Replica replica =
          new Replica(contenders.stream().map(each -> each.detector().get()).toList());
      replica.stallAt = nextStall(600 * SECOND);
      this.replicas.add(replica);
    }
  }

  List<Record> records() {
    return records;
  }

  private long nextStall(long from) {
    return from + 20 * SECOND + random.nextLong(40 * SECOND);
  }

  @Override
  public void event(int line, long now) {
    passTo(now);
    if (line == 1) {
      rate = rate * Math.exp((lastOfLineOne - now) / 60e9) + 1 / 60.0;
      lastOfLineOne = now;
    }
    for (int i = 0; i < healthy.size(); i++) {
      Detector each = healthy.get(i);
      each.event(line, now);
      if (line == 0 && mistakenSince[i] > 0) {
        records.get(i).mistakeSeconds.add((now - mistakenSince[i]) / 1e9);
        mistakenSince[i] = 0;
      }
    }
    for (Replica replica : replicas) {
      if (line == 0 && now >= replica.stallAt && isMissed(replica, now)) {
        continue;
      }
      for (Detector each : replica.detectors) {
        each.event(line, now);
      }
    }
  }

  /// Whether line 0 stalls, so that its event does not come.
  private boolean isMissed(Replica replica, long now) {
    if (replica.missedAt < 0) {
      replica.missedAt = now;
      replica.busy = rate >= BUSY;
      for (int i = 0; i < replica.convictedAt.length; i++) {
        replica.convictedAt[i] = replica.detectors.get(i).convicts() ? -1 : 0;
      }
      return true;
    }
    if (now - replica.missedAt < STALL_LEAST) {
      return true;
    }
    if (now - replica.missedAt <= stallMost) {
      for (long at : replica.convictedAt) {
        if (at == 0) {
          return true;
        }
      }
    }
    if (!market.hasHaltedSince(replica.missedAt)) {
      for (int i = 0; i < records.size(); i++) {
        long at = replica.convictedAt[i];
        if (at >= 0) { // else it was wrong before the stall began
          double delay = at == 0 ? Double.POSITIVE_INFINITY : (at - replica.missedAt) / 1e9;
          records.get(i).delaySeconds.add(delay);
          if (replica.busy) {
            records.get(i).busyDelaySeconds.add(delay);
          }
        }
      }
    }
    replica.missedAt = -1;
    replica.stallAt = nextStall(now);
    return false;
  }

  @Override
  public void stoodStill(long slipNanos, long now) {
    long before = now - slipNanos;
    passTo(before);
    for (Detector each : healthy) {
      each.stoodStill(slipNanos, now);
    }
    for (Replica replica : replicas) {
      for (Detector each : replica.detectors) {
        each.stoodStill(slipNanos, now);
      }
    }
    passTo(now); // what became due meanwhile is looked at before anything is read
  }

  private void passTo(long now) {
    for (int i = 0; i < healthy.size(); i++) {
      long at = convictedAt(healthy.get(i), now);
      if (at > 0) {
        records.get(i).falseConvictions++;
        mistakenSince[i] = at;
      }
    }
    for (Replica replica : replicas) {
      for (int i = 0; i < replica.convictedAt.length; i++) {
        long at = convictedAt(replica.detectors.get(i), now);
        if (at > 0 && replica.missedAt >= 0 && replica.convictedAt[i] == 0) {
          replica.convictedAt[i] = at;
        }
      }
    }
  }

  /// When a detector convicts that did not before; 0 when it does not, up to now.
  private static long convictedAt(Detector detector, long now) {
    long due = detector.nextDeadlineNanos();
    if (due > now) {
      return 0;
    }
    boolean before = detector.convicts();
    long at = 0;
    while (due <= now) {
      detector.timePassed(due);
      if (at == 0 && !before && detector.convicts()) {
        at = due;
      }
      due = detector.nextDeadlineNanos();
    }
    return at;
  }
}

package dev.everfeed.core.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Where one instrument is published from, and where it is on its way to. Filled by the
/// [Control].
final class Contract {
  static final long NEVER = Long.MAX_VALUE;

  final int number;
  final int[] streams;
  final FailoverPolicy policy;

  /// The gateway that it is published from.
  int active = Control.NOBODY;

  /// Where it moves to, and until when.
  int target = Control.NOBODY;

  long deadlineNanos;
  long startedNanos;

  /// When everything was subscribed at the target.
  long subscribedNanos = NEVER;

  /// The move that it takes part in, or waits in.
  @Nullable
  Failover failover;

  /// The gateway before, which stays attached for a way back.
  int prior = Control.NOBODY;

  long releaseNanos = NEVER;

  /// When it moved last.
  long switchedNanos = Long.MIN_VALUE;

  /// An operator has put it where it is.
  boolean pinned;

  // ---- what ails its active gateway
  boolean ailing;
  long ailingSinceNanos;

  /// Whether it has been told that there is nowhere to go.
  boolean strandedTold;

  // ---- by gateway
  /// Since when one is accused of being silent or wrong here.
  final long[] accusedNanos;

  final @Nullable String[] accusation;

  /// The last sign of life of one before it was suspected here.
  final long[] silentSinceNanos;

  /// When one was last suspected here.
  final long[] suspectedNanos;

  /// Since then, when another line of one's content was first seen to go on here.
  final long[] lineSeenNanos;

  /// A bit for each gateway whose values are far from those of others.
  long disagrees;

  /// Values differ, and nobody can tell which are right.
  boolean differ;

  /// When the last accusation was taken back.
  final long[] clearedNanos;

  final long[] avoidUntilNanos;
  final int[] avoided;

  /// When is asked again about those that are suspect.
  long confirmNanos = NEVER;

  /// When is asked again for what was refused.
  long forgivesNanos = NEVER;

  int refusals;

  /// A bit for each gateway that lists it; all of them before one has said anything.
  long listed = -1L;

  /// When it is to be looked at though nothing has happened.
  long dueNanos = NEVER;

  Contract(int number, int[] streams, FailoverPolicy policy, int gateways) {
    this.number = number;
    this.streams = streams;
    this.policy = policy;
    this.accusedNanos = new long[gateways];
    this.accusation = new String[gateways];
    this.silentSinceNanos = new long[gateways];
    this.suspectedNanos = new long[gateways];
    this.lineSeenNanos = new long[gateways];
    this.clearedNanos = new long[gateways];
    this.avoidUntilNanos = new long[gateways];
    this.avoided = new int[gateways];
    Arrays.fill(accusedNanos, NEVER);
    Arrays.fill(clearedNanos, Long.MIN_VALUE);
    Arrays.fill(silentSinceNanos, Long.MIN_VALUE);
    Arrays.fill(suspectedNanos, Long.MIN_VALUE);
    Arrays.fill(lineSeenNanos, NEVER);
    Arrays.fill(avoidUntilNanos, Long.MIN_VALUE);
  }

  boolean isMoving() {
    return target != Control.NOBODY;
  }

  boolean isListed(int gateway) {
    return (listed & 1L << gateway) != 0;
  }

  void accuse(int gateway, String what, long nowNanos) {
    if (accusedNanos[gateway] == NEVER) {
      accusedNanos[gateway] = nowNanos;
      accusation[gateway] = what;
    }
  }

  void clear(int gateway, long nowNanos) {
    if (accusedNanos[gateway] != NEVER) {
      accusedNanos[gateway] = NEVER;
      accusation[gateway] = null;
      clearedNanos[gateway] = nowNanos;
    }
  }

  void lookAt(long nanos) {
    dueNanos = Math.min(dueNanos, nanos);
  }
}

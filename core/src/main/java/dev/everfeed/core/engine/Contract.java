package dev.everfeed.core.engine;

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

  /// Whether that one had to be connected first.
  boolean beginsTarget;

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

  private final int gateways;

  /// By gateway, of those of whom there is something to say.
  private @Nullable Repute @Nullable [] reputes;

  /// A bit for each gateway whose values are far from those of others.
  long disagrees;

  /// Values differ, and nobody can tell which are right.
  boolean differ;

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
    this.gateways = gateways;
  }

  /// What is remembered of a gateway; to be read only.
  Repute repute(int gateway) {
    @Nullable Repute[] all = reputes;
    Repute known = all == null ? null : all[gateway];
    return known == null ? Repute.BLANK : known;
  }

  /// What is remembered of a gateway, to be written.
  Repute noted(int gateway) {
    @Nullable Repute[] all = reputes;
    if (all == null) {
      all = new Repute[gateways];
      reputes = all;
    }
    Repute known = all[gateway];
    if (known == null) {
      known = new Repute();
      all[gateway] = known;
    }
    return known;
  }

  boolean isMoving() {
    return target != Control.NOBODY;
  }

  boolean isListed(int gateway) {
    return (listed & 1L << gateway) != 0;
  }

  /// What was found out about a gateway is void.
  void unfind(int gateway) {
    if (repute(gateway).found != null) {
      noted(gateway).found = null;
    }
  }

  /// This process stood still for so long.
  void paused(long slipNanos) {
    @Nullable Repute[] all = reputes;
    for (int i = 0; all != null && i < gateways; i++) {
      Repute each = all[i];
      if (each != null && each.lineSeenNanos != NEVER) {
        each.lineSeenNanos += slipNanos;
      }
    }
  }

  void lookAt(long nanos) {
    dueNanos = Math.min(dueNanos, nanos);
  }
}

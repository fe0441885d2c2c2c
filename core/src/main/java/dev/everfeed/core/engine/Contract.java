package dev.everfeed.core.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Where one instrument is published from, and where it is on its way to. Filled by the
/// [Control].
final class Contract {
  static final long NEVER = Long.MAX_VALUE;

  /// Of one, as the JVM lays it out.
  private static final long BYTES = 88;

  final int number;
  final int[] streams;

  /// Its own; [Fleet#policyOf] is the one that holds.
  FailoverPolicy policy;

  /// What it has of its own is 88 bytes, and there are many: what few have is in objects of its
  /// own, and what is small in a byte.
  private byte active = Control.NOBODY;

  @Nullable
  Journey journey;

  @Nullable
  WayBack wayBack;

  /// The move that it takes part in, or waits in.
  @Nullable
  Failover failover;

  /// When it moved last.
  long switchedNanos = Long.MIN_VALUE;

  /// An operator has put it where it is: it does not return to a better gateway by itself.
  boolean placed;

  /// An operator holds it where it is, whatever happens.
  boolean pinned;

  // ---- what ails its active gateway
  boolean ailing;
  long ailingSinceNanos;

  /// Whether it has been told that there is nowhere to go.
  boolean strandedTold;

  /// By gateway, of those of whom there is something to say; no longer than that.
  private @Nullable Repute @Nullable [] reputes;

  /// Values differ, and nobody can tell which are right.
  boolean differ;

  /// When is asked again about those that are suspect.
  long confirmNanos = NEVER;

  /// When is asked again for what was refused.
  long forgivesNanos = NEVER;

  /// How often something was, up to a bound.
  private byte refusals;

  /// When it is to be looked at though nothing has happened.
  long dueNanos = NEVER;

  Contract(int number, int[] streams, FailoverPolicy policy) {
    this.number = number;
    this.streams = streams;
    this.policy = policy;
  }

  /// The gateway that it is published from, or [Control#NOBODY].
  int active() {
    return active;
  }

  void active(int gateway) {
    active = (byte) gateway;
  }

  /// Where it is on its way to, or [Control#NOBODY].
  int target() {
    Journey now = journey;
    return now == null ? Control.NOBODY : now.to;
  }

  /// The gateway before, which stays attached for a way back, or [Control#NOBODY].
  int prior() {
    WayBack known = wayBack;
    return known == null ? Control.NOBODY : known.to();
  }

  /// How often something was refused before, which it is once more now; at most so often.
  int refusedAgain(int most) {
    int before = refusals;
    refusals = (byte) Math.min(before + 1, most);
    return before;
  }

  /// What is remembered of a gateway; to be read only.
  Repute repute(int gateway) {
    @Nullable Repute[] all = reputes;
    Repute known = all == null || gateway >= all.length ? null : all[gateway];
    return known == null ? Repute.BLANK : known;
  }

  /// What is remembered of a gateway, to be written.
  Repute noted(int gateway) {
    @Nullable Repute[] all = reputes;
    if (all == null || gateway >= all.length) {
      all = all == null ? new Repute[gateway + 1] : Arrays.copyOf(all, gateway + 1);
      reputes = all;
    }
    Repute known = all[gateway];
    if (known == null) {
      known = new Repute();
      all[gateway] = known;
    }
    return known;
  }

  /// Another gateway comes to the place of one.
  void forget(int gateway) {
    @Nullable Repute[] all = reputes;
    if (all != null && gateway < all.length) {
      all[gateway] = null;
    }
    if (active == gateway) {
      active = Control.NOBODY;
      placed = false;
      pinned = false;
      ailing = false;
    }
    WayBack known = wayBack;
    if (known != null && known.to() == gateway) {
      wayBack = null;
    }
  }

  boolean isMoving() {
    return journey != null;
  }

  /// This process stood still for so long.
  void paused(long slipNanos) {
    @Nullable Repute[] all = reputes;
    for (int i = 0; all != null && i < all.length; i++) {
      Repute each = all[i];
      if (each != null && each.lineSeenNanos != NEVER) {
        each.lineSeenNanos += slipNanos;
      }
    }
  }

  /// With what is remembered of gateways, without what is there only while it moves.
  long bytes() {
    @Nullable Repute[] all = reputes;
    long bytes = BYTES;
    for (int i = 0; all != null && i < all.length; i++) {
      bytes += 4 + (all[i] == null ? 0 : Repute.BYTES);
    }
    return bytes;
  }

  void lookAt(long nanos) {
    dueNanos = Math.min(dueNanos, nanos);
  }
}

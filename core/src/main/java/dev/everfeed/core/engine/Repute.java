package dev.everfeed.core.engine;

import org.jspecify.annotations.Nullable;

/// What is remembered of one gateway for one contract. Most contracts never have anything to
/// hold against most gateways, so it is made when there is something ([Contract#noted]), and
/// what is not there reads as [#BLANK].
final class Repute {
  /// Of one, as the JVM lays it out.
  static final long BYTES = 80;

  /// Of whom there is nothing to say; read and never written.
  static final Repute BLANK = new Repute();

  /// Since when it is accused of being silent or wrong; [Contract#NEVER] while it is not.
  long accusedNanos = Contract.NEVER;

  @Nullable
  String accusation;

  /// Its last sign of life before it was suspected.
  long silentSinceNanos = Long.MIN_VALUE;

  /// When it was last suspected.
  long suspectedNanos = Long.MIN_VALUE;

  /// Since then, when another line of its content was first seen to go on.
  long lineSeenNanos = Contract.NEVER;

  /// What its peers' clock has found last ([Fleet#found]).
  @Nullable
  String found;

  /// Whether its values are far from those of others.
  boolean disagrees;

  /// When the last accusation was taken back.
  long clearedNanos = Long.MIN_VALUE;

  /// The contract could not move to it, so often, and does not try again until then.
  long avoidUntilNanos = Long.MIN_VALUE;

  int avoided;

  void accuse(String what, long nowNanos) {
    if (accusedNanos == Contract.NEVER) {
      accusedNanos = nowNanos;
      accusation = what;
    }
  }

  void clear(long nowNanos) {
    if (accusedNanos != Contract.NEVER) {
      accusedNanos = Contract.NEVER;
      accusation = null;
      clearedNanos = nowNanos;
    }
  }
}

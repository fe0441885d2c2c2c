package dev.everfeed.core.engine;

import dev.everfeed.core.model.GatewayState;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// How one gateway is, and was. Filled by the [Control].
final class Standing {
  private static final long NEVER = Long.MAX_VALUE;
  private static final int TIMES_MAX = 4;

  final int number;
  private GatewayPlan plan;
  boolean enabled;
  Link.State link = Link.State.DISCONNECTED;
  String linkReason = "not started";

  /// Whether it was ever up; until then it is given time to connect.
  boolean everUp;

  /// Whether a connection has failed.
  boolean failed;

  long upNanos = Long.MIN_VALUE;

  /// When it last acknowledged a further stream.
  long subscribedNanos = Long.MIN_VALUE;

  /// When its link went down, or it was begun.
  long downNanos;

  /// When its connection last broke while something was wanted of it.
  long brokeNanos = Long.MIN_VALUE;

  /// When the connection before, of which [#downNanos] is the end, last showed a sign of life.
  long lastSignNanos;

  /// As a whole, since when it is accused of being silent.
  long accusedNanos = NEVER;

  @Nullable
  String accusation;

  /// Since when it has brought something again after an accusation; [#NEVER] while it has not.
  long deliversSinceNanos = NEVER;

  /// When the last accusation was taken back.
  long clearedNanos = Long.MIN_VALUE;

  boolean suspected;

  /// When it was last suspected.
  long suspectedNanos = Long.MIN_VALUE;

  /// Since then, when another line of its content was first seen to go on.
  long lineSeenNanos = NEVER;

  /// When it was last found to deliver after it was suspected.
  long resumedNanos = Long.MIN_VALUE;

  /// Its last sign of life before it was suspected or accused.
  long silentSinceNanos = Long.MIN_VALUE;

  /// What its peers' clock has found, while there was nobody who could witness it.
  @Nullable
  String found;

  /// Whether it is only by its canaries, which then say themselves that it is not any more.
  boolean suspectByCanary;

  /// When is asked again about it as a suspect.
  long confirmNanos = NEVER;

  /// When its canaries were first seen to be silent while another one's were not.
  long doubtedNanos = NEVER;

  /// How much later than usual its data come, or earlier when negative.
  long lagNanos;

  /// Of a gateway that is not in time.
  String lag() {
    return "%s by %,d ms"
        .formatted(lagNanos > 0 ? "lags" : "is ahead", Math.abs(lagNanos) / 1_000_000);
  }

  /// Whether it is connected because a contract is to move to it, and has not failed to.
  boolean begins;

  /// A contract was to move to it, and it could not be connected in time: so often since it was
  /// up, and it is not tried again until then, for no contract.
  int unreached;

  long unreachedUntilNanos = Long.MIN_VALUE;

  /// How many streams are wanted of it.
  int wanted;

  GatewayState state = GatewayState.DISCONNECTED;
  String reason = "not started";
  long sinceNanos;
  long healthySinceNanos = NEVER;
  long reconnectNanos = NEVER;
  int reconnects;
  final ArrayDeque<Long> troubles = new ArrayDeque<>();

  Standing(int number, GatewayPlan plan, long nowNanos) {
    this.number = number;
    this.plan = plan;
    this.enabled = plan.enabled();
    this.downNanos = nowNanos;
    this.lastSignNanos = nowNanos;
    this.sinceNanos = nowNanos;
  }

  GatewayPlan plan() {
    return plan;
  }

  /// Nobody is there.
  boolean isVacant() {
    return plan == GatewayPlan.VACANT;
  }

  /// The same gateway is to be used in another way.
  void plan(GatewayPlan changed) {
    plan = changed;
    enabled = changed.enabled();
  }

  boolean isUp() {
    return enabled && link == Link.State.HEALTHY;
  }

  /// Whether nothing is wanted of it, so that it is not connected, and cannot show how it is.
  boolean isIdle() {
    return wanted == 0;
  }

  void accuse(String what, long nowNanos) {
    if (accusedNanos == NEVER) {
      accusedNanos = nowNanos;
      accusation = what;
    }
  }

  boolean isAccused() {
    return accusedNanos != NEVER;
  }

  void clear(long nowNanos) {
    if (accusedNanos != NEVER) {
      accusedNanos = NEVER;
      accusation = null;
      clearedNanos = nowNanos;
      deliversSinceNanos = NEVER;
    }
  }

  /// Something that counts against it.
  void trouble(long nowNanos) {
    troubles.addLast(nowNanos);
    if (troubles.size() > 1 << TIMES_MAX) {
      troubles.removeFirst();
    }
  }

  /// How often there was trouble of late; at most 16.
  int troubles(long nowNanos, long historyNanos) {
    while (!troubles.isEmpty() && nowNanos - troubles.getFirst() > historyNanos) {
      troubles.removeFirst();
    }
    return troubles.size();
  }

  /// Twice as long each time, up to 16 times.
  static long doubled(long nanos, int times) {
    return nanos << Math.min(times, TIMES_MAX);
  }
}

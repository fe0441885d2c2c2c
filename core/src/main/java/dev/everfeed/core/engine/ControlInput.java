package dev.everfeed.core.engine;

import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What the [Control] hears of. Gateways, contracts and streams are numbers.
public sealed interface ControlInput {
  /// All streams of a gateway, in place of one.
  int WHOLE = -1;

  /// A gateway's connections are in another state.
  record Linked(int gateway, Link.State state, String reason) implements ControlInput {}

  /// The venue has acknowledged a subscription of the connection that delivers.
  record Subscribed(int gateway, int stream) implements ControlInput {}

  /// The venue does not want to give a stream.
  record Refused(int gateway, int stream, String reason) implements ControlInput {}

  /// What a gateway lists, from now on; before the first word of it, it may have everything.
  record Listed(int gateway, SortedSet<Integer> contracts) implements ControlInput {}

  /// Its peers make it likely that a subscription is silent.
  ///
  /// @param stream           or [#WHOLE]
  /// @param silentSinceNanos its last event
  /// @param witnesses        peers that say so; 0 when it has none, and is quiet for longer than
  ///     ever
  /// @param events           that the most telling of them had since
  record Suspected(int gateway, int stream, long silentSinceNanos, int witnesses, int events)
      implements ControlInput {}

  /// Its peers leave no doubt that a subscription is silent.
  record Convicted(int gateway, int stream, long silentSinceNanos, int witnesses, int events)
      implements ControlInput {}

  /// Something asked in another way has shown that there is newer data than a suspect gave.
  record Confirmed(int gateway, int stream, String how) implements ControlInput {}

  /// A suspect or convict delivers again.
  record Resumed(int gateway, int stream) implements ControlInput {}

  /// The first event of a candidate was published.
  record TookOver(int gateway, int stream) implements ControlInput {}

  /// A gateway's values are far from those of at least two others; null when they are not any
  /// more.
  record Disagrees(int gateway, int contract, @Nullable String how) implements ControlInput {}

  /// Gateways' values of a contract differ, and nobody can tell which are right; null when they
  /// do not any more.
  record Differ(int contract, @Nullable String how) implements ControlInput {}

  /// A gateway's data come later than they used to, or are ahead of their time (negative); 0 when
  /// they are in time again.
  record Lags(int gateway, long lagNanos) implements ControlInput {}

  /// An operator moves contracts.
  ///
  /// @param contracts empty for all that are active at `from`
  /// @param from      [Control#NOBODY] for wherever they are
  /// @param to        [Control#NOBODY] for the best
  record Move(SortedSet<Integer> contracts, int from, int to) implements ControlInput {}

  /// An operator lets contracts return to the best gateway, without waiting for what
  /// [ControlPolicy#failBackNanos] asks of it; they may move by themselves again.
  record Return(SortedSet<Integer> contracts) implements ControlInput {}

  /// Contracts that have not been anywhere yet are at these gateways, where they were held before
  /// this process began, and these gateways are switched off; a gateway that does not list a
  /// contract is passed over. Both are one input, since every other contract settles behind it.
  ///
  /// @param gateways by contract
  /// @param off      gateways
  record Settle(SortedMap<Integer, Integer> gateways, SortedSet<Integer> off)
      implements ControlInput {}

  /// Contracts belong to these gateways, which were not there yet when they settled. Who can, goes
  /// there now, and may leave again as if it had settled there.
  record Home(SortedMap<Integer, Integer> gateways) implements ControlInput {}

  /// An operator holds contracts where they are, or lets them go.
  record Pin(SortedSet<Integer> contracts, boolean pinned) implements ControlInput {}

  /// Contracts have another policy from now on.
  record Policy(SortedSet<Integer> contracts, FailoverPolicy policy) implements ControlInput {}

  /// An operator freezes all that moves by itself, or lets it go. What is on its way goes on.
  record Freeze(boolean frozen) implements ControlInput {}

  /// An operator switches a gateway on or off.
  record Enable(int gateway, boolean enabled) implements ControlInput {}

  /// A gateway is to be used in another way from now on; or another one takes the place of one
  /// of which nothing is wanted any more.
  ///
  /// @param plan [GatewayPlan#VACANT] for none
  record Planned(int gateway, GatewayPlan plan) implements ControlInput {
    /// Nobody is at the place any more.
    public static Planned vacant(int gateway) {
      return new Planned(gateway, GatewayPlan.VACANT);
    }
  }

  record TimePassed() implements ControlInput {}
}

package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.ArbiterPolicy;
import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.engine.LinkPolicy;
import dev.everfeed.core.engine.Offer;
import java.util.BitSet;
import java.util.List;

/// Everything about a push side's world that is decided before it begins.
///
/// @param gateways  by number
/// @param venueOf   of each gateway, the place of its venue
/// @param contracts the streams of each
/// @param rates     events a second of each stream, on the average
record StreamScenario(
    List<VenuePlan> venues,
    List<GatewayPlan> gateways,
    int[] venueOf,
    List<int[]> contracts,
    List<FailoverPolicy> policies,
    BitSet canaries,
    double[] rates,
    LinePlan[] lines,
    ControlPolicy control,
    ArbiterPolicy arbiter,
    long safetyNanos,
    boolean timersFirst,
    List<StreamFault> faults,
    List<Pause> pauses,
    List<Restart> restarts,
    List<Operation> operations)
    implements Offer {

  /// What a venue is like.
  ///
  /// @param offered    streams that it has
  /// @param identities of each of them
  /// @param refills    whether a stream's trades can be asked for by id
  /// @param newest     whether it says now and then which trade is its newest
  /// @param snapshots  events that it sends again after each subscription
  /// @param connectMost connects that it allows in [#connectWindowNanos]
  record VenuePlan(
      BitSet offered,
      Identity[] identities,
      boolean[] refills,
      boolean newest,
      int snapshots,
      int connectMost,
      long connectWindowNanos,
      LinkPolicy link) {}

  /// How far away a gateway is.
  record LinePlan(long latencyNanos, double jitter, double spikes) {}

  record Pause(long atNanos, long lengthNanos) {}

  record Restart(long atNanos, long downNanos) {}

  /// @param contract -1 for all
  /// @param to       -1 for the best
  record Operation(long atNanos, Kind kind, int gateway, int contract, int to) {
    enum Kind {
      MOVE,
      ENABLE,
      DISABLE,
      RETURN,
      PIN,
      UNPIN,
      FREEZE,
      UNFREEZE
    }
  }

  /// The same with these faults alone: nobody operates it, and our process neither stands still
  /// nor ends.
  StreamScenario withOnly(List<StreamFault> scripted) {
    return new StreamScenario(
        venues,
        gateways,
        venueOf,
        contracts,
        policies,
        canaries,
        rates,
        lines,
        control,
        arbiter,
        safetyNanos,
        timersFirst,
        scripted,
        List.of(),
        List.of(),
        List.of());
  }

  int streams() {
    return rates.length;
  }

  int contractOf(int stream) {
    int contract = 0;
    while (contracts.get(contract)[contracts.get(contract).length - 1] < stream) {
      contract++;
    }
    return contract;
  }

  VenuePlan venue(int gateway) {
    return venues.get(venueOf[gateway]);
  }

  @Override
  public boolean offers(int gateway, int stream) {
    return venue(gateway).offered().get(stream);
  }

  @Override
  public Identity identity(int gateway, int stream) {
    return venue(gateway).identities()[stream];
  }

  @Override
  public boolean refills(int gateway, int stream) {
    return venue(gateway).refills()[stream];
  }
}

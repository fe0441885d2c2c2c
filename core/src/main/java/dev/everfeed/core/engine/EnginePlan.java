package dev.everfeed.core.engine;

import dev.everfeed.core.model.Channel;
import java.util.BitSet;
import java.util.List;

/// What a [StreamEngine] is made for. Numbers of gateways, contracts and streams are places in
/// these lists.
///
/// @param gateways  at most 64
/// @param contracts the streams of each, all streams once
/// @param policies  of the contracts
/// @param canaries  streams by which whole gateways are judged
/// @param channels  of the streams; empty where nothing is known of what their events say, and
///     prices and times are not looked at
public record EnginePlan(
    List<GatewayPlan> gateways,
    List<int[]> contracts,
    List<FailoverPolicy> policies,
    BitSet canaries,
    Offer offer,
    List<Channel> channels) {
  public EnginePlan {
    gateways = List.copyOf(gateways);
    contracts = List.copyOf(contracts);
    policies = List.copyOf(policies);
    channels = List.copyOf(channels);
    if (policies.size() != contracts.size()) {
      throw new IllegalArgumentException("each contract has a policy, were %d and %d"
          .formatted(contracts.size(), policies.size()));
    }
    int streams = contracts.stream().mapToInt(own -> own.length).sum();
    if (!channels.isEmpty() && channels.size() != streams) {
      throw new IllegalArgumentException("each stream has a channel or none has, were %d and %d"
          .formatted(streams, channels.size()));
    }
  }

  /// Of streams that nothing is known of but that they have events.
  public EnginePlan(
      List<GatewayPlan> gateways,
      List<int[]> contracts,
      List<FailoverPolicy> policies,
      BitSet canaries,
      Offer offer) {
    this(gateways, contracts, policies, canaries, offer, List.of());
  }

  int streams() {
    return contracts.stream().mapToInt(own -> own.length).sum();
  }
}

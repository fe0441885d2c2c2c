package dev.everfeed.core.engine;

import java.util.BitSet;
import java.util.List;

/// What a [StreamEngine] is made for. Numbers of gateways, contracts and streams are places in
/// these lists.
///
/// @param gateways  at most 64
/// @param contracts the streams of each, all streams once
/// @param policies  of the contracts
/// @param canaries  streams by which whole gateways are judged
public record EnginePlan(
    List<GatewayPlan> gateways,
    List<int[]> contracts,
    List<FailoverPolicy> policies,
    BitSet canaries,
    Offer offer) {
  public EnginePlan {
    gateways = List.copyOf(gateways);
    contracts = List.copyOf(contracts);
    policies = List.copyOf(policies);
    if (policies.size() != contracts.size()) {
      throw new IllegalArgumentException("each contract has a policy, were %d and %d"
          .formatted(contracts.size(), policies.size()));
    }
  }

  int streams() {
    return contracts.stream().mapToInt(own -> own.length).sum();
  }
}

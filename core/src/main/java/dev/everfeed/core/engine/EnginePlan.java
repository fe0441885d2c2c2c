package dev.everfeed.core.engine;

import dev.everfeed.core.model.Channel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// What a [StreamEngine] is made for. Numbers of gateways, contracts and streams are places in
/// these lists.
///
/// @param gateways  of the first places
/// @param contracts the streams of each, all streams once
/// @param policies  of the contracts
/// @param canaries  streams by which whole gateways are judged
/// @param channels  of the streams; empty where nothing is known of what their events say, and
///     prices and times are not looked at
/// @param places    for gateways, at most 64: those beyond the first ones are vacant, until one
///     is put there ([ControlInput.Planned]). What is known of a stream is laid out by places,
///     so that each costs memory, taken or not (DESIGN section 2)
public record EnginePlan(
    List<GatewayPlan> gateways,
    List<int[]> contracts,
    List<FailoverPolicy> policies,
    BitSet canaries,
    Offer offer,
    List<Channel> channels,
    int places) {
  public EnginePlan {
    gateways = List.copyOf(gateways);
    contracts = List.copyOf(contracts);
    policies = List.copyOf(policies);
    channels = List.copyOf(channels);
    if (policies.size() != contracts.size()) {
      throw new IllegalArgumentException("each contract has a policy, were %d and %d"
          .formatted(contracts.size(), policies.size()));
    }
    if (places < gateways.size() || places > Long.SIZE) {
      throw new IllegalArgumentException("%d gateways need as many places, and %d at most, were %d"
          .formatted(gateways.size(), Long.SIZE, places));
    }
    int streams = contracts.stream().mapToInt(own -> own.length).sum();
    if (!channels.isEmpty() && channels.size() != streams) {
      throw new IllegalArgumentException("each stream has a channel or none has, were %d and %d"
          .formatted(streams, channels.size()));
    }
  }

  /// Of gateways that stay as they are.
  public EnginePlan(
      List<GatewayPlan> gateways,
      List<int[]> contracts,
      List<FailoverPolicy> policies,
      BitSet canaries,
      Offer offer,
      List<Channel> channels) {
    this(gateways, contracts, policies, canaries, offer, channels, gateways.size());
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

  /// By place; [GatewayPlan#VACANT] where nobody is.
  List<GatewayPlan> byPlace() {
    List<GatewayPlan> all = new ArrayList<>(gateways);
    while (all.size() < places) {
      all.add(GatewayPlan.VACANT);
    }
    return all;
  }

  int streams() {
    return contracts.stream().mapToInt(own -> own.length).sum();
  }
}

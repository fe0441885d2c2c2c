package dev.everfeed.hub.api;

import dev.everfeed.core.engine.Failover;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The failovers of this start of the hub, at one moment. Immutable; made by the runtime.
///
/// @param newest   the last ones, the newest first; those that go on or wait among them
/// @param counts   of all of them, forgotten ones included
/// @param stranded contracts that ail where they are, and have nowhere to go
public record FailoverHistory(List<FailoverView> newest, Counts counts, List<Stranded> stranded) {

  /// Nothing has happened, or nothing is listened to.
  public static final FailoverHistory NONE = new FailoverHistory(
      List.of(), new Counts(Map.of(), Map.of(), List.of(), 0, 0, 0, 0), List.of());

  /// Sums since the start of the hub.
  ///
  /// @param results   of those that are over
  /// @param kinds     of all
  /// @param moved     contracts; one that moved twice counts twice
  /// @param lost      events declared lost during failovers whose gateways prove it
  /// @param unproved  failovers that moved something between gateways which cannot prove it
  /// @param forgotten failovers that are over and not in the list any more
  public record Counts(
      Map<Failover.Result, Long> results,
      Map<Failover.Kind, Long> kinds,
      List<OfGateway> gateways,
      long moved,
      long lost,
      long unproved,
      long forgotten) {
    public Counts {
      results = copy(results, Failover.Result.class);
      kinds = copy(kinds, Failover.Kind.class);
      gateways = List.copyOf(gateways);
    }

    private static <K extends Enum<K>> Map<K, Long> copy(Map<K, Long> of, Class<K> type) {
      Map<K, Long> copy = new EnumMap<>(type);
      copy.putAll(of);
      return Collections.unmodifiableMap(copy);
    }
  }

  /// Of one gateway.
  ///
  /// @param left        failovers away from it, whatever came of them
  /// @param taken       failovers to it
  /// @param contracts   that were moved away from it
  /// @param convictions how often it was held to be silent or wrong, once for each contract
  public record OfGateway(
      String gateway, long left, long taken, long contracts, long convictions) {}

  /// Contracts of one gateway, for one reason.
  public record Stranded(String gateway, String reason, List<String> symbols) {
    public Stranded {
      symbols = List.copyOf(symbols);
    }
  }

  public FailoverHistory {
    newest = List.copyOf(newest);
    stranded = List.copyOf(stranded);
  }

  /// Those that go on, wait, or are told of while nothing is done.
  public List<FailoverView> open() {
    return newest.stream().filter(failover -> !failover.isOver()).toList();
  }

  Optional<FailoverView> find(String id) {
    return newest.stream().filter(failover -> failover.id().equals(id)).findFirst();
  }
}

package dev.everfeed.core.engine;

import dev.everfeed.core.model.ValueStatus;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Which gateway is subscribed to what, from which lines a stream is published, and how far its
/// newest value can be trusted: follows from where the contracts are. Owned by the [Control].
final class Routing {
  private final Fleet fleet;

  /// By stream: where it is published from while its contract moves, or has moved and it has
  /// not brought anything yet.
  private final int[] via;

  private final int[] routed;
  private final long[] lines;
  private final int[] candidates;
  private final ValueStatus[] statuses;
  private final BitSet canaries;

  // ---- by gateway
  private final BitSet[] wanted;
  private final boolean[] changed;

  Routing(Fleet fleet, BitSet canaries) {
    this.fleet = fleet;
    this.canaries = canaries;
    int streams = fleet.streams();
    this.via = filled(streams);
    this.routed = filled(streams);
    this.candidates = filled(streams);
    this.lines = new long[streams];
    this.statuses = new ValueStatus[streams];
    Arrays.fill(statuses, ValueStatus.LIVE);
    this.wanted = new BitSet[fleet.gateways.size()];
    Arrays.setAll(wanted, _ -> new BitSet(streams));
    this.changed = new boolean[fleet.gateways.size()];
  }

  private static int[] filled(int size) {
    int[] array = new int[size];
    Arrays.fill(array, Control.NOBODY);
    return array;
  }

  /// Where a stream is published from.
  int routed(int stream) {
    return routed[stream];
  }

  boolean isCandidate(int gateway, int stream) {
    return candidates[stream] == gateway;
  }

  boolean wants(int gateway, int stream) {
    return wanted[gateway].get(stream);
  }

  int wanted(int gateway) {
    return wanted[gateway].cardinality();
  }

  // ---- moves

  /// Streams whose events cannot be told apart stay where they are until the target delivers.
  void begin(Contract contract, Consumer<ControlDecision> out) {
    for (int stream : contract.streams) {
      int from = routed[stream];
      if (!fleet.gives(contract.target, stream)) {
        continue;
      }
      via[stream] = from;
      boolean lines = from != Control.NOBODY && fleet.areLines(from, contract.target, stream);
      candidate(stream, lines || from == contract.target ? Control.NOBODY : contract.target, out);
    }
    follow(contract, out);
  }

  void tookOver(int gateway, int stream, Consumer<ControlDecision> out) {
    candidates[stream] = Control.NOBODY; // it is not one any more, where it is looked for
    via[stream] = gateway;
    follow(fleet.contractOf(stream), out);
  }

  /// What has moved is published from there; what waits for its first event, stays.
  void settle(Contract contract, Consumer<ControlDecision> out) {
    for (int stream : contract.streams) {
      if (candidates[stream] == Control.NOBODY) {
        via[stream] = Control.NOBODY;
      }
    }
    follow(contract, out);
  }

  /// Back to the active gateway; what another one has taken over stays there when the active one
  /// is down.
  void rollBack(Contract contract, boolean activeIsDown, Consumer<ControlDecision> out) {
    for (int stream : contract.streams) {
      candidate(stream, Control.NOBODY, out);
      if (!activeIsDown || via[stream] == contract.active) {
        via[stream] = Control.NOBODY;
      }
    }
    follow(contract, out);
  }

  /// The gateway before is not needed any more.
  void release(Contract contract, Consumer<ControlDecision> out) {
    for (int stream : contract.streams) {
      candidate(stream, Control.NOBODY, out);
      via[stream] = Control.NOBODY;
    }
    follow(contract, out);
  }

  private void candidate(int stream, int gateway, Consumer<ControlDecision> out) {
    if (candidates[stream] != gateway) {
      candidates[stream] = gateway;
      out.accept(new ControlDecision.Candidate(stream, gateway));
    }
  }

  // ---- what follows

  /// Routes, subscriptions and statuses of a contract, as they are to be now.
  void follow(Contract contract, Consumer<ControlDecision> out) {
    for (int stream : contract.streams) {
      int gateway = gatewayOf(contract, stream);
      want(contract, stream, gateway);
      long own = linesOf(stream, gateway);
      int before = routed[stream];
      if (gateway != before || own != lines[stream]) {
        boolean anew = gateway != before
            && (before == Control.NOBODY
                || gateway == Control.NOBODY
                || !fleet.haveSameContent(before, gateway));
        routed[stream] = gateway;
        lines[stream] = own;
        out.accept(new ControlDecision.Route(stream, gateway, own, anew));
      }
      ValueStatus status = statusOf(contract, stream);
      if (status != statuses[stream]) {
        statuses[stream] = status;
        out.accept(new ControlDecision.Status(stream, status));
      }
    }
  }

  private int gatewayOf(Contract contract, int stream) {
    if (via[stream] != Control.NOBODY) {
      return via[stream];
    }
    int active = contract.active;
    return active != Control.NOBODY && fleet.gives(active, stream)
        ? active
        : fleet.elsewhere(stream, active);
  }

  private void want(Contract contract, int stream, int routedTo) {
    for (Standing each : fleet.gateways) {
      int gateway = each.number;
      boolean wants = each.enabled
          && fleet.gives(gateway, stream)
          && (gateway == routedTo
              || gateway == contract.active
              || gateway == contract.target
              || gateway == contract.prior
              || candidates[stream] == gateway
              || standsBy(each, stream));
      if (wants != wanted[gateway].get(stream)) {
        wanted[gateway].set(stream, wants);
        changed[gateway] = true;
        if (!wants) {
          Fleet.set(fleet.subscribed, stream, gateway, false);
        }
      }
    }
  }

  private boolean standsBy(Standing gateway, int stream) {
    return switch (gateway.plan.standby()) {
      case HOT -> hasRoom(gateway);
      case WARM -> canaries.get(stream) && hasRoom(gateway);
      case COLD -> false;
    };
  }

  /// A gateway that stands by never takes the connection of a better one with the same account.
  private boolean hasRoom(Standing gateway) {
    int most = gateway.plan.accountMax();
    if (most == Integer.MAX_VALUE) {
      return true;
    }
    int better = 0;
    for (Standing other : fleet.gateways) {
      if (other.number != gateway.number
          && other.enabled
          && other.plan.account().equals(gateway.plan.account())
          && Fleet.isPreferred(other, gateway)) {
        better++;
      }
    }
    return better < most;
  }

  /// Whether connecting a gateway would cost another one of its account its connection.
  boolean evicts(int gateway, int leaves) {
    Standing own = fleet.gateways.get(gateway);
    int connected = 0;
    for (Standing other : fleet.gateways) {
      boolean counts = other.number != gateway
          && other.number != leaves
          && other.plan.account().equals(own.plan.account())
          && !wanted[other.number].isEmpty();
      connected += counts ? 1 : 0;
    }
    return wanted[gateway].isEmpty() && connected >= own.plan.accountMax();
  }

  private long linesOf(int stream, int gateway) {
    if (gateway == Control.NOBODY) {
      return 0;
    }
    long all = 1L << gateway;
    for (Standing each : fleet.gateways) {
      boolean line = each.number != gateway
          && fleet.isSubscribed(each.number, stream)
          && wanted[each.number].get(stream)
          && fleet.areLines(gateway, each.number, stream);
      all |= line ? 1L << each.number : 0;
    }
    return all;
  }

  private ValueStatus statusOf(Contract contract, int stream) {
    ValueStatus best = ValueStatus.STALE;
    for (Standing each : fleet.gateways) {
      int gateway = each.number;
      if ((lines[stream] & 1L << gateway) == 0 || !fleet.isSubscribed(gateway, stream)) {
        continue;
      }
      if (fleet.isConvicted(gateway, contract)) {
        continue;
      }
      boolean doubtful = Fleet.has(fleet.suspected, stream, gateway)
          || Fleet.has(fleet.accused, stream, gateway)
          || each.isAccused()
          || each.suspected
          || each.lagNanos > 0;
      if (!doubtful) {
        return ValueStatus.LIVE;
      }
      best = ValueStatus.MAYBE_STALE;
    }
    return best;
  }

  ValueStatus status(int stream) {
    return statuses[stream];
  }

  /// Tells the gateways what is wanted of them, where it is something else than before.
  void tellWanted(Consumer<ControlDecision> out) {
    for (int gateway = 0; gateway < wanted.length; gateway++) {
      if (changed[gateway]) {
        changed[gateway] = false;
        TreeSet<Integer> streams = new TreeSet<>();
        wanted[gateway].stream().forEach(streams::add);
        out.accept(new ControlDecision.Want(gateway, streams));
      }
    }
  }

  /// For a check: streams that are wanted of a gateway.
  List<Integer> wantedOf(int gateway) {
    return wanted[gateway].stream().boxed().toList();
  }
}

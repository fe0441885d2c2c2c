package dev.everfeed.core.engine;

import dev.everfeed.core.compact.GatewaySets;
import dev.everfeed.core.model.ValueStatus;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Which gateway is subscribed to what, from which lines a stream is published, and how far its
/// newest value can be trusted: follows from where the contracts are. Owned by the [Control].
final class Routing {
  private static final ValueStatus[] STATUSES = ValueStatus.values();

  private final Fleet fleet;

  /// By stream: where it is published from while its contract moves, or has moved and it has
  /// not brought anything yet.
  private final byte[] via;

  private final byte[] routed;
  private final GatewaySets lines;
  private final byte[] candidates;
  private final byte[] statuses;
  private final BitSet canaries;

  // ---- by gateway
  private final BitSet[] wanted;
  private final boolean[] changed;

  /// Of what is being dealt with.
  private long nowNanos;

  Routing(Fleet fleet, BitSet canaries) {
    this.fleet = fleet;
    this.canaries = canaries;
    int streams = fleet.streams();
    this.via = filled(streams);
    this.routed = filled(streams);
    this.candidates = filled(streams);
    this.lines = new GatewaySets(Math.max(1, streams), fleet.gateways.size());
    this.statuses = new byte[streams];
    Arrays.fill(statuses, (byte) ValueStatus.LIVE.ordinal());
    this.wanted = new BitSet[fleet.gateways.size()];
    Arrays.setAll(wanted, _ -> new BitSet(streams));
    this.changed = new boolean[fleet.gateways.size()];
  }

  private static byte[] filled(int size) {
    byte[] array = new byte[size];
    Arrays.fill(array, (byte) Control.NOBODY);
    return array;
  }

  void now(long nanos) {
    nowNanos = nanos;
  }

  /// Where a stream is published from.
  int routed(int stream) {
    return routed[stream];
  }

  boolean wants(int gateway, int stream) {
    return wanted[gateway].get(stream);
  }

  // ---- moves

  /// Streams whose events cannot be told apart stay where they are until the target delivers.
  void begin(Contract contract, Consumer<ControlDecision> out) {
    for (int stream : contract.streams) {
      int from = routed[stream];
      if (!fleet.gives(contract.target(), stream)) {
        continue;
      }
      via[stream] = (byte) from;
      boolean lines = from != Control.NOBODY && fleet.areLines(from, contract.target(), stream);
      candidate(
          stream, lines || from == contract.target() ? Control.NOBODY : contract.target(), out);
    }
    follow(contract, out);
  }

  void tookOver(int gateway, int stream, Consumer<ControlDecision> out) {
    candidates[stream] = Control.NOBODY; // it is not one any more, where it is looked for
    via[stream] = (byte) gateway;
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
      if (!activeIsDown || via[stream] == contract.active()) {
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

  /// Whether something is published from where the contract is not.
  boolean isAstray(Contract contract) {
    for (int stream : contract.streams) {
      if (via[stream] != Control.NOBODY || candidates[stream] != Control.NOBODY) {
        return true;
      }
    }
    return false;
  }

  private void candidate(int stream, int gateway, Consumer<ControlDecision> out) {
    if (candidates[stream] != gateway) {
      candidates[stream] = (byte) gateway;
      out.accept(new ControlDecision.Candidate(stream, gateway));
    }
  }

  /// Another gateway comes to the place of one: nothing is published from there.
  void forget(int gateway, Consumer<ControlDecision> out) {
    for (int stream = 0; stream < via.length; stream++) {
      if (via[stream] == gateway) {
        via[stream] = Control.NOBODY;
      }
      if (candidates[stream] == gateway) {
        candidate(stream, Control.NOBODY, out);
      }
    }
  }

  // ---- what follows

  /// Routes, subscriptions and statuses of a contract, as they are to be now.
  void follow(Contract contract, Consumer<ControlDecision> out) {
    for (int stream : contract.streams) {
      int gateway = gatewayOf(contract, stream);
      want(contract, stream, gateway);
      long own = linesOf(contract, stream, gateway);
      int before = routed[stream];
      if (gateway != before || own != lines.get(stream)) {
        boolean anew = gateway != before
            && (before == Control.NOBODY
                || gateway == Control.NOBODY
                || !fleet.haveSameContent(before, gateway));
        routed[stream] = (byte) gateway;
        lines.set(stream, own);
        out.accept(new ControlDecision.Route(stream, gateway, own, anew));
      }
      ValueStatus status = statusOf(contract, stream);
      if (status.ordinal() != statuses[stream]) {
        statuses[stream] = (byte) status.ordinal();
        out.accept(new ControlDecision.Status(stream, status));
      }
    }
  }

  private int gatewayOf(Contract contract, int stream) {
    if (via[stream] != Control.NOBODY) {
      return via[stream];
    }
    int active = contract.active();
    if (active == Control.NOBODY || !fleet.gives(active, stream)) {
      return fleet.elsewhere(stream, active);
    }
    return isBetterWhereItIs(stream, active) ? routed[stream] : active;
  }

  /// What the active gateway did not give, and is asked for once more, stays where it is until
  /// that is acknowledged: it may be refused again.
  private boolean isBetterWhereItIs(int stream, int active) {
    int now = routed[stream];
    return now != Control.NOBODY
        && now != active
        && fleet.gateways.get(active).isUp()
        && !fleet.subscribed.has(stream, active)
        && fleet.gives(now, stream)
        && fleet.isSubscribed(now, stream);
  }

  private void want(Contract contract, int stream, int routedTo) {
    for (Standing each : fleet.gateways) {
      int gateway = each.number;
      boolean wants = each.enabled
          && fleet.gives(gateway, stream)
          && (gateway == routedTo
              || gateway == contract.active()
              || gateway == contract.target()
              || gateway == contract.prior()
              || candidates[stream] == gateway
              || standsBy(each, stream)
              || isToAgree(gateway, contract, stream))
          && mayConnect(each);
      if (wants != wanted[gateway].get(stream)) {
        wanted[gateway].set(stream, wants);
        each.wanted += wants ? 1 : -1;
        changed[gateway] = true;
        if (!wants) {
          leave(contract, stream, gateway);
        }
      }
    }
  }

  /// Who is in quarantine has to agree with the others, and can only while it is listened to.
  private boolean isToAgree(int gateway, Contract contract, int stream) {
    return wanted[gateway].get(stream) && fleet.disagrees(gateway, contract);
  }

  /// Nobody listens there any more, so that nobody would hear that it delivers again.
  private void leave(Contract contract, int stream, int gateway) {
    fleet.subscribed.remove(stream, gateway);
    fleet.suspected.remove(stream, gateway);
    fleet.found.remove(stream, gateway);
    if (fleet.accused.has(stream, gateway)) {
      fleet.accused.remove(stream, gateway);
      fleet.acquit(gateway, contract, nowNanos);
    }
  }

  private boolean standsBy(Standing gateway, int stream) {
    return switch (gateway.plan().standby()) {
      case HOT -> true;
      case WARM -> canaries.get(stream);
      case COLD -> false;
    };
  }

  // ---- where there is room

  /// As [Fleet#best], of those that have room for it.
  int pick(Contract contract, long nowNanos) {
    return fleet.best(
        contract,
        contract.active(),
        gateway -> !evicts(gateway) && fits(gateway, contract),
        nowNanos);
  }

  /// As [Fleet#lastResort], of those that have room for it.
  int lastResort(Contract contract, long nowNanos) {
    return fleet.lastResort(
        contract,
        contract.active(),
        gateway -> !evicts(gateway) && fits(gateway, contract),
        nowNanos);
  }

  /// Whether a gateway may be asked for what it does not give yet of a contract.
  boolean fits(int gateway, Contract contract) {
    Standing own = fleet.gateways.get(gateway);
    int more = 0;
    for (int stream : contract.streams) {
      more += fleet.gives(gateway, stream) && !wants(gateway, stream) ? 1 : 0;
    }
    return more == 0 || own.wanted + more <= own.plan().streamsMax();
  }

  // ---- accounts with few connections

  /// Whether a gateway may have one of its account's connections: those go to where contracts
  /// move to, then to where they are, first to those that are up, and at last to who stands by.
  private boolean mayConnect(Standing gateway) {
    int most = gateway.plan().accountMax();
    if (most == Integer.MAX_VALUE) {
      return true;
    }
    int own = claim(gateway);
    int before = 0;
    for (Standing other : fleet.gateways) {
      if (other.number != gateway.number
          && other.enabled
          && other.plan().account().equals(gateway.plan().account())) {
        int theirs = claim(other);
        before += theirs > own || (theirs == own && theirs > 0 && Fleet.isPreferred(other, gateway))
            ? 1
            : 0;
      }
    }
    return before < most;
  }

  private static final int CLAIMS_TARGET = 5;
  private static final int CLAIMS_UP = 4;
  private static final int CLAIMS_ACTIVE = 3;
  private static final int CLAIMS_PRIOR = 2;
  private static final int CLAIMS_STANDBY = 1;

  private int claim(Standing gateway) {
    int claim = gateway.plan().standby() == GatewayPlan.Standby.COLD ? 0 : CLAIMS_STANDBY;
    for (Contract contract : fleet.contracts) {
      if (contract.target() == gateway.number) {
        return CLAIMS_TARGET;
      }
      if (contract.active() == gateway.number) {
        claim = Math.max(claim, gateway.link == Link.State.HEALTHY ? CLAIMS_UP : CLAIMS_ACTIVE);
      } else if (contract.prior() == gateway.number) {
        claim = Math.max(claim, CLAIMS_PRIOR);
      }
    }
    return claim;
  }

  /// Whether connecting a gateway would cost another one of its account its connection.
  boolean evicts(int gateway) {
    Standing own = fleet.gateways.get(gateway);
    if (own.plan().accountMax() == Integer.MAX_VALUE || own.link == Link.State.HEALTHY) {
      return false;
    }
    int connected = 0;
    for (Standing other : fleet.gateways) {
      boolean counts = other.number != gateway
          && other.plan().account().equals(own.plan().account())
          && (other.link == Link.State.HEALTHY || claim(other) == CLAIMS_TARGET);
      connected += counts ? 1 : 0;
    }
    return connected >= own.plan().accountMax();
  }

  /// Lines whose prices are wrong are left out, the active one too: no reader is to be told a
  /// wrong price because somebody has not decided yet.
  private long linesOf(Contract contract, int stream, int gateway) {
    if (gateway == Control.NOBODY) {
      return 0;
    }
    long all = fleet.isQuarantined(gateway, contract) ? 0 : 1L << gateway;
    for (Standing each : fleet.gateways) {
      boolean line = each.number != gateway
          && fleet.isSubscribed(each.number, stream)
          && wanted[each.number].get(stream)
          && fleet.areLines(gateway, each.number, stream)
          && !fleet.isQuarantined(each.number, contract);
      all |= line ? 1L << each.number : 0;
    }
    boolean isReplaced = candidates[stream] != Control.NOBODY;
    return all == 0 && !isReplaced ? 1L << gateway : all;
  }

  private ValueStatus statusOf(Contract contract, int stream) {
    ValueStatus best = ValueStatus.STALE;
    for (Standing each : fleet.gateways) {
      int gateway = each.number;
      if (!lines.has(stream, gateway) || !fleet.isSubscribed(gateway, stream)) {
        continue;
      }
      if (fleet.isConvicted(gateway, contract)) {
        continue;
      }
      boolean doubtful = fleet.suspected.has(stream, gateway)
          || fleet.accused.has(stream, gateway)
          || fleet.disagrees(gateway, contract)
          || contract.differ
          || each.isAccused()
          || each.suspected
          || each.lagNanos != 0
          || hasToProveItself(each, stream);
      if (!doubtful) {
        return ValueStatus.LIVE;
      }
      best = ValueStatus.MAYBE_STALE;
    }
    return best;
  }

  /// It was convicted, and has not brought anything since: that it is connected anew, and
  /// everything acknowledged, proves nothing.
  private boolean hasToProveItself(Standing gateway, int stream) {
    return fleet.isOnProbation(gateway, nowNanos)
        && fleet.seen.newestNanos(stream, gateway.number) <= gateway.clearedNanos;
  }

  long bytes() {
    long bits = 0;
    for (BitSet each : wanted) {
      bits += each.size() / Byte.SIZE;
    }
    return 4L * via.length + lines.bytes() + bits;
  }

  ValueStatus status(int stream) {
    return STATUSES[statuses[stream]];
  }

  /// Tells the gateways what is wanted of them, where it is something else than before.
  void tellWanted(Consumer<ControlDecision> out) {
    tellWanted(true, out); // what is given up makes room in its account
    tellWanted(false, out);
  }

  private void tellWanted(boolean nothing, Consumer<ControlDecision> out) {
    for (int gateway = 0; gateway < wanted.length; gateway++) {
      if (changed[gateway] && wanted[gateway].isEmpty() == nothing) {
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

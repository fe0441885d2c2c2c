package dev.everfeed.core.engine;

import dev.everfeed.core.engine.Failover.Kind;
import dev.everfeed.core.engine.Fleet.Ailment;
import dev.everfeed.core.model.GatewayState;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What operators order (REQUIREMENTS C5), and what they could: contracts are moved, return, are
/// held where they are, have another policy; all that moves by itself is frozen. Owned by the
/// [Control].
final class Orders {
  private final Fleet fleet;
  private final Routing routing;
  private final Moves moves;
  private final Agenda agenda;

  Orders(Fleet fleet, Routing routing, Moves moves, Agenda agenda) {
    this.fleet = fleet;
    this.routing = routing;
    this.moves = moves;
    this.agenda = agenda;
  }

  // ---- moves

  void move(ControlInput.Move move, long nowNanos, Consumer<ControlDecision> out) {
    SortedSet<Integer> contracts = new TreeSet<>(move.contracts());
    if (contracts.isEmpty()) {
      for (Contract contract : fleet.contracts) {
        if (contract.active() != Control.NOBODY && contract.active() == move.from()) {
          contracts.add(contract.number);
        }
      }
    }
    for (int number : contracts) {
      Contract contract = fleet.contracts.get(number);
      int to = move.to() == Control.NOBODY ? routing.pick(contract, nowNanos) : move.to();
      boolean goes = contract.active() != Control.NOBODY
          && to != Control.NOBODY
          && whyNot(contract, to, nowNanos) == null;
      if (goes) {
        contract.placed = true;
        begin(contract, to, Kind.MANUAL, "an operator moves it", nowNanos, out);
      }
    }
  }

  void back(ControlInput.Return back, long nowNanos, Consumer<ControlDecision> out) {
    for (int number : back.contracts()) {
      Contract contract = fleet.contracts.get(number);
      Standing to = contract.active() == Control.NOBODY ? null : better(contract, nowNanos);
      if (to != null) {
        begin(contract, to.number, Kind.FAIL_BACK, "an operator returns it", nowNanos, out);
      }
      contract.placed = false;
      agenda.lookAt(contract);
    }
  }

  private void begin(
      Contract contract,
      int to,
      Kind kind,
      String why,
      long nowNanos,
      Consumer<ControlDecision> out) {
    moves.begin(contract, to, kind, new Ailment(why, false, nowNanos), nowNanos, out);
  }

  void settle(ControlInput.Settle settle) {
    settle.off().forEach(gateway -> fleet.gateways.get(gateway).enabled = false);
    settle.gateways().forEach((number, gateway) -> {
      Contract contract = fleet.contracts.get(number);
      if (contract.active() == Control.NOBODY && fleet.givesAny(gateway, contract)) {
        contract.active(gateway);
        agenda.lookAt(contract);
      }
    });
    if (!settle.off().isEmpty()) {
      agenda.lookAtAll();
    }
  }

  void home(ControlInput.Home home, long nowNanos, Consumer<ControlDecision> out) {
    home.gateways().forEach((number, gateway) -> {
      Contract contract = fleet.contracts.get(number);
      if (contract.active() != Control.NOBODY && whyNot(contract, gateway, nowNanos) == null) {
        contract.placed = false;
        begin(contract, gateway, Kind.FAIL_BACK, "it belongs there", nowNanos, out);
      }
    });
  }

  // ---- policies

  void pin(ControlInput.Pin pin, long nowNanos, Consumer<ControlDecision> out) {
    for (int number : pin.contracts()) {
      Contract contract = fleet.contracts.get(number);
      contract.pinned = pin.pinned();
      policyChanged(contract, nowNanos, out);
    }
  }

  void policy(ControlInput.Policy changed, long nowNanos, Consumer<ControlDecision> out) {
    for (int number : changed.contracts()) {
      Contract contract = fleet.contracts.get(number);
      contract.policy = changed.policy();
      policyChanged(contract, nowNanos, out);
    }
  }

  void freeze(ControlInput.Freeze freeze, long nowNanos, Consumer<ControlDecision> out) {
    fleet.frozen = freeze.frozen();
    for (Contract contract : fleet.contracts) {
      policyChanged(contract, nowNanos, out);
    }
  }

  /// What was proposed under another policy is not done; what is on its way goes on.
  private void policyChanged(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    Failover failover = contract.failover;
    if (failover != null
        && !contract.isMoving()
        && !failover.policy().equals(fleet.policyOf(contract))) {
      moves.cancel(contract, "its policy has changed", nowNanos, out);
    }
    agenda.lookAt(contract);
  }

  // ---- what would be possible

  /// Why a contract cannot be moved to a gateway now, or null.
  @Nullable
  String whyNot(Contract contract, int gateway, long nowNanos) {
    if (contract.active() == gateway) {
      return "it is there already";
    }
    if (contract.isMoving()) {
      return "it is on its way to " + moves.idOf(contract.target());
    }
    if (contract.pinned) {
      return "an operator has pinned it to " + moves.idOf(contract.active());
    }
    if (routing.evicts(gateway)) {
      return "its account allows no further connection";
    }
    if (!routing.fits(gateway, contract)) {
      return "it has no room for further subscriptions";
    }
    return fleet.whyNot(gateway, contract, nowNanos);
  }

  /// The best gateway that a contract can return to now, if there is any; how long it has been
  /// well is not asked.
  @Nullable
  Standing better(Contract contract, long nowNanos) {
    Standing best = null;
    for (Standing each : fleet.gateways) {
      if (couldReturn(contract, each)
          && (best == null || Fleet.isPreferred(each, best))
          && each.state == GatewayState.HEALTHY
          && whyNot(contract, each.number, nowNanos) == null) {
        best = each;
      }
    }
    return best;
  }

  boolean couldReturn(Contract contract, Standing to) {
    return to.number != contract.active()
        && to.isUp()
        && Fleet.isPreferred(to, fleet.gateways.get(contract.active()))
        && fleet.givesAny(to.number, contract);
  }
}

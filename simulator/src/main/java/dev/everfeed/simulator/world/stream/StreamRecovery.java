package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.engine.LinkPolicy;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.ValueStatus;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Whether all is well again after the faults, and by when it must be.
final class StreamRecovery {
  private static final long SECOND = 1_000_000_000L;

  private final StreamScenario scenario;
  private final StreamChecks checks;
  private final StreamEngine engine;

  StreamRecovery(StreamScenario scenario, StreamChecks checks, StreamEngine engine) {
    this.scenario = scenario;
    this.checks = checks;
    this.engine = engine;
  }

  /// 30 s (RESILIENCE L-1) after the longest wait that anything may be in.
  long limitNanos() {
    ControlPolicy policy = scenario.control();
    long link = 0;
    for (StreamScenario.VenuePlan venue : scenario.venues()) {
      LinkPolicy own = venue.link();
      link = Math.max(
          link,
          own.backoffCapNanos()
              + own.quietNanos()
              + own.connectWithinNanos()
              + own.answerWithinNanos()
              + venue.connectWindowNanos());
    }
    long refused = (60 + 120 + 240) * SECOND;
    return 30 * SECOND
        + link
        + refused
        + 16 * policy.reconnectNanos()
        + 16 * policy.failBackNanos()
        + 16 * policy.avoidNanos()
        + 2 * policy.cooldownNanos()
        + policy.canaryNanos()
        + policy.reinstateNanos();
  }

  /// What is not well, each with its invariant; empty when all is.
  List<String> ailments() {
    List<String> ailments = new ArrayList<>();
    Control control = engine.control();
    for (int stream = 0; stream < scenario.streams(); stream++) {
      if (checks.statuses[stream] != ValueStatus.LIVE && isOffered(stream)) {
        ailments.add("E30 stream %d is %s".formatted(stream, checks.statuses[stream].text()));
      }
    }
    for (int contract = 0; contract < scenario.contracts().size(); contract++) {
      if (control.isMoving(contract) || control.prior(contract) != Control.NOBODY) {
        ailments.add("E31 contract %d is on its way".formatted(contract));
      }
      int preferred = preferred(contract);
      if (preferred != Control.NOBODY && control.active(contract) != preferred) {
        ailments.add("E32 contract %d is at %s, not at %s"
            .formatted(
                contract,
                scenario.gateways().get(control.active(contract)).id(),
                scenario.gateways().get(preferred).id()));
      }
    }
    if (checks.ticks().waits()) {
      ailments.add("E31 events wait");
    }
    for (Failover failover : control.open()) {
      if (hasRoom(failover.from())) { // else another one of its account may have its connection
        ailments.add("E31 failover %d of contracts %s is not over: %s"
            .formatted(failover.id(), failover.contracts(), failover.trigger()));
      }
    }
    if (ailments.isEmpty()) {
      wanted(ailments);
    }
    return ailments;
  }

  private boolean isOffered(int stream) {
    int contract = scenario.contractOf(stream);
    int active = engine.control().active(contract);
    if (!moves(contract) && active != Control.NOBODY && !hasRoom(active)) {
      return false; // it stays, and others of its account may have the connection
    }
    for (int i = 0; i < scenario.gateways().size(); i++) {
      if (checks.enabled[i] && scenario.offers(i, stream) && hasRoom(i)) {
        return true;
      }
    }
    return false;
  }

  /// Where there is no room for everything, it is somewhere.
  private boolean hasRoom(int gateway) {
    GatewayPlan plan = scenario.gateways().get(gateway);
    return plan.accountMax() == Integer.MAX_VALUE && plan.streamsMax() >= scenario.streams();
  }

  private boolean moves(int contract) {
    FailoverPolicy.Kind kind = scenario.policies().get(contract).kind();
    return kind == FailoverPolicy.Kind.IMMEDIATE || kind == FailoverPolicy.Kind.DELAYED;
  }

  /// Where a contract is to be at last, or nobody where that cannot be said.
  private int preferred(int contract) {
    if (!moves(contract) || engine.control().isPlaced(contract)) {
      return Control.NOBODY;
    }
    int best = Control.NOBODY;
    for (int i = 0; i < scenario.gateways().size(); i++) {
      GatewayPlan plan = scenario.gateways().get(i);
      boolean can = checks.enabled[i] && checks.givesAny(i, contract);
      boolean connected = switch (plan.standby()) {
        case HOT -> true;
        case WARM ->
          !checks.wanted[i].isEmpty(); // without a canary there is nothing to connect for
        case COLD -> false;
      };
      if (can && (!connected || !hasRoom(i))) {
        return Control.NOBODY; // nobody returns to what is not connected
      }
      if (can
          && (best == Control.NOBODY || isPreferred(plan, scenario.gateways().get(best)))) {
        best = i;
      }
    }
    return best;
  }

  private static boolean isPreferred(GatewayPlan one, GatewayPlan other) {
    return one.priority() != other.priority()
        ? one.priority() < other.priority()
        : one.id().compareTo(other.id()) < 0;
  }

  /// Gateways are subscribed to what is active there, and to what they stand by for.
  private void wanted(List<String> ailments) {
    for (int i = 0; i < scenario.gateways().size(); i++) {
      if (!hasRoom(i)) {
        continue;
      }
      BitSet expected = new BitSet();
      for (int stream = 0; stream < scenario.streams(); stream++) {
        int contract = scenario.contractOf(stream);
        int active = engine.control().active(contract);
        boolean elsewhere = active != Control.NOBODY && !checks.gives(active, stream);
        boolean standsBy = switch (scenario.gateways().get(i).standby()) {
          case HOT -> true;
          case WARM -> scenario.canaries().get(stream);
          case COLD -> false;
        };
        if (checks.enabled[i] && checks.gives(i, stream)) {
          boolean maybe = elsewhere && checks.wanted[i].get(stream);
          expected.set(stream, active == i || standsBy || maybe);
        }
      }
      if (!expected.equals(checks.wanted[i])) {
        ailments.add("E31 of %s %s is wanted in place of %s"
            .formatted(scenario.gateways().get(i).id(), checks.wanted[i], expected));
      }
    }
  }
}

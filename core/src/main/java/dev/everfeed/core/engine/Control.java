package dev.everfeed.core.engine;

import dev.everfeed.core.engine.Failover.Kind;
import dev.everfeed.core.engine.Fleet.Ailment;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.ValueStatus;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The control machine: judges gateways, and moves contracts from one that ails to one that is
/// well. Pure; of low rate: nothing here is done for a tick. Owned by one thread.
///
/// A gateway is
///
/// | it is        | when                                                                        |
/// |--------------|-----------------------------------------------------------------------------|
/// | DISCONNECTED | switched off, or its link is down                                           |
/// | CONNECTING   | its link is on its way                                                      |
/// | UNHEALTHY    | its link is up, and it is convicted, lags, or has been well again too short |
/// | HEALTHY      | its link is up, and nothing of that                                         |
///
/// A contract is
///
/// | it is    | on                                                            | it becomes        |
/// |----------|---------------------------------------------------------------|-------------------|
/// | settled  | its gateway ails, its policy lets it move, a better one is there | moving         |
/// | settled  | a better gateway has been healthy for long enough             | moving            |
/// | settled  | an operator says so                                           | moving            |
/// | moving   | all streams are subscribed, and newer events seen, or awaited | settled, probation
/// |
/// | moving   | the deadline, or the target ails                              | settled, as before
/// |
/// | probation | its time is over                                             | settled           |
///
/// What was there before stays attached while a contract moves and in its probation. A contract
/// whose gateway ails, and for which there is nobody better, stays where it is.
public final class Control {
  /// The gateway of what has none.
  public static final int NOBODY = -1;

  private final Fleet fleet;
  private final Routing routing;
  private final ControlPolicy policy;
  private final Agenda agenda;
  private final Suspicions suspicions;
  private final Moves moves;
  private final Orders orders;
  private long nextNanos;

  /// @param gateways  by number
  /// @param contracts the numbers of the streams of each, all streams once
  /// @param policies  of the contracts
  /// @param canaries  streams by which whole gateways are judged
  public Control(
      List<GatewayPlan> gateways,
      List<int[]> contracts,
      List<FailoverPolicy> policies,
      BitSet canaries,
      ControlPolicy policy,
      Offer offer,
      Seen seen,
      long nowNanos) {
    this.policy = policy;
    this.fleet = new Fleet(gateways, contracts, policies, policy, offer, seen, nowNanos);
    this.routing = new Routing(fleet, canaries);
    this.agenda = new Agenda(fleet);
    this.suspicions = new Suspicions(fleet, policy, canaries, agenda);
    this.moves = new Moves(fleet, routing, policy, agenda);
    this.orders = new Orders(fleet, routing, moves, agenda);
    this.nextNanos = nowNanos;
    agenda.lookAtAll();
  }

  /// Takes an input in, and says what is to be done.
  public void on(ControlInput input, long nowNanos, Consumer<ControlDecision> out) {
    switch (input) {
      case ControlInput.Linked linked -> linked(linked, nowNanos);
      case ControlInput.Subscribed subscribed -> {
        // what is not wanted any more may still be acknowledged
        boolean wanted = routing.wants(subscribed.gateway(), subscribed.stream());
        if (!fleet.subscribed.has(subscribed.stream(), subscribed.gateway())) {
          fleet.gateways.get(subscribed.gateway()).subscribedNanos = nowNanos;
        }
        if (wanted) {
          fleet.subscribed.add(subscribed.stream(), subscribed.gateway());
        } else {
          fleet.subscribed.remove(subscribed.stream(), subscribed.gateway());
        }
        fleet.refused.remove(subscribed.stream(), subscribed.gateway());
        agenda.lookAt(subscribed.stream());
      }
      case ControlInput.Refused refused -> refused(refused, nowNanos);
      case ControlInput.Listed listed -> {
        for (Contract contract : fleet.contracts) {
          if (listed.contracts().contains(contract.number)) {
            fleet.unlisted.remove(contract.number, listed.gateway());
          } else {
            fleet.unlisted.add(contract.number, listed.gateway());
          }
        }
        agenda.lookAtAll();
      }
      case ControlInput.Suspected suspected -> suspicions.suspected(suspected, nowNanos, out);
      case ControlInput.Convicted convicted -> suspicions.convicted(convicted, nowNanos);
      case ControlInput.Confirmed confirmed -> suspicions.confirmed(confirmed, nowNanos);
      case ControlInput.Resumed resumed -> suspicions.resumed(resumed, nowNanos);
      case ControlInput.TookOver tookOver -> {
        routing.tookOver(tookOver.gateway(), tookOver.stream(), out);
        agenda.lookAt(tookOver.stream());
      }
      case ControlInput.Disagrees disagrees -> suspicions.disagrees(disagrees, nowNanos, out);
      case ControlInput.Differ differ -> suspicions.differ(differ, out);
      case ControlInput.Lags lags -> {
        fleet.gateways.get(lags.gateway()).lagNanos = lags.lagNanos();
        agenda.lookAtAll();
      }
      case ControlInput.Move move -> orders.move(move, nowNanos, out);
      case ControlInput.Return back -> orders.back(back, nowNanos, out);
      case ControlInput.Settle settle -> orders.settle(settle);
      case ControlInput.Home home -> orders.home(home, nowNanos, out);
      case ControlInput.Pin pin -> orders.pin(pin, nowNanos, out);
      case ControlInput.Policy changed -> orders.policy(changed, nowNanos, out);
      case ControlInput.Freeze freeze -> orders.freeze(freeze, nowNanos, out);
      case ControlInput.Enable enable -> {
        fleet.gateways.get(enable.gateway()).enabled = enable.enabled();
        agenda.lookAtAll();
      }
      case ControlInput.Planned planned -> planned(planned, nowNanos, out);
      case ControlInput.TimePassed _ -> {}
    }
    step(nowNanos, out);
  }

  // ---- what is heard

  /// Another gateway begins as at the start: without a past, and with everything to give.
  private void planned(ControlInput.Planned planned, long nowNanos, Consumer<ControlDecision> out) {
    int number = planned.gateway();
    Standing before = fleet.gateways.get(number);
    if (!mayBecome(number, planned.plan())) {
      throw new IllegalArgumentException(
          "%s is switched off before %s takes its place; it was %s, with %,d streams wanted of it"
              .formatted(
                  before.plan().id(),
                  planned.plan().id(),
                  before.enabled ? "on" : "off",
                  before.wanted));
    }
    if (before.plan().isAnother(planned.plan())) {
      moves.cancelOf(number, nowNanos, out);
      fleet.gateways.set(number, new Standing(number, planned.plan(), nowNanos));
      fleet.forget(number);
      routing.forget(number, out);
    } else {
      before.plan(planned.plan());
    }
    agenda.lookAtAll();
  }

  private void linked(ControlInput.Linked linked, long nowNanos) {
    Standing gateway = fleet.gateways.get(linked.gateway());
    Link.State before = gateway.link;
    gateway.link = linked.state();
    gateway.begins &= linked.state() == Link.State.CONNECTING;
    gateway.linkReason = linked.reason();
    if (linked.state() == Link.State.HEALTHY) {
      gateway.everUp = true;
      gateway.unreached = 0;
      gateway.failed = false;
      gateway.upNanos = nowNanos;
    } else if (before == Link.State.HEALTHY) {
      gateway.downNanos = nowNanos;
      // a connection that is given up because nothing came was dead before
      gateway.lastSignNanos =
          gateway.isAccused() ? Math.min(gateway.silentSinceNanos, nowNanos) : nowNanos;
      boolean wanted = gateway.wanted > 0;
      gateway.brokeNanos = wanted ? nowNanos : gateway.brokeNanos;
      if (wanted && !gateway.isAccused()) {
        gateway.trouble(nowNanos);
      }
      suspicions.refusedNothing(gateway);
    }
    if (linked.state() != Link.State.HEALTHY && linked.state() != before) {
      // of a connection that is no more, also of one that never had everything
      gateway.lagNanos = 0;
      suspicions.forget(gateway, nowNanos);
    }
    if (linked.state() == Link.State.DISCONNECTED) {
      gateway.failed = true;
    }
    agenda.lookAtAll();
  }

  /// What was refused is asked for again after this; each further time of a contract twice as
  /// late, up to 64 times. A link keeps to the same.
  private static final long REFUSED_NANOS = Link.REFUSED_NANOS;

  private static final int REFUSALS_MAX = 6;

  private void refused(ControlInput.Refused refused, long nowNanos) {
    fleet.refused.add(refused.stream(), refused.gateway());
    Contract contract = fleet.contractOf(refused.stream());
    if (contract.forgivesNanos == Contract.NEVER) {
      contract.forgivesNanos = nowNanos + (REFUSED_NANOS << contract.refusedAgain(REFUSALS_MAX));
    }
    agenda.lookAt(contract);
  }

  private void forgive(Contract contract, long nowNanos) {
    if (nowNanos < contract.forgivesNanos) {
      contract.lookAt(contract.forgivesNanos);
      return;
    }
    for (int stream : contract.streams) {
      fleet.refused.set(stream, 0);
    }
    contract.forgivesNanos = Contract.NEVER;
  }

  /// This process stood still; as [Suspicions#paused].
  void paused(long slipNanos, long nowNanos) {
    suspicions.paused(slipNanos, nowNanos);
  }

  // ---- what follows

  private void step(long nowNanos, Consumer<ControlDecision> out) {
    routing.now(nowNanos);
    for (Standing gateway : fleet.gateways) {
      judge(gateway, nowNanos, out);
    }
    agenda.wake(nowNanos);
    for (List<Contract> now = agenda.next(); !now.isEmpty(); now = agenda.next()) {
      for (Contract contract : now) {
        contract.dueNanos = Contract.NEVER;
        look(contract, nowNanos, out);
        routing.follow(contract, out);
        agenda.looked(contract);
      }
    }
    moves.tellBegun(out);
    moves.tellStranded(out);
    routing.tellWanted(out);
    nextNanos = agenda.nextNanos();
    for (Standing gateway : fleet.gateways) {
      nextNanos = Math.min(nextNanos, dueOf(gateway, nowNanos));
    }
  }

  /// When [ControlInput.TimePassed] has something to do.
  public long nextDeadlineNanos() {
    return nextNanos;
  }

  // ---- gateways

  private void judge(Standing gateway, long nowNanos, Consumer<ControlDecision> out) {
    suspicions.canary(gateway, nowNanos, out);
    if (gateway.clearedNanos != Long.MIN_VALUE
        && gateway.deliversSinceNanos == Contract.NEVER
        && gateway.isUp()
        && fleet.seen.newestNanos(gateway.number)
            > Math.max(gateway.clearedNanos, gateway.upNanos)) {
      gateway.deliversSinceNanos = nowNanos;
      agenda.lookAtAll(); // its streams may be live again
    }
    GatewayState state;
    String reason;
    if (!gateway.enabled) {
      state = GatewayState.DISCONNECTED;
      reason = "switched off";
    } else if (gateway.link == Link.State.DISCONNECTED) {
      state = GatewayState.DISCONNECTED;
      reason = gateway.linkReason;
    } else if (gateway.link == Link.State.CONNECTING) {
      state = GatewayState.CONNECTING;
      reason = gateway.linkReason;
    } else if (fleet.isConvicted(gateway)) {
      state = GatewayState.UNHEALTHY;
      reason = String.valueOf(gateway.accusation);
    } else if (gateway.lagNanos != 0) {
      state = GatewayState.UNHEALTHY;
      reason = gateway.lag();
    } else if (fleet.isOnProbation(gateway, nowNanos)) {
      state = GatewayState.UNHEALTHY;
      reason = gateway.deliversSinceNanos == Contract.NEVER
          ? "on probation: it was convicted, and has not delivered since"
          : "on probation: it was convicted, and delivers again";
    } else {
      state = GatewayState.HEALTHY;
      reason = gateway.isAccused()
          ? "kept, since there is nobody better: " + gateway.accusation
          : gateway.linkReason;
    }
    if (state != gateway.state) {
      out.accept(new ControlDecision.Became(gateway.number, gateway.state, state, reason));
      gateway.state = state;
      gateway.sinceNanos = nowNanos;
      gateway.healthySinceNanos = state == GatewayState.HEALTHY ? nowNanos : Contract.NEVER;
      agenda.lookAtAll();
    }
    gateway.reason = reason;
    suspicions.look(gateway, nowNanos, out);
    reconnect(gateway, nowNanos, out);
  }

  private void reconnect(Standing gateway, long nowNanos, Consumer<ControlDecision> out) {
    if (!gateway.isAccused() && gateway.state == GatewayState.HEALTHY) {
      if (nowNanos - gateway.sinceNanos >= policy.failBackNanos()) {
        gateway.reconnects = 0;
      }
      gateway.reconnectNanos = Contract.NEVER;
      return;
    }
    if (!gateway.isUp() || !gateway.isAccused()) {
      return;
    }
    if (gateway.reconnectNanos == Contract.NEVER) {
      // the first one at once, unless it has just been tried; the last gateway that there is gets
      // some time to prove the accusation wrong
      boolean atOnce = gateway.reconnects == 0 && fleet.isConvicted(gateway);
      gateway.reconnectNanos = atOnce
          ? nowNanos
          : nowNanos
              + Standing.doubled(policy.reconnectNanos(), Math.max(0, gateway.reconnects - 1));
    }
    if (nowNanos >= gateway.reconnectNanos) {
      gateway.reconnects++;
      gateway.reconnectNanos =
          nowNanos + Standing.doubled(policy.reconnectNanos(), gateway.reconnects);
      out.accept(new ControlDecision.Reconnect(gateway.number, String.valueOf(gateway.accusation)));
    }
  }

  private long dueOf(Standing gateway, long nowNanos) {
    long next = Contract.NEVER;
    if (gateway.deliversSinceNanos != Contract.NEVER) {
      next = future(gateway.deliversSinceNanos + policy.reinstateNanos(), nowNanos);
    } else if (gateway.clearedNanos != Long.MIN_VALUE && gateway.isUp()) {
      next = nowNanos + policy.reinstateNanos() / 10 + 1; // nothing calls for its first event
    }
    next = Math.min(next, suspicions.dueNanos(gateway, nowNanos));
    if (gateway.isAccused()) {
      next = Math.min(next, future(gateway.reconnectNanos, nowNanos));
    }
    return next;
  }

  static long future(long nanos, long nowNanos) {
    return nanos > nowNanos ? nanos : Contract.NEVER;
  }

  // ---- contracts

  private void look(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    suspicions.look(contract, nowNanos, out);
    forgive(contract, nowNanos);
    if (contract.active() == NOBODY) {
      if (!settleFirst(contract)) {
        return;
      }
      agenda.lookAtAccount(contract, contract.active());
    }
    if (contract.isMoving()) {
      moves.progress(contract, nowNanos, out);
      return;
    }
    Ailment ailment = fleet.ailment(contract.active(), contract, nowNanos);
    if (ailment != null) {
      ails(contract, ailment, nowNanos, out);
      return;
    }
    if (contract.ailing) {
      contract.ailing = false;
      contract.strandedTold = false;
      moves.cancel(contract, "it was well again before its time", nowNanos, out);
    }
    Standing active = fleet.gateways.get(contract.active());
    if (!active.everUp) {
      contract.lookAt(active.downNanos + policy.connectGraceNanos());
    }
    WayBack wayBack = contract.wayBack;
    if (wayBack != null) {
      if (nowNanos >= wayBack.untilNanos()) {
        contract.wayBack = null;
        routing.release(contract, out);
        agenda.lookAtAccount(contract, wayBack.to());
      } else {
        contract.lookAt(wayBack.untilNanos());
      }
    } else if (routing.isAstray(contract)) {
      routing.release(contract, out); // it could not move, and is well again
    }
    failBack(contract, nowNanos, out);
  }

  /// At the start: the preferred one of those that list it, whatever its state.
  private boolean settleFirst(Contract contract) {
    Standing best = null;
    for (Standing each : fleet.gateways) {
      if (each.enabled
          && fleet.givesAny(each.number, contract)
          && (best == null || Fleet.isPreferred(each, best))) {
        best = each;
      }
    }
    if (best == null) {
      return false;
    }
    contract.active(best.number);
    return true;
  }

  private void ails(
      Contract contract, Ailment ailment, long nowNanos, Consumer<ControlDecision> out) {
    if (!contract.ailing) {
      contract.ailing = true;
      contract.ailingSinceNanos = nowNanos;
    }
    if (contract.placed && ailment.down()) {
      contract.placed = false; // what the operator chose is gone
    }
    FailoverPolicy own = fleet.policyOf(contract);
    if (!own.moves() || nowNanos - contract.ailingSinceNanos < own.delayNanos()) {
      moves.propose(contract, ailment, nowNanos, out);
      if (own.kind() == FailoverPolicy.Kind.DELAYED) {
        contract.lookAt(contract.ailingSinceNanos + own.delayNanos());
      }
      return;
    }
    boolean cools = !ailment.down() && isCooling(contract, nowNanos);
    if (cools && !mayGoBack(contract, nowNanos)) {
      contract.lookAt(contract.switchedNanos + policy.cooldownNanos());
      return;
    }
    int to = cools ? contract.prior() : routing.pick(contract, nowNanos);
    if (to == NOBODY && ailment.down()) {
      to = routing.lastResort(contract, nowNanos);
    }
    if (to == NOBODY) {
      moves.strand(contract, ailment, nowNanos);
    } else if (moves.movingTo(to) >= policy.movesAtOnceMax()) {
      contract.lookAt(nowNanos + policy.firstTickNanos());
    } else {
      moves.begin(contract, to, Kind.FAIL_OVER, ailment, nowNanos, out);
    }
  }

  private boolean isCooling(Contract contract, long nowNanos) {
    return contract.switchedNanos != Long.MIN_VALUE
        && nowNanos - contract.switchedNanos < policy.cooldownNanos();
  }

  /// While the gateway before is still attached, the way back to it is open, and to it only.
  private boolean mayGoBack(Contract contract, long nowNanos) {
    WayBack wayBack = contract.wayBack;
    return wayBack != null
        && contract.ailingSinceNanos <= wayBack.untilNanos()
        && fleet.whyNot(wayBack.to(), contract, nowNanos) == null;
  }

  private void failBack(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    boolean mayReturn = !contract.placed && fleet.policyOf(contract).moves();
    if (!mayReturn || contract.wayBack != null) {
      return;
    }
    for (Standing each : fleet.gateways) {
      if (orders.couldReturn(contract, each)) {
        contract.lookAt(fleet.mayChangeNanos(each.number, contract, nowNanos));
      }
    }
    Standing best = orders.better(contract, nowNanos);
    if (best == null) {
      return;
    }
    long since = Math.max(best.healthySinceNanos, contract.repute(best.number).clearedNanos);
    int times = Math.max(0, best.troubles(nowNanos, policy.historyNanos()) - 1);
    long from = since + Standing.doubled(policy.failBackNanos(), times);
    if (contract.switchedNanos != Long.MIN_VALUE) {
      from = Math.max(from, contract.switchedNanos + policy.cooldownNanos());
    }
    if (nowNanos < from) {
      contract.lookAt(from);
      return;
    }
    moves.begin(
        contract,
        best.number,
        Kind.FAIL_BACK,
        new Ailment(
            "%s has been healthy for %,d ms"
                .formatted(best.plan().id(), (nowNanos - since) / 1_000_000),
            false,
            nowNanos),
        nowNanos,
        out);
  }

  /// When a contract leaves a gateway that ails, as things are now.
  public FailoverPolicy policy(int contract) {
    return fleet.policyOf(fleet.contracts.get(contract));
  }

  /// What [#policy] is while nothing is frozen or pinned.
  public FailoverPolicy ownPolicy(int contract) {
    return fleet.contracts.get(contract).policy;
  }

  /// Whether nothing moves by itself.
  public boolean isFrozen() {
    return fleet.frozen;
  }

  /// Whether a gateway can be planned in another way, or another one take its place now.
  boolean mayBecome(int gateway, GatewayPlan next) {
    Standing own = fleet.gateways.get(gateway);
    return !own.plan().isAnother(next) || (!own.enabled && own.isIdle());
  }

  /// Whether a gateway is likely to be silent.
  ///
  /// @param stream or [ControlInput#WHOLE]
  public boolean isSuspected(int gateway, int stream) {
    return suspicions.isSuspected(gateway, stream);
  }

  // ---- what operators ask

  /// Where a contract would go if it had to leave its gateway now, or [#NOBODY].
  public int best(int contract, long nowNanos) {
    return routing.pick(fleet.contracts.get(contract), nowNanos);
  }

  /// Where a contract would return to if it had not to wait, or [#NOBODY] where there is nothing
  /// better.
  public int better(int contract, long nowNanos) {
    Contract own = fleet.contracts.get(contract);
    Standing to = own.active() == NOBODY ? null : orders.better(own, nowNanos);
    return to == null ? NOBODY : to.number;
  }

  /// Whether one gateway is preferred to another: by priority, then by id.
  public boolean isPreferred(int one, int other) {
    return Fleet.isPreferred(fleet.gateways.get(one), fleet.gateways.get(other));
  }

  /// Why an operator cannot move a contract to a gateway now, or null.
  public @Nullable String whyNot(int contract, int gateway, long nowNanos) {
    return orders.whyNot(fleet.contracts.get(contract), gateway, nowNanos);
  }

  // ---- what there is

  /// Where a contract is published from, or [#NOBODY].
  public int active(int contract) {
    return fleet.contracts.get(contract).active();
  }

  /// The contract of a stream.
  int contractOf(int stream) {
    return fleet.contractOf(stream).number;
  }

  public boolean isMoving(int contract) {
    return fleet.contracts.get(contract).isMoving();
  }

  /// Where a contract is on its way to, or [#NOBODY].
  public int target(int contract) {
    return fleet.contracts.get(contract).target();
  }

  /// The gateway before, which stays attached for a way back, or [#NOBODY].
  public int prior(int contract) {
    return fleet.contracts.get(contract).prior();
  }

  /// Whether an operator has put a contract where it is, so that it does not return by itself.
  public boolean isPlaced(int contract) {
    return fleet.contracts.get(contract).placed;
  }

  /// Whether an operator holds a contract where it is.
  public boolean isPinned(int contract) {
    return fleet.contracts.get(contract).pinned;
  }

  public GatewayState state(int gateway) {
    return fleet.gateways.get(gateway).state;
  }

  public String reason(int gateway) {
    return fleet.gateways.get(gateway).reason;
  }

  public long sinceNanos(int gateway) {
    return fleet.gateways.get(gateway).sinceNanos;
  }

  public boolean isEnabled(int gateway) {
    return fleet.gateways.get(gateway).enabled;
  }

  /// How far the newest value of a stream can be trusted.
  public ValueStatus status(int stream) {
    return routing.status(stream);
  }

  /// Whether a gateway is held to be silent for a contract.
  public boolean isConvicted(int gateway, int contract) {
    return fleet.isConvicted(gateway, fleet.contracts.get(contract));
  }

  /// Whether a gateway is said to be silent or wrong for a contract, be it believed or not.
  public boolean isAccused(int gateway, int contract) {
    return fleet.isAccused(gateway, fleet.contracts.get(contract));
  }

  /// Whether a gateway can be asked for a stream: it offers it, lists its symbol, and has not
  /// refused it.
  public boolean gives(int gateway, int stream) {
    return fleet.gives(gateway, stream);
  }

  public boolean wants(int gateway, int stream) {
    return routing.wants(gateway, stream);
  }

  /// Streams that are wanted of a gateway.
  public List<Integer> wanted(int gateway) {
    return routing.wantedOf(gateway);
  }

  /// Whether nothing of a gateway is to be published for a contract while another line is there.
  boolean isQuarantined(int gateway, int contract) {
    return fleet.isQuarantined(gateway, fleet.contracts.get(contract));
  }

  /// What the state of streams and contracts takes; what moves, and is remembered of gateways
  /// in trouble, grows.
  long bytes() {
    return fleet.bytes() + routing.bytes();
  }

  /// Failovers that go on, or wait for their time or an operator.
  public List<Failover> open() {
    return moves.open();
  }
}

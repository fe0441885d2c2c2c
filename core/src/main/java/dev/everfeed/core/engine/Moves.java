package dev.everfeed.core.engine;

import dev.everfeed.core.engine.Failover.Kind;
import dev.everfeed.core.engine.Failover.Result;
import dev.everfeed.core.engine.Fleet.Ailment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Contracts on their way from one gateway to another: begins what is decided, sees it through or
/// rolls it back, and keeps the account of it, a [Failover] for all contracts that leave the same
/// gateway for the same one. Owned by the [Control].
final class Moves {
  private final Fleet fleet;
  private final Routing routing;
  private final ControlPolicy policy;
  private final Agenda agenda;

  /// Those that go on or wait, by what makes two contracts' moves one failover.
  private final Map<String, Failover> open = new LinkedHashMap<>();

  /// Those that are not told yet: first all contracts that leave now are to be in them.
  private final Set<Failover> begun = new LinkedHashSet<>();

  private final Map<Failover, Long> lostBefore = new LinkedHashMap<>();
  private final Map<Integer, Map<String, List<Integer>>> stranded = new TreeMap<>();
  private long failovers;

  Moves(Fleet fleet, Routing routing, ControlPolicy policy, Agenda agenda) {
    this.fleet = fleet;
    this.routing = routing;
    this.policy = policy;
    this.agenda = agenda;
  }

  void begin(
      Contract contract,
      int to,
      Kind kind,
      Ailment why,
      long nowNanos,
      Consumer<ControlDecision> out) {
    Failover failover = contract.failover;
    boolean isProposed = failover != null
        && failover.to() == to
        && failover.kind() == kind
        && failover.policy().equals(fleet.policyOf(contract));
    if (failover == null || !isProposed) {
      cancel(contract, "something else was done", nowNanos, out);
      failover =
          join(contract, to, kind, fleet.policyOf(contract), why, Result.PENDING, nowNanos, out);
    }
    failover.started(nowNanos);
    contract.failover = failover;
    boolean begins = fleet.gateways.get(to).link != Link.State.HEALTHY;
    fleet.gateways.get(to).begins |= begins;
    contract.journey = new Journey(to, begins, nowNanos, nowNanos + policy.deadlineNanos());
    contract.wayBack = null;
    lostBefore.merge(failover, lost(contract), Long::sum);
    routing.begin(contract, out);
    agenda.lookAtAccount(contract, to);
  }

  /// The failover of all contracts that leave the same gateway for the same one, for the same
  /// kind of reason, while it goes on.
  private Failover join(
      Contract contract,
      int to,
      Kind kind,
      FailoverPolicy own,
      Ailment why,
      Result result,
      long nowNanos,
      Consumer<ControlDecision> out) {
    String key = "%d %d %s %s %s".formatted(contract.active(), to, kind, own, result);
    Failover known = open.get(key);
    if (known != null && known.decidedNanos() >= nowNanos - policy.deadlineNanos()) {
      known.add(contract.number);
      return known;
    }
    long since = contract.ailing ? contract.ailingSinceNanos : nowNanos;
    Failover made = new Failover(
        ++failovers,
        kind,
        own,
        contract.active(),
        to,
        why.what(),
        Math.min(why.silentSinceNanos(), since),
        since,
        nowNanos);
    made.step(why.silentSinceNanos(), "the last sign of life of " + idOf(contract.active()));
    made.step(since, "%s: %s".formatted(idOf(contract.active()), why.what()));
    explainChoice(made, contract, to, nowNanos);
    made.add(contract.number);
    open.put(key, made);
    begun.add(made);
    return made;
  }

  private void explainChoice(Failover failover, Contract contract, int to, long nowNanos) {
    for (Standing each : fleet.gateways) {
      if (each.number == contract.active() || each.isVacant()) {
        continue;
      }
      String whyNot = fleet.whyNot(each.number, contract, nowNanos);
      String said = each.number == to
          ? "is chosen: priority %d, %s"
              .formatted(
                  each.plan().priority(),
                  fleet.haveSameContent(to, contract.active())
                      ? "the same content"
                      : "other content")
          : "is not chosen: " + (whyNot == null ? "it comes later" : whyNot);
      failover.step(nowNanos, each.plan().id() + " " + said);
    }
  }

  String idOf(int gateway) {
    return gateway == Control.NOBODY
        ? "nobody"
        : fleet.gateways.get(gateway).plan().id();
  }

  /// Tells once what is not done: because the policy says so, or not yet.
  void propose(Contract contract, Ailment ailment, long nowNanos, Consumer<ControlDecision> out) {
    if (contract.failover != null) {
      return;
    }
    int to = routing.pick(contract, nowNanos);
    FailoverPolicy own = fleet.policyOf(contract);
    boolean shadow = own.kind() == FailoverPolicy.Kind.SHADOW;
    contract.failover = join(
        contract,
        to,
        Kind.FAIL_OVER,
        own,
        ailment,
        shadow ? Result.SHADOW : Result.PENDING,
        nowNanos,
        out);
  }

  /// What was only proposed is not done.
  void cancel(Contract contract, String why, long nowNanos, Consumer<ControlDecision> out) {
    Failover failover = contract.failover;
    contract.failover = null;
    if (failover == null) {
      return;
    }
    boolean shadow =
        failover.policy().kind() == FailoverPolicy.Kind.SHADOW && failover.kind() == Kind.FAIL_OVER;
    failover.stayed(contract.number, shadow ? "the policy is shadow" : why);
    endIfDone(failover, shadow ? Result.SHADOW : Result.CANCELLED, nowNanos, out);
  }

  /// What was proposed from or to a gateway that is taken away is not done, nor is what is on its
  /// way gone on with.
  void cancelOf(int gateway, long nowNanos, Consumer<ControlDecision> out) {
    for (Contract contract : fleet.contracts) {
      Failover failover = contract.failover;
      if (failover != null && (failover.from() == gateway || failover.to() == gateway)) {
        String why = idOf(gateway) + " is taken away";
        if (contract.isMoving()) {
          stay(contract, why, nowNanos, out);
        } else {
          cancel(contract, why, nowNanos, out);
        }
      }
    }
  }

  void progress(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    Journey journey = going(contract);
    Ailment ailment = targetAils(contract, journey, nowNanos);
    if (ailment != null) {
      stay(contract, "%s %s".formatted(idOf(journey.to), ailment.what()), nowNanos, out);
      return;
    }
    boolean subscribed = true;
    boolean moved = false;
    for (int stream : contract.streams) {
      if (fleet.gives(journey.to, stream)) {
        subscribed &= fleet.isSubscribed(journey.to, stream);
        moved |= hasMoved(journey, stream); // the others follow with their first event
      }
    }
    if (subscribed && journey.subscribedNanos == Contract.NEVER) {
      journey.subscribedNanos = nowNanos;
    }
    boolean waited = subscribed && nowNanos - journey.subscribedNanos >= policy.firstTickNanos();
    if (subscribed && (moved || waited)) {
      arrive(contract, !moved, nowNanos, out);
    } else if (nowNanos >= journey.deadlineNanos) {
      stay(
          contract,
          "not subscribed at %s within %,d ms"
              .formatted(idOf(journey.to), policy.deadlineNanos() / 1_000_000),
          nowNanos,
          out);
    } else {
      contract.lookAt(journey.deadlineNanos);
      if (subscribed) {
        contract.lookAt(journey.subscribedNanos + policy.firstTickNanos());
        contract.lookAt(nowNanos + LOOK_EVERY_NANOS); // nothing calls for each event
      }
    }
  }

  private static final long LOOK_EVERY_NANOS = 5_000_000;

  private @Nullable Ailment targetAils(Contract contract, Journey journey, long nowNanos) {
    Standing target = fleet.gateways.get(journey.to);
    boolean begins = target.link != Link.State.HEALTHY
        && journey.begins
        && !(target.failed && target.downNanos >= journey.startedNanos);
    if (begins && target.enabled && fleet.givesAny(journey.to, contract)) {
      return null;
    }
    Ailment own = fleet.ailment(contract.active(), contract, nowNanos);
    return own != null && own.down()
        ? fleet.failure(journey.to, contract, nowNanos) // late is better than nothing
        : fleet.ailment(journey.to, contract, nowNanos);
  }

  /// Whether a stream is published from the target, or would be as soon as it brings something
  /// that its other lines have not had.
  private boolean hasMoved(Journey journey, int stream) {
    int target = journey.to;
    int from = routing.routed(stream);
    if (from == target) {
      return true;
    }
    if (from == Control.NOBODY || !fleet.areLines(from, target, stream)) {
      return false; // it takes over with its first event
    }
    long newest = fleet.seen.newestNanos(stream, target);
    return newest != Long.MIN_VALUE
        && (newest >= journey.startedNanos
            || newest >= fleet.seen.newestNanos(stream, from) - LINES_APART_NANOS);
  }

  /// Two lines of one content bring the same event within this, most of the time.
  private static final long LINES_APART_NANOS = 50_000_000;

  private void arrive(
      Contract contract, boolean waits, long nowNanos, Consumer<ControlDecision> out) {
    int from = contract.active();
    int to = contract.target();
    Failover failover = taking(contract);
    contract.active(to);
    contract.journey = null;
    contract.wayBack = new WayBack(from, nowNanos + policy.probationNanos());
    contract.switchedNanos = nowNanos;
    contract.failover = null;
    contract.ailing = false;
    contract.strandedTold = false;
    if (contract.repute(to).avoided > 0) {
      contract.noted(to).avoided = 0;
    }
    failover.moved(contract.number, waits, nowNanos);
    routing.settle(contract, out);
    if (!fleet.haveSameContent(from, to)) {
      out.accept(new ControlDecision.SourceChanged(contract.number, from, to, failover.id()));
    }
    endIfDone(failover, Result.EXECUTED, nowNanos, out);
    agenda.lookAtAccount(contract, to);
  }

  /// The contract stays where it was: rollback.
  private void stay(Contract contract, String why, long nowNanos, Consumer<ControlDecision> out) {
    int to = contract.target();
    Failover failover = taking(contract);
    contract.journey = null;
    contract.failover = null;
    Standing target = fleet.gateways.get(to);
    if (target.link != Link.State.HEALTHY && nowNanos >= target.unreachedUntilNanos) {
      target.unreachedUntilNanos =
          nowNanos + Standing.doubled(policy.avoidNanos(), target.unreached++);
    }
    Repute repute = contract.noted(to);
    repute.avoidUntilNanos = nowNanos + Standing.doubled(policy.avoidNanos(), repute.avoided++);
    Ailment own = fleet.ailment(contract.active(), contract, nowNanos);
    routing.rollBack(contract, own != null && own.down(), out);
    failover.stayed(contract.number, why);
    failover.step(nowNanos, "contract %d stays: %s".formatted(contract.number, why));
    endIfDone(failover, Result.FAILED, nowNanos, out);
    agenda.lookAtAccount(contract, to);
  }

  private static Journey going(Contract contract) {
    Journey journey = contract.journey;
    if (journey == null) {
      throw new IllegalStateException("contract %d does not move".formatted(contract.number));
    }
    return journey;
  }

  private static Failover taking(Contract contract) {
    Failover failover = contract.failover;
    if (failover == null) {
      throw new IllegalStateException(
          "contract %d moves without a failover".formatted(contract.number));
    }
    return failover;
  }

  private void endIfDone(
      Failover failover, Result result, long nowNanos, Consumer<ControlDecision> out) {
    if (failover.isMoving()) {
      return;
    }
    open.values().remove(failover);
    Long before = lostBefore.remove(failover);
    long lost = before == null || !provesLoss(failover) ? -1 : lost(failover) - before;
    Result whole = failover.migrated().isEmpty()
        ? result
        : failover.unmigrated().isEmpty() ? Result.EXECUTED : Result.PARTIAL;
    failover.step(
        nowNanos,
        "%s: %d moved, %d stayed"
            .formatted(
                whole.text(), failover.migrated().size(), failover.unmigrated().size()));
    failover.end(whole, lost, nowNanos);
    if (!begun.contains(failover)) {
      out.accept(new ControlDecision.Ended(failover));
    }
  }

  private boolean provesLoss(Failover failover) {
    return failover.to() != Control.NOBODY && fleet.haveSameContent(failover.from(), failover.to());
  }

  private long lost(Failover failover) {
    long lost = 0;
    for (int contract : failover.contracts()) {
      lost += lost(fleet.contracts.get(contract));
    }
    return lost;
  }

  private long lost(Contract contract) {
    long lost = 0;
    for (int stream : contract.streams) {
      lost += fleet.seen.lost(stream);
    }
    return lost;
  }

  // ---- what is told once all that belongs to it is known

  void strand(Contract contract, Ailment ailment, long nowNanos) {
    for (Standing each : fleet.gateways) {
      contract.lookAt(fleet.mayChangeNanos(each.number, contract, nowNanos));
    }
    if (!contract.strandedTold) {
      contract.strandedTold = true;
      stranded
          .computeIfAbsent(contract.active(), _ -> new LinkedHashMap<>())
          .computeIfAbsent(ailment.what(), _ -> new ArrayList<>())
          .add(contract.number);
    }
  }

  void tellBegun(Consumer<ControlDecision> out) {
    for (Failover failover : begun) {
      out.accept(new ControlDecision.Began(failover));
      if (failover.endedNanos() >= 0) {
        out.accept(new ControlDecision.Ended(failover));
      }
    }
    begun.clear();
  }

  void tellStranded(Consumer<ControlDecision> out) {
    stranded.forEach((gateway, reasons) -> reasons.forEach((reason, contracts) ->
        out.accept(new ControlDecision.NoBackup(gateway, List.copyOf(contracts), reason))));
    stranded.clear();
  }

  /// How many contracts are on their way to a gateway.
  int movingTo(int gateway) {
    int count = 0;
    for (Contract contract : fleet.contracts) {
      count += contract.target() == gateway ? 1 : 0;
    }
    return count;
  }

  /// Failovers that go on, or wait for their time or an operator.
  List<Failover> open() {
    return List.copyOf(open.values());
  }
}

package dev.everfeed.core.engine;

import dev.everfeed.core.engine.ControlDecision.PriceJudged;
import dev.everfeed.core.engine.ControlDecision.PriceVerdict;
import dev.everfeed.core.engine.Failover.Kind;
import dev.everfeed.core.engine.Failover.Result;
import dev.everfeed.core.engine.Fleet.Ailment;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.ValueStatus;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
  private final BitSet canaries;
  private final Set<Integer> toLookAt = new LinkedHashSet<>();
  private final Set<Integer> due = new TreeSet<>();

  /// Those that go on or wait, by what makes two contracts' moves one failover.
  private final Map<String, Failover> open = new LinkedHashMap<>();

  /// Those that are not told yet: first all contracts that leave now are to be in them.
  private final Set<Failover> begun = new LinkedHashSet<>();

  private final Map<Failover, Long> lostBefore = new LinkedHashMap<>();
  private final Map<Integer, Map<String, List<Integer>>> stranded = new TreeMap<>();
  private long failovers;
  private long nextNanos;

  /// After a pause of this process, when what has come meanwhile is read.
  private long settledNanos = Long.MIN_VALUE;

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
    this.canaries = canaries;
    this.fleet = new Fleet(gateways, contracts, policies, policy, offer, seen, nowNanos);
    this.routing = new Routing(fleet, canaries);
    this.nextNanos = nowNanos;
    lookAtAll();
  }

  /// Takes an input in, and says what is to be done.
  public void on(ControlInput input, long nowNanos, Consumer<ControlDecision> out) {
    switch (input) {
      case ControlInput.Linked linked -> linked(linked, nowNanos);
      case ControlInput.Subscribed subscribed -> {
        // what is not wanted any more may still be acknowledged
        boolean wanted = routing.wants(subscribed.gateway(), subscribed.stream());
        if (!Fleet.has(fleet.subscribed, subscribed.stream(), subscribed.gateway())) {
          fleet.gateways.get(subscribed.gateway()).subscribedNanos = nowNanos;
        }
        Fleet.set(fleet.subscribed, subscribed.stream(), subscribed.gateway(), wanted);
        Fleet.set(fleet.refused, subscribed.stream(), subscribed.gateway(), false);
        lookAt(subscribed.stream());
      }
      case ControlInput.Refused refused -> refused(refused, nowNanos);
      case ControlInput.Listed listed -> {
        for (Contract contract : fleet.contracts) {
          long bit = 1L << listed.gateway();
          contract.listed = listed.contracts().contains(contract.number)
              ? contract.listed | bit
              : contract.listed & ~bit;
        }
        lookAtAll();
      }
      case ControlInput.Suspected suspected -> suspected(suspected, nowNanos, out);
      case ControlInput.Convicted convicted -> {
        String how = "silent while %d others had up to %,d events"
            .formatted(convicted.witnesses(), convicted.events());
        if (fleet.areWitnesses(convicted.gateway(), convicted.stream(), nowNanos)) {
          accuse(
              convicted.gateway(), convicted.stream(), how, convicted.silentSinceNanos(), nowNanos);
        } else {
          found(convicted.gateway(), convicted.stream(), how);
        }
      }
      case ControlInput.Confirmed confirmed -> {
        if (isSuspected(confirmed.gateway(), confirmed.stream())) {
          accuse(
              confirmed.gateway(),
              confirmed.stream(),
              "silent: " + confirmed.how(),
              silentSince(confirmed.gateway(), confirmed.stream(), nowNanos),
              nowNanos);
        }
      }
      case ControlInput.Resumed resumed -> resumed(resumed, nowNanos);
      case ControlInput.TookOver tookOver -> {
        routing.tookOver(tookOver.gateway(), tookOver.stream(), out);
        lookAt(tookOver.stream());
      }
      case ControlInput.Disagrees disagrees -> disagrees(disagrees, nowNanos, out);
      case ControlInput.Differ differ -> differ(differ, out);
      case ControlInput.Lags lags -> {
        fleet.gateways.get(lags.gateway()).lagNanos = lags.lagNanos();
        lookAtAll();
      }
      case ControlInput.Move move -> move(move, nowNanos, out);
      case ControlInput.Enable enable -> {
        fleet.gateways.get(enable.gateway()).enabled = enable.enabled();
        lookAtAll();
      }
      case ControlInput.TimePassed _ -> {}
    }
    step(nowNanos, out);
  }

  // ---- what is heard

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
      gateway.lagNanos = 0; // of a connection that is no more
      forget(gateway, nowNanos);
    }
    if (linked.state() == Link.State.DISCONNECTED) {
      gateway.failed = true;
    }
    lookAtAll();
  }

  /// Another connection begins without a reputation, but not without a probation.
  private void forget(Standing gateway, long nowNanos) {
    for (int stream = 0; stream < fleet.streams(); stream++) {
      Fleet.set(fleet.subscribed, stream, gateway.number, false);
      Fleet.set(fleet.suspected, stream, gateway.number, false);
      Fleet.set(fleet.accused, stream, gateway.number, false);
      Fleet.set(fleet.refused, stream, gateway.number, false);
    }
    gateway.suspected = false;
    gateway.found = null;
    gateway.clear(nowNanos);
    for (Contract contract : fleet.contracts) {
      if (contract.repute(gateway.number).found != null) {
        contract.noted(gateway.number).found = null;
      }
      fleet.acquit(gateway.number, contract, nowNanos); // of silence, not of wrong prices
    }
  }

  private void suspected(
      ControlInput.Suspected suspected, long nowNanos, Consumer<ControlDecision> out) {
    int gateway = suspected.gateway();
    if (suspected.stream() == ControlInput.WHOLE) {
      Standing standing = fleet.gateways.get(gateway);
      standing.suspected = true;
      standing.silentSinceNanos = suspected.silentSinceNanos();
      standing.suspectedNanos = nowNanos;
      standing.lineSeenNanos = Contract.NEVER;
      standing.confirmNanos = nowNanos + CONFIRM_EVERY_NANOS;
      lookAtAll();
    } else {
      Fleet.set(fleet.suspected, suspected.stream(), gateway, true);
      Contract contract = fleet.contractOf(suspected.stream());
      Repute repute = contract.noted(gateway);
      repute.silentSinceNanos = suspected.silentSinceNanos();
      repute.suspectedNanos = nowNanos;
      repute.lineSeenNanos = Contract.NEVER;
      contract.confirmNanos = Math.min(contract.confirmNanos, nowNanos + CONFIRM_EVERY_NANOS);
      toLookAt.add(contract.number);
    }
    out.accept(
        new ControlDecision.Confirm(gateway, suspected.stream(), suspected.silentSinceNanos()));
  }

  /// Beyond the lateness that a suspicion has waited for: as much again as is allowed to a line
  /// of which nothing is known ([PeerClockPolicy#USUAL]).
  private static final long LINE_LATE_NANOS = 250_000_000L;

  /// One witness suspects and does not convict, since what is busy elsewhere need not be busy
  /// here. Another line of the same content is more than that: it brings the very events that
  /// the suspect lacks, so that there is no halt, and nobody else need be asked. It is waited
  /// for from when the line was first seen to go on: after a halt one line is the first, and
  /// the others follow.
  private void convictByLine(Standing gateway, long nowNanos) {
    boolean suspect = gateway.suspected && !gateway.isAccused() && gateway.isUp();
    if (!suspect
        || nowNanos < settledNanos
        || fleet.seen.newestNanos(gateway.number) > gateway.suspectedNanos) {
      return;
    }
    String found = gateway.found;
    if (found != null
        && fleet.areWitnesses(
            gateway.number, ControlInput.WHOLE, gateway.suspectedNanos, nowNanos)) {
      accuse(gateway.number, ControlInput.WHOLE, found, gateway.silentSinceNanos, nowNanos);
      return;
    }
    Standing line =
        fleet.lineThatGoesOn(gateway.number, ControlInput.WHOLE, gateway.suspectedNanos, nowNanos);
    if (line == null) {
      gateway.lineSeenNanos = Contract.NEVER;
    } else if (gateway.lineSeenNanos == Contract.NEVER) {
      gateway.lineSeenNanos = nowNanos;
    } else if (nowNanos - gateway.lineSeenNanos >= LINE_LATE_NANOS) {
      accuse(
          gateway.number,
          ControlInput.WHOLE,
          "silent while %s of the same source goes on".formatted(line.plan.id()),
          gateway.silentSinceNanos,
          nowNanos);
    }
  }

  /// The peers' clock says it once. Who could witness it may be a suspect at that moment, and be
  /// cleared in the next: it is not forgotten while the suspicion lasts.
  private void found(int gateway, int stream, String how) {
    if (isSuspected(gateway, stream)) {
      if (stream == ControlInput.WHOLE) {
        fleet.gateways.get(gateway).found = how;
      } else {
        fleet.contractOf(stream).noted(gateway).found = how;
        lookAt(stream);
      }
    }
  }

  /// This process stood still: what a suspect has brought meanwhile may not be read yet, though
  /// what others have is. Nobody is convicted by them until that has had the time to be; what was
  /// seen before stays seen, or a machine that stands still often would never convict anybody.
  ///
  /// @param slipNanos for so long
  void paused(long slipNanos, long nowNanos) {
    settledNanos = nowNanos + Math.clamp(slipNanos, SETTLE_LEAST_NANOS, SETTLE_MOST_NANOS);
    for (Standing gateway : fleet.gateways) {
      if (gateway.lineSeenNanos != Contract.NEVER) {
        gateway.lineSeenNanos += slipNanos;
      }
    }
    for (Contract contract : fleet.contracts) {
      contract.paused(slipNanos);
    }
  }

  /// What has piled up in sockets is read in one round of the loop, and another one.
  private static final long SETTLE_LEAST_NANOS = 50_000_000;

  private static final long SETTLE_MOST_NANOS = 1_000_000_000;

  private void convictByLine(Contract contract, long nowNanos) {
    for (int stream : contract.streams) {
      long suspects = fleet.suspected[stream] & ~fleet.accused[stream];
      for (long left = suspects; left != 0; left &= left - 1) {
        convictByLine(contract, stream, Long.numberOfTrailingZeros(left), nowNanos);
      }
    }
  }

  private void convictByLine(Contract contract, int stream, int gateway, long nowNanos) {
    Repute repute = contract.repute(gateway);
    long since = repute.suspectedNanos;
    if (fleet.seen.newestNanos(stream, gateway) > since) {
      return;
    }
    if (nowNanos < settledNanos) {
      contract.lookAt(settledNanos);
      return;
    }
    String found = repute.found;
    if (found != null) {
      if (fleet.areWitnesses(gateway, stream, since, nowNanos)) {
        accuse(gateway, stream, found, repute.silentSinceNanos, nowNanos);
        return;
      }
      contract.lookAt(nowNanos + LINE_LATE_NANOS); // nothing calls for events of witnesses
    }
    Standing line = fleet.lineThatGoesOn(gateway, stream, since, nowNanos);
    if (line == null) {
      contract.noted(gateway).lineSeenNanos = Contract.NEVER;
      if (fleet.hasLineThatMayGoOn(gateway, stream, nowNanos)) {
        contract.lookAt(nowNanos + LINE_LATE_NANOS); // nothing calls for its events
      }
    } else if (repute.lineSeenNanos == Contract.NEVER) {
      contract.noted(gateway).lineSeenNanos = nowNanos;
      contract.lookAt(nowNanos + LINE_LATE_NANOS);
    } else if (nowNanos - repute.lineSeenNanos < LINE_LATE_NANOS) {
      contract.lookAt(repute.lineSeenNanos + LINE_LATE_NANOS);
    } else {
      accuse(
          gateway,
          stream,
          "silent while %s of the same source goes on".formatted(line.plan.id()),
          repute.silentSinceNanos,
          nowNanos);
    }
  }

  /// An answer may be lost, or come too early to show anything: a suspect is asked about again.
  private static final long CONFIRM_EVERY_NANOS = 10_000_000_000L;

  private void confirmAgain(Standing gateway, long nowNanos, Consumer<ControlDecision> out) {
    if (gateway.suspected
        && !gateway.isAccused()
        && gateway.isUp()
        && nowNanos >= gateway.confirmNanos) {
      gateway.confirmNanos = nowNanos + CONFIRM_EVERY_NANOS;
      out.accept(new ControlDecision.Confirm(
          gateway.number, ControlInput.WHOLE, gateway.silentSinceNanos));
    }
  }

  private void confirmAgain(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    if (contract.confirmNanos == Contract.NEVER) {
      return;
    }
    boolean asks = nowNanos >= contract.confirmNanos;
    boolean any = false;
    for (int stream : contract.streams) {
      long suspects = fleet.suspected[stream] & ~fleet.accused[stream];
      any |= suspects != 0;
      for (long left = asks ? suspects : 0; left != 0; left &= left - 1) {
        int gateway = Long.numberOfTrailingZeros(left);
        long newest = fleet.seen.newestNanos(stream, gateway);
        out.accept(new ControlDecision.Confirm(
            gateway, stream, Math.max(newest, fleet.gateways.get(gateway).upNanos)));
      }
    }
    if (asks) {
      contract.confirmNanos = nowNanos + CONFIRM_EVERY_NANOS;
    }
    if (any) {
      contract.lookAt(contract.confirmNanos);
    } else {
      contract.confirmNanos = Contract.NEVER;
    }
  }

  /// What was refused is asked for again after this; each further time of a contract twice as
  /// late, up to 64 times. A link keeps to the same.
  private static final long REFUSED_NANOS = Link.REFUSED_NANOS;

  private static final int REFUSALS_MAX = 6;

  private void refused(ControlInput.Refused refused, long nowNanos) {
    Fleet.set(fleet.refused, refused.stream(), refused.gateway(), true);
    Contract contract = fleet.contractOf(refused.stream());
    if (contract.forgivesNanos == Contract.NEVER) {
      contract.forgivesNanos =
          nowNanos + (REFUSED_NANOS << Math.min(contract.refusals++, REFUSALS_MAX));
    }
    toLookAt.add(contract.number);
  }

  private void forgive(Contract contract, long nowNanos) {
    if (nowNanos < contract.forgivesNanos) {
      contract.lookAt(contract.forgivesNanos);
      return;
    }
    for (int stream : contract.streams) {
      fleet.refused[stream] = 0;
    }
    contract.forgivesNanos = Contract.NEVER;
  }

  /// Whether a gateway is likely to be silent.
  ///
  /// @param stream or [ControlInput#WHOLE]
  public boolean isSuspected(int gateway, int stream) {
    return stream == ControlInput.WHOLE
        ? fleet.gateways.get(gateway).suspected
        : Fleet.has(fleet.suspected, stream, gateway);
  }

  private long silentSince(int gateway, int stream, long nowNanos) {
    long since = stream == ControlInput.WHOLE
        ? fleet.gateways.get(gateway).silentSinceNanos
        : fleet.contractOf(stream).repute(gateway).silentSinceNanos;
    return since == Long.MIN_VALUE ? nowNanos : since;
  }

  private void accuse(int gateway, int stream, String what, long silentSinceNanos, long nowNanos) {
    if (stream == ControlInput.WHOLE) {
      Standing standing = fleet.gateways.get(gateway);
      if (!standing.isAccused()) {
        standing.trouble(nowNanos);
        standing.silentSinceNanos = silentSinceNanos;
      }
      standing.accuse(what, nowNanos);
      lookAtAll();
    } else {
      Fleet.set(fleet.accused, stream, gateway, true);
      Contract contract = fleet.contractOf(stream);
      contract.noted(gateway).silentSinceNanos = silentSinceNanos;
      contract.noted(gateway).accuse(what, nowNanos);
      lookAt(stream);
    }
  }

  private void resumed(ControlInput.Resumed resumed, long nowNanos) {
    int gateway = resumed.gateway();
    if (resumed.stream() == ControlInput.WHOLE) {
      Standing standing = fleet.gateways.get(gateway);
      standing.suspected = false;
      standing.found = null;
      standing.resumedNanos = nowNanos;
      standing.clear(nowNanos);
      lookAtAll();
      return;
    }
    int stream = resumed.stream();
    Fleet.set(fleet.suspected, stream, gateway, false);
    Fleet.set(fleet.accused, stream, gateway, false);
    Contract contract = fleet.contractOf(stream);
    if (contract.repute(gateway).found != null) {
      contract.noted(gateway).found = null;
    }
    fleet.acquit(gateway, contract, nowNanos);
    lookAt(stream);
  }

  private void disagrees(
      ControlInput.Disagrees disagrees, long nowNanos, Consumer<ControlDecision> out) {
    Contract contract = fleet.contracts.get(disagrees.contract());
    int gateway = disagrees.gateway();
    String how = disagrees.how();
    boolean before = fleet.disagrees(gateway, contract);
    if (how == null) {
      contract.disagrees &= ~(1L << gateway);
      fleet.acquit(gateway, contract, nowNanos);
      if (before) {
        out.accept(new PriceJudged(
            contract.number, gateway, PriceVerdict.AGREES, "it agrees with the others again"));
      }
    } else {
      contract.disagrees |= 1L << gateway;
      contract.noted(gateway).accuse(how, nowNanos);
      if (!before) {
        boolean convicted = fleet.isConvicted(gateway, contract);
        out.accept(new PriceJudged(
            contract.number,
            gateway,
            convicted ? PriceVerdict.QUARANTINED : PriceVerdict.UNDECIDED,
            how));
      }
    }
    toLookAt.add(contract.number);
  }

  private void differ(ControlInput.Differ differ, Consumer<ControlDecision> out) {
    Contract contract = fleet.contracts.get(differ.contract());
    String how = differ.how();
    if (contract.differ != (how != null)) {
      contract.differ = how != null;
      out.accept(new PriceJudged(
          contract.number,
          NOBODY,
          how == null ? PriceVerdict.AGREES : PriceVerdict.UNDECIDED,
          how == null ? "they do not differ any more, or it is known who is wrong" : how));
      toLookAt.add(contract.number);
    }
  }

  private void lookAt(int stream) {
    toLookAt.add(fleet.contractOf(stream).number);
  }

  private void lookAtAll() {
    for (Contract contract : fleet.contracts) {
      toLookAt.add(contract.number);
    }
  }

  // ---- what follows

  private void step(long nowNanos, Consumer<ControlDecision> out) {
    routing.now(nowNanos);
    for (Standing gateway : fleet.gateways) {
      judge(gateway, nowNanos, out);
    }
    for (int number : due.toArray(new Integer[0])) {
      if (fleet.contracts.get(number).dueNanos <= nowNanos) {
        toLookAt.add(number);
      }
    }
    // A contract that is looked at may make another one worth looking at.
    while (!toLookAt.isEmpty()) {
      List<Integer> now = List.copyOf(toLookAt);
      toLookAt.clear();
      for (int number : now) {
        Contract contract = fleet.contracts.get(number);
        contract.dueNanos = Contract.NEVER;
        look(contract, nowNanos, out);
        routing.follow(contract, out);
        if (contract.dueNanos == Contract.NEVER) {
          due.remove(number);
        } else {
          due.add(number);
        }
      }
    }
    tellBegun(out);
    tellStranded(out);
    routing.tellWanted(out);
    nextNanos = Contract.NEVER;
    for (int number : due) {
      nextNanos = Math.min(nextNanos, fleet.contracts.get(number).dueNanos);
    }
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
    canary(gateway, nowNanos, out);
    if (gateway.clearedNanos != Long.MIN_VALUE
        && gateway.deliversSinceNanos == Contract.NEVER
        && gateway.isUp()
        && fleet.seen.newestNanos(gateway.number)
            > Math.max(gateway.clearedNanos, gateway.upNanos)) {
      gateway.deliversSinceNanos = nowNanos;
      lookAtAll(); // its streams may be live again
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
    } else if (gateway.lagNanos > 0) {
      state = GatewayState.UNHEALTHY;
      reason = "lags by %,d ms".formatted(gateway.lagNanos / 1_000_000);
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
      lookAtAll();
    }
    gateway.reason = reason;
    convictByLine(gateway, nowNanos);
    confirmAgain(gateway, nowNanos, out);
    reconnect(gateway, nowNanos, out);
  }

  /// A gateway whose canaries are silent while those of others are not (of other content it
  /// takes two, as always). One that is alone is suspect, and accused where it has brought
  /// nothing since it was connected: it is never convicted, but may be connected anew. The
  /// grace begins with its connection, and no look at it renews it.
  private void canary(Standing gateway, long nowNanos, Consumer<ControlDecision> out) {
    if (!gateway.isUp() || gateway.isAccused()) {
      return;
    }
    long since = Math.max(fleet.seen.canaryNanos(gateway.number), gateway.upNanos);
    if (nowNanos - since < policy.canaryNanos() || !watchesCanaries(gateway)) {
      gateway.doubtedNanos = Contract.NEVER;
      if (gateway.suspectByCanary) {
        gateway.suspectByCanary = false;
        gateway.suspected = false;
        gateway.resumedNanos = nowNanos;
        lookAtAll();
      }
      return;
    }
    long silent = (nowNanos - since) / 1_000_000;
    Predicate<Standing> alive = other -> other.isUp()
        && fleet.seen.canaryNanos(other.number)
            > Math.max(nowNanos - policy.canaryNanos() / 2, Fleet.replayedNanos(other));
    if (fleet.gateways.stream().noneMatch(alive)) {
      boolean alone = fleet.gateways.stream().noneMatch(other -> other != gateway && other.isUp());
      boolean everOnThisConnection = fleet.seen.canaryNanos(gateway.number) >= gateway.upNanos;
      if (alone && everOnThisConnection) {
        suspectByCanary(gateway, since, nowNanos, out); // nothing may be traded now
      } else if (alone) {
        accuse(
            gateway.number,
            ControlInput.WHOLE,
            "its canaries were silent for %,d ms, and there is no other to compare it with"
                .formatted(silent),
            since,
            nowNanos);
      }
    } else if (gateway.doubtedNanos == Contract.NEVER) {
      gateway.doubtedNanos = nowNanos; // its own may be on the way
    } else if (nowNanos - gateway.doubtedNanos < CANARIES_APART_NANOS) {
      return;
    } else if (fleet.areWitnesses(
        gateway.number, other -> alive.test(other) && fleet.mayWitness(other, nowNanos))) {
      accuse(
          gateway.number,
          ControlInput.WHOLE,
          "its canaries were silent for %,d ms, those of others were not".formatted(silent),
          since,
          nowNanos);
    } else {
      suspectByCanary(gateway, since, nowNanos, out);
    }
  }

  private void suspectByCanary(
      Standing gateway, long since, long nowNanos, Consumer<ControlDecision> out) {
    if (!gateway.suspected) {
      gateway.suspectByCanary = true;
      suspected(
          new ControlInput.Suspected(gateway.number, ControlInput.WHOLE, since, 0, 0),
          nowNanos,
          out);
    }
  }

  /// By so much a gateway may be later than another one without being silent.
  private static final long CANARIES_APART_NANOS = 2_000_000_000;

  private boolean watchesCanaries(Standing gateway) {
    for (int i = canaries.nextSetBit(0); i >= 0; i = canaries.nextSetBit(i + 1)) {
      if (fleet.isSubscribed(gateway.number, i)) {
        return true;
      }
    }
    return false;
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
    if (gateway.isUp() && !gateway.isAccused()) {
      long since = Math.max(fleet.seen.canaryNanos(gateway.number), gateway.upNanos);
      long canary = since + policy.canaryNanos();
      // Nothing calls when an event of a canary comes, so it is looked again after a while.
      next = Math.min(next, canary > nowNanos ? canary : nowNanos + policy.canaryNanos() / 4);
    }
    if (gateway.suspected && !gateway.isAccused()) {
      next = Math.min(next, future(gateway.confirmNanos, nowNanos));
      next = Math.min(next, future(settledNanos, nowNanos));
      if (gateway.found != null
          || fleet.hasLineThatMayGoOn(gateway.number, ControlInput.WHOLE, nowNanos)) {
        next = Math.min(next, nowNanos + LINE_LATE_NANOS);
      }
    }
    if (gateway.doubtedNanos != Contract.NEVER) {
      next = Math.min(next, future(gateway.doubtedNanos + CANARIES_APART_NANOS, nowNanos));
    }
    if (gateway.isAccused()) {
      next = Math.min(next, future(gateway.reconnectNanos, nowNanos));
    }
    return next;
  }

  private static long future(long nanos, long nowNanos) {
    return nanos > nowNanos ? nanos : Contract.NEVER;
  }

  // ---- contracts

  private void look(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    convictByLine(contract, nowNanos);
    confirmAgain(contract, nowNanos, out);
    forgive(contract, nowNanos);
    if (contract.active == NOBODY) {
      if (!settleFirst(contract)) {
        return;
      }
      lookAtAccount(contract, contract.active);
    }
    if (contract.isMoving()) {
      progress(contract, nowNanos, out);
      return;
    }
    Ailment ailment = fleet.ailment(contract.active, contract, nowNanos);
    if (ailment != null) {
      ails(contract, ailment, nowNanos, out);
      return;
    }
    if (contract.ailing) {
      contract.ailing = false;
      contract.strandedTold = false;
      cancel(contract, "it was well again before its time", nowNanos, out);
    }
    Standing active = fleet.gateways.get(contract.active);
    if (!active.everUp) {
      contract.lookAt(active.downNanos + policy.connectGraceNanos());
    }
    if (contract.prior != NOBODY) {
      if (nowNanos >= contract.releaseNanos) {
        contract.prior = NOBODY;
        contract.releaseNanos = Contract.NEVER;
        routing.release(contract, out);
      } else {
        contract.lookAt(contract.releaseNanos);
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
    contract.active = best.number;
    return true;
  }

  private void ails(
      Contract contract, Ailment ailment, long nowNanos, Consumer<ControlDecision> out) {
    if (!contract.ailing) {
      contract.ailing = true;
      contract.ailingSinceNanos = nowNanos;
    }
    if (contract.pinned && ailment.down()) {
      contract.pinned = false; // what the operator chose is gone
    }
    FailoverPolicy own = contract.policy;
    if (!own.moves() || nowNanos - contract.ailingSinceNanos < own.delayNanos()) {
      propose(contract, ailment, nowNanos, out);
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
    int to = cools ? contract.prior : pick(contract, nowNanos);
    if (to == NOBODY && ailment.down()) {
      to = fleet.lastResort(
          contract,
          contract.active,
          gateway -> !routing.evicts(gateway) && fits(gateway, contract),
          nowNanos);
    }
    if (to == NOBODY) {
      strand(contract, ailment, nowNanos);
    } else if (movingTo(to) >= policy.movesAtOnceMax()) {
      contract.lookAt(nowNanos + policy.firstTickNanos());
    } else {
      move(contract, to, Kind.FAIL_OVER, ailment, nowNanos, out);
    }
  }

  private boolean isCooling(Contract contract, long nowNanos) {
    return contract.switchedNanos != Long.MIN_VALUE
        && nowNanos - contract.switchedNanos < policy.cooldownNanos();
  }

  /// While the gateway before is still attached, the way back to it is open, and to it only.
  private boolean mayGoBack(Contract contract, long nowNanos) {
    return contract.prior != NOBODY
        && contract.ailingSinceNanos <= contract.releaseNanos
        && fleet.whyNot(contract.prior, contract, nowNanos) == null;
  }

  private int pick(Contract contract, long nowNanos) {
    return fleet.best(
        contract,
        contract.active,
        gateway -> !routing.evicts(gateway) && fits(gateway, contract),
        nowNanos);
  }

  private boolean fits(int gateway, Contract contract) {
    int more = 0;
    for (int stream : contract.streams) {
      more += fleet.gives(gateway, stream) && !routing.wants(gateway, stream) ? 1 : 0;
    }
    return more == 0
        || fleet.gateways.get(gateway).wanted + more
            <= fleet.gateways.get(gateway).plan.streamsMax();
  }

  private int movingTo(int gateway) {
    int count = 0;
    for (Contract contract : fleet.contracts) {
      count += contract.target == gateway ? 1 : 0;
    }
    return count;
  }

  private void strand(Contract contract, Ailment ailment, long nowNanos) {
    for (Standing each : fleet.gateways) {
      contract.lookAt(fleet.mayChangeNanos(each.number, contract, nowNanos));
    }
    if (!contract.strandedTold) {
      contract.strandedTold = true;
      stranded
          .computeIfAbsent(contract.active, _ -> new LinkedHashMap<>())
          .computeIfAbsent(ailment.what(), _ -> new ArrayList<>())
          .add(contract.number);
    }
  }

  private void tellBegun(Consumer<ControlDecision> out) {
    for (Failover failover : begun) {
      out.accept(new ControlDecision.Began(failover));
      if (failover.endedNanos() >= 0) {
        out.accept(new ControlDecision.Ended(failover));
      }
    }
    begun.clear();
  }

  private void tellStranded(Consumer<ControlDecision> out) {
    stranded.forEach((gateway, reasons) -> reasons.forEach((reason, contracts) ->
        out.accept(new ControlDecision.NoBackup(gateway, List.copyOf(contracts), reason))));
    stranded.clear();
  }

  private void failBack(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    if (contract.pinned || !contract.policy.moves() || contract.prior != NOBODY) {
      return;
    }
    Standing active = fleet.gateways.get(contract.active);
    Standing best = null;
    for (Standing each : fleet.gateways) {
      boolean better = each.number != contract.active
          && each.isUp()
          && Fleet.isPreferred(each, active)
          && fleet.givesAny(each.number, contract)
          && (best == null || Fleet.isPreferred(each, best));
      if (!better) {
        continue;
      }
      contract.lookAt(fleet.mayChangeNanos(each.number, contract, nowNanos));
      if (fleet.whyNot(each.number, contract, nowNanos) == null
          && each.state == GatewayState.HEALTHY
          && !routing.evicts(each.number)
          && fits(each.number, contract)) {
        best = each;
      }
    }
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
    move(
        contract,
        best.number,
        Kind.FAIL_BACK,
        new Ailment(
            "%s has been healthy for %,d ms"
                .formatted(best.plan.id(), (nowNanos - since) / 1_000_000),
            false,
            nowNanos),
        nowNanos,
        out);
  }

  // ---- moves

  private void move(
      Contract contract,
      int to,
      Kind kind,
      Ailment why,
      long nowNanos,
      Consumer<ControlDecision> out) {
    Failover failover = contract.failover;
    if (failover == null || failover.to() != to || failover.kind() != kind) {
      cancel(contract, "something else was done", nowNanos, out);
      failover = join(contract, to, kind, contract.policy, why, Result.PENDING, nowNanos, out);
    }
    failover.started(nowNanos);
    contract.failover = failover;
    contract.target = to;
    contract.startedNanos = nowNanos;
    contract.beginsTarget = fleet.gateways.get(to).link != Link.State.HEALTHY;
    fleet.gateways.get(to).begins |= contract.beginsTarget;
    contract.deadlineNanos = nowNanos + policy.deadlineNanos();
    contract.subscribedNanos = Contract.NEVER;
    contract.prior = NOBODY;
    contract.releaseNanos = Contract.NEVER;
    lostBefore.merge(failover, lost(contract), Long::sum);
    routing.begin(contract, out);
    lookAtAccount(contract, to);
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
    String key = "%d %d %s %s %s".formatted(contract.active, to, kind, own, result);
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
        contract.active,
        to,
        why.what(),
        Math.min(why.silentSinceNanos(), since),
        since,
        nowNanos);
    made.step(why.silentSinceNanos(), "the last sign of life of " + idOf(contract.active));
    made.step(since, "%s: %s".formatted(idOf(contract.active), why.what()));
    explainChoice(made, contract, to, nowNanos);
    made.add(contract.number);
    open.put(key, made);
    begun.add(made);
    return made;
  }

  private void explainChoice(Failover failover, Contract contract, int to, long nowNanos) {
    for (Standing each : fleet.gateways) {
      if (each.number == contract.active) {
        continue;
      }
      String whyNot = fleet.whyNot(each.number, contract, nowNanos);
      String said = each.number == to
          ? "is chosen: priority %d, %s"
              .formatted(
                  each.plan.priority(),
                  fleet.haveSameContent(to, contract.active) ? "the same content" : "other content")
          : "is not chosen: " + (whyNot == null ? "it comes later" : whyNot);
      failover.step(nowNanos, each.plan.id() + " " + said);
    }
  }

  private String idOf(int gateway) {
    return gateway == NOBODY ? "nobody" : fleet.gateways.get(gateway).plan.id();
  }

  /// Tells once what is not done: because the policy says so, or not yet.
  private void propose(
      Contract contract, Ailment ailment, long nowNanos, Consumer<ControlDecision> out) {
    if (contract.failover != null) {
      return;
    }
    int to = pick(contract, nowNanos);
    boolean shadow = contract.policy.kind() == FailoverPolicy.Kind.SHADOW;
    contract.failover = join(
        contract,
        to,
        Kind.FAIL_OVER,
        contract.policy,
        ailment,
        shadow ? Result.SHADOW : Result.PENDING,
        nowNanos,
        out);
  }

  /// What was only proposed is not done.
  private void cancel(Contract contract, String why, long nowNanos, Consumer<ControlDecision> out) {
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

  private void progress(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    Ailment ailment = targetAils(contract, nowNanos);
    if (ailment != null) {
      stay(contract, "%s %s".formatted(idOf(contract.target), ailment.what()), nowNanos, out);
      return;
    }
    boolean subscribed = true;
    boolean moved = false;
    for (int stream : contract.streams) {
      if (fleet.gives(contract.target, stream)) {
        subscribed &= fleet.isSubscribed(contract.target, stream);
        moved |= hasMoved(contract, stream); // the others follow with their first event
      }
    }
    if (subscribed && contract.subscribedNanos == Contract.NEVER) {
      contract.subscribedNanos = nowNanos;
    }
    boolean waited = subscribed && nowNanos - contract.subscribedNanos >= policy.firstTickNanos();
    if (subscribed && (moved || waited)) {
      arrive(contract, !moved, nowNanos, out);
    } else if (nowNanos >= contract.deadlineNanos) {
      stay(
          contract,
          "not subscribed at %s within %,d ms"
              .formatted(idOf(contract.target), policy.deadlineNanos() / 1_000_000),
          nowNanos,
          out);
    } else {
      contract.lookAt(contract.deadlineNanos);
      if (subscribed) {
        contract.lookAt(contract.subscribedNanos + policy.firstTickNanos());
        contract.lookAt(nowNanos + LOOK_EVERY_NANOS); // nothing calls for each event
      }
    }
  }

  private static final long LOOK_EVERY_NANOS = 5_000_000;

  private @Nullable Ailment targetAils(Contract contract, long nowNanos) {
    Standing target = fleet.gateways.get(contract.target);
    boolean begins = target.link != Link.State.HEALTHY
        && contract.beginsTarget
        && !(target.failed && target.downNanos >= contract.startedNanos);
    if (begins && target.enabled) {
      return null;
    }
    Ailment own = fleet.failure(contract.active, contract, nowNanos);
    return own != null && own.down()
        ? fleet.failure(contract.target, contract, nowNanos) // late is better than nothing
        : fleet.ailment(contract.target, contract, nowNanos);
  }

  /// Whether a stream is published from the target, or would be as soon as it brings something
  /// that its other lines have not had.
  private boolean hasMoved(Contract contract, int stream) {
    int target = contract.target;
    int from = routing.routed(stream);
    if (from == target) {
      return true;
    }
    if (from == NOBODY || !fleet.areLines(from, target, stream)) {
      return false; // it takes over with its first event
    }
    long newest = fleet.seen.newestNanos(stream, target);
    return newest != Long.MIN_VALUE
        && (newest >= contract.startedNanos
            || newest >= fleet.seen.newestNanos(stream, from) - LINES_APART_NANOS);
  }

  /// Two lines of one content bring the same event within this, most of the time.
  private static final long LINES_APART_NANOS = 50_000_000;

  private void arrive(
      Contract contract, boolean waits, long nowNanos, Consumer<ControlDecision> out) {
    int from = contract.active;
    int to = contract.target;
    Failover failover = taking(contract);
    contract.active = to;
    contract.target = NOBODY;
    contract.prior = from;
    contract.releaseNanos = nowNanos + policy.probationNanos();
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
    lookAtAccount(contract, to);
  }

  /// The contract stays where it was: rollback.
  private void stay(Contract contract, String why, long nowNanos, Consumer<ControlDecision> out) {
    int to = contract.target;
    Failover failover = taking(contract);
    contract.target = NOBODY;
    contract.failover = null;
    Standing target = fleet.gateways.get(to);
    if (target.link != Link.State.HEALTHY && nowNanos >= target.unreachedUntilNanos) {
      target.unreachedUntilNanos =
          nowNanos + Standing.doubled(policy.avoidNanos(), target.unreached++);
    }
    Repute repute = contract.noted(to);
    repute.avoidUntilNanos = nowNanos + Standing.doubled(policy.avoidNanos(), repute.avoided++);
    Ailment own = fleet.ailment(contract.active, contract, nowNanos);
    routing.rollBack(contract, own != null && own.down(), out);
    failover.stayed(contract.number, why);
    failover.step(nowNanos, "contract %d stays: %s".formatted(contract.number, why));
    endIfDone(failover, Result.FAILED, nowNanos, out);
    lookAtAccount(contract, to);
  }

  /// Where an account has few connections, a move decides who of all may have them.
  private void lookAtAccount(Contract contract, int to) {
    if (fleet.gateways.get(to).plan.accountMax() == Integer.MAX_VALUE) {
      toLookAt.add(contract.number);
    } else {
      lookAtAll();
    }
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
    return failover.to() != NOBODY && fleet.haveSameContent(failover.from(), failover.to());
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

  // ---- operators

  private void move(ControlInput.Move move, long nowNanos, Consumer<ControlDecision> out) {
    SortedSet<Integer> contracts = new TreeSet<>(move.contracts());
    if (contracts.isEmpty()) {
      for (Contract contract : fleet.contracts) {
        if (contract.active != NOBODY && contract.active == move.from()) {
          contracts.add(contract.number);
        }
      }
    }
    for (int number : contracts) {
      Contract contract = fleet.contracts.get(number);
      int to = move.to() == NOBODY ? pick(contract, nowNanos) : move.to();
      boolean goes = contract.active != NOBODY
          && to != NOBODY
          && to != contract.active
          && !contract.isMoving()
          && whyNot(number, to, nowNanos) == null;
      if (goes) {
        contract.pinned = true;
        move(
            contract,
            to,
            Kind.MANUAL,
            new Ailment("an operator moves it", false, nowNanos),
            nowNanos,
            out);
      }
    }
  }

  /// Why an operator cannot move a contract to a gateway now, or null.
  public @Nullable String whyNot(int contract, int gateway, long nowNanos) {
    Contract own = fleet.contracts.get(contract);
    if (own.active == gateway) {
      return "it is there already";
    }
    if (own.isMoving()) {
      return "it is on its way to " + idOf(own.target);
    }
    if (routing.evicts(gateway)) {
      return "its account allows no further connection";
    }
    if (!fits(gateway, own)) {
      return "it has no room for further subscriptions";
    }
    return fleet.whyNot(gateway, own, nowNanos);
  }

  // ---- what there is

  /// Where a contract is published from, or [#NOBODY].
  public int active(int contract) {
    return fleet.contracts.get(contract).active;
  }

  public boolean isMoving(int contract) {
    return fleet.contracts.get(contract).isMoving();
  }

  /// Where a contract is on its way to, or [#NOBODY].
  public int target(int contract) {
    return fleet.contracts.get(contract).target;
  }

  /// The gateway before, which stays attached for a way back, or [#NOBODY].
  public int prior(int contract) {
    return fleet.contracts.get(contract).prior;
  }

  /// Whether an operator has put a contract where it is.
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

  public boolean wants(int gateway, int stream) {
    return routing.wants(gateway, stream);
  }

  /// Streams that are wanted of a gateway.
  public List<Integer> wanted(int gateway) {
    return routing.wantedOf(gateway);
  }

  /// Failovers that go on, or wait for their time or an operator.
  public List<Failover> open() {
    return List.copyOf(open.values());
  }
}

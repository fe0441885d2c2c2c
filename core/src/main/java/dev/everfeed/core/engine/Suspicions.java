package dev.everfeed.core.engine;

import dev.everfeed.core.engine.ControlDecision.PriceJudged;
import dev.everfeed.core.engine.ControlDecision.PriceVerdict;
import java.util.BitSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Who is suspected, and who is accused, of being silent or wrong; whether an accusation holds
/// is for the [Fleet] to say. Evidence comes from those that watch, from answers over HTTP, from
/// sister lines that go on, and from canaries. Owned by the [Control].
final class Suspicions {
  private final Fleet fleet;
  private final ControlPolicy policy;
  private final BitSet canaries;
  private final Agenda agenda;

  /// After a pause of this process, when what has come meanwhile is read.
  private long settledNanos = Long.MIN_VALUE;

  Suspicions(Fleet fleet, ControlPolicy policy, BitSet canaries, Agenda agenda) {
    this.fleet = fleet;
    this.policy = policy;
    this.canaries = canaries;
    this.agenda = agenda;
  }

  // ---- what is heard

  void suspected(ControlInput.Suspected suspected, long nowNanos, Consumer<ControlDecision> out) {
    int gateway = suspected.gateway();
    if (suspected.stream() == ControlInput.WHOLE) {
      Standing standing = fleet.gateways.get(gateway);
      standing.suspected = true;
      standing.silentSinceNanos = suspected.silentSinceNanos();
      standing.suspectedNanos = nowNanos;
      standing.lineSeenNanos = Contract.NEVER;
      standing.confirmNanos = nowNanos + CONFIRM_EVERY_NANOS;
      agenda.lookAtAll();
    } else {
      fleet.suspected.add(suspected.stream(), gateway);
      Contract contract = fleet.contractOf(suspected.stream());
      Repute repute = contract.noted(gateway);
      repute.silentSinceNanos = suspected.silentSinceNanos();
      repute.suspectedNanos = nowNanos;
      repute.lineSeenNanos = Contract.NEVER;
      contract.confirmNanos = Math.min(contract.confirmNanos, nowNanos + CONFIRM_EVERY_NANOS);
      agenda.lookAt(contract);
    }
    out.accept(
        new ControlDecision.Confirm(gateway, suspected.stream(), suspected.silentSinceNanos()));
  }

  void convicted(ControlInput.Convicted convicted, long nowNanos) {
    int gateway = convicted.gateway();
    String how = "silent while %d others had up to %,d events"
        .formatted(convicted.witnesses(), convicted.events());
    if (fleet.areWitnesses(gateway, convicted.stream(), nowNanos)) {
      accuse(gateway, convicted.stream(), how, convicted.silentSinceNanos(), nowNanos);
    } else {
      found(gateway, convicted.stream(), how);
    }
  }

  void confirmed(ControlInput.Confirmed confirmed, long nowNanos) {
    int gateway = confirmed.gateway();
    int stream = confirmed.stream();
    if (isSuspected(gateway, stream)) {
      accuse(
          gateway,
          stream,
          "silent: " + confirmed.how(),
          silentSince(gateway, stream, nowNanos),
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
        fleet.found.add(stream, gateway);
        fleet.contractOf(stream).noted(gateway).found = how;
        agenda.lookAt(stream);
      }
    }
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
      agenda.lookAtAll();
    } else {
      fleet.accused.add(stream, gateway);
      Contract contract = fleet.contractOf(stream);
      contract.noted(gateway).silentSinceNanos = silentSinceNanos;
      contract.noted(gateway).accuse(what, nowNanos);
      agenda.lookAt(stream);
    }
  }

  void resumed(ControlInput.Resumed resumed, long nowNanos) {
    int gateway = resumed.gateway();
    if (resumed.stream() == ControlInput.WHOLE) {
      Standing standing = fleet.gateways.get(gateway);
      standing.suspected = false;
      standing.found = null;
      standing.resumedNanos = nowNanos;
      standing.clear(nowNanos);
      agenda.lookAtAll();
      return;
    }
    int stream = resumed.stream();
    fleet.suspected.remove(stream, gateway);
    fleet.accused.remove(stream, gateway);
    Contract contract = fleet.contractOf(stream);
    fleet.found.remove(stream, gateway);
    fleet.acquit(gateway, contract, nowNanos);
    agenda.lookAt(stream);
  }

  void disagrees(ControlInput.Disagrees disagrees, long nowNanos, Consumer<ControlDecision> out) {
    Contract contract = fleet.contracts.get(disagrees.contract());
    int gateway = disagrees.gateway();
    String how = disagrees.how();
    boolean before = fleet.disagrees(gateway, contract);
    if (how == null) {
      if (before) {
        contract.noted(gateway).disagrees = false;
        fleet.acquit(gateway, contract, nowNanos);
        out.accept(new PriceJudged(
            contract.number, gateway, PriceVerdict.AGREES, "it agrees with the others again"));
      }
    } else {
      contract.noted(gateway).disagrees = true;
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
    agenda.lookAt(contract);
  }

  void differ(ControlInput.Differ differ, Consumer<ControlDecision> out) {
    Contract contract = fleet.contracts.get(differ.contract());
    String how = differ.how();
    if (contract.differ != (how != null)) {
      contract.differ = how != null;
      out.accept(new PriceJudged(
          contract.number,
          Control.NOBODY,
          how == null ? PriceVerdict.AGREES : PriceVerdict.UNDECIDED,
          how == null ? "they do not differ any more, or it is known who is wrong" : how));
      agenda.lookAt(contract);
    }
  }

  /// What another connection refused, this one may give.
  void refusedNothing(Standing gateway) {
    for (int stream = 0; stream < fleet.streams(); stream++) {
      fleet.refused.remove(stream, gateway.number);
    }
  }

  /// Another connection begins without a reputation, but not without a probation.
  void forget(Standing gateway, long nowNanos) {
    int number = gateway.number;
    for (int stream = 0; stream < fleet.streams(); stream++) {
      fleet.subscribed.remove(stream, number);
      fleet.suspected.remove(stream, number);
      fleet.found.remove(stream, number);
      fleet.accused.remove(stream, number);
    }
    gateway.suspected = false;
    gateway.found = null;
    gateway.clear(nowNanos);
    for (Contract contract : fleet.contracts) {
      fleet.acquit(number, contract, nowNanos); // of silence, not of wrong prices
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

  // ---- what follows

  /// Whether those that go on convict a gateway, and whether it is asked about again.
  void look(Standing gateway, long nowNanos, Consumer<ControlDecision> out) {
    convictByLine(gateway, nowNanos);
    confirmAgain(gateway, nowNanos, out);
  }

  /// As [#look(Standing, long, Consumer)], of all gateways for one contract.
  void look(Contract contract, long nowNanos, Consumer<ControlDecision> out) {
    convictByLine(contract, nowNanos);
    confirmAgain(contract, nowNanos, out);
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
          "silent while %s of the same source goes on".formatted(line.plan().id()),
          gateway.silentSinceNanos,
          nowNanos);
    }
  }

  private void convictByLine(Contract contract, long nowNanos) {
    for (int stream : contract.streams) {
      long suspects = fleet.suspected.get(stream) & ~fleet.accused.get(stream);
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
    if (fleet.found.has(stream, gateway)) {
      if (fleet.areWitnesses(gateway, stream, since, nowNanos)) {
        accuse(gateway, stream, String.valueOf(repute.found), repute.silentSinceNanos, nowNanos);
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
          "silent while %s of the same source goes on".formatted(line.plan().id()),
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
      long suspects = fleet.suspected.get(stream) & ~fleet.accused.get(stream);
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

  // ---- canaries

  /// A gateway whose canaries are silent while those of others are not (of other content it
  /// takes two, as always). One that is alone is suspect, and accused where it has brought
  /// nothing since it was connected: it is never convicted, but may be connected anew. The
  /// grace begins with its connection, and no look at it renews it.
  void canary(Standing gateway, long nowNanos, Consumer<ControlDecision> out) {
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
        agenda.lookAtAll();
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

  // ---- when

  /// When a gateway is to be looked at though nothing has happened.
  long dueNanos(Standing gateway, long nowNanos) {
    long next = Contract.NEVER;
    if (gateway.isUp() && !gateway.isAccused()) {
      long since = Math.max(fleet.seen.canaryNanos(gateway.number), gateway.upNanos);
      long canary = since + policy.canaryNanos();
      // Nothing calls when an event of a canary comes, so it is looked again after a while.
      next = canary > nowNanos ? canary : nowNanos + policy.canaryNanos() / 4;
    }
    if (gateway.suspected && !gateway.isAccused()) {
      next = Math.min(next, Control.future(gateway.confirmNanos, nowNanos));
      next = Math.min(next, Control.future(settledNanos, nowNanos));
      if (gateway.found != null
          || fleet.hasLineThatMayGoOn(gateway.number, ControlInput.WHOLE, nowNanos)) {
        next = Math.min(next, nowNanos + LINE_LATE_NANOS);
      }
    }
    if (gateway.doubtedNanos != Contract.NEVER) {
      next = Math.min(next, Control.future(gateway.doubtedNanos + CANARIES_APART_NANOS, nowNanos));
    }
    return next;
  }

  /// Whether a gateway is likely to be silent.
  ///
  /// @param stream or [ControlInput#WHOLE]
  boolean isSuspected(int gateway, int stream) {
    return stream == ControlInput.WHOLE
        ? fleet.gateways.get(gateway).suspected
        : fleet.suspected.has(stream, gateway);
  }
}

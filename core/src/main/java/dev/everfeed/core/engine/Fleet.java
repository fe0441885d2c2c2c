package dev.everfeed.core.engine;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.compact.GatewaySets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All gateways and contracts, and what is known of them: who can be believed, who can be used,
/// who is the best. Looks and does not change anything; filled by the [Control].
final class Fleet {
  private static final long NEVER = Long.MAX_VALUE;

  final List<Standing> gateways = new ArrayList<>();
  final List<Contract> contracts = new ArrayList<>();
  final ControlPolicy policy;
  final Offer offer;
  final Seen seen;
  private final int[] contractOf;

  /// Whether nothing may move by itself.
  boolean frozen;

  // ---- by stream, a bit for each gateway
  /// Has acknowledged the subscription.
  final GatewaySets subscribed;

  /// Is likely to be silent.
  final GatewaySets suspected;

  /// Its peers' clock has found it silent, while there was nobody who could witness it.
  final GatewaySets found;

  /// Is accused of being silent.
  final GatewaySets accused;

  /// Does not want to give it.
  final GatewaySets refused;

  /// By contract: those that do not list it. Nobody, before one has said anything.
  final GatewaySets unlisted;

  Fleet(
      List<GatewayPlan> plans,
      List<int[]> streamsOfContracts,
      List<FailoverPolicy> policies,
      ControlPolicy policy,
      Offer offer,
      Seen seen,
      long nowNanos) {
    this.policy = policy;
    this.offer = offer;
    this.seen = seen;
    for (int i = 0; i < plans.size(); i++) {
      gateways.add(new Standing(i, plans.get(i), nowNanos));
    }
    int streams = 0;
    for (int i = 0; i < streamsOfContracts.size(); i++) {
      int[] own = streamsOfContracts.get(i);
      contracts.add(new Contract(i, own, policies.get(i)));
      streams += own.length;
    }
    this.contractOf = new int[streams];
    for (Contract contract : contracts) {
      for (int stream : contract.streams) {
        contractOf[stream] = contract.number;
      }
    }
    this.unlisted = new GatewaySets(Math.max(1, contracts.size()), plans.size());
    this.subscribed = new GatewaySets(Math.max(1, streams), plans.size());
    this.suspected = new GatewaySets(Math.max(1, streams), plans.size());
    this.found = new GatewaySets(Math.max(1, streams), plans.size());
    this.accused = new GatewaySets(Math.max(1, streams), plans.size());
    this.refused = new GatewaySets(Math.max(1, streams), plans.size());
  }

  /// What is known of streams and contracts; that of gateways does not count.
  long bytes() {
    long bytes = 4L * contractOf.length
        + unlisted.bytes()
        + subscribed.bytes()
        + suspected.bytes()
        + found.bytes()
        + accused.bytes()
        + refused.bytes();
    for (Contract contract : contracts) {
      bytes += contract.bytes();
    }
    return bytes;
  }

  /// Another gateway comes to the place of one.
  void forget(int gateway) {
    for (int stream = 0; stream < streams(); stream++) {
      subscribed.remove(stream, gateway);
      suspected.remove(stream, gateway);
      found.remove(stream, gateway);
      accused.remove(stream, gateway);
      refused.remove(stream, gateway);
    }
    for (Contract contract : contracts) {
      unlisted.remove(contract.number, gateway);
      contract.forget(gateway);
    }
  }

  int streams() {
    return contractOf.length;
  }

  Contract contractOf(int stream) {
    return contracts.get(contractOf[stream]);
  }

  /// When a contract leaves a gateway that ails, as things are now.
  FailoverPolicy policyOf(Contract contract) {
    if (contract.pinned) {
      return FailoverPolicy.PINNED;
    }
    return frozen && contract.policy.moves() ? FailoverPolicy.FROZEN : contract.policy;
  }

  boolean isSubscribed(int gateway, int stream) {
    return subscribed.has(stream, gateway) && gateways.get(gateway).isUp();
  }

  /// Whether a gateway can be asked for a stream.
  boolean gives(int gateway, int stream) {
    return !gateways.get(gateway).isVacant()
        && offer.offers(gateway, stream)
        && !unlisted.has(contractOf[stream], gateway)
        && !refused.has(stream, gateway);
  }

  boolean givesAny(int gateway, Contract contract) {
    for (int stream : contract.streams) {
      if (gives(gateway, stream)) {
        return true;
      }
    }
    return false;
  }

  boolean isSubscribedToAny(int gateway, Contract contract) {
    for (int stream : contract.streams) {
      if (isSubscribed(gateway, stream)) {
        return true;
      }
    }
    return false;
  }

  boolean haveSameContent(int one, int other) {
    return gateways.get(one).plan().type().equals(gateways.get(other).plan().type());
  }

  /// Whether two gateways' events of a stream are told apart by what they carry, and so come
  /// once whoever brings them.
  boolean areLines(int one, int other, int stream) {
    return haveSameContent(one, other) && offer.identity(one, stream) != Identity.NONE;
  }

  // ---- who can be believed

  private long accusedNanos(int gateway, Contract contract) {
    return Math.min(gateways.get(gateway).accusedNanos, contract.repute(gateway).accusedNanos);
  }

  /// Whether an accusation holds: never against more than half of the gateways that a contract
  /// is watched at, nor against the last one (RESILIENCE section 1, guard c). The first that
  /// were accused are convicted.
  boolean isConvicted(int gateway, Contract contract) {
    long own = accusedNanos(gateway, contract);
    if (own == NEVER) {
      return false;
    }
    int watched = 0;
    int before = 0;
    for (Standing other : gateways) {
      boolean counts = other.isUp() && isSubscribedToAny(other.number, contract);
      boolean itself = other.number == gateway;
      if (!counts && !itself) {
        continue;
      }
      watched++;
      long theirs = accusedNanos(other.number, contract);
      if (!itself && (theirs < own || (theirs == own && other.number < gateway))) {
        before++;
      }
    }
    return before < watched / 2;
  }

  /// As [#isConvicted], for a gateway as a whole, among all that are up.
  boolean isConvicted(Standing gateway) {
    if (!gateway.isAccused()) {
      return false;
    }
    int up = 0;
    int before = 0;
    for (Standing other : gateways) {
      boolean itself = other.number == gateway.number;
      if (!other.isUp() && !itself) {
        continue;
      }
      up++;
      if (!itself
          && (other.accusedNanos < gateway.accusedNanos
              || (other.accusedNanos == gateway.accusedNanos && other.number < gateway.number))) {
        before++;
      }
    }
    return before < up / 2;
  }

  /// Whether those that deliver can prove that a gateway is silent. Lines of its own content
  /// can: they have the very events that it lacks. Of other content it takes two: lines of one
  /// are one witness, however many they are, since what is busy there need not be busy here;
  /// and where the source can be asked in another way, not even two will do: it may be in a
  /// halt.
  ///
  /// A gateway that was suspected as a whole itself until just now is none: after a halt one
  /// line is the first to go on, and the others follow.
  ///
  /// @param stream or [ControlInput#WHOLE]
  boolean areWitnesses(int gateway, int stream, long nowNanos) {
    return areWitnesses(gateway, stream, Long.MIN_VALUE, nowNanos);
  }

  /// As [#areWitnesses(int, int, long)], by those that have brought something since.
  boolean areWitnesses(int gateway, int stream, long sinceNanos, long nowNanos) {
    return areWitnesses(
        gateway, other -> delivers(other, stream, nowNanos) && hasNews(other, stream, sinceNanos));
  }

  /// Whether a gateway has brought something since; `Long.MIN_VALUE` asks for nothing.
  private boolean hasNews(Standing gateway, int stream, long sinceNanos) {
    return sinceNanos == Long.MIN_VALUE
        || newestNanos(gateway, stream) > Math.max(sinceNanos, replayedNanos(gateway));
  }

  /// Until then a gateway may be sent again what happened before it was subscribed, also in a
  /// halt: where events cannot be told apart, that looks like something new.
  static long replayedNanos(Standing gateway) {
    return gateway.subscribedNanos == Long.MIN_VALUE
        ? Long.MIN_VALUE
        : gateway.subscribedNanos + REPLAY_NANOS;
  }

  private static final long REPLAY_NANOS = 1_000_000_000;

  private long newestNanos(Standing gateway, int stream) {
    return stream == ControlInput.WHOLE
        ? seen.newestNanos(gateway.number)
        : seen.newestNanos(stream, gateway.number);
  }

  private boolean delivers(Standing other, int stream, long nowNanos) {
    return other.isUp()
        && mayWitness(other, nowNanos)
        && (stream == ControlInput.WHOLE
            || (isSubscribed(other.number, stream)
                && !suspected.has(stream, other.number)
                && !disagrees(other.number, contractOf(stream))));
  }

  /// Another gateway of the same content that is a witness, and has brought something since.
  ///
  /// @param stream or [ControlInput#WHOLE]
  @Nullable
  Standing lineThatGoesOn(int gateway, int stream, long sinceNanos, long nowNanos) {
    for (Standing other : gateways) {
      if (other.number != gateway
          && haveSameContent(other.number, gateway)
          && delivers(other, stream, nowNanos)
          && hasNews(other, stream, sinceNanos)) {
        return other;
      }
    }
    return null;
  }

  /// Whether there is another gateway of the same content that is a witness.
  ///
  /// @param stream or [ControlInput#WHOLE]
  boolean hasLineThatMayGoOn(int gateway, int stream, long nowNanos) {
    return lineThatGoesOn(gateway, stream, Long.MIN_VALUE, nowNanos) != null;
  }

  /// Whether a gateway is no suspect itself, and was none just now.
  boolean mayWitness(Standing other, long nowNanos) {
    return !other.suspected
        && other.lagNanos == 0
        && (other.resumedNanos == Long.MIN_VALUE
            || nowNanos - other.resumedNanos >= LINES_APART_NANOS);
  }

  /// What two lines of one content have at the same time, they bring within this.
  private static final long LINES_APART_NANOS = 1_000_000_000;

  boolean areWitnesses(int gateway, Predicate<Standing> delivers) {
    String type = gateways.get(gateway).plan().type();
    String another = null;
    for (Standing other : gateways) {
      if (other.number == gateway || !delivers.test(other)) {
        continue;
      }
      String theirs = other.plan().type();
      boolean two = another != null && !theirs.equals(another) && !canBeAsked(gateway);
      if (theirs.equals(type) || two) {
        return true;
      }
      another = theirs;
    }
    return false;
  }

  private boolean canBeAsked(int gateway) {
    for (int stream = 0; stream < streams(); stream++) {
      if (isSubscribed(gateway, stream) && offer.refills(gateway, stream)) {
        return true;
      }
    }
    return false;
  }

  String accusation(int gateway, Contract contract) {
    Standing standing = gateways.get(gateway);
    String own = contract.repute(gateway).accusation;
    String whole = standing.accusation;
    return own != null ? own : whole != null ? whole : "nothing";
  }

  /// Takes back what a gateway is accused of for a contract, when nothing of it is left.
  void acquit(int gateway, Contract contract, long nowNanos) {
    boolean still = disagrees(gateway, contract);
    for (int stream : contract.streams) {
      still |= accused.has(stream, gateway);
    }
    if (!still && contract.repute(gateway).accusedNanos != NEVER) {
      contract.noted(gateway).clear(nowNanos);
    }
  }

  boolean disagrees(int gateway, Contract contract) {
    return contract.repute(gateway).disagrees;
  }

  /// Whether nothing of a gateway is to be published for a contract while another line is there:
  /// its prices are wrong.
  boolean isQuarantined(int gateway, Contract contract) {
    return disagrees(gateway, contract)
        && contract.policy.kind() != FailoverPolicy.Kind.SHADOW
        && isConvicted(gateway, contract);
  }

  /// What is wrong with the active gateway of a contract.
  ///
  /// @param down             whether it is a fact, and not a conclusion
  /// @param silentSinceNanos the last sign of life
  record Ailment(String what, boolean down, long silentSinceNanos) {}

  @Nullable
  Ailment failure(int gateway, Contract contract, long nowNanos) {
    Standing standing = gateways.get(gateway);
    if (!standing.enabled) {
      return new Ailment("switched off", true, nowNanos);
    }
    if (!givesAny(gateway, contract)) {
      return new Ailment("does not list it", true, nowNanos);
    }
    if (standing.link != Link.State.HEALTHY) {
      boolean mayStillCome = !standing.everUp
          && !standing.failed
          && nowNanos - standing.downNanos < policy.connectGraceNanos();
      return mayStillCome ? null : new Ailment(standing.linkReason, true, standing.lastSignNanos);
    }
    // of a contract that is watched at this gateway alone, only the whole can tell
    if (isConvicted(gateway, contract) || isConvicted(standing)) {
      return new Ailment(accusation(gateway, contract), false, silentSince(gateway, contract));
    }
    if (isAccused(gateway, contract) && somebodyDelivers(gateway, contract)) {
      return new Ailment(
          "degraded: " + accusation(gateway, contract), false, silentSince(gateway, contract));
    }
    if (contract.ailing && gateway == contract.active() && hasToProveItself(standing, nowNanos)) {
      return new Ailment(
          "connected anew, and has not delivered since it was convicted", false, nowNanos);
    }
    return null;
  }

  /// As [#failure], or that it is not in time: of who is ahead nothing is taken.
  @Nullable
  Ailment ailment(int gateway, Contract contract, long nowNanos) {
    Ailment failure = failure(gateway, contract, nowNanos);
    Standing standing = gateways.get(gateway);
    return failure != null || standing.lagNanos == 0
        ? failure
        : new Ailment(standing.lag(), standing.lagNanos < 0, nowNanos);
  }

  boolean isAccused(int gateway, Contract contract) {
    return accusedNanos(gateway, contract) != NEVER;
  }

  /// Whether another gateway that nobody accuses has brought something since one was accused:
  /// a contract may go there, although the accused one is not convicted.
  private boolean somebodyDelivers(int gateway, Contract contract) {
    long since = accusedNanos(gateway, contract);
    for (Standing other : gateways) {
      if (other.number == gateway || !other.isUp() || isAccused(other.number, contract)) {
        continue;
      }
      for (int stream : contract.streams) {
        if (isSubscribed(other.number, stream) && seen.newestNanos(stream, other.number) > since) {
          return true;
        }
      }
    }
    return false;
  }

  private long silentSince(int gateway, Contract contract) {
    Standing standing = gateways.get(gateway);
    Repute repute = contract.repute(gateway);
    long own = repute.accusedNanos == NEVER ? Long.MIN_VALUE : repute.silentSinceNanos;
    long whole = standing.isAccused() ? standing.silentSinceNanos : Long.MIN_VALUE;
    long since = Math.max(own, whole);
    return since == Long.MIN_VALUE ? accusedNanos(gateway, contract) : since;
  }

  // ---- who can be used

  /// Whether a gateway that was convicted has not yet delivered for long enough: an open
  /// connection alone proves nothing.
  ///
  /// One of which nothing is wanted cannot prove anything, and would never be wanted again: it
  /// is tried again after a while, twice as long for each trouble of late.
  boolean isOnProbation(Standing gateway, long nowNanos) {
    if (gateway.clearedNanos == Long.MIN_VALUE) {
      return false;
    }
    if (gateway.deliversSinceNanos != NEVER) {
      return nowNanos - gateway.deliversSinceNanos < policy.reinstateNanos();
    }
    boolean couldProveIt = !gateway.isIdle() && !gateway.begins;
    return couldProveIt || nowNanos < triedAgainNanos(gateway, nowNanos);
  }

  private long triedAgainNanos(Standing gateway, long nowNanos) {
    int times = gateway.troubles(nowNanos, policy.historyNanos());
    return gateway.clearedNanos + Standing.doubled(policy.reinstateNanos(), times);
  }

  /// Whether it was convicted, and has not brought anything since.
  boolean hasToProveItself(Standing gateway, long nowNanos) {
    return gateway.deliversSinceNanos == NEVER && isOnProbation(gateway, nowNanos);
  }

  /// Why a contract does not move to a gateway now, or null when it can.
  @Nullable
  String whyNot(int gateway, Contract contract, long nowNanos) {
    String cannot = whyCannot(gateway, contract, nowNanos);
    Standing standing = gateways.get(gateway);
    if (cannot != null) {
      return cannot;
    }
    if (isOnProbation(standing, nowNanos)) {
      return "it was convicted, and has not delivered for long enough since";
    }
    return standing.lagNanos == 0 ? null : "it " + standing.lag();
  }

  /// As [#whyNot], but for what is better than nobody: one that is late, or delivers again since
  /// a short while.
  private @Nullable String whyCannot(int gateway, Contract contract, long nowNanos) {
    Standing standing = gateways.get(gateway);
    Repute repute = contract.repute(gateway);
    if (!standing.enabled) {
      return "it is switched off";
    }
    if (!givesAny(gateway, contract)) {
      return "it does not list the contract";
    }
    if (repute.avoidUntilNanos > nowNanos) {
      return "the contract could not move to it, and tries again in %,d ms"
          .formatted((repute.avoidUntilNanos - nowNanos) / 1_000_000);
    }
    if (isAccused(gateway, contract)) {
      return "it is accused: " + accusation(gateway, contract);
    }
    long cleared = repute.clearedNanos;
    if (cleared != Long.MIN_VALUE && nowNanos - cleared < policy.reinstateNanos()) {
      return "it has been well again for %,d ms only".formatted((nowNanos - cleared) / 1_000_000);
    }
    if (standing.link == Link.State.HEALTHY) {
      return null;
    }
    if (isBroken(standing, nowNanos)) {
      return "it is not connected: %s, %,d ms ago"
          .formatted(standing.linkReason, (nowNanos - standing.brokeNanos) / 1_000_000);
    }
    if (nowNanos < standing.unreachedUntilNanos) {
      return "it is not connected: %s; it is tried again in %,d ms"
          .formatted(standing.linkReason, (standing.unreachedUntilNanos - nowNanos) / 1_000_000);
    }
    // where connections are counted, another one may have that of one that stands by
    boolean idles = standing.isIdle() && standing.plan().accountMax() == Integer.MAX_VALUE;
    boolean mayBegin =
        standing.plan().standby() == GatewayPlan.Standby.COLD || idles || standing.begins;
    return mayBegin ? null : "it is not connected: " + standing.linkReason;
  }

  /// What has just broken is not begun anew in place of what is late: it would go to and fro.
  private boolean isBroken(Standing gateway, long nowNanos) {
    return gateway.link != Link.State.HEALTHY
        && gateway.brokeNanos != Long.MIN_VALUE
        && nowNanos - gateway.brokeNanos < policy.avoidNanos();
  }

  /// When the answer of [#whyNot] may change though nothing happens.
  long mayChangeNanos(int gateway, Contract contract, long nowNanos) {
    Standing standing = gateways.get(gateway);
    Repute repute = contract.repute(gateway);
    long next = NEVER;
    if (repute.avoidUntilNanos > nowNanos) {
      next = repute.avoidUntilNanos;
    }
    long cleared = repute.clearedNanos;
    if (cleared != Long.MIN_VALUE && nowNanos - cleared < policy.reinstateNanos()) {
      next = Math.min(next, cleared + policy.reinstateNanos());
    }
    if (isBroken(standing, nowNanos)) {
      next = Math.min(next, standing.brokeNanos + policy.avoidNanos());
    }
    if (standing.link != Link.State.HEALTHY && standing.unreachedUntilNanos > nowNanos) {
      next = Math.min(next, standing.unreachedUntilNanos);
    }
    if (standing.isIdle() && isOnProbation(standing, nowNanos)) {
      long proven = standing.deliversSinceNanos == NEVER
          ? triedAgainNanos(standing, nowNanos)
          : standing.deliversSinceNanos + policy.reinstateNanos();
      next = Math.min(next, proven);
    }
    return next;
  }

  /// The best gateway for a contract that leaves another one, or [Control#NOBODY]: of the same
  /// type before others, connected before cold, seldom in trouble before often, then by priority
  /// and id (REQUIREMENTS C2, C12).
  ///
  /// @param leaves  the one that it leaves
  /// @param mayTake what else must be true of it
  int best(Contract contract, int leaves, IntPredicate mayTake, long nowNanos) {
    return best(
        leaves,
        gateway ->
            mayTake.test(gateway.number) && whyNot(gateway.number, contract, nowNanos) == null,
        nowNanos);
  }

  /// As [#best], when there is nobody: the best of those that are late, or on probation, and
  /// deliver. Late values are better than none, and say so; of who is ahead nothing is taken.
  int lastResort(Contract contract, int leaves, IntPredicate mayTake, long nowNanos) {
    return best(
        leaves,
        gateway -> mayTake.test(gateway.number)
            && gateway.isUp()
            && gateway.lagNanos >= 0
            && !hasToProveItself(gateway, nowNanos)
            && whyCannot(gateway.number, contract, nowNanos) == null,
        nowNanos);
  }

  private int best(int leaves, Predicate<Standing> mayTake, long nowNanos) {
    Standing best = null;
    for (Standing each : gateways) {
      if (each.number != leaves
          && mayTake.test(each)
          && (best == null || isBetter(each, best, leaves, nowNanos))) {
        best = each;
      }
    }
    return best == null ? Control.NOBODY : best.number;
  }

  private boolean isBetter(Standing one, Standing other, int leaves, long nowNanos) {
    if (leaves != Control.NOBODY) {
      boolean same = haveSameContent(one.number, leaves);
      if (same != haveSameContent(other.number, leaves)) {
        return same;
      }
    }
    if (one.isUp() != other.isUp()) {
      return one.isUp();
    }
    boolean flaps = isFlapping(one, nowNanos);
    if (flaps != isFlapping(other, nowNanos)) {
      return !flaps;
    }
    return isPreferred(one, other);
  }

  private boolean isFlapping(Standing gateway, long nowNanos) {
    return gateway.troubles(nowNanos, policy.historyNanos()) >= FLAPS;
  }

  /// Three times in the history: more than an accident and its echo.
  private static final int FLAPS = 3;

  /// By priority, then by id.
  static boolean isPreferred(Standing one, Standing other) {
    int byPriority = Integer.compare(one.plan().priority(), other.plan().priority());
    return byPriority != 0
        ? byPriority < 0
        : one.plan().id().compareTo(other.plan().id()) < 0;
  }

  /// The gateway that gives a stream which the contract's active one does not have.
  int elsewhere(int stream, int active) {
    Standing best = null;
    for (Standing each : gateways) {
      if (each.number == active || !each.enabled || !gives(each.number, stream)) {
        continue;
      }
      boolean better =
          best == null || (each.isUp() != best.isUp() ? each.isUp() : isPreferred(each, best));
      if (better) {
        best = each;
      }
    }
    return best == null ? Control.NOBODY : best.number;
  }
}

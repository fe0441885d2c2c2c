package dev.everfeed.core.engine;

import dev.everfeed.core.arbitrate.Identity;
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

  // ---- by stream, a bit for each gateway
  /// Has acknowledged the subscription.
  final long[] subscribed;

  /// Is likely to be silent.
  final long[] suspected;

  /// Is accused of being silent.
  final long[] accused;

  /// Does not want to give it.
  final long[] refused;

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
      contracts.add(new Contract(i, own, policies.get(i), plans.size()));
      streams += own.length;
    }
    this.contractOf = new int[streams];
    for (Contract contract : contracts) {
      for (int stream : contract.streams) {
        contractOf[stream] = contract.number;
      }
    }
    this.subscribed = new long[streams];
    this.suspected = new long[streams];
    this.accused = new long[streams];
    this.refused = new long[streams];
  }

  int streams() {
    return contractOf.length;
  }

  Contract contractOf(int stream) {
    return contracts.get(contractOf[stream]);
  }

  static boolean has(long[] bits, int stream, int gateway) {
    return (bits[stream] & 1L << gateway) != 0;
  }

  static void set(long[] bits, int stream, int gateway, boolean on) {
    long bit = 1L << gateway;
    bits[stream] = on ? bits[stream] | bit : bits[stream] & ~bit;
  }

  boolean isSubscribed(int gateway, int stream) {
    return has(subscribed, stream, gateway) && gateways.get(gateway).isUp();
  }

  /// Whether a gateway can be asked for a stream.
  boolean gives(int gateway, int stream) {
    return offer.offers(gateway, stream)
        && contractOf(stream).isListed(gateway)
        && !has(refused, stream, gateway);
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
    return gateways.get(one).plan.type().equals(gateways.get(other).plan.type());
  }

  /// Whether two gateways' events of a stream are told apart by what they carry, and so come
  /// once whoever brings them.
  boolean areLines(int one, int other, int stream) {
    return haveSameContent(one, other) && offer.identity(one, stream) != Identity.NONE;
  }

  // ---- who can be believed

  private long accusedNanos(int gateway, Contract contract) {
    return Math.min(gateways.get(gateway).accusedNanos, contract.accusedNanos[gateway]);
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
    return areWitnesses(gateway, other -> delivers(other, stream, nowNanos));
  }

  private boolean delivers(Standing other, int stream, long nowNanos) {
    return other.isUp()
        && mayWitness(other, nowNanos)
        && (stream == ControlInput.WHOLE
            || (isSubscribed(other.number, stream)
                && !has(suspected, stream, other.number)
                && !disagrees(other.number, contractOf(stream))));
  }

  /// Another gateway of the same content that is a witness, and has brought something since.
  ///
  /// @param stream or [ControlInput#WHOLE]
  @Nullable
  Standing lineThatGoesOn(int gateway, int stream, long sinceNanos, long nowNanos) {
    for (Standing other : gateways) {
      long newest = stream == ControlInput.WHOLE
          ? seen.newestNanos(other.number)
          : seen.newestNanos(stream, other.number);
      if (other.number != gateway
          && haveSameContent(other.number, gateway)
          && delivers(other, stream, nowNanos)
          && newest > sinceNanos) {
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
    String type = gateways.get(gateway).plan.type();
    String another = null;
    for (Standing other : gateways) {
      if (other.number == gateway || !delivers.test(other)) {
        continue;
      }
      String theirs = other.plan.type();
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
    String own = contract.accusation[gateway];
    String whole = standing.accusation;
    return own != null ? own : whole != null ? whole : "nothing";
  }

  /// Takes back what a gateway is accused of for a contract, when nothing of it is left.
  void acquit(int gateway, Contract contract, long nowNanos) {
    boolean still = (contract.disagrees & 1L << gateway) != 0;
    for (int stream : contract.streams) {
      still |= has(accused, stream, gateway);
    }
    if (!still) {
      contract.clear(gateway, nowNanos);
    }
  }

  boolean disagrees(int gateway, Contract contract) {
    return (contract.disagrees & 1L << gateway) != 0;
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
  Ailment ailment(int gateway, Contract contract, long nowNanos) {
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
    if (isConvicted(gateway, contract)) {
      return new Ailment(accusation(gateway, contract), false, silentSince(gateway, contract));
    }
    if (isAccused(gateway, contract) && somebodyDelivers(gateway, contract)) {
      return new Ailment(
          "degraded: " + accusation(gateway, contract), false, silentSince(gateway, contract));
    }
    return standing.lagNanos > 0
        ? new Ailment("lags by %,d ms".formatted(standing.lagNanos / 1_000_000), false, nowNanos)
        : null;
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
    long own = contract.accusedNanos[gateway] == NEVER
        ? Long.MIN_VALUE
        : contract.silentSinceNanos[gateway];
    long whole = standing.isAccused() ? standing.silentSinceNanos : Long.MIN_VALUE;
    long since = Math.max(own, whole);
    return since == Long.MIN_VALUE ? accusedNanos(gateway, contract) : since;
  }

  // ---- who can be used

  /// Whether a gateway that was convicted has not yet delivered for long enough: an open
  /// connection alone proves nothing.
  boolean isOnProbation(Standing gateway, long nowNanos) {
    return gateway.clearedNanos != Long.MIN_VALUE
        && (gateway.deliversSinceNanos == NEVER
            || nowNanos - gateway.deliversSinceNanos < policy.reinstateNanos());
  }

  /// Why a contract cannot move to a gateway now, or null when it can.
  @Nullable
  String whyNot(int gateway, Contract contract, long nowNanos) {
    Standing standing = gateways.get(gateway);
    if (!standing.enabled) {
      return "it is switched off";
    }
    if (!givesAny(gateway, contract)) {
      return "it does not list the contract";
    }
    if (contract.avoidUntilNanos[gateway] > nowNanos) {
      return "the contract could not move to it, and tries again in %,d ms"
          .formatted((contract.avoidUntilNanos[gateway] - nowNanos) / 1_000_000);
    }
    if (isAccused(gateway, contract)) {
      return "it is accused: " + accusation(gateway, contract);
    }
    if (isOnProbation(standing, nowNanos)) {
      return "it was convicted, and has not delivered for long enough since";
    }
    long cleared = contract.clearedNanos[gateway];
    if (cleared != Long.MIN_VALUE && nowNanos - cleared < policy.reinstateNanos()) {
      return "it has been well again for %,d ms only".formatted((nowNanos - cleared) / 1_000_000);
    }
    if (standing.lagNanos > 0) {
      return "it lags by %,d ms".formatted(standing.lagNanos / 1_000_000);
    }
    if (standing.link == Link.State.HEALTHY) {
      return null;
    }
    boolean mayBegin = standing.plan.standby() == GatewayPlan.Standby.COLD;
    return mayBegin ? null : "it is not connected: " + standing.linkReason;
  }

  /// When the answer of [#whyNot] may change though nothing happens.
  long mayChangeNanos(int gateway, Contract contract, long nowNanos) {
    Standing standing = gateways.get(gateway);
    long next = NEVER;
    if (contract.avoidUntilNanos[gateway] > nowNanos) {
      next = contract.avoidUntilNanos[gateway];
    }
    long cleared = contract.clearedNanos[gateway];
    if (cleared != Long.MIN_VALUE && nowNanos - cleared < policy.reinstateNanos()) {
      next = Math.min(next, cleared + policy.reinstateNanos());
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
    Standing best = null;
    for (Standing each : gateways) {
      if (each.number != leaves
          && mayTake.test(each.number)
          && whyNot(each.number, contract, nowNanos) == null
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
    int byPriority = Integer.compare(one.plan.priority(), other.plan.priority());
    return byPriority != 0 ? byPriority < 0 : one.plan.id().compareTo(other.plan.id()) < 0;
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

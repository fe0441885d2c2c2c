package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.ControlPolicy;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.engine.GatewayPlan;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.ValueStatus;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// What must be true of where contracts are and move to, in one life of our process.
final class ControlChecks {
  private static final int NOBODY = Control.NOBODY;
  private static final long NEVER = Long.MIN_VALUE / 2;
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  private final StreamChecks checks;
  private final StreamScenario scenario;
  private final ControlPolicy policy;
  private final int gateways;
  private final int contracts;
  private final FailoverChecks failovers;

  // ---- by contract
  private final int[] active;
  private final int[] target;
  private final long[] startedNanos;
  private final long[] switchedNanos;
  private final int[] prior;
  private final int[] left;
  private final long[] priorUntil;
  private final int[] toldSource;

  /// Since when it ails, as can be seen from outside.
  private final long[] ailsSince;

  private final boolean[] wasDown;

  // ---- by gateway and contract
  private final long[][] accusedSeen;
  private final boolean[][] accused;
  private final boolean[][] convicted;
  private final long[][] failedNanos;

  // ---- by gateway
  private final long[] healthySince;

  private final boolean[] wasUp;

  /// Whether nothing was wanted of it, and it has not shown since whether it can be connected.
  private final boolean[] wasIdle;

  private final GatewayState[] state;
  private final BitSet[] wrongBefore;
  private final ArrayDeque<Long>[] troubles;

  private StreamEngine engine;
  private StreamDistortion distortion = StreamDistortion.NONE;
  private ControlInput.@Nullable Move operator;
  private ControlInput.@Nullable Return returned;

  // What operators hold where it is.
  private boolean frozen;
  private final BitSet pinned = new BitSet();

  long convictions;
  long falseConvictions;

  /// When something last went wrong that may accuse a gateway, and when a market or our process
  /// last stood still.
  long faultNanos = NEVER;

  long pauseNanos = NEVER;

  /// When each venue was last halted.
  final long[] haltNanos;

  @SuppressWarnings({"unchecked", "NullAway.Init"})
  ControlChecks(StreamChecks checks) {
    this.checks = checks;
    this.scenario = checks.scenario;
    this.policy = scenario.control();
    this.gateways = scenario.gateways().size();
    this.contracts = scenario.contracts().size();
    this.failovers = new FailoverChecks(checks);
    this.active = new int[contracts];
    this.target = new int[contracts];
    this.startedNanos = new long[contracts];
    this.switchedNanos = new long[contracts];
    this.prior = new int[contracts];
    this.left = new int[contracts];
    this.priorUntil = new long[contracts];
    this.toldSource = new int[contracts];
    this.wasDown = new boolean[contracts];
    this.ailsSince = new long[contracts];
    this.accusedSeen = new long[gateways][contracts];
    this.accused = new boolean[gateways][contracts];
    this.convicted = new boolean[gateways][contracts];
    this.failedNanos = new long[gateways][contracts];
    this.haltNanos = new long[scenario.venues().size()];
    Arrays.fill(haltNanos, NEVER);
    this.wrongBefore = new BitSet[gateways];
    Arrays.setAll(wrongBefore, _ -> new BitSet());
    this.wasUp = new boolean[gateways];
    this.state = new GatewayState[gateways];
    Arrays.fill(state, GatewayState.DISCONNECTED);
    this.wasIdle = new boolean[gateways];
    this.healthySince = new long[gateways];
    this.troubles = new ArrayDeque[gateways];
    Arrays.setAll(troubles, _ -> new ArrayDeque<>());
    Arrays.fill(active, NOBODY);
    Arrays.fill(target, NOBODY);
    Arrays.fill(prior, NOBODY);
    Arrays.fill(left, NOBODY);
    Arrays.fill(toldSource, NOBODY);
    Arrays.fill(switchedNanos, NEVER);
    Arrays.fill(healthySince, Long.MAX_VALUE);
    Arrays.fill(ailsSince, Long.MAX_VALUE);
    for (int i = 0; i < gateways; i++) {
      Arrays.fill(accusedSeen[i], NEVER);
      Arrays.fill(failedNanos[i], NEVER);
    }
  }

  void begin(StreamEngine engine, StreamDistortion distortion, long now) {
    this.engine = engine;
    this.distortion = distortion;
    frozen = false;
    pinned.clear();
  }

  FailoverChecks failovers() {
    return failovers;
  }

  private String id(int gateway) {
    return gateway == NOBODY ? "nobody" : scenario.gateways().get(gateway).id();
  }

  // ---- what is heard

  void input(ControlInput input) {
    operator = input instanceof ControlInput.Move move ? move : operator;
    returned = input instanceof ControlInput.Return back ? back : returned;
    if (input instanceof ControlInput.Freeze freeze) {
      frozen = freeze.frozen();
    }
    if (input instanceof ControlInput.Pin pin) {
      pin.contracts().forEach(contract -> pinned.set(contract, pin.pinned()));
    }
    if (input instanceof ControlInput.Linked linked && linked.state() != Link.State.HEALTHY) {
      trouble(linked.gateway());
    }
    if (input instanceof ControlInput.Linked linked && linked.state() != Link.State.CONNECTING) {
      wasIdle[linked.gateway()] = false;
    }
  }

  private void trouble(int gateway) {
    troubles[gateway].addLast(checks.now());
  }

  private int troubles(int gateway) {
    ArrayDeque<Long> own = troubles[gateway];
    while (!own.isEmpty() && checks.now() - own.getFirst() > policy.historyNanos()) {
      own.removeFirst();
    }
    return own.size();
  }

  void decision(ControlDecision decision) {
    switch (decision) {
      case ControlDecision.Became became -> {
        state[became.gateway()] = became.to();
        healthySince[became.gateway()] =
            became.to() == GatewayState.HEALTHY ? checks.now() : Long.MAX_VALUE;
        if (became.to() == GatewayState.UNHEALTHY) {
          trouble(became.gateway());
        }
      }
      case ControlDecision.Began began -> failovers.began(began.failover());
      case ControlDecision.Ended ended -> {
        failovers.ended(ended.failover());
        if (ended.failover().to() != NOBODY && ended.failover().startedNanos() >= 0) {
          for (int contract : ended.failover().unmigrated().keySet()) {
            failedNanos[ended.failover().to()][contract] = checks.now();
            prior[contract] = NOBODY;
          }
        }
      }
      case ControlDecision.SourceChanged changed -> {
        int contract = changed.contract();
        if (toldSource[contract] != changed.from()
            && !sameType(toldSource[contract], changed.from())) {
          checks.broken(
              "E7",
              "contract %d: told that it goes from %s to %s, and before that it was at %s"
                  .formatted(
                      contract, id(changed.from()), id(changed.to()), id(toldSource[contract])));
        }
        toldSource[contract] = changed.to();
      }
      default -> {
        // looked at when everything is decided
      }
    }
  }

  private boolean sameType(int one, int other) {
    return one != NOBODY
        && other != NOBODY
        && scenario
            .gateways()
            .get(one)
            .type()
            .equals(scenario.gateways().get(other).type());
  }

  /// The first event of other content was published.
  void contentChanges(int stream, int before, int after) {
    if (before < 0) {
      return;
    }
    int contract = scenario.contractOf(stream);
    int at = engine.control().active(contract);
    boolean moves = engine.control().isMoving(contract)
        || engine.control().prior(contract) != NOBODY
        || checks.now() - switchedNanos[contract] < 10 * SECOND;
    boolean elsewhere = at != NOBODY
        && (!checks.gives(at, stream)
            || (checks.isUp(at) && !checks.subscribed[at].get(stream))
            || (scenario.venueOf()[at] != before && scenario.venueOf()[at] != after));
    boolean back = at != NOBODY && scenario.venueOf()[at] == after;
    if (!moves && !elsewhere && !back) {
      checks.broken(
          "E7",
          "stream %d is published from venue %d after %d, and contract %d does not move"
              .formatted(stream, after, before, contract));
    }
  }

  // ---- after everything is decided

  void settled() {
    Control control = engine.control();
    long now = checks.now();
    for (int contract = 0; contract < contracts; contract++) {
      moves(control, contract, now);
    }
    for (int contract = 0; contract < contracts; contract++) {
      believes(contract, now);
      attached(control, contract, now);
      ails(control, contract, now);
    }
    for (int stream = 0; stream < scenario.streams(); stream++) {
      isAlive(stream);
    }
    for (int gateway = 0; gateway < gateways; gateway++) {
      wrongBefore[gateway].clear();
      wrongBefore[gateway].or(checks.wrong[gateway]);
      wasUp[gateway] = checks.links[gateway] == Link.State.HEALTHY;
      wasIdle[gateway] |= checks.wanted[gateway].isEmpty();
    }
    operator = null;
    returned = null;
  }

  private void believes(int contract, long now) {
    int watched = 0;
    int guilty = 0;
    for (int gateway = 0; gateway < gateways; gateway++) {
      boolean accuses = engine.control().isAccused(gateway, contract);
      if (accuses || accused[gateway][contract]) {
        accusedSeen[gateway][contract] = now;
      }
      accused[gateway][contract] = accuses;
      boolean is = distortion.isConvicted(engine, gateway, contract);
      if (is && !convicted[gateway][contract]) {
        convictions++;
        suspicious(gateway, "%s is convicted for contract %d".formatted(id(gateway), contract));
      }
      convicted[gateway][contract] = is;
      if (checks.isUp(gateway) && isSubscribedToAny(gateway, contract)) {
        watched++;
        guilty += is ? 1 : 0;
      }
    }
    if (guilty > watched / 2) {
      checks.broken(
          "E8",
          "contract %d: %d of %d gateways are convicted".formatted(contract, guilty, watched));
    }
  }

  private boolean isSubscribedToAny(int gateway, int contract) {
    for (int stream : scenario.contracts().get(contract)) {
      if (checks.subscribed[gateway].get(stream)) {
        return true;
      }
    }
    return false;
  }

  private static final long QUIET_NANOS = 60 * SECOND;
  private static final long STILL_NANOS = 20 * SECOND;

  /// Whether a venue alone is halted while two others trade: they say rightly that it is silent.
  /// As the halt ends, its first events are still on their way (seed 31: convicted 35 ms after).
  private boolean trulyHalted(int gateway) {
    int venue = scenario.venueOf()[gateway];
    return scenario.venues().size() > 2
        && (checks.venues.venueHas(venue, StreamFault.Kind.HALT)
            || checks.now() - haltNanos[venue] < ON_THEIR_WAY_NANOS);
  }

  private static final long ON_THEIR_WAY_NANOS = 2 * SECOND;

  private void suspicious(int gateway, String what) {
    long now = checks.now();
    if (now - faultNanos < QUIET_NANOS) {
      return;
    }
    falseConvictions += what.contains("convicted") ? 1 : 0;
    boolean halted = now - haltNanos[scenario.venueOf()[gateway]] < STILL_NANOS;
    if (trulyHalted(gateway)) {
      return;
    }
    if (halted || now - pauseNanos < STILL_NANOS) {
      checks.broken("E9", what);
    }
  }

  private boolean isDown(int gateway, int contract) {
    return !checks.enabled[gateway]
        || checks.links[gateway] != Link.State.HEALTHY
        || !checks.givesAny(gateway, contract);
  }

  private void moves(Control control, int contract, long now) {
    int at = control.active(contract);
    int to = control.target(contract);
    int was = active[contract];
    int meant = target[contract];
    if (at != was && was == NOBODY) {
      toldSource[contract] = at;
    } else if (at != was) {
      if (meant != at) {
        started(control, contract, was, at, now); // and has arrived at once
      }
      arrived(contract, was, at, now);
    } else if (meant != NOBODY && to != meant) {
      failedNanos[meant][contract] = now;
    }
    if (to != NOBODY && (meant == NOBODY || to != meant || at != was)) {
      started(control, contract, at, to, now);
    }
    if (to != NOBODY && now - startedNanos[contract] > policy.deadlineNanos()) {
      checks.broken(
          "E14",
          "contract %d has been on its way from %s to %s for %,d ms"
              .formatted(contract, id(at), id(to), (now - startedNanos[contract]) / MILLI));
    }
    if (at != was || to != meant) {
      checks.tell("      contract %d: at %s, to %s, before at %s"
          .formatted(contract, id(at), id(to), id(control.prior(contract))));
    }
    active[contract] = at;
    target[contract] = to;
  }

  private void arrived(int contract, int was, int at, long now) {
    switchedNanos[contract] = now;
    prior[contract] = was;
    left[contract] = was;
    priorUntil[contract] = now + policy.probationNanos();
    if (!sameType(toldSource[contract], at)) {
      checks.broken(
          "E7",
          "contract %d went from %s to %s, and readers were told %s"
              .formatted(contract, id(was), id(at), id(toldSource[contract])));
    }
    toldSource[contract] = at;
  }

  private void started(Control control, int contract, int from, int to, long now) {
    startedNanos[contract] = now;
    boolean byOperator = (operator != null
            && (operator.contracts().isEmpty() || operator.contracts().contains(contract)))
        || (returned != null && returned.contracts().contains(contract));
    if (pinned.get(contract) || (frozen && !byOperator)) {
      checks.broken(
          "E26",
          "contract %d, %s, moves from %s to %s"
              .formatted(contract, pinned.get(contract) ? "pinned" : "frozen", id(from), id(to)));
    }
    boolean last =
        (isDown(from, contract) || wasDown[contract]) && isLastResort(contract, from, now);
    if (!checks.enabled[to]
        || !checks.givesAny(to, contract)
        || convicted[to][contract]
        || wrongBefore[to].get(contract)
        || (checks.links[to] != Link.State.HEALTHY
            && !wasUp[to]
            && !wasIdle[to]
            && scenario.gateways().get(to).standby() != GatewayPlan.Standby.COLD)
        || (!last
            && (now - accusedSeen[to][contract] < policy.reinstateNanos()
                || checks.lags[to] != 0))) {
      checks.broken(
          "E16",
          "contract %d begins to move to %s: %s, %s, %s, link %s, accused %,d ms ago, lag %,d ms"
              .formatted(
                  contract,
                  id(to),
                  checks.enabled[to] ? "on" : "off",
                  checks.givesAny(to, contract) ? "lists it" : "does not list it",
                  convicted[to][contract] ? "convicted" : "not convicted",
                  checks.links[to],
                  (now - accusedSeen[to][contract]) / MILLI,
                  checks.lags[to] / MILLI));
    }
    if (byOperator) {
      return;
    }
    boolean better = isPreferred(to, from);
    boolean down = isDown(from, contract) || wasDown[contract];
    boolean back = !ailing(contract, from) && better;
    FailoverPolicy own = scenario.policies().get(contract);
    boolean early = own.kind() == FailoverPolicy.Kind.DELAYED
        && !back
        && !(better && now - healthySince[to] >= policy.failBackNanos())
        && now - ailsSince[contract] < own.delayNanos();
    if (own.kind() == FailoverPolicy.Kind.MANUAL
        || own.kind() == FailoverPolicy.Kind.SHADOW
        || early) {
      checks.broken(
          "E13",
          "contract %d, policy %s, moves from %s to %s, ails for %,d ms"
              .formatted(
                  contract,
                  own.kind().text(),
                  id(from),
                  id(to),
                  (now - ailsSince[contract]) / MILLI));
    }
    boolean wayBack =
        to == left[contract] && Math.min(now, ailsSince[contract]) <= priorUntil[contract] + MILLI;
    if (now - switchedNanos[contract] < policy.cooldownNanos() && (back || (!down && !wayBack))) {
      checks.broken(
          "E12",
          "contract %d moves from %s to %s %,d ms after it came"
              .formatted(contract, id(from), id(to), (now - switchedNanos[contract]) / MILLI));
    }
    if (back && now - healthySince[to] < policy.failBackNanos()) {
      checks.broken(
          "E25",
          "contract %d returns from %s to %s, which has been healthy for %,d ms"
              .formatted(contract, id(from), id(to), (now - healthySince[to]) / MILLI));
    }
    if (!back) {
      if (wayBack) {
        return; // where it came from, whoever else there is
      }
      if (!down) {
        suspicious(from, "contract %d leaves %s".formatted(contract, id(from)));
      }
      isBest(contract, from, to, now);
    }
  }

  private boolean ailing(int contract, int gateway) {
    return isDown(gateway, contract)
        || engine.control().isAccused(gateway, contract)
        || checks.lags[gateway] != 0
        || (ailsSince[contract] != Long.MAX_VALUE && state[gateway] == GatewayState.UNHEALTHY);
  }

  private boolean isPreferred(int one, int other) {
    GatewayPlan own = scenario.gateways().get(one);
    GatewayPlan theirs = scenario.gateways().get(other);
    return own.priority() != theirs.priority()
        ? own.priority() < theirs.priority()
        : own.id().compareTo(theirs.id()) < 0;
  }

  private void isBest(int contract, int from, int to, long now) {
    for (int other = 0; other < gateways; other++) {
      if (other == from || other == to || !isSurelyUsable(other, contract, now)) {
        continue;
      }
      boolean same = sameType(other, from);
      boolean better = same != sameType(to, from)
          ? same
          : checks.isUp(other) != checks.isUp(to) ? checks.isUp(other) : isPreferred(other, to);
      if (better && (same || !sameType(to, from))) {
        checks.broken(
            "E17",
            "contract %d leaves %s for %s, and %s is better"
                .formatted(contract, id(from), id(to), id(other)));
      }
    }
  }

  /// Whether there is nobody who is in time and well: then late is better than nothing.
  private boolean isLastResort(int contract, int from, long now) {
    for (int other = 0; other < gateways; other++) {
      if (other != from && isSurelyUsable(other, contract, now)) {
        return false;
      }
    }
    return true;
  }

  private boolean isSurelyUsable(int gateway, int contract, long now) {
    GatewayPlan plan = scenario.gateways().get(gateway);
    int room = plan.streamsMax() - checks.wanted[gateway].cardinality();
    return checks.isUp(gateway)
        && healthySince[gateway] != Long.MAX_VALUE
        && !accused[gateway][contract]
        && !engine.control().isAccused(gateway, contract)
        && checks.givesAny(gateway, contract)
        && now - accusedSeen[gateway][contract] >= policy.reinstateNanos()
        && checks.lags[gateway] == 0
        && now - failedNanos[gateway][contract] > 16 * policy.avoidNanos()
        && troubles(gateway) < 3
        && plan.accountMax() == Integer.MAX_VALUE
        && room >= scenario.contracts().get(contract).length;
  }

  /// The gateway before is not left too early.
  private void attached(Control control, int contract, long now) {
    int at = active[contract];
    if (target[contract] != NOBODY) {
      isWanted(contract, at, "is left");
      isWanted(contract, target[contract], "is the target");
      prior[contract] = NOBODY;
    } else if (prior[contract] != NOBODY) {
      if (now >= priorUntil[contract]) {
        prior[contract] = NOBODY;
      } else if (checks.isUp(prior[contract])) {
        isWanted(contract, prior[contract], "was left");
      }
    }
    if (at != NOBODY) {
      isWanted(contract, at, "is the active one");
    }
  }

  private void isWanted(int contract, int gateway, String why) {
    if (scenario.gateways().get(gateway).accountMax() < Integer.MAX_VALUE) {
      return; // one connection for several gateways
    }
    for (int stream : scenario.contracts().get(contract)) {
      if (checks.enabled[gateway]
          && checks.gives(gateway, stream)
          && !checks.wanted[gateway].get(stream)) {
        checks.broken(
            "E15",
            "contract %d: stream %d is not wanted of %s, which %s"
                .formatted(contract, stream, id(gateway), why));
      }
    }
  }

  /// A contract that ails is on its way, when there is a way.
  private void ails(Control control, int contract, long now) {
    int at = active[contract];
    if (at == NOBODY) {
      return;
    }
    if (!ailing(contract, at)) {
      ailsSince[contract] = Long.MAX_VALUE;
      wasDown[contract] = false;
      return;
    }
    wasDown[contract] = isDown(at, contract);
    ailsSince[contract] = Math.min(ailsSince[contract], now);
    boolean down = isDown(at, contract) && checks.everUp[at];
    boolean guilty = convicted[at][contract] && checks.isUp(at);
    boolean cools = now - switchedNanos[contract] < policy.cooldownNanos();
    if (scenario.policies().get(contract).kind() != FailoverPolicy.Kind.IMMEDIATE
        || target[contract] != NOBODY
        || frozen
        || pinned.get(contract)
        || !(down || (guilty && !cools))
        || policy.movesAtOnceMax() < contracts) {
      return;
    }
    for (int other = 0; other < gateways; other++) {
      if (other != at && isSurelyUsable(other, contract, now)) {
        checks.broken(
            "E22",
            "contract %d stays at %s, which %s, though %s is there"
                .formatted(contract, id(at), down ? "is down" : "is convicted", id(other)));
      }
    }
  }

  /// Events of a line that a silent one of the same content cannot be without.
  private static final int TELLING = 400;

  private static final long FOUND_OUT_NANOS = 15 * SECOND;

  /// A gateway that is silent while a line of the same content delivers is known to be suspect.
  void everySecond() {
    Control control = engine.control();
    long now = checks.now();
    if (now - pauseNanos < STILL_NANOS) {
      return;
    }
    for (int gateway = 0; gateway < gateways; gateway++) {
      for (int stream = 0; stream < scenario.streams(); stream++) {
        if (!checks.isUp(gateway)
            || !checks.subscribed[gateway].get(stream)
            || now - checks.ticks().newestNanos(gateway, stream) < FOUND_OUT_NANOS
            || control.isSuspected(gateway, ControlInput.WHOLE)
            || control.isSuspected(gateway, stream)
            || control.isAccused(gateway, scenario.contractOf(stream))) {
          continue;
        }
        isFoundOut(control, gateway, stream);
      }
    }
  }

  private void isFoundOut(Control control, int gateway, int stream) {
    for (int other = 0; other < gateways; other++) {
      if (sameType(other, gateway)
          && checks.isUp(other)
          && checks.subscribed[other].get(stream)
          && checks.ticks().since(gateway, other, stream) > TELLING
          && !control.isSuspected(other, ControlInput.WHOLE)
          && !control.isSuspected(other, stream)
          && !control.isAccused(other, scenario.contractOf(stream))) {
        checks.broken(
            "E10",
            "%s has brought nothing of stream %d for %,d ms, and %s had %,d events"
                .formatted(
                    id(gateway),
                    stream,
                    (checks.now() - checks.ticks().newestNanos(gateway, stream)) / MILLI,
                    id(other),
                    checks.ticks().since(gateway, other, stream)));
        return;
      }
    }
  }

  private void isAlive(int stream) {
    if (checks.statuses[stream] != ValueStatus.LIVE) {
      return;
    }
    int contract = scenario.contractOf(stream);
    long lines = engine.arbiter().lines(stream);
    for (int gateway = 0; gateway < gateways; gateway++) {
      if ((lines & 1L << gateway) != 0
          && checks.isUp(gateway)
          && checks.subscribed[gateway].get(stream)
          && !convicted[gateway][contract]) {
        return;
      }
    }
    checks.broken("E11", "stream %d is live, and nobody delivers it".formatted(stream));
  }
}

package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.simulator.check.Violation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// The invariants of the push side, and what they found. Keeps what the engine has been told
/// and has told; nothing of it is asked of the engine.
final class StreamChecks {
  /// Violations kept of one run; a broken engine breaks the same thing again and again.
  private static final int KEPT = 50;

  private static final Map<String, String> TEXTS = new TreeMap<>(Map.ofEntries(
      Map.entry("E1", "no event is published twice while its content is the same"),
      Map.entry("E2", "every dense id is published once or declared lost once, in order"),
      Map.entry("E3", "what a line brings within the reorder window is not declared lost"),
      Map.entry("E4", "seq rises by 1 from event to event of a stream"),
      Map.entry("E5", "what is published comes from a line that is wanted and switched on"),
      Map.entry("E6", "what is new is published at once, or waits for what comes before it"),
      Map.entry("E7", "a change of content is told, and why"),
      Map.entry("E8", "never more than half of a contract's gateways are convicted, nor the last"),
      Map.entry("E9", "a halt of the market or a pause of our own alone convicts and moves nobody"),
      Map.entry("E10", "a silent gateway is found out while its peers deliver"),
      Map.entry("E11", "live is only what a line delivers that is connected and not convicted"),
      Map.entry("E12", "a contract moves once in a cooldown, unless its gateway is down"),
      Map.entry("E13", "manual and shadow move nothing, delayed nothing before its time"),
      Map.entry("E14", "no contract is on its way for longer than the deadline"),
      Map.entry("E15", "the gateway before stays attached until the new one delivers, and after"),
      Map.entry("E16", "nobody moves to a gateway that cannot be used"),
      Map.entry("E17", "of those that can be used the best is chosen, ties by priority and id"),
      Map.entry("E18", "an account has no more connections than it may have"),
      Map.entry("E19", "a venue is not asked, nor connected to, faster than it allows"),
      Map.entry("E20", "a failover's record is consistent"),
      Map.entry("E21", "an event was received when it came"),
      Map.entry("E22", "a contract whose gateway ails is on its way when there is a better one"),
      Map.entry("E23", "the engine takes every input and goes on"),
      Map.entry("E24", "what waits is bounded in number and time"),
      Map.entry("E25", "a contract returns to a gateway that has been healthy for long enough"),
      Map.entry("E30", "all streams are live in time after the faults"),
      Map.entry("E31", "nothing is left over after the faults"),
      Map.entry("E32", "contracts are back at the gateway that they prefer in time")));

  final StreamScenario scenario;
  final VenueSide venues;
  private final LongSupplier clock;
  private final List<Violation> violations = new ArrayList<>();

  // ---- what the engine has been told and has told, in this life
  final Link.State[] links;
  final boolean[] everUp;
  final long[] downSince;
  final boolean[] enabled;
  final BitSet[] subscribed;
  final BitSet[] refused;
  final BitSet[] listed;

  /// Contracts whose values are far from those of others.
  final BitSet[] wrong;

  final long[] lags;
  final BitSet[] wanted;
  final ValueStatus[] statuses;

  private final PacingChecks pacing;
  private TickChecks ticks;
  private ControlChecks control;

  private final Consumer<String> trace;

  StreamChecks(
      StreamScenario scenario, VenueSide venues, LongSupplier clock, Consumer<String> trace) {
    this.trace = trace;
    this.scenario = scenario;
    this.venues = venues;
    this.clock = clock;
    int gateways = scenario.gateways().size();
    this.links = new Link.State[gateways];
    this.everUp = new boolean[gateways];
    this.downSince = new long[gateways];
    this.enabled = new boolean[gateways];
    this.subscribed = new BitSet[gateways];
    this.refused = new BitSet[gateways];
    this.listed = new BitSet[gateways];
    this.wrong = new BitSet[gateways];
    this.lags = new long[gateways];
    this.wanted = new BitSet[gateways];
    this.statuses = new ValueStatus[scenario.streams()];
    this.pacing = new PacingChecks(this);
    this.ticks = new TickChecks(this);
    this.control = new ControlChecks(this);
  }

  /// Our process begins: nothing is known, nothing is out.
  void begin(StreamEngine engine, StreamDistortion distortion, long now) {
    Arrays.fill(links, Link.State.DISCONNECTED);
    Arrays.fill(everUp, false);
    Arrays.fill(downSince, now);
    Arrays.fill(lags, 0);
    for (int i = 0; i < enabled.length; i++) {
      enabled[i] = scenario.gateways().get(i).enabled();
      subscribed[i] = new BitSet();
      refused[i] = new BitSet();
      wanted[i] = new BitSet();
      wrong[i] = new BitSet();
      listed[i] = new BitSet();
      listed[i].set(0, scenario.contracts().size());
    }
    Arrays.fill(statuses, ValueStatus.LIVE);
    ticks = new TickChecks(this);
    ticks.begin(engine);
    control = new ControlChecks(this);
    control.begin(engine, distortion, now);
  }

  TickChecks ticks() {
    return ticks;
  }

  PacingChecks pacing() {
    return pacing;
  }

  ControlChecks control() {
    return control;
  }

  void tell(String line) {
    trace.accept(line);
  }

  long now() {
    return clock.getAsLong();
  }

  boolean isUp(int gateway) {
    return enabled[gateway] && links[gateway] == Link.State.HEALTHY;
  }

  /// Whether a gateway can be asked for a stream, as far as is known.
  boolean gives(int gateway, int stream) {
    return scenario.offers(gateway, stream)
        && listed[gateway].get(scenario.contractOf(stream))
        && !refused[gateway].get(stream);
  }

  boolean givesAny(int gateway, int contract) {
    for (int stream : scenario.contracts().get(contract)) {
      if (gives(gateway, stream)) {
        return true;
      }
    }
    return false;
  }

  void input(ControlInput input) {
    switch (input) {
      case ControlInput.Linked linked -> {
        int gateway = linked.gateway();
        if (linked.state() == Link.State.HEALTHY) {
          everUp[gateway] = true;
        } else if (links[gateway] == Link.State.HEALTHY) {
          downSince[gateway] = now();
          subscribed[gateway].clear();
          refused[gateway].clear();
          wrong[gateway].clear();
        }
        if (linked.state() != Link.State.HEALTHY) {
          lags[gateway] = 0; // of a connection that is no more
        }
        links[gateway] = linked.state();
      }
      case ControlInput.Subscribed told -> {
        if (!subscribed[told.gateway()].get(told.stream())) {
          ticks.subscribed(told.gateway(), told.stream());
        }
        subscribed[told.gateway()].set(told.stream(), wanted[told.gateway()].get(told.stream()));
        refused[told.gateway()].clear(told.stream());
      }
      case ControlInput.Refused told -> refused[told.gateway()].set(told.stream());
      case ControlInput.Listed told -> {
        listed[told.gateway()].clear();
        told.contracts().forEach(listed[told.gateway()]::set);
      }
      case ControlInput.Disagrees told ->
        wrong[told.gateway()].set(told.contract(), told.how() != null);
      case ControlInput.Lags told -> lags[told.gateway()] = told.lagNanos();
      case ControlInput.Enable told -> enabled[told.gateway()] = told.enabled();
      default -> {
        // of the engine's own
      }
    }
    control.input(input);
  }

  void decision(ControlDecision decision) {
    switch (decision) {
      case ControlDecision.Want want -> {
        BitSet now = wanted[want.gateway()];
        now.clear();
        want.streams().forEach(now::set);
        subscribed[want.gateway()].and(now);
        refused[want.gateway()].andNot(now); // is asked for again
      }
      case ControlDecision.Status status -> statuses[status.stream()] = status.status();
      case ControlDecision.PriceJudged judged -> {
        if (judged.verdict() == ControlDecision.PriceVerdict.QUARANTINED) {
          for (int stream : scenario.contracts().get(judged.contract())) {
            ticks.quarantined(stream);
          }
        }
      }
      default -> {
        // looked at by the control's checks
      }
    }
    control.decision(decision);
  }

  void broken(String id, String detail) {
    if (violations.size() < KEPT) {
      violations.add(new Violation(id, String.valueOf(TEXTS.get(id)), detail, now()));
    }
  }

  List<Violation> violations() {
    return List.copyOf(violations);
  }
}

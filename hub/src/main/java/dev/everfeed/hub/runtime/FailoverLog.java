package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.Failover;
import dev.everfeed.core.engine.Failover.Kind;
import dev.everfeed.core.engine.Failover.Result;
import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.Symbol;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.hub.api.FailoverHistory;
import dev.everfeed.hub.api.FailoverHistory.OfGateway;
import dev.everfeed.hub.api.FailoverHistory.Stranded;
import dev.everfeed.hub.api.FailoverView;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Remembers failovers: the last ones, and sums of all since the start. Owned by the tick loop;
/// what it shows is immutable and for any thread.
final class FailoverLog {
  /// Those that are not over are never forgotten; there is at most one for each contract.
  static final int KEPT = 1_000;

  /// The control counts contracts; people know them by their symbols.
  private static final Pattern NUMBERED = Pattern.compile("^contract (\\d+) ");

  private final StreamPlan plan;
  private final HubClock clock;
  private final long epoch;
  private final Supplier<Control> control;

  /// The oldest first.
  private final Deque<Entry> entries = new ArrayDeque<>();

  private final Map<Result, Long> results = new EnumMap<>(Result.class);
  private final Map<Kind, Long> kinds = new EnumMap<>(Kind.class);
  private final long[] left;
  private final long[] taken;
  private final long[] movedAway;
  private final long[] convictions;

  /// By gateway, the contracts for which it is convicted.
  private final BitSet[] convicted;

  /// By contract, what was said when it was found to have nowhere to go.
  private final Map<Integer, ControlDecision.NoBackup> stranded = new TreeMap<>();

  private long moved;
  private long lost;
  private long unproved;
  private long forgotten;
  private boolean changed;
  private volatile FailoverHistory history = FailoverHistory.NONE;

  private static final class Entry {
    private final Failover failover;
    private FailoverView view;
    private int seen;

    Entry(Failover failover, FailoverView view) {
      this.failover = failover;
      this.view = view;
    }
  }

  /// @param epoch of this start of the hub
  FailoverLog(StreamPlan plan, HubClock clock, long epoch, Supplier<Control> control) {
    this.plan = plan;
    this.clock = clock;
    this.epoch = epoch;
    this.control = control;
    int gateways = plan.gateways().count();
    this.left = new long[gateways];
    this.taken = new long[gateways];
    this.movedAway = new long[gateways];
    this.convictions = new long[gateways];
    this.convicted = new BitSet[gateways];
    for (int i = 0; i < gateways; i++) {
      convicted[i] = new BitSet();
    }
    this.changed = true;
    show();
  }

  // ---- what happens

  void began(Failover failover) {
    entries.addLast(new Entry(failover, view(failover)));
    kinds.merge(failover.kind(), 1L, Long::sum);
    left[failover.from()]++;
    if (failover.to() != Control.NOBODY) {
      taken[failover.to()]++;
    }
    forget();
    countConvictions();
    changed = true;
    show();
  }

  void ended(Failover failover) {
    for (Iterator<Entry> newest = entries.descendingIterator(); newest.hasNext(); ) {
      Entry entry = newest.next();
      if (entry.failover == failover) {
        entry.view = view(failover);
        break;
      }
    }
    results.merge(failover.result(), 1L, Long::sum);
    int count = failover.migrated().size();
    moved += count;
    movedAway[failover.from()] += count;
    if (failover.lost() >= 0) {
      lost += failover.lost();
    } else if (count > 0) {
      unproved++;
    }
    forget();
    changed = true;
    show(); // who hears of the event finds it
  }

  void noBackup(ControlDecision.NoBackup none) {
    none.contracts().forEach(contract -> stranded.put(contract, none));
    changed = true;
    show();
  }

  /// Another gateway has come to a place, or nobody: what is counted of it begins anew.
  void cameTo(int place) {
    left[place] = 0;
    taken[place] = 0;
    movedAway[place] = 0;
    convictions[place] = 0;
    convicted[place].clear();
    stranded.values().removeIf(none -> none.gateway() == place);
    changed = true;
    show();
  }

  private void forget() {
    Iterator<Entry> oldest = entries.iterator();
    while (entries.size() > KEPT && oldest.hasNext()) {
      if (oldest.next().failover.endedNanos() >= 0) {
        oldest.remove();
        forgotten++;
      }
    }
  }

  /// Four times a second, and when somebody waits for what is shown.
  void look() {
    countConvictions();
    changed |= stranded.entrySet().removeIf(each -> !isStranded(each.getKey(), each.getValue()));
    for (Entry entry : entries) {
      if (!entry.view.isOver()) {
        int seen = signature(entry.failover);
        if (seen != entry.seen) {
          entry.seen = seen;
          entry.view = view(entry.failover);
          changed = true;
        }
      }
    }
    show();
  }

  /// Another one when there is something new to show.
  private int signature(Failover failover) {
    int signature = failover.contracts().size();
    signature = signature * 1_009 + failover.migrated().size();
    signature = signature * 1_009 + failover.unmigrated().size();
    signature = signature * 1_009 + failover.waitingFirstTick().size();
    signature = signature * 1_009 + failover.steps().size();
    return signature * 8 + stateOf(failover).ordinal() + 1;
  }

  private boolean isStranded(int contract, ControlDecision.NoBackup said) {
    int gateway = said.gateway();
    if (control.get().active(contract) != gateway) {
      return false;
    }
    return control.get().state(gateway) != GatewayState.HEALTHY
        || control.get().isConvicted(gateway, contract)
        || !hasLive(contract);
  }

  private boolean hasLive(int contract) {
    for (int stream : plan.engine().contracts().get(contract)) {
      if (control.get().status(stream) == ValueStatus.LIVE) {
        return true;
      }
    }
    return false;
  }

  private void countConvictions() {
    for (int gateway = 0; gateway < convicted.length; gateway++) {
      for (int contract = 0; contract < plan.contracts().size(); contract++) {
        boolean now = control.get().isConvicted(gateway, contract);
        if (now && !convicted[gateway].get(contract)) {
          convictions[gateway]++;
          changed = true;
        }
        convicted[gateway].set(contract, now);
      }
    }
  }

  // ---- what is shown

  /// For any thread; how far one that goes on is, is at most 250 ms old.
  FailoverHistory history() {
    return history;
  }

  private void show() {
    if (!changed) {
      return;
    }
    changed = false;
    List<FailoverView> newest = new ArrayList<>(entries.size());
    entries.descendingIterator().forEachRemaining(entry -> newest.add(entry.view));
    List<OfGateway> gateways = new ArrayList<>();
    plan.gateways()
        .taken()
        .forEach(i ->
            gateways.add(new OfGateway(idOf(i), left[i], taken[i], movedAway[i], convictions[i])));
    history = new FailoverHistory(
        newest,
        new FailoverHistory.Counts(results, kinds, gateways, moved, lost, unproved, forgotten),
        strandedNow());
  }

  private List<Stranded> strandedNow() {
    Map<ControlDecision.NoBackup, List<String>> together = new LinkedHashMap<>();
    stranded.forEach((contract, none) ->
        together.computeIfAbsent(none, _ -> new ArrayList<>()).add(symbol(contract)));
    return together.entrySet().stream()
        .map(each ->
            new Stranded(idOf(each.getKey().gateway()), each.getKey().reason(), each.getValue()))
        .toList();
  }

  private String idOf(int gateway) {
    return plan.gateways().get(gateway).gateway().id();
  }

  private String symbol(int contract) {
    return plan.contracts().get(contract).text();
  }

  String idOf(long number) {
    return FailoverView.id(epoch, number);
  }

  List<String> symbols(Collection<Integer> contracts) {
    return contracts.stream().map(this::symbol).toList();
  }

  private static boolean isOnlyTold(Failover failover) {
    return failover.policy().kind() == FailoverPolicy.Kind.SHADOW
        && failover.kind() == Kind.FAIL_OVER;
  }

  private FailoverView.State stateOf(Failover failover) {
    if (failover.endedNanos() >= 0) {
      return FailoverView.State.OVER;
    }
    if (isOnlyTold(failover)) {
      return FailoverView.State.TOLD;
    }
    for (int contract : failover.contracts()) {
      if (control.get().isMoving(contract)
          && !failover.migrated().contains(contract)
          && !failover.unmigrated().containsKey(contract)) {
        return FailoverView.State.MOVING;
      }
    }
    boolean waits = failover.kind() == Kind.FAIL_OVER
        && failover.policy().kind() != FailoverPolicy.Kind.IMMEDIATE
        && failover.switchNanos() < 0;
    return waits ? FailoverView.State.WAITING : FailoverView.State.MOVING;
  }

  FailoverView view(Failover failover) {
    int from = failover.from();
    int to = failover.to();
    return new FailoverView(
        epoch,
        failover.id(),
        failover.kind(),
        failover.policy().kind(),
        stateOf(failover),
        isOnlyTold(failover) && failover.result() == Result.PENDING
            ? Result.SHADOW
            : failover.result(),
        idOf(from),
        plan.gateways().get(from).plan().priority(),
        to == Control.NOBODY ? null : idOf(to),
        priorityOf(to),
        failover.contracts().stream().map(number -> contract(failover, number)).toList(),
        symbols(failover.waitingFirstTick()),
        failover.trigger(),
        failover.detectionNanos(),
        failover.switchNanos(),
        failover.durationNanos(),
        failover.lost(),
        at(failover.ailingSinceNanos()),
        at(failover.decidedNanos()),
        failover.endedNanos() < 0 ? null : at(failover.endedNanos()),
        failover.steps().stream()
            .map(step -> new FailoverView.Step(at(step.nanos()), named(step.what())))
            .toList());
  }

  private @Nullable Integer priorityOf(int gateway) {
    return gateway == Control.NOBODY
        ? null
        : Integer.valueOf(plan.gateways().get(gateway).plan().priority());
  }

  private FailoverView.Contract contract(Failover failover, int number) {
    Symbol symbol = plan.contracts().get(number);
    return new FailoverView.Contract(
        symbol.text(),
        plan.gateways().get(failover.from()).source().nativeName(symbol).orElse(symbol.text()),
        failover.migrated().contains(number),
        failover.unmigrated().get(number));
  }

  private String named(String step) {
    Matcher numbered = NUMBERED.matcher(step);
    return numbered.find()
        ? symbol(Integer.parseInt(numbered.group(1))) + " " + step.substring(numbered.end())
        : step;
  }

  private Instant at(long nanos) {
    return clock.anchored().at(nanos);
  }
}

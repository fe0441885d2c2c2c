package dev.everfeed.hub.runtime;

import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.model.Channel;
import dev.everfeed.core.model.GatewayState;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.verdict.Evidence;
import dev.everfeed.core.verdict.Verdict;
import dev.everfeed.core.verdict.VerdictKeeper;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.api.VerdictBoard;
import dev.everfeed.hub.api.VerdictView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Judges every contract that is published: what changed in the next beat of the tick loop, and
/// all of them in turn within a quarter of a second, a bounded number in each beat. Owned by the
/// tick loop; what it shows is for any thread.
final class Verdicts {
  /// Beats in which each contract is judged once.
  private static final int ROUND = 12;

  /// Contracts that are judged in one beat because something changed; the others in the next.
  private static final int AT_ONCE = 250;

  /// Of a hub that has just begun.
  private static final Evidence NOTHING =
      new Evidence(false, ValueStatus.STALE, Evidence.NEVER, 0, false, 0, null, null);

  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  private final StreamPlan plan;
  private final StreamEngine engine;
  private final VerdictRule rule;
  private final HubClock clock;
  private final EngineEvents events;
  private final boolean recording;

  /// By contract: the streams that are judged, and what is told.
  private final int[][] streams;

  private final VerdictKeeper[] keepers;
  private final @Nullable Instant[] since;
  private final @Nullable VerdictView[] views;
  private final long[] lostNanos;
  private final long[] lost;
  private final Map<Integer, Map<Integer, String>> doubts = new TreeMap<>();

  /// By stream.
  private final int[] contracts;

  /// The types of content that there have ever been, and by gateway the place of its own.
  private final List<String> types = new ArrayList<>();

  private final int[] contents;

  private final BitSet changed = new BitSet();

  /// Contracts that somebody has published: one that loses its last gateway is a halt, and not
  /// as if it had never been there.
  private final BitSet had = new BitSet();

  /// Streams that some gateway has delivered: one that the active gateway refuses may come from
  /// another one, and is stale when none gives it any more.
  private final BitSet delivered = new BitSet();

  /// Those that nobody gave before one was delivered.
  private final BitSet refused = new BitSet();

  private int next;
  private final AtomicIntegerArray counts = new AtomicIntegerArray(Verdict.Action.values().length);
  private final AtomicLong changes = new AtomicLong();
  private volatile VerdictBoard shown = VerdictBoard.NONE;

  Verdicts(
      StreamPlan plan,
      StreamEngine engine,
      VerdictRule rule,
      HubClock clock,
      EngineEvents events,
      boolean recording) {
    this.plan = plan;
    this.engine = engine;
    this.rule = rule;
    this.clock = clock;
    this.events = events;
    this.recording = recording;
    int count = plan.contracts().size();
    this.streams = new int[count][];
    this.keepers = new VerdictKeeper[count];
    this.since = new Instant[count];
    this.views = new VerdictView[count];
    this.lostNanos = new long[count];
    this.lost = new long[count];
    this.contracts = new int[plan.streams().size()];
    Arrays.fill(lostNanos, LONG_AGO);
    for (int contract = 0; contract < count; contract++) {
      int[] all = plan.engine().contracts().get(contract);
      for (int stream : all) {
        contracts[stream] = contract;
      }
      streams[contract] = Arrays.stream(all)
          .filter(stream -> plan.streams().stream(stream).channel() != Channel.BAR)
          .toArray();
      keepers[contract] = new VerdictKeeper(rule);
      since[contract] = clock.startedAt();
      show(contract, Control.NOBODY, NOTHING, clock.nanos());
    }
    look();
    this.contents = new int[plan.gateways().count()];
    plan.gateways().taken().forEach(this::came);
  }

  // ---- what happens

  /// A gateway has come to a place. What was said of the one before is not about it.
  void came(int place) {
    doubts.entrySet().removeIf(each -> {
      if (each.getValue().remove(place) != null) {
        changed.set(each.getKey());
      }
      return each.getValue().isEmpty();
    });
    String type = plan.gateways().get(place).plan().type();
    if (!types.contains(type)) {
      types.add(type);
    }
    contents[place] = types.indexOf(type);
  }

  void statusChanged(int stream) {
    changed.set(contracts[stream]);
  }

  void lost(int stream, long trades, long now) {
    int contract = contracts[stream];
    if (now - lostNanos[contract] > rule.policy().lossNanos()) {
      lost[contract] = 0;
    }
    lost[contract] += trades;
    lostNanos[contract] = now;
    changed.set(contract);
  }

  void judged(ControlDecision.PriceJudged judged) {
    Map<Integer, String> own = doubts.computeIfAbsent(judged.contract(), _ -> new TreeMap<>());
    if (judged.verdict() == ControlDecision.PriceVerdict.AGREES) {
      own.remove(judged.gateway());
    } else {
      own.put(judged.gateway(), judged.how());
    }
    if (own.isEmpty()) {
      doubts.remove(judged.contract());
    }
    changed.set(judged.contract());
  }

  // ---- time

  /// Fifty times a second.
  void beat(long now) {
    int count = keepers.length;
    if (count == 0) {
      return;
    }
    int due = Math.ceilDiv(count, ROUND);
    for (int i = 0; i < due; i++) {
      changed.set((next + i) % count);
    }
    int from = next;
    next = (next + due) % count;
    List<Told> told = new ArrayList<>();
    int left = due + AT_ONCE;
    for (int i = 0; i < 2 && left > 0; i++) { // from where the last beat ended, and round
      int end = i == 0 ? count : from;
      for (int contract = changed.nextSetBit(i == 0 ? from : 0);
          contract >= 0 && contract < end && left > 0;
          contract = changed.nextSetBit(contract + 1)) {
        left--;
        changed.clear(contract);
        judge(contract, now, told);
      }
    }
    if (!told.isEmpty()) {
      look(); // who hears of it and asks is not told the one before
      Instant validUntil = clock.anchored().at(now + rule.policy().validForNanos());
      told.forEach(each -> events.verdictChanged(each.view(), each.before(), validUntil));
    }
  }

  /// A verdict that is another one than before.
  private record Told(VerdictView view, Verdict before) {}

  private void judge(int contract, long now, List<Told> told) {
    Control control = engine.control();
    int active = control.active(contract);
    Evidence seen = evidence(contract, active, now);
    if (active == Control.NOBODY && seen.ageNanos() == Evidence.NEVER && !had.get(contract)) {
      hide(contract); // nobody has ever published it
      return;
    }
    had.set(contract);
    VerdictKeeper keeper = keepers[contract];
    Verdict before = keeper.told();
    boolean isAnother = keeper.found(rule.of(seen), now);
    if (isAnother) {
      since[contract] = clock.anchored().at(now);
    }
    VerdictView view = show(contract, active, seen, now);
    if (isAnother) {
      changes.incrementAndGet();
      told.add(new Told(view, before));
    }
  }

  private VerdictView show(int contract, int active, Evidence seen, long now) {
    hide(contract);
    Verdict told = keepers[contract].told();
    VerdictView view = new VerdictView(
        plan.contracts().get(contract).text(),
        told,
        now,
        since[contract],
        true,
        active == Control.NOBODY ? null : plan.gateways().get(active).gateway().id(),
        seen.status(),
        seen.ageNanos(),
        seen.sources());
    views[contract] = view;
    counts.incrementAndGet(told.action().ordinal());
    return view;
  }

  private void hide(int contract) {
    VerdictView view = views[contract];
    if (view != null) {
      views[contract] = null;
      counts.decrementAndGet(view.verdict().action().ordinal());
    }
  }

  private Evidence evidence(int contract, int active, long now) {
    Control control = engine.control();
    ValueStatus status = active == Control.NOBODY ? ValueStatus.STALE : ValueStatus.LIVE;
    long newest = Long.MIN_VALUE;
    for (int stream : streams[contract]) {
      if (isMissed(stream)) {
        status = worse(status, control.status(stream));
      }
      long lines = engine.arbiter().lines(stream);
      for (long left = lines; left != 0; left &= left - 1) {
        newest = Math.max(newest, engine.newestNanos(stream, Long.numberOfTrailingZeros(left)));
      }
    }
    boolean counts = now - lostNanos[contract] <= rule.policy().lossNanos();
    return new Evidence(
        recording,
        status,
        newest == Long.MIN_VALUE ? Evidence.NEVER : Math.max(0, now - newest),
        sources(contract),
        control.isMoving(contract),
        counts ? lost[contract] : 0,
        doubt(contract, active),
        null);
  }

  /// What was delivered once, and what somebody may still deliver. What all have refused from the
  /// beginning, nobody has, also when they are asked once more.
  private boolean isMissed(int stream) {
    if (engine.control().status(stream) != ValueStatus.STALE) {
      delivered.set(stream);
    } else if (!delivered.get(stream) && !isGiven(stream)) {
      refused.set(stream);
    }
    return delivered.get(stream) || !refused.get(stream);
  }

  private boolean isGiven(int stream) {
    Control control = engine.control();
    return plan.gateways()
        .taken()
        .anyMatch(gateway -> control.isEnabled(gateway) && control.gives(gateway, stream));
  }

  private static ValueStatus worse(ValueStatus one, ValueStatus other) {
    return one == ValueStatus.STALE || other == ValueStatus.LIVE ? one : other;
  }

  /// Healthy gateways that have it and are not held to be silent or wrong, each content once.
  private int sources(int contract) {
    Control control = engine.control();
    long found = 0;
    for (int gateway = 0; gateway < contents.length; gateway++) {
      if (control.state(gateway) == GatewayState.HEALTHY
          && control.isEnabled(gateway)
          && !control.isConvicted(gateway, contract)
          && !control.isAccused(gateway, contract)
          && gives(gateway, contract)) {
        found |= 1L << contents[gateway];
      }
    }
    return Long.bitCount(found);
  }

  private boolean gives(int gateway, int contract) {
    for (int stream : streams[contract]) {
      if (engine.control().gives(gateway, stream)) {
        return true;
      }
    }
    return false;
  }

  /// A gateway that is wrong and is not published from does not matter here; it is no source.
  private @Nullable String doubt(int contract, int active) {
    Map<Integer, String> own = doubts.get(contract);
    if (own == null) {
      return null;
    }
    String ofActive = own.get(active);
    return ofActive != null ? ofActive : own.get(Control.NOBODY);
  }

  /// Four times a second.
  void look() {
    Map<String, VerdictView> all = new LinkedHashMap<>();
    for (VerdictView view : views) {
      if (view != null) {
        all.put(view.symbol(), view);
      }
    }
    shown = new VerdictBoard(Collections.unmodifiableMap(all));
  }

  /// For any thread; at most 350 ms old.
  VerdictBoard shown() {
    return shown;
  }

  /// For any thread: symbols with this verdict.
  int count(Verdict.Action action) {
    return counts.get(action.ordinal());
  }

  /// For any thread.
  long changes() {
    return changes.get();
  }
}

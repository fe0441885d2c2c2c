package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.simulator.check.Checks;
import dev.everfeed.simulator.check.Violation;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The pull side in a world of its own: the production [PullEngine] on virtual time, with one
/// queue of events, simulated providers and users, all drawn from one seed.
///
/// Runs on the caller's thread, reads no clock, and does the same for the same seed everywhere.
/// First the faults are on and every invariant is looked at after every event (safety); then
/// everything is healed and must come back to health in time (liveness); then the users leave,
/// and nothing may be left over.
public final class World {
  private static final long SECOND = 1_000_000_000L;
  static final Instant BEGINNING = Instant.parse("2026-01-05T00:00:00Z");

  /// After the last cooldown, pause or ban is over: RESILIENCE L-2.
  private static final long WELL_AGAIN_NANOS = 300 * SECOND;

  /// After so long every price is less than 10 % and 10 % a minute away from one that was too
  /// high: a wrong price that nobody could tell from a right one convicts who is right.
  private static final long DISABUSED_NANOS = 600 * SECOND;

  private static final long DRAINED_NANOS = 120 * SECOND;

  /// Timers that fire at one and the same moment; more, and the engine asks to be called
  /// forever.
  private static final int MOST_AT_ONCE = 200_000;

  private final long seed;
  private final Scenario scenario;
  private final Distortion distortion;
  private final @Nullable Consumer<String> trace;

  private final EventQueue queue;
  private final SplittableRandom users;
  private final Map<SourceId, SimulatedProvider> providers = new TreeMap<>();
  private final Wire wire;
  private final EngineFactory newEngine;
  private final AnchoredClock clock = new AnchoredClock(BEGINNING, 0);
  private final WorldCatalogue catalogue;
  private final WorldTruth truth;
  private final Checks checks;
  private final @Nullable StoreSide store;
  private final TraceHash hash = new TraceHash();
  private final Tally tally = new Tally();
  private final List<String> phases = new ArrayList<>();

  /// What has come in while our process stands still.
  private final Queue<Happening> inbox = new ArrayDeque<>();

  /// Of our process; a new one for each of its lives.
  private PullEngine engine;

  private int life;
  private boolean down;
  private long now;
  private boolean paused;
  private boolean usersCome = true;
  private boolean broken;
  private long lastRequestId;
  private long atOnceSince;
  private int atOnce;
  private @Nullable Recovery recovery;

  private World(long seed, Distortion distortion, @Nullable Consumer<String> trace) {
    this.seed = seed;
    this.distortion = distortion;
    this.trace = trace;
    Seeds seeds = new Seeds(seed);
    this.scenario = ScenarioDraw.of(seeds);
    this.queue = new EventQueue(seeds.of("order"));
    this.users = seeds.of("users");
    Market market = new Market(seeds.of("market"), scenario.symbols());
    for (ProviderPlan plan : scenario.providers()) {
      providers.put(
          plan.id(),
          new SimulatedProvider(
              plan,
              scenario.faults().getOrDefault(plan.id(), List.of()),
              market,
              clock,
              seeds.of("provider " + plan.id())));
    }
    this.wire = new Wire(providers, queue);
    this.catalogue = new WorldCatalogue(scenario.providers());
    this.newEngine = new EngineFactory(scenario, distortion, catalogue, clock, seeds);
    this.engine = newEngine.of(life, now);
    SimulatedHistory history = scenario
        .store()
        .map(plan -> new SimulatedHistory(plan, scenario.routes(), clock, seeds.of("history")))
        .orElse(null);
    this.truth = new WorldTruth(scenario, providers, engine, catalogue, clock, market, history);
    this.checks = new Checks(truth);
    this.store = history == null
        ? null
        : new StoreSide(scenario.store().orElseThrow(), history, queue, seeds.of("readers"));
    if (history != null) {
      checks.saidBefore(history.fill(scenario.providers().getFirst(), market, scenario.symbols()));
    }
  }

  /// A world that has not begun.
  public static World seeded(long seed) {
    return new World(seed, Distortion.NONE, null);
  }

  /// The same world with a planted bug.
  public World with(Distortion planted) {
    return new World(seed, planted, trace);
  }

  /// The same world, telling every input and decision.
  public World tracedTo(Consumer<String> lines) {
    return new World(seed, distortion, lines);
  }

  /// Lives through all three phases. Once only.
  public Outcome run() {
    for (Scenario.Pause pause : scenario.pauses()) {
      queue.add(pause.atNanos(), new Happening.Pause(pause.lengthNanos()));
    }
    for (Scenario.Herd herd : scenario.herds()) {
      queue.add(herd.atNanos(), new Happening.Herd(herd.query(), herd.users(), herd.priority()));
    }
    for (Scenario.PolicyChange change : scenario.policyChanges()) {
      queue.add(change.atNanos(), new Happening.NewPolicy(change.source(), change.policy()));
    }
    queue.add(scenario.safetyNanos(), new Happening.Heal());
    if (store == null) {
      feed(new Input.AskedBefore(new TreeMap<>()));
    } else {
      store.plan();
      store.begun(life, now, this::feed);
      queue.add(0, new Happening.NextReader());
    }
    queue.add(0, new Happening.NextUser());
    queue.add(SECOND, new Happening.Second());
    runUntil(scenario.safetyNanos(), () -> false);
    // A pause may reach beyond the last fault.
    runUntil(Long.MAX_VALUE, () -> !paused && !down);
    long healedAt = now;
    phases.add(
        "safety, %,d s, %d faults: %s".formatted(seconds(now), scenario.faultCount(), tally));
    long wellAt = -1;
    if (!broken) {
      wellAt = live(healedAt);
      drain();
      checks.end(now);
    }
    return new Outcome(
        seed,
        hash.value(),
        hash.count(),
        tally.requests,
        tally.live,
        tally.maybeStale,
        tally.cached,
        tally.stale,
        tally.unavailable,
        tally.lost,
        tally.calls,
        tally.further,
        tally.failovers,
        tally.openings,
        tally.recalls,
        tally.restarts,
        scenario.faultCount(),
        healedAt,
        wellAt,
        now,
        checks.violations(),
        List.copyOf(phases));
  }

  // ---- phases

  private long live(long healedAt) {
    Recovery watched = new Recovery(engine, scenario.routes(), catalogue, healedAt);
    recovery = watched;
    long latest = healedAt;
    for (SourceGuard guard : engine.guards()) {
      long openMax = guard.breaker().policy().openMaxNanos();
      latest =
          Math.max(latest, Math.max(healedAt, guard.snapshot(now).pausedUntilNanos()) + openMax);
    }
    long limit = latest + WELL_AGAIN_NANOS + (checks.misled() ? DISABUSED_NANOS : 0);
    runUntil(limit, () -> watched.ailments().isEmpty());
    List<String> ailments = watched.ailments();
    for (String ailment : ailments) {
      checks.broken(new Violation(
          ailment.substring(0, 2), "all is well again after the faults", ailment, now));
    }
    phases.add("liveness, %,d s until all was well%s: %s"
        .formatted(seconds(now - healedAt), ailments.isEmpty() ? "" : " (it never was)", tally));
    return ailments.isEmpty() ? now : -1;
  }

  private void drain() {
    usersCome = false;
    BooleanSupplier empty = () -> engine.flightCount() == 0
        && engine.callCount() == 0
        && engine.recallCount() == 0
        && engine.nextDeadlineNanos() == engine.nextRunNanos();
    long from = now;
    runUntil(now + DRAINED_NANOS, empty);
    if (!empty.getAsBoolean()) {
      checks.broken(new Violation(
          "L4",
          "nothing is left over when nobody asks any more",
          "%d questions, %d calls, next timer in %,d ms"
              .formatted(
                  engine.flightCount(),
                  engine.callCount(),
                  (engine.nextDeadlineNanos() - now) / 1_000_000),
          now));
    }
    phases.add("drained after %,d s: %,d answers and %,d bars remembered"
        .formatted(seconds(now - from), engine.rememberedCount(), engine.rememberedBars()));
  }

  // ---- time

  /// Ends early when `done`, looked at once a virtual second, says so.
  private void runUntil(long end, BooleanSupplier done) {
    while (!broken) {
      long happens = queue.nextNanos();
      long due = paused || down ? Long.MAX_VALUE : Math.max(now, engine.nextDeadlineNanos());
      long next = Math.min(happens, due);
      if (next > end || next == Long.MAX_VALUE) {
        now = Math.max(now, Math.min(end, next));
        return;
      }
      countAtOnce(next);
      now = next;
      if (due <= happens) {
        feed(new Input.TimePassed());
        continue;
      }
      Happening happening = queue.take();
      if (paused && happening.isOurs()) {
        inbox.add(happening);
      } else {
        happen(happening);
      }
      boolean look = happening instanceof Happening.Second || happening instanceof Happening.GoOn;
      if (look && done.getAsBoolean()) {
        return;
      }
    }
  }

  private void countAtOnce(long next) {
    atOnce = next == atOnceSince ? atOnce + 1 : 0;
    atOnceSince = next;
    if (atOnce > MOST_AT_ONCE) {
      stop("the engine has asked to be called %,d times at this moment".formatted(atOnce));
    }
  }

  private void stop(String detail) {
    broken = true;
    checks.broken(new Violation("P20", "the engine takes every input and goes on", detail, now));
  }

  private void happen(Happening happening) {
    switch (happening) {
      case Happening.NextUser _ -> nextUser();
      case Happening.Herd herd -> {
        for (int i = 0; i < herd.users() && !broken; i++) {
          ask(herd.query(), herd.priority());
        }
      }
      case Happening.Arrival arrival -> wire.arrive(arrival, down ? -1 : life, now, checks);
      case Happening.Delivery delivery -> {
        if (delivery.life() == life && !down) {
          feed(delivery.input());
        }
      }
      case Happening.Restart restart -> end(restart.downNanos());
      case Happening.Begin _ -> begin();
      case Happening.NextReader _ -> nextReader();
      case Happening.StoreTurns _ -> {
        if (store != null && !down) {
          store.turned(now, this::feed);
        }
      }
      case Happening.Duty duty -> {
        if (store != null) {
          store.duty(duty.mine(), now, down ? _ -> {} : this::feed);
        }
      }
      case Happening.Heal _ -> heal();
      case Happening.Pause pause -> {
        if (!paused && !down) {
          tell("our process stands still for %,d ms".formatted(pause.nanos() / 1_000_000));
          paused = true;
          queue.add(now + pause.nanos(), new Happening.GoOn(life));
        }
      }
      case Happening.GoOn goOn -> {
        if (paused && goOn.life() == life) {
          goOn();
        }
      }
      case Happening.NewPolicy change -> guard(change.source()).breaker().policy(change.policy());
      case Happening.Second _ -> {
        if (!down) {
          checks.everySecond(now);
        }
        queue.add(now + SECOND, new Happening.Second());
      }
    }
  }

  private void goOn() {
    paused = false;
    if (scenario.timersFirst() && engine.nextDeadlineNanos() <= now) {
      feed(new Input.TimePassed());
    }
    for (Happening waiting = inbox.poll(); waiting != null; waiting = inbox.poll()) {
      happen(waiting);
    }
  }

  /// The faults end by themselves at this moment. What is left is a budget too tight for the
  /// users: the venues raise it, and say so.
  private void heal() {
    for (SimulatedProvider provider : providers.values()) {
      provider.heal();
      feed(new Input.WeightReported(provider.plan.id(), -1, SimulatedProvider.HEALED_WEIGHT_LIMIT));
    }
    if (store != null) {
      store.duty(true, now, this::feed);
    }
  }

  // ---- our process

  /// With everybody who waits, and without a word.
  private void end(long downNanos) {
    tell("our process ends, and begins again in %,d ms".formatted(downNanos / 1_000_000));
    down = true;
    paused = false;
    tally.restarted();
    wire.cut(now);
    queue.add(now + downNanos, new Happening.Begin());
    for (Happening waiting = inbox.poll(); waiting != null; waiting = inbox.poll()) {
      happen(waiting);
    }
  }

  private void begin() {
    tell("our process begins again");
    life++;
    down = false;
    lastRequestId = 0;
    engine = newEngine.of(life, now);
    truth.restarted(engine, now);
    checks.restarted();
    if (store != null) {
      store.begun(life, now, this::feed);
    }
  }

  private SourceGuard guard(SourceId source) {
    for (SourceGuard guard : engine.guards()) {
      if (guard.source().equals(source)) {
        return guard;
      }
    }
    throw new IllegalArgumentException("no guard for " + source);
  }

  // ---- users

  private void nextUser() {
    if (!usersCome) {
      return;
    }
    Query query = scenario.questions().get(users.nextInt(scenario.questions().size()));
    ask(query, Seeds.chance(users, 97) ? Priority.USER : Priority.BACKFILL);
    // While all is well again somebody asks at least twice a second, or nothing could be seen.
    double perSecond =
        recovery == null ? scenario.askedPerSecond() : Math.max(2, scenario.askedPerSecond());
    double gap = -StrictMath.log(1 - users.nextDouble()) / perSecond;
    queue.add(now + 1 + Math.round(Math.min(gap, 60) * SECOND), new Happening.NextUser());
  }

  private void nextReader() {
    if (store == null || !usersCome) {
      return;
    }
    ask(store.nextQuestion(), Priority.USER);
    queue.add(now + store.untilNextReaderNanos(), new Happening.NextReader());
  }

  private void ask(Query query, Priority priority) {
    if (down) {
      return; // nobody listens
    }
    if (engine.nextDeadlineNanos() <= now) {
      feed(new Input.TimePassed());
    }
    tally.requests++;
    feed(new Input.Ask(++lastRequestId, query, priority));
  }

  // ---- the engine

  private void feed(Input input) {
    if (broken || down) {
      return;
    }
    if (trace != null) {
      tell("  in " + input);
    }
    checks.input(input, now);
    hash.input(input, now);
    try {
      distortion.input(
          input, engine, passed -> engine.on(passed, now, decision -> decided(decision)));
    } catch (RuntimeException e) {
      stop("%s threw %s".formatted(input, e));
      return;
    }
    checks.settled(now);
    if (store != null) {
      store.written(engine);
    }
  }

  private void decided(Decision decision) {
    distortion.decision(decision, engine, this::act);
  }

  private void act(Decision decision) {
    if (trace != null) {
      tell("    out " + decision);
    }
    checks.decision(decision, now);
    hash.decision(decision);
    tally.decision(decision);
    switch (decision) {
      case Decision.Call call ->
        wire.send(
            life,
            call.callId(),
            call.source(),
            call.query(),
            call.weight(),
            call.timeoutNanos(),
            now);
      case Decision.Probe probe ->
        wire.send(life, probe.callId(), probe.source(), null, 1, probe.timeoutNanos(), now);
      case Decision.Answer answer -> {
        if (recovery != null) {
          recovery.answered(answer.reply());
        }
      }
      case Decision.Recall recall -> {
        if (store != null) {
          store.recall(recall, life, now);
        }
      }
      case Decision.Keep keep -> {
        if (store != null) {
          store.keep(keep.served());
        }
      }
      case Decision.Cancel _,
          Decision.CallEnded _,
          Decision.CircuitChanged _,
          Decision.Reject _,
          Decision.SkippedDueToCircuit _,
          Decision.Fetched _ -> {}
    }
  }

  private void tell(String line) {
    if (trace != null) {
      trace.accept("%,15d us %s".formatted(now / 1_000, line));
    }
  }

  private static long seconds(long nanos) {
    return nanos / SECOND;
  }
}

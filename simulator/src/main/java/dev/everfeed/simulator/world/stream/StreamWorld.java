package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.ConnectBudget;
import dev.everfeed.core.engine.Control;
import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.ControlInput;
import dev.everfeed.core.engine.EnginePlan;
import dev.everfeed.core.engine.Link;
import dev.everfeed.core.engine.StreamEngine;
import dev.everfeed.core.health.PeerClockPolicy;
import dev.everfeed.core.model.Tick;
import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.simulator.world.Seeds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The push side in a world of its own: the production [StreamEngine], and a production [Link]
/// for each gateway, on virtual time, with simulated venues and the wires to them, all drawn
/// from one seed.
///
/// Runs on the caller's thread, reads no clock, and does the same for the same seed everywhere.
/// First the faults are on and every invariant is looked at after every event (safety); then all
/// faults are over, and everything must come back to health in time (liveness).
public final class StreamWorld {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  /// A slip of our own loop that is told to the engine.
  private static final long SLIP_NANOS = 25 * MILLI;

  /// Data so much later than when they happened are late.
  private static final long LATE_NANOS = 500 * MILLI;

  private static final int UNREAD_MOST = 4_096;

  /// Timers that fire at one and the same moment; more, and the engine asks to be called
  /// forever.
  private static final int MOST_AT_ONCE = 20_000;

  private final long seed;
  private final UnaryOperator<StreamScenario> script;
  private final StreamScenario scenario;
  private final StreamDistortion distortion;
  private final @Nullable Consumer<String> trace;
  private final Seeds seeds;
  private final Agenda agenda;
  private final VenueSide venues;
  private final StreamChecks checks;
  private final StreamTally tally = new StreamTally();
  private final StreamHash hash = new StreamHash();
  private final List<String> phases = new ArrayList<>();
  private final SplittableRandom reading;
  private final SplittableRandom rest;
  private final Tick tick = new Tick();
  private final GatewayLine[] lines;
  private final StreamEngine.Output outputs = new Outputs();

  /// What has come in while our process stands still, by connection.
  private final List<ArrayDeque<Waiting>> inboxes = new ArrayList<>();

  private StreamEngine engine;
  private final int gateways;
  private final int[] faultsOn;
  private final long[] latest;
  private final int[] lateSeconds;
  private final boolean[] lagTold;
  private final boolean[][] wrongTold;
  private int faultCount;
  private int accusing;
  private int life;
  private boolean down;
  private boolean paused;
  private boolean broken;
  private boolean dirty;

  /// Inputs that are being taken in: one may be the consequence of another.
  private int depth;

  private long pausedSince;
  private long now;
  private long atOnceSince;
  private int atOnce;

  private record Waiting(
      What what, int a, int b, long c, @Nullable Object thing) {}

  /// The answer to a refill.
  private record Refilled(int gateway, long[] events, boolean ends, long lastId) {}

  private StreamWorld(
      long seed,
      UnaryOperator<StreamScenario> script,
      StreamDistortion distortion,
      @Nullable Consumer<String> trace) {
    this.seed = seed;
    this.script = script;
    this.distortion = distortion;
    this.trace = trace;
    this.seeds = new Seeds(seed);
    this.scenario = script.apply(StreamScenarioDraw.of(seeds));
    this.gateways = scenario.gateways().size();
    this.agenda = new Agenda(seeds.of("order"));
    this.venues = new VenueSide(scenario, agenda, seeds, this::evicted);
    this.checks = new StreamChecks(scenario, venues, () -> now, this::tell);
    this.reading = seeds.of("reading");
    this.rest = seeds.of("rest");
    this.lines = new GatewayLine[gateways];
    this.faultsOn = new int[gateways];
    this.latest = new long[gateways];
    this.lateSeconds = new int[gateways];
    this.lagTold = new boolean[gateways];
    this.wrongTold = new boolean[gateways][scenario.contracts().size()];
    this.engine = newEngine();
  }

  /// A world that has not begun.
  public static StreamWorld seeded(long seed) {
    return new StreamWorld(seed, UnaryOperator.identity(), StreamDistortion.NONE, null);
  }

  /// The world of a seed in which something else goes wrong than what was drawn.
  static StreamWorld scripted(long seed, UnaryOperator<StreamScenario> script) {
    return new StreamWorld(seed, script, StreamDistortion.NONE, null);
  }

  /// The same world with a planted bug.
  public StreamWorld with(StreamDistortion planted) {
    return new StreamWorld(seed, script, planted, trace);
  }

  /// The same world, telling every input and decision.
  public StreamWorld tracedTo(Consumer<String> told) {
    return new StreamWorld(seed, script, distortion, told);
  }

  /// Lives through both phases. Once only.
  public StreamOutcome run() {
    plan();
    begin();
    runUntil(scenario.safetyNanos(), () -> false);
    runUntil(Long.MAX_VALUE, () -> !paused && !down);
    long healed = now;
    phases.add("%d gateways of %d venues, %d contracts, %d streams; safety, %,d s, %d faults: %s"
        .formatted(
            gateways,
            scenario.venues().size(),
            scenario.contracts().size(),
            scenario.streams(),
            now / SECOND,
            faultCount,
            tally));
    long well = -1;
    if (!broken) {
      well = live(healed);
    }
    return new StreamOutcome(
        seed,
        hash.value(),
        tally.steps,
        tally.published,
        tally.failovers + tally.partial,
        faultCount,
        checks.control().convictions,
        checks.control().falseConvictions,
        well,
        now,
        checks.violations(),
        List.copyOf(phases));
  }

  private void plan() {
    for (int i = 0; i < scenario.faults().size(); i++) {
      StreamFault fault = scenario.faults().get(i);
      agenda.add(fault.fromNanos(), What.FAULT, i, 0, 0, null);
      agenda.add(fault.toNanos(), What.FAULT_OVER, i, 0, 0, null);
    }
    for (StreamScenario.Pause pause : scenario.pauses()) {
      agenda.add(pause.atNanos(), What.PAUSE, 0, 0, pause.lengthNanos(), null);
    }
    for (StreamScenario.Restart restart : scenario.restarts()) {
      agenda.add(restart.atNanos(), What.RESTART, 0, 0, restart.downNanos(), null);
    }
    for (int i = 0; i < scenario.operations().size(); i++) {
      agenda.add(scenario.operations().get(i).atNanos(), What.OPERATOR, i, 0, 0, null);
    }
    agenda.add(SECOND, What.SECOND);
  }

  // ---- phases

  private long live(long healed) {
    StreamRecovery recovery = new StreamRecovery(scenario, checks, engine);
    long limit = healed + recovery.limitNanos();
    runUntil(limit, () -> recovery.ailments().isEmpty());
    List<String> ailments = broken ? List.of() : recovery.ailments();
    for (String ailment : ailments) {
      checks.broken(ailment.substring(0, 3), ailment.substring(4));
    }
    phases.add("liveness, %,d s until all was well%s: %s"
        .formatted((now - healed) / SECOND, ailments.isEmpty() ? "" : " (it never was)", tally));
    return ailments.isEmpty() ? now - healed : -1;
  }

  // ---- time

  private void runUntil(long end, BooleanSupplier done) {
    while (!broken) {
      long happens = agenda.nextNanos();
      long due = due();
      long next = Math.min(happens, due);
      if (next > end) {
        now = Math.max(now, end);
        return;
      }
      countAtOnce(next);
      now = next;
      boolean second = false;
      try {
        if (due <= happens) {
          timePassed();
        } else {
          agenda.take();
          second =
              agenda.kind == What.SECOND || agenda.kind == What.GO_ON || agenda.kind == What.BEGIN;
          happens();
        }
        settle();
      } catch (RuntimeException e) {
        broken = true;
        checks.broken("E23", "threw " + e + " at " + e.getStackTrace()[0]);
      }
      if (second && done.getAsBoolean()) {
        return;
      }
    }
  }

  private void countAtOnce(long next) {
    atOnce = next == atOnceSince ? atOnce + 1 : 0;
    atOnceSince = next;
    if (atOnce > MOST_AT_ONCE) {
      broken = true;
      checks.broken(
          "E23", "the engine asks to be called %,d times at this moment".formatted(atOnce));
    }
  }

  private long due() {
    if (paused || down) {
      return Long.MAX_VALUE;
    }
    long due = engine.nextDeadlineNanos();
    for (GatewayLine line : lines) {
      due = Math.min(due, line.dueNanos());
    }
    return Math.max(now, due);
  }

  private void timePassed() {
    for (GatewayLine line : lines) {
      if (line.dueNanos() <= now) {
        line.timePassed(now);
      }
    }
    engineTime();
  }

  private void engineTime() {
    if (engine.nextDeadlineNanos() <= now) {
      tally.steps++;
      dirty = true;
      depth++;
      distortion.timePassed(now, engine);
      depth--;
    }
  }

  private void settle() {
    if (dirty && !down) {
      dirty = false;
      checks.control().faultNanos = accusing > 0 ? now : checks.control().faultNanos;
      for (int i = 0; i < scenario.venues().size(); i++) {
        if (venues.venueHas(i, StreamFault.Kind.HALT)) {
          checks.control().haltNanos[i] = now;
        }
      }
      checks.control().settled();
    }
  }

  // ---- what happens

  private void happens() {
    if (paused && agenda.kind.isOurs) {
      keep();
      return;
    }
    happen(agenda.kind, agenda.a, agenda.b, agenda.c, agenda.thing);
  }

  private void keep() {
    if (agenda.kind == What.SECOND) {
      agenda.add(now + SECOND, What.SECOND);
      return;
    }
    boolean ofPipe = agenda.kind.compareTo(What.CONFIRM) < 0;
    int box = ofPipe ? venues.pipes.get(agenda.a).number + 1 : 0;
    while (inboxes.size() <= box) {
      inboxes.add(new ArrayDeque<>());
    }
    inboxes.get(box).add(new Waiting(agenda.kind, agenda.a, agenda.b, agenda.c, agenda.thing));
  }

  private void happen(What what, int a, int b, long c, @Nullable Object thing) {
    switch (what) {
      case MARKET -> venues.market(a, b, now);
      case PING -> venues.ping(venues.pipes.get(a), now);
      case CONNECT -> venues.connected(venues.pipes.get(a), now);
      case REQUEST -> {
        if (thing instanceof VenueSide.Request request) {
          venues.requested(venues.pipes.get(a), request, now);
        }
      }
      case HANG_UP -> {
        if (b == 0) {
          venues.hungUp(venues.pipes.get(a));
        } else {
          venues.flaps(venues.pipes.get(a), "closed by the venue", now);
        }
      }
      case TICK, HEARD, NEWEST, OPENED, CLOSED, ANSWERED, ACKNOWLEDGED, REFUSED, END_ANNOUNCED -> {
        Pipe pipe = venues.pipes.get(a);
        if (pipe.openHere && pipe.life == life && !down) {
          came(what, pipe, b, c, thing);
        }
      }
      case CONFIRM -> confirm(a, b, c);
      case REFILL -> {
        if (thing instanceof Refilled answer && b == life && !down) {
          refill(answer, (int) c);
        }
      }
      case FAULT -> fault(scenario.faults().get(a), true);
      case FAULT_OVER -> fault(scenario.faults().get(a), false);
      case LISTED -> {
        if (!down) {
          SortedSet<Integer> contracts = new TreeSet<>();
          venues.listed(a).stream().forEach(contracts::add);
          input(new ControlInput.Listed(a, contracts));
        }
      }
      case OPERATOR -> operate(scenario.operations().get(a));
      case PAUSE -> pause(c);
      case GO_ON -> {
        if (paused && a == life) {
          goOn();
        }
      }
      case RESTART -> end(c);
      case BEGIN -> begin();
      case SECOND -> {
        everySecond();
        agenda.add(now + SECOND, What.SECOND);
      }
    }
  }

  private void came(What what, Pipe pipe, int b, long c, @Nullable Object thing) {
    GatewayLine line = lines[pipe.gateway];
    line.heard(pipe, now);
    switch (what) {
      case TICK -> {
        if (pipe.delivers) {
          tick(pipe.gateway, b, c);
        } else if (pipe.unread.size() < UNREAD_MOST) {
          pipe.unread.add(new long[] {b, c});
        }
      }
      case NEWEST -> {
        if (pipe.delivers) {
          tally.steps++;
          engine.newest(pipe.gateway, b, c, now);
        }
      }
      case HEARD -> distortion.heartbeat(pipe.gateway, now, engine);
      case OPENED -> line.on(new Link.Input.Opened(pipe.connection), now);
      case CLOSED -> line.closed(pipe, String.valueOf(thing), now);
      case ANSWERED -> {
        String refusal = thing == null ? null : thing.toString();
        if (refusal == null && b == pipe.requestId) {
          acknowledged(pipe, pipe.requested.stream().toArray());
        }
        line.on(new Link.Input.Answered(pipe.connection, b, refusal), now);
      }
      case ACKNOWLEDGED -> {
        acknowledged(pipe, b);
        line.on(new Link.Input.Subscribed(pipe.connection, b), now);
      }
      case REFUSED -> line.on(new Link.Input.Refused(pipe.connection, "unknown"), now);
      case END_ANNOUNCED -> {
        if (scenario.gateways().get(pipe.gateway).accountMax() < Integer.MAX_VALUE) {
          return; // a successor would cost it its connection
        }
        line.on(new Link.Input.EndAnnounced(pipe.connection), now);
      }
      default -> throw new IllegalStateException("not from a venue: " + what);
    }
  }

  private void acknowledged(Pipe pipe, int... streams) {
    for (int stream : streams) {
      pipe.acknowledged.set(stream);
      if (pipe.delivers) {
        input(new ControlInput.Subscribed(pipe.gateway, stream));
      }
    }
  }

  private void tick(int gateway, int stream, long c) {
    StreamMarket market = venues.markets[scenario.venueOf()[gateway]][stream];
    boolean wrong = (c & VenueSide.WRONG) != 0;
    boolean again = (c & VenueSide.AGAIN) != 0;
    long k = c & ~VenueSide.WRONG & ~VenueSide.AGAIN;
    if (!market.knows(k)) {
      return;
    }
    long wrongId = wrong ? 10_000_000_000_000L + (k * 0x9E3779B97F4A7C15L >>> 14) : Tick.NONE;
    market.fill(tick, k, wrongId);
    if (!again) {
      latest[gateway] = Math.max(latest[gateway], now - market.timeNanos(k));
    }
    tally.ticks++;
    tally.steps++;
    hash.add(now);
    hash.add(k << 16 ^ (long) gateway << 10 ^ stream);
    if (trace != null) {
      tell("  tick %s stream %d event %d id %d%s"
          .formatted(id(gateway), stream, k, tick.order(), wrong ? " (wrong)" : ""));
    }
    checks.ticks().arriving(gateway, stream, k, wrong);
    depth++;
    distortion.tick(gateway, tick, now, engine);
    depth--;
    dirty |= checks.ticks().arrived(gateway, stream, k, wrong);
  }

  private String id(int gateway) {
    return gateway == Control.NOBODY
        ? "nobody"
        : scenario.gateways().get(gateway).id();
  }

  // ---- questions asked in another way

  private void confirm(int gateway, int stream, long since) {
    if (down || checks.links[gateway] != Link.State.HEALTHY) {
      return;
    }
    int venue = scenario.venueOf()[gateway];
    for (int each = 0; each < scenario.streams(); each++) {
      boolean asked =
          stream == each || (stream == ControlInput.WHOLE && checks.subscribed[gateway].get(each));
      long known = Math.max(since, engine.newestNanos(each, gateway));
      // what happened just now may be on its way
      if (asked && venues.markets[venue][each].happenedBetween(known, now - 2 * SECOND)) {
        checks.control().faultNanos = now; // it has lost something
        input(new ControlInput.Confirmed(gateway, stream, "an answer over HTTP"));
        return;
      }
    }
  }

  private void askForRefill(int gateway, int stream, long first, long last) {
    tally.refills++;
    int venue = scenario.venueOf()[gateway];
    StreamMarket market = venues.markets[venue][stream];
    List<Long> found = new ArrayList<>();
    for (long id = first; id <= last; id++) {
      long k = market.find(id);
      if (k >= 0) {
        found.add(k);
      }
    }
    long delay = Seeds.logUniform(rest, 20 * MILLI, 400 * MILLI);
    boolean ends = true;
    int times = 1;
    if (venues.venueHas(venue, StreamFault.Kind.REST)) {
      switch (rest.nextInt(7)) {
        case 0 -> {
          return; // no answer
        }
        case 1 -> found.clear();
        case 2 -> found.subList(found.size() / 2, found.size()).clear();
        case 3 -> delay += 2 * SECOND;
        case 4 -> times = 2;
        case 5 -> java.util.Collections.reverse(found);
        default -> ends = false;
      }
    }
    long[] events = found.stream().mapToLong(Long::longValue).toArray();
    for (int i = 0; i < times; i++) {
      agenda.add(
          now + delay + i * 10 * MILLI,
          What.REFILL,
          0,
          life,
          stream,
          new Refilled(gateway, events, ends, last));
    }
  }

  private void refill(Refilled answer, int stream) {
    StreamMarket market = venues.markets[scenario.venueOf()[answer.gateway()]][stream];
    checks.ticks().refilling(true);
    for (long k : answer.events()) {
      if (market.knows(k)) {
        market.fill(tick, k, Tick.NONE);
        tally.steps++;
        hash.add(now);
        hash.add(k);
        distortion.refilled(answer.gateway(), tick, now, engine);
      }
    }
    if (answer.ends()) {
      engine.refillEnded(stream, answer.lastId(), now);
    }
    checks.ticks().refilling(false);
  }

  // ---- faults and operators

  private void fault(StreamFault fault, boolean begins) {
    if (begins) {
      faultCount++;
      tell(fault.toString());
    }
    int more = begins ? 1 : -1;
    if (fault.kind().accuses()) {
      accusing += more;
      checks.control().faultNanos = now;
    } else {
      if (fault.kind() == StreamFault.Kind.HALT) {
        checks.control().haltNanos[fault.where()] = now;
      }
    }
    venues.turn(fault, begins, now);
  }

  private void operate(StreamScenario.Operation operation) {
    if (down) {
      return;
    }
    checks.control().faultNanos = now;
    switch (operation.kind()) {
      case MOVE ->
        input(new ControlInput.Move(
            operation.contract() < 0
                ? new TreeSet<>()
                : new TreeSet<>(List.of(operation.contract())),
            operation.gateway(),
            operation.to()));
      case ENABLE -> input(new ControlInput.Enable(operation.gateway(), true));
      case DISABLE -> input(new ControlInput.Enable(operation.gateway(), false));
      case RETURN -> input(new ControlInput.Return(contracts(operation)));
      case PIN -> input(new ControlInput.Pin(contracts(operation), true));
      case UNPIN -> input(new ControlInput.Pin(contracts(operation), false));
      case FREEZE -> input(new ControlInput.Freeze(true));
      case UNFREEZE -> input(new ControlInput.Freeze(false));
    }
  }

  private TreeSet<Integer> contracts(StreamScenario.Operation operation) {
    TreeSet<Integer> named = new TreeSet<>();
    for (int i = 0; i < scenario.contracts().size(); i++) {
      if (operation.contract() < 0 || operation.contract() == i) {
        named.add(i);
      }
    }
    return named;
  }

  private void pause(long length) {
    if (paused || down) {
      return;
    }
    tell("our process stands still for %,d ms".formatted(length / MILLI));
    faultCount++;
    paused = true;
    pausedSince = now;
    agenda.add(now + length, What.GO_ON, life, 0, 0, null);
  }

  private void goOn() {
    paused = false;
    checks.control().pauseNanos = now;
    tell("our process goes on");
    if (now - pausedSince >= SLIP_NANOS) {
      distortion.paused(now - pausedSince, now, engine);
    }
    if (scenario.timersFirst()) {
      engineTime();
      settle();
    }
    // Each connection's own in order, of several in any.
    List<ArrayDeque<Waiting>> full = new ArrayList<>();
    for (ArrayDeque<Waiting> inbox : inboxes) {
      if (!inbox.isEmpty()) {
        full.add(inbox);
      }
    }
    while (!full.isEmpty() && !broken) {
      int which = reading.nextInt(full.size());
      ArrayDeque<Waiting> inbox = full.get(which);
      for (int i = reading.nextInt(1, 64); i > 0 && !inbox.isEmpty(); i--) {
        Waiting next = inbox.removeFirst();
        happen(next.what(), next.a(), next.b(), next.c(), next.thing());
        settle();
      }
      if (inbox.isEmpty()) {
        full.remove(which);
      }
    }
    Arrays.fill(latest, 0); // late because of us
    Arrays.fill(lateSeconds, 0);
  }

  // ---- our process

  private void end(long downNanos) {
    if (down) {
      return;
    }
    tell("our process ends, and begins again in %,d ms".formatted(downNanos / MILLI));
    faultCount++;
    tally.restarts++;
    down = true;
    paused = false;
    inboxes.clear();
    for (Pipe pipe : venues.pipes) {
      if (pipe.openHere) {
        pipe.openHere = false;
        venues.depart(pipe, What.HANG_UP, null, now);
      }
    }
    agenda.add(now + downNanos, What.BEGIN);
  }

  private void begin() {
    life++;
    down = false;
    tell("our process begins: " + scenario.control() + scenario.policies() + scenario.gateways()
        + scenario.arbiter());
    engine = newEngine();
    Arrays.fill(lagTold, false);
    for (boolean[] told : wrongTold) {
      Arrays.fill(told, false);
    }
    long fault = life > 1 ? now : Long.MIN_VALUE / 2;
    checks.begin(engine, distortion, now);
    checks.control().faultNanos = fault;
    ConnectBudget[] budgets = new ConnectBudget[scenario.venues().size()];
    for (int i = 0; i < budgets.length; i++) {
      StreamScenario.VenuePlan venue = scenario.venues().get(i);
      budgets[i] =
          new ConnectBudget(distortion.connects(venue.connectMost()), venue.connectWindowNanos());
      checks.pacing().begin(i);
    }
    for (int i = 0; i < gateways; i++) {
      lines[i] = new GatewayLine(
          i,
          distortion.link(scenario.venue(i).link()),
          budgets[scenario.venueOf()[i]],
          seeds.of("link " + i + " of life " + life),
          new Ports());
      agenda.add(now + Seeds.logUniform(rest, MILLI, 3 * SECOND), What.LISTED, i, 0, 0, null);
    }
    input(new ControlInput.TimePassed());
  }

  private StreamEngine newEngine() {
    return new StreamEngine(
        distortion.plan(new EnginePlan(
            scenario.gateways(),
            scenario.contracts(),
            scenario.policies(),
            scenario.canaries(),
            scenario)),
        distortion.arbiter(scenario.arbiter()),
        distortion.peers(PeerClockPolicy.USUAL),
        distortion.control(scenario.control()),
        now,
        distortion.output(outputs));
  }

  /// What is not of the engine: whose data are late, and whose prices are far off.
  private void everySecond() {
    if (down) {
      return;
    }
    if (venues.pipes.stream().anyMatch(pipe -> pipe.openThere && pipe.silent)) {
      checks.control().faultNanos = now; // it stays silent when the fault is over
    }
    checks.control().everySecond();
    for (int i = 0; i < gateways; i++) {
      lateSeconds[i] = latest[i] > LATE_NANOS ? lateSeconds[i] + 1 : 0;
      boolean lags = lateSeconds[i] >= 2 && checks.links[i] == Link.State.HEALTHY;
      boolean over = lagTold[i]
          && (checks.links[i] != Link.State.HEALTHY || (latest[i] > 0 && latest[i] <= LATE_NANOS));
      if (lags && !lagTold[i]) {
        lagTold[i] = true;
        input(new ControlInput.Lags(i, latest[i]));
      } else if (over) {
        lagTold[i] = false;
        input(new ControlInput.Lags(i, 0));
      }
      latest[i] = 0;
      for (int contract = 0; contract < scenario.contracts().size(); contract++) {
        boolean wrong = venues.has(i, StreamFault.Kind.WRONG_PRICE)
            && checks.links[i] == Link.State.HEALTHY
            && (contract + now / (20 * SECOND)) % 2 == 0;
        if (wrong != wrongTold[i][contract]) {
          wrongTold[i][contract] = wrong;
          input(new ControlInput.Disagrees(i, contract, wrong ? "its price is far off" : null));
        }
      }
    }
  }

  // ---- the engine

  private void input(ControlInput input) {
    if (broken || down) {
      return;
    }
    tell("  in " + input);
    tally.inputs++;
    tally.steps++;
    hash.add(now);
    hash.input(input);
    dirty = true;
    depth++;
    checks.input(input);
    distortion.input(input, now, engine);
    depth--;
    if (depth == 0) {
      settle();
    }
  }

  private void evicted(Pipe older, Pipe newer) {
    if (older.life == newer.life && older.openHere && newer.openHere) {
      checks.broken(
          "E18",
          "the connection %d of %s was closed for the one of %s"
              .formatted(older.number, id(older.gateway), id(newer.gateway)));
    }
  }

  private void tell(String line) {
    if (trace != null) {
      trace.accept("%,15d us %s".formatted(now / 1_000, line));
    }
  }

  private final class Outputs implements StreamEngine.Output {
    @Override
    public void publish(
        int gateway, Tick published, ValueStatus status, long seq, long receivedNanos) {
      tally.published++;
      tally.steps++;
      hash.add(seq);
      hash.add(receivedNanos);
      if (trace != null) {
        tell("    publish %d of stream %d from %s, %s, event %d, id %d"
            .formatted(
                seq,
                published.stream(),
                id(gateway),
                status.text(),
                published.mantissa(Tick.PRICE),
                published.order()));
      }
      checks.ticks().published(gateway, published, status, seq, receivedNanos);
    }

    @Override
    public void gap(int gateway, int stream, long firstId, long lastId) {
      tally.gaps++;
      tally.missing += lastId - firstId + 1;
      tally.steps++;
      hash.add(firstId);
      hash.add(lastId);
      tell("    gap of stream %d, %d to %d".formatted(stream, firstId, lastId));
      checks.ticks().gap(gateway, stream, firstId, lastId);
    }

    @Override
    public void refill(int gateway, int stream, long firstId, long lastId) {
      tally.steps++;
      tell("    refill of stream %d, %d to %d".formatted(stream, firstId, lastId));
      askForRefill(gateway, stream, firstId, lastId);
    }

    @Override
    public void decided(ControlDecision decision) {
      if (trace != null) {
        tell("    out " + decision);
      }
      tally.decision(decision);
      hash.decision(decision);
      dirty = true;
      checks.decision(decision);
      switch (decision) {
        case ControlDecision.Want want -> {
          lines[want.gateway()].want(want.streams(), now);
          // wanted again before the venue was asked to end it: nobody will acknowledge it again
          lines[want.gateway()]
              .acknowledged(want.streams())
              .forEach(stream -> input(new ControlInput.Subscribed(want.gateway(), stream)));
        }
        case ControlDecision.Reconnect reconnect ->
          lines[reconnect.gateway()].reconnect(reconnect.reason(), now);
        case ControlDecision.Confirm confirm -> {
          int venue = scenario.venueOf()[confirm.gateway()];
          if (!venues.venueHas(venue, StreamFault.Kind.REST)) {
            agenda.add(
                now + Seeds.logUniform(rest, 50 * MILLI, 900 * MILLI),
                What.CONFIRM,
                confirm.gateway(),
                confirm.stream(),
                confirm.silentSinceNanos(),
                null);
          }
        }
        default -> {
          // for readers
        }
      }
    }
  }

  private final class Ports implements GatewayLine.Ports {
    @Override
    public Pipe connect(int gateway, int connection) {
      tally.connects++;
      checks.pacing().connects(scenario.venueOf()[gateway]);
      tell("    connect " + id(gateway));
      return venues.connect(gateway, connection, life, now);
    }

    @Override
    public void request(Pipe pipe, VenueSide.Request request) {
      checks.pacing().requests(pipe);
      tell("    " + request + " to " + id(pipe.gateway));
      venues.depart(pipe, What.REQUEST, request, now);
    }

    @Override
    public void hangUp(Pipe pipe) {
      pipe.openHere = false;
      tell("    hang up " + id(pipe.gateway));
      venues.depart(pipe, What.HANG_UP, null, now);
    }

    @Override
    public void delivers(Pipe pipe) {
      pipe.acknowledged.stream()
          .forEach(stream -> input(new ControlInput.Subscribed(pipe.gateway, stream)));
      for (long[] next = pipe.unread.poll(); next != null; next = pipe.unread.poll()) {
        tick(pipe.gateway, (int) next[0], next[1]);
      }
    }

    @Override
    public void became(int gateway, Link.State state, String reason) {
      input(new ControlInput.Linked(gateway, state, reason));
    }

    @Override
    public void refused(int gateway, int stream, String reason) {
      input(new ControlInput.Refused(gateway, stream, reason));
    }
  }
}

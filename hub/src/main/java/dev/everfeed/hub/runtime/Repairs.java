package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Span;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.config.BackfillSettings;
import dev.everfeed.hub.runtime.BackfillHands.Candidate;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.store.DatabaseCheck;
import dev.everfeed.hub.store.History.Hole;
import dev.everfeed.hub.telemetry.BackfillMetrics;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks now and then for holes between what is covered of each series, as an outage leaves
/// them, and fills them in; on the one hub that has the duty.
///
/// Bounds: [#HOLES_MAX] a run, the newest first, and [#RUN_MAX] or the time to the next run.
/// What an exchange does not know any more is not asked again in this life of the process.
///
/// [#run] is its thread's; each exchange of a run has one of its own.
final class Repairs implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.backfill");

  static final int HOLES_MAX = 1_000;
  private static final int GONE_MAX = 10_000;
  private static final Duration RUN_MAX = Duration.ofMinutes(15);

  /// The schedule asks for the newest bars first, which may close the youngest hole.
  private static final Duration FIRST_AFTER = Duration.ofMinutes(1);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final BackfillSettings settings;
  private final BooleanSupplier onDuty;
  private final BackfillHands hands;
  private final Pace pace;
  private final LongSupplier nanos;
  private final InstantSource wall;
  private final BackfillMetrics metrics;
  private final StopSignal stop = new StopSignal();
  private final Thread thread = Thread.ofVirtual().name("repair").unstarted(this);

  /// Ends of holes that an exchange will not fill, by what they are of; the oldest go first.
  private final Set<Hole> gone = new LinkedHashSet<>();

  /// @param onDuty whether this is the hub that repairs
  Repairs(
      BackfillSettings settings,
      BooleanSupplier onDuty,
      BackfillHands hands,
      Pace pace,
      LongSupplier nanos,
      InstantSource wall,
      BackfillMetrics metrics) {
    this.settings = settings;
    this.onDuty = onDuty;
    this.hands = hands;
    this.pace = pace;
    this.nanos = nanos;
    this.wall = wall;
    this.metrics = metrics;
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    Duration every = settings.repairEvery();
    stop.await(every.compareTo(FIRST_AFTER) < 0 ? every : FIRST_AFTER);
    try {
      while (!stop.isSet()) {
        if (onDuty.getAsBoolean() && hands.storeMissing() == null) {
          repair();
        }
        stop.await(every);
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the hub stops
    }
  }

  private void repair() throws InterruptedException {
    List<Hole> holes;
    try {
      Instant now = wall.instant();
      Span window = new Span(now.minus(settings.repair()), now);
      holes = new ArrayList<>(hands.read(history -> history.holes(window, HOLES_MAX)));
    } catch (SQLException e) {
      LOG.warn(
          "repair: not looked for holes: {}; next time",
          DatabaseCheck.explain(e).sentence());
      return;
    } catch (RuntimeException e) {
      LOG.error("repair: failed in an unexpected way; next time", e);
      return;
    }
    holes.removeIf(this::isGone);
    if (holes.isEmpty()) {
      return;
    }
    AtomicInteger repaired = new AtomicInteger();
    StopSignal enough = new StopSignal();
    List<Thread> threads = new ArrayList<>();
    byExchange(holes)
        .forEach((exchange, own) -> threads.add(Thread.ofVirtual()
            .name("repair-" + exchange)
            .start(() -> repair(own, enough, repaired))));
    try {
      awaitAll(threads);
    } finally {
      enough.set();
      threads.forEach(Thread::interrupt);
    }
    LOG.info("repair: {} of {} holes are filled", repaired.get(), holes.size());
    metrics.repaired(holes.size(), repaired.get());
    hands.happened(
        "repair_done", "{\"holes\":%d,\"filled\":%d}".formatted(holes.size(), repaired.get()));
  }

  private void awaitAll(List<Thread> threads) throws InterruptedException {
    Duration most =
        settings.repairEvery().compareTo(RUN_MAX) < 0 ? settings.repairEvery() : RUN_MAX;
    // Even where holes are looked for every second, a run has time for a question.
    long until =
        nanos.getAsLong() + Math.max(most.toNanos(), Duration.ofSeconds(30).toNanos());
    for (Thread each : threads) {
      each.join(Duration.ofNanos(Math.max(1, until - nanos.getAsLong())));
    }
  }

  private static Map<String, List<Hole>> byExchange(List<Hole> holes) {
    Map<String, List<Hole>> byExchange = new LinkedHashMap<>();
    for (Hole hole : holes) {
      byExchange.computeIfAbsent(hole.exchange(), _ -> new ArrayList<>()).add(hole);
    }
    return byExchange;
  }

  private void repair(List<Hole> holes, StopSignal enough, AtomicInteger repaired) {
    try {
      for (Hole hole : holes) {
        if (enough.isSet()) {
          return;
        }
        if (isFilled(hole, enough)) {
          repaired.incrementAndGet();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the time is over, or the hub stops
    } catch (RuntimeException e) {
      LOG.error("repair: {} failed in an unexpected way", holes.getFirst().exchange(), e);
    }
  }

  private boolean isFilled(Hole hole, StopSignal enough) throws InterruptedException {
    BackfillOrder order = new BackfillOrder(
        hole.symbol(),
        hole.interval(),
        hole.span().from(),
        hole.span().to(),
        List.of(hole.exchange()));
    Candidate candidate = hands.candidates(order).getFirst();
    BarRules rules = candidate.rules();
    if (rules == null || candidate.refusal() != null) {
      isGoneNow(hole);
      return false;
    }
    ExchangeBackfill part = new ExchangeBackfill(
        order,
        hole.exchange(),
        rules,
        Intervals.outwards(hole.interval(), hole.span()),
        hands,
        enough,
        nanos,
        pace,
        metrics);
    part.ask();
    BackfillView.Exchange seen = part.view();
    for (Span left : part.unavailable()) {
      isGoneNow(new Hole(hole.exchange(), hole.symbol(), hole.interval(), left));
    }
    return seen.covered() == seen.total();
  }

  /// A hole's begin moves with the window; its end does not.
  private static Hole endOf(Hole hole) {
    Instant end = hole.span().to();
    return new Hole(
        hole.exchange(), hole.symbol(), hole.interval(), new Span(end.minusNanos(1), end));
  }

  private boolean isGone(Hole hole) {
    synchronized (gone) {
      return gone.contains(endOf(hole));
    }
  }

  private void isGoneNow(Hole hole) {
    synchronized (gone) {
      gone.add(endOf(hole));
      if (gone.size() > GONE_MAX) {
        gone.remove(gone.iterator().next());
      }
    }
  }

  @Override
  public void close() {
    stop.set();
    thread.interrupt();
    try {
      if (thread.getState() != Thread.State.NEW) {
        thread.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

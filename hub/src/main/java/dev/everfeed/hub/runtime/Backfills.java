package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Span;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillRefused;
import dev.everfeed.hub.api.BackfillRefused.Reason;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.api.Backfiller;
import dev.everfeed.hub.telemetry.BackfillMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// The backfills of this hub: [#MAX_RUNNING] under way at most, and the last [#MAX_KEPT] with
/// them. Any thread may call it; nothing but [#close] blocks.
///
/// Nothing of it is kept over a restart, since the store knows what is covered: the same order
/// again asks for the rest.
final class Backfills implements Backfiller, AutoCloseable {
  static final int MAX_RUNNING = 4;
  static final int MAX_KEPT = 100;

  /// 19 years of minutes; a report on more is for several orders.
  static final long MAX_INTERVALS = 10_000_000;

  /// No exchange of ours is older than the thing that it trades.
  static final Instant EARLIEST = Instant.parse("2009-01-01T00:00:00Z");

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final BackfillHands hands;
  private final Pace pace;
  private final LongSupplier nanos;
  private final InstantSource wall;
  private final BackfillMetrics metrics;
  private final RandomGenerator random;
  private final Map<String, BackfillJob> jobs = new LinkedHashMap<>();
  private boolean closed;

  Backfills(
      BackfillHands hands,
      Pace pace,
      LongSupplier nanos,
      InstantSource wall,
      BackfillMetrics metrics,
      RandomGenerator random) {
    this.hands = hands;
    this.pace = pace;
    this.nanos = nanos;
    this.wall = wall;
    this.metrics = metrics;
    this.random = random;
  }

  @Override
  public synchronized Started start(BackfillOrder order) throws BackfillRefused {
    if (closed) {
      throw new BackfillRefused(Reason.IMPOSSIBLE, "the hub is stopping");
    }
    int running = 0;
    for (BackfillJob job : jobs.values()) {
      if (!job.isOver()) {
        running++;
        if (job.order().equals(order)) {
          return new Started(job.view(), true);
        }
      }
    }
    Span wanted = wanted(order, wall.instant());
    if (running >= MAX_RUNNING) {
      throw new BackfillRefused(
          Reason.BUSY,
          "%d backfills are under way, as many as there may be; come again when one is done"
              .formatted(running));
    }
    BackfillJob job = new BackfillJob(newId(), order, wanted, hands, pace, nanos, wall, metrics);
    jobs.put(job.id(), job);
    forgetOldest();
    job.start();
    return new Started(job.view(), false);
  }

  private String newId() {
    String id;
    do {
      id = "%08x".formatted(random.nextInt());
    } while (jobs.containsKey(id));
    return id;
  }

  private void forgetOldest() {
    Iterator<BackfillJob> oldest = jobs.values().iterator();
    while (jobs.size() > MAX_KEPT && oldest.hasNext()) {
      if (oldest.next().isOver()) {
        oldest.remove();
      }
    }
  }

  /// The intervals that an order means: those that open in its range and are over.
  static Span wanted(BackfillOrder order, Instant now) throws BackfillRefused {
    if (order.from().isBefore(EARLIEST)) {
      throw mistaken("from must not be before %s, was %s".formatted(EARLIEST, order.from()));
    }
    if (!order.from().isBefore(now)) {
      throw mistaken(
          "from must lie in the past, was %s; it is %s now".formatted(order.from(), now));
    }
    Instant to = order.to();
    if (to != null && to.isAfter(now)) {
      throw mistaken("to must not lie in the future, was %s; it is %s now. Leave it out for now"
          .formatted(to, now));
    }
    if (to != null && !order.from().isBefore(to)) {
      throw mistaken("from must be before to, was %s and %s".formatted(order.from(), to));
    }
    Instant over = order.interval().openOf(now);
    Instant end = to == null ? over : Intervals.firstOpen(order.interval(), to);
    Span wanted = Span.between(
        Intervals.firstOpen(order.interval(), order.from()), end.isBefore(over) ? end : over);
    if (wanted == null) {
      throw mistaken("no interval of %s opens from %s to %s and is over; it is %s now"
          .formatted(order.interval(), order.from(), to == null ? now : to, now));
    }
    long intervals = Intervals.count(order.interval(), wanted);
    if (intervals > MAX_INTERVALS) {
      throw mistaken("a backfill may have %,d intervals, this one has %,d: order it in parts"
          .formatted(MAX_INTERVALS, intervals));
    }
    return wanted;
  }

  private static BackfillRefused mistaken(String message) {
    return new BackfillRefused(Reason.MISTAKEN, message);
  }

  @Override
  public synchronized List<BackfillView> all() {
    List<BackfillView> views = new ArrayList<>();
    jobs.values().forEach(job -> views.add(job.view()));
    Collections.reverse(views);
    return views;
  }

  @Override
  public synchronized Optional<BackfillView> find(String id) {
    return Optional.ofNullable(jobs.get(id)).map(BackfillJob::view);
  }

  @Override
  public synchronized Optional<BackfillView> cancel(String id) {
    BackfillJob job = jobs.get(id);
    if (job == null) {
      return Optional.empty();
    }
    job.end(null);
    return Optional.of(job.view());
  }

  /// Ends all of them.
  @Override
  public void close() {
    List<BackfillJob> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(jobs.values());
    }
    all.forEach(job -> job.end("the hub was stopped; the same order again asks for the rest"));
    try {
      for (BackfillJob job : all) {
        job.awaitEnd(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Span;
import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.api.BackfillView.ExchangeState;
import dev.everfeed.hub.api.BackfillView.State;
import dev.everfeed.hub.publish.CanonicalJson;
import dev.everfeed.hub.runtime.BackfillHands.Candidate;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.telemetry.BackfillMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One backfill: all its exchanges side by side, then what came of it.
///
/// | state     | what happens                                             | next               |
/// |-----------|----------------------------------------------------------|--------------------|
/// | WAITING   | the database is waited for, for as long as it takes      | RUNNING            |
/// | RUNNING   | each exchange is asked for what is not covered           | VERIFYING          |
/// | VERIFYING | what was accepted gets into the store, and is looked at  | DONE               |
///
/// From each of them [#cancel] leads to CANCELLED, a stop of the hub or a fault of its own to
/// FAILED. [#run] is its thread's; any thread may call the rest.
final class BackfillJob implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.backfill");

  private final String id;
  private final BackfillOrder order;
  private final Span wanted;
  private final BackfillHands hands;
  private final Pace pace;
  private final LongSupplier nanos;
  private final InstantSource wall;
  private final BackfillMetrics metrics;
  private final Instant startedAt;
  private final StopSignal stop = new StopSignal();
  private final Thread thread;

  // What follows is guarded by this object's monitor.
  private State state = State.WAITING;
  private @Nullable String reason;
  private @Nullable String endedBecause;
  private @Nullable Instant endedAt;
  private List<ExchangeBackfill> parts = List.of();
  private List<BackfillView.Exchange> refused = List.of();

  /// @param wanted whole intervals that are over
  BackfillJob(
      String id,
      BackfillOrder order,
      Span wanted,
      BackfillHands hands,
      Pace pace,
      LongSupplier nanos,
      InstantSource wall,
      BackfillMetrics metrics) {
    this.id = id;
    this.order = order;
    this.wanted = wanted;
    this.hands = hands;
    this.pace = pace;
    this.nanos = nanos;
    this.wall = wall;
    this.metrics = metrics;
    this.startedAt = wall.instant();
    this.thread = Thread.ofVirtual().name("backfill-" + id).unstarted(this);
  }

  String id() {
    return id;
  }

  BackfillOrder order() {
    return order;
  }

  void start() {
    thread.start();
  }

  synchronized boolean isOver() {
    return state.isOver();
  }

  synchronized BackfillView view() {
    return new BackfillView(
        id,
        order,
        state,
        reason,
        wanted.from(),
        wanted.to(),
        startedAt,
        endedAt,
        Stream.concat(refused.stream(), parts.stream().map(ExchangeBackfill::view))
            .toList());
  }

  /// Ends it soon; what has come stays.
  ///
  /// @param because null when somebody has asked for it, else why it has failed
  void end(@Nullable String because) {
    synchronized (this) {
      if (!stop.isSet()) {
        endedBecause = because;
      }
    }
    stop.set();
    thread.interrupt();
  }

  void awaitEnd(Duration most) throws InterruptedException {
    if (thread.getState() != Thread.State.NEW) {
      thread.join(most);
    }
  }

  @Override
  public void run() {
    metrics.begun();
    LOG.info("backfill {}: {} from {} to {}", id, order.series(), wanted.from(), wanted.to());
    try {
      awaitDatabase();
      awaitStored(); // what a process before has accepted is not asked again
      choose(hands.candidates(order));
      is(State.RUNNING, null);
      askAll();
      if (!stop.isSet()) {
        is(State.VERIFYING, null);
        String notYet = awaitStored();
        for (ExchangeBackfill part : parts()) {
          part.verify(notYet);
        }
      }
      over(stop.isSet() ? ended() : State.DONE, null);
    } catch (InterruptedException e) {
      over(ended(), null);
    } catch (RuntimeException e) {
      LOG.error("backfill {}: ended by an error of our own", id, e);
      over(State.FAILED, "an error of the hub itself: " + e);
    }
  }

  private synchronized State ended() {
    return endedBecause == null ? State.CANCELLED : State.FAILED;
  }

  private synchronized void waitsFor(String what) {
    reason = what;
  }

  private synchronized void is(State now, @Nullable String why) {
    state = now;
    reason = why;
  }

  private void over(State last, @Nullable String why) {
    synchronized (this) {
      reason = why == null ? endedBecause : why;
      endedAt = wall.instant();
      state = last;
    }
    metrics.ended(last.text());
    BackfillView seen = view();
    LOG.info("backfill {}: {}: {}", id, last.text(), summary(seen));
    hands.happened("backfill_" + last.text(), detail(seen));
  }

  private void awaitDatabase() throws InterruptedException {
    for (String why = hands.storeMissing(); why != null; why = hands.storeMissing()) {
      is(State.WAITING, "for the database, which knows what is there already: " + why);
      pauseOrEnd();
    }
  }

  private void pauseOrEnd() throws InterruptedException {
    stop.await(pace.look());
    if (stop.isSet() || Thread.currentThread().isInterrupted()) {
      throw new InterruptedException();
    }
  }

  private void choose(List<Candidate> candidates) {
    List<ExchangeBackfill> chosen = new ArrayList<>();
    List<BackfillView.Exchange> not = new ArrayList<>();
    for (Candidate candidate : candidates) {
      BarRules rules = candidate.rules();
      if (candidate.refusal() != null || rules == null) {
        not.add(refused(candidate));
      } else if (chosen.isEmpty() || !order.exchanges().isEmpty()) {
        chosen.add(new ExchangeBackfill(
            order, candidate.exchange(), rules, wanted, hands, stop, nanos, pace, metrics));
      }
    }
    boolean passedOver = order.exchanges().isEmpty() && !chosen.isEmpty();
    synchronized (this) {
      parts = List.copyOf(chosen);
      refused = passedOver ? List.of() : List.copyOf(not);
    }
  }

  private BackfillView.Exchange refused(Candidate candidate) {
    String why = candidate.refusal() == null ? "has no bars" : candidate.refusal();
    long total = Intervals.count(order.interval(), wanted);
    return new BackfillView.Exchange(
        candidate.exchange(),
        candidate.known() ? ExchangeState.REFUSED : ExchangeState.UNKNOWN,
        why,
        total,
        0,
        0,
        0,
        0,
        0,
        null);
  }

  private synchronized List<ExchangeBackfill> parts() {
    return parts;
  }

  private void askAll() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (ExchangeBackfill part : parts()) {
      threads.add(Thread.ofVirtual()
          .name("backfill-%s-%s".formatted(id, part.exchange()))
          .start(() -> {
            try {
              part.ask();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt(); // nobody wants it any more
            }
          }));
    }
    try {
      for (Thread each : threads) {
        each.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      for (Thread each : threads) {
        each.join(Duration.ofSeconds(1));
      }
      throw e;
    }
  }

  /// Null when everything that was accepted is stored, else why not.
  private @Nullable String awaitStored() throws InterruptedException {
    long target = hands.acceptedTo();
    long reached = -1;
    long since = nanos.getAsLong();
    while (true) {
      long now = hands.drainedTo();
      if (now >= target) {
        return null;
      }
      if (now > reached) {
        reached = now;
        since = nanos.getAsLong();
      } else if (nanos.getAsLong() - since > pace.drainWithin().toNanos()) {
        return "the database has not taken anything for %,d s; what came is safe in the journal"
            .formatted(pace.drainWithin().toSeconds());
      }
      waitsFor("%,d bytes wait to be stored".formatted(target - now));
      pauseOrEnd();
    }
  }

  private static String summary(BackfillView seen) {
    StringBuilder text = new StringBuilder();
    for (BackfillView.Exchange part : seen.exchanges()) {
      text.append(text.isEmpty() ? "" : "; ").append(part.name()).append(": ");
      BackfillView.Report report = part.report();
      if (report == null) {
        text.append("%,d of %,d intervals covered".formatted(part.covered(), part.total()));
        text.append(part.reason() == null ? "" : ", " + part.reason());
      } else {
        text.append("%,d bars, %,d without trades, %,d that it lacks, %,d out of reach, %,d missing"
            .formatted(
                report.bars(),
                report.noTrades(),
                report.venueHasNone(),
                report.unavailable(),
                report.missing()));
      }
    }
    return text.toString();
  }

  private static String detail(BackfillView seen) {
    StringBuilder json = new StringBuilder(300).append('{');
    text(json, "id", seen.id()).append(',');
    text(json, "symbol", seen.order().symbol().text()).append(',');
    text(json, "interval", seen.order().interval().text()).append(',');
    text(json, "from", Rfc3339.format(seen.from())).append(',');
    text(json, "to", Rfc3339.format(seen.to())).append(",\"exchanges\":[");
    String separator = "";
    for (BackfillView.Exchange part : seen.exchanges()) {
      json.append(separator).append('{');
      separator = ",";
      text(json, "exchange", part.name());
      BackfillView.Report report = part.report();
      if (report != null) {
        json.append((",\"bars\":%d,\"no_trades\":%d,\"venue_has_none\":%d,\"unavailable\":%d,"
                + "\"missing\":%d")
            .formatted(
                report.bars(),
                report.noTrades(),
                report.venueHasNone(),
                report.unavailable(),
                report.missing()));
      }
      if (part.reason() != null) {
        text(json.append(','), "reason", part.reason());
      }
      json.append('}');
    }
    return json.append("]}").toString();
  }

  private static StringBuilder text(StringBuilder json, String name, String value) {
    CanonicalJson.appendString(json, name);
    CanonicalJson.appendString(json.append(':'), value);
    return json;
  }
}

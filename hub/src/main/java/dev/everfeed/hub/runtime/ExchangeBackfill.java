package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Span;
import dev.everfeed.core.request.Reply;
import dev.everfeed.hub.api.BackfillOrder;
import dev.everfeed.hub.api.BackfillView;
import dev.everfeed.hub.api.BackfillView.ExchangeState;
import dev.everfeed.hub.journal.NotAcceptedException;
import dev.everfeed.hub.runtime.Stretches.Reason;
import dev.everfeed.hub.source.BarPager;
import dev.everfeed.hub.source.BarRules;
import dev.everfeed.hub.store.DatabaseCheck;
import dev.everfeed.hub.telemetry.BackfillMetrics;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One exchange's part of a backfill: asks for what is not covered, a few questions at once, as
/// fast as the exchange's budget allows; looks through what is stored in the end.
///
/// What is done is what the journal has accepted. What was asked before, by whomever and in
/// whatever life of the process, is in `ohlcv_coverage` and not asked again, unless the order
/// says so.
///
/// [#ask] and [#verify] block the thread that calls them and start threads of their own; any
/// thread may call [#view].
final class ExchangeBackfill {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.backfill");

  /// Questions in a row that the exchange calls wrong, until no more is asked.
  private static final int REFUSALS_MAX = 3;

  private final BackfillOrder order;
  private final String exchange;
  private final BarRules rules;
  private final Span wanted;
  private final BackfillHands hands;
  private final StopSignal stop;
  private final LongSupplier nanos;
  private final Pace pace;
  private final BackfillMetrics metrics;
  private final long total;

  // What follows is guarded by this object's monitor.
  private @Nullable Stretches stretches;
  private ExchangeState state = ExchangeState.RUNNING;
  private @Nullable String reason;
  private long before;
  private long covered;
  private long asked;
  private long bars;
  private long calls;
  private int refusals;
  private long pausedUntilNanos;
  private BackfillView.@Nullable Report report;

  /// @param wanted whole intervals that are over
  ExchangeBackfill(
      BackfillOrder order,
      String exchange,
      BarRules rules,
      Span wanted,
      BackfillHands hands,
      StopSignal stop,
      LongSupplier nanos,
      Pace pace,
      BackfillMetrics metrics) {
    this.order = order;
    this.exchange = exchange;
    this.rules = rules;
    this.wanted = wanted;
    this.hands = hands;
    this.stop = stop;
    this.nanos = nanos;
    this.pace = pace;
    this.metrics = metrics;
    this.total = Intervals.count(order.interval(), wanted);
  }

  String exchange() {
    return exchange;
  }

  synchronized BackfillView.Exchange view() {
    return new BackfillView.Exchange(
        exchange, state, reason, total, before, covered, asked, bars, calls, report);
  }

  private synchronized void is(ExchangeState now, @Nullable String why) {
    state = now;
    reason = why;
  }

  /// Returns when nothing is left to ask, or the end is wanted.
  void ask() throws InterruptedException {
    List<Span> known = coveredBefore();
    if (known == null) {
      return;
    }
    Stretches all = new Stretches(order.interval(), wanted, known, sizeOfAQuestion());
    synchronized (this) {
      stretches = all;
      before = total - all.openCount();
      covered = before;
    }
    // Of an exchange that knows only so many bars the newest is asked, and then it is over.
    int workers = rules.reach() == Integer.MAX_VALUE ? pace.parallel() : 1;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      threads.add(
          Thread.ofVirtual().name("backfill-%s-%d".formatted(exchange, i)).start(() -> work(all)));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      throw e;
    }
    is(stop.isSet() ? ExchangeState.CANCELLED : ExchangeState.ASKED, null);
  }

  /// What of it the exchange does not have any more, or never had, as far as it was asked.
  synchronized List<Span> unavailable() {
    return stretches == null
        ? List.of()
        : stretches.explained(wanted).stream()
            .filter(part -> part.reason() != null && part.reason().unavailable())
            .map(Stretches.Missing::span)
            .toList();
  }

  /// A question takes a few pages at most, so that it is answered as a whole.
  private int sizeOfAQuestion() {
    long most = (long) rules.pageMax() * BarPager.MAX_PAGES;
    return (int) Math.min(Stretches.SIZE, most);
  }

  /// Null when the end is wanted.
  private @Nullable List<Span> coveredBefore() throws InterruptedException {
    while (!stop.isSet()) {
      try {
        List<Span> known = order.again()
            ? List.of()
            : hands.read(
                history -> history.covered(exchange, order.symbol(), order.interval(), wanted));
        is(ExchangeState.RUNNING, null);
        return known;
      } catch (SQLException e) {
        is(
            ExchangeState.WAITING,
            "for the database, which knows what is there already: "
                + DatabaseCheck.explain(e).sentence());
      }
      stop.await(pace.look());
    }
    is(ExchangeState.CANCELLED, null);
    return null;
  }

  private void work(Stretches all) {
    try {
      while (!stop.isSet()) {
        Span question;
        synchronized (this) {
          question = all.take();
        }
        if (question == null) {
          return;
        }
        try {
          put(all, question);
        } catch (RuntimeException e) {
          LOG.error(
              "backfill {}: {} at {}: an error of our own", order.series(), question, exchange, e);
          giveUp(all, question, new Reason(false, "an error of the hub itself: " + e));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody wants it any more
    }
  }

  /// Puts one question until it has an answer, or there will be none.
  private void put(Stretches all, Span question) throws InterruptedException {
    Query.Bars query = new Query.Bars(
        order.symbol(),
        order.interval(),
        question.from(),
        question.to(),
        (int) Intervals.count(order.interval(), question),
        exchange);
    int pauses = 0;
    int failures = 0;
    while (awaitTurn()) {
      if (!order.again() && hands.isCovered(query)) {
        synchronized (this) {
          covered += all.answered(question, question);
        }
        return;
      }
      Reply reply;
      try {
        reply = hands.ask(query);
      } catch (NotAcceptedException e) {
        pause(pace.pause(pauses++), "the journal does not take it: " + e.getMessage());
        continue;
      }
      if (reply instanceof Reply.Value value) {
        answered(all, question, value);
        return;
      }
      NextStep step = NextStep.of(reply.tried());
      switch (step.kind()) {
        case WAIT -> {
          Duration told = Duration.ofNanos(step.pauseNanos());
          pause(told.isZero() ? pace.pause(pauses++) : told, step.reason());
        }
        case AGAIN -> {
          called(false);
          if (++failures >= pace.tries()) {
            giveUp(all, question, new Reason(false, step.reason()));
            return;
          }
          pause(pace.pause(pauses++), step.reason());
        }
        case LESS -> {
          synchronized (this) {
            if (all.halve()) {
              all.giveBack(question);
            } else {
              all.giveUpBefore(question, true, new Reason(false, step.reason()));
            }
          }
          return;
        }
        case NOT_THERE -> {
          synchronized (this) {
            all.giveUpBefore(question, true, new Reason(true, step.reason()));
          }
          return;
        }
        case REFUSED -> {
          called(false);
          synchronized (this) {
            boolean everything = ++refusals >= REFUSALS_MAX;
            all.giveUpBefore(question, everything, new Reason(false, step.reason()));
          }
          return;
        }
      }
    }
    synchronized (this) {
      all.giveBack(question);
    }
  }

  private void answered(Stretches all, Span question, Reply.Value value) {
    long events = value.served().events().stream()
        .filter(event -> event instanceof Event.Bar bar && question.contains(bar.time()))
        .count();
    long more;
    synchronized (this) {
      state = ExchangeState.RUNNING;
      reason = null;
      refusals = 0;
      more = all.answered(question, value.served().covered());
      if (more == 0) {
        String what = "%s to %s: its answer does not say that it is all there is"
            .formatted(question.from(), question.to());
        all.giveUp(question, new Reason(false, what));
      }
      covered += more;
      asked += more;
      bars += events;
    }
    called(true);
    metrics.covered(exchange, more, events);
  }

  private void called(boolean answered) {
    synchronized (this) {
      calls++;
    }
    metrics.called(exchange, answered);
  }

  private synchronized void giveUp(Stretches all, Span question, Reason why) {
    all.giveUp(question, why);
  }

  /// Nobody asks this exchange before the pause is over.
  private synchronized void pause(Duration length, String why) {
    pausedUntilNanos = Math.max(pausedUntilNanos, nanos.getAsLong() + length.toNanos());
    is(ExchangeState.WAITING, why);
  }

  /// False when the end is wanted.
  private boolean awaitTurn() throws InterruptedException {
    while (!stop.isSet()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
      String heldUp = hands.holdUp();
      if (heldUp != null) {
        is(ExchangeState.WAITING, heldUp);
        stop.await(pace.look());
        continue;
      }
      long left;
      synchronized (this) {
        left = pausedUntilNanos - nanos.getAsLong();
      }
      if (left <= 0) {
        return true;
      }
      stop.await(Duration.ofNanos(left));
    }
    return false;
  }

  /// Looks through what is stored.
  ///
  /// @param notYet why not all that came is stored, or null
  void verify(@Nullable String notYet) throws InterruptedException {
    Stretches all;
    synchronized (this) {
      all = stretches;
    }
    if (all == null) {
      return;
    }
    if (notYet != null) {
      is(ExchangeState.DONE, "not looked through: " + notYet);
      return;
    }
    try {
      BackfillView.Report found = hands.read(history ->
          new Verification(order, exchange, rules.emptyIntervals(), wanted).report(history, all));
      synchronized (this) {
        report = found;
        state = ExchangeState.DONE;
        reason = null;
      }
    } catch (SQLException e) {
      is(ExchangeState.DONE, "not looked through: " + DatabaseCheck.explain(e).sentence());
    }
  }
}

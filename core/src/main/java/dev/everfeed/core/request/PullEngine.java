package dev.everfeed.core.request;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.core.time.NextRun;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Everything that decides about polled sources: the provider chain and the schedule that keeps
/// its memory fresh.
///
/// Pure: inputs in, decisions out, time an argument. The hub runs it on one thread, the
/// simulated world runs the same class on virtual time. Users' request ids must be positive.
public final class PullEngine {
  private final ProviderChain chain;
  private final RefreshSchedule schedule;
  private final List<SourceGuard> guards;

  /// Answers to the schedule's questions, taken after the chain is done with an input.
  private final Queue<Decision.Answer> toSchedule = new ArrayDeque<>();

  /// @param guards  one for each source that a route names
  /// @param plan    what the schedule asks in each run
  /// @param random  for jitter; the same seed gives the same decisions
  public PullEngine(
      List<SourceGuard> guards,
      Map<Query.Kind, Route> routes,
      Catalogue catalogue,
      List<Planned> plan,
      NextRun nextRun,
      AnchoredClock clock,
      RandomGenerator random,
      long nowNanos) {
    this.guards = List.copyOf(guards);
    this.chain = new ProviderChain(guards, routes, catalogue, clock, random, nowNanos);
    this.schedule = new RefreshSchedule(plan, nextRun, clock, nowNanos);
  }

  public void on(Input input, long nowNanos, Consumer<Decision> out) {
    if (input instanceof Input.Ask ask && ask.requestId() <= 0) {
      throw new IllegalArgumentException("request ids are positive, was " + ask.requestId());
    }
    Consumer<Decision> sorted = decision -> {
      if (decision instanceof Decision.Answer answer && answer.requestId() < 0) {
        toSchedule.add(answer);
      } else {
        out.accept(decision);
      }
    };
    chain.on(input, nowNanos, sorted);
    switch (input) {
      case Input.Duty duty -> schedule.duty(duty.mine(), nowNanos);
      case Input.AskedBefore before -> schedule.askedBefore(before.asked(), nowNanos);
      default -> {}
    }
    askAll(schedule.timePassed(nowNanos), nowNanos, sorted);
    for (Decision.Answer answer = toSchedule.poll(); answer != null; answer = toSchedule.poll()) {
      askAll(schedule.replied(answer.requestId(), answer.reply(), nowNanos), nowNanos, sorted);
    }
    schedule.takeFetched().forEach(out);
  }

  private void askAll(
      List<RefreshSchedule.Question> questions, long nowNanos, Consumer<Decision> out) {
    for (RefreshSchedule.Question question : questions) {
      chain.on(
          new Input.Ask(question.requestId(), question.query(), Priority.REFRESH), nowNanos, out);
    }
  }

  /// When [#on] must be called again though nothing has happened.
  public long nextDeadlineNanos() {
    return Math.min(chain.nextDeadlineNanos(), schedule.nextDeadlineNanos());
  }

  public List<SourceGuard> guards() {
    return guards;
  }

  /// The run that is going on, as far as it is.
  public Optional<RunReport> currentRun() {
    return Optional.ofNullable(schedule.currentRun());
  }

  public Optional<RunReport> lastRun() {
    return Optional.ofNullable(schedule.lastRun());
  }

  /// Runs that did not begin because the one before was still going on.
  public long missedRuns() {
    return schedule.missedRuns();
  }

  /// Runs that did not begin because the schedule's questions were another's to ask.
  public long passedOnRuns() {
    return schedule.passedOnRuns();
  }

  /// `Long.MAX_VALUE` when there is nothing to refresh.
  public long nextRunNanos() {
    return schedule.nextRunNanos();
  }

  /// The last answer to this very question, or empty.
  public Optional<Served> remembered(Query query) {
    return Optional.ofNullable(chain.memory().recallExactly(query));
  }

  /// Answers in memory, and bars.
  public int rememberedCount() {
    return chain.memory().size();
  }

  public int rememberedBars() {
    return chain.memory().barCount();
  }

  /// Questions that are on their way.
  public int flightCount() {
    return chain.flightCount();
  }

  /// Questions that history was asked and has not answered.
  public int recallCount() {
    return chain.recallCount();
  }

  /// Calls and probes that are out.
  public int callCount() {
    return chain.callCount();
  }
}

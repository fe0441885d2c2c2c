package dev.everfeed.simulator.check;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All invariants of the pull side, and what they found. Owned by the world's thread.
public final class Checks {
  /// Violations kept of one run; a broken engine breaks the same thing again and again.
  private static final int KEPT = 100;

  private final Truth truth;
  private final Ledger ledger;
  private final List<Invariant> invariants;

  /// Those that look at what users are told, and those that look at everything else that is
  /// decided: there are thousands of equal answers to a herd.
  private final List<Invariant> aboutAnswers;

  private final List<Invariant> aboutCalls;
  private final List<Violation> violations = new ArrayList<>();
  private long violationCount;

  public Checks(Truth truth) {
    this.truth = truth;
    this.ledger = new Ledger(truth);
    List<Invariant> telling = List.of(
        new AnsweredOnce(this),
        new RememberedIsServed(this),
        new UsableIsAsked(this),
        new LiveIsFresh(this),
        new WrongPriceIsNotLive(this),
        new EveryoneIsNamed(this),
        new SubstituteIsNamed(this),
        new StandingStillIsNotServed(this));
    List<Invariant> doing = List.of(
        new OpenIsNotCalled(this),
        new HalfOpenIsNarrow(this),
        new ClosedIsEarned(this),
        new EqualQuestionsAreOne(this),
        new FurtherAttemptsAreFew(this),
        new WeightIsKept(this),
        new PauseIsKept(this),
        new RunsDoNotOverlap(this),
        new SkipIsToldOnce(this),
        new CallsEnd(this),
        new HealthyIsNotConvicted(this),
        new RestIsLeft(this));
    this.aboutAnswers = telling;
    this.aboutCalls = doing;
    List<Invariant> all = new ArrayList<>(telling);
    all.addAll(doing);
    this.invariants = List.copyOf(all);
  }

  Truth truth() {
    return truth;
  }

  Ledger ledger() {
    return ledger;
  }

  public void input(Input input, long now) {
    ledger.input(input, now);
    for (Invariant invariant : invariants) {
      invariant.input(input, now);
    }
  }

  public void decision(Decision decision, long now) {
    for (Invariant invariant : decision instanceof Decision.Answer ? aboutAnswers : aboutCalls) {
      invariant.decision(decision, now);
    }
    ledger.decision(decision, now);
  }

  public void arrived(SourceId source, int usedByUs, int limit, long now) {
    for (Invariant invariant : invariants) {
      invariant.arrived(source, usedByUs, limit, now);
    }
  }

  public void settled(long now) {
    for (Invariant invariant : invariants) {
      invariant.settled(now);
    }
  }

  public void everySecond(long now) {
    for (Invariant invariant : invariants) {
      invariant.everySecond(now);
    }
  }

  public void end(long now) {
    for (Invariant invariant : invariants) {
      invariant.end(now);
    }
  }

  /// For what only the world can see: that it comes back to health.
  public void broken(Violation violation) {
    violationCount++;
    if (violations.size() < KEPT) {
      violations.add(violation);
    }
  }

  /// The first ones.
  public List<Violation> violations() {
    return List.copyOf(violations);
  }

  public long violationCount() {
    return violationCount;
  }

  /// Every invariant's text by its id, in order.
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    invariants.stream()
        .sorted(Comparator.comparingInt(one -> Integer.parseInt(one.id().substring(1))))
        .forEach(invariant -> texts.put(invariant.id(), invariant.text()));
    return texts;
  }
}

package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
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

  /// What outlives our process.
  private final Said said = new Said();

  private final Asked asked = new Asked();

  private Ledger ledger;
  private List<Invariant> invariants;

  /// Those that look at what users are told, and those that look at everything else that is
  /// decided: there are thousands of equal answers to a herd.
  private List<Invariant> aboutAnswers;

  private List<Invariant> aboutCalls;

  /// Looks at both.
  private HistoryIsLast historyIsLast;

  private final List<Violation> violations = new ArrayList<>();
  private long violationCount;

  public Checks(Truth truth) {
    this.truth = truth;
    this.ledger = new Ledger(truth, new Beliefs(truth));
    this.historyIsLast = new HistoryIsLast(this);
    this.aboutAnswers = telling();
    this.aboutCalls = doing();
    this.invariants = both();
  }

  /// Our process has begun anew: whoever waited is gone, and nothing is out.
  public void restarted() {
    ledger = new Ledger(truth, ledger.beliefs().afterRestart());
    historyIsLast = new HistoryIsLast(this);
    aboutAnswers = telling();
    aboutCalls = doing();
    invariants = both();
  }

  /// What was said before the beginning.
  public void saidBefore(List<Event> events) {
    said.add(events);
  }

  private List<Invariant> telling() {
    return List.of(
        new AnsweredOnce(this),
        new RememberedIsServed(this),
        new UsableIsAsked(this),
        new LiveIsFresh(this),
        new WrongPriceIsNotLive(this),
        new EveryoneIsNamed(this),
        new SubstituteIsNamed(this),
        new StandingStillIsNotServed(this),
        new SaidBySomebody(this),
        new HistoryIsServed(this),
        new HistoryIsAsked(this),
        historyIsLast,
        new RestoredIsNotLive(this));
  }

  private List<Invariant> doing() {
    return List.of(
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
        new RestIsLeft(this),
        new DutyIsKept(this),
        new AskedOnceInAPeriod(this));
  }

  private List<Invariant> both() {
    List<Invariant> all = new ArrayList<>(aboutAnswers);
    all.addAll(aboutCalls);
    return List.copyOf(all);
  }

  Said said() {
    return said;
  }

  Asked asked() {
    return asked;
  }

  Truth truth() {
    return truth;
  }

  Ledger ledger() {
    return ledger;
  }

  public void input(Input input, long now) {
    ledger.input(input, now);
    if (input instanceof Input.Answered answered) {
      said.add(answered.events());
    }
    for (Invariant invariant : invariants) {
      invariant.input(input, now);
    }
  }

  public void decision(Decision decision, long now) {
    boolean told = decision instanceof Decision.Answer || decision instanceof Decision.Keep;
    for (Invariant invariant : told ? aboutAnswers : aboutCalls) {
      invariant.decision(decision, now);
    }
    if (decision instanceof Decision.Recall || decision instanceof Decision.Call) {
      historyIsLast.decision(decision, now);
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

  /// Whether our process was rightly misled about a price, in this life or before.
  public boolean misled() {
    return ledger.beliefs().everMisled();
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

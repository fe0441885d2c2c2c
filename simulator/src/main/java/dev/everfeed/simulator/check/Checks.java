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
  private Invariants invariants;
  private final List<Violation> violations = new ArrayList<>();
  private long violationCount;

  public Checks(Truth truth) {
    this.truth = truth;
    this.ledger = new Ledger(truth, new Beliefs(truth));
    this.invariants = new Invariants(this);
  }

  /// Our process has begun anew: whoever waited is gone, and nothing is out.
  public void restarted() {
    ledger = new Ledger(truth, ledger.beliefs().afterRestart());
    invariants = new Invariants(this);
  }

  /// What was said before the beginning.
  public void saidBefore(List<Event> events) {
    said.add(events);
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
    for (Invariant invariant : invariants.hearing) {
      invariant.input(input, now);
    }
  }

  public void decision(Decision decision, long now) {
    for (Invariant invariant : invariants.about(decision)) {
      invariant.decision(decision, now);
    }
    ledger.decision(decision, now);
  }

  public void arrived(SourceId source, int usedByUs, int limit, long now) {
    for (Invariant invariant : invariants.counting) {
      invariant.arrived(source, usedByUs, limit, now);
    }
  }

  public void settled(long now) {
    for (Invariant invariant : invariants.settling) {
      invariant.settled(now);
    }
  }

  public void everySecond(long now) {
    for (Invariant invariant : invariants.all) {
      invariant.everySecond(now);
    }
  }

  public void end(long now) {
    for (Invariant invariant : invariants.all) {
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
    invariants.all.stream()
        .sorted(Comparator.comparingInt(one -> Integer.parseInt(one.id().substring(1))))
        .forEach(invariant -> texts.put(invariant.id(), invariant.text()));
    return texts;
  }
}

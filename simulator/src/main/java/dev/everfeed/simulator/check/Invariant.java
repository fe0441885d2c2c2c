package dev.everfeed.simulator.check;

import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;

/// Something that must always be true. Told everything in the order in which it happens; at a
/// decision the guards are as they were when it was made.
abstract class Invariant {
  private final String id;
  private final String text;
  final Truth truth;
  final Ledger ledger;
  private final Checks checks;

  Invariant(String id, String text, Checks checks) {
    this.id = id;
    this.text = text;
    this.checks = checks;
    this.truth = checks.truth();
    this.ledger = checks.ledger();
  }

  /// Before the engine sees the input. [Ledger#ending] is the call that it ends.
  void input(Input input, long now) {}

  /// While the engine decides. The ledger does not yet hold the decision.
  void decision(Decision decision, long now) {}

  /// A call has reached its source, which has counted `usedByUs` of `limit` in its own minute.
  void arrived(SourceId source, int usedByUs, int limit, long now) {}

  /// After every event.
  void settled(long now) {}

  /// Once a virtual second, for what is too dear to look at after every event.
  void everySecond(long now) {}

  /// When everything is said and done.
  void end(long now) {}

  final void broken(String detail, long now) {
    checks.broken(new Violation(id, text, detail, now));
  }

  final String id() {
    return id;
  }

  final String text() {
    return text;
  }
}

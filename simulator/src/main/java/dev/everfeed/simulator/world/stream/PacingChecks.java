package dev.everfeed.simulator.world.stream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What must be true of what is asked of venues, and how often.
final class PacingChecks {
  private final StreamChecks checks;
  private final List<ArrayDeque<Long>> connects = new ArrayList<>();

  PacingChecks(StreamChecks checks) {
    this.checks = checks;
    checks.scenario.venues().forEach(_ -> connects.add(new ArrayDeque<>()));
  }

  /// Our process has begun anew, and does not know what it did before.
  void begin(int venue) {
    connects.get(venue).clear();
  }

  void connects(int venue) {
    StreamScenario.VenuePlan plan = checks.scenario.venues().get(venue);
    ArrayDeque<Long> own = connects.get(venue);
    while (!own.isEmpty() && checks.now() - own.getFirst() >= plan.connectWindowNanos()) {
      own.removeFirst();
    }
    own.addLast(checks.now());
    if (own.size() > plan.connectMost()) {
      checks.broken(
          "E19",
          "%d connects to venue %d in %,d ms, %d are allowed"
              .formatted(
                  own.size(), venue, plan.connectWindowNanos() / 1_000_000, plan.connectMost()));
    }
  }

  void requests(Pipe pipe) {
    long every = checks.scenario.venue(pipe.gateway).link().requestEveryNanos();
    if (checks.now() - pipe.lastRequestNanos < every) {
      checks.broken(
          "E19",
          "%s is asked %,d us after the last request, %,d are to lie between"
              .formatted(
                  checks.scenario.gateways().get(pipe.gateway).id(),
                  (checks.now() - pipe.lastRequestNanos) / 1_000,
                  every / 1_000));
    }
    pipe.lastRequestNanos = checks.now();
  }
}

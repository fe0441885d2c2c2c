package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.LinkPolicy;
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
    LinkPolicy link = checks.scenario.venue(pipe.gateway).link();
    ArrayDeque<Long> sent = pipe.requestsNanos;
    while (!sent.isEmpty() && checks.now() - sent.getFirst() >= link.requestsWindowNanos()) {
      sent.removeFirst();
    }
    sent.addLast(checks.now());
    if (sent.size() > link.requestsMax()) {
      checks.broken(
          "E19",
          "%s is asked %d times in %,d us, %d are allowed"
              .formatted(
                  checks.scenario.gateways().get(pipe.gateway).id(),
                  sent.size(),
                  link.requestsWindowNanos() / 1_000,
                  link.requestsMax()));
    }
  }
}

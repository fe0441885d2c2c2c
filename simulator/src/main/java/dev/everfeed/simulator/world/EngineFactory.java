package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.request.Catalogue;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.core.time.NextRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Makes the engine of each life of our process, which knows nothing of the one before.
record EngineFactory(
    Scenario scenario,
    Distortion distortion,
    Catalogue catalogue,
    AnchoredClock clock,
    Seeds seeds) {

  PullEngine of(int life, long now) {
    String which = life == 0 ? "" : " of life " + life;
    List<SourceGuard> guards = new ArrayList<>();
    for (ProviderPlan plan : scenario.providers()) {
      guards.add(new SourceGuard(
          plan.id(),
          distortion.policy(plan.policy()),
          seeds.of("guard " + plan.id() + which),
          now));
    }
    return new PullEngine(
        guards,
        distortion.routes(scenario.routes()),
        catalogue,
        scenario.plan(),
        NextRun.every(Duration.ofNanos(scenario.refreshNanos())),
        clock,
        seeds.of("engine" + which),
        now);
  }
}

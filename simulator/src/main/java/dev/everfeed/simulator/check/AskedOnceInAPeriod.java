package dev.everfeed.simulator.check;

import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.RunReport;
import java.time.Instant;
import java.util.Map;

/// P28 (REQUIREMENTS B9: a restart without double work). Holds for what was written down, by
/// this life of our process, the ones before and another hub, and told in time.
final class AskedOnceInAPeriod extends Invariant {
  /// A run may begin a little early.
  private static final long EARLY_NANOS = 1_000_000_000L;

  private final Asked asked;
  private long lastRun;
  private boolean told;

  AskedOnceInAPeriod(Checks checks) {
    super("P28", "no periodic question is asked twice in its period, over a restart too", checks);
    this.asked = checks.asked();
  }

  @Override
  void input(Input input, long now) {
    if (input instanceof Input.AskedBefore before) {
      told = true;
      for (Map.Entry<String, Instant> one : before.asked().entrySet()) {
        asked.at(one.getKey(), truth.clock().nanosAt(one.getValue()));
      }
    }
  }

  @Override
  void settled(long now) {
    truth.engine().lastRun().filter(run -> run.number() != lastRun).ifPresent(run -> {
      lastRun = run.number();
      for (RunReport.Asked one : run.periodic()) {
        look(run, one, now);
      }
    });
  }

  private void look(RunReport run, RunReport.Asked one, long now) {
    long before = asked.lastAt(one.what());
    long every = truth.periods().getOrDefault(one.what(), 0L);
    boolean own = before >= truth.beganAt();
    if (before != Long.MIN_VALUE && (told || own) && one.atNanos() - before < every - EARLY_NANOS) {
      broken(
          "run %d asked %s after %,d ms, its period are %,d ms"
              .formatted(
                  run.number(),
                  one.what(),
                  (one.atNanos() - before) / 1_000_000,
                  every / 1_000_000),
          now);
    }
    asked.at(one.what(), one.atNanos());
  }
}

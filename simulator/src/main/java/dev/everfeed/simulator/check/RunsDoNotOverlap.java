package dev.everfeed.simulator.check;

import dev.everfeed.core.request.RunReport;

/// P14 (REQUIREMENTS A5).
final class RunsDoNotOverlap extends Invariant {
  /// Far more than all questions of a run take one after the other, each at its worst.
  private static final long LONGEST_NANOS = 600_000_000_000L;

  private long lastEnded = Long.MIN_VALUE;
  private long lastNumber;

  RunsDoNotOverlap(Checks checks) {
    super("P14", "a refresh run begins when the one before is over, and ends", checks);
  }

  @Override
  void everySecond(long now) {
    truth.engine().lastRun().ifPresent(run -> {
      if (run.number() < lastNumber || run.endedAtNanos() < run.startedAtNanos()) {
        broken("run %d came after run %d".formatted(run.number(), lastNumber), now);
      }
      lastNumber = run.number();
      lastEnded = run.endedAtNanos();
    });
    truth.engine().currentRun().ifPresent(run -> look(run, now));
  }

  private void look(RunReport run, long now) {
    if (run.number() != lastNumber + 1 || run.startedAtNanos() < lastEnded) {
      broken("run %d goes on beside run %d".formatted(run.number(), lastNumber), now);
    }
    if (now - run.startedAtNanos() > LONGEST_NANOS) {
      broken(
          "run %d goes on for %,d s"
              .formatted(run.number(), (now - run.startedAtNanos()) / 1_000_000_000),
          now);
    }
  }
}

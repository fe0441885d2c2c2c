package dev.everfeed.simulator.world;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.RunReport;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the hub around the engine does about the store: writes down, reads at the start, answers
/// recalls, and says whose duty the schedule is.
final class StoreSide {
  private static final long SECOND = 1_000_000_000L;

  private final StorePlan plan;
  private final SimulatedHistory history;
  private final EventQueue queue;
  private final SplittableRandom readers;
  private boolean available;
  private boolean onDuty = true;
  private @Nullable RunReport lastRun;

  StoreSide(StorePlan plan, SimulatedHistory history, EventQueue queue, SplittableRandom readers) {
    this.plan = plan;
    this.history = history;
    this.queue = queue;
    this.readers = readers;
  }

  /// To be called once, before anything happens.
  void plan() {
    for (StorePlan.Restart restart : plan.restarts()) {
      queue.add(restart.atNanos(), new Happening.Restart(restart.downNanos()));
    }
    for (StorePlan.Spell spell : plan.spells()) {
      queue.add(spell.fromNanos(), new Happening.StoreTurns());
      queue.add(spell.toNanos() + 1, new Happening.StoreTurns());
    }
    for (StorePlan.DutyChange change : plan.dutyChanges()) {
      queue.add(change.atNanos(), new Happening.Duty(change.mine()));
    }
  }

  /// Our process has begun: whose duty it is is known at once, the rest a while later, when the
  /// store has answered. While that is away, there is no word.
  void begun(int life, long now, Consumer<Input> engine) {
    lastRun = null;
    available = false;
    engine.accept(new Input.Duty(onDuty));
    turned(now, engine);
    if (available && plan.wordAfterNanos() == 0) {
      engine.accept(history.remembered());
      engine.accept(history.askedBefore());
    } else if (available) {
      queue.add(
          now + plan.wordAfterNanos() / 2, new Happening.Delivery(life, history.remembered()));
      queue.add(now + plan.wordAfterNanos(), new Happening.Delivery(life, history.askedBefore()));
    }
  }

  /// Tells whether the store is there, if that is new.
  void turned(long now, Consumer<Input> engine) {
    boolean is = history.isAvailable(now);
    if (is != available) {
      available = is;
      engine.accept(new Input.HistoryAvailable(is));
    }
  }

  /// When it becomes ours we first hear what the other one has asked.
  void duty(boolean mine, long now, Consumer<Input> engine) {
    if (mine == onDuty) {
      return;
    }
    onDuty = mine;
    if (mine && available) {
      history.askedByAnother(now);
      engine.accept(history.askedBefore());
    }
    engine.accept(new Input.Duty(mine));
  }

  void keep(Served served) {
    history.keep(served);
  }

  /// Writes down what the last run has asked.
  void written(PullEngine engine) {
    RunReport run = engine.lastRun().orElse(null);
    if (run != null && (lastRun == null || run.number() != lastRun.number())) {
      lastRun = run;
      history.asked(run);
    }
  }

  void recall(Decision.Recall recall, int life, long now) {
    long delay = history.delayNanos(now);
    if (delay != Long.MAX_VALUE) {
      Input answer = recall.whole()
          ? history.recalledWhole(recall.callId(), recall.query(), now)
          : history.recalled(recall.callId(), recall.query(), now);
      queue.add(now + delay, new Happening.Delivery(life, answer));
    }
  }

  Query nextQuestion() {
    return plan.questions().get(readers.nextInt(plan.questions().size()));
  }

  long untilNextReaderNanos() {
    double gap = -StrictMath.log(1 - readers.nextDouble()) / plan.askedPerSecond();
    return 1 + Math.round(Math.min(gap, 60) * SECOND);
  }
}

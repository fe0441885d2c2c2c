package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.BreakerPolicy;
import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Input;
import org.jspecify.annotations.Nullable;

/// What the world's queue holds.
sealed interface Happening {

  /// Whether it waits while our process stands still.
  default boolean isOurs() {
    return true;
  }

  /// The next user comes, and the one after is awaited.
  record NextUser() implements Happening {}

  /// Many ask the same at once.
  record Herd(Query query, int users, Priority priority) implements Happening {}

  /// A call has reached its provider.
  ///
  /// @param query null for a probe
  /// @param life of our process that made it
  record Arrival(
      int life, long callId, SourceId source, @Nullable Query query, int weight, long sentAtNanos)
      implements Happening {
    @Override
    public boolean isOurs() {
      return false;
    }
  }

  /// Something has come back.
  ///
  /// @param life of our process that it is for
  record Delivery(int life, Input input) implements Happening {}

  /// Our process ends, and begins again later.
  record Restart(long downNanos) implements Happening {
    @Override
    public boolean isOurs() {
      return false;
    }
  }

  /// Our process begins again.
  record Begin() implements Happening {
    @Override
    public boolean isOurs() {
      return false;
    }
  }

  /// Somebody asks for bars of the past, and the next one is awaited.
  record NextReader() implements Happening {}

  /// Something may have changed about the store: whether it is there is told.
  record StoreTurns() implements Happening {}

  /// The schedule becomes ours or another's.
  record Duty(boolean mine) implements Happening {}

  /// Our process stands still.
  record Pause(long nanos) implements Happening {
    @Override
    public boolean isOurs() {
      return false;
    }
  }

  /// Our process goes on.
  record GoOn(int life) implements Happening {
    @Override
    public boolean isOurs() {
      return false;
    }
  }

  /// The faults are over.
  record Heal() implements Happening {}

  /// An operator changes thresholds while everything runs.
  record NewPolicy(SourceId source, BreakerPolicy policy) implements Happening {}

  /// A virtual second has passed.
  record Second() implements Happening {}
}

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
  record Arrival(long callId, SourceId source, @Nullable Query query, int weight, long sentAtNanos)
      implements Happening {
    @Override
    public boolean isOurs() {
      return false;
    }
  }

  /// Something has come back.
  record Delivery(Input input) implements Happening {}

  /// Our process stands still.
  record Pause(long nanos) implements Happening {
    @Override
    public boolean isOurs() {
      return false;
    }
  }

  /// Our process goes on.
  record GoOn() implements Happening {
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

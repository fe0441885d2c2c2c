package dev.everfeed.simulator.venue;

import dev.everfeed.simulator.fault.FaultKind;
import dev.everfeed.simulator.fault.FaultOrder;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A fault that holds now.
///
/// @param timer the Vert.x timer that heals it, or -1
record FaultInForce(
    FaultOrder order, Instant since, @Nullable Instant until, long timer) {
  FaultKind kind() {
    return order.kind();
  }

  long delayMillisOr(long otherwise) {
    Duration delay = order.delay();
    return delay == null ? otherwise : delay.toMillis();
  }
}

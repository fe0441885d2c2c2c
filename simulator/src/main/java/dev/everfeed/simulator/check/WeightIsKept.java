package dev.everfeed.simulator.check;

import dev.everfeed.core.model.SourceId;

/// P9 (RESILIENCE I-17). Counted by the source, in its own minutes, as the calls arrive there.
final class WeightIsKept extends Invariant {
  WeightIsKept(Checks checks) {
    super("P9", "our calls never weigh more than a source allows in its own minute", checks);
  }

  @Override
  void arrived(SourceId source, int usedByUs, int limit, long now) {
    if (usedByUs > limit && truth.tellsRightLimit(source)) {
      broken("%s counted %d of %d".formatted(source, usedByUs, limit), now);
    }
  }
}

package dev.everfeed.simulator.check;

import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Reply;

/// P25. This life of our process has not heard it said.
final class RestoredIsNotLive extends Invariant {
  RestoredIsNotLive(Checks checks) {
    super("P25", "what was received before our process began is never live", checks);
  }

  @Override
  void decision(Decision decision, long now) {
    if (decision instanceof Decision.Answer(long id, Reply.Value value)
        && value.served().receivedAtNanos() < truth.beganAt()
        && value.status() != ValueStatus.CACHED
        && value.status() != ValueStatus.STALE) {
      broken("request %d got as %s: %s".formatted(id, value.status(), value.served()), now);
    }
  }
}

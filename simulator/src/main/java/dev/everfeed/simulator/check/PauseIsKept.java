package dev.everfeed.simulator.check;

import dev.everfeed.core.guard.SourceGuard;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Input;
import java.util.Map;
import java.util.TreeMap;

/// P10. 5 s after a 429 and 120 s after a 418 that do not say how long (SourceGuard, Pauses).
final class PauseIsKept extends Invariant {
  private final Map<SourceId, Long> quietUntil = new TreeMap<>();

  PauseIsKept(Checks checks) {
    super("P10", "a source that asked to be left alone is left alone", checks);
  }

  @Override
  void input(Input input, long now) {
    Ledger.Made ended = ledger.ending();
    if (ended == null || !(input instanceof Input.Failed failed)) {
      return;
    }
    Failure failure = failed.failure();
    long unsaid = switch (failure.kind()) {
      case RATE_LIMITED -> 5_000_000_000L;
      case BANNED -> 120_000_000_000L;
      default -> 0;
    };
    long length = failure.retryAfterNanos() > 0
        ? Math.min(failure.retryAfterNanos(), SourceGuard.LONGEST_PAUSE_NANOS)
        : unsaid;
    quietUntil.merge(ended.source(), now + length, Math::max);
  }

  @Override
  void decision(Decision decision, long now) {
    SourceId source = switch (decision) {
      case Decision.Call call -> call.source();
      case Decision.Probe probe -> probe.source();
      default -> null;
    };
    long until = source == null ? Long.MIN_VALUE : quietUntil.getOrDefault(source, Long.MIN_VALUE);
    if (now < until) {
      broken(
          "%s is called %,d ms before the time it asked for"
              .formatted(source, (until - now) / 1_000_000),
          now);
    }
  }
}

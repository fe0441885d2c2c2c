package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import java.util.LinkedHashMap;
import java.util.Map;

/// P8 (RESILIENCE I-16). One token bucket for all sources together: each has its own, of the
/// same ratio, so their sum may never be overdrawn.
final class FurtherAttemptsAreFew extends Invariant {
  private static final long TOKEN = 1_000;
  private static final long EARNED = 100;
  private static final long BURST = 10;

  private record AskedThere(SourceId source, Query query) {}

  private final long capacity;
  private final Map<AskedThere, Long> starts = new LinkedHashMap<>();
  private final Map<AskedThere, Long> retries = new LinkedHashMap<>();
  private long tokens;

  FurtherAttemptsAreFew(Checks checks) {
    super(
        "P8",
        "retries and hedges are at most 10 % of the calls and a burst, and as few as the policy says",
        checks);
    this.capacity = TOKEN * BURST * truth.engine().guards().size();
    this.tokens = capacity;
  }

  @Override
  void decision(Decision decision, long now) {
    if (!(decision instanceof Decision.Call call)) {
      return;
    }
    AskedThere key = new AskedThere(call.source(), call.query());
    switch (call.purpose()) {
      case FIRST, NEXT -> {
        tokens = Math.min(capacity, tokens + EARNED);
        starts.merge(key, 1L, Long::sum);
      }
      case HEDGE -> {
        starts.merge(key, 1L, Long::sum);
        spend(call, now);
      }
      case TRIAL -> {
        // Has the budget of a half-open circuit: P5.
      }
      case RETRY -> {
        spend(call, now);
        long made = retries.merge(key, 1L, Long::sum);
        long most = starts.getOrDefault(key, 0L)
            * truth.guard(call.source()).policy().retry().attempts();
        if (made > most) {
          broken(
              "%s was asked %s again %d times, allowed are %d"
                  .formatted(call.source(), call.query(), made, most),
              now);
        }
      }
    }
  }

  private void spend(Decision.Call call, long now) {
    tokens -= TOKEN;
    if (tokens < 0) {
      broken(
          "%s %d to %s is one too many".formatted(call.purpose(), call.callId(), call.source()),
          now);
      tokens = 0;
    }
  }
}

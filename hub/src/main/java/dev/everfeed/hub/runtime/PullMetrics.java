package dev.everfeed.hub.runtime;

import dev.everfeed.core.guard.GuardSnapshot;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.PullEngine;
import dev.everfeed.core.request.RunReport;
import dev.everfeed.core.time.AnchoredClock;
import dev.everfeed.hub.telemetry.ProviderMetrics;
import dev.everfeed.hub.telemetry.RunMetrics;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns decisions and snapshots of the pull side into metrics. Owned by the loop's context.
final class PullMetrics {
  private final ProviderMetrics providers;
  private final RunMetrics runs;
  private final AnchoredClock clock;
  private final Map<SourceId, Long> skipped = new HashMap<>();
  private final String barsFetch;
  private long missedRuns;
  private long lastRun;

  /// @param barsFetch from how many exchanges bars are fetched
  PullMetrics(ProviderMetrics providers, RunMetrics runs, AnchoredClock clock, String barsFetch) {
    this.barsFetch = barsFetch;
    this.providers = providers;
    this.runs = runs;
    this.clock = clock;
  }

  void decided(Decision decision) {
    switch (decision) {
      case Decision.CallEnded ended
      when !ended.probe() -> {
        if (ended.failure() == null) {
          providers.succeeded(ended.source(), ended.latencyNanos());
        } else {
          providers.failed(ended.source(), ended.failure().kind(), ended.latencyNanos());
        }
      }
      case Decision.Call call -> {
        Query.Kind kind = call.query().kind();
        providers.called(call.source(), kind, kind == Query.Kind.BARS ? barsFetch : "primary");
        switch (call.purpose()) {
          case HEDGE -> providers.hedged(call.source());
          case RETRY -> providers.retried(call.source());
          case FIRST, NEXT, TRIAL -> {}
        }
      }
      case Decision.CallEnded _,
          Decision.Probe _,
          Decision.Cancel _,
          Decision.Answer _,
          Decision.CircuitChanged _,
          Decision.Recall _,
          Decision.Keep _,
          Decision.Reject _,
          Decision.SkippedDueToCircuit _,
          Decision.Fetched _ -> {}
    }
  }

  long calls(Query.Kind kind, SourceId source) {
    return providers.calls(source, kind);
  }

  /// To be called with each new view.
  void observed(List<GuardSnapshot> guards, PullEngine engine) {
    providers.observed(guards, nanos -> {
      Instant at = clock.at(nanos);
      return at.getEpochSecond() + at.getNano() / 1e9;
    });
    for (GuardSnapshot guard : guards) {
      long before = skipped.getOrDefault(guard.source(), 0L);
      for (long i = before; i < guard.skippedCount(); i++) {
        providers.skipped(guard.source());
      }
      skipped.put(guard.source(), guard.skippedCount());
    }
    for (; missedRuns < engine.missedRuns(); missedRuns++) {
      runs.overlapPrevented();
    }
    engine.lastRun().filter(run -> run.number() > lastRun).ifPresent(this::finished);
    runs.remembered(engine.rememberedCount());
  }

  private void finished(RunReport run) {
    lastRun = run.number();
    runs.finished(run);
  }
}

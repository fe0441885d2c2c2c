package dev.everfeed.hub.runtime;

import dev.everfeed.core.guard.CircuitBreaker.State;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// What the pull side writes to the log: every change of a circuit, the first call skipped
/// because of it, and the first failure of a kind. The same failure is said again after
/// [#QUIET_NANOS], with how many there were meanwhile. Owned by the loop's context.
final class PullLog {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.source");
  private static final long QUIET_NANOS = 60_000_000_000L;

  private static final class Said {
    long atNanos;
    long since;
  }

  private final HubClock clock;
  private final Map<SourceId, Map<Failure.Kind, Said>> said = new HashMap<>();

  PullLog(HubClock clock) {
    this.clock = clock;
  }

  void decided(Decision decision) {
    switch (decision) {
      case Decision.CircuitChanged change -> circuit(change);
      case Decision.Fetched fetched -> fetched(fetched);
      case Decision.SkippedDueToCircuit skip ->
        LOG.warn(
            "source {}: skipped_due_to_circuit: {}; said once for this opening",
            skip.source(),
            skip.failure().message());
      case Decision.CallEnded ended -> {
        if (ended.failure() != null) {
          failed(ended.source(), ended.failure(), ended.probe());
        }
      }
      case Decision.Call _, Decision.Probe _, Decision.Cancel _, Decision.Answer _ -> {}
      case Decision.Recall _, Decision.Keep _, Decision.Reject _ -> {}
    }
  }

  private static void circuit(Decision.CircuitChanged change) {
    String what = change.from() + " -> " + change.to();
    if (change.to() == State.OPEN) {
      LOG.warn(
          "source {}: circuit {}: {}; not called for {} ms, then probed",
          change.source(),
          what,
          change.reason(),
          change.cooldownNanos() / 1_000_000);
    } else {
      LOG.info("source {}: circuit {}: {}", change.source(), what, change.reason());
    }
  }

  /// One line a series and refresh where several exchanges were asked, or one has failed
  /// (REQUIREMENTS B8).
  private static void fetched(Decision.Fetched fetched) {
    Level level = fetched.wanted() > 1 || !fetched.failed().isEmpty() ? Level.INFO : Level.DEBUG;
    if (!LOG.isEnabledForLevel(level)) {
      return;
    }
    StringBuilder failed = new StringBuilder();
    fetched
        .failed()
        .forEach((who, why) -> failed
            .append(failed.isEmpty() ? "; failed: " : "; ")
            .append(who)
            .append(": ")
            .append(why));
    LOG.atLevel(level)
        .log(
            "{} exchanges returned data for {} {}: {}{}",
            fetched.bars().size(),
            fetched.symbol(),
            fetched.interval(),
            fetched.bars(),
            failed);
  }

  private void failed(SourceId source, Failure failure, boolean probe) {
    Said before = said.computeIfAbsent(source, _ -> new EnumMap<>(Failure.Kind.class))
        .computeIfAbsent(failure.kind(), _ -> new Said());
    long now = clock.nanos();
    if (before.atNanos != 0 && now - before.atNanos < QUIET_NANOS) {
      before.since++;
      return;
    }
    String what = probe ? "probe" : "call";
    if (before.since == 0) {
      LOG.warn(
          "source {}: {} failed, {}: {}", source, what, failure.kind().text(), failure.message());
    } else {
      LOG.warn(
          "source {}: {} failed, {}: {}; {} more of this kind since it was last said",
          source,
          what,
          failure.kind().text(),
          failure.message(),
          before.since);
    }
    before.atNanos = now;
    before.since = 0;
  }
}

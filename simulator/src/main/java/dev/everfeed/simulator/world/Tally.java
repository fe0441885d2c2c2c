package dev.everfeed.simulator.world;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.request.Decision;
import dev.everfeed.core.request.Reply;
import java.util.SortedMap;
import java.util.TreeMap;

/// Counts what happens in a run. `requests = live + maybeStale + cached + stale + unavailable +
/// lost` at its end.
final class Tally {
  long requests;
  long live;
  long maybeStale;
  long cached;
  long stale;
  long unavailable;

  /// With the process they were asked of.
  long lost;

  long recalls;
  long restarts;
  long calls;
  long further;
  long probes;
  long failovers;
  long openings;
  final SortedMap<SourceId, Long> answeredBy = new TreeMap<>();

  void decision(Decision decision) {
    switch (decision) {
      case Decision.Call call -> {
        calls++;
        if (call.purpose() == Decision.Purpose.RETRY || call.purpose() == Decision.Purpose.HEDGE) {
          further++;
        }
      }
      case Decision.Probe _ -> probes++;
      case Decision.Answer answer -> reply(answer.reply());
      case Decision.CircuitChanged changed -> {
        if (changed.to() == CircuitBreaker.State.OPEN) {
          openings++;
        }
      }
      case Decision.Cancel _,
          Decision.CallEnded _,
          Decision.SkippedDueToCircuit _,
          Decision.Fetched _ -> {}
      case Decision.Recall _ -> recalls++;
      case Decision.Keep _, Decision.Reject _ -> {}
    }
  }

  void restarted() {
    restarts++;
    lost = requests - live - maybeStale - cached - stale - unavailable;
  }

  private void reply(Reply reply) {
    switch (reply) {
      case Reply.Unavailable _ -> unavailable++;
      case Reply.Value value -> {
        answeredBy.merge(value.served().source(), 1L, Long::sum);
        if (!value.tried().isEmpty()) {
          failovers++;
        }
        switch (value.status()) {
          case LIVE -> live++;
          case MAYBE_STALE -> maybeStale++;
          case CACHED -> cached++;
          case STALE -> stale++;
          case DELAYED, BACKFILLED ->
            throw new IllegalStateException("the chain never says " + value.status());
        }
      }
    }
  }

  @Override
  public String toString() {
    return ("%,d requests: %,d live, %,d maybe stale, %,d cached, %,d stale, %,d unavailable,"
            + " %,d lost in %,d restarts; %,d recalls, %,d calls (%,d of them retries or hedges), %,d probes, %,d answers after a failure,"
            + " %,d openings; answered by %s")
        .formatted(
            requests,
            live,
            maybeStale,
            cached,
            stale,
            unavailable,
            lost,
            restarts,
            recalls,
            calls,
            further,
            probes,
            failovers,
            openings,
            answeredBy);
  }
}

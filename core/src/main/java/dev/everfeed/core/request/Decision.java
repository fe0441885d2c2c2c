package dev.everfeed.core.request;

import dev.everfeed.core.guard.CircuitBreaker;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the chain wants done, or known.
public sealed interface Decision {

  /// Why a call is made.
  enum Purpose {
    /// The first one of a request.
    FIRST,
    /// The provider before failed, or was given up.
    NEXT,
    /// The provider before is slow and may still answer.
    HEDGE,
    /// The same provider again, after a pause.
    RETRY,
    /// Nobody waits for it: shows whether a provider whose circuit is half open can be trusted.
    TRIAL
  }

  /// Call a provider. The answer comes back as [Input.Answered] or [Input.Failed] with `callId`.
  ///
  /// @param query as this provider has to be asked (an equivalent's symbol in it, perhaps)
  record Call(
      long callId, SourceId source, Query query, Purpose purpose, int weight, long timeoutNanos)
      implements Decision {}

  /// Ask a provider for a light sign of life. Its answer comes back like a call's.
  record Probe(long callId, SourceId source, long timeoutNanos) implements Decision {}

  /// Give a call up: its time is over, nothing it still brings will be looked at.
  record Cancel(long callId, SourceId source) implements Decision {}

  /// Ask history, the last provider of bars and trades: nobody else has answered, a user still
  /// waits, and what is remembered is not all that was asked. The answer comes back as
  /// [Input.Recalled] or [Input.Failed] with `callId`, which no call has too. It has no circuit
  /// and no [CallEnded]; once the time is over nothing that it brings is looked at.
  ///
  /// Bars of a time that is over are asked of history before the providers, which spares a call:
  /// then history answers only with a series that it knows to be whole, else with nothing.
  ///
  /// @param whole        only a whole series of one exchange is wanted, the best one
  /// @param timeoutNanos until the last user's deadline, or the providers are asked after all
  record Recall(long callId, Query query, boolean whole, long timeoutNanos) implements Decision {}

  /// Write down what a source has said: it is believed, and remembered from now on. Everything
  /// remembered is told here once, when it is remembered; never listings, never what a trial
  /// brought, never the same answer again when it stands in for a new one.
  ///
  /// @param served holds what was asked only; with a frozen value it may hold what was kept
  ///     before
  record Keep(Served served) implements Decision {}

  /// Put aside what a source has said: it cannot be believed, and is neither served nor
  /// remembered. At most one for each [Call]. A price that another source confirms afterwards is
  /// kept from that one.
  ///
  /// @param query   as the hub was asked
  /// @param failure of kind [Failure.Kind#WRONG_DATA]: what is wrong with it
  record Reject(SourceId source, Query query, List<Event> events, Failure failure)
      implements Decision {
    public Reject {
      events = List.copyOf(events);
    }
  }

  /// Answer a request; the last that is heard of `requestId`.
  record Answer(long requestId, Reply reply) implements Decision {}

  /// What became of a call, for metrics and the log: once for each [Call], and for each [Probe].
  ///
  /// @param failure null when it brought a value that was believed (or the probe answered)
  record CallEnded(
      long callId, SourceId source, boolean probe, @Nullable Failure failure, long latencyNanos)
      implements Decision {}

  /// What one refresh of a series has brought from its exchanges, for the log and the count
  /// (REQUIREMENTS B8).
  ///
  /// @param wanted from how many exchanges
  /// @param bars   by the exchange that answered, how many
  /// @param failed by the source (or the exchange) that did not, why
  record Fetched(
      Symbol symbol,
      Interval interval,
      int wanted,
      SortedMap<String, Integer> bars,
      SortedMap<String, String> failed)
      implements Decision {
    public Fetched {
      bars = Collections.unmodifiableSortedMap(new TreeMap<>(bars));
      failed = Collections.unmodifiableSortedMap(new TreeMap<>(failed));
    }
  }

  /// A circuit changed its state, for the log.
  record CircuitChanged(
      SourceId source,
      CircuitBreaker.State from,
      CircuitBreaker.State to,
      long cooldownNanos,
      String reason)
      implements Decision {}

  /// The first call not made because of this opening, for the log (`skipped_due_to_circuit`).
  record SkippedDueToCircuit(SourceId source, Failure failure) implements Decision {}
}

package dev.everfeed.core.request;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import java.util.List;

/// What happens to the chain. Time comes beside it, as an argument.
public sealed interface Input {

  /// Somebody wants an answer.
  ///
  /// @param requestId the caller's own, at most one open request each
  /// @param priority  [Priority#USER] is answered from memory when nobody else answers; the
  ///     later ones want a provider's answer or the reason why there is none
  record Ask(long requestId, Query query, Priority priority) implements Input {}

  /// A call brought an answer that the source's adapter could read.
  record Answered(long callId, List<Event> events) implements Input {
    public Answered {
      events = List.copyOf(events);
    }
  }

  /// A call, or a probe, failed.
  record Failed(long callId, Failure failure) implements Input {}

  /// A source told what it has counted. A limit that cannot be (0, more than
  /// [dev.everfeed.core.guard.WeightBudget#MAX_LIMIT]) is not taken over.
  ///
  /// @param used  weight used in the source's current window, or -1
  /// @param limit weight allowed in it, or -1
  record WeightReported(SourceId source, int used, int limit) implements Input {}

  /// Nothing but time has passed.
  record TimePassed() implements Input {}
}

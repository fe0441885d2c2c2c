package dev.everfeed.core.request;

import dev.everfeed.core.guard.Priority;
import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.Served;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Span;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What happens to the chain. Time comes beside it, as an argument.
public sealed interface Input {

  /// Somebody wants an answer.
  ///
  /// @param requestId the caller's own, at most one open request each
  /// @param priority  [Priority#USER] is answered from memory when nobody else answers; the
  ///     later ones want a provider's answer or the reason why there is none
  record Ask(long requestId, Query query, Priority priority) implements Input {}

  /// A call brought an answer that the source's adapter could read.
  ///
  /// @param covered of bars, the time for which these are all the source has; null where that is
  ///     not known
  record Answered(long callId, List<Event> events, @Nullable Span covered) implements Input {
    public Answered {
      events = List.copyOf(events);
    }

    public Answered(long callId, List<Event> events) {
      this(callId, events, null);
    }
  }

  /// A call, a probe or a recall failed.
  record Failed(long callId, Failure failure) implements Input {}

  /// A source told what it has counted. A limit that cannot be (0, more than
  /// [dev.everfeed.core.guard.WeightBudget#MAX_LIMIT]) is not taken over.
  ///
  /// @param used  weight used in the source's current window, or -1
  /// @param limit weight allowed in it, or -1
  record WeightReported(SourceId source, int used, int limit) implements Input {}

  /// Something that was kept earlier, maybe before this process began.
  ///
  /// @param receivedAtNanos when it was received from its source, on this process's monotonic
  ///     clock; negative when that was before its start
  record Past(Event event, long receivedAtNanos) {}

  /// History has answered a [Decision.Recall] with what it has of it, maybe nothing.
  ///
  /// @param past    oldest first
  /// @param covered of bars of one exchange, the time for which they are all there are; null
  ///     where that is not known
  record Recalled(long callId, List<Past> past, @Nullable Span covered) implements Input {
    public Recalled {
      past = List.copyOf(past);
    }

    public Recalled(long callId, List<Past> past) {
      this(callId, past, null);
    }

    /// All received at the same time; of several times the oldest.
    public static Recalled of(long callId, List<Event> events, long receivedAtNanos) {
      return new Recalled(
          callId, events.stream().map(event -> new Past(event, receivedAtNanos)).toList());
    }
  }

  /// Whether history can be asked. Until this comes it is not asked.
  record HistoryAvailable(boolean available) implements Input {}

  /// What was remembered before this process began. It is put where nothing younger is, answers
  /// only when no provider does, and is never `live`. What claims to come from the future is
  /// left out: a clock has stepped back, and how old it is cannot be told.
  ///
  /// @param answers a price by the one symbol that was wanted; never listings
  record Restored(List<Served> answers) implements Input {
    public Restored {
      answers = List.copyOf(answers);
      for (Served answer : answers) {
        boolean single =
            !(answer.query() instanceof Query.Prices prices) || prices.symbols().size() == 1;
        if (!single || answer.query() instanceof Query.Listings) {
          throw new IllegalArgumentException(
              "restored are prices of one symbol each, and no listings, was " + answer.query());
        }
      }
    }
  }

  /// Whether the schedule's questions are this process's to ask. Until this comes they are.
  record Duty(boolean mine) implements Input {}

  /// When the schedule's periodic questions were asked last by somebody else: by this hub before
  /// it started anew, or by another one that had the duty. May come again; the later time
  /// counts, and a time in the future counts as not known.
  ///
  /// @param asked by the words of [RunReport.Asked#what]
  record AskedBefore(SortedMap<String, Instant> asked) implements Input {
    public AskedBefore {
      asked = Collections.unmodifiableSortedMap(new TreeMap<>(asked));
    }

    public AskedBefore(Map<String, Instant> asked) {
      this(new TreeMap<>(asked));
    }
  }

  /// Nothing but time has passed.
  record TimePassed() implements Input {}
}

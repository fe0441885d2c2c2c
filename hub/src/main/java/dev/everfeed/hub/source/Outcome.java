package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an answer amounts to.
public sealed interface Outcome {

  /// @param events  in the payload's order, bars and trades oldest first; of a batch what the
  ///     source gave, so a symbol may be missing; empty when the source truly has nothing in
  ///     the range asked for
  /// @param covered of bars, the time for which these are all the source has; null where that is
  ///     not known
  record Usable(List<Event> events, @Nullable Span covered) implements Outcome {
    public Usable {
      events = List.copyOf(events);
    }

    public Usable(List<Event> events) {
      this(events, null);
    }
  }

  record Unusable(Failure failure) implements Outcome {}

  /// One page of several: the source is asked on, with what it said so far.
  ///
  /// @param events of all pages so far, in a form that only the source's adapter reads
  record More(List<Event> events, SourceRequest next) implements Outcome {
    public More {
      events = List.copyOf(events);
    }
  }
}

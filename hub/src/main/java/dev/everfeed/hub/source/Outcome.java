package dev.everfeed.hub.source;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Failure;
import java.util.List;

/// What an answer amounts to.
public sealed interface Outcome {

  /// @param events in the payload's order, bars and trades oldest first; of a batch what the
  ///     source gave, so a symbol may be missing; empty when the source truly has nothing in
  ///     the range asked for
  record Usable(List<Event> events) implements Outcome {
    public Usable {
      events = List.copyOf(events);
    }
  }

  record Unusable(Failure failure) implements Outcome {}
}

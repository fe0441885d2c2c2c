package dev.everfeed.simulator.check;

import dev.everfeed.core.model.Event;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// Everything that any provider has ever said. Only looked up in, so its order is of no account.
final class Said {
  private final Set<Event> events = new HashSet<>();

  void add(Collection<Event> more) {
    events.addAll(more);
  }

  boolean has(Event event) {
    return events.contains(event);
  }
}

package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Query;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What of the last answer to each question is on disk already, so that 500 bars that are asked
/// for every minute are not written down every minute when one of them has changed.
///
/// Forgetting costs nothing but that writing, because rows are written idempotently. Bound:
/// [#MAX_EVENTS] in all, the question not answered for longest goes first. Owned by the loop's
/// context.
final class OnDisk {
  static final int MAX_EVENTS = 300_000;

  private final LinkedHashMap<Query, Set<Event>> byQuery = new LinkedHashMap<>(16, 0.75f, true);
  private int size;

  /// What is new or has changed since the answer before.
  List<Event> missing(Query query, List<Event> events) {
    Set<Event> known = byQuery.get(query);
    return known == null
        ? events
        : events.stream().filter(event -> !known.contains(event)).toList();
  }

  /// All of this answer is on disk.
  void synced(Query query, List<Event> events) {
    Set<Event> now = new LinkedHashSet<>(events);
    Set<Event> before = byQuery.put(query, now);
    size += now.size() - (before == null ? 0 : before.size());
    Iterator<Map.Entry<Query, Set<Event>>> eldest = byQuery.entrySet().iterator();
    while (size > MAX_EVENTS && byQuery.size() > 1) {
      size -= eldest.next().getValue().size();
      eldest.remove();
    }
  }

  int size() {
    return size;
  }
}

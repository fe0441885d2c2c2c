package dev.everfeed.hub.api;

import dev.everfeed.core.model.Query;
import dev.everfeed.core.model.SourceId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Who is asked for one kind of data, and how often each was (REQUIREMENTS B7).
///
/// @param fetch from how many exchanges the schedule fetches: `primary`, `primary_secondary` or
///     `all`
/// @param calls made since the start of the hub, by source, the first choice first
public record RouteView(Query.Kind kind, String fetch, SequencedMap<SourceId, Long> calls) {
  public RouteView {
    calls = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(calls));
  }

  /// How many more calls it would have taken to fetch bars from all exchanges each time, if every
  /// fetch took one call: -1 for data that is always asked of one.
  long saved() {
    if (kind != Query.Kind.BARS) {
      return -1;
    }
    long made = calls.values().stream().mapToLong(Long::longValue).sum();
    int exchanges = calls.size();
    int asked = switch (fetch) {
      case "primary" -> 1;
      case "primary_secondary" -> Math.min(2, exchanges);
      default -> exchanges;
    };
    return asked == 0 ? 0 : made * (exchanges - asked) / asked;
  }
}

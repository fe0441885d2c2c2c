package dev.everfeed.hub.source;

import dev.everfeed.core.model.Interval;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// How a venue serves bars.
///
/// @param offered        the intervals that it has, and its own word for each; all of them
///     begin where ours do ([Interval#openOf])
/// @param pageMax        most bars of one answer
/// @param emptyIntervals whether it has a (flat) bar for an interval without trades; where it
///     has none, a bar that is not there means that nobody traded
/// @param seeks          asked from a moment on, it answers with the first bars after it,
///     however late they are; else it looks no further than a page of intervals
/// @param reach          it knows only the newest so many bars of an interval;
///     `Integer.MAX_VALUE` for all of them
public record BarRules(
    SequencedMap<Interval, String> offered,
    int pageMax,
    boolean emptyIntervals,
    boolean seeks,
    int reach) {
  public BarRules {
    if (offered.isEmpty() || pageMax < 1 || reach < 1) {
      throw new IllegalArgumentException(
          "bar rules need an interval, a page and a reach, were %s, %d and %d"
              .formatted(offered, pageMax, reach));
    }
    offered = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(offered));
  }
}

package dev.everfeed.core.normalise;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.model.Interval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Whose bars stand for all exchanges': the first in the order of preference that has any, does
/// not disagree with the others ([Consistency]) and is not behind them by more than one bar.
///
/// REQUIREMENTS B6 asks for the first that has data. An exchange that died an hour ago has data
/// too, so the newest bar is looked at; and since an exchange without trades in the last minute
/// may have no bar of it, one bar is no reason to leave it (ADR 13).
public final class Primary {
  private Primary() {}

  /// @param preference the best first; exchanges that it does not name come after them
  /// @param series     of one symbol and interval by exchange, oldest first, none of them empty
  public static Optional<String> of(
      List<String> preference, Interval interval, Map<String, List<Event.Bar>> series) {
    Map<String, Consistency.Deviation> deviations =
        series.size() < Consistency.WITNESSES ? new TreeMap<>() : Consistency.of(series);
    Set<String> ordered = new LinkedHashSet<>(preference);
    ordered.retainAll(series.keySet());
    ordered.addAll(series.keySet());
    Instant newest = Instant.MIN;
    List<String> agreeing = new ArrayList<>();
    for (String exchange : ordered) {
      Consistency.Deviation deviation = deviations.get(exchange);
      if (deviation == null || !deviation.disagrees()) {
        agreeing.add(exchange);
        Instant last = last(series, exchange);
        newest = last.isAfter(newest) ? last : newest;
      }
    }
    for (String exchange : agreeing) {
      if (!interval.next(last(series, exchange)).isBefore(newest)) {
        return Optional.of(exchange);
      }
    }
    return Optional.empty();
  }

  private static Instant last(Map<String, List<Event.Bar>> series, String exchange) {
    List<Event.Bar> bars = series.get(exchange);
    return bars == null || bars.isEmpty() ? Instant.EPOCH : bars.getLast().time();
  }
}

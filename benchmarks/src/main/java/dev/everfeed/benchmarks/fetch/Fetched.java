package dev.everfeed.benchmarks.fetch;

import java.util.Collection;
import java.util.Map;
import java.util.SequencedMap;

/// One start of the hub on an empty store, until the first run of its schedule was stored.
///
/// @param byExchange what came from each exchange that was complete
/// @param databaseUp seconds from the start of the run until the database answered
/// @param answered   seconds until the run had its last answer
/// @param processor  what was used of it from the start of the hub's process on
/// @param residentMib the most that the hub's process had at once
/// @param heapFullMib the most that was in its heap before a collection
/// @param heapLiveMib the most that a collection left there
record Fetched(
    SequencedMap<String, Exchange> byExchange,
    double databaseUp,
    double answered,
    Processor processor,
    long residentMib,
    long heapFullMib,
    long heapLiveMib) {

  /// Seconds of one core.
  ///
  /// @param venues and the benchmark itself
  record Processor(double hub, double database, double venues) {}

  /// @param received seconds from the start of the run until the last bar was received
  /// @param stored   seconds until the bars of all symbols could be read in the database
  /// @param calls    for bars, by the hub's count
  /// @param requests of any kind, by the venues' count
  record Exchange(double received, double stored, long rows, long calls, long requests) {}

  /// Until the last of these exchanges was stored.
  double stored(Collection<String> exchanges) {
    double last = 0;
    for (Map.Entry<String, Exchange> each : byExchange.entrySet()) {
      if (exchanges.contains(each.getKey())) {
        last = Math.max(last, each.getValue().stored());
      }
    }
    return last;
  }

  long rows() {
    return byExchange.values().stream().mapToLong(Exchange::rows).sum();
  }
}

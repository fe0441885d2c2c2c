package dev.everfeed.hub.store;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What became of a stretch of the journal.
///
/// @param rows        inserted or changed, by table; what was there already is not counted
/// @param quarantined of the entries, those that went to `quarantine`
/// @param ignored     of the entries, those for which there is no table, and trades too old to
///     be kept
/// @param tookNanos   from asking for a connection to the end of the commit
public record Written(
    SortedMap<String, Integer> rows, int quarantined, int ignored, long tookNanos) {
  public Written {
    rows = Collections.unmodifiableSortedMap(new TreeMap<>(rows));
  }

  /// Of one table.
  public int rows(String table) {
    return rows.getOrDefault(table, 0);
  }
}

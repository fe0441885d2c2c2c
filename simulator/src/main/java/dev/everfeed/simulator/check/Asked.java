package dev.everfeed.simulator.check;

import java.util.Map;
import java.util.TreeMap;

/// When the schedule's periodic questions were asked last, by any life of our process that lived
/// to write it down.
final class Asked {
  private final Map<String, Long> lastAt = new TreeMap<>();

  /// `Long.MIN_VALUE` for never.
  long lastAt(String what) {
    return lastAt.getOrDefault(what, Long.MIN_VALUE);
  }

  void at(String what, long nanos) {
    lastAt.merge(what, nanos, Math::max);
  }
}

package dev.everfeed.hub.runtime;

import java.time.Duration;

/// How patient a backfill is.
///
/// @param parallel    questions that are out at one exchange at once
/// @param tries       of a question that fails
/// @param firstPause  after a failure, or where nobody says how long to wait; then twice as
///     long each time
/// @param longestPause where nobody says how long
/// @param look        how often it looks whether what it waits for has come
/// @param drainWithin the store must make progress within this while what came is being stored
record Pace(
    int parallel,
    int tries,
    Duration firstPause,
    Duration longestPause,
    Duration look,
    Duration drainWithin) {

  /// Four at once make good use of a budget where an answer takes a second.
  static Pace usual() {
    return new Pace(
        4,
        3,
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        Duration.ofMillis(250),
        Duration.ofMinutes(1));
  }

  /// @param before pauses in a row before this one
  Duration pause(int before) {
    Duration pause = firstPause.multipliedBy(1L << Math.min(before, 20));
    return pause.compareTo(longestPause) < 0 ? pause : longestPause;
  }
}

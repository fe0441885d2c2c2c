package dev.everfeed.simulator.venue;

import dev.everfeed.core.model.Symbol;

/// A flood of trades of one symbol at a steady rate, for measuring.
///
/// Trade `firstId + n` is due, and is stamped, `n / framesPerSecond` seconds after the start,
/// when it is sent or not: a reader that compares with that moment measures without coordinated
/// omission. What is due leaves once a millisecond, in one write per connection; a connection
/// whose reader lags is sent the rest later, without a hole. The content of a trade follows from
/// its id, so several connections get the same; it has nothing to do with the venue's REST
/// answers, and the ids are far above theirs: begin the flood before subscribing.
///
/// @param startMillis of the venue's clock, since the epoch
public record Flood(
    String venue, Symbol symbol, long framesPerSecond, long firstId, long startMillis) {
  public static final int MOST_PER_SECOND = 300_000;

  /// 13 digits, as all ids of a flood have.
  static final long FIRST_ID = 1_000_000_000_000L;

  public Flood {
    if (framesPerSecond < 1 || framesPerSecond > MOST_PER_SECOND) {
      throw new IllegalArgumentException("flood of %s: must be 1 to %d frames a second, was %d"
          .formatted(symbol, MOST_PER_SECOND, framesPerSecond));
    }
  }

  /// The first id that is not due yet.
  long dueId(long nowMillis) {
    return firstId + Math.floorDiv((nowMillis - startMillis) * framesPerSecond, 1_000L) + 1;
  }

  /// When a trade is due, in whole milliseconds, and what its frame says.
  public long dueMillis(long id) {
    return startMillis + Math.ceilDiv((id - firstId) * 1_000, framesPerSecond);
  }
}

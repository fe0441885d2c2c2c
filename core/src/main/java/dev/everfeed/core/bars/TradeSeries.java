package dev.everfeed.core.bars;

import dev.everfeed.core.model.ValueStatus;

/// What is known of the published trades of one symbol, for the bars of all its intervals.
/// Times called `nowNanos` leave out what the process stood still.
final class TradeSeries {
  static final long NONE = Long.MIN_VALUE;

  private ValueStatus status = ValueStatus.LIVE;

  /// The greatest time of a trade, or [#NONE] before the first.
  private long lastNanos = NONE;

  private long lastId = NONE;
  private int content;

  /// Trades that were declared lost since the last one.
  private long lost;

  /// Whether nobody listened for a while since the last trade.
  private boolean unheard;

  /// From when on silence is known to be that of the market.
  private long heardFromNanos;

  /// By how much what was told last is behind our clock.
  private long receivedAheadNanos;

  long dueNanos = BuiltBar.NEVER;

  /// A trade that was long under way when it came says nothing of the time since: what a venue
  /// sends again to a new subscriber.
  private static final long OLD_NANOS = 10_000_000_000L;

  /// Whether every trade between the last one and this one is known, or its loss is.
  ///
  /// @param id where ids are dense, else [#NONE]
  boolean goesOn(int ofContent, long id) {
    if (!hasBegun() || ofContent != content) {
      return false;
    }
    return id == NONE || lastId == NONE ? !unheard : id - lastId - 1 == lost;
  }

  /// @param venueNanos what time it was at the venue when it came
  void traded(int ofContent, long id, long timeNanos, long venueNanos) {
    lastNanos = Math.max(lastNanos, timeNanos);
    lastId = id;
    content = ofContent;
    lost = 0;
    unheard = false;
    heardFromNanos = venueNanos - timeNanos > OLD_NANOS ? venueNanos : timeNanos;
  }

  void received(long receivedNanos, long nowNanos) {
    receivedAheadNanos = receivedNanos - nowNanos;
  }

  void lost(long trades) {
    lost += trades;
  }

  void status(ValueStatus now) {
    status = now;
    unheard |= now == ValueStatus.STALE;
  }

  boolean hasBegun() {
    return lastNanos != NONE;
  }

  /// Whether a silence is that of the market.
  boolean isHeard() {
    return status == ValueStatus.LIVE && !unheard;
  }

  ValueStatus status() {
    return status;
  }

  long lastNanos() {
    return lastNanos;
  }

  int content() {
    return content;
  }

  long lost() {
    return lost;
  }

  long heardFromNanos() {
    return heardFromNanos;
  }

  /// Now, by the clock that stamps what is received.
  long receivedNanos(long nowNanos) {
    return nowNanos + receivedAheadNanos;
  }
}

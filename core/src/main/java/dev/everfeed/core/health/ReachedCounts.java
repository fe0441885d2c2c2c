package dev.everfeed.core.health;

import dev.everfeed.core.compact.SparseLongs;

/// When the counts that witnesses of a cell have reached will have stood for long enough, of
/// those few cells that are counted against: the tick of suspicion, and of conviction so many
/// ticks after it.
final class ReachedCounts {
  private static final int AFTER_BITS = 16;
  private static final int AFTER_MAX = (1 << AFTER_BITS) - 1;

  private final SparseLongs ticks = new SparseLongs(Long.MIN_VALUE);

  void suspect(int cell, int tick) {
    ticks.set(cell, (long) tick << AFTER_BITS);
  }

  /// @param tick not before the one of suspicion, and counted from it a minute after it at most
  void convict(int cell, int tick) {
    int suspectTick = suspectTick(cell);
    int after = Math.clamp(tick - suspectTick, 0, AFTER_MAX);
    ticks.set(cell, (long) suspectTick << AFTER_BITS | after);
  }

  void forget(int cell) {
    ticks.clear(cell);
  }

  int suspectTick(int cell) {
    return (int) (ticks.get(cell) >> AFTER_BITS);
  }

  int convictTick(int cell) {
    return suspectTick(cell) + (int) (ticks.get(cell) & AFTER_MAX);
  }

  long bytes() {
    return ticks.bytes();
  }
}

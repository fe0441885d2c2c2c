package dev.everfeed.core.health;

/// Which cell is due next. Of each cell only its tick is kept, and of each 64 cells the soonest,
/// and of each 64 of those, up to a single one: little more than 4 bytes a cell, and to change
/// one is to look at 64 numbers two or three times. Ticks are compared by their difference and
/// may wrap.
final class DueQueue {
  private static final int ABSENT = 0;
  private static final int BLOCK_SHIFT = 6;

  /// `levels[0]` by cell, `levels[n]` by block of the level before; the last one has one number.
  private final int[][] levels;

  DueQueue(int cells) {
    int count = 1;
    for (int size = cells; size > 1; size = blocks(size)) {
      count++;
    }
    this.levels = new int[count][];
    for (int level = 0, size = cells; level < count; level++, size = blocks(size)) {
      levels[level] = new int[size];
    }
  }

  private static int blocks(int size) {
    return ((size - 1) >> BLOCK_SHIFT) + 1;
  }

  boolean isEmpty() {
    return firstTick() == ABSENT;
  }

  boolean holds(int cell) {
    return levels[0][cell] != ABSENT;
  }

  int firstTick() {
    return levels[levels.length - 1][0];
  }

  /// A cell that is already queued is moved. One tick in 52 days stands for none: who is due
  /// then, is due a tick later.
  void put(int cell, int tick) {
    set(cell, tick == ABSENT ? tick + 1 : tick);
  }

  /// As [#put(int,int)], unless the cell is due earlier anyway.
  void putIfSooner(int cell, int tick) {
    int due = levels[0][cell];
    if (due == ABSENT || tick - due < 0) {
      put(cell, tick);
    }
  }

  int takeFirst() {
    int tick = firstTick();
    int cell = 0;
    for (int level = levels.length - 2; level >= 0; level--) {
      cell <<= BLOCK_SHIFT;
      while (levels[level][cell] != tick) {
        cell++;
      }
    }
    remove(cell);
    return cell;
  }

  void remove(int cell) {
    set(cell, ABSENT);
  }

  long bytes() {
    long bytes = 0;
    for (int[] level : levels) {
      bytes += 4L * level.length;
    }
    return bytes;
  }

  private void set(int cell, int tick) {
    int at = cell;
    int soonest = tick;
    for (int level = 0; levels[level][at] != soonest; level++) {
      levels[level][at] = soonest;
      if (level == levels.length - 1) {
        return;
      }
      at >>= BLOCK_SHIFT;
      soonest = soonest(levels[level], at);
    }
  }

  private static int soonest(int[] level, int block) {
    int soonest = ABSENT;
    int end = Math.min((block + 1) << BLOCK_SHIFT, level.length);
    for (int i = block << BLOCK_SHIFT; i < end; i++) {
      int tick = level[i];
      if (tick != ABSENT && (soonest == ABSENT || tick - soonest < 0)) {
        soonest = tick;
      }
    }
    return soonest;
  }
}

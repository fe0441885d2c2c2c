package dev.everfeed.core.health;

import java.util.Arrays;

/// Which cell is due next: a binary heap in which a cell stands once at most, so that it is
/// never larger than the number of cells. Ticks are compared by their difference and may wrap.
final class DueQueue {
  private static final int ABSENT = -1;

  private final int[] heap;
  private final int[] place;
  private final int[] dueTick;
  private int size;

  DueQueue(int cells) {
    this.heap = new int[cells];
    this.place = new int[cells];
    this.dueTick = new int[cells];
    Arrays.fill(place, ABSENT);
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean holds(int cell) {
    return place[cell] != ABSENT;
  }

  int firstTick() {
    return dueTick[heap[0]];
  }

  /// A cell that is already queued is moved.
  void put(int cell, int tick) {
    dueTick[cell] = tick;
    if (place[cell] == ABSENT) {
      place[cell] = size;
      heap[size++] = cell;
    }
    down(up(place[cell]));
  }

  /// As [#put(int,int)], unless the cell is due earlier anyway.
  void putIfSooner(int cell, int tick) {
    if (place[cell] == ABSENT || tick - dueTick[cell] < 0) {
      put(cell, tick);
    }
  }

  int takeFirst() {
    int cell = heap[0];
    remove(cell);
    return cell;
  }

  void remove(int cell) {
    int at = place[cell];
    if (at == ABSENT) {
      return;
    }
    place[cell] = ABSENT;
    int last = heap[--size];
    if (last != cell) {
      set(at, last);
      down(up(at));
    }
  }

  long bytes() {
    return 4L * (heap.length + place.length + dueTick.length);
  }

  private int up(int from) {
    int at = from;
    int cell = heap[at];
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (dueTick[cell] - dueTick[heap[parent]] >= 0) {
        break;
      }
      set(at, heap[parent]);
      at = parent;
    }
    set(at, cell);
    return at;
  }

  private void down(int from) {
    int at = from;
    int cell = heap[at];
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && dueTick[heap[child + 1]] - dueTick[heap[child]] < 0) {
        child++;
      }
      if (dueTick[heap[child]] - dueTick[cell] >= 0) {
        break;
      }
      set(at, heap[child]);
      at = child;
    }
    set(at, cell);
  }

  private void set(int at, int cell) {
    heap[at] = cell;
    place[cell] = at;
  }
}

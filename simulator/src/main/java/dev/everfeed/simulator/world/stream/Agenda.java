package dev.everfeed.simulator.world.stream;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What will happen, earliest first; what happens at the same moment in an order that the seed
/// decides. A binary heap over arrays: an event of a market allocates nothing.
final class Agenda {
  private final SplittableRandom random;
  private int[] heap = new int[256];
  private int size;
  private long[] at = new long[256];
  private long[] ties = new long[256];
  private What[] kinds = new What[256];
  private int[] firsts = new int[256];
  private int[] seconds = new int[256];
  private long[] thirds = new long[256];
  private @Nullable Object[] things = new Object[256];
  private int[] free = new int[256];
  private int freeCount;
  private long order;

  // ---- what was taken last
  What kind = What.SECOND;
  int a;
  int b;
  long c;

  @Nullable
  Object thing;

  Agenda(SplittableRandom random) {
    this.random = random;
    for (int i = free.length - 1; i >= 0; i--) {
      free[freeCount++] = i;
    }
  }

  void add(long atNanos, What kind, int a, int b, long c, @Nullable Object thing) {
    if (freeCount == 0) {
      grow();
    }
    int slot = free[--freeCount];
    at[slot] = atNanos;
    ties[slot] = (long) random.nextInt() << 32 | (order++ & 0xffff_ffffL);
    kinds[slot] = kind;
    firsts[slot] = a;
    seconds[slot] = b;
    thirds[slot] = c;
    things[slot] = thing;
    up(size++, slot);
  }

  void add(long atNanos, What kind) {
    add(atNanos, kind, 0, 0, 0, null);
  }

  private void grow() {
    int old = at.length;
    int more = 2 * old;
    heap = Arrays.copyOf(heap, more);
    at = Arrays.copyOf(at, more);
    ties = Arrays.copyOf(ties, more);
    kinds = Arrays.copyOf(kinds, more);
    firsts = Arrays.copyOf(firsts, more);
    seconds = Arrays.copyOf(seconds, more);
    thirds = Arrays.copyOf(thirds, more);
    things = Arrays.copyOf(things, more);
    free = Arrays.copyOf(free, more);
    for (int i = more - 1; i >= old; i--) {
      free[freeCount++] = i;
    }
  }

  /// `Long.MAX_VALUE` when nothing more will happen.
  long nextNanos() {
    return size == 0 ? Long.MAX_VALUE : at[heap[0]];
  }

  /// Takes the first one out; what it is stands in the fields.
  void take() {
    int slot = heap[0];
    kind = kinds[slot];
    a = firsts[slot];
    b = seconds[slot];
    c = thirds[slot];
    thing = things[slot];
    things[slot] = null;
    free[freeCount++] = slot;
    int last = heap[--size];
    if (size > 0) {
      down(last);
    }
  }

  private boolean isBefore(int one, int other) {
    return at[one] != at[other] ? at[one] < at[other] : ties[one] < ties[other];
  }

  private void up(int from, int slot) {
    int place = from;
    while (place > 0) {
      int parent = (place - 1) >>> 1;
      if (!isBefore(slot, heap[parent])) {
        break;
      }
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = slot;
  }

  private void down(int slot) {
    int place = 0;
    while (true) {
      int child = 2 * place + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
        child++;
      }
      if (!isBefore(heap[child], slot)) {
        break;
      }
      heap[place] = heap[child];
      place = child;
    }
    heap[place] = slot;
  }
}

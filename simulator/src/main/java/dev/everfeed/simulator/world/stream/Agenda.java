package dev.everfeed.simulator.world.stream;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What will happen, earliest first; what happens at the same moment in an order that the seed
/// decides. A binary heap over arrays: an event of a market allocates nothing.
final class Agenda {
  private final SplittableRandom random;

  // The heap: when, which first at the same moment, and where what it is stands.
  private long[] at = new long[256];
  private long[] ties = new long[256];
  private int[] slots = new int[256];
  private int size;

  // What happens, by slot.
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
    kinds[slot] = kind;
    firsts[slot] = a;
    seconds[slot] = b;
    thirds[slot] = c;
    things[slot] = thing;
    up(atNanos, (long) random.nextInt() << 32 | (order++ & 0xffff_ffffL), slot);
  }

  void add(long atNanos, What kind) {
    add(atNanos, kind, 0, 0, 0, null);
  }

  private void grow() {
    int old = at.length;
    int more = 2 * old;
    at = Arrays.copyOf(at, more);
    ties = Arrays.copyOf(ties, more);
    slots = Arrays.copyOf(slots, more);
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
    return size == 0 ? Long.MAX_VALUE : at[0];
  }

  /// Takes the first one out; what it is stands in the fields.
  void take() {
    int slot = slots[0];
    kind = kinds[slot];
    a = firsts[slot];
    b = seconds[slot];
    c = thirds[slot];
    thing = things[slot];
    things[slot] = null;
    free[freeCount++] = slot;
    size--;
    if (size > 0) {
      down(at[size], ties[size], slots[size]);
    }
  }

  private void up(long atNanos, long tie, int slot) {
    int place = size++;
    while (place > 0) {
      int parent = (place - 1) >>> 1;
      if (at[parent] < atNanos || (at[parent] == atNanos && ties[parent] <= tie)) {
        break;
      }
      put(place, at[parent], ties[parent], slots[parent]);
      place = parent;
    }
    put(place, atNanos, tie, slot);
  }

  private void down(long atNanos, long tie, int slot) {
    int place = 0;
    while (true) {
      int child = 2 * place + 1;
      if (child >= size) {
        break;
      }
      int other = child + 1;
      if (other < size
          && (at[other] < at[child] || (at[other] == at[child] && ties[other] < ties[child]))) {
        child = other;
      }
      if (atNanos < at[child] || (atNanos == at[child] && tie <= ties[child])) {
        break;
      }
      put(place, at[child], ties[child], slots[child]);
      place = child;
    }
    put(place, atNanos, tie, slot);
  }

  private void put(int place, long atNanos, long tie, int slot) {
    at[place] = atNanos;
    ties[place] = tie;
    slots[place] = slot;
  }
}

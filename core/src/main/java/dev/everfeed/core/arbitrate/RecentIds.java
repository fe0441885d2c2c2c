package dev.everfeed.core.arbitrate;

import java.util.Arrays;

/// The newest ids of a stream whose ids have no order, as hashes of 64 bits: of 1,000 trades a
/// second a false "had it already" comes once in half a million years. Owned by one thread.
final class RecentIds {
  /// Ten seconds of a venue's busiest symbols are some 1,000 trades; lines are not so far apart.
  static final int SIZE = 1_024;

  private static final int SLOTS = 4 * SIZE;

  /// The hash in each slot; 0 for an empty one.
  private final long[] slots = new long[SLOTS];

  private final long[] order = new long[SIZE];
  private int newest;

  /// Takes an id in; false when it was among the newest [#SIZE].
  boolean add(long hash) {
    long key = hash == 0 ? 1 : hash;
    int slot = slotOf(key);
    if (slots[slot] == key) {
      return false;
    }
    long oldest = order[newest];
    order[newest] = key;
    newest = (newest + 1) % SIZE;
    if (oldest == 0) {
      slots[slot] = key;
    } else {
      remove(oldest);
      slots[slotOf(key)] = key;
    }
    return true;
  }

  static long bytesOfOne() {
    return 8L * (SLOTS + SIZE);
  }

  void clear() {
    Arrays.fill(slots, 0);
    Arrays.fill(order, 0);
  }

  private int slotOf(long key) {
    int slot = home(key);
    while (slots[slot] != 0 && slots[slot] != key) {
      slot = (slot + 1) % SLOTS;
    }
    return slot;
  }

  private static int home(long key) {
    return (int) ((key * 0x9E3779B97F4A7C15L) >>> 40) % SLOTS;
  }

  /// Closes the hole, so that whatever was put behind it is still found (linear probing with
  /// deletion by moving back, Knuth volume 3, section 6.4, algorithm R).
  private void remove(long key) {
    int hole = slotOf(key);
    slots[hole] = 0;
    for (int at = (hole + 1) % SLOTS; slots[at] != 0; at = (at + 1) % SLOTS) {
      int home = home(slots[at]);
      boolean stays = hole < at ? home > hole && home <= at : home > hole || home <= at;
      if (!stays) {
        slots[hole] = slots[at];
        slots[at] = 0;
        hole = at;
      }
    }
  }
}

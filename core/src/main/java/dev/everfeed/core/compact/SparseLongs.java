package dev.everfeed.core.compact;

import java.util.Arrays;

/// A number by place, which is the same usual one at nearly all of them: only the others take
/// memory, 12 bytes each and as much again to spare.
///
/// As large as it ever had to be; nothing is allocated but when there are more than ever before.
/// Open addressing with linear probing. Owned by one thread.
public final class SparseLongs {
  private static final int FIRST_SIZE = 8;
  private static final int FREE = -1;

  /// Spreads neighbouring places (the golden ratio in 32 bits, and odd).
  private static final int MIX = 0x9E3779B9;

  private final long usual;
  private int[] places = new int[FIRST_SIZE];
  private long[] values = new long[FIRST_SIZE];
  private int size;

  /// @param usual what [#get] returns of a place where nothing was set
  public SparseLongs(long usual) {
    this.usual = usual;
    Arrays.fill(places, FREE);
  }

  /// Whether a place has another number than the usual one.
  public boolean has(int place) {
    return size > 0 && places[slotOf(place)] != FREE;
  }

  /// @param place not negative
  public long get(int place) {
    if (size == 0) {
      return usual;
    }
    int slot = slotOf(place);
    return places[slot] == FREE ? usual : values[slot];
  }

  public void set(int place, long value) {
    if (value == usual) {
      clear(place);
      return;
    }
    int slot = slotOf(place);
    if (places[slot] == FREE) {
      if (2 * (size + 1) > places.length) {
        grow();
        slot = slotOf(place);
      }
      places[slot] = place;
      size++;
    }
    values[slot] = value;
  }

  /// The place has the usual number again.
  public void clear(int place) {
    if (size == 0) {
      return;
    }
    int slot = slotOf(place);
    if (places[slot] != FREE) {
      free(slot);
      size--;
    }
  }

  /// All places have the usual number again.
  public void clear() {
    if (size > 0) {
      Arrays.fill(places, FREE);
      size = 0;
    }
  }

  /// Places that have another number than the usual one.
  public int size() {
    return size;
  }

  public long bytes() {
    return places.length * (4L + 8);
  }

  private int slotOf(int place) {
    int slot = home(place);
    while (places[slot] != FREE && places[slot] != place) {
      slot = (slot + 1) & (places.length - 1);
    }
    return slot;
  }

  private int home(int place) {
    return (place * MIX) >>> Integer.numberOfLeadingZeros(places.length - 1);
  }

  /// Closes the hole, so that whatever was put behind it is still found (Knuth volume 3, section
  /// 6.4, algorithm R).
  private void free(int slot) {
    int mask = places.length - 1;
    int hole = slot;
    for (int at = (hole + 1) & mask; places[at] != FREE; at = (at + 1) & mask) {
      boolean homeIsNotBehindIt = ((at - home(places[at])) & mask) >= ((at - hole) & mask);
      if (homeIsNotBehindIt) {
        places[hole] = places[at];
        values[hole] = values[at];
        hole = at;
      }
    }
    places[hole] = FREE;
  }

  private void grow() {
    int[] oldPlaces = places;
    long[] oldValues = values;
    places = new int[2 * oldPlaces.length];
    values = new long[places.length];
    Arrays.fill(places, FREE);
    for (int slot = 0; slot < oldPlaces.length; slot++) {
      if (oldPlaces[slot] != FREE) {
        int to = slotOf(oldPlaces[slot]);
        places[to] = oldPlaces[slot];
        values[to] = oldValues[slot];
      }
    }
  }
}

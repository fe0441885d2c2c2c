package dev.everfeed.hub.source;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// A fixed list of names, found by their bytes: what a frame calls something becomes a small
/// number, and no String is made. Open addressing, at most half full.
///
/// Immutable; any thread may use it. Finding allocates nothing.
public final class NameTable {
  /// The number of what is not there.
  public static final int NONE = -1;

  private final byte[][] names;

  /// Number + 1 of the name that lies there; 0 for nothing.
  private final int[] slots;

  private final int mask;

  /// The numbers of the names of one byte, by that byte: where frames are short, so are names.
  private final int[] ofOne = new int[128];

  /// @param names each once; the number of a name is its place here, from 0 on
  public NameTable(List<String> names) {
    this.names = new byte[names.size()][];
    this.slots = new int[Math.max(8, Integer.highestOneBit(Math.max(1, names.size())) * 4)];
    this.mask = slots.length - 1;
    Arrays.fill(ofOne, NONE);
    for (int number = 0; number < names.size(); number++) {
      byte[] name = names.get(number).getBytes(StandardCharsets.UTF_8);
      if (find(name, 0, name.length) != NONE) {
        throw new IllegalArgumentException(
            "the name \"%s\" is twice there".formatted(names.get(number)));
      }
      this.names[number] = name;
      if (name.length == 1) {
        ofOne[name[0]] = number;
      }
      int slot = hash(name, 0, name.length) & mask;
      while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = number + 1;
    }
  }

  public int size() {
    return names.length;
  }

  /// The number of the name that is spelt by `bytes[from, to)`, or [#NONE].
  public int find(byte[] bytes, int from, int to) {
    if (to - from == 1) {
      return bytes[from] < 0 ? NONE : ofOne[bytes[from]];
    }
    int slot = hash(bytes, from, to) & mask;
    while (slots[slot] != 0) {
      byte[] name = names[slots[slot] - 1];
      if (Arrays.equals(name, 0, name.length, bytes, from, to)) {
        return slots[slot] - 1;
      }
      slot = (slot + 1) & mask;
    }
    return NONE;
  }

  private static int hash(byte[] bytes, int from, int to) {
    int hash = to - from;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash ^ (hash >>> 15);
  }
}

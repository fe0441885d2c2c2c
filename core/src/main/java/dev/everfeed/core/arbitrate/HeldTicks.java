package dev.everfeed.core.arbitrate;

import dev.everfeed.core.compact.SparseLongs;
import dev.everfeed.core.model.Tick;
import java.util.Arrays;

/// Events that wait for those before them, by stream in the order of their ids. Copies are made
/// into a pool that grows to a bound and is used again. Owned by one thread.
final class HeldTicks {
  static final int NONE = -1;
  private static final int FIRST_SIZE = 16;

  private final int perStreamMax;
  private final int max;

  // By stream, of which few have any: places, and how many.
  private final SparseLongs first = new SparseLongs(NONE);
  private final SparseLongs last = new SparseLongs(NONE);
  private final SparseLongs counts = new SparseLongs(0);

  private Tick[] ticks = new Tick[0];
  private int[] gateways = new int[0];
  private long[] received = new long[0];

  /// Since when it waits, or one behind it; so it does not fall from id to id.
  private long[] since = new long[0];

  private int[] next = new int[0];
  private int free = NONE;
  private int size;

  HeldTicks(int perStreamMax, int max) {
    this.perStreamMax = perStreamMax;
    this.max = max;
  }

  /// What [#add] did.
  enum Added {
    HELD,
    /// The same event waits already.
    KNOWN,
    FULL
  }

  Added add(int stream, Tick tick, int gateway, long receivedNanos, long nowNanos) {
    long id = tick.idNumber();
    int before = placeBefore(stream, id);
    int after = before == NONE ? first(stream) : next[before];
    if (before != NONE && ticks[before].idNumber() == id && isKnown(stream, id, tick, gateway)) {
      return Added.KNOWN;
    }
    if (count(stream) == perStreamMax || (free == NONE && !grow())) {
      return Added.FULL;
    }
    int at = free;
    free = next[at];
    ticks[at].copyFrom(tick);
    gateways[at] = gateway;
    received[at] = receivedNanos;
    since[at] = after == NONE ? nowNanos : Math.min(nowNanos, since[after]);
    next[at] = after;
    if (before == NONE) {
      first.set(stream, at);
    } else {
      next[before] = at;
    }
    if (after == NONE) {
      last.set(stream, at);
    }
    counts.set(stream, count(stream) + 1);
    size++;
    return Added.HELD;
  }

  /// The one with the highest id up to this one.
  private int placeBefore(int stream, long id) {
    int tail = (int) last.get(stream);
    if (tail == NONE || ticks[tail].idNumber() <= id) {
      return tail; // nearly always
    }
    int before = NONE;
    for (int at = first(stream); at != NONE && ticks[at].idNumber() <= id; at = next[at]) {
      before = at;
    }
    return before;
  }

  /// Whether an event with this id waits that says the same, or is of the same gateway. Two that
  /// differ both wait: which of them is right may be known before it is their turn.
  private boolean isKnown(int stream, long id, Tick tick, int gateway) {
    for (int at = first(stream); at != NONE && ticks[at].idNumber() <= id; at = next[at]) {
      boolean same = ticks[at].idNumber() == id
          && (gateways[at] == gateway || ticks[at].contentHash() == tick.contentHash());
      if (same) {
        return true;
      }
    }
    return false;
  }

  private boolean grow() {
    int old = ticks.length;
    int more = Math.min(max, old == 0 ? FIRST_SIZE : 2 * old);
    if (more == old) {
      return false;
    }
    ticks = Arrays.copyOf(ticks, more);
    gateways = Arrays.copyOf(gateways, more);
    received = Arrays.copyOf(received, more);
    since = Arrays.copyOf(since, more);
    next = Arrays.copyOf(next, more);
    for (int i = more - 1; i >= old; i--) {
      ticks[i] = new Tick();
      next[i] = free;
      free = i;
    }
    return true;
  }

  /// The place of the lowest id, or [#NONE].
  int first(int stream) {
    return (int) first.get(stream);
  }

  Tick tick(int at) {
    return ticks[at];
  }

  int gateway(int at) {
    return gateways[at];
  }

  long receivedNanos(int at) {
    return received[at];
  }

  /// Since when the one that has waited longest waits, of this one and those behind it.
  long sinceNanos(int at) {
    return since[at];
  }

  /// Forgets the one with the lowest id. Its tick is valid until the next [#add].
  void removeFirst(int stream) {
    int at = first(stream);
    first.set(stream, next[at]);
    if (next[at] == NONE) {
      last.clear(stream);
    }
    counts.set(stream, count(stream) - 1);
    size--;
    next[at] = free;
    free = at;
  }

  /// Forgets all that one gateway has brought of a stream.
  ///
  /// @return how many
  int removeOf(int stream, int gateway) {
    int removed = 0;
    int before = NONE;
    for (int at = first(stream); at != NONE; ) {
      int after = next[at];
      if (gateways[at] != gateway) {
        before = at;
      } else {
        if (before == NONE) {
          first.set(stream, after);
        } else {
          next[before] = after;
        }
        next[at] = free;
        free = at;
        removed++;
      }
      at = after;
    }
    last.set(stream, before);
    counts.set(stream, count(stream) - removed);
    size -= removed;
    return removed;
  }

  /// Of the places of the pool, each with a tick, and of who has which.
  long bytes() {
    return ticks.length * (Tick.BYTES + 4L + 8 + 8 + 4 + 4)
        + first.bytes()
        + last.bytes()
        + counts.bytes();
  }

  int count(int stream) {
    return (int) counts.get(stream);
  }

  /// In all streams.
  int size() {
    return size;
  }
}

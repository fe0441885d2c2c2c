package dev.everfeed.hub.ledger;

import java.util.Arrays;

/// Ids of a stream, as ranges: rising, disjoint and not adjacent. Immutable.
public final class IdRanges {
  public static final IdRanges NONE = new IdRanges(new long[0]);

  /// First and last id of each range, both included.
  private final long[] bounds;

  private IdRanges(long[] bounds) {
    this.bounds = bounds;
  }

  /// Empty when `last` is below `first`.
  public static IdRanges of(long first, long last) {
    return last < first ? NONE : new IdRanges(new long[] {first, last});
  }

  public int count() {
    return bounds.length / 2;
  }

  public long first(int range) {
    return bounds[2 * range];
  }

  public long last(int range) {
    return bounds[2 * range + 1];
  }

  public boolean isEmpty() {
    return bounds.length == 0;
  }

  /// How many ids they hold.
  public long ids() {
    long ids = 0;
    for (int i = 0; i < count(); i++) {
      ids += last(i) - first(i) + 1;
    }
    return ids;
  }

  public boolean contains(long id) {
    for (int i = 0; i < count() && first(i) <= id; i++) {
      if (id <= last(i)) {
        return true;
      }
    }
    return false;
  }

  public IdRanges plus(long first, long last) {
    if (last < first) {
      return this;
    }
    long[] out = new long[bounds.length + 2];
    int length = 0;
    long from = first;
    long to = last;
    boolean placed = false;
    for (int i = 0; i < count(); i++) {
      if (last(i) < from - 1) {
        out[length++] = first(i);
        out[length++] = last(i);
      } else if (first(i) > to + 1) {
        if (!placed) {
          out[length++] = from;
          out[length++] = to;
          placed = true;
        }
        out[length++] = first(i);
        out[length++] = last(i);
      } else {
        from = Math.min(from, first(i));
        to = Math.max(to, last(i));
      }
    }
    if (!placed) {
      out[length++] = from;
      out[length++] = to;
    }
    return new IdRanges(Arrays.copyOf(out, length));
  }

  public IdRanges plus(IdRanges others) {
    IdRanges sum = this;
    for (int i = 0; i < others.count(); i++) {
      sum = sum.plus(others.first(i), others.last(i));
    }
    return sum;
  }

  public IdRanges minus(long first, long last) {
    long[] out = new long[bounds.length + 2];
    int length = 0;
    for (int i = 0; i < count(); i++) {
      if (last(i) < first || first(i) > last || last < first) {
        out[length++] = first(i);
        out[length++] = last(i);
        continue;
      }
      if (first(i) < first) {
        out[length++] = first(i);
        out[length++] = first - 1;
      }
      if (last(i) > last) {
        out[length++] = last + 1;
        out[length++] = last(i);
      }
    }
    return new IdRanges(Arrays.copyOf(out, length));
  }

  public IdRanges minus(IdRanges others) {
    IdRanges rest = this;
    for (int i = 0; i < others.count(); i++) {
      rest = rest.minus(others.first(i), others.last(i));
    }
    return rest;
  }

  /// Those that are in both.
  public IdRanges and(IdRanges others) {
    return minus(minus(others));
  }

  public IdRanges and(long first, long last) {
    return and(of(first, last));
  }

  /// At most so many ranges that hold all of these, and as little else as can be.
  IdRanges withAtMost(int ranges) {
    long[] now = bounds;
    while (now.length > 2 * ranges) {
      int at = 2;
      for (int i = 2; i < now.length; i += 2) {
        if (now[i] - now[i - 1] < now[at] - now[at - 1]) {
          at = i;
        }
      }
      long[] fewer = new long[now.length - 2];
      System.arraycopy(now, 0, fewer, 0, at - 1);
      System.arraycopy(now, at + 1, fewer, at - 1, now.length - at - 1);
      now = fewer;
    }
    return now.length == bounds.length ? this : new IdRanges(now);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IdRanges ranges && Arrays.equals(bounds, ranges.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < count(); i++) {
      text.append(i == 0 ? "" : ", ").append(first(i)).append("..").append(last(i));
    }
    return text.append(']').toString();
  }
}

package dev.everfeed.hub.journal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a reader may see of a log: made anew by the writer at every change, so that the end and
/// the segments always belong together. Immutable.
///
/// @param segments by base
/// @param durable  everything before this position is synced
/// @param bytes    the length of all files
record View(List<Segment> segments, long durable, long bytes) {

  static View of(List<Segment> segments, long durable) {
    long bytes = 0;
    for (Segment segment : segments) {
      bytes += segment.fileBytes();
    }
    return new View(List.copyOf(segments), durable, bytes);
  }

  /// Position of the oldest record that there may be.
  long first() {
    return segments.isEmpty() ? durable : segments.getFirst().dataStart();
  }

  @Nullable
  Segment last() {
    return segments.isEmpty() ? null : segments.getLast();
  }

  /// The index of the segment that a position falls into, -1 when it is before the first.
  int indexOf(long position) {
    int low = 0;
    int high = segments.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (segments.get(middle).base() <= position) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  @Nullable
  Segment after(int index) {
    return index + 1 < segments.size() ? segments.get(index + 1) : null;
  }

  /// Where the records of a segment end: the segment after it knows. When that one's header is
  /// damaged everything up to it is expected, so that a loss is rather declared than missed.
  long limitOf(int index) {
    Segment next = after(index);
    if (next == null) {
      return durable;
    }
    return next.headerIsWhole() ? Math.min(next.previousEnd(), next.base()) : next.base();
  }

  View with(Segment begun) {
    List<Segment> all = new ArrayList<>(segments);
    all.add(begun);
    return of(all, begun.dataStart());
  }

  View withoutFirst() {
    return of(segments.subList(1, segments.size()), durable);
  }

  /// The last segment has grown, and is synced up to `end`.
  View grownTo(Segment last, long end) {
    List<Segment> all = new ArrayList<>(segments);
    all.set(all.size() - 1, last);
    return of(all, end);
  }
}

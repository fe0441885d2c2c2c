package dev.everfeed.benchmarks.load;

import java.util.concurrent.atomic.AtomicLongArray;

/// When the newest trades of a line were due and when they were sent, in nanoseconds of this
/// process. Written by the line, read by its readers.
public final class Stamps {
  private static final int KEPT = 1 << 17;

  private final AtomicLongArray due = new AtomicLongArray(KEPT);
  private final AtomicLongArray written = new AtomicLongArray(KEPT);

  void due(long id, long nanos) {
    due.lazySet((int) id & KEPT - 1, nanos);
  }

  void written(long id, long nanos) {
    written.lazySet((int) id & KEPT - 1, nanos);
  }

  long due(long id) {
    return due.get((int) id & KEPT - 1);
  }

  long written(long id) {
    return written.get((int) id & KEPT - 1);
  }
}

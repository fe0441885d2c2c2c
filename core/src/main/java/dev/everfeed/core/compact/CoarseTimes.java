package dev.everfeed.core.compact;

import java.util.Arrays;

/// When something last happened in each of many places, in 4 bytes instead of 8: times are
/// rounded down to steps of 250 µs, and counted from a base that moves on with them.
///
/// Nothing wraps, however long a process runs: once in six days, when a step does not fit any
/// more, the base becomes the present and all others are counted from there (20,000 streams of
/// three gateways: some 30 µs). What lies further back than [#HORIZON_NANOS] then reads as a
/// time as far back as that, or up to twice as far: later than it was, and still long ago.
///
/// Owned by one thread.
public final class CoarseTimes {
  /// What [#get] returns of a place where nothing has happened yet.
  public static final long NEVER = Long.MIN_VALUE;

  public static final long STEP_NANOS = 250_000;

  /// What is younger is exact to the step: 6.2 days.
  public static final long HORIZON_NANOS = Integer.MAX_VALUE * STEP_NANOS;

  private static final int ABSENT = Integer.MIN_VALUE;

  private final int[] steps;

  /// A step, of which the others are the distance.
  private long base;

  private boolean begun;

  public CoarseTimes(int places) {
    this.steps = new int[places];
    Arrays.fill(steps, ABSENT);
  }

  /// Not after the time that was set, and less than a step before it; or [#NEVER].
  public long get(int place) {
    int step = steps[place];
    return step == ABSENT ? NEVER : (base + step) * STEP_NANOS;
  }

  public void set(int place, long nanos) {
    long step = Math.floorDiv(nanos, STEP_NANOS);
    if (!begun) {
      begun = true;
      base = step;
    }
    long distance = step - base;
    if (distance > Integer.MAX_VALUE) {
      moveBase(step);
      distance = 0;
    }
    steps[place] = (int) Math.max(distance, ABSENT + 1);
  }

  /// Nothing has happened there.
  public void clear(int place) {
    steps[place] = ABSENT;
  }

  private void moveBase(long to) {
    long by = to - base;
    for (int place = 0; place < steps.length; place++) {
      if (steps[place] != ABSENT) {
        steps[place] = (int) Math.max(steps[place] - by, ABSENT + 1);
      }
    }
    base = to;
  }

  public int size() {
    return steps.length;
  }

  public long bytes() {
    return 4L * steps.length;
  }
}

package dev.everfeed.core.guard;

import java.util.Arrays;

/// What may be asked of a source in a time window, as the source weighs it. One per source for
/// the whole process: hidden second counters are how clients get banned (PROBLEMS, "Recovery
/// that makes it worse"). Owned by one thread.
///
/// **Which window.** A venue counts in minutes of its own clock, whose borders we do not know
/// to the millisecond. So the window slides: no span of `windowNanos`, wherever it begins,
/// holds more than the limit. A fixed minute of our own would allow twice the limit around its
/// border. Weight is kept in [#SLICES] slices of the window and expires with the youngest
/// weight that its slice could hold; this costs at most 1/60 of the throughput and errs only
/// towards less.
///
/// **Shares.** The more urgent may use more of the limit (rounded up, so that the smallest
/// limit admits one): refill 100 %, user 95 %, refresh 80 %, backfill 50 %. So the rest of the
/// limit is always left for what is more urgent.
///
/// **The venue's count.** [#correctUsed] raises ours to the venue's when that is more: somebody
/// else shares the address, or an earlier process did. It never lowers ours: a smaller number
/// says only that the venue's minute has just begun, or that calls are still on their way.
public final class WeightBudget {
  /// A second each, of a minute.
  private static final int SLICES = 60;

  public static final int MAX_LIMIT = 1_000_000_000;
  public static final long MIN_WINDOW_NANOS = SLICES;

  private final long windowNanos;
  private final long sliceNanos;

  /// A ring: the slice numbered `n` (time divided by the slice's length) stands at `n mod
  /// weights.length`. One more than fits the window, as the oldest and the current one are both
  /// partly in it.
  private final long[] weights = new long[SLICES + 1];

  /// Number of the current slice.
  private long current;

  private long used;
  private int limit;
  private long pausedUntilNanos = Long.MIN_VALUE;

  public WeightBudget(int limit, long windowNanos) {
    new Mistakes()
        .within("limit", limit, 1, MAX_LIMIT)
        .unless(
            windowNanos >= MIN_WINDOW_NANOS,
            "windowNanos",
            MIN_WINDOW_NANOS + " ns or longer",
            windowNanos + " ns")
        .refuse();
    this.limit = limit;
    this.windowNanos = windowNanos;
    this.sliceNanos = Math.ceilDiv(windowNanos, SLICES);
    this.current = Long.MIN_VALUE;
  }

  /// Takes the weight if there is room for it and the source is not paused.
  public boolean tryTake(int weight, Priority priority, long nowNanos) {
    mustBeWeight(weight);
    advance(nowNanos);
    if (paused(nowNanos) || used + weight > share(priority)) {
      return false;
    }
    add(weight);
    return true;
  }

  /// When the weight could be taken if nobody else took any: `nowNanos` when it could be now,
  /// `Long.MAX_VALUE` when it is more than this priority may ever use.
  public long availableAtNanos(int weight, Priority priority, long nowNanos) {
    mustBeWeight(weight);
    advance(nowNanos);
    long room = (long) share(priority) - weight;
    if (room < 0) {
      return Long.MAX_VALUE;
    }
    long at = paused(nowNanos) ? pausedUntilNanos : nowNanos;
    long left = used;
    for (long slice = current - weights.length + 1; left > room; slice++) {
      long weightThen = weights[Math.floorMod(slice, weights.length)];
      if (weightThen > 0) {
        left -= weightThen;
        at = Math.max(at, expiresAtNanos(slice));
      }
    }
    return at;
  }

  /// The venue's own count of its current window, for example from `X-MBX-USED-WEIGHT-1M`.
  public void correctUsed(int usedInWindow, long nowNanos) {
    advance(nowNanos);
    if (usedInWindow > used) {
      add(usedInWindow - used);
    }
  }

  /// A new limit, for example from `exchangeInfo.rateLimits`. What is used stays used.
  public void limit(int limit) {
    new Mistakes().within("limit", limit, 1, MAX_LIMIT).refuse();
    this.limit = limit;
  }

  public int limit() {
    return limit;
  }

  /// Nothing is taken before this moment (`Retry-After`). Only ever extends.
  public void pauseUntil(long untilNanos) {
    pausedUntilNanos = Math.max(pausedUntilNanos, untilNanos);
  }

  /// `Long.MIN_VALUE` before the first pause; may have passed.
  public long pausedUntilNanos() {
    return pausedUntilNanos;
  }

  /// Weight that counts at this moment; more than the limit when the venue says so.
  public int used(long nowNanos) {
    advance(nowNanos);
    return (int) Math.min(used, Integer.MAX_VALUE);
  }

  /// What this priority may use of the limit.
  int share(Priority priority) {
    long percent = switch (priority) {
      case FAILOVER_REFILL -> 100;
      case USER -> 95;
      case REFRESH -> 80;
      case BACKFILL -> 50;
    };
    return (int) Math.ceilDiv(limit * percent, 100);
  }

  private boolean paused(long nowNanos) {
    return pausedUntilNanos > nowNanos;
  }

  private void add(long weight) {
    weights[Math.floorMod(current, weights.length)] += weight;
    used += weight;
  }

  /// Makes the slice of this moment the current one and forgets those that have expired. A
  /// moment before the current slice belongs to it: time never goes back here.
  private void advance(long nowNanos) {
    long slice = Math.floorDiv(nowNanos, sliceNanos);
    if (current == Long.MIN_VALUE) {
      current = slice;
    }
    if (slice - current >= weights.length) {
      Arrays.fill(weights, 0);
      used = 0;
      current = slice;
    }
    while (current < slice) {
      current++;
      clear(current);
    }
    // The oldest slice of the ring may already be out of the window in the middle of the current.
    for (long old = current - weights.length + 1; expiresAtNanos(old) <= nowNanos; old++) {
      clear(old);
    }
  }

  private void clear(long slice) {
    int index = Math.floorMod(slice, weights.length);
    used -= weights[index];
    weights[index] = 0;
  }

  /// A window after the end of the slice: by then all its weight is out of every window.
  private long expiresAtNanos(long slice) {
    return (slice + 1) * sliceNanos + windowNanos;
  }

  private static void mustBeWeight(int weight) {
    if (weight < 0) {
      throw new IllegalArgumentException("weight must be 0 or more, was " + weight);
    }
  }
}

package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.arbitrate.Identity;
import dev.everfeed.core.model.Tick;
import dev.everfeed.simulator.world.Seeds;
import java.util.Arrays;
import java.util.SplittableRandom;

/// What happens in one instrument at one venue, and how the venue numbers it: the truth. Its
/// events are counted from 0 on; a tick carries that count as its price, so that it is known
/// which one is meant whatever else has been done to it.
final class StreamMarket {
  /// Events that are remembered, a power of two.
  static final int KEPT = 512;

  private static final int MASK = KEPT - 1;
  private static final long SECOND = 1_000_000_000L;

  /// How busy an instrument is: calm most of the time, and then not.
  static final class Mood {
    private final SplittableRandom random;
    private double factor = 0.7;
    private long untilNanos;

    Mood(SplittableRandom random) {
      this.random = random;
    }

    double factor(long now) {
      while (now >= untilNanos) {
        factor = factor > 1 || random.nextInt(4) > 0 ? 0.7 : 2 + 6 * random.nextDouble();
        untilNanos += SECOND + random.nextLong((factor > 1 ? 5 : 20) * SECOND);
      }
      return factor;
    }
  }

  final int stream;
  final Identity identity;
  private final SplittableRandom random;
  private final double rate;
  private final Mood mood;
  private final long[] ids = new long[KEPT];
  private final long[] times = new long[KEPT];
  private final byte[] text = new byte[18];
  private final long salt;
  private long count;
  private long lastId;

  /// The first event of each new count.
  private long[] anewAt = new long[0];

  int halts;

  StreamMarket(int stream, Identity identity, double rate, Mood mood, SplittableRandom random) {
    this.stream = stream;
    this.identity = identity;
    this.rate = rate;
    this.mood = mood;
    this.random = random;
    this.salt = random.nextLong();
    this.lastId = Seeds.logUniform(random, 100, 1_000_000_000_000L);
    Arrays.fill(times, Long.MIN_VALUE);
  }

  long nextGapNanos(long now) {
    // An instrument is busy everywhere at the same time, more or less.
    double perSecond = rate * mood.factor(now);
    double gap = -StrictMath.log(1 - random.nextDouble()) / perSecond;
    return 1 + Math.round(Math.min(gap, 600) * SECOND);
  }

  /// Which event it is.
  long happen(long now) {
    long k = count++;
    lastId += identity == Identity.ORDERED ? random.nextInt(1, 1_000) : 1;
    ids[(int) k & MASK] = lastId;
    times[(int) k & MASK] = now;
    return k;
  }

  void countAnew() {
    if (identity == Identity.UNIQUE || identity == Identity.NONE) {
      return;
    }
    lastId = random.nextInt(2) == 0
        ? random.nextLong(1, 100)
        : Math.max(1, lastId - random.nextLong(100, 10_000_000));
    anewAt = Arrays.copyOf(anewAt, anewAt.length + 1);
    anewAt[anewAt.length - 1] = count;
  }

  /// The first event by the present count.
  long begins() {
    return anewAt.length == 0 ? 0 : anewAt[anewAt.length - 1];
  }

  long count() {
    return count;
  }

  /// Whether it is still known.
  boolean knows(long k) {
    return k >= 0 && k < count && k >= count - KEPT;
  }

  long id(long k) {
    return ids[(int) k & MASK];
  }

  long timeNanos(long k) {
    return times[(int) k & MASK];
  }

  /// Whether the venue has begun to count anew after one event and not later than another.
  boolean countsAnewIn(long after, long upTo) {
    for (long begins : anewAt) {
      if (begins > after && begins <= upTo) {
        return true;
      }
    }
    return false;
  }

  /// Whether something happened after one moment and before another.
  boolean happenedBetween(long after, long before) {
    for (long k = count - 1; knows(k) && timeNanos(k) > after; k--) {
      if (timeNanos(k) < before) {
        return true;
      }
    }
    return false;
  }

  /// The event of an id, or -1.
  long find(long id) {
    for (long k = count - 1; k >= 0 && k >= count - KEPT; k--) {
      if (id(k) == id) {
        return k;
      }
    }
    return -1;
  }

  /// @param wrongId in place of its own; [Tick#NONE] for its own
  void fill(Tick tick, long k, long wrongId) {
    tick.begin(stream);
    tick.setNumber(Tick.PRICE, k, 2);
    tick.setTimeNanos(timeNanos(k));
    long id = wrongId == Tick.NONE ? id(k) : wrongId;
    switch (identity) {
      case DENSE -> {
        int from = text.length;
        for (long rest = id; rest > 0; rest /= 10) {
          text[--from] = (byte) ('0' + rest % 10);
        }
        tick.setId(text, from, text.length - from);
      }
      case ORDERED -> tick.setOrder(id);
      case UNIQUE -> {
        long mixed = (id ^ salt) * 0x9E3779B97F4A7C15L;
        for (int i = 0; i < 16; i++) {
          text[i] = (byte) ('a' + (mixed >>> 4 * i & 15));
        }
        tick.setId(text, 0, 16);
      }
      case NONE -> {}
    }
  }
}

package dev.everfeed.benchmarks.stall;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/// The same market on several lines: each misses a part of the events, is late by a lognormal lag
/// of its own, late by 50 to 300 ms more for 1 to 3 s every twenty minutes, and in
/// order. This
/// process stands still now and then: what comes meanwhile is read afterwards, one line after
/// the other.
final class Lines {
  /// Takes what arrives, by time.
  interface Reader {
    void event(int line, long nowNanos);

    /// This process stood still, and nothing of what came meanwhile is read yet.
    void stoodStill(long slipNanos, long nowNanos);
  }

  private static final double MILLI = 1e6;
  private static final double[] LAG_MILLIS = {20, 30, 45, 35, 60};
  private static final double LAG_SIGMA = 0.35;
  private static final long PAUSE_TOLD_NANOS = 25_000_000;

  private final EventTimes market;
  private final RandomGenerator random;
  private final double[] kept;
  private final int count;
  private final boolean pauses;
  private final long[][] arrivals;
  private final int[] head;
  private final int[] tail;
  private final double[] lagNow;
  private final long[] lastSent;
  private final long[] lastArrival;
  private final long[] spikeFrom;
  private final long[] spikeUntil;
  private final long[] spikeLag;
  private long nextInMarket;
  private long pauseAt;
  private long pauseNanos;

  /// @param kept by line, five at most: the part of the market's events that it passes on. 0.95 is
  ///     a conflated line, 0.5 another venue with trades of its own
  /// @param pauses whether this process stands still, 20 to 60 ms a minute and half a second an
  ///     hour
  Lines(EventTimes market, double[] kept, boolean pauses, RandomGenerator random) {
    this.market = market;
    this.kept = kept.clone();
    this.count = kept.length;
    this.arrivals = new long[count][1_024];
    this.head = new int[count];
    this.tail = new int[count];
    this.lagNow = new double[count];
    this.lastSent = new long[count];
    this.lastArrival = new long[count];
    this.spikeFrom = new long[count];
    this.spikeUntil = new long[count];
    this.spikeLag = new long[count];
    this.pauses = pauses;
    this.random = random;
    this.nextInMarket = market.next();
    for (int line = 0; line < count; line++) {
      drawSpike(line, 0);
    }
    drawPause(0);
  }

  /// The next time this process stands still.
  void standStillAt(long atNanos, long forNanos) {
    pauseAt = atNanos;
    pauseNanos = forNanos;
  }

  /// Reads everything that arrives before a moment, which must lie after that of the last call.
  void read(long untilNanos, Reader reader) {
    draw(untilNanos);
    while (true) {
      int first = first();
      long at = first < 0 ? Long.MAX_VALUE : arrivals[first][head[first]];
      if (pauseAt < Math.min(at, untilNanos)) {
        standStill(reader);
      } else if (at < untilNanos) {
        head[first]++;
        reader.event(first, at);
      } else {
        return;
      }
    }
  }

  private void draw(long untilNanos) {
    while (nextInMarket < untilNanos) {
      for (int line = 0; line < count; line++) {
        if (random.nextDouble() < kept[line]) {
          send(line, nextInMarket);
        }
      }
      nextInMarket = market.next();
    }
  }

  private int first() {
    int first = -1;
    for (int line = 0; line < count; line++) {
      if (head[line] < tail[line]
          && (first < 0 || arrivals[line][head[line]] < arrivals[first][head[first]])) {
        first = line;
      }
    }
    return first;
  }

  /// Afterwards one line is read after the other, each taking a twentieth of the pause.
  private void standStill(Reader reader) {
    long end = pauseAt + pauseNanos;
    draw(end + pauseNanos);
    if (pauseNanos >= PAUSE_TOLD_NANOS) {
      reader.stoodStill(pauseNanos, end);
    }
    int begin = random.nextInt(count);
    for (int i = 0; i < count; i++) {
      int line = (begin + i) % count;
      long readAt = end + i * pauseNanos / 20;
      for (int waiting = head[line];
          waiting < tail[line] && arrivals[line][waiting] < readAt;
          waiting++) {
        arrivals[line][waiting] = readAt;
      }
    }
    drawPause(end + pauseNanos);
  }

  private void send(int line, long at) {
    if (at > spikeUntil[line]) {
      drawSpike(line, at);
    }
    if (at - lastSent[line] > MILLI) { // else it is in the same message
      lagNow[line] = LAG_MILLIS[line] * MILLI * Math.exp(LAG_SIGMA * random.nextGaussian());
    }
    lastSent[line] = at;
    double lag = lagNow[line];
    if (at >= spikeFrom[line]) {
      lag += spikeLag[line];
    }
    lastArrival[line] = Math.max(lastArrival[line], at + (long) lag);
    if (tail[line] == arrivals[line].length) {
      compact(line);
    }
    arrivals[line][tail[line]++] = lastArrival[line];
  }

  private void compact(int line) {
    int waiting = tail[line] - head[line];
    long[] to = waiting > arrivals[line].length / 2
        ? Arrays.copyOf(arrivals[line], 2 * arrivals[line].length)
        : arrivals[line];
    System.arraycopy(arrivals[line], head[line], to, 0, waiting);
    arrivals[line] = to;
    head[line] = 0;
    tail[line] = waiting;
  }

  private void drawSpike(int line, long from) {
    spikeFrom[line] = from + (long) (exponential() * 1_200e9);
    spikeUntil[line] = spikeFrom[line] + (long) (random.nextDouble(1, 3) * 1e9);
    spikeLag[line] = (long) (random.nextDouble(50, 300) * MILLI);
  }

  private void drawPause(long from) {
    if (!pauses) {
      pauseAt = Long.MAX_VALUE;
      return;
    }
    boolean isLong = random.nextInt(60) == 0;
    pauseAt = from + (long) (exponential() * 60e9);
    pauseNanos = (long) ((isLong ? 500 : random.nextDouble(20, 60)) * MILLI);
  }

  private double exponential() {
    return -Math.log(1 - random.nextDouble());
  }
}

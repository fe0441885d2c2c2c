package dev.everfeed.benchmarks.ticks;

import dev.everfeed.benchmarks.load.Footprint;
import dev.everfeed.benchmarks.load.TradeLine;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One of those that are measured, and what was measured of it so far.
final class Contender {
  static final long LOOK_EVERY_MILLIS = 20;
  private static final long QUIET_NANOS = Duration.ofMillis(800).toNanos();

  final String name;
  final Footprint footprint;
  private final TradeLine line;
  private final Count count;
  private final long lookEveryMillis;
  private long sent;
  private long had;
  private double seconds;
  private double cpuSeconds;
  private ThreadsInside.@Nullable Spent busiest;
  private long busiestTrades;

  /// How many trades have come out of it, or have been published in it.
  interface Count {
    long trades() throws IOException, InterruptedException;
  }

  Contender(String name, Footprint footprint, TradeLine line, Count count) {
    this(name, footprint, line, count, LOOK_EVERY_MILLIS);
  }

  /// @param lookEveryMillis how often it may be asked for its count, where that costs it something
  Contender(String name, Footprint footprint, TradeLine line, Count count, long lookEveryMillis) {
    this.lookEveryMillis = lookEveryMillis;
    this.name = name;
    this.footprint = footprint;
    this.line = line;
    this.count = count;
  }

  /// Sends it trades at a steady rate, and waits until it has done with them.
  void pace(int perSecond, Duration during) throws IOException, InterruptedException {
    long hadBefore = count.trades();
    awaitDone(hadBefore, line.pace(perSecond, during));
  }

  /// Sends it as many as it takes, and waits until it has done with them.
  void flood(Duration during) throws IOException, InterruptedException {
    long hadBefore = count.trades();
    double cpuBefore = footprint.cpuSeconds();
    long began = System.nanoTime();
    long more = line.flood(during);
    long lastAt = awaitDone(hadBefore, more);
    seconds += (lastAt - began) / 1e9;
    cpuSeconds += footprint.cpuSeconds() - cpuBefore;
    sent += more;
    had += count.trades() - hadBefore;
  }

  /// Until they have all come, or nothing comes any more.
  ///
  /// @return when the last one was seen
  private long awaitDone(long hadBefore, long sentNow) throws IOException, InterruptedException {
    long last = hadBefore;
    long lastAt = System.nanoTime();
    while (last < hadBefore + sentNow && System.nanoTime() - lastAt < QUIET_NANOS) {
      Thread.sleep(lookEveryMillis);
      long now = count.trades();
      if (now > last) {
        last = now;
        lastAt = System.nanoTime();
      }
    }
    return lastAt;
  }

  /// The same, and sees what its busiest thread spends.
  void floodAndLookInside(Duration during, ThreadsInside inside)
      throws IOException, InterruptedException {
    var before = inside.spent();
    long sentBefore = sent;
    flood(during);
    busiest = inside.busiestSince(before);
    busiestTrades = sent - sentBefore;
  }

  /// Forgets the floods, which were to warm it up.
  void forget() {
    sent = 0;
    had = 0;
    seconds = 0;
    cpuSeconds = 0;
  }

  double perSecond() {
    return had / seconds;
  }

  /// Trades that it has had for each second of the processor that its process took.
  double perCore() {
    return had / cpuSeconds;
  }

  /// Of those that were sent to it.
  double share() {
    return (double) had / sent;
  }

  double nanosOfBusiest() {
    return busiest == null ? Double.NaN : (double) busiest.cpuNanos() / busiestTrades;
  }

  double bytesOfBusiest() {
    return busiest == null ? Double.NaN : (double) busiest.bytes() / busiestTrades;
  }
}

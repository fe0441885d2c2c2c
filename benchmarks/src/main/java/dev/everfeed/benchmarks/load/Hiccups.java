package dev.everfeed.benchmarks.load;

import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// How long this process, or the machine under it, stood still: a thread that wants to sleep
/// for one millisecond, and how much longer it slept (after Gil Tene's jHiccup). What a load
/// measures at the same time cannot be better than that, whatever the hub does.
public final class Hiccups implements AutoCloseable {
  private static final long NAP_NANOS = 1_000_000L;

  private final Histogram overslept = new Histogram(60_000_000_000L, 3);
  private final Thread thread;
  private volatile boolean ended;

  public Hiccups() {
    thread = Thread.ofPlatform().daemon().name("hiccups").start(this::watch);
  }

  private void watch() {
    long last = System.nanoTime();
    while (!ended) {
      LockSupport.parkNanos(NAP_NANOS);
      long now = System.nanoTime();
      overslept.recordValueWithExpectedInterval(Math.max(0, now - last - NAP_NANOS), NAP_NANOS);
      last = now;
    }
  }

  /// Ends the watch.
  public Histogram seen() throws InterruptedException {
    close();
    thread.join();
    return overslept;
  }

  @Override
  public void close() {
    ended = true;
  }
}

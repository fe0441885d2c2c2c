package dev.everfeed.hub.runtime;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells loops on threads of their own to end, and wakes those that wait. Safe for every thread.
final class StopSignal {
  private final CountDownLatch set = new CountDownLatch(1);

  void set() {
    set.countDown();
  }

  boolean isSet() {
    return set.getCount() == 0;
  }

  /// Waits, but no longer than until the end is wanted. An interrupt ends the wait and is kept.
  void await(Duration most) {
    try {
      boolean ended = set.await(most.toNanos(), TimeUnit.NANOSECONDS);
      if (ended) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

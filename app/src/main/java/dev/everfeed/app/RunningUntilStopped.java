package dev.everfeed.app;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Keeps the process until it is asked to stop (Ctrl-C, SIGTERM), then closes what was started,
/// the last one first.
///
/// From its making on the process ends in order: who is asked to stop while it starts, starts
/// and stops. What is not closed within [#STOP_WITHIN] is left, and said. Its methods are for
/// one thread.
final class RunningUntilStopped implements AutoCloseable {
  /// Longer than the parts of a hub take together, each with a bound of its own.
  private static final Duration STOP_WITHIN = Duration.ofSeconds(45);

  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  RunningUntilStopped() {
    Thread hook = new Thread(this::stopInOrder, "stop");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException _) {
      stop.countDown(); // asked to stop before this
    }
  }

  private void stopInOrder() {
    stop.countDown();
    try {
      if (!stopped.await(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println(
            "everfeed: did not stop within %d s; what was left is ended with the process"
                .formatted(STOP_WITHIN.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  <T extends AutoCloseable> T closing(T resource) {
    started.push(resource);
    return resource;
  }

  /// Ends the waiting as if the process had been asked to stop; for any thread.
  void stop() {
    stop.countDown();
  }

  /// As [#await(Runnable)], but no longer than this time; then everything is closed as well.
  void await(Duration most, Runnable lastWords) throws InterruptedException {
    try {
      if (!stop.await(most.toNanos(), TimeUnit.NANOSECONDS)) {
        stop(); // the time is over
      }
    } finally {
      closeAll();
      lastWords.run();
    }
  }

  /// Returns when the process has been asked to stop, and everything is closed; closes it also
  /// when the waiting thread is interrupted.
  void await(Runnable lastWords) throws InterruptedException {
    try {
      stop.await();
    } finally {
      closeAll();
      lastWords.run();
    }
  }

  /// Closes what [#await] has not; the process may end afterwards.
  @Override
  public void close() {
    closeAll();
    stopped.countDown();
  }

  private void closeAll() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        System.err.println("everfeed: while stopping: " + e);
      }
    }
  }
}

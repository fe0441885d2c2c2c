package dev.everfeed.app;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;

/// Keeps the process until it is asked to stop (Ctrl-C, SIGTERM), then closes what was started,
/// the last one first.
final class RunningUntilStopped {
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  <T extends AutoCloseable> T closing(T resource) {
    started.push(resource);
    return resource;
  }

  /// Returns after everything is closed, also when the waiting thread is interrupted.
  void await(Runnable lastWords) throws InterruptedException {
    Thread hook = new Thread(
        () -> {
          stop.countDown();
          try {
            stopped.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        "stop");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException _) {
      stop.countDown(); // asked to stop while it was starting
    }
    try {
      stop.await();
    } finally {
      closeAll();
      lastWords.run();
      stopped.countDown();
    }
  }

  void closeAll() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        System.err.println("everfeed: while stopping: " + e);
      }
    }
  }
}

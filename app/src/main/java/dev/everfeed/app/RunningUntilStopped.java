package dev.everfeed.app;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/// Keeps the process until it is asked to stop (Ctrl-C, SIGTERM), then closes what was started,
/// the last one first.
///
/// From its making on the process ends in order: who is asked to stop while it starts, starts
/// and stops. What is not closed within its time is left, and said; a second signal does not wait
/// for it. Both end the process with [Everfeed#NOT_IN_ORDER]. Its methods are for one thread.
final class RunningUntilStopped implements AutoCloseable {
  /// Beyond the bound of what is closed, which should have ended by then itself.
  private static final Duration GRACE = Duration.ofSeconds(5);

  private static final Duration USUAL = Duration.ofSeconds(40);

  private static final List<String> SIGNALS = List.of("TERM", "INT");

  private final Duration within;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable String left;

  RunningUntilStopped() {
    this(USUAL);
  }

  /// @param within everything is closed, once the process was asked to stop
  RunningUntilStopped(Duration within) {
    this.within = within.plus(GRACE);
    Thread hook = new Thread(this::stopInOrder, "stop");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException _) {
      stop.countDown(); // asked to stop before this
    }
  }

  private void stopInOrder() {
    SIGNALS.forEach(name -> Signal.handle(
        new Signal(name),
        signal ->
            haltNow("SIG%s a second time: not waited any longer".formatted(signal.getName()))));
    stop.countDown();
    try {
      if (!stopped.await(within.toMillis(), TimeUnit.MILLISECONDS)) {
        haltNow("did not stop within %d s".formatted(within.toSeconds()));
      }
      String unfinished = left;
      if (unfinished != null) {
        haltNow(unfinished);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void haltNow(String why) {
    System.err.println("everfeed: " + why + "; what was left is ended with the process");
    Runtime.getRuntime().halt(Everfeed.NOT_IN_ORDER);
  }

  /// Something was not closed as it should have been: the process's status says so.
  void notInOrder(String what) {
    left = what;
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

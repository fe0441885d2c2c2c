package dev.everfeed.hub.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of a hub: one step after the other, all within one deadline.
///
/// Each step runs on a thread of its own, so that one that hangs is left behind: it is
/// interrupted, named, and the next one has its turn. A step may be given less than the rest, so
/// that something is left for those after it; even past the deadline each has
/// [#LEAST]. Used by one thread, which is interrupted to cut it all short.
final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.stop");

  /// Enough for what does not wait for anybody.
  private static final Duration LEAST = Duration.ofMillis(250);

  /// For a step that was interrupted to notice, and to kill what it has started.
  private static final Duration AFTERWARDS = Duration.ofMillis(500);

  /// Something to be closed.
  interface Step {
    void run() throws Exception;
  }

  private final LongSupplier nanos;
  private final long beganNanos;
  private final Duration within;
  private final List<String> unfinished = new ArrayList<>();
  private int count;

  Shutdown(Duration within, LongSupplier nanos) {
    this.within = within;
    this.nanos = nanos;
    this.beganNanos = nanos.getAsLong();
  }

  /// What is left of the deadline, zero when it is past.
  Duration left() {
    Duration left = within.minusNanos(nanos.getAsLong() - beganNanos);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /// @param most at most so long, and no longer than what is left
  void step(String what, Duration most, Step step) {
    count++;
    Duration left = left();
    Duration allowed = most.compareTo(left) < 0 ? most : left;
    if (allowed.compareTo(LEAST) < 0) {
      allowed = LEAST;
    }
    long began = nanos.getAsLong();
    Failure failure = new Failure();
    Thread thread = Thread.ofPlatform().name("stop-" + count).daemon().start(() -> {
      try {
        step.run();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt(); // its time was over, which is told below
      } catch (Exception | Error e) {
        failure.thrown = e;
      }
    });
    boolean ended = false;
    try {
      ended = thread.join(allowed);
      if (!ended) {
        thread.interrupt();
        thread.join(AFTERWARDS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      thread.interrupt();
    }
    long millis = (nanos.getAsLong() - began) / 1_000_000;
    if (!ended) {
      unfinished.add(what);
      LOG.warn(
          "stopping {}: {}: not done after {} ms (limit {} ms), left to itself",
          count,
          what,
          millis,
          allowed.toMillis());
    } else if (failure.thrown != null) {
      unfinished.add(what);
      LOG.warn("stopping {}: {}: failed after {} ms", count, what, millis, failure.thrown);
    } else {
      LOG.info("stopping {}: {}: done in {} ms", count, what, millis);
    }
  }

  /// The steps that failed, or did not end in their time.
  List<String> unfinished() {
    return List.copyOf(unfinished);
  }

  /// Written by the step's thread, read after it was joined.
  private static final class Failure {
    private volatile @Nullable Throwable thrown;
  }
}

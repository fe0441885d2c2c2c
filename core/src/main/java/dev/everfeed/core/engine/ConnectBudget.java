package dev.everfeed.core.engine;

import java.util.ArrayDeque;

/// How many connections may be begun at a source in a window (Binance: 300 in 5 minutes for an
/// address), shared by all that go there. Owned by one thread.
public final class ConnectBudget {
  private final int most;
  private final long windowNanos;
  private final ArrayDeque<Long> begun = new ArrayDeque<>();

  /// @param most        connections, at least 1
  /// @param windowNanos in so long a time
  public ConnectBudget(int most, long windowNanos) {
    if (most < 1 || windowNanos < 1) {
      throw new IllegalArgumentException(
          "a budget needs at least 1 connection and 1 ns, was %d in %d"
              .formatted(most, windowNanos));
    }
    this.most = most;
    this.windowNanos = windowNanos;
  }

  boolean tryTake(long nowNanos) {
    forget(nowNanos);
    if (begun.size() >= most) {
      return false;
    }
    begun.addLast(nowNanos);
    return true;
  }

  /// When the next one may be begun; now, if one may.
  long nextNanos(long nowNanos) {
    forget(nowNanos);
    return begun.size() < most ? nowNanos : begun.getFirst() + windowNanos;
  }

  private void forget(long nowNanos) {
    while (!begun.isEmpty() && nowNanos - begun.getFirst() >= windowNanos) {
      begun.removeFirst();
    }
  }
}

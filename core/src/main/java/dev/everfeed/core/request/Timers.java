package dev.everfeed.core.request;

import java.util.PriorityQueue;

/// Moments at which the chain must look at something again, the earliest first, equal ones in
/// the order in which they were set. A timer whose subject is gone is dropped when it is
/// reached.
///
/// @param <T> what to look at
final class Timers<T> {
  /// @param order breaks ties
  record Timer<T>(long atNanos, long order, T subject) {}

  private final PriorityQueue<Timer<T>> queue = new PriorityQueue<>((a, b) -> {
    int byTime = Long.compare(a.atNanos(), b.atNanos());
    return byTime != 0 ? byTime : Long.compare(a.order(), b.order());
  });
  private long order;

  void set(long atNanos, T subject) {
    queue.add(new Timer<>(atNanos, order++, subject));
  }

  boolean isDue(long nowNanos) {
    Timer<T> first = queue.peek();
    return first != null && first.atNanos() <= nowNanos;
  }

  /// The earliest timer, which is removed. There must be one.
  Timer<T> take() {
    return queue.remove();
  }

  /// `Long.MAX_VALUE` when there is none.
  long nextNanos() {
    Timer<T> first = queue.peek();
    return first == null ? Long.MAX_VALUE : first.atNanos();
  }

  int size() {
    return queue.size();
  }
}

package dev.everfeed.simulator.world;

import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// What will happen, earliest first; what happens at the same moment in an order that the seed
/// decides.
final class EventQueue {
  private record Entry(long atNanos, int tie, long order, Happening what) {}

  private final PriorityQueue<Entry> queue = new PriorityQueue<>((a, b) -> {
    int order = Long.compare(a.atNanos(), b.atNanos());
    if (order == 0) {
      order = Integer.compare(a.tie(), b.tie());
    }
    return order != 0 ? order : Long.compare(a.order(), b.order());
  });
  private final SplittableRandom random;
  private long order;

  EventQueue(SplittableRandom random) {
    this.random = random;
  }

  void add(long atNanos, Happening what) {
    queue.add(new Entry(atNanos, random.nextInt(), order++, what));
  }

  /// `Long.MAX_VALUE` when nothing more will happen.
  long nextNanos() {
    Entry first = queue.peek();
    return first == null ? Long.MAX_VALUE : first.atNanos();
  }

  Happening take() {
    return queue.remove().what();
  }

  int size() {
    return queue.size();
  }
}

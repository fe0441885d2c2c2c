package dev.everfeed.simulator.venue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// When somebody ordered that nobody trades in one symbol: whole seconds, taken out of what
/// would have happened. What is counted from trade to trade goes on after a halt where it
/// stopped, so that ids stay without a hole.
///
/// The past is never changed: a halt begins and ends with the next second. Several may order one
/// at the same time; it lasts until the last of them ends it. Confined to one thread.
final class OrderedHalts {
  private static final long NOT_ENDED = Long.MAX_VALUE;

  private final List<Halt> halts = new ArrayList<>();
  private int orders;

  /// Seconds `[from, to)`.
  private record Halt(long from, long to) {}

  /// A stretch of whole seconds `[from, to)`.
  @FunctionalInterface
  interface Stretch {
    void take(long from, long to);
  }

  void begin(long second) {
    if (orders++ == 0) {
      long from = halts.isEmpty() ? second : Math.max(second, halts.getLast().to());
      halts.add(new Halt(from, NOT_ENDED));
    }
  }

  void end(long second) {
    if (--orders == 0) {
      long from = halts.removeLast().from();
      if (second > from) {
        halts.add(new Halt(from, second));
      }
    }
  }

  boolean covers(long second) {
    for (int i = halts.size() - 1; i >= 0; i--) {
      if (second >= halts.get(i).from()) {
        return second < halts.get(i).to();
      }
    }
    return false;
  }

  /// How much there was up to the start of the second, without what was halted.
  ///
  /// @param total how much there would have been without halts; never falls
  long left(LongUnaryOperator total, long second) {
    long left = total.applyAsLong(second);
    for (Halt halt : halts) {
      if (second > halt.from()) {
        left -= total.applyAsLong(Math.min(second, halt.to())) - total.applyAsLong(halt.from());
      }
    }
    return left;
  }

  /// The other way round: how much there would have been without halts when `left` were left.
  long total(LongUnaryOperator total, long left) {
    long sum = left;
    for (Halt halt : halts) {
      if (halt.to() != NOT_ENDED && sum >= total.applyAsLong(halt.from())) {
        sum += total.applyAsLong(halt.to()) - total.applyAsLong(halt.from());
      }
    }
    return sum;
  }

  /// Gives the stretches of `[from, to)` that were not halted, in order.
  void traded(long from, long to, Stretch into) {
    long begin = from;
    for (Halt halt : halts) {
      if (halt.to() > begin && halt.from() < to) {
        if (halt.from() > begin) {
          into.take(begin, halt.from());
        }
        begin = Math.min(to, halt.to());
      }
    }
    if (begin < to) {
      into.take(begin, to);
    }
  }
}

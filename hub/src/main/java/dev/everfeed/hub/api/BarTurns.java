package dev.everfeed.hub.api;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Lets readers put so many bars together at once; the others wait for their turn, the first
/// first. A bar takes some 600 bytes of the heap on its way from the database to the socket:
/// fifty readers of 5,000 had the hub run out of memory (`benchmarks/run merged`), also because
/// the database was too slow for all of them, and the sources were asked as well.
///
/// Owned by the server's event loop, on which everything is called and completed.
final class BarTurns {
  /// Bars; as many of the largest answers as there are connections to the database for them.
  /// What asks for more than this alone has its turn when nobody else has.
  static final int AT_ONCE = 20_000;

  /// Further readers are refused: each of these has waited for a second or more already.
  static final int WAITING_MAX = 500;

  /// Who has waited for longer is told so, and costs nothing more: its own time may be over, and
  /// work for readers who have gone would keep the others waiting until they go too.
  static final Duration WAIT_MAX = Duration.ofSeconds(5);

  private record Waiting(
      int bars, Supplier<Future<Answer>> work, Promise<Answer> answer, long sinceNanos) {}

  private final LongSupplier nanos;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private int underWay;

  /// @param nanos monotonic time
  BarTurns(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /// Does the work now or later.
  ///
  /// @param bars at most so many come together for it
  /// @return what the work gives; fails with a [Problem] when too many wait already, or its turn
  ///     comes later than [#WAIT_MAX]
  Future<Answer> take(int bars, Supplier<Future<Answer>> work) {
    if (waiting.size() >= WAITING_MAX) {
      return Future.failedFuture(
          busy("%,d readers wait for their turn already".formatted(WAITING_MAX)));
    }
    Promise<Answer> answer = Promise.promise();
    waiting.add(new Waiting(bars, work, answer, nanos.getAsLong()));
    next();
    return answer.future();
  }

  private Problem busy(String why) {
    return Problem.busy(
        "Too many readers ask for bars at once",
        "%s, with %,d bars on their way; ask again in a second, or for fewer bars"
            .formatted(why, underWay));
  }

  private void next() {
    for (Waiting first = waiting.peek(); first != null; first = waiting.peek()) {
      if (nanos.getAsLong() - first.sinceNanos > WAIT_MAX.toNanos()) {
        waiting.remove();
        first.answer.fail(busy("no turn within %,d ms".formatted(WAIT_MAX.toMillis())));
        continue;
      }
      if (underWay > 0 && underWay + first.bars > AT_ONCE) {
        return;
      }
      waiting.remove();
      begin(first);
    }
  }

  private void begin(Waiting one) {
    underWay += one.bars;
    Future<Answer> done;
    try {
      done = one.work.get();
    } catch (RuntimeException e) {
      done = Future.failedFuture(e);
    }
    done.onComplete(ended -> {
      underWay -= one.bars;
      one.answer.handle(ended);
      next();
    });
  }

  int underWay() {
    return underWay;
  }
}

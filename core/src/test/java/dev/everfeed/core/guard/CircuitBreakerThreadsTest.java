package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.guard.CircuitBreaker.State;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Many threads on one breaker: what must hold whatever the schedule.
class CircuitBreakerThreadsTest {
  private static final int THREADS = 8;
  private static final long SECOND = 1_000_000_000L;

  private interface Body {
    void run(int thread) throws Exception;
  }

  @Test
  void everyFailureOfEveryThreadIsCountedExactlyOnce() throws Exception {
    BreakerPolicy policy = policy(1_000, 3);
    for (int round = 0; round < 200; round++) {
      CircuitBreaker breaker = new CircuitBreaker(policy, new SplittableRandom(round), 0);
      together(thread -> {
        for (int i = 0; i < 100; i++) {
          // Slightly different clocks.
          breaker.onFailure(breaker.tryAcquire(i), 1_000 + i - thread);
        }
      });
      assertThat(breaker.failuresInWindow(2_000)).isEqualTo(800);
      assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }
  }

  /// Whoever reports the threshold's failure opens the circuit, once; the others' failures
  /// belong to a state that is over.
  @Test
  void manyFailuresAtOnceOpenTheCircuitOnce() throws Exception {
    for (int round = 0; round < 500; round++) {
      CircuitBreaker breaker = new CircuitBreaker(policy(5, 3), new SplittableRandom(round), 0);
      long permit = breaker.tryAcquire(0);
      together(thread -> {
        for (int i = 0; i < 5; i++) {
          breaker.onFailure(permit, i);
        }
      });
      assertThat(breaker.state()).isEqualTo(State.OPEN);
      assertThat(breaker.trips()).isEqualTo(1);
      assertThat(breaker.failuresInWindow(5)).isEqualTo(5);
    }
  }

  @Test
  void onlyOneOfManyThreadsGetsTheProbe() throws Exception {
    for (int round = 0; round < 500; round++) {
      CircuitBreaker breaker = opened(policy(1, 3), round);
      long now = breaker.probeAtNanos();
      AtomicInteger probes = new AtomicInteger();
      together(thread -> {
        if (breaker.tryProbe(now) != CircuitBreaker.REJECTED) {
          probes.incrementAndGet();
        }
      });
      assertThat(probes).hasValue(1);
      assertThat(breaker.state()).isEqualTo(State.PROBING);
    }
  }

  /// Invariant I-07: never more than three calls of a half-open circuit out, though threads
  /// admit, end and end again at will; and at the end three can be admitted, so no slot was
  /// lost.
  @Test
  void aHalfOpenCircuitNeverHasMoreThanThreeCallsOut() throws Exception {
    BreakerPolicy policy =
        new BreakerPolicy(5, 1_000, 60 * SECOND, SECOND, SECOND, List.of(1), 3, SECOND);
    CircuitBreaker breaker = opened(policy, 1);
    long now = breaker.probeAtNanos();
    breaker.onSuccess(breaker.tryProbe(now), now);
    AtomicInteger out = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicLong admitted = new AtomicLong();
    together(thread -> {
      SplittableRandom random = new SplittableRandom(thread);
      for (int i = 0; i < 50_000; i++) {
        long permit = breaker.tryAcquire(now);
        if (permit == CircuitBreaker.REJECTED) {
          continue;
        }
        most.accumulateAndGet(out.incrementAndGet(), Math::max);
        admitted.incrementAndGet();
        if (random.nextInt(8) == 0) {
          Thread.onSpinWait();
        }
        out.decrementAndGet();
        breaker.release(permit, now);
        breaker.release(permit, now);
        breaker.onFailure(permit, now);
        breaker.onSuccess(permit, now);
      }
    });
    assertThat(most.get()).isLessThanOrEqualTo(3);
    assertThat(admitted.get()).isGreaterThan(1_000);
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    for (int i = 0; i < 3; i++) {
      assertThat(breaker.tryAcquire(now)).isNotEqualTo(CircuitBreaker.REJECTED);
    }
    assertThat(breaker.tryAcquire(now)).isEqualTo(CircuitBreaker.REJECTED);
  }

  /// Thresholds change all the time while failures come in: none is lost, none counted twice.
  @Test
  void noFailureIsLostWhileThresholdsChange() throws Exception {
    for (int round = 0; round < 100; round++) {
      CircuitBreaker breaker = new CircuitBreaker(policy(1_000, 3), new SplittableRandom(round), 0);
      together(thread -> {
        for (int i = 0; i < 100; i++) {
          if (thread == 0) {
            breaker.policy(policy(900 + i, 1 + i % 3));
          } else {
            breaker.onFailure(breaker.tryAcquire(i), i);
          }
        }
      });
      assertThat(breaker.failuresInWindow(100)).isEqualTo(700);
      assertThat(breaker.policy().failureThreshold()).isEqualTo(999);
    }
  }

  /// Everything at once through all states. Every admitted call ends, so at the end the circuit
  /// must still be able to close: nothing leaked.
  @Test
  void afterAnyStormTheCircuitCanStillClose() throws Exception {
    for (int round = 0; round < 50; round++) {
      BreakerPolicy policy = new BreakerPolicy(3, 2, SECOND, 1, 1, List.of(1), 3, SECOND);
      CircuitBreaker breaker = new CircuitBreaker(policy, new SplittableRandom(round), 0);
      AtomicLong clock = new AtomicLong();
      int seed = round;
      together(thread -> {
        SplittableRandom random = new SplittableRandom(seed * 100L + thread);
        for (int i = 0; i < 2_000; i++) {
          long now = clock.incrementAndGet();
          long permit = random.nextInt(3) == 0 ? breaker.tryProbe(now) : breaker.tryAcquire(now);
          if (permit == CircuitBreaker.REJECTED) {
            continue;
          }
          switch (random.nextInt(4)) {
            case 0 -> breaker.onFailure(permit, now);
            case 1 -> breaker.release(permit, now);
            default -> breaker.onSuccess(permit, now);
          }
        }
      });
      long now = clock.get() + 10 * SECOND;
      if (breaker.state() == State.OPEN) {
        breaker.onSuccess(breaker.tryProbe(now), now);
      }
      for (int i = 0; i < 2 && breaker.state() == State.HALF_OPEN; i++) {
        breaker.onSuccess(breaker.tryAcquire(now), now);
      }
      assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }
  }

  private static CircuitBreaker opened(BreakerPolicy policy, int seed) {
    CircuitBreaker breaker = new CircuitBreaker(policy, new SplittableRandom(seed), 0);
    long permit = breaker.tryAcquire(0);
    for (int i = 0; i < policy.failureThreshold(); i++) {
      breaker.onFailure(permit, 0);
    }
    return breaker;
  }

  private static BreakerPolicy policy(int failureThreshold, int halfOpenMax) {
    return new BreakerPolicy(
        failureThreshold,
        3,
        60 * SECOND,
        SECOND,
        10 * SECOND,
        List.of(1, 2, 4, 5),
        halfOpenMax,
        2 * SECOND);
  }

  private static void together(Body body) throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        running.add(threads.submit(() -> {
          start.await(30, TimeUnit.SECONDS);
          body.run(thread);
          return thread;
        }));
      }
      for (Future<?> each : running) {
        each.get(60, TimeUnit.SECONDS);
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a thread failed", e.getCause());
    }
  }
}

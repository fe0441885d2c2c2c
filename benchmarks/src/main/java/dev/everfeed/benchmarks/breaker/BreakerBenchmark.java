package dev.everfeed.benchmarks.breaker;

import dev.everfeed.core.guard.BreakerPolicy;
import dev.everfeed.core.guard.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What a call through a closed circuit costs: a permit and the report of its success. All
/// threads share one breaker of each kind.
///
/// Windows are alike where the libraries allow it: 5 failures or 50 % within 60 s or 100 calls.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BreakerBenchmark {
  private static final long LATENCY_NANOS = 1_000_000;

  private final CircuitBreaker everfeed =
      new CircuitBreaker(BreakerPolicy.defaults(), new SplittableRandom(1), 0);
  private final CircuitBreaker everfeedOfRealTime =
      new CircuitBreaker(BreakerPolicy.defaults(), new SplittableRandom(1), System.nanoTime());
  private final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jCount =
      resilience4j(
          SlidingWindowType.COUNT_BASED, 100, SlidingWindowSynchronizationStrategy.SYNCHRONIZED);
  private final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jCountLockFree =
      resilience4j(
          SlidingWindowType.COUNT_BASED, 100, SlidingWindowSynchronizationStrategy.LOCK_FREE);
  private final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jTime =
      resilience4j(
          SlidingWindowType.TIME_BASED, 60, SlidingWindowSynchronizationStrategy.SYNCHRONIZED);
  private final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jTimeLockFree =
      resilience4j(
          SlidingWindowType.TIME_BASED, 60, SlidingWindowSynchronizationStrategy.LOCK_FREE);
  private final dev.failsafe.CircuitBreaker<Object> failsafeCount =
      dev.failsafe.CircuitBreaker.builder().withFailureThreshold(5, 100).build();
  private final dev.failsafe.CircuitBreaker<Object> failsafeTime =
      dev.failsafe.CircuitBreaker.builder()
          .withFailureThreshold(5, Duration.ofSeconds(60))
          .build();

  /// A thread's own clock, as the hub's decider has one.
  @State(Scope.Thread)
  public static class Clock {
    private long nowNanos;

    long next() {
      nowNanos += 1_000;
      return nowNanos;
    }
  }

  /// A thread's own breaker, whose failures are so far apart (16 s) that four are in the window
  /// at any time and the fifth never comes.
  @State(Scope.Thread)
  public static class Failing {
    private final CircuitBreaker breaker =
        new CircuitBreaker(BreakerPolicy.defaults(), new SplittableRandom(1), 0);
    private long nowNanos;

    long next() {
      nowNanos += 16_000_000_000L;
      return nowNanos;
    }
  }

  /// What reading the clock costs, which the others do inside.
  @Benchmark
  public long clockAlone() {
    return System.nanoTime();
  }

  @Benchmark
  public long everfeed(Clock clock) {
    long now = clock.next();
    long permit = everfeed.tryAcquire(now);
    everfeed.onSuccess(permit, now);
    return permit;
  }

  /// As it would be used without a clock of one's own: read before and after the call.
  @Benchmark
  public long everfeedWithClock() {
    long permit = everfeedOfRealTime.tryAcquire(System.nanoTime());
    everfeedOfRealTime.onSuccess(permit, System.nanoTime());
    return permit;
  }

  /// A failure, which has to be remembered: the price of the cheap success.
  @Benchmark
  public long everfeedFailure(Failing failing) {
    long now = failing.next();
    long permit = failing.breaker.tryAcquire(now);
    if (permit == CircuitBreaker.REJECTED) {
      throw new IllegalStateException("the circuit opened: not what is to be measured");
    }
    failing.breaker.onFailure(permit, now);
    return permit;
  }

  @Benchmark
  public boolean resilience4jCount() {
    return use(resilience4jCount);
  }

  @Benchmark
  public boolean resilience4jCountLockFree() {
    return use(resilience4jCountLockFree);
  }

  @Benchmark
  public boolean resilience4jTime() {
    return use(resilience4jTime);
  }

  @Benchmark
  public boolean resilience4jTimeLockFree() {
    return use(resilience4jTimeLockFree);
  }

  @Benchmark
  public boolean failsafeCount() {
    return use(failsafeCount);
  }

  @Benchmark
  public boolean failsafeTime() {
    return use(failsafeTime);
  }

  private static boolean use(io.github.resilience4j.circuitbreaker.CircuitBreaker breaker) {
    boolean permit = breaker.tryAcquirePermission();
    breaker.onSuccess(LATENCY_NANOS, TimeUnit.NANOSECONDS);
    return permit;
  }

  private static boolean use(dev.failsafe.CircuitBreaker<Object> breaker) {
    boolean permit = breaker.tryAcquirePermit();
    breaker.recordSuccess();
    return permit;
  }

  private static io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4j(
      SlidingWindowType type, int size, SlidingWindowSynchronizationStrategy strategy) {
    return io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
        type + " " + strategy,
        CircuitBreakerConfig.custom().slidingWindow(size, 100, type, strategy).build());
  }
}

package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.Repetitions;
import dev.everfeed.core.guard.CircuitBreaker.State;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// RESILIENCE R1.4: a million random operations against the naive twin, everything that can be
/// seen compared after each. Outcomes come late, twice and after the circuit has moved on;
/// thresholds change in the middle; time sometimes goes back a little.
class CircuitBreakerOracleTest {
  private static final int SEEDS = Repetitions.of(20);
  private static final int OPERATIONS = 50_000;
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  @Test
  void aMillionRandomOperationsAgreeWithTheNaiveTwin() {
    Map<State, Integer> seen = new EnumMap<>(State.class);
    for (long seed = 1; seed <= SEEDS; seed++) {
      new Walk(seed).run(seen);
    }
    // The walk is worth something only if it has been everywhere.
    assertThat(seen.keySet()).containsExactlyInAnyOrder(State.values());
    assertThat(seen.values()).allSatisfy(times -> assertThat(times).isGreaterThan(1_000 * SEEDS));
    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(SEEDS * OPERATIONS);
  }

  /// One seed's walk.
  private static final class Walk {
    private record Pair(long permit, BreakerOracle.Call call) {}

    private final long seed;
    private final SplittableRandom random;
    private final CircuitBreaker breaker;
    private final BreakerOracle oracle;

    /// The last calls, ended ones too.
    private final @Nullable Pair[] calls = new @Nullable Pair[24];

    private int admitted;
    private long now;

    Walk(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      this.now = random.nextLong(-SECOND, SECOND);
      BreakerPolicy policy = BreakerPolicy.defaults();
      this.breaker = new CircuitBreaker(policy, new SplittableRandom(seed), now);
      this.oracle = new BreakerOracle(policy, now);
    }

    void run(Map<State, Integer> seen) {
      for (int i = 0; i < OPERATIONS; i++) {
        String operation = step();
        compare(i, operation);
        seen.merge(breaker.state(), 1, Integer::sum);
      }
    }

    private String step() {
      now += random.nextInt(50) == 0 ? -random.nextLong(5 * MILLI) : random.nextLong(2 * SECOND);
      if (random.nextInt(200) == 0) {
        now += random.nextLong(400 * SECOND);
      }
      long trips = breaker.trips();
      String operation = operate();
      if (breaker.trips() != trips) {
        assertThat(breaker.cooldownNanos())
            .as("cooldown, seed %d after %s", seed, operation)
            .isBetween(oracle.shortestCooldown, oracle.longestCooldown);
        oracle.drew(breaker.cooldownNanos());
      }
      return operation;
    }

    private String operate() {
      int choice = random.nextInt(100);
      if (choice < 35) {
        return admit("acquire", breaker.tryAcquire(now), oracle.tryAcquire());
      }
      if (choice < 45) {
        return admit("probe", breaker.tryProbe(now), oracle.tryProbe(now));
      }
      if (choice < 47) {
        BreakerPolicy policy = randomPolicy();
        breaker.policy(policy);
        oracle.policy = policy;
        return "policy " + policy;
      }
      Pair pair = calls[random.nextInt(calls.length)];
      if (pair == null) {
        return "nothing";
      }
      if (choice < 72) {
        breaker.onSuccess(pair.permit, now);
        oracle.onSuccess(pair.call, now);
        return "success of " + pair.permit;
      }
      if (choice < 90) {
        breaker.onFailure(pair.permit, now);
        oracle.onFailure(pair.call, now);
        return "failure of " + pair.permit;
      }
      breaker.release(pair.permit, now);
      oracle.release(pair.call, now);
      return "release of " + pair.permit;
    }

    private String admit(String what, long permit, BreakerOracle.@Nullable Call call) {
      assertThat(permit != CircuitBreaker.REJECTED)
          .as("seed %d: %s admitted at %d", seed, what, now)
          .isEqualTo(call != null);
      if (call != null) {
        calls[admitted++ % calls.length] = new Pair(permit, call);
      }
      return what;
    }

    private BreakerPolicy randomPolicy() {
      long open = random.nextLong(1, 90 * SECOND);
      return new BreakerPolicy(
          random.nextInt(1, 12),
          random.nextInt(1, 5),
          random.nextLong(1, 120 * SECOND),
          open,
          open + random.nextLong(300 * SECOND),
          random.nextBoolean() ? List.of(1, 2, 4, 5) : List.of(1),
          random.nextInt(1, 5),
          SECOND);
    }

    /// One text each, compared only as such: AssertJ's chains would take most of the time.
    private void compare(int step, String operation) {
      String expected = view(
          oracle.state,
          oracle.failuresInWindow(now),
          oracle.openedAt,
          oracle.state == State.CLOSED ? now : oracle.leftClosedAt,
          oracle.cooldown,
          oracle.probeAt,
          oracle.trips,
          oracle.probeDue(now));
      String actual = view(
          breaker.state(),
          breaker.failuresInWindow(now),
          breaker.openedAtNanos(),
          breaker.closedAtNanos(now),
          breaker.cooldownNanos(),
          breaker.probeAtNanos(),
          breaker.trips(),
          breaker.probeDue(now));
      if (!actual.equals(expected)) {
        assertThat(actual)
            .as("seed %d, step %d at %d after %s", seed, step, now, operation)
            .isEqualTo(expected);
      }
    }

    private static String view(Object... parts) {
      StringBuilder text = new StringBuilder();
      for (Object part : parts) {
        text.append(part).append(' ');
      }
      return text.toString();
    }
  }
}

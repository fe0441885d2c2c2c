package dev.everfeed.core.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.guard.CircuitBreaker.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Walks the transition table in the breaker's Javadoc together with the code, so that neither
/// can drift: every cell is tried, and a row or column that is added or lost fails.
class CircuitBreakerTableTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> INPUTS = List.of(
      "acquire",
      "acquire, full",
      "probe, early",
      "probe, due",
      "success",
      "last success",
      "failure",
      "last failure",
      "release",
      "stale outcome");

  @Test
  void theTableHasEveryStateAndEveryInput() throws IOException {
    Map<String, Map<State, String>> table = table();
    assertThat(table.keySet()).containsExactlyElementsOf(INPUTS);
    assertThat(table.values())
        .allSatisfy(row -> assertThat(row.keySet()).containsExactly(State.values()));
  }

  @TestFactory
  Stream<DynamicTest> everyCellIsWhatTheCodeDoes() throws IOException {
    List<DynamicTest> cells = new ArrayList<>();
    table()
        .forEach((input, row) -> row.forEach((state, expected) -> cells.add(DynamicTest.dynamicTest(
            state + " x " + input + " = " + expected,
            () -> assertThat(walk(state, input)).isEqualTo(expected)))));
    assertThat(cells).hasSize(40);
    return cells.stream();
  }

  /// Brings a fresh breaker into the state, applies the input, and says what the table would
  /// say.
  private static String walk(State state, String input) {
    World world = new World(state);
    CircuitBreaker breaker = world.breaker;
    long now = world.now;
    return switch (input) {
      case "acquire" -> {
        boolean admitted = breaker.tryAcquire(now) != CircuitBreaker.REJECTED;
        assertThat(breaker.state()).isEqualTo(state);
        yield admitted ? "permit" : "rejected";
      }
      case "acquire, full" -> {
        if (state != State.HALF_OPEN) {
          yield "-"; // Only a half-open circuit can be full.
        }
        while (world.out.size() < breaker.policy().halfOpenMax()) {
          world.out.add(breaker.tryAcquire(now));
        }
        yield breaker.tryAcquire(now) == CircuitBreaker.REJECTED ? "rejected" : "permit";
      }
      case "probe, early" -> probe(breaker, state, now);
      case "probe, due" -> probe(breaker, state, now + 1_000 * SECOND);
      case "success" -> {
        if (world.out.isEmpty() || state == State.PROBING) {
          yield "-"; // One success of a probe is always the last.
        }
        breaker.onSuccess(world.out.getFirst(), now);
        yield breaker.state().name();
      }
      case "last success" -> {
        if (world.out.isEmpty() || state == State.CLOSED) {
          yield "-"; // Closed, no number of successes changes anything.
        }
        for (int i = 1; state == State.HALF_OPEN && i < breaker.policy().successThreshold(); i++) {
          breaker.onSuccess(breaker.tryAcquire(now), now);
        }
        breaker.onSuccess(world.out.getFirst(), now);
        yield breaker.state().name();
      }
      case "failure" -> {
        if (state != State.CLOSED) {
          yield "-"; // Elsewhere the first failure is the last.
        }
        breaker.onFailure(world.out.getFirst(), now);
        yield breaker.state().name();
      }
      case "last failure" -> {
        if (world.out.isEmpty()) {
          yield "-";
        }
        for (int i = 1; state == State.CLOSED && i < breaker.policy().failureThreshold(); i++) {
          breaker.onFailure(world.out.getFirst(), now);
        }
        breaker.onFailure(world.out.getFirst(), now);
        yield breaker.state().name();
      }
      case "release" -> {
        if (world.out.isEmpty()) {
          yield "-";
        }
        breaker.release(world.out.getFirst(), now);
        yield breaker.state().name();
      }
      case "stale outcome" -> {
        for (int i = 0; i < 10; i++) {
          for (long stale : world.stale) {
            breaker.onSuccess(stale, now);
            breaker.onFailure(stale, now);
            breaker.release(stale, now);
          }
        }
        assertThat(breaker.trips()).isEqualTo(world.trips);
        yield breaker.state().name();
      }
      default -> throw new AssertionError("no such input: " + input);
    };
  }

  private static String probe(CircuitBreaker breaker, State before, long now) {
    if (breaker.tryProbe(now) == CircuitBreaker.REJECTED) {
      assertThat(breaker.state()).isEqualTo(before);
      return "rejected";
    }
    return breaker.state().name();
  }

  /// A breaker in a given state.
  private static final class World {
    final CircuitBreaker breaker =
        new CircuitBreaker(BreakerPolicy.defaults(), new SplittableRandom(1), 0);

    /// Permits that the state knows.
    final List<Long> out = new ArrayList<>();

    /// Permits that it does not know any more.
    final List<Long> stale = new ArrayList<>();

    final long trips;
    long now = SECOND;

    World(State target) {
      // A closed circuit that has been through everything has stale permits to offer.
      open(breaker.tryAcquire(now));
      long probe = halfOpen();
      if (target == State.CLOSED) {
        for (int i = 0; i < breaker.policy().successThreshold(); i++) {
          long permit = breaker.tryAcquire(now);
          breaker.onSuccess(permit, now);
          stale.add(permit);
        }
        out.add(breaker.tryAcquire(now));
      } else if (target == State.HALF_OPEN) {
        long settled = breaker.tryAcquire(now);
        breaker.release(settled, now);
        stale.add(settled);
        out.add(breaker.tryAcquire(now));
      } else {
        long failed = breaker.tryAcquire(now);
        breaker.onFailure(failed, now);
        stale.add(failed);
        if (target == State.PROBING) {
          now = breaker.probeAtNanos();
          out.add(breaker.tryProbe(now));
        }
      }
      stale.add(probe);
      trips = breaker.trips();
      assertThat(breaker.state()).isEqualTo(target);
    }

    private void open(long permit) {
      for (int i = 0; i < breaker.policy().failureThreshold(); i++) {
        breaker.onFailure(permit, now);
      }
      stale.add(permit);
    }

    private long halfOpen() {
      now = breaker.probeAtNanos();
      long probe = breaker.tryProbe(now);
      breaker.onSuccess(probe, now);
      return probe;
    }
  }

  private static Map<String, Map<State, String>> table() throws IOException {
    Path source = Path.of(
        System.getProperty("everfeed.project"),
        "core/src/main/java/dev/everfeed/core/guard/CircuitBreaker.java");
    Map<String, Map<State, String>> table = new LinkedHashMap<>();
    List<State> states = new ArrayList<>();
    for (String line : Files.readAllLines(source)) {
      if (!line.startsWith("/// |") || line.startsWith("/// |--")) {
        continue;
      }
      String[] cells = line.substring(5, line.length() - 1).split("\\|", -1);
      if (states.isEmpty()) {
        for (int i = 1; i < cells.length; i++) {
          states.add(State.valueOf(cells[i].strip()));
        }
        continue;
      }
      Map<State, String> row = new LinkedHashMap<>();
      for (int i = 1; i < cells.length; i++) {
        row.put(states.get(i - 1), cells[i].strip());
      }
      table.put(cells[0].strip(), row);
    }
    return table;
  }
}

package dev.everfeed.core.guard;

import java.util.Arrays;

/// What a breaker knows at one moment, immutable: each state holds exactly what is true in it.
///
/// `serial` rises with every change of state and every permit of a probe or half-open circuit,
/// and never repeats. That is what makes a permit tell its generation: see [CircuitBreaker].
sealed interface Circuit {

  long serial();

  Past past();

  CircuitBreaker.State state();

  /// Calls go through.
  ///
  /// @param serial         also the permit of every call admitted in this state
  /// @param cleanSinceNanos the last failure, or the closing when there was none since
  record Closed(long serial, Past past, long cleanSinceNanos) implements Circuit {
    @Override
    public CircuitBreaker.State state() {
      return CircuitBreaker.State.CLOSED;
    }
  }

  /// No call goes through; from `probeAtNanos` on a probe may.
  record Open(long serial, Past past, long probeAtNanos) implements Circuit {
    @Override
    public CircuitBreaker.State state() {
      return CircuitBreaker.State.OPEN;
    }
  }

  /// One probe is out.
  ///
  /// @param serial also the probe's permit
  record Probing(long serial, Past past) implements Circuit {
    @Override
    public CircuitBreaker.State state() {
      return CircuitBreaker.State.PROBING;
    }
  }

  /// A few calls go through.
  ///
  /// @param out       permits of the calls that are out
  /// @param successes since the circuit became half open
  record HalfOpen(long serial, Past past, Permits out, int successes) implements Circuit {
    @Override
    public CircuitBreaker.State state() {
      return CircuitBreaker.State.HALF_OPEN;
    }
  }

  /// What is true in every state.
  ///
  /// @param failures        counted ones; empty after the circuit closed
  /// @param step            which multiplier the next opening uses
  /// @param openings        cooldowns begun since the start
  /// @param openedAtNanos   when the last of them began, -1 before the first
  /// @param leftClosedNanos when the circuit last stopped being closed, -1 before the first time
  /// @param cooldownNanos   length of the last cooldown, 0 before the first
  record Past(
      Moments failures,
      int step,
      long openings,
      long openedAtNanos,
      long leftClosedNanos,
      long cooldownNanos) {
    static final Past NONE = new Past(Moments.NONE, 0, 0, -1, -1, 0);

    Past with(Moments failures, int step) {
      return new Past(failures, step, openings, openedAtNanos, leftClosedNanos, cooldownNanos);
    }
  }

  /// The permits of a half-open circuit's calls that are out: a small immutable set.
  final class Permits {
    static final Permits NONE = new Permits(new long[0]);

    private final long[] permits;

    private Permits(long[] permits) {
      this.permits = permits;
    }

    int size() {
      return permits.length;
    }

    boolean contains(long permit) {
      return indexOf(permit) >= 0;
    }

    Permits plus(long permit) {
      long[] next = Arrays.copyOf(permits, permits.length + 1);
      next[permits.length] = permit;
      return new Permits(next);
    }

    Permits minus(long permit) {
      int index = indexOf(permit);
      if (index < 0) {
        return this;
      }
      long[] next = Arrays.copyOf(permits, permits.length - 1);
      System.arraycopy(permits, index + 1, next, index, permits.length - 1 - index);
      return new Permits(next);
    }

    private int indexOf(long permit) {
      for (int i = 0; i < permits.length; i++) {
        if (permits[i] == permit) {
          return i;
        }
      }
      return -1;
    }
  }
}

package dev.everfeed.core.guard;

/// Stops calls to a source that keeps failing.
public final class CircuitBreaker {
  private CircuitBreaker() {}

  /// The states of the circuit.
  public enum State {
    CLOSED,
    OPEN,
    PROBING,
    HALF_OPEN
  }
}

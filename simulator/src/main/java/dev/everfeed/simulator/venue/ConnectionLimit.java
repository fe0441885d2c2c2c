package dev.everfeed.simulator.venue;

/// How many stream connections one key may have at a time, of which a simulated venue or line
/// has one, and what becomes of one more. Vendors do either.
///
/// @param most 0 for no limit
public record ConnectionLimit(int most, WhenFull whenFull) {
  public enum WhenFull {
    /// The handshake of the one more fails, in the venue's way to say that it is too much.
    REFUSE,
    /// The oldest connection is closed (1008) when the handshake of the one more is done.
    CLOSE_OLDEST
  }

  public static final ConnectionLimit NONE = new ConnectionLimit(0, WhenFull.REFUSE);

  public ConnectionLimit {
    if (most < 0) {
      throw new IllegalArgumentException(
          "connections: must be 0 (no limit) or more, was %d".formatted(most));
    }
  }

  /// Whether so many are more than there may be.
  boolean isExceededBy(int connections) {
    return most > 0 && connections > most;
  }

  boolean refuses() {
    return whenFull == WhenFull.REFUSE;
  }
}

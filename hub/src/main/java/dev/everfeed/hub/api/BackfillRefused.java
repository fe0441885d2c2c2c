package dev.everfeed.hub.api;

/// A backfill that does not begin. The message says what was allowed and what was seen.
public final class BackfillRefused extends Exception {
  private static final long serialVersionUID = 1;

  /// What the caller can do about it.
  public enum Reason {
    /// Ask for something else.
    MISTAKEN,
    /// Come again when another one is done.
    BUSY,
    /// Nothing: this hub keeps nothing, or stops.
    IMPOSSIBLE
  }

  private final Reason reason;

  public BackfillRefused(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}

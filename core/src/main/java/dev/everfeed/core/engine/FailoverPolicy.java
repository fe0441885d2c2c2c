package dev.everfeed.core.engine;

/// When a contract leaves a gateway that ails (REQUIREMENTS C5, C13).
///
/// @param delayNanos of [Kind#DELAYED], from the moment at which the ailment was seen
public record FailoverPolicy(Kind kind, long delayNanos) {
  public static final FailoverPolicy IMMEDIATE = new FailoverPolicy(Kind.IMMEDIATE, 0);
  public static final FailoverPolicy MANUAL = new FailoverPolicy(Kind.MANUAL, 0);
  public static final FailoverPolicy SHADOW = new FailoverPolicy(Kind.SHADOW, 0);

  /// Of what moves by itself otherwise, while nothing may.
  static final FailoverPolicy FROZEN = new FailoverPolicy(Kind.FROZEN, 0);

  /// Of what an operator holds where it is.
  static final FailoverPolicy PINNED = new FailoverPolicy(Kind.PINNED, 0);

  /// What decides.
  public enum Kind {
    /// At once.
    IMMEDIATE("immediate"),
    /// When it still ails after the delay.
    DELAYED("delayed"),
    /// When an operator says so.
    MANUAL("manual"),
    /// Never: what would have been done is told.
    SHADOW("shadow"),
    /// When an operator says so, for as long as all automatic failover is frozen; in place of a
    /// policy that moves by itself.
    FROZEN("frozen"),
    /// Not before an operator has unpinned it; in place of its policy.
    PINNED("pinned");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  public static FailoverPolicy delayed(long delayNanos) {
    return new FailoverPolicy(Kind.DELAYED, delayNanos);
  }

  boolean moves() {
    return kind == Kind.IMMEDIATE || kind == Kind.DELAYED;
  }
}

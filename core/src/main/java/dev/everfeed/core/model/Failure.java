package dev.everfeed.core.model;

/// Why one call to a provider brought no usable value.
///
/// @param kind            decides what follows
/// @param message         for people: what happened, what was allowed, what was seen
/// @param retryAfterNanos how long the provider asked to be left alone, or until its budget has
///     room; 0 when nobody said, `Long.MAX_VALUE` for never
public record Failure(Kind kind, String message, long retryAfterNanos) {

  /// The kinds, and what each does (DESIGN section 7).
  public enum Kind {
    /// No whole answer within the call's timeout.
    TIMEOUT(true),
    /// Refused, reset, closed, name not resolved.
    CONNECTION(true),
    /// HTTP 5xx.
    SERVER_ERROR(true),
    /// Bytes that are not a message of this source and kind.
    UNDECODABLE(true),
    /// A value that cannot be believed.
    WRONG_DATA(true),
    /// A value that has stopped moving: the next provider is asked, but a quiet symbol is not
    /// the source's fault.
    FROZEN(false),
    /// The bars of an exchange that is far from the others: they are kept under its own name,
    /// and another one's stand for all.
    DISAGREES(false),
    /// HTTP 429: the source is paused for `Retry-After`, and it is not counted against the
    /// breaker.
    RATE_LIMITED(false),
    /// HTTP 418: as 429, for longer.
    BANNED(false),
    /// Other 4xx, such as an unknown symbol: the caller's own.
    CALLER(false),
    /// Not called: the circuit is open.
    CIRCUIT_OPEN(false),
    /// Not called: the source asked to be left alone until later.
    PAUSED(false),
    /// Not called: the weight budget is spent.
    OVER_BUDGET(false),
    /// Not called: the source does not list the symbol or offer the kind.
    NOT_OFFERED(false),
    /// Still out when the request's time was over.
    NO_ANSWER_YET(false);

    private final boolean countsAgainstBreaker;

    Kind(boolean countsAgainstBreaker) {
      this.countsAgainstBreaker = countsAgainstBreaker;
    }

    public boolean countsAgainstBreaker() {
      return countsAgainstBreaker;
    }

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public Failure {
    if (retryAfterNanos < 0) {
      throw new IllegalArgumentException(
          "retryAfterNanos must not be negative, was " + retryAfterNanos);
    }
  }

  public static Failure of(Kind kind, String message) {
    return new Failure(kind, message, 0);
  }
}

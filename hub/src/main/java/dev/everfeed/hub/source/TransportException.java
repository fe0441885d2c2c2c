package dev.everfeed.hub.source;

import dev.everfeed.core.model.Failure;

/// A call brought no whole answer.
public final class TransportException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Failure failure;

  public TransportException(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  /// `TIMEOUT`, `CONNECTION`, or `UNDECODABLE` for a body that is too large or wrongly
  /// compressed.
  public Failure failure() {
    return failure;
  }
}

package dev.everfeed.hub.store;

import org.jspecify.annotations.Nullable;

/// The hub's own PostgreSQL could not be started. The message says what was tried, on which
/// path, what was seen, and what to do.
public final class EmbeddedServerException extends Exception {

  /// What a caller can do about it.
  public enum Reason {
    /// Nothing for this machine in this build: another address has to be set.
    UNSUPPORTED_PLATFORM,
    /// The folder's data are another version's, or are not a database: nothing was touched.
    FOREIGN_DATA,
    /// The server refuses to run as root and there was no way to be somebody else.
    NO_ACCOUNT,
    /// Anything of the machine: a full disk, a folder that cannot be written, a server that
    /// ended or did not answer in time. Trying again later may help.
    FAILED
  }

  private final Reason reason;

  EmbeddedServerException(Reason reason, String message) {
    this(reason, message, null);
  }

  EmbeddedServerException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}

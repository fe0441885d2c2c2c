package dev.everfeed.hub.store;

import java.io.Serial;

/// Why the database cannot be used by this program as it is. The message is for people.
public final class MigrationException extends Exception {
  @Serial
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /// What the caller can do about it.
  public enum Reason {
    /// The connection failed or broke: try again later.
    AWAY,
    /// Another hub is changing the tables and did not end in time: try again later.
    BUSY,
    /// The database was written by a newer program; nothing was touched. Needs that program.
    NEWER,
    /// A change of the tables was refused and undone. Needs a person.
    REFUSED
  }

  MigrationException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  MigrationException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}

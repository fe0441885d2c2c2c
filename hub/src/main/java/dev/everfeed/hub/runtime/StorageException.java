package dev.everfeed.hub.runtime;

import java.io.Serial;

/// What is kept cannot be kept where it was asked for: the data directory is another hub's or
/// cannot be used. The message says which, and what to do.
public final class StorageException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}

package dev.everfeed.hub.runtime;

import java.io.Serial;

/// The database cannot be used now; the message is for people.
final class StoreDownException extends Exception {
  @Serial
  private static final long serialVersionUID = 1;

  StoreDownException(String message) {
    super(message);
  }
}

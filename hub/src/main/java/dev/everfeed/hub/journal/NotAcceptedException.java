package dev.everfeed.hub.journal;

import java.io.IOException;

/// The journal did not accept what was offered: none of it is to be relied on. The message says
/// why.
public final class NotAcceptedException extends IOException {
  private static final long serialVersionUID = 1;

  public NotAcceptedException(String message) {
    super(message);
  }
}

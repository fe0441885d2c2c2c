package dev.everfeed.hub.journal;

import java.io.IOException;

/// There is no room for what was to be appended: the log is at its bound and its oldest segment
/// is still needed, or the disk is. Nothing was written, and the log is as it was.
public final class LogFullException extends IOException {
  private static final long serialVersionUID = 1;

  LogFullException(String message) {
    super(message);
  }
}

package dev.everfeed.hub.record;

import java.io.IOException;

/// A file is no recording that can be read, or one cannot be begun. The message says which, why,
/// and what would do.
public final class RecordingException extends IOException {
  private static final long serialVersionUID = 1L;

  public RecordingException(String message) {
    super(message);
  }

  public RecordingException(String message, IOException cause) {
    super(message, cause);
  }
}

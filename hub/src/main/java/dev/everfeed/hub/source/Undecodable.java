package dev.everfeed.hub.source;

/// Bytes that are not a message of the source and kind that they were taken for.
public final class Undecodable extends Exception {
  private static final long serialVersionUID = 1;

  private final long offset;
  private final String reason;

  /// @param offset bytes before the place where it was seen
  /// @param reason what was expected and what was there
  public Undecodable(long offset, String reason) {
    super("at byte " + offset + ": " + reason, null, false, false);
    this.offset = offset;
    this.reason = reason;
  }

  public long offset() {
    return offset;
  }

  public String reason() {
    return reason;
  }
}

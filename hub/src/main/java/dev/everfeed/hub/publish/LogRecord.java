package dev.everfeed.hub.publish;

/// What stands before a message in the [PublicationLog], as it was read; filled anew for each.
/// Owned by who reads.
public final class LogRecord {
  long position;
  long next;
  int stream;
  long seq;
  long previous;
  long anchor;
  int length;

  /// Where it begins.
  public long position() {
    return position;
  }

  /// Where the next one begins, or will begin.
  public long next() {
    return next;
  }

  public int stream() {
    return stream;
  }

  public long seq() {
    return seq;
  }

  /// Bytes of its message.
  public int length() {
    return length;
  }
}

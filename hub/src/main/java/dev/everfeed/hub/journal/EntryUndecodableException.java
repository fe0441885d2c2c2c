package dev.everfeed.hub.journal;

/// The bytes of a record are whole, and are no entry that this version knows: written by a newer
/// one, or by one with a mistake. Its reader declares it as lost and goes on.
final class EntryUndecodableException extends Exception {
  private static final long serialVersionUID = 1;

  EntryUndecodableException(String message) {
    super(message);
  }

  EntryUndecodableException(String message, Throwable cause) {
    super(message, cause);
  }
}

package dev.everfeed.hub.access;

/// A file that decides who may do what cannot be used. The message says which, what was allowed,
/// what was seen and what to do.
public final class AccessException extends Exception {
  private static final long serialVersionUID = 1;

  AccessException(String message) {
    super(message);
  }
}

package dev.everfeed.hub.account;

/// An order was carried out, and what it has done could not be seen afterwards: the database went
/// away then, or somebody else has undone it. It takes effect all the same, and must not be ordered
/// again as if nothing had happened.
public final class EffectUnseenException extends Exception {
  private static final long serialVersionUID = 1;

  /// @param message what was done and what could not be seen, for people
  EffectUnseenException(String message) {
    super(message);
  }
}

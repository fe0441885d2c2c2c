package dev.everfeed.hub.account;

/// A secret that cannot be read with the keys that there are. The message says which key it
/// needs, and what to do.
final class SecretLostException extends Exception {
  private static final long serialVersionUID = 1;

  SecretLostException(String message) {
    super(message);
  }
}

package dev.everfeed.hub.api;

/// The server could not take its address. The message names the setting to change; the caller
/// decides whether to end.
public final class ListenException extends RuntimeException {
  ListenException(String message, Throwable cause) {
    super(message, cause);
  }
}

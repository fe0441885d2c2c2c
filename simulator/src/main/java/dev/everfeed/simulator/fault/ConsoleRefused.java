package dev.everfeed.simulator.fault;

/// The console said no, or could not be reached. The message is meant for a person.
public final class ConsoleRefused extends Exception {
  private static final long serialVersionUID = 1;

  ConsoleRefused(String message) {
    super(message);
  }

  ConsoleRefused(String message, Throwable cause) {
    super(message, cause);
  }
}

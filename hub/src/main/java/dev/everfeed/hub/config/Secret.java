package dev.everfeed.hub.config;

/// A key or password. It can be used, compared and passed on, and never shows itself in a text:
/// not in a log, not in a mistake, not in a record's `toString`.
public final class Secret {
  private final String value;

  public Secret(String value) {
    this.value = value;
  }

  /// The secret itself, for the request that needs it.
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}

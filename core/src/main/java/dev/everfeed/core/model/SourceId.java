package dev.everfeed.core.model;

/// The name of a service that delivers data: `binance`, `coingecko`.
///
/// @param name 1 to 32 of `a-z`, `0-9`, `_`, beginning with a letter
public record SourceId(String name) implements Comparable<SourceId> {
  public SourceId {
    if (!name.matches("[a-z][a-z0-9_]{0,31}")) {
      throw new IllegalArgumentException(
          "source name must match [a-z][a-z0-9_]{0,31}, was \"" + name + "\"");
    }
  }

  @Override
  public int compareTo(SourceId other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}

package dev.everfeed.simulator.check;

/// One breach of one invariant.
///
/// @param id      the invariant's, `P1`
/// @param text    what must always be true
/// @param detail  what was seen instead
/// @param atNanos virtual time
public record Violation(String id, String text, String detail, long atNanos) {
  @Override
  public String toString() {
    return "%s at %,d ms: %s: %s".formatted(id, atNanos / 1_000_000, text, detail);
  }
}

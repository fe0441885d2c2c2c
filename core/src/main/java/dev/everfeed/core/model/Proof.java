package dev.everfeed.core.model;

import java.util.Locale;

/// What a channel of a source can prove about its own completeness (DESIGN section 5).
///
/// De-duplication is exact where there is `identity`, a gap is proven only where ids are
/// `dense`, and refilled only where the channel offers it.
///
/// @param identity the same event has the same id on every line
/// @param dense    ids have no holes
/// @param ordered  events come in the order in which they happened
/// @param refill   how what was missed can be asked for
/// @param depth    how far back, for people: `all`, `the newest 720`
public record Proof(boolean identity, boolean dense, boolean ordered, Refill refill, String depth) {

  /// How a channel gives what was missed.
  public enum Refill {
    /// Not at all.
    NONE,
    /// From an id on.
    BY_ID,
    /// From a moment on.
    BY_TIME;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}

package dev.everfeed.core.arbitrate;

import dev.everfeed.core.model.Proof;
import org.jspecify.annotations.Nullable;

/// What tells two events of a stream apart, and so what arbitration can do there (DESIGN
/// section 5: de-duplication is exact where there is identity, a gap is proven only where ids
/// are dense).
public enum Identity {
  /// Ids rise by 1: each is published once, in order, and a hole is a gap.
  DENSE,
  /// A number rises from event to event, with holes: each is published once, in order.
  ORDERED,
  /// Ids without an order: each is published once.
  UNIQUE,
  /// Nothing: one line is published, and the others wait.
  NONE;

  /// @param proof of the channel; null for one that the source does not have
  public static Identity of(@Nullable Proof proof) {
    if (proof == null || !proof.identity()) {
      return NONE;
    }
    if (!proof.ordered()) {
      return UNIQUE;
    }
    return proof.dense() ? DENSE : ORDERED;
  }
}

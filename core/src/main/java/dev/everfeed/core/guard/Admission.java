package dev.everfeed.core.guard;

import dev.everfeed.core.model.Failure;
import org.jspecify.annotations.Nullable;

/// A guard's answer to one call that wants to be made.
///
/// @param permit  to be given back with the outcome, exactly once; -1 when refused
/// @param refused why the call must not be made, null when it may
public record Admission(long permit, @Nullable Failure refused) {

  public Admission {
    if ((permit < 0) != (refused != null)) {
      throw new IllegalArgumentException(
          "an admission has a permit or a reason for refusal, had permit " + permit + " and "
              + refused);
    }
  }

  public boolean admitted() {
    return refused == null;
  }
}

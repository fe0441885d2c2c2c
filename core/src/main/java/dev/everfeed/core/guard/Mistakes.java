package dev.everfeed.core.guard;

import java.util.StringJoiner;

/// Collects what is wrong with a policy, so that all of it is reported at once.
final class Mistakes {
  private final StringJoiner found = new StringJoiner("; ");

  Mistakes unless(boolean right, String field, String allowed, Object was) {
    if (!right) {
      found.add(field + ": must be " + allowed + ", was " + was);
    }
    return this;
  }

  Mistakes within(String field, long value, long least, long most) {
    return unless(value >= least && value <= most, field, least + " to " + most, value);
  }

  Mistakes positive(String field, long nanos) {
    return unless(nanos > 0, field, "longer than 0 ns", nanos + " ns");
  }

  void refuse() {
    if (found.length() > 0) {
      throw new IllegalArgumentException(found.toString());
    }
  }
}

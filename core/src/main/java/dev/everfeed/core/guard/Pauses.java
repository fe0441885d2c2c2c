package dev.everfeed.core.guard;

/// How long a source is left alone when it refuses calls without saying until when: a first
/// pause, doubled each time that a call made after the last pause is refused again, up to a
/// longest one. Calls refused together, because they were out at the same time, are one
/// refusal.
final class Pauses {
  private final long firstNanos;
  private final long longestNanos;
  private long lastNanos;
  private long lastEndNanos = Long.MIN_VALUE;

  Pauses(long firstNanos, long longestNanos) {
    this.firstNanos = firstNanos;
    this.longestNanos = longestNanos;
  }

  /// The length of the pause that begins now.
  ///
  /// @param askedNanos      what the source asked for, 0 when it did not say
  /// @param admittedAtNanos when the refused call was made
  long next(long askedNanos, long admittedAtNanos, long nowNanos) {
    if (lastNanos == 0) {
      lastNanos = firstNanos;
    } else if (admittedAtNanos >= lastEndNanos) {
      lastNanos = Math.min(longestNanos, lastNanos * 2);
    }
    long nanos = askedNanos > 0 ? askedNanos : lastNanos;
    lastEndNanos = Math.max(lastEndNanos, nowNanos + nanos);
    return nanos;
  }

  /// A call was answered: when it was made after the last pause, the next one is the first
  /// again.
  void succeeded(long admittedAtNanos) {
    if (admittedAtNanos >= lastEndNanos) {
      lastNanos = 0;
    }
  }
}

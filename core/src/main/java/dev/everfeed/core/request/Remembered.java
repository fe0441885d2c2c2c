package dev.everfeed.core.request;

import dev.everfeed.core.model.Served;

/// Something that was answered before.
///
/// @param knownAtNanos when it was known to be so, for the last time: of bars put together the
///     oldest reception of those that may have changed since (the newest one, and all that were
///     not complete), else when it was received. Monotonic; negative when that was before this
///     process began.
record Remembered(Served served, long knownAtNanos) {
  /// All of it was received at the same time.
  static Remembered of(Served served) {
    return new Remembered(served, served.receivedAtNanos());
  }
}

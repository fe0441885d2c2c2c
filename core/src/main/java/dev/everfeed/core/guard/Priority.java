package dev.everfeed.core.guard;

/// Who wants a call, the most urgent first. When a source's weight budget is short, the later
/// ones wait (DESIGN section 7).
public enum Priority {
  /// Repairs a stream after a failover.
  FAILOVER_REFILL,
  /// Somebody waits for the answer.
  USER,
  /// The schedule keeps values fresh.
  REFRESH,
  /// History is filled in.
  BACKFILL
}

package dev.everfeed.core.engine;

/// A contract's way to another gateway: there while it moves.
final class Journey {
  final int to;

  /// Whether that one had to be connected first.
  final boolean begins;

  final long startedNanos;
  final long deadlineNanos;

  /// When everything was subscribed there.
  long subscribedNanos = Contract.NEVER;

  Journey(int to, boolean begins, long startedNanos, long deadlineNanos) {
    this.to = to;
    this.begins = begins;
    this.startedNanos = startedNanos;
    this.deadlineNanos = deadlineNanos;
  }
}

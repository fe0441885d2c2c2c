package dev.everfeed.hub.record;

/// One thing that a recorder noted, in the order in which it happened (docs/recording.md).
public sealed interface Recorded {

  /// By the machine's wall clock, nanoseconds of the epoch. It may step.
  long wallNanos();

  /// By the monotonic clock, nanoseconds since [RecordingHeader#startedAt]: what is computed
  /// with.
  long nanos();

  /// A message of the venue.
  ///
  /// @param connection over which it came; each has a number of its own, from 1 on
  /// @param bytes      as they came, never changed, and not compared
  @SuppressWarnings("ArrayRecordComponent")
  record Frame(long wallNanos, long nanos, int connection, byte[] bytes) implements Recorded {}

  /// A message to the venue.
  record Sent(long wallNanos, long nanos, int connection, String text) implements Recorded {}

  record Opened(long wallNanos, long nanos, int connection) implements Recorded {}

  /// What comes over the connection is published from now on, and before that what has come
  /// over it already. Before the opening of one that replaces nobody; recordings of an earlier
  /// Everfeed do not say it.
  record Delivers(long wallNanos, long nanos, int connection) implements Recorded {}

  /// @param reason by whom and why, for people
  record Closed(long wallNanos, long nanos, int connection, String reason) implements Recorded {}

  /// The gateway is in another state (`HEALTHY`, `CONNECTING`, `DISCONNECTED`).
  record Became(long wallNanos, long nanos, String from, String to, String reason)
      implements Recorded {}

  /// Frames that came here and are not in the recording, because the disk was too slow.
  record Lost(long wallNanos, long nanos, long frames, long bytes) implements Recorded {}

  /// The last one of a recording that was ended in order.
  ///
  /// @param frames in all parts, the deleted ones too
  record Ended(long wallNanos, long nanos, long frames, long lost) implements Recorded {}
}

package dev.everfeed.hub.journal;

/// Is told what the journal does: for metrics, log lines and events. Must be quick. What it
/// throws is logged.
public interface JournalListener {

  /// Nobody listens.
  JournalListener NONE = new JournalListener() {};

  /// A batch is on the disk. On the journal's thread.
  ///
  /// @param entries   in it
  /// @param bytes     of it
  /// @param syncNanos how long the fsync took
  default void synced(int entries, long bytes, long syncNanos) {}

  /// Entries were not accepted. On the thread that offered them, or the journal's, when they had
  /// been taken into the buffer.
  default void refused(int entries, String reason) {}

  /// Told once at each change. On the journal's thread.
  default void changed(Journal.Condition to, String reason) {}
}

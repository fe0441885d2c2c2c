package dev.everfeed.hub.journal;

import java.nio.ByteBuffer;

/// What a [LogReader] finds at its position.
public sealed interface Read {

  /// A record as it was appended.
  ///
  /// @param position     its name for ever
  /// @param payload      valid until the reader is asked for the next one; not to be written to
  /// @param nextPosition where to go on
  record Record(long position, ByteBuffer payload, long nextPosition) implements Read {}

  /// Positions whose records are lost: damaged on the disk, cut short, or their segment is gone.
  /// After a power cut it can be records that were never forced: where the disk kept a later one
  /// of them, and not the first.
  ///
  /// @param from   inclusive
  /// @param to     exclusive
  /// @param reason for people: what was found, and where
  record Lost(long from, long to, String reason) implements Read {}

  /// Everything that is durable has been read.
  record UpToDate(long position) implements Read {}
}

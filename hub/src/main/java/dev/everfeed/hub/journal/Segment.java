package dev.everfeed.hub.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;

/// One file of a log, as it is known without reading its records. Immutable.
///
/// @param base        position of its first byte
/// @param previousEnd end of the valid records before it, or [Format#UNKNOWN] when its header is
///     damaged
/// @param fileBytes   its length; of the segment that is appended to, what is synced of it
/// @param writtenAt   when it was last written to, as far as known: decides its age
record Segment(Path file, long base, long previousEnd, long fileBytes, Instant writtenAt) {

  static Segment of(Disk disk, Path file, long base) throws IOException {
    byte[] header = new byte[Format.SEGMENT_HEADER];
    ByteBuffer into = ByteBuffer.wrap(header);
    long length;
    try (Disk.Handle handle = disk.openToRead(file)) {
      length = handle.length();
      readHeader(handle, into);
    }
    long previousEnd = new Format().previousEnd(header, into.position(), base);
    return new Segment(file, base, previousEnd, length, disk.lastModified(file));
  }

  /// A header that the disk cannot give is a damaged one: the records may be whole.
  private static void readHeader(Disk.Handle handle, ByteBuffer into) {
    try {
      int read = 0;
      while (into.hasRemaining() && read >= 0) {
        read = handle.read(into, into.position());
      }
    } catch (IOException e) {
      into.position(0);
    }
  }

  boolean headerIsWhole() {
    return previousEnd != Format.UNKNOWN;
  }

  /// Where its first record is.
  long dataStart() {
    return base + Format.SEGMENT_HEADER;
  }

  /// The first position that the file has no byte of, at least [#dataStart].
  long fileEnd() {
    return Math.max(base + fileBytes, dataStart());
  }

  Segment grownTo(long end, Instant now) {
    return new Segment(file, base, previousEnd, end - base, now);
  }
}

package dev.everfeed.hub.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// What the log needs of a file system, and nothing more: so that a test can put a disk under
/// the real code which refuses, tears and forgets on command.
///
/// The promises it makes are those of POSIX: bytes are safe after [Handle#force], names after
/// [#syncDirectory]; before that a power cut may keep any part of them.
interface Disk {

  /// Makes the directory with its parents, unless it is there.
  void makeDirectory(Path directory) throws IOException;

  /// The names of the files in it, in no order.
  List<String> names(Path directory) throws IOException;

  /// Opens a file for reading only.
  Handle openToRead(Path file) throws IOException;

  /// Opens a file that is there for writing at its end.
  Handle openToWrite(Path file) throws IOException;

  /// Makes an empty file, or empties the one that is there.
  Handle create(Path file) throws IOException;

  /// Replaces `to` in one step.
  void rename(Path from, Path to) throws IOException;

  /// Deletes the file if it is there.
  void delete(Path file) throws IOException;

  void syncDirectory(Path directory) throws IOException;

  /// Bytes that this process may still write to the store under this directory.
  long usableBytes(Path directory) throws IOException;

  Instant lastModified(Path file) throws IOException;

  /// One open file. Not for two threads at once.
  interface Handle extends Closeable {
    /// @return how many bytes were read, -1 at the end of the file
    int read(ByteBuffer into, long offset) throws IOException;

    /// Writes all of it, or throws.
    void write(ByteBuffer from, long offset) throws IOException;

    /// Returns when the bytes and the length are on the disk.
    void force() throws IOException;

    void truncate(long length) throws IOException;

    long length() throws IOException;
  }
}

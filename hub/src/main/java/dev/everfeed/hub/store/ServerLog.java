package dev.everfeed.hub.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// `server.log`: what the server says. The server appends to it, so it can be emptied beneath
/// it.
///
/// At most twice [#MAX_BYTES] and what is written between two calls of [#bound]: this file and
/// the one before it, `server.log.1`.
final class ServerLog {
  static final long MAX_BYTES = 4 << 20;
  private static final int TAIL_BYTES = 2 << 10;

  private final Path file;

  ServerLog(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  long size() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  void bound() throws IOException {
    if (size() > MAX_BYTES) {
      Files.copy(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
    }
  }

  /// The end of what was written after a position.
  String tailAfter(long position) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long from = Math.max(Math.min(position, size), size - TAIL_BYTES);
      ByteBuffer bytes = ByteBuffer.allocate((int) (size - from));
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // the file may shrink beneath us: then there is less
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      return "(%s cannot be read: %s)".formatted(file, unreadable);
    }
  }

  String lastLine() {
    String tail = tailAfter(0);
    return tail.substring(tail.lastIndexOf('\n') + 1);
  }
}

package dev.everfeed.hub.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file of the [StandingBook]: read as a whole, and replaced as a whole, so that it is either
/// the one before or the new one, whenever the machine stops. Blocks; for one thread at a time.
final class StandingFile {
  private static final Logger LOG = LoggerFactory.getLogger("everfeed.failover");
  private static final String NAME = "standing-orders.json";

  private final Path folder;

  StandingFile(Path folder) {
    this.folder = folder;
  }

  Path path() {
    return folder.resolve(NAME);
  }

  /// Null when there is none.
  @Nullable
  String read() throws IOException {
    try {
      return Files.readString(path());
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  void write(String text) throws IOException {
    Path next = folder.resolve(NAME + ".new");
    try (FileChannel channel = FileChannel.open(
        next,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(next, path(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /// What cannot be read is kept for people, and not read again.
  void putAside() {
    try {
      Files.move(path(), folder.resolve(NAME + ".damaged"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.error("control: {} cannot be put aside: {}", path(), e.toString());
    }
  }
}

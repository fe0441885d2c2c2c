package dev.everfeed.hub.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/// A folder in memory where the machine has one (Linux: `/dev/shm`), else on the disk as usual.
///
/// For tests of what is written, in what order, and what is found of it: they wait for a disk tens
/// of thousands of times, and learn nothing from it.
final class MemoryFolder implements TempDirFactory {
  private static final Path MEMORY = Path.of("/dev/shm");

  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
      throws IOException {
    return Files.isWritable(MEMORY)
        ? Files.createTempDirectory(MEMORY, "everfeed")
        : Files.createTempDirectory("everfeed");
  }
}

package dev.everfeed.hub.journal;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file `id` of a journal's directory.
final class JournalId {
  private static final Logger LOG = LoggerFactory.getLogger(JournalId.class);
  private static final String NAME = "id";

  private JournalId() {}

  /// Reads it, or makes one. A damaged one is replaced: to the database this is another journal
  /// then, which it reads from the local offset on.
  static UUID of(Disk disk, Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    try {
      return UUID.fromString(Offsets.text(disk, file).strip());
    } catch (NoSuchFileException e) {
      LOG.debug("journal {}: has no id yet", directory);
    } catch (IllegalArgumentException e) {
      LOG.warn("journal {}: its id cannot be read ({}), it gets a new one", directory, e);
    }
    UUID made = UUID.randomUUID();
    Offsets.writeWhole(disk, file, made + "\n");
    return made;
  }
}

package dev.everfeed.hub.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// How far each named reader has come: one small file `NAME.offset` a reader, replaced in one
/// step and synced before anybody relies on it.
///
/// The file is a line of text, `EVFDOFF1 POSITION CHECKSUM`, both numbers in fixed width. From
/// any thread; one thread at a time for each name.
final class Offsets {
  private static final String SUFFIX = ".offset";
  private static final String MAGIC = "EVFDOFF1";
  private static final int LONGEST = 64;

  private final Disk disk;
  private final Path directory;
  private final Map<String, Long> committed = new ConcurrentHashMap<>();
  private final List<String> damaged = new ArrayList<>();

  private Offsets(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  static Offsets read(Disk disk, Path directory, List<String> names) throws IOException {
    Offsets offsets = new Offsets(disk, directory);
    for (String name : names) {
      if (name.endsWith(SUFFIX)) {
        String reader = name.substring(0, name.length() - SUFFIX.length());
        Long position = position(disk, directory.resolve(name));
        if (position == null) {
          offsets.damaged.add(reader);
          offsets.committed.put(reader, 0L); // needs everything that there is
        } else {
          offsets.committed.put(reader, position);
        }
      }
    }
    return offsets;
  }

  /// Readers whose file could not be read: they begin at the oldest record.
  List<String> damaged() {
    return Collections.unmodifiableList(damaged);
  }

  @Nullable
  Long of(String reader) {
    return committed.get(reader);
  }

  boolean isEmpty() {
    return committed.isEmpty();
  }

  /// The least of all, `Long.MAX_VALUE` without readers.
  long least() {
    return committed.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
  }

  /// The greatest of all, 0 without readers.
  long greatest() {
    return committed.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  /// Who holds the log back: `drain at 4,096`.
  String describeLeast() {
    return committed.entrySet().stream()
        .min(Map.Entry.comparingByValue())
        .map(slowest -> "reader %s is at %,d".formatted(slowest.getKey(), slowest.getValue()))
        .orElse("no reader needs it");
  }

  /// Returns when the position is durable.
  void commit(String reader, long position) throws IOException {
    String line = line(position);
    Path file = directory.resolve(reader + SUFFIX);
    writeWhole(disk, file, line);
    committed.put(reader, position);
  }

  void forget(String reader) throws IOException {
    disk.delete(directory.resolve(reader + SUFFIX));
    disk.syncDirectory(directory);
    committed.remove(reader);
  }

  /// Replaces a small file so that either the old or the new text is there, whatever happens.
  static void writeWhole(Disk disk, Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + Format.UNFINISHED);
    try (Disk.Handle handle = disk.create(temporary)) {
      handle.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
      handle.force();
    }
    disk.rename(temporary, file);
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      disk.syncDirectory(directory);
    }
  }

  /// The text of a small file, at most 64 bytes of it.
  static String text(Disk disk, Path file) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(LONGEST);
    try (Disk.Handle handle = disk.openToRead(file)) {
      int read = 0;
      while (into.hasRemaining() && read >= 0) {
        read = handle.read(into, into.position());
      }
    }
    return new String(into.array(), 0, into.position(), StandardCharsets.UTF_8);
  }

  private static String line(long position) {
    String number = "%020d".formatted(position);
    return "%s %s %08x\n".formatted(MAGIC, number, checksum(number));
  }

  private static @Nullable Long position(Disk disk, Path file) {
    try {
      return parse(text(disk, file));
    } catch (IOException e) {
      return null; // as good as damaged, and told as such
    }
  }

  private static @Nullable Long parse(String text) {
    String[] words = text.strip().split(" ");
    if (words.length != 3 || !words[0].equals(MAGIC) || !words[1].matches("[0-9]{20}")) {
      return null;
    }
    try {
      long position = Long.parseLong(words[1]);
      return text.equals(line(position)) ? position : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static int checksum(String number) {
    byte[] bytes = number.getBytes(StandardCharsets.US_ASCII);
    return new Format().crcOf(bytes, 0, bytes.length);
  }
}

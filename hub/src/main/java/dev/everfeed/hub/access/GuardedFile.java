package dev.everfeed.hub.access;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// Reads files that must not be anybody's.
final class GuardedFile {
  /// Who is neither the owner nor of the group has nothing to do with it, and the group may only
  /// read: services are often given a key through their group.
  private static final Set<PosixFilePermission> FORBIDDEN = EnumSet.of(
      PosixFilePermission.GROUP_WRITE,
      PosixFilePermission.OTHERS_READ,
      PosixFilePermission.OTHERS_WRITE,
      PosixFilePermission.OTHERS_EXECUTE);

  private GuardedFile() {}

  /// What changes when a file does, also when it is replaced within a tick of its clock.
  record Mark(Object key, long modified, long size) {
    static final Mark ABSENT = new Mark("absent", 0, 0);

    static Mark of(Path file) {
      try {
        BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
        Object key = seen.fileKey();
        return new Mark(
            key == null ? "there" : key.toString(),
            seen.lastModifiedTime().toMillis(),
            seen.size());
      } catch (IOException e) {
        return ABSENT;
      }
    }
  }

  /// @param what what it is, for messages
  /// @param most bytes
  /// @throws NoSuchFileException when there is none
  /// @throws AccessException when others may read or change it, or it is too large
  static String read(Path file, String what, int most) throws IOException, AccessException {
    refuseOpen(file, what);
    long size = Files.size(file);
    if (size > most) {
      throw new AccessException(
          "%s %s: may have %,d bytes, has %,d".formatted(what, file, most, size));
    }
    return Files.readString(file);
  }

  /// @throws AccessException when others may read or change it
  static void refuseOpen(Path file, String what) throws IOException, AccessException {
    FileStore store = Files.getFileStore(file);
    if (!store.supportsFileAttributeView("posix")) {
      return;
    }
    Set<PosixFilePermission> seen = Files.getPosixFilePermissions(file);
    if (seen.stream().anyMatch(FORBIDDEN::contains)) {
      throw new AccessException(
          "%s %s: others must not be able to read or change it, its permissions are %s; chmod 600 %s"
              .formatted(what, file, PosixFilePermissions.toString(seen), file));
    }
  }
}

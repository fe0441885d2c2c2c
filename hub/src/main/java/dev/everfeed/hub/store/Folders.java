package dev.everfeed.hub.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Folders with permissions that do not depend on the umask, and durable names in them.
final class Folders {
  static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

  /// Others may reach what they know the name of, and see no names.
  static final Set<PosixFilePermission> PASSABLE = PosixFilePermissions.fromString("rwx--x--x");

  static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");

  private Folders() {}

  /// Makes a folder, not its parents, unless it is there.
  ///
  /// @return whether it was made; a folder that was there keeps its permissions
  static boolean create(Path folder, Set<PosixFilePermission> permissions) throws IOException {
    if (Files.isDirectory(folder)) {
      return false;
    }
    Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
    Files.setPosixFilePermissions(folder, permissions);
    return true;
  }

  /// Deletes a tree if it is there; links are deleted, not followed.
  static void delete(Path tree) throws IOException {
    if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(tree, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        Files.delete(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
          throws IOException {
        if (failure != null) {
          throw failure;
        }
        Files.delete(folder);
        return FileVisitResult.CONTINUE;
      }
    });
  }

  /// Makes names that were given or taken in a folder survive a power failure.
  static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// A file system's complaint in words: Java's own text for a refusal is only the path.
  static String cause(IOException failure) {
    if (failure instanceof AccessDeniedException denied) {
      return "%s: permission denied".formatted(denied.getFile());
    }
    if (failure instanceof FileSystemException named && named.getReason() == null) {
      return "%s: %s".formatted(named.getFile(), named.getClass().getSimpleName());
    }
    return String.valueOf(failure.getMessage());
  }
}

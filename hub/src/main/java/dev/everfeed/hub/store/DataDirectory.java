package dev.everfeed.hub.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The folder that a hub keeps everything in, and the lock that keeps a second hub out of it.
///
/// The lock is the operating system's, on `hub.lock`: it goes with the process, however that
/// ends. The file holds the process's number, for the message to the second hub; it says
/// nothing about whether the lock is held.
///
/// A folder that is made here is for the hub's user alone (0700). Where that is root, others
/// may pass through it (0711), since the embedded server runs as somebody else; what is private
/// in it has 0700 of its own ([#privateFolder]). A folder that was there keeps its permissions.
public final class DataDirectory implements AutoCloseable {
  private static final String LOCK = "hub.lock";
  private static final String EPOCH = "epoch";

  /// The directories this process holds. The operating system's lock is the process's: it keeps
  /// out others only, and closing a second channel to the file would give it up.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private DataDirectory(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /// Makes the folder if it is not there, and takes the lock.
  ///
  /// @throws DataDirectoryInUseException if another hub has it
  /// @throws IOException if it cannot be made or written; the message names the path
  public static DataDirectory open(Path directory) throws IOException, DataDirectoryInUseException {
    Path path = make(directory.toAbsolutePath().normalize());
    if (!HELD.add(path)) {
      throw new DataDirectoryInUseException(
          path, OptionalLong.of(ProcessHandle.current().pid()));
    }
    boolean opened = false;
    try {
      Path file = path.resolve(LOCK);
      FileChannel channel = FileChannel.open(
          file,
          Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw new DataDirectoryInUseException(path, holder(channel));
        }
        channel.truncate(0);
        channel.write(StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + "\n"), 0);
        opened = true;
        return new DataDirectory(path, channel, lock);
      } finally {
        if (!opened) {
          channel.close();
        }
      }
    } catch (IOException failure) {
      throw new IOException(
          "data directory %s: its lock cannot be taken: %s".formatted(path, Folders.cause(failure)),
          failure);
    } finally {
      if (!opened) {
        HELD.remove(path);
      }
    }
  }

  private static Path make(Path directory) throws IOException {
    try {
      if (!Files.isDirectory(directory)) {
        Path parent = directory.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Folders.create(directory, Folders.PRIVATE);
        if (ServerAccount.ownUid(directory) == 0) {
          Files.setPosixFilePermissions(directory, Folders.PASSABLE);
        }
      }
      return directory.toRealPath();
    } catch (IOException failure) {
      throw new IOException(
          "data directory %s: cannot be made: %s".formatted(directory, Folders.cause(failure)),
          failure);
    }
  }

  /// Who has a folder now, without taking it and without changing anything.
  ///
  /// @return empty when nobody has it, or it is not there; a number of -1 when its holder is not
  ///     known
  /// @throws IOException when it cannot be found out; the message names the path
  public static OptionalLong heldBy(Path directory) throws IOException {
    Path file = directory.resolve(LOCK);
    if (!Files.exists(file)) {
      return OptionalLong.empty();
    }
    if (HELD.contains(directory.toRealPath())) {
      // Opening and closing the file would give this process's lock up.
      return OptionalLong.of(ProcessHandle.current().pid());
    }
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null ? OptionalLong.of(holder(channel).orElse(-1)) : OptionalLong.empty();
    } catch (IOException failure) {
      throw new IOException(
          "data directory %s: its lock cannot be looked at: %s"
              .formatted(directory, Folders.cause(failure)),
          failure);
    }
  }

  private static OptionalLong holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(24);
    channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
    return pid.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(pid)) : OptionalLong.empty();
  }

  /// The folder, absolute and without links.
  public Path path() {
    return path;
  }

  /// Makes a folder in it that only the hub's user can enter, unless it is there.
  public Path privateFolder(String name) throws IOException {
    Path folder = path.resolve(name);
    try {
      Folders.create(folder, Folders.PRIVATE);
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
      if (!permissions.equals(Folders.PRIVATE)) {
        Files.setPosixFilePermissions(folder, Folders.PRIVATE);
      }
      return folder;
    } catch (IOException failure) {
      throw new IOException(
          "data directory %s: %s cannot be made: %s".formatted(path, name, Folders.cause(failure)),
          failure);
    }
  }

  /// The number of this start of the hub, larger than that of each start before in this folder,
  /// also when the clock was set back meanwhile. It is on the disk when this returns; what
  /// cannot be read as a number is taken for none.
  ///
  /// @param now milliseconds since 1970, which it is where the clock has not been set back
  /// @throws IOException if it cannot be written; the message names the path
  public long nextEpoch(long now) throws IOException {
    Path file = path.resolve(EPOCH);
    try {
      long epoch = Math.max(now, lastEpoch(file) + 1);
      Path fresh = path.resolve(EPOCH + ".new");
      try (FileChannel to = FileChannel.open(
          fresh,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE)) {
        to.write(StandardCharsets.UTF_8.encode(epoch + "\n"));
        to.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel folder = FileChannel.open(path, StandardOpenOption.READ)) {
        folder.force(true); // the new name, too
      }
      return epoch;
    } catch (IOException failure) {
      throw new IOException(
          "data directory %s: %s cannot be written: %s"
              .formatted(path, EPOCH, Folders.cause(failure)),
          failure);
    }
  }

  private static long lastEpoch(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) > 100) {
      return 0;
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  /// Gives the lock back. The file stays: deleting it would let two hubs lock two files by the
  /// same name.
  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException alreadyClosed) {
      // Its channel was closed: then the lock is gone.
    } finally {
      try {
        channel.close();
      } catch (IOException gone) {
        // Nothing is written through it any more.
      }
      HELD.remove(path);
    }
  }
}

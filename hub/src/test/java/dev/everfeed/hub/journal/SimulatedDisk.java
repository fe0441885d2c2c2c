package dev.everfeed.hub.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A disk in memory that fails on command and forgets at a power cut: of what was not synced,
/// any part of every write may survive, and of the changes of the directory the first few.
///
/// A failed force drops its pages and says so once, as Linux does: a later force of the same
/// file succeeds and the bytes are not on the disk.
final class SimulatedDisk implements Disk {
  private static final int SECTOR = 16;

  private static final class File {
    byte[] seen = new byte[0];
    byte[] safe = new byte[0];
    final List<Change> unsynced = new ArrayList<>();
  }

  /// A write, or (with `bytes` null) a truncation to `offset`.
  private record Change(long offset, byte @Nullable [] bytes) {}

  private final RandomGenerator random;
  private TreeMap<String, File> names = new TreeMap<>();
  private TreeMap<String, File> safeNames = new TreeMap<>();
  private final List<TreeMap<String, File>> unsyncedNames = new ArrayList<>();
  private int life;

  /// The process that uses it is gone: nothing it still tries has an effect.
  boolean dead;

  /// Bytes that fit on it.
  long capacity = Long.MAX_VALUE;

  int writesToFail;
  int forcesToFail;
  int truncatesToFail;
  boolean readOnly;

  /// Reads that touch this offset of any file fail.
  long unreadableOffset = -1;

  /// Called before each force: where a test holds the writer up.
  Runnable beforeForce = () -> {};

  int forces;

  SimulatedDisk(RandomGenerator random) {
    this.random = random;
  }

  /// The process is gone, the machine goes on: what was written is there.
  void kill() {
    life++;
  }

  void cutPower() {
    life++;
    int kept = random.nextInt(unsyncedNames.size() + 1);
    TreeMap<String, File> now = kept == 0 ? safeNames : unsyncedNames.get(kept - 1);
    for (File file : now.values()) {
      for (Change change : file.unsynced) {
        file.safe = applied(file.safe, change, random);
      }
      file.unsynced.clear();
      file.seen = file.safe;
    }
    names = new TreeMap<>(now);
    safeNames = new TreeMap<>(now);
    unsyncedNames.clear();
  }

  /// A copy that shares nothing: what a test damages.
  SimulatedDisk copy() {
    SimulatedDisk copy = new SimulatedDisk(random);
    names.forEach((name, file) -> copy.put(name, file.seen));
    return copy;
  }

  byte[] bytes(String name) {
    return at(name).seen.clone();
  }

  void put(String name, byte[] bytes) {
    File file = new File();
    file.seen = bytes.clone();
    file.safe = bytes.clone();
    names.put(name, file);
    safeNames.put(name, file);
  }

  void remove(String name) {
    names.remove(name);
    safeNames.remove(name);
  }

  List<String> segments() {
    return names.keySet().stream().filter(name -> name.endsWith(".log")).toList();
  }

  private File at(String name) {
    File file = names.get(name);
    if (file == null) {
      throw new AssertionError("no file " + name + " among " + names.keySet());
    }
    return file;
  }

  private static byte[] applied(byte[] before, Change change, @Nullable RandomGenerator torn) {
    byte[] bytes = change.bytes();
    if (torn != null && torn.nextInt(3) == 0) {
      return before;
    }
    if (bytes == null) {
      return Arrays.copyOf(before, (int) Math.min(before.length, change.offset()));
    }
    int end = (int) change.offset() + bytes.length;
    if (torn != null && torn.nextBoolean()) {
      end = (int) change.offset() + torn.nextInt(bytes.length + 1);
    }
    byte[] after = Arrays.copyOf(before, Math.max(before.length, end));
    for (int i = (int) change.offset(); i < end; i++) {
      if (torn != null && i % SECTOR == 0 && torn.nextInt(6) == 0) {
        i += SECTOR - 1; // a sector that did not make it
        continue;
      }
      after[i] = bytes[i - (int) change.offset()];
    }
    return after;
  }

  private void alive() throws IOException {
    if (dead) {
      throw new IOException("simulated: this process is gone");
    }
  }

  private void namesChange() throws IOException {
    alive();
    if (readOnly) {
      throw new IOException("Read-only file system");
    }
  }

  private void namesChanged() {
    unsyncedNames.add(new TreeMap<>(names));
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  @Override
  public void makeDirectory(Path directory) {}

  @Override
  public List<String> names(Path directory) {
    return new ArrayList<>(names.descendingKeySet());
  }

  @Override
  public Handle openToRead(Path file) throws IOException {
    alive();
    File found = names.get(name(file));
    if (found == null) {
      throw new NoSuchFileException(file.toString());
    }
    return new Open(found, life);
  }

  @Override
  public Handle openToWrite(Path file) throws IOException {
    namesChange();
    return openToRead(file);
  }

  @Override
  public Handle create(Path file) throws IOException {
    namesChange();
    File created = new File();
    names.put(name(file), created);
    namesChanged();
    return new Open(created, life);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    namesChange();
    File file = names.remove(name(from));
    if (file == null) {
      throw new NoSuchFileException(from.toString());
    }
    names.put(name(to), file);
    namesChanged();
  }

  @Override
  public void delete(Path file) throws IOException {
    namesChange();
    names.remove(name(file));
    namesChanged();
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    alive();
    if (forcesToFail > 0) {
      forcesToFail--;
      throw new IOException("simulated: sync of the directory failed");
    }
    safeNames = new TreeMap<>(names);
    unsyncedNames.clear();
  }

  private long used() {
    return names.values().stream().mapToLong(file -> file.seen.length).sum();
  }

  @Override
  public long usableBytes(Path directory) {
    return capacity - used();
  }

  @Override
  public Instant lastModified(Path file) {
    return Instant.EPOCH;
  }

  private final class Open implements Handle {
    private final File file;
    private final int opened;

    Open(File file, int opened) {
      this.file = file;
      this.opened = opened;
    }

    private void check() throws IOException {
      if (opened != life) {
        throw new IOException("simulated: this process is gone");
      }
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
      if (offset >= file.seen.length) {
        return -1;
      }
      int bytes = (int) Math.min(into.remaining(), file.seen.length - offset);
      if (unreadableOffset >= offset && unreadableOffset < offset + bytes) {
        throw new IOException("Input/output error");
      }
      into.put(file.seen, (int) offset, bytes);
      return bytes;
    }

    @Override
    public void write(ByteBuffer from, long offset) throws IOException {
      check();
      long room = capacity - used() - Math.max(0, offset - file.seen.length);
      boolean fails = writesToFail > 0 || from.remaining() > room;
      byte[] bytes = new byte[from.remaining()];
      from.get(bytes);
      if (fails) {
        int some = (int) Math.max(0, Math.min(room, random.nextInt(bytes.length + 1)));
        bytes = Arrays.copyOf(bytes, some);
      }
      Change change = new Change(offset, bytes);
      file.seen = applied(file.seen, change, null);
      file.unsynced.add(change);
      if (fails) {
        writesToFail = Math.max(0, writesToFail - 1);
        throw new IOException("No space left on device");
      }
    }

    @Override
    public void force() throws IOException {
      check();
      beforeForce.run();
      check();
      forces++;
      if (forcesToFail > 0) {
        forcesToFail--;
        for (Change change : file.unsynced) {
          file.safe = applied(file.safe, change, random);
        }
        file.unsynced.clear();
        throw new IOException("Input/output error");
      }
      for (Change change : file.unsynced) {
        file.safe = applied(file.safe, change, null);
      }
      file.unsynced.clear();
    }

    @Override
    public void truncate(long length) throws IOException {
      check();
      if (truncatesToFail > 0) {
        truncatesToFail--;
        throw new IOException("simulated: the truncation failed");
      }
      Change change = new Change(length, null);
      file.seen = applied(file.seen, change, null);
      file.unsynced.add(change);
    }

    @Override
    public long length() {
      return file.seen.length;
    }

    @Override
    public void close() {}
  }
}

package dev.everfeed.hub.record;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Writes a recording, in blocks that are each checked and read by themselves, to files whose
/// sizes together have a bound (docs/recording.md).
///
/// Into a folder it goes in parts, `ID.0001.ndjson.gz` and on, of an eighth of the bound each,
/// and before the bound is reached the oldest part is deleted: what is left is the newest. Only
/// parts of this recording are ever deleted. Into one file it goes until that is full.
///
/// Owned by one thread.
public final class RecordingWriter implements Closeable {
  /// How the files of recordings end.
  public static final String SUFFIX = ".ndjson.gz";

  private static final int PARTS = 8;

  /// The bounds.
  ///
  /// @param maxBytes     of all files of this recording together
  /// @param blockBytes   of text, after which a block is written
  /// @param blockNanos   or after this time since its first line: what a crash may cost
  /// @param minFreeBytes that stay free on the disk: with less the recording ends
  public record Limits(long maxBytes, int blockBytes, long blockNanos, long minFreeBytes) {
    /// Less would not hold the largest message twice.
    public static final long LEAST = 16L << 20;

    /// Blocks of 256 KiB or a second; 256 MiB stay free.
    public static Limits of(long maxBytes) {
      return new Limits(maxBytes, 256 << 10, 1_000_000_000L, 256L << 20);
    }

    public Limits {
      if (maxBytes < 1 || blockBytes < 1 || blockNanos < 0 || minFreeBytes < 0) {
        throw new IllegalArgumentException(
            "a recording has at least 1 byte in blocks of at least 1, was %d in %d"
                .formatted(maxBytes, blockBytes));
      }
    }
  }

  private final Path out;
  private final boolean single;
  private final RecordingHeader header;
  private final Limits limits;
  private final Lines block = new Lines();
  private final Deque<Part> parts = new ArrayDeque<>();
  private long blockBeganNanos;
  private long bytes;
  private int lastPart;
  private long deletedParts;
  private @Nullable FileChannel file;
  private Recorded.@Nullable Became state;

  /// The connections that are there: that each was opened, or that it delivers.
  private final SequencedMap<Integer, Recorded> connections = new LinkedHashMap<>();

  private long frames;
  private long framesInBlock;
  private volatile @Nullable String full;
  private volatile Written written = new Written(0, 0, 0, 0);

  /// What is in the files.
  ///
  /// @param frames       that were written, also those of parts that were deleted since
  /// @param bytes        of all files that are there
  /// @param parts        that are there
  /// @param deletedParts that had to make room
  public record Written(long frames, long bytes, int parts, long deletedParts) {}

  private static final class Part {
    final Path path;
    long bytes;

    Part(Path path) {
      this.path = path;
    }
  }

  /// Begins a recording; its first file is there when this returns.
  ///
  /// @param out a folder, which is made when it is not there, or a file whose name ends with
  ///     [#SUFFIX] and which is not there yet
  /// @throws RecordingException when there is such a file, or none can be made
  public RecordingWriter(Path out, RecordingHeader header, Limits limits)
      throws RecordingException {
    this.out = out;
    this.single = isFile(out);
    this.header = header;
    this.limits = limits;
    try {
      Path folder = single ? out.toAbsolutePath().getParent() : out;
      if (folder != null) {
        Files.createDirectories(folder);
      }
      beginPart();
      writeBlock();
    } catch (FileAlreadyExistsException e) {
      throw new RecordingException(
          "record: %s is there already, and recordings are never written over; name another --out"
              .formatted(e.getMessage()),
          e);
    } catch (IOException e) {
      throw new RecordingException("record: cannot write to %s: %s".formatted(out, e), e);
    }
    String refused = full;
    if (refused != null) {
      throw new RecordingException(refused);
    }
  }

  /// Whether a recording would go into one file of this name.
  public static boolean isFile(Path out) {
    return out.toString().endsWith(SUFFIX);
  }

  /// Notes what happened; on the disk it is with its block.
  ///
  /// @param nowNanos monotonic
  public void write(Recorded recorded, long nowNanos) throws IOException {
    if (full != null) {
      return;
    }
    if (block.length() == 0) {
      blockBeganNanos = nowNanos;
    }
    switch (recorded) {
      case Recorded.Became became -> state = became;
      case Recorded.Opened opened -> connections.putIfAbsent(opened.connection(), opened);
      case Recorded.Delivers delivers -> connections.put(delivers.connection(), delivers);
      case Recorded.Closed closed -> connections.remove(closed.connection());
      case Recorded.Frame _, Recorded.Sent _, Recorded.Lost _, Recorded.Ended _ -> {
        // nothing that a part needs to know of the one before it
      }
    }
    block.add(recorded);
    framesInBlock += recorded instanceof Recorded.Frame ? 1 : 0;
    if (block.length() >= limits.blockBytes()) {
      writeBlock();
    } else {
      timePassed(nowNanos);
    }
  }

  /// Writes a block that is old enough.
  public void timePassed(long nowNanos) throws IOException {
    if (block.length() > 0 && nowNanos - blockBeganNanos >= limits.blockNanos()) {
      writeBlock();
    }
  }

  /// For any thread.
  public Written written() {
    return written;
  }

  /// Why nothing more is written; null as long as it is. For any thread.
  public @Nullable String full() {
    return full;
  }

  private void writeBlock() throws IOException {
    if (full != null || block.length() == 0) {
      return;
    }
    byte[] packed = block.packed();
    block.clear();
    if (!single && current().bytes + packed.length > limits.maxBytes() / PARTS && hasBlocks()) {
      beginPart();
      byte[] begin = block.packed();
      block.clear();
      if (makeRoom(begin.length + packed.length)) {
        append(begin);
        append(packed);
        frames += framesInBlock;
      } else {
        abandonPart();
      }
    } else if (makeRoom(packed.length)) {
      append(packed);
      frames += framesInBlock;
    }
    framesInBlock = 0;
    written = new Written(frames, bytes, parts.size(), deletedParts);
  }

  /// The disk was full just as a part began: an empty file would be taken for a damaged one.
  private void abandonPart() throws IOException {
    FileChannel empty = file;
    file = null;
    if (empty != null) {
      empty.close();
    }
    Files.deleteIfExists(parts.removeLast().path);
  }

  private boolean hasBlocks() {
    return current().bytes > 0;
  }

  private Part current() {
    return parts.getLast();
  }

  /// The header, what the gateway's state was, and which connections there are go before
  /// everything else of a part: the parts before it may be deleted.
  private void beginPart() throws IOException {
    FileChannel before = file;
    if (before != null) {
      before.force(true);
      before.close();
    }
    lastPart++;
    Path path = single ? out : out.resolve("%s.%04d%s".formatted(header.id(), lastPart, SUFFIX));
    file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    parts.addLast(new Part(path));
    block.clear();
    block.add(header.ofPart(lastPart));
    Recorded.Became was = state;
    if (was != null) {
      block.add(was);
    }
    connections.values().forEach(block::add);
  }

  /// Deletes the oldest parts until so much more fits; false when it never will.
  private boolean makeRoom(int more) throws IOException {
    while (bytes + more > limits.maxBytes() && parts.size() > 1) {
      Part oldest = parts.removeFirst();
      Files.deleteIfExists(oldest.path);
      bytes -= oldest.bytes;
      deletedParts++;
    }
    if (bytes + more > limits.maxBytes()) {
      full = "record: %s is full: %,d of %,d bytes are used and %,d do not fit; the recording ends"
          .formatted(out, bytes, limits.maxBytes(), more);
      return false;
    }
    // Not by Files.getFileStore: it reads the list of mounts each time. 0 when it cannot be told.
    long free = current().path.toAbsolutePath().toFile().getParentFile().getUsableSpace();
    if (free - more < limits.minFreeBytes()) {
      full = "record: the disk of %s has %,d bytes left, and %,d must stay free; the recording ends"
          .formatted(out, free, limits.minFreeBytes());
      return false;
    }
    return true;
  }

  private void append(byte[] packed) throws IOException {
    FileChannel into = file;
    if (into == null) {
      throw new IOException("closed");
    }
    ByteBuffer rest = ByteBuffer.wrap(packed);
    while (rest.hasRemaining()) {
      into.write(rest);
    }
    bytes += packed.length;
    current().bytes += packed.length;
  }

  /// Writes what is left, and syncs it to the disk.
  @Override
  public void close() throws IOException {
    FileChannel open = file;
    if (open == null) {
      return;
    }
    try {
      writeBlock();
      FileChannel last = file;
      if (last != null) {
        last.force(true);
      }
    } finally {
      FileChannel last = file;
      file = null;
      if (last != null) {
        last.close();
      }
    }
  }
}

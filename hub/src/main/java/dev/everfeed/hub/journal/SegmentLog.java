package dev.everfeed.hub.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A log on the local disk that is only ever appended to, in segments (files) whose records
/// carry checksums. [Format] draws the bytes.
///
/// A record is named by its *position*, a logical byte offset that is never used twice, also
/// after torn tails and failed writes. What is appended counts after [#force] has returned, and
/// readers see it then. One thread appends, forces and releases; each reader belongs to one
/// thread; positions and sizes are for any thread. One process a directory: whoever opens it
/// sees to that.
///
/// After a failed write or fsync the segment is never synced again, because the kernel reports
/// pages that it dropped only once. It is cut back to what was synced before, and the log goes
/// on in a new segment beyond every position ever given. What was appended since the last force
/// is then gone, with one exception: when the cut fails as well and the process ends before
/// there is a new segment, the next start may find it.
///
/// A segment begins only after a force, so that what one force covers is in one file and can be
/// cut. It is longer than [Limits#segmentBytes] by at most that.
public final class SegmentLog implements Closeable {
  /// Beyond it there are no positions: 4 EiB would have been written.
  static final long MAX_POSITION = 1L << 62;

  private static final int BUFFER = 256 << 10;
  private static final int LEAST_BUFFER = 4 << 10;

  /// The bounds of a log.
  ///
  /// @param segmentBytes   a new segment begins once one is this long
  /// @param maxBytes       of all files, at least two segments
  /// @param keepFor        a segment that nobody needs is kept for this long, if there is room
  /// @param maxRecordBytes of one payload, at most 16 MiB
  /// @param minFreeBytes   nothing is appended when the disk has less room than this: others on
  ///     it, the database first of all, would stop for good
  public record Limits(
      long segmentBytes, long maxBytes, Duration keepFor, int maxRecordBytes, long minFreeBytes) {

    /// Segments of 64 MiB, records of at most 1 MiB.
    public Limits(long maxBytes, Duration keepFor, long minFreeBytes) {
      this(64L << 20, maxBytes, keepFor, 1 << 20, minFreeBytes);
    }

    public Limits {
      if (segmentBytes < 1 || segmentBytes > 1L << 30) {
        throw new IllegalArgumentException(
            "segmentBytes must be 1 to %d, was %d".formatted(1L << 30, segmentBytes));
      }
      if (maxBytes < 2 * segmentBytes) {
        throw new IllegalArgumentException("maxBytes must be at least two segments (%d), was %d"
            .formatted(2 * segmentBytes, maxBytes));
      }
      if (maxRecordBytes < 1 || maxRecordBytes > Format.MAX_PAYLOAD) {
        throw new IllegalArgumentException(
            "maxRecordBytes must be 1 to %d, was %d".formatted(Format.MAX_PAYLOAD, maxRecordBytes));
      }
      if (keepFor.isNegative() || minFreeBytes < 0) {
        throw new IllegalArgumentException(
            "keepFor and minFreeBytes must not be negative, were %s and %d"
                .formatted(keepFor, minFreeBytes));
      }
    }
  }

  /// What [#open] found.
  ///
  /// @param segments       files
  /// @param firstPosition  of the oldest record there may be
  /// @param endPosition    end of the last whole record
  /// @param cutFrom        where a torn tail began, if `cutBytes` is not 0
  /// @param cutBytes       its length, 0 for a log that was closed well
  /// @param damagedOffsets readers whose offset could not be read: they begin at the oldest
  ///     record
  /// @param remark         for a log line, empty when all was well
  public record Opened(
      int segments,
      long firstPosition,
      long endPosition,
      long cutFrom,
      long cutBytes,
      List<String> damagedOffsets,
      String remark) {}

  private final Disk disk;
  private final Path directory;
  private final Limits limits;
  private final InstantSource wall;
  private final ByteBuffer buffer;
  private final Offsets offsets;
  private final Opened opened;
  private final AtomicLong leastBase = new AtomicLong();
  private volatile View view;
  private volatile long end;
  private @Nullable SegmentWriter writer;

  private SegmentLog(Disk disk, Path directory, Limits limits, InstantSource wall)
      throws IOException {
    this.disk = disk;
    this.directory = directory;
    this.limits = limits;
    this.wall = wall;
    this.buffer =
        ByteBuffer.allocateDirect((int) Math.clamp(limits.segmentBytes(), LEAST_BUFFER, BUFFER));
    Found found = Found.in(disk, directory, buffer);
    this.offsets = found.offsets();
    this.opened = found.opened();
    this.writer = found.writer();
    this.view = found.view();
    this.end = view.durable();
    goOnFrom(offsets.greatest());
    for (Segment segment :
        view.segments().subList(0, Math.max(0, view.segments().size() - 1))) {
      goOnFrom(segment.fileEnd()); // at most the base of the next, unless somebody wrote to it
    }
  }

  /// Opens the log of a directory, or begins one.
  ///
  /// Reads the last segment to find the end of what was appended; a torn tail is left out, by
  /// going on in a new segment beyond it.
  ///
  /// @throws IOException when the directory cannot be made or read
  public static SegmentLog open(Path directory, Limits limits, InstantSource wall)
      throws IOException {
    return open(new FileDisk(), directory, limits, wall);
  }

  static SegmentLog open(Disk disk, Path directory, Limits limits, InstantSource wall)
      throws IOException {
    return new SegmentLog(disk, directory, limits, wall);
  }

  public Opened opened() {
    return opened;
  }

  /// Appends one record, which is not durable before [#force] returns.
  ///
  /// @param payload 1 to [Limits#maxRecordBytes] bytes; all of it is taken
  /// @return its position
  /// @throws LogFullException when there is no room; the log is as it was
  /// @throws IOException when the disk failed; everything since the last force is given up
  public long append(ByteBuffer payload) throws IOException {
    int length = payload.remaining();
    if (length < 1 || length > limits.maxRecordBytes()) {
      throw new IllegalArgumentException("log %s: a record has 1 to %,d bytes, had %,d; refused"
          .formatted(directory, limits.maxRecordBytes(), length));
    }
    int bytes = Format.RECORD_HEADER + length;
    SegmentWriter into = writer;
    if (end == view.durable()) {
      ensureRoom(bytes);
      into = writerForNext();
    } else {
      ensureBytes(bytes);
    }
    long position = end;
    try {
      Objects.requireNonNull(into).put(position, payload);
    } catch (IOException e) {
      throw givenUp(position + bytes, e);
    }
    end = position + bytes;
    return position;
  }

  /// Makes everything appended durable, and visible to readers.
  ///
  /// @throws IOException when the disk failed; everything since the last force is given up
  public void force() throws IOException {
    SegmentWriter current = writer;
    if (current == null || end == view.durable()) {
      return;
    }
    try {
      current.force();
    } catch (IOException e) {
      throw givenUp(end, e);
    }
    Segment last = view.segments().getLast();
    view = view.grownTo(last.grownTo(end, wall.instant()), end);
  }

  /// Gives up what was appended since the last force.
  void giveUp() {
    if (end != view.durable()) {
      givenUp(end, new IOException("given up by the writer"));
    }
  }

  /// Cuts the segment back and never touches it again.
  private IOException givenUp(long attempted, IOException cause) {
    long durable = view.durable();
    String done = "cut back to the last sync";
    SegmentWriter broken = writer;
    writer = null;
    end = durable;
    goOnFrom(attempted);
    if (broken != null) {
      try {
        broken.cut();
      } catch (IOException e) {
        cause.addSuppressed(e);
        done = "left behind, cutting it back failed too";
      }
    }
    return new IOException(
        "log %s: the disk failed (%s); %,d bytes from position %,d are given up, the segment is %s"
                .formatted(directory, cause, attempted - durable, durable, done)
            + ", and the next append begins a new one",
        cause);
  }

  /// Makes sure that `bytes` (payloads, and 12 for each) can be appended before the first of
  /// them is: releases what nobody needs, beginning with the oldest.
  ///
  /// @throws LogFullException when there is no room even then
  public void ensureRoom(long bytes) throws IOException {
    ensureBytes(bytes);
    long free = disk.usableBytes(directory);
    while (free - bytes < limits.minFreeBytes()) {
      if (!releaseOldest()) {
        throw new LogFullException("log %s: the disk has %,d bytes left, %,d must stay free, and %s"
                .formatted(directory, free, limits.minFreeBytes(), offsets.describeLeast())
            + "; %,d bytes are refused until there is room".formatted(bytes));
      }
      free = disk.usableBytes(directory);
    }
  }

  private void ensureBytes(long bytes) throws IOException {
    while (bytes() + bytes > limits.maxBytes()) {
      if (!releaseOldest()) {
        throw new LogFullException("log %s: %,d of %,d bytes are used, and %s"
                .formatted(directory, bytes(), limits.maxBytes(), offsets.describeLeast())
            + "; %,d bytes are refused until there is room".formatted(bytes));
      }
    }
  }

  private SegmentWriter writerForNext() throws IOException {
    Segment last = view.last();
    SegmentWriter current = writer;
    if (current != null
        && last != null
        && last.fileBytes() < limits.segmentBytes()
        && leastBase.get() <= end) {
      return current;
    }
    long base = Math.max(leastBase.get(), last == null ? 0 : last.fileEnd());
    if (current != null) {
      current.close();
      writer = null;
    }
    goOnFrom(base + Format.SEGMENT_HEADER); // no name is used twice, should making it fail
    SegmentWriter begun = SegmentWriter.begin(disk, directory, base, view.durable(), buffer);
    writer = begun;
    Path file = directory.resolve(Format.nameOf(base));
    view =
        view.with(new Segment(file, base, view.durable(), Format.SEGMENT_HEADER, wall.instant()));
    end = view.durable();
    return begun;
  }

  /// Deletes the segments that are older than [Limits#keepFor] and that no named reader needs.
  /// Called by the writer's thread, now and then.
  public void release() throws IOException {
    Instant before = wall.instant().minus(limits.keepFor());
    while (view.segments().size() > 1 && view.segments().getFirst().writtenAt().isBefore(before)) {
      if (!releaseOldest()) {
        return;
      }
    }
  }

  private boolean releaseOldest() throws IOException {
    View before = view;
    if (before.segments().size() < 2 || offsets.least() < before.limitOf(0)) {
      return false;
    }
    disk.delete(before.segments().getFirst().file());
    view = before.withoutFirst();
    disk.syncDirectory(directory);
    return true;
  }

  /// The reader of this name, where it last committed; a new name begins at the oldest record
  /// and keeps everything from there on from being released.
  ///
  /// @param name 1 to 32 of `a-z`, `0-9`, `_`
  public LogReader reader(String name) throws IOException {
    if (!name.matches("[a-z0-9_]{1,32}")) {
      throw new IllegalArgumentException(
          "reader name must match [a-z0-9_]{1,32}, was \"" + name + "\"");
    }
    Long committed = offsets.of(name);
    if (committed == null) {
      committed = firstPosition();
      offsets.commit(name, committed);
    }
    if (offsets.damaged().contains(name)) {
      committed = Math.max(committed, firstPosition());
    }
    return new LogReader(this, name, committed);
  }

  /// A reader that nothing is kept for.
  public LogReader readFrom(long position) {
    LogReader reader = new LogReader(this, null, 0);
    reader.seek(position);
    return reader;
  }

  /// Ends the rights of a named reader for good.
  public void forget(String name) throws IOException {
    offsets.forget(name);
  }

  /// Where the oldest record is, or would be.
  public long firstPosition() {
    return view.first();
  }

  /// The end of what was appended.
  public long endPosition() {
    return end;
  }

  /// The end of what is safe on the disk.
  public long durablePosition() {
    return view.durable();
  }

  /// Of all files, with what is appended and not forced.
  public long bytes() {
    View now = view;
    return now.bytes() + Math.max(0, end - now.durable());
  }

  public Limits limits() {
    return limits;
  }

  View view() {
    return view;
  }

  Disk disk() {
    return disk;
  }

  Offsets offsets() {
    return offsets;
  }

  /// The next segment begins at `position` or beyond. From any thread.
  void goOnFrom(long position) {
    if (position > MAX_POSITION) {
      throw new IllegalArgumentException("log %s: position must be at most %d, was %d"
          .formatted(directory, MAX_POSITION, position));
    }
    leastBase.accumulateAndGet(position, Math::max);
  }

  /// Forces what was appended, and closes the file. Readers stay usable.
  @Override
  public void close() throws IOException {
    force();
    SegmentWriter current = writer;
    writer = null;
    if (current != null) {
      current.close();
    }
  }
}

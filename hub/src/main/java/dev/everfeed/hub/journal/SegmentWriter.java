package dev.everfeed.hub.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Writes the records of one segment through a buffer. For one thread. Once it has thrown, it is
/// only cut and closed.
final class SegmentWriter implements Closeable {
  private final Disk disk;
  private final Path file;
  private final Disk.Handle handle;
  private final ByteBuffer buffer;
  private final Format format = new Format();
  private long writtenBytes;
  private long syncedBytes;

  /// @param buffer for this writer alone while it is open
  private SegmentWriter(
      Disk disk, Path file, Disk.Handle handle, ByteBuffer buffer, long syncedBytes) {
    this.disk = disk;
    this.file = file;
    this.handle = handle;
    this.buffer = buffer.clear();
    this.writtenBytes = syncedBytes;
    this.syncedBytes = syncedBytes;
  }

  /// Goes on with a segment that is there and whole. What an earlier process wrote and did not
  /// sync is synced.
  static SegmentWriter goOn(Disk disk, Segment segment, ByteBuffer buffer) throws IOException {
    Disk.Handle handle = disk.openToWrite(segment.file());
    try {
      handle.force();
      return new SegmentWriter(disk, segment.file(), handle, buffer, segment.fileBytes());
    } catch (IOException e) {
      closeAfter(e, handle);
      throw e;
    }
  }

  /// Makes a segment: under another name first, so that one without a header is never seen.
  static SegmentWriter begin(
      Disk disk, Path directory, long base, long previousEnd, ByteBuffer buffer)
      throws IOException {
    Path file = directory.resolve(Format.nameOf(base));
    Path temporary = directory.resolve(Format.nameOf(base) + Format.UNFINISHED);
    Disk.Handle handle = disk.create(temporary);
    try {
      handle.write(new Format().segmentHeader(base, previousEnd), 0);
      handle.force();
      disk.rename(temporary, file);
      disk.syncDirectory(directory);
      return new SegmentWriter(disk, file, handle, buffer, Format.SEGMENT_HEADER);
    } catch (IOException e) {
      closeAfter(e, handle);
      try {
        disk.delete(temporary);
        disk.delete(file);
      } catch (IOException deleting) {
        e.addSuppressed(deleting);
      }
      throw e;
    }
  }

  private static void closeAfter(IOException e, Disk.Handle handle) {
    try {
      handle.close();
    } catch (IOException closing) {
      e.addSuppressed(closing);
    }
  }

  void put(long position, ByteBuffer payload) throws IOException {
    int length = payload.remaining();
    if (buffer.remaining() < Format.RECORD_HEADER) {
      flush();
    }
    int from = payload.position();
    buffer.putInt(length).putInt(format.headerCrc(position, length));
    buffer.putInt(format.crcOf(payload));
    payload.position(from);
    while (payload.hasRemaining()) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int part = Math.min(buffer.remaining(), payload.remaining());
      buffer.put(buffer.position(), payload, payload.position(), part);
      buffer.position(buffer.position() + part);
      payload.position(payload.position() + part);
    }
  }

  private void flush() throws IOException {
    int bytes = buffer.flip().remaining();
    handle.write(buffer, writtenBytes);
    writtenBytes += bytes;
    buffer.clear();
  }

  /// Returns when all of it is on the disk.
  void force() throws IOException {
    flush();
    handle.force();
    syncedBytes = writtenBytes;
  }

  /// Gives up what was put since the last force. Through a new handle, because this one may have
  /// been closed by an interrupt.
  void cut() throws IOException {
    handle.close();
    try (Disk.Handle again = disk.openToWrite(file)) {
      again.truncate(syncedBytes);
    }
  }

  @Override
  public void close() throws IOException {
    handle.close();
  }
}

package dev.everfeed.hub.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/// Reads the records of one segment and steps over what is damaged.
///
/// A record that cannot be verified is never returned. After a damaged header the next place
/// where a whole record verifies is looked for byte by byte. A page that the disk cannot read
/// counts as damaged.
final class SegmentReader implements Closeable {
  private static final int WINDOW = 128 << 10;
  private static final int PAGE = 4_096;

  private final Segment segment;
  private final Disk.Handle handle;
  private final Format format = new Format();
  private byte[] window = new byte[0];
  private long windowFrom;
  private int windowBytes;

  SegmentReader(Disk disk, Segment segment) throws IOException {
    this.segment = segment;
    this.handle = disk.openToRead(segment.file());
  }

  Segment segment() {
    return segment;
  }

  /// The record at `position`, or what is lost from there on.
  ///
  /// @param limit where the segment's records are known to end, beyond `position`
  Read read(long position, long limit) throws IOException {
    int length = lengthAt(position, limit);
    if (length > 0 && position + Format.RECORD_HEADER + length <= limit) {
      long next = position + Format.RECORD_HEADER + length;
      if (payloadIsWhole(position, length, limit)) {
        int at = (int) (position - windowFrom) + Format.RECORD_HEADER;
        ByteBuffer payload = ByteBuffer.wrap(window, at, length).slice().asReadOnlyBuffer();
        return new Read.Record(position, payload, next);
      }
      if (available(position, Format.RECORD_HEADER + length, limit)) {
        return lost(
            position,
            next,
            "the payload of %,d bytes does not match its checksum".formatted(length));
      }
    }
    return resynchronised(position, limit);
  }

  private Read resynchronised(long position, long limit) throws IOException {
    for (long at = position + 1; at + Format.RECORD_HEADER < limit; at++) {
      int length = lengthAt(at, limit);
      if (length == AT_END) {
        break;
      }
      if (length > 0
          && at + Format.RECORD_HEADER + length <= limit
          && payloadIsWhole(at, length, limit)) {
        return lost(position, at, "no record begins here; the next whole one was searched for");
      }
    }
    long fileEnd = segment.base() + handle.length();
    return lost(
        position,
        limit,
        fileEnd < limit
            ? "the file ends at %d, its records went on to %d".formatted(fileEnd, limit)
            : "no whole record follows in this segment");
  }

  private Read.Lost lost(long from, long to, String why) {
    return new Read.Lost(from, to, "segment %s: %s".formatted(segment.file().getFileName(), why));
  }

  private static final int DAMAGED = 0;
  private static final int AT_END = -1;

  /// The length of the payload of the record whose header verifies at `position`, or
  /// [#DAMAGED], or [#AT_END] when the file has no such bytes.
  private int lengthAt(long position, long limit) throws IOException {
    if (!available(position, Format.RECORD_HEADER, limit)) {
      return AT_END;
    }
    int at = (int) (position - windowFrom);
    int length = intAt(at);
    if (length <= 0 || length > Format.MAX_PAYLOAD) {
      return DAMAGED;
    }
    return intAt(at + 4) == format.headerCrc(position, length) ? length : DAMAGED;
  }

  private boolean payloadIsWhole(long position, int length, long limit) throws IOException {
    if (!available(position, Format.RECORD_HEADER + length, limit)) {
      return false;
    }
    int at = (int) (position - windowFrom);
    return intAt(at + 8) == format.crcOf(window, at + Format.RECORD_HEADER, length);
  }

  private int intAt(int index) {
    return (window[index] & 0xff) << 24
        | (window[index + 1] & 0xff) << 16
        | (window[index + 2] & 0xff) << 8
        | (window[index + 3] & 0xff);
  }

  /// Whether the file has these bytes before `limit`; they are in the window then.
  private boolean available(long position, int bytes, long limit) throws IOException {
    if (position >= windowFrom && position + bytes <= windowFrom + windowBytes) {
      return true;
    }
    if (position + bytes > limit) {
      return false;
    }
    int wanted = (int) Math.min(Math.max(bytes, WINDOW), limit - position);
    if (wanted > window.length || window.length > WINDOW && wanted <= WINDOW) {
      // As large as is of use: one large record is no reason to keep 16 MiB.
      window = new byte[Math.max(PAGE, Integer.highestOneBit(Math.max(1, wanted - 1)) << 1)];
    }
    windowFrom = position;
    windowBytes = 0;
    fill(position - segment.base(), wanted);
    return windowBytes >= bytes;
  }

  private void fill(long offset, int wanted) throws IOException {
    while (windowBytes < wanted) {
      ByteBuffer into = ByteBuffer.wrap(window, windowBytes, wanted - windowBytes);
      int read;
      try {
        read = handle.read(into, offset + windowBytes);
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        read = readPage(offset + windowBytes, wanted - windowBytes);
      }
      if (read <= 0) {
        return;
      }
      windowBytes += read;
    }
  }

  /// Reads on to the end of the page; bytes that the disk cannot give become zeros, which verify
  /// as no record.
  private int readPage(long offset, int wanted) throws IOException {
    int bytes = (int) Math.min(wanted, PAGE - offset % PAGE);
    bytes = (int) Math.min(bytes, handle.length() - offset);
    if (bytes <= 0) {
      return -1;
    }
    ByteBuffer into = ByteBuffer.wrap(window, windowBytes, bytes);
    try {
      return handle.read(into, offset);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      java.util.Arrays.fill(window, windowBytes, windowBytes + bytes, (byte) 0);
      return bytes;
    }
  }

  @Override
  public void close() throws IOException {
    handle.close();
  }
}

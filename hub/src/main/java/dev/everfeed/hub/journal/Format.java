package dev.everfeed.hub.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The bytes of a segment, big endian.
///
/// ```text
/// segment  0  magic EVFDLOG1
///          8  base: position of the first byte of this file, which is also its name
///         16  end of the valid records before this segment
///         24  CRC32C of the 24 bytes before
///         28  reserved, 0
/// record   0  length of the payload, 1 to 16 MiB
///          4  CRC32C of position (8 bytes) and length (4 bytes)
///          8  CRC32C of the payload
///         12  payload
/// ```
///
/// The length has a checksum of its own, so that a damaged payload loses its own record only;
/// the position in it keeps bytes of another place, and copies of records inside payloads, from
/// passing for a record.
final class Format {
  static final int SEGMENT_HEADER = 32;
  static final int RECORD_HEADER = 12;

  /// What a reader believes; what may be written is set by [SegmentLog.Limits#maxRecordBytes].
  static final int MAX_PAYLOAD = 16 << 20;

  /// Not known: the header of the segment is damaged.
  static final long UNKNOWN = -1;

  private static final long MAGIC = 0x4556_4644_4c4f_4731L;
  private static final String SUFFIX = ".log";

  /// What a file is called while it is made.
  static final String UNFINISHED = ".new";

  private final CRC32C crc = new CRC32C();
  private final byte[] scratch = new byte[24];

  static String nameOf(long base) {
    return "%020d%s".formatted(base, SUFFIX);
  }

  /// The base that a file is named by, or null for a file that is not a segment.
  static @Nullable Long baseOf(String name) {
    if (name.length() != 20 + SUFFIX.length() || !name.endsWith(SUFFIX)) {
      return null;
    }
    for (int i = 0; i < 20; i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return null;
      }
    }
    try {
      return Long.parseLong(name.substring(0, 20));
    } catch (NumberFormatException e) {
      return null; // beyond 2^63: none of ours
    }
  }

  ByteBuffer segmentHeader(long base, long previousEnd) {
    ByteBuffer header = ByteBuffer.allocate(SEGMENT_HEADER);
    header.putLong(MAGIC).putLong(base).putLong(previousEnd);
    header.putInt(crcOf(header.array(), 0, 24)).putInt(0);
    return header.flip();
  }

  /// The end of the valid records before, as the header of the segment `base` says, or
  /// [#UNKNOWN].
  long previousEnd(byte[] header, int length, long base) {
    ByteBuffer in = ByteBuffer.wrap(header, 0, length);
    if (length < SEGMENT_HEADER
        || in.getLong(0) != MAGIC
        || in.getLong(8) != base
        || in.getInt(24) != crcOf(header, 0, 24)) {
      return UNKNOWN;
    }
    return in.getLong(16) < 0 ? UNKNOWN : in.getLong(16);
  }

  int headerCrc(long position, int length) {
    for (int i = 0; i < 8; i++) {
      scratch[i] = (byte) (position >>> (56 - 8 * i));
    }
    for (int i = 0; i < 4; i++) {
      scratch[8 + i] = (byte) (length >>> (24 - 8 * i));
    }
    return crcOf(scratch, 0, RECORD_HEADER);
  }

  int crcOf(byte[] bytes, int offset, int length) {
    crc.reset();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  int crcOf(ByteBuffer bytes) {
    crc.reset();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}

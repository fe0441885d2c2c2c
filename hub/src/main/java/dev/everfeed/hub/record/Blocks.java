package dev.everfeed.hub.record;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// The blocks of one file of a recording, one after the other: each is a member of a gzip file
/// (RFC 1952), and is given only when it is whole and its checksum right. A file that is not
/// packed is given line by line.
///
/// Not the JDK's GZIPInputStream: that takes whatever does not look like a member for the end,
/// and gives bytes before it has checked them. Owned by one thread.
final class Blocks implements Closeable {
  /// Of text; ours have little more than the largest message, 4 MiB.
  private static final int BLOCK_MAX = 64 << 20;

  private static final int FIRST = 0x1f;
  private static final int SECOND = 0x8b;
  private static final int DEFLATE = 8;
  private static final int HAS_CRC = 2;
  private static final int HAS_EXTRA = 4;
  private static final int HAS_NAME = 8;
  private static final int HAS_COMMENT = 16;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final byte[] packed = new byte[64 << 10];
  private int at;
  private int limit;
  private long read;
  private byte[] text = new byte[512 << 10];
  private @Nullable String damage;

  Blocks(Path file) throws IOException {
    in = new BufferedInputStream(Files.newInputStream(file), packed.length);
  }

  /// Whole lines, or null at the end; [#damage] then says whether it is the real one.
  byte @Nullable [] next() throws IOException {
    if (damage != null) {
      return null;
    }
    long begin = offset();
    int first = take();
    if (first < 0) {
      return null;
    }
    try {
      return first == FIRST ? member(begin) : line(first);
    } catch (EOFException e) {
      return damaged("the file ends within the block that begins at byte %,d".formatted(begin));
    } catch (DataFormatException e) {
      return damaged("the block that begins at byte %,d cannot be unpacked (%s)"
          .formatted(begin, e.getMessage()));
    }
  }

  /// Why there is nothing more though the file has not come to its end; null for a real end.
  @Nullable
  String damage() {
    return damage;
  }

  private byte @Nullable [] damaged(String what) {
    damage = what;
    return null;
  }

  private long offset() {
    return read - (limit - at);
  }

  private byte @Nullable [] member(long begin) throws IOException, DataFormatException {
    if (must() != SECOND || must() != DEFLATE) {
      return damaged("at byte %,d no block begins".formatted(begin));
    }
    int flags = must();
    skip(6);
    if ((flags & HAS_EXTRA) != 0) {
      skip(must() | must() << 8);
    }
    for (int text : new int[] {HAS_NAME, HAS_COMMENT}) {
      while ((flags & text) != 0 && must() != 0) {
        // to its end
      }
    }
    skip((flags & HAS_CRC) != 0 ? 2 : 0);
    int length = inflated();
    if (length < 0) {
      return damaged("the block that begins at byte %,d has more than %,d bytes: not one of ours;"
              .formatted(begin, BLOCK_MAX)
          + " unpack the file and name the unpacked one");
    }
    CRC32 crc = new CRC32();
    crc.update(text, 0, length);
    long wanted = four();
    long size = four();
    return wanted == crc.getValue() && size == length
        ? Arrays.copyOf(text, length)
        : damaged("the checksum of the block that begins at byte %,d is wrong".formatted(begin));
  }

  /// Unpacks into [#text]; -1 when it is too much.
  private int inflated() throws IOException, DataFormatException {
    inflater.reset();
    int length = 0;
    while (!inflater.finished()) {
      if (inflater.needsDictionary()) {
        throw new DataFormatException("it wants a dictionary");
      }
      if (inflater.needsInput()) {
        if (at == limit && !fill()) {
          throw new EOFException();
        }
        inflater.setInput(packed, at, limit - at);
        at = limit;
      }
      if (length == text.length) {
        if (length >= BLOCK_MAX) {
          return -1;
        }
        text = Arrays.copyOf(text, 2 * length);
      }
      length += inflater.inflate(text, length, text.length - length);
    }
    at = limit - inflater.getRemaining();
    return length;
  }

  private byte @Nullable [] line(int first) throws IOException {
    int length = 0;
    for (int b = first; b >= 0; b = take()) {
      if (length == text.length) {
        if (length >= BLOCK_MAX) {
          return damaged("a line of more than %,d bytes".formatted(BLOCK_MAX));
        }
        text = Arrays.copyOf(text, 2 * length);
      }
      text[length++] = (byte) b;
      if (b == '\n') {
        break;
      }
    }
    return Arrays.copyOf(text, length);
  }

  private boolean fill() throws IOException {
    int count = in.read(packed, 0, packed.length);
    if (count <= 0) {
      return false;
    }
    at = 0;
    limit = count;
    read += count;
    return true;
  }

  private int take() throws IOException {
    return at < limit || fill() ? packed[at++] & 0xff : -1;
  }

  private int must() throws IOException {
    int b = take();
    if (b < 0) {
      throw new EOFException();
    }
    return b;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      must();
    }
  }

  private long four() throws IOException {
    return must() | must() << 8 | must() << 16 | (long) must() << 24;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}

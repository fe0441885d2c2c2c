package dev.everfeed.hub.ledger;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The bytes of a [Change]: a kind, then its fields; numbers in groups of 7 bits (lowest first,
/// the highest bit says that more follow), negative ones folded between the others; a text is
/// its length and its UTF-8; a time is milliseconds since 1970.
final class ChangeCodec {
  private static final byte BEGAN = 1;
  private static final byte REACHED = 2;
  private static final byte NOTED = 3;
  private static final byte SNAPSHOT_BEGAN = 4;
  private static final byte SNAPSHOT_PASSAGE = 5;
  private static final byte SNAPSHOT_GAP = 6;
  private static final byte SNAPSHOT_ENDED = 7;

  /// A record has at most so many passages, some 100 kB.
  static final int REACHED_MAX = 5_000;

  private static final int TEXT_MAX = 4_096;

  private byte[] bytes = new byte[512];
  private int length;

  /// @return valid until the next call
  ByteBuffer encode(Change change) {
    length = 0;
    switch (change) {
      case Change.Began began -> {
        put(BEGAN);
        number(began.passage());
        text(began.stream());
        text(began.source());
        number(began.firstId());
        time(began.at());
      }
      case Change.Reached reached -> {
        put(REACHED);
        time(reached.at());
        number(reached.ids().length);
        for (int i = 0; i < reached.ids().length; i++) {
          number(reached.passages()[i]);
          number(reached.ids()[i]);
        }
      }
      case Change.Noted noted -> {
        put(NOTED);
        gap(noted.gap());
      }
      case Change.SnapshotBegan _ -> put(SNAPSHOT_BEGAN);
      case Change.SnapshotPassage passage -> {
        put(SNAPSHOT_PASSAGE);
        number(passage.passage());
        text(passage.stream());
        text(passage.source());
        number(passage.sinceId());
        number(passage.upToId());
        time(passage.beganAt());
        time(passage.movedAt());
        number(passage.gaps());
      }
      case Change.SnapshotGap of -> {
        put(SNAPSHOT_GAP);
        gap(of.gap());
      }
      case Change.SnapshotEnded ended -> {
        put(SNAPSHOT_ENDED);
        number(ended.records());
        number(ended.lastPassage());
        number(ended.lastGap());
      }
    }
    return ByteBuffer.wrap(bytes, 0, length);
  }

  private void gap(Gap gap) {
    number(gap.number());
    number(gap.passage());
    textOrNull(gap.gateway());
    number(gap.firstId());
    number(gap.lastId());
    number(gap.kind().ordinal());
    number(gap.state().ordinal());
    ranges(gap.undelivered());
    ranges(gap.missing());
    textOrNull(gap.reason());
    time(gap.detectedAt());
    number(gap.closedAt() == null ? Long.MIN_VALUE : gap.closedAt().toEpochMilli());
    number(gap.filledBy() == null ? -1 : gap.filledBy().ordinal());
    number(gap.tries());
  }

  private void ranges(IdRanges ranges) {
    number(ranges.count());
    for (int i = 0; i < ranges.count(); i++) {
      number(ranges.first(i));
      number(ranges.last(i) - ranges.first(i));
    }
  }

  private void put(byte value) {
    if (length == bytes.length) {
      bytes = java.util.Arrays.copyOf(bytes, 2 * length);
    }
    bytes[length++] = value;
  }

  private void number(long value) {
    long rest = value << 1 ^ value >> 63;
    while ((rest & ~0x7fL) != 0) {
      put((byte) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    put((byte) rest);
  }

  private void time(Instant at) {
    number(at.toEpochMilli());
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    number(utf8.length);
    for (byte each : utf8) {
      put(each);
    }
  }

  private void textOrNull(@Nullable String text) {
    if (text == null) {
      number(-1);
    } else {
      text(text);
    }
  }

  /// Null for a record that this version cannot read.
  static @Nullable Change decode(ByteBuffer in) {
    try {
      Change change = read(in);
      return in.hasRemaining() ? null : change;
    } catch (BufferUnderflowException
        | DateTimeException
        | ArithmeticException
        | IndexOutOfBoundsException e) {
      return null;
    }
  }

  private static @Nullable Change read(ByteBuffer in) {
    return switch (in.get()) {
      case BEGAN ->
        new Change.Began(readNumber(in), readText(in), readText(in), readNumber(in), readTime(in));
      case REACHED -> {
        Instant at = readTime(in);
        int count = (int) Math.clamp(readNumber(in), 0, REACHED_MAX);
        long[] passages = new long[count];
        long[] ids = new long[count];
        for (int i = 0; i < count; i++) {
          passages[i] = readNumber(in);
          ids[i] = readNumber(in);
        }
        yield new Change.Reached(at, passages, ids);
      }
      case NOTED -> new Change.Noted(readGap(in));
      case SNAPSHOT_BEGAN -> new Change.SnapshotBegan();
      case SNAPSHOT_PASSAGE ->
        new Change.SnapshotPassage(
            readNumber(in),
            readText(in),
            readText(in),
            readNumber(in),
            readNumber(in),
            readTime(in),
            readTime(in),
            Math.toIntExact(readNumber(in)));
      case SNAPSHOT_GAP -> new Change.SnapshotGap(readGap(in));
      case SNAPSHOT_ENDED ->
        new Change.SnapshotEnded(readNumber(in), readNumber(in), readNumber(in));
      default -> null;
    };
  }

  private static Gap readGap(ByteBuffer in) {
    long number = readNumber(in);
    long passage = readNumber(in);
    String gateway = readTextOrNull(in);
    long firstId = readNumber(in);
    long lastId = readNumber(in);
    Gap.Kind kind = Gap.Kind.values()[Math.toIntExact(readNumber(in))];
    Gap.State state = Gap.State.values()[Math.toIntExact(readNumber(in))];
    IdRanges undelivered = readRanges(in);
    IdRanges missing = readRanges(in);
    String reason = readTextOrNull(in);
    Instant detectedAt = readTime(in);
    long closed = readNumber(in);
    int filledBy = Math.toIntExact(readNumber(in));
    return new Gap(
        number,
        passage,
        gateway,
        firstId,
        lastId,
        kind,
        state,
        undelivered,
        missing,
        reason,
        detectedAt,
        closed == Long.MIN_VALUE ? null : Instant.ofEpochMilli(closed),
        filledBy < 0 ? null : Gap.FilledBy.values()[filledBy],
        Math.toIntExact(readNumber(in)));
  }

  private static IdRanges readRanges(ByteBuffer in) {
    IdRanges ranges = IdRanges.NONE;
    long count = readNumber(in);
    for (long i = 0; i < count; i++) {
      long first = readNumber(in);
      ranges = ranges.plus(first, Math.addExact(first, readNumber(in)));
    }
    return ranges;
  }

  private static long readNumber(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte each = in.get();
      value |= (long) (each & 0x7f) << shift;
      if (each >= 0) {
        return value >>> 1 ^ -(value & 1);
      }
    }
    throw new ArithmeticException("a number has at most 64 bits");
  }

  private static Instant readTime(ByteBuffer in) {
    return Instant.ofEpochMilli(readNumber(in));
  }

  private static String readText(ByteBuffer in) {
    String text = readTextOrNull(in);
    if (text == null) {
      throw new ArithmeticException("a text must be there");
    }
    return text;
  }

  private static @Nullable String readTextOrNull(ByteBuffer in) {
    long bytes = readNumber(in);
    if (bytes < 0) {
      return null;
    }
    if (bytes > TEXT_MAX) {
      throw new ArithmeticException("a text has at most %,d bytes".formatted(TEXT_MAX));
    }
    byte[] utf8 = new byte[(int) bytes];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}

package dev.everfeed.hub.journal;

import dev.everfeed.core.model.Decimal;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Reads what [Encoder] wrote. Never beyond the end: what does not fit is an
/// [EntryUndecodableException].
final class Decoder {
  private byte[] bytes = new byte[0];
  private int at;
  private int end;

  void read(byte[] bytes, int length) {
    this.bytes = bytes;
    this.at = 0;
    this.end = length;
  }

  boolean atEnd() {
    return at == end;
  }

  int remaining() {
    return end - at;
  }

  int oneByte() throws EntryUndecodableException {
    need(1, "a byte");
    return bytes[at++] & 0xff;
  }

  long number() throws EntryUndecodableException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = oneByte();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new EntryUndecodableException("a number of more than 10 bytes ends at byte " + at);
  }

  /// A number of things of at least `leastBytes` each.
  int count(int leastBytes) throws EntryUndecodableException {
    long count = number();
    if (count < 0 || count > remaining() / leastBytes) {
      throw new EntryUndecodableException(
          "%,d things cannot be in the %,d bytes from byte %d".formatted(count, remaining(), at));
    }
    return (int) count;
  }

  String text() throws EntryUndecodableException {
    long head = number();
    boolean wide = (head & 1) != 0;
    long chars = head >>> 1;
    if (chars > remaining() / (wide ? 2 : 1)) {
      throw new EntryUndecodableException(
          "a text of %,d characters is longer than the %,d bytes".formatted(chars, remaining())
              + " from byte " + at);
    }
    int size = (int) chars;
    if (!wide) {
      at += size;
      return new String(bytes, at - size, size, StandardCharsets.ISO_8859_1);
    }
    char[] text = new char[size];
    for (int i = 0; i < size; i++) {
      text[i] = (char) ((bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff);
      at += 2;
    }
    return new String(text);
  }

  @Nullable
  String optionalText() throws EntryUndecodableException {
    return isThere() ? text() : null;
  }

  Instant instant() throws EntryUndecodableException {
    need(12, "an instant");
    long seconds = fixed(8);
    return Instant.ofEpochSecond(seconds, fixed(4));
  }

  @Nullable
  Instant optionalInstant() throws EntryUndecodableException {
    return isThere() ? instant() : null;
  }

  Decimal decimal() throws EntryUndecodableException {
    int scale = (byte) oneByte();
    int size = oneByte();
    if (size == 0) {
      throw new EntryUndecodableException("a decimal without digits at byte " + at);
    }
    need(size, "a decimal");
    if (size <= 8) {
      return Decimal.of(BigDecimal.valueOf(fixed(size), scale));
    }
    at += size;
    return Decimal.of(new BigDecimal(new BigInteger(bytes, at - size, size), scale));
  }

  @Nullable
  Decimal optionalDecimal() throws EntryUndecodableException {
    return isThere() ? decimal() : null;
  }

  boolean isThere() throws EntryUndecodableException {
    int flag = oneByte();
    if (flag > 1) {
      throw new EntryUndecodableException("byte %d must be 0 or 1, was %d".formatted(at - 1, flag));
    }
    return flag == 1;
  }

  private long fixed(int size) {
    long value = bytes[at++];
    for (int i = 1; i < size; i++) {
      value = value << 8 | bytes[at++] & 0xff;
    }
    return value;
  }

  private void need(int more, String what) throws EntryUndecodableException {
    if (remaining() < more) {
      throw new EntryUndecodableException("%s of %d bytes does not fit into the %d from byte %d"
          .formatted(what, more, remaining(), at));
    }
  }
}

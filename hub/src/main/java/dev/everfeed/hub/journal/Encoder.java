package dev.everfeed.hub.journal;

import dev.everfeed.core.model.Decimal;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes values to a growing array, so that [Decoder] reads back exactly the same. Not for two
/// threads at once.
///
/// ```text
/// number   7 bits a byte, the lowest first, the top bit says that more follow
/// text     number: chars * 2, + 1 when a char is above U+00FF; then 1 or 2 bytes a char, so
///          that no text is refused or changed, not even half a surrogate pair
/// instant  8 bytes seconds since 1970, 4 bytes nanoseconds
/// decimal  1 byte scale, 1 byte length, the digits as a big-endian integer of that length
/// optional 0, or 1 and the value
/// ```
final class Encoder {
  private byte[] bytes;
  private int length;

  Encoder(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /// Forgets what comes after.
  void cutTo(int length) {
    this.length = length;
  }

  private void need(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  void oneByte(int value) {
    need(1);
    bytes[length++] = (byte) value;
  }

  /// Reserves 4 bytes, to be set later.
  int reserveInt() {
    need(4);
    length += 4;
    return length - 4;
  }

  void setInt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  void number(long value) {
    need(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  void text(String text) {
    int chars = text.length();
    number(chars * 2L);
    need(chars);
    int from = length;
    for (int i = 0; i < chars; i++) {
      char c = text.charAt(i);
      if (c > 0xff) {
        length = from - sizeOf(chars * 2L);
        wideText(text);
        return;
      }
      bytes[from + i] = (byte) c;
    }
    length = from + chars;
  }

  private static int sizeOf(long number) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(number)) / 7);
  }

  private void wideText(String text) {
    int chars = text.length();
    number(chars * 2L + 1);
    need(2 * chars);
    for (int i = 0; i < chars; i++) {
      char c = text.charAt(i);
      bytes[length++] = (byte) (c >>> 8);
      bytes[length++] = (byte) c;
    }
  }

  void optionalText(@Nullable String text) {
    oneByte(text == null ? 0 : 1);
    if (text != null) {
      text(text);
    }
  }

  void instant(Instant instant) {
    need(12);
    fixed(instant.getEpochSecond(), 8);
    fixed(instant.getNano(), 4);
  }

  void optionalInstant(@Nullable Instant instant) {
    oneByte(instant == null ? 0 : 1);
    if (instant != null) {
      instant(instant);
    }
  }

  void decimal(Decimal decimal) {
    if (decimal.isSmall()) {
      small(decimal);
      return;
    }
    BigDecimal value = decimal.toBigDecimal();
    need(12);
    bytes[length++] = (byte) value.scale();
    byte[] large = value.unscaledValue().toByteArray(); // at most 42 bytes: 100 digits
    bytes[length++] = (byte) large.length;
    need(large.length);
    System.arraycopy(large, 0, bytes, length, large.length);
    length += large.length;
  }

  private void small(Decimal decimal) {
    need(12);
    bytes[length++] = (byte) decimal.scale();
    long digits = decimal.mantissa();
    int bits = 64 - Long.numberOfLeadingZeros(digits < 0 ? ~digits : digits);
    int size = bits / 8 + 1; // as BigInteger has it
    bytes[length++] = (byte) size;
    fixed(digits, size);
  }

  void optionalDecimal(@Nullable Decimal decimal) {
    oneByte(decimal == null ? 0 : 1);
    if (decimal != null) {
      decimal(decimal);
    }
  }

  /// The lowest `size` bytes; the caller has seen to the room.
  private void fixed(long value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }
}

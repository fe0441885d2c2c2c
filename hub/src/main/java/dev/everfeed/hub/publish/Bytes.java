package dev.everfeed.hub.publish;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Text being written into one reused array, in UTF-8: allocates only when it grows. Owned by
/// one thread.
public final class Bytes {
  private static final int SECONDS_LENGTH = 19;
  private static final long NANOS = 1_000_000_000L;
  private static final int DAY = 86_400;

  private byte[] array = new byte[1_024];
  private int length;
  private final byte[] digits = new byte[20];

  /// What was written is in the first [#length] places; the next writing may be elsewhere.
  public byte[] array() {
    return array;
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
  }

  private void room(int more) {
    if (array.length - length < more) {
      array = Arrays.copyOf(array, Math.max(array.length * 2, length + more));
    }
  }

  public void put(byte[] text) {
    room(text.length);
    System.arraycopy(text, 0, array, length, text.length);
    length += text.length;
  }

  public void put(byte one) {
    room(1);
    array[length++] = one;
  }

  public void put(CharSequence text) {
    put(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// A text of which every character is one of ASCII.
  public void putAscii(String text) {
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      array[length++] = (byte) text.charAt(i);
    }
  }

  /// A whole number.
  public void put(long number) {
    putDecimal(number, 0);
  }

  /// `mantissa * 10^-scale` in plain digits, with all its zeros.
  public void putDecimal(long mantissa, int scale) {
    room(24);
    // counted downwards, because Long.MIN_VALUE has no positive
    long rest = mantissa < 0 ? mantissa : -mantissa;
    int count = 0;
    do {
      digits[count++] = (byte) ('0' - rest % 10);
      rest /= 10;
    } while (rest != 0);
    while (count <= scale) {
      digits[count++] = '0';
    }
    if (mantissa < 0) {
      array[length++] = '-';
    }
    for (int i = count - 1; i >= 0; i--) {
      array[length++] = digits[i];
      if (i == scale && i > 0) {
        array[length++] = '.';
      }
    }
  }

  /// RFC 3339 in UTC with as many fraction digits as needed, without quotes.
  ///
  /// @param nanos of the epoch
  public void putTime(long nanos) {
    room(SECONDS_LENGTH + 11);
    long second = Math.floorDiv(nanos, NANOS);
    int fraction = (int) Math.floorMod(nanos, NANOS);
    putSecond(second);
    if (fraction > 0) {
      array[length++] = '.';
      for (int unit = 100_000_000; fraction > 0; unit /= 10) {
        array[length++] = (byte) ('0' + fraction / unit);
        fraction %= unit;
      }
    }
    array[length++] = 'Z';
  }

  /// Years 1677 to 2262: what fits into nanoseconds.
  private void putSecond(long second) {
    int ofDay = (int) Math.floorMod(second, (long) DAY);
    // from days to a date of a calendar whose years begin in March (H. Hinnant, "chrono-
    // compatible low-level date algorithms", civil_from_days)
    long shifted = Math.floorDiv(second, (long) DAY) + 719_468;
    long era = Math.floorDiv(shifted, 146_097L);
    long dayOfEra = shifted - era * 146_097;
    long yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int month = (int) ((5 * dayOfYear + 2) / 153);
    int day = (int) (dayOfYear - (153 * month + 2) / 5 + 1);
    int calendarMonth = month < 10 ? month + 3 : month - 9;
    int year = (int) (yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0));
    two(year / 100);
    two(year % 100);
    array[length++] = '-';
    two(calendarMonth);
    array[length++] = '-';
    two(day);
    array[length++] = 'T';
    two(ofDay / 3_600);
    array[length++] = ':';
    two(ofDay / 60 % 60);
    array[length++] = ':';
    two(ofDay % 60);
  }

  private void two(int number) {
    array[length++] = (byte) ('0' + number / 10);
    array[length++] = (byte) ('0' + number % 10);
  }
}

package dev.everfeed.hub.publish;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Text being written into one reused array, in UTF-8: allocates only when it grows. Owned by
/// one thread.
public final class Bytes {
  private static final int SECONDS_LENGTH = 19;
  private static final long NANOS = 1_000_000_000L;
  private static final int DAY = 86_400;

  /// `00` to `99`.
  private static final byte[] PAIRS = pairs();

  private static final int FRACTION_DIGITS = 9;
  private static final int NANOS_PER_MILLI = 1_000_000;

  /// Room for a text of which nothing is known.
  public static final int USUAL = 1_024;

  private byte[] array;
  private int length;
  private final byte[] digits = new byte[20];

  // The second that was put last: what is published now is mostly of the same.
  private long secondPut = Long.MIN_VALUE;
  private final byte[] secondText = new byte[SECONDS_LENGTH];

  Bytes() {
    this(USUAL);
  }

  /// @param room bytes that are written without growing
  public Bytes(int room) {
    array = new byte[room];
  }

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

  /// Makes room for text that is written by itself, from [#length] on, and taken by [#take].
  ///
  /// @return the array, which the text goes into
  byte[] roomFor(int more) {
    room(more);
    return array;
  }

  void take(int written) {
    length += written;
  }

  /// A whole number.
  public void put(long number) {
    putDecimal(number, 0);
  }

  /// `mantissa * 10^-scale` in plain digits, with all its zeros.
  public void putDecimal(long mantissa, int scale) {
    room(24);
    // from the right, two at a time, and counted downwards, because Long.MIN_VALUE has no positive
    byte[] into = digits;
    long rest = mantissa < 0 ? mantissa : -mantissa;
    int begin = into.length;
    while (rest < Integer.MIN_VALUE) {
      long less = rest / 100;
      int pair = (int) (less * 100 - rest) * 2;
      into[--begin] = PAIRS[pair + 1];
      into[--begin] = PAIRS[pair];
      rest = less;
    }
    // most numbers are here soon, where a division costs half
    int small = (int) rest;
    while (small <= -10) {
      int less = small / 100;
      int pair = (less * 100 - small) * 2;
      into[--begin] = PAIRS[pair + 1];
      into[--begin] = PAIRS[pair];
      small = less;
    }
    if (small != 0 || begin == into.length) {
      into[--begin] = (byte) ('0' - small);
    }
    while (into.length - begin <= scale) {
      into[--begin] = '0';
    }
    if (mantissa < 0) {
      array[length++] = '-';
    }
    int whole = into.length - begin - scale;
    System.arraycopy(into, begin, array, length, whole);
    length += whole;
    if (scale > 0) {
      array[length++] = '.';
      System.arraycopy(into, begin + whole, array, length, scale);
      length += scale;
    }
  }

  /// RFC 3339 in UTC with as many fraction digits as needed, without quotes.
  ///
  /// @param nanos of the epoch
  public void putTime(long nanos) {
    room(SECONDS_LENGTH + 11);
    long second = Math.floorDiv(nanos, NANOS);
    int fraction = (int) (nanos - second * NANOS);
    if (second != secondPut) {
      int begin = length;
      putSecond(second);
      System.arraycopy(array, begin, secondText, 0, SECONDS_LENGTH);
      secondPut = second;
    } else {
      System.arraycopy(secondText, 0, array, length, SECONDS_LENGTH);
      length += SECONDS_LENGTH;
    }
    if (fraction > 0) {
      array[length++] = '.';
      boolean millis = fraction % NANOS_PER_MILLI == 0; // what venues have, mostly
      fraction = millis ? fraction / NANOS_PER_MILLI : fraction;
      int end = length + (millis ? 3 : FRACTION_DIGITS);
      for (int i = end - 1; i >= length; i--) {
        int less = fraction / 10;
        array[i] = (byte) ('0' + (fraction - less * 10));
        fraction = less;
      }
      while (array[end - 1] == '0') {
        end--;
      }
      length = end;
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
    array[length++] = PAIRS[2 * number];
    array[length++] = PAIRS[2 * number + 1];
  }

  private static byte[] pairs() {
    byte[] pairs = new byte[200];
    for (int i = 0; i < 100; i++) {
      pairs[2 * i] = (byte) ('0' + i / 10);
      pairs[2 * i + 1] = (byte) ('0' + i % 10);
    }
    return pairs;
  }
}

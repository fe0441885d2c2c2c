package dev.everfeed.core.time;

import java.time.Instant;
import java.time.LocalDate;

/// Times as they are written everywhere in the product: RFC 3339, UTC, with as many fraction
/// digits as needed and none for whole seconds (wire/CANONICAL.md). `Instant.toString` pads to
/// three, six or nine digits.
public final class Rfc3339 {
  private static final int DAY = 86_400;
  private static final long YEAR_0 = LocalDate.of(0, 1, 1).toEpochDay() * DAY;
  private static final long YEAR_10000 = LocalDate.of(10_000, 1, 1).toEpochDay() * DAY;

  private Rfc3339() {}

  /// `2020-01-02T16:11:12.01Z`.
  public static String format(Instant time) {
    return append(new StringBuilder(30), time).toString();
  }

  private static StringBuilder append(StringBuilder out, Instant time) {
    long second = time.getEpochSecond();
    if (second < YEAR_0 || second >= YEAR_10000) {
      return out.append(trimmed(time.toString())); // with a sign before the year
    }
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(second, DAY));
    int ofDay = (int) Math.floorMod(second, DAY);
    digits(out, date.getYear(), 4).append('-');
    digits(out, date.getMonthValue(), 2).append('-');
    digits(out, date.getDayOfMonth(), 2).append('T');
    digits(out, ofDay / 3_600, 2).append(':');
    digits(out, ofDay / 60 % 60, 2).append(':');
    digits(out, ofDay % 60, 2);
    int nanos = time.getNano();
    if (nanos != 0) {
      int places = 9;
      while (nanos % 10 == 0) {
        nanos /= 10;
        places--;
      }
      digits(out.append('.'), nanos, places);
    }
    return out.append('Z');
  }

  private static StringBuilder digits(StringBuilder out, int value, int places) {
    int power = 1;
    for (int i = 1; i < places; i++) {
      power *= 10;
    }
    for (; power > 0; power /= 10) {
      out.append((char) ('0' + value / power % 10));
    }
    return out;
  }

  private static String trimmed(String text) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      return text;
    }
    int end = text.length() - 1;
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, end) + "Z";
  }
}

package dev.everfeed.hub.runtime;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.Span;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// Intervals by their number: counted from 1970 on, weeks from its first Monday. Pure.
final class Intervals {
  /// 1970-01-05.
  private static final long FIRST_MONDAY = 4 * 86_400L;

  private Intervals() {}

  /// The number of the interval that a moment falls into.
  static long number(Interval interval, Instant time) {
    if (interval == Interval.MONTH) {
      LocalDate day = LocalDate.ofInstant(time, ZoneOffset.UTC);
      return 12L * (day.getYear() - 1970) + day.getMonthValue() - 1;
    }
    long seconds = interval.duration().toSeconds();
    long origin = interval == Interval.W1 ? FIRST_MONDAY : 0;
    return Math.floorDiv(time.getEpochSecond() - origin, seconds);
  }

  /// The open of an interval.
  static Instant open(Interval interval, long number) {
    if (interval == Interval.MONTH) {
      return LocalDate.of(1970, 1, 1)
          .plusMonths(number)
          .atStartOfDay(ZoneOffset.UTC)
          .toInstant();
    }
    long origin = interval == Interval.W1 ? FIRST_MONDAY : 0;
    return Instant.ofEpochSecond(origin + number * interval.duration().toSeconds());
  }

  /// The open of the first interval that begins at a moment or after it.
  static Instant firstOpen(Interval interval, Instant time) {
    Instant open = interval.openOf(time);
    return open.equals(time) ? open : interval.next(open);
  }

  /// How many intervals begin in a span.
  static long count(Interval interval, Span span) {
    return number(interval, firstOpen(interval, span.to()))
        - number(interval, firstOpen(interval, span.from()));
  }

  /// The whole intervals that have any part in a span.
  static Span outwards(Interval interval, Span span) {
    return new Span(interval.openOf(span.from()), firstOpen(interval, span.to()));
  }
}

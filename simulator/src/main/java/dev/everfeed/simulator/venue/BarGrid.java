package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// How a venue cuts time into bars. Milliseconds since the epoch.
///
/// @param seconds length of a bar; 0 for calendar months
/// @param months length in months when `seconds` is 0, counted from January
/// @param phase when the first bar after the epoch opens, in seconds; of months, how much later
///     than UTC midnight they begin (negative: earlier)
record BarGrid(long seconds, int months, long phase) {
  private static final long DAY = 86_400;

  BarGrid {
    if (seconds < 0 || (seconds == 0 && (months < 1 || 12 % months != 0))) {
      throw new IllegalArgumentException(
          "a bar lasts some seconds or 1, 2, 3, 4, 6 or 12 months, was %d s, %d months"
              .formatted(seconds, months));
    }
  }

  /// Counted from the epoch, which was a Thursday.
  static BarGrid of(long seconds) {
    return new BarGrid(seconds, 0, 0);
  }

  /// Weeks that begin on Monday.
  static BarGrid weeks() {
    return new BarGrid(7 * DAY, 0, 4 * DAY);
  }

  static BarGrid months(int months) {
    return new BarGrid(0, months, 0);
  }

  /// The same days, weeks and months as a clock shows that is ahead of UTC.
  BarGrid aheadBy(long hours) {
    return new BarGrid(seconds, months, phase - hours * 3_600);
  }

  /// The open of the bar that the moment falls into.
  long open(long millis) {
    if (seconds > 0) {
      long length = seconds * 1_000;
      return Math.floorDiv(millis - phase * 1_000, length) * length + phase * 1_000;
    }
    LocalDate day =
        LocalDate.ofInstant(Instant.ofEpochMilli(millis - phase * 1_000), ZoneOffset.UTC);
    return start(day.withDayOfMonth(1).minusMonths((day.getMonthValue() - 1) % months));
  }

  long next(long openMillis) {
    if (seconds > 0) {
      return openMillis + seconds * 1_000;
    }
    return start(
        LocalDate.ofInstant(Instant.ofEpochMilli(openMillis - phase * 1_000), ZoneOffset.UTC)
            .plusMonths(months));
  }

  private long start(LocalDate day) {
    return (day.toEpochDay() * DAY + phase) * 1_000;
  }
}

package dev.everfeed.hub.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Times as the tables keep them: microseconds (`timestamptz`), of trades nanoseconds.
final class Times {
  /// The oldest time that a market of ours can have: the year in which bitcoin began.
  static final Instant OLDEST = Instant.parse("2009-01-01T00:00:00Z");

  /// How far a venue's clock may be ahead of the database's.
  static final long AHEAD_SECONDS_MAX = 2 * 86_400;

  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  private Times() {}

  /// Microseconds since 1970, rounded down. What no clock can mean is moved to the year 1 or
  /// 9999.
  static long micros(Instant time) {
    Instant possible = time.isBefore(FIRST) ? FIRST : time.isAfter(LAST) ? LAST : time;
    return Math.addExact(
        Math.multiplyExact(possible.getEpochSecond(), 1_000_000L), possible.getNano() / 1_000);
  }

  static Instant ofMicros(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }

  /// Nanoseconds since 1970, of a time that is [#outOfRange] of nothing.
  static long nanos(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
  }

  static Instant ofNanos(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  /// For a parameter of a statement.
  static @Nullable OffsetDateTime parameter(@Nullable Instant time) {
    return time == null ? null : ofMicros(micros(time)).atOffset(ZoneOffset.UTC);
  }

  /// Why a venue's time cannot be stored, or empty.
  ///
  /// @param now the database's clock
  static Optional<String> outOfRange(Instant time, Instant now) {
    Instant newest = now.plusSeconds(AHEAD_SECONDS_MAX);
    return time.isBefore(OLDEST) || time.isAfter(newest)
        ? Optional.of("time %s is not within %s and %s".formatted(time, OLDEST, newest))
        : Optional.empty();
  }
}

package dev.everfeed.core.model;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// The length of a bar. Bars begin at whole intervals of UTC: weeks on Monday, months on the
/// first, all others counted from the epoch (the rule of Binance klines, checked against the
/// recorded ones).
public enum Interval {
  S1("1s", 1),
  M1("1m", 60),
  M3("3m", 180),
  M5("5m", 300),
  M15("15m", 900),
  M30("30m", 1_800),
  H1("1h", 3_600),
  H2("2h", 7_200),
  H4("4h", 14_400),
  H6("6h", 21_600),
  H8("8h", 28_800),
  H12("12h", 43_200),
  D1("1d", 86_400),
  D3("3d", 259_200),
  W1("1w", 604_800),
  MONTH("1M", 2_592_000);

  private final String text;
  private final long seconds;

  Interval(String text, long seconds) {
    this.text = text;
    this.seconds = seconds;
  }

  /// The interval written `1m`, `1h`, `1M`; case matters.
  public static Optional<Interval> parse(String text) {
    return Arrays.stream(values()).filter(i -> i.text.equals(text)).findFirst();
  }

  /// `1s 1m 3m …`, for messages that list what is valid.
  public static String all() {
    return Arrays.stream(values()).map(Interval::text).collect(Collectors.joining(" "));
  }

  public String text() {
    return text;
  }

  /// Nominal length; a month counts 30 days here and is exact in [#openOf] and [#next].
  public Duration duration() {
    return Duration.ofSeconds(seconds);
  }

  /// The open of the bar that `time` falls into.
  public Instant openOf(Instant time) {
    return switch (this) {
      case W1 ->
        LocalDate.ofInstant(time, ZoneOffset.UTC)
            .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
            .atStartOfDay(ZoneOffset.UTC)
            .toInstant();
      case MONTH ->
        LocalDate.ofInstant(time, ZoneOffset.UTC)
            .withDayOfMonth(1)
            .atStartOfDay(ZoneOffset.UTC)
            .toInstant();
      default -> Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), seconds) * seconds);
    };
  }

  /// The open of the bar after the one that opens at `open`.
  public Instant next(Instant open) {
    return this == MONTH
        ? open.atZone(ZoneOffset.UTC).plusMonths(1).toInstant()
        : open.plusSeconds(seconds);
  }

  /// The first open at or after a moment.
  public Instant firstOpen(Instant from) {
    Instant open = openOf(from);
    return open.equals(from) ? open : next(open);
  }

  /// The open of the bar so many after the one that opens at `open`; before it when negative.
  public Instant moved(Instant open, int by) {
    return this == MONTH
        ? open.atZone(ZoneOffset.UTC).plusMonths(by).toInstant()
        : open.plusSeconds(by * seconds);
  }

  @Override
  public String toString() {
    return text;
  }
}

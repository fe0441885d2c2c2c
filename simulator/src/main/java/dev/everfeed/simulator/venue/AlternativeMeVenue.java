package dev.everfeed.simulator.venue;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.OptionalLong;

/// The Fear and Greed Index of alternative.me (wire/SPEC.md section 12): one value a day since
/// 2018-02-01, newest first, every value a string, a line break between rows as recorded.
/// `time_until_update` stands on the newest row only. No limit is counted.
final class AlternativeMeVenue implements Venue {
  // It tells no prices: its one value is what a lie changes.
  private static final PriceMarks PRICES = PriceMarks.of("value");
  private static final long FIRST_DAY = LocalDate.of(2018, 2, 1).toEpochDay();
  private static final long DAY = 86_400;

  private final long seed;

  AlternativeMeVenue(long seed) {
    this.seed = Noise.hash(seed, Noise.hash("fear and greed"));
  }

  @Override
  public String name() {
    return "alternative_me";
  }

  @Override
  public PriceMarks prices() {
    return PRICES;
  }

  @Override
  public boolean isProbe(String path) {
    // The venue has no path of its own for probing.
    return path.equals("/");
  }

  @Override
  public long weightUsed(Instant now) {
    return 0;
  }

  @Override
  public Answer tooOften(int status, OptionalLong retryAfterSeconds, Instant now) {
    Answer answer = Answer.html(status, "<html><body>Too Many Requests</body></html>");
    return retryAfterSeconds.isPresent()
        ? answer.with("Retry-After", Long.toString(retryAfterSeconds.getAsLong()))
        : answer;
  }

  @Override
  public Answer broken(int status) {
    return Answer.html(status, "<html><body><h1>%d</h1></body></html>".formatted(status));
  }

  @Override
  public Answer answer(Ask ask, Instant now, Instant dataTime) {
    return switch (ask.path()) {
      case "/" -> Answer.html(200, "<html><body>alternative.me</body></html>");
      case "/fng", "/fng/" -> index(ask, dataTime);
      default -> Answer.html(404, "<html><body><h1>404</h1></body></html>");
    };
  }

  /// 0 (extreme fear) to 100 (extreme greed); moves over days and weeks.
  long valueOf(long epochDay) {
    double mood = 0.25 * Noise.smooth(seed, epochDay, 1)
        + 0.75 * Noise.smooth(seed, epochDay, 9)
        + 0.6 * Noise.smooth(seed, epochDay, 45);
    return Math.clamp(Math.round(50 + 40 * mood), 3, 97);
  }

  private Answer index(Ask ask, Instant time) {
    long today = Math.floorDiv(time.getEpochSecond(), DAY);
    long all = Math.max(0, today - FIRST_DAY + 1);
    // 0 is "all"; what is not a number is taken as the default of 1.
    long limit = ask.parameter("limit")
        .filter(text -> text.matches("[0-9]{1,9}"))
        .map(Long::parseLong)
        .orElse(1L);
    long rows = limit == 0 ? all : Math.min(limit, all);
    DateTimeFormatter dates = dates(ask);
    var out = new StringBuilder("{\"name\":\"Fear and Greed Index\",\"data\":[");
    for (long i = 0; i < rows; i++) {
      out.append(i == 0 ? "" : ",\n ");
      row(out, today - i, dates);
      if (i == 0) {
        long left = (today + 1) * DAY - time.getEpochSecond();
        out.append(",\"time_until_update\":\"").append(left).append('"');
      }
      out.append('}');
    }
    return Answer.json(200, out.append("],\"metadata\":{\"error\":null}}"));
  }

  private void row(StringBuilder out, long day, DateTimeFormatter dates) {
    long value = valueOf(day);
    out.append("{\"value\":\"").append(value).append("\",\"value_classification\":\"");
    out.append(classification(value)).append("\",\"timestamp\":\"");
    out.append(dates.format(LocalDate.ofEpochDay(day).atStartOfDay(ZoneOffset.UTC)))
        .append('"');
  }

  private static String classification(long value) {
    if (value < 25) {
      return "Extreme Fear";
    }
    if (value < 46) {
      return "Fear";
    }
    return value < 55 ? "Neutral" : value < 75 ? "Greed" : "Extreme Greed";
  }

  /// date_format: seconds since the epoch, or a date the American, Chinese, Korean or other way.
  private static DateTimeFormatter dates(Ask ask) {
    return switch (ask.parameter("date_format").orElse("")) {
      case "us" -> DateTimeFormatter.ofPattern("MM-dd-yyyy", Locale.ROOT);
      case "cn", "kr" -> DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT);
      case "world" -> DateTimeFormatter.ofPattern("dd-MM-yyyy", Locale.ROOT);
      default ->
        new DateTimeFormatterBuilder()
            .appendValue(ChronoField.INSTANT_SECONDS)
            .toFormatter(Locale.ROOT);
    };
  }
}

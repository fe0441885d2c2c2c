package dev.everfeed.hub.config;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/// When the refresh runs: at a fixed distance, or by a cron expression in UTC.
public sealed interface Schedule {

  /// The first moment after `previous` at which a run is due; empty when there is never another.
  Optional<Instant> next(Instant previous);

  /// One run each `every`, counted from the start of the previous one.
  record Every(Duration every) implements Schedule {
    @Override
    public Optional<Instant> next(Instant previous) {
      return Optional.of(previous.plus(every));
    }
  }

  /// @param expression the five fields of a UNIX crontab, or six with the seconds in front
  record Crontab(String expression, ExecutionTime times) implements Schedule {
    @Override
    public Optional<Instant> next(Instant previous) {
      return times.nextExecution(previous.atZone(ZoneOffset.UTC)).map(ZonedDateTime::toInstant);
    }
  }

  /// @throws IllegalArgumentException when it is not a cron expression, saying why
  static Schedule cron(String expression) {
    int fields = expression.strip().split("\\s+").length;
    if (fields != 5 && fields != 6) {
      throw new IllegalArgumentException(
          "must have 5 fields (minute hour day month weekday), or 6 with the second in front");
    }
    Cron cron = new CronParser(fields == 5 ? unix() : unixWithSeconds()).parse(expression.strip());
    cron.validate();
    return new Crontab(expression.strip(), ExecutionTime.forCron(cron));
  }

  private static CronDefinition unix() {
    return CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);
  }

  private static CronDefinition unixWithSeconds() {
    return CronDefinitionBuilder.defineCron()
        .withSeconds()
        .withValidRange(0, 59)
        .withStrictRange()
        .and()
        .withMinutes()
        .withValidRange(0, 59)
        .withStrictRange()
        .and()
        .withHours()
        .withValidRange(0, 23)
        .withStrictRange()
        .and()
        .withDayOfMonth()
        .withValidRange(1, 31)
        .withStrictRange()
        .and()
        .withMonth()
        .withValidRange(1, 12)
        .withStrictRange()
        .and()
        .withDayOfWeek()
        .withValidRange(0, 7)
        .withMondayDoWValue(1)
        .withIntMapping(7, 0)
        .withStrictRange()
        .and()
        .instance();
  }
}

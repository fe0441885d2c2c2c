package dev.everfeed.simulator.fault;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What somebody wants to happen to one venue. It replaces the fault in force there, if any.
///
/// @param lasting after which the venue heals itself, in real time; null to wait for a heal
/// @param delay of an answer ([FaultKind#SLOW], default 2 s), between two bytes
///     ([FaultKind#ENDLESS], default none) or of the clock, ahead ([FaultKind#SKEW], default 1
///     h); other kinds ignore it
public record FaultOrder(
    FaultKind kind, @Nullable Duration lasting, @Nullable Duration delay) {
  public static final Duration LONGEST = Duration.ofDays(1);
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

  public FaultOrder {
    check("for", lasting);
    check("delay", delay);
  }

  public static FaultOrder of(FaultKind kind) {
    return new FaultOrder(kind, null, null);
  }

  public FaultOrder lasting(Duration duration) {
    return new FaultOrder(kind, duration, delay);
  }

  public FaultOrder delayedBy(Duration duration) {
    return new FaultOrder(kind, lasting, duration);
  }

  /// Reads `250ms`, `30s`, `2m`, `1h`; empty when the text is nothing of the kind.
  public static Optional<Duration> duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long count = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          default -> Duration.ofHours(count);
        });
  }

  private static void check(String name, @Nullable Duration duration) {
    if (duration != null && (duration.toMillis() < 1 || duration.compareTo(LONGEST) > 0)) {
      throw new IllegalArgumentException(
          "%s: must be 1 ms to 24 h, was %d ms".formatted(name, duration.toMillis()));
    }
  }
}

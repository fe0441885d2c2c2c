package dev.everfeed.simulator.fault;

import dev.everfeed.core.model.Symbol;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What somebody wants to happen to one venue. It replaces the fault in force there, if any.
///
/// @param lasting after which the venue heals itself, in real time; null to wait for a heal
/// @param delay of an answer ([FaultKind#SLOW], default 2 s), between two bytes
///     ([FaultKind#ENDLESS], default none), of the clock, ahead ([FaultKind#SKEW], default 1 h),
///     before the end ([FaultKind#SHUTDOWN], default 10 s), or that each second adds
///     ([FaultKind#LAG], default 100 ms); other kinds ignore it
/// @param count of frames ([FaultKind#GAP], [FaultKind#DUPLICATE], [FaultKind#REORDER],
///     [FaultKind#GARBAGE], [FaultKind#GIANT], [FaultKind#BOMB]); null for what the kind does by
///     itself; other kinds ignore it
/// @param symbol whose streams alone it hurts, where the kind [FaultKind#takesSymbol]; null for
///     all
/// @param channel which alone it hurts, where the kind [FaultKind#takesChannel]; null for all
public record FaultOrder(
    FaultKind kind,
    @Nullable Duration lasting,
    @Nullable Duration delay,
    @Nullable Integer count,
    @Nullable Symbol symbol,
    @Nullable Channel channel) {
  /// What streams carry.
  public enum Channel {
    TRADE,
    QUOTE,
    BAR;

    /// `trade`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Channel> parse(String word) {
      return Arrays.stream(values())
          .filter(channel -> channel.word().equals(word))
          .findFirst();
    }

    /// `trade quote bar`, for messages that list what is valid.
    public static String all() {
      return Arrays.stream(values()).map(Channel::word).collect(Collectors.joining(" "));
    }
  }

  public static final int MOST = 1_000_000;
  public static final Duration LONGEST = Duration.ofDays(1);
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

  public FaultOrder {
    check("for", lasting);
    check("delay", delay);
    if (count != null && (count < 1 || count > MOST)) {
      throw new IllegalArgumentException("count: must be 1 to %d, was %d".formatted(MOST, count));
    }
    if (symbol != null && !kind.takesSymbol()) {
      throw new IllegalArgumentException("symbol: %s cannot be ordered of one symbol; these can: %s"
          .formatted(kind, FaultKind.ofSymbols()));
    }
    if (channel != null && !kind.takesChannel()) {
      throw new IllegalArgumentException(
          "channel: %s cannot be ordered of one channel; these can: %s"
              .formatted(kind, FaultKind.ofChannels()));
    }
  }

  public FaultOrder(FaultKind kind, @Nullable Duration lasting, @Nullable Duration delay) {
    this(kind, lasting, delay, null, null, null);
  }

  public static FaultOrder of(FaultKind kind) {
    return new FaultOrder(kind, null, null, null, null, null);
  }

  public FaultOrder lasting(Duration duration) {
    return new FaultOrder(kind, duration, delay, count, symbol, channel);
  }

  public FaultOrder delayedBy(Duration duration) {
    return new FaultOrder(kind, lasting, duration, count, symbol, channel);
  }

  public FaultOrder counting(int number) {
    return new FaultOrder(kind, lasting, delay, number, symbol, channel);
  }

  public FaultOrder forSymbol(Symbol one) {
    return new FaultOrder(kind, lasting, delay, count, one, channel);
  }

  public FaultOrder forChannel(Channel one) {
    return new FaultOrder(kind, lasting, delay, count, symbol, one);
  }

  /// Whether it hurts some streams and not others; REST answers are right then.
  public boolean isPartial() {
    return symbol != null || channel != null;
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

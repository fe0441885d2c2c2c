package dev.everfeed.hub.config;

import dev.everfeed.core.model.Interval;
import dev.everfeed.core.model.SourceId;
import dev.everfeed.core.model.Symbol;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What one text of the file means as a value of each type that settings have.
final class Texts {
  private Texts() {}

  /// @throws IllegalArgumentException whose message says what is allowed
  static Object read(Class<?> type, String text, Knob knob) {
    if (type.isEnum()) {
      return constant(type, text);
    }
    return switch (type.getSimpleName()) {
      case "String" -> nonEmpty(text);
      case "boolean" -> flag(text);
      case "int", "Integer" -> whole(text, knob);
      case "Duration" -> duration(text, knob);
      case "Secret" -> new Secret(nonEmpty(text));
      case "URI" -> address(text);
      case "Symbol" -> symbol(text);
      case "SymbolPattern" -> pattern(text);
      case "SourceId" -> source(text);
      case "Crontab" -> cron(text);
      default -> throw new IllegalStateException("settings have no type " + type);
    };
  }

  private static String nonEmpty(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("must not be empty");
    }
    return text;
  }

  private static Boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private static Integer whole(String text, Knob knob) {
    String allowed = "must be a whole number" + limits(knob);
    int value;
    try {
      value = Integer.parseInt(text.replace("_", ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(allowed, e);
    }
    boolean below = !knob.min().isEmpty() && value < Integer.parseInt(knob.min());
    boolean above = !knob.max().isEmpty() && value > Integer.parseInt(knob.max());
    if (below || above) {
      throw new IllegalArgumentException(allowed);
    }
    return value;
  }

  private static Duration duration(String text, Knob knob) {
    String allowed = "must be a length of time such as 250ms, 3s, 5m, 1d" + limits(knob);
    Duration value = Durations.parse(text).orElseThrow(() -> new IllegalArgumentException(allowed));
    boolean below =
        Durations.parse(knob.min()).filter(m -> value.compareTo(m) < 0).isPresent();
    boolean above =
        Durations.parse(knob.max()).filter(m -> value.compareTo(m) > 0).isPresent();
    if (below || above) {
      throw new IllegalArgumentException(allowed);
    }
    return value;
  }

  private static String limits(Knob knob) {
    return knob.min().isEmpty() ? "" : " from %s to %s".formatted(knob.min(), knob.max());
  }

  private static URI address(String text) {
    String allowed = "must be an address such as https://api.example.com, without user, query or #";
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(allowed, e);
    }
    String scheme = String.valueOf(uri.getScheme());
    boolean web = List.of("http", "https", "ws", "wss").contains(scheme);
    if (!web
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || uri.getPort() > 65_535) {
      throw new IllegalArgumentException(allowed);
    }
    return uri;
  }

  private static Symbol symbol(String text) {
    Symbol symbol = Symbol.of(text);
    if (text.indexOf('*') >= 0) {
      throw new IllegalArgumentException("must be one symbol such as BTC/USDT");
    }
    return symbol;
  }

  private static SymbolPattern pattern(String text) {
    return new SymbolPattern(text);
  }

  private static SourceId source(String text) {
    return Settings.SOURCES.stream()
        .filter(source -> source.name().equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("must be a known source ("
            + Binder.sources()
            + ")"
            + Names.nearest(text, Settings.SOURCES.stream().map(SourceId::name).toList())
                .map(near -> "; did you mean " + near + "?")
                .orElse("")));
  }

  static Interval interval(String text) {
    return Interval.parse(text)
        .orElseThrow(
            () -> new IllegalArgumentException("must be an interval (" + Interval.all() + ")"));
  }

  private static Schedule cron(String text) {
    try {
      return Schedule.cron(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "must be a cron expression such as \"*/5 * * * *\": " + e.getMessage(), e);
    }
  }

  private static Object constant(Class<?> type, String text) {
    if (type == Interval.class) {
      return interval(text);
    }
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> constant.toString().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("must be one of "
            + Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "))));
  }
}

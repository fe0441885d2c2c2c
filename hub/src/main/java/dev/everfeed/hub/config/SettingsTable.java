package dev.everfeed.hub.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The table of all settings as Markdown, drawn from the records (docs/configuration.md).
final class SettingsTable {
  private SettingsTable() {}

  /// One section a table of the file, one row a setting.
  static String markdown() {
    StringBuilder text = new StringBuilder();
    section(text, "", Settings.class, Map.of());
    return text.toString();
  }

  private static void section(
      StringBuilder text, String path, Class<?> type, Map<String, String> defaults) {
    if (!path.isEmpty()) {
      text.append("## `").append(path).append("`\n\n");
    } else {
      text.append("## At the top\n\n");
    }
    text.append("| setting | default | allowed | what it is | when to touch it |\n");
    text.append("|---|---|---|---|---|\n");
    Map<String, RecordComponent> below = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String key = Names.snake(component.getName());
      Knob knob = component.getAnnotation(Knob.class);
      Class<?> table = tableOf(component.getGenericType());
      if (table != null) {
        below.put(key, component);
      } else {
        row(text, key, component, knob, defaults.getOrDefault(key, knob.value()));
      }
    }
    below.forEach((key, component) -> {
      Knob knob = component.getAnnotation(Knob.class);
      text.append("| `").append(key).append("` | | table | ");
      text.append(knob.means()).append(" | ").append(knob.touch()).append(" |\n");
    });
    text.append('\n');
    below.forEach((key, component) -> {
      Class<?> table = tableOf(component.getGenericType());
      boolean lent = type == Settings.Source.class;
      if (table != null && !lent) {
        String where = path.isEmpty() ? key : path + "." + key;
        boolean bySource = component.getType() == Map.class;
        section(
            text,
            bySource ? where + ".NAME" : where,
            table,
            overridden(component.getAnnotation(Knob.class)));
      }
    });
  }

  private static Map<String, String> overridden(Knob knob) {
    return Arrays.stream(knob.defaults())
        .map(d -> d.split(": ", 2))
        .collect(Collectors.toMap(d -> d[0], d -> d[1]));
  }

  private static void row(
      StringBuilder text, String key, RecordComponent component, Knob knob, String value) {
    text.append("| `").append(key).append("` | ");
    text.append(value.isEmpty() ? "none" : "`" + value + "`").append(" | ");
    text.append(allowed(component.getGenericType(), knob)).append(" | ");
    text.append(knob.means()).append(" | ").append(knob.touch()).append(" |\n");
  }

  private static String allowed(Type type, Knob knob) {
    String limits = knob.min().isEmpty() ? "" : " " + knob.min() + " to " + knob.max();
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == Map.class
          ? "table"
          : "list of " + allowed(generic.getActualTypeArguments()[0], knob);
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isEnum() && !plain.getSimpleName().equals("Interval")) {
      return Arrays.stream(plain.getEnumConstants())
          .map(c -> "`" + c.toString().toLowerCase(Locale.ROOT) + "`")
          .collect(Collectors.joining(", "));
    }
    return switch (plain.getSimpleName()) {
      case "boolean" -> "`true`, `false`";
      case "int", "Integer" -> "number" + limits;
      case "Duration" -> "length of time" + limits;
      case "URI" -> "address";
      case "SourceId" -> "source";
      case "Crontab" -> "cron expression";
      default -> plain.getSimpleName().toLowerCase(Locale.ROOT);
    };
  }

  private static @Nullable Class<?> tableOf(Type type) {
    if (type instanceof Class<?> plain && Binder.isTable(plain)) {
      return plain;
    }
    if (type instanceof ParameterizedType map
        && map.getRawType() == Map.class
        && map.getActualTypeArguments()[1] instanceof Class<?> value
        && Binder.isTable(value)) {
      return value;
    }
    return null;
  }
}

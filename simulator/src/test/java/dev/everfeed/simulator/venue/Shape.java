package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Names and kinds of values of a JSON payload: `price=decimal text`, `[].id=whole number`.
///
/// Elements of an array are one kind; rows of mixed kinds (klines) are told apart by position.
final class Shape {
  private Shape() {}

  static Map<String, String> of(JsonNode json) {
    Map<String, String> shape = new TreeMap<>();
    collect("", json, shape);
    return shape;
  }

  /// The same, but a text is a number or not: how many digits it has follows the instrument.
  static Map<String, String> loose(JsonNode json) {
    Map<String, String> shape = of(json);
    shape.replaceAll((_, kind) -> kind.equals("text with 8 decimals") ? "number as text" : kind);
    return shape;
  }

  private static void collect(String path, JsonNode json, Map<String, String> shape) {
    if (json.isObject()) {
      json.properties()
          .forEach(field -> collect(path + "." + field.getKey(), field.getValue(), shape));
    } else if (json.isArray()) {
      boolean row = json.size() > 3 && json.get(0).isNumber();
      for (int i = 0; i < json.size(); i++) {
        collect(path + (row ? "[" + i + "]" : "[]"), json.get(i), shape);
      }
      if (json.isEmpty()) {
        shape.put(path + "[]", "empty");
      }
    } else {
      shape.put(path, kind(json));
    }
  }

  private static String kind(JsonNode json) {
    if (json.isTextual()) {
      String text = json.asText();
      if (text.matches("-?[0-9]+\\.[0-9]{8}")) {
        return "text with 8 decimals";
      }
      return text.matches("-?[0-9.]+") ? "number as text" : "text";
    }
    return json.isNumber() ? "number" : json.getNodeType().toString().toLowerCase(Locale.ROOT);
  }
}

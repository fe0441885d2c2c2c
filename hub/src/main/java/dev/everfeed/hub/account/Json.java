package dev.everfeed.hub.account;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Accounts as JSON: in columns of the database, and in the file of the last known ones.
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /// What JSON that was checked before says.
  static JsonNode parsed(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// The texts of an object; what is no text is written as JSON.
  static SortedMap<String, String> texts(String json) {
    SortedMap<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : parsed(json).properties()) {
      JsonNode value = field.getValue();
      texts.put(field.getKey(), value.isTextual() ? value.textValue() : value.toString());
    }
    return texts;
  }

  static String of(Map<String, String> texts) {
    ObjectNode object = object();
    texts.forEach(object::put);
    return object.toString();
  }
}

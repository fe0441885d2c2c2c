package dev.everfeed.hub.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The body of an order, read as strictly as a query: one object, whose fields are known and
/// stand once. Every mistake is a [Problem] with 400.
final class JsonOrder {
  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private final JsonNode order;

  private JsonOrder(JsonNode order) {
    this.order = order;
  }

  static JsonOrder read(Buffer body, List<String> fields) {
    JsonNode order;
    try {
      order = JSON.readTree(body.getBytes());
    } catch (JsonProcessingException e) {
      throw wrong("the body must be one JSON object: " + Parameters.shown(e.getOriginalMessage()));
    } catch (IOException e) {
      throw wrong("the body must be one JSON object: " + Parameters.shown(e.toString()));
    }
    if (!order.isObject()) {
      throw wrong("the body must be a JSON object");
    }
    for (Map.Entry<String, JsonNode> field : order.properties()) {
      if (!fields.contains(field.getKey())) {
        throw Problem.listing(
            400,
            "unknown-field",
            "A field is not known",
            "field \"%s\" is not known here; known: %s"
                .formatted(
                    Parameters.shown(field.getKey()),
                    fields.isEmpty() ? "none" : String.join(", ", fields)),
            fields,
            fields.size());
      }
    }
    return new JsonOrder(order);
  }

  /// An object whose fields somebody else reads. What cannot be read is not shown: it may be a
  /// part of a secret.
  static ObjectNode object(Buffer body) {
    try {
      if (JSON.readTree(body.getBytes()) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw wrong("the body must be one JSON object, in which every field stands once%s"
          .formatted(
              at == null
                  ? ""
                  : "; it is none at line %d, column %d"
                      .formatted(at.getLineNr(), at.getColumnNr())));
    } catch (IOException e) {
      throw wrong("the body must be one JSON object in UTF-8");
    }
    throw wrong("the body must be a JSON object");
  }

  /// As [#read]; no body at all is an order without fields.
  static JsonOrder readOrEmpty(Buffer body, List<String> fields) {
    return read(body.length() == 0 ? Buffer.buffer("{}") : body, fields);
  }

  String required(String name, String example) {
    String text = text(name);
    if (text == null) {
      throw wrong("%s is required, as in \"%s\": \"%s\"".formatted(name, name, example));
    }
    return text;
  }

  @Nullable
  String text(String name) {
    JsonNode value = order.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw wrong("%s must be a text, was %s".formatted(name, Parameters.shown(value.toString())));
    }
    return value.textValue();
  }

  /// Empty when it is not there; never an empty list otherwise.
  List<String> texts(String name) {
    JsonNode value = order.get(name);
    if (value == null || value.isNull()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode each : value) {
      if (each.isTextual()) {
        texts.add(each.textValue());
      }
    }
    if (!value.isArray() || texts.isEmpty() || texts.size() < value.size()) {
      throw wrong("%s must be a list of at least one text, was %s"
          .formatted(name, Parameters.shown(value.toString())));
    }
    return texts;
  }

  /// Null when it is not there.
  @Nullable
  Long whole(String name) {
    JsonNode value = order.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(
          "%s must be a whole number, was %s".formatted(name, Parameters.shown(value.toString())));
    }
    return value.longValue();
  }

  boolean isTrue(String name) {
    JsonNode value = order.get(name);
    if (value != null && !value.isNull() && !value.isBoolean()) {
      throw wrong(
          "%s must be true or false, was %s".formatted(name, Parameters.shown(value.toString())));
    }
    return value != null && value.asBoolean();
  }

  static Problem wrong(String detail) {
    return Problem.of(400, "invalid-order", "The order is wrong", detail);
  }
}

package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// `docs/api/asyncapi.yaml`, as what every message in these tests is held against.
public final class AsyncReference {
  static final Path FILE =
      Path.of(System.getProperty("everfeed.project"), "docs/api/asyncapi.yaml");
  public static final JsonNode DOCUMENT = read();
  private static final String BASE = "https://everfeed.dev/asyncapi";
  private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
      SpecVersion.VersionFlag.V202012,
      builder ->
          builder.schemaLoaders(loaders -> loaders.schemas(Map.of(BASE, DOCUMENT.toString()))));
  private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();
  private static final Map<String, String> BY_TYPE = Map.of(
      "trade", "Trade",
      "quote", "Quote",
      "bar", "Bar",
      "event", "HubEvent",
      "ack", "Ack",
      "snapshot", "Snapshot",
      "lagged", "Lagged",
      "error", "Error",
      "pong", "Pong",
      "welcome", "Welcome");

  private AsyncReference() {}

  private static JsonNode read() {
    try {
      return new ObjectMapper(new YAMLFactory()).readTree(FILE.toFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// A message of the hub, by its type.
  public static JsonNode check(String text) {
    JsonNode message;
    try {
      message = RunningServer.JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
    String schema = BY_TYPE.get(message.path("type").asText());
    assertThat(schema).as("schema of %s", text).isNotNull();
    check(schema, message);
    return message;
  }

  /// Of all events that the document has.
  public static Set<String> eventTypes() {
    Set<String> types = new TreeSet<>();
    for (JsonNode ref : DOCUMENT.at("/components/schemas/HubEvent/anyOf")) {
      JsonNode type = DOCUMENT.at(ref.get("$ref").asText().substring(1) + "/properties/event_type");
      type.path("enum").forEach(word -> types.add(word.asText()));
      if (type.has("const")) {
        types.add(type.get("const").asText());
      }
    }
    return types;
  }

  static void check(String schema, JsonNode message) {
    String pointer = "/components/schemas/" + schema;
    assertThat(SCHEMAS
            .computeIfAbsent(pointer, p -> FACTORY.getSchema(SchemaLocation.of(BASE + "#" + p)))
            .validate(message))
        .as("%s of %s", schema, message)
        .isEmpty();
  }
}

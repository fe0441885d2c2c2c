package dev.everfeed.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Draws TypeScript declarations from the schemas of `docs/api/asyncapi.yaml`: the part of JSON
/// Schema that they use, and nothing more.
final class Declarations {
  private static final String REF = "#/components/schemas/";

  private Declarations() {}

  static String draw(JsonNode document) {
    StringBuilder out = new StringBuilder("""
        // Drawn from docs/api/asyncapi.yaml; DeclarationsTest compares. Do not edit.
        //
        // The messages of ws://…/v1/stream:
        //
        //   const socket = new WebSocket("ws://127.0.0.1:8080/v1/stream");
        //   socket.onmessage = (frame) => handle(JSON.parse(frame.data) as FromHub);
        //
        // Numbers of JSON are binary in JavaScript: ask with `numbers: "string"` for exact ones.
        """);
    JsonNode schemas = document.at("/components/schemas");
    for (Map.Entry<String, JsonNode> schema : schemas.properties()) {
      out.append('\n');
      comment(out, "", schema.getValue());
      declaration(out, name(schema.getKey()), schema.getValue());
    }
    union(out, document, "tell", "FromHub", "What the hub says.");
    union(out, document, "ask", "ToHub", "What a reader may say.");
    return out.toString();
  }

  /// `Error` is a word of the language.
  private static String name(String schema) {
    return schema.equals("Error") ? "ErrorMessage" : schema;
  }

  private static void union(
      StringBuilder out, JsonNode document, String operation, String name, String comment) {
    List<String> members = new ArrayList<>();
    for (JsonNode ref : document.at("/operations/" + operation + "/messages")) {
      JsonNode message = document.at(ref.get("$ref").textValue().substring(1));
      JsonNode payload =
          document.at(message.get("$ref").textValue().substring(1)).get("payload");
      members.add(type(payload));
    }
    out.append("\n/** ")
        .append(comment)
        .append(" */\nexport type ")
        .append(name)
        .append(" =");
    members.forEach(member -> out.append("\n  | ").append(member));
    out.append(";\n");
  }

  private static void declaration(StringBuilder out, String name, JsonNode schema) {
    if (!schema.path("type").asText().equals("object")) {
      out.append("export type ").append(name).append(" = ").append(type(schema)).append(";\n");
      return;
    }
    out.append("export interface ").append(name).append(" {\n");
    Set<String> required = new LinkedHashSet<>();
    schema.path("required").forEach(field -> required.add(field.textValue()));
    for (Map.Entry<String, JsonNode> field : schema.path("properties").properties()) {
      comment(out, "  ", field.getValue());
      out.append("  ")
          .append(field.getKey())
          .append(required.contains(field.getKey()) ? ": " : "?: ")
          .append(type(field.getValue()))
          .append(";\n");
    }
    if (!schema.has("additionalProperties")) {
      out.append("  [field: string]: unknown;\n");
    }
    out.append("}\n");
  }

  private static void comment(StringBuilder out, String indent, JsonNode schema) {
    String text = schema.path("description").asText("").strip();
    if (text.isEmpty()) {
      return;
    }
    if (text.indexOf('\n') < 0) {
      out.append(indent).append("/** ").append(text).append(" */\n");
      return;
    }
    out.append(indent).append("/**\n");
    text.lines().forEach(line -> out.append(indent).append(" * ").append(line).append('\n'));
    out.append(indent).append(" */\n");
  }

  private static String type(JsonNode schema) {
    if (schema.has("$ref")) {
      return name(schema.get("$ref").textValue().substring(REF.length()));
    }
    if (schema.has("const")) {
      return schema.get("const").toString();
    }
    if (schema.has("anyOf")) {
      List<String> all = new ArrayList<>();
      schema.get("anyOf").forEach(one -> all.add(type(one)));
      return String.join(" | ", new LinkedHashSet<>(all));
    }
    if (schema.has("enum")) {
      List<String> all = new ArrayList<>();
      schema.get("enum").forEach(one -> all.add(one.toString()));
      return String.join(" | ", all);
    }
    JsonNode type = schema.get("type");
    if (type.isArray()) {
      List<String> all = new ArrayList<>();
      type.forEach(one -> all.add(simple(one.textValue(), schema)));
      return String.join(" | ", all);
    }
    return simple(type.textValue(), schema);
  }

  private static String simple(String type, JsonNode schema) {
    return switch (type) {
      case "string" -> "string";
      case "integer", "number" -> "number";
      case "boolean" -> "boolean";
      case "null" -> "null";
      case "array" -> "(" + type(schema.get("items")) + ")[]";
      default -> throw new AssertionError("a schema of a kind that is not drawn: " + schema);
    };
  }
}

package dev.everfeed.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// The body of an order as it may be written down: only what stands in fields that orders have and
/// that are no secrets. An operator who puts a secret into a field of another name is refused, and
/// the refusal is written down, too.
final class OrderText {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TextNode NOT_TOLD = TextNode.valueOf("not told");
  private static final Set<String> TOLD = Set.of(
      "again",
      "delay_ms",
      "description",
      "dry_run",
      "exchange",
      "force",
      "from",
      "gateway_type",
      "id",
      "interval",
      "is_enabled",
      "policy",
      "priority",
      "reason",
      "standby",
      "symbol",
      "symbols",
      "to");

  /// What these hold is looked at field by field; names of secrets are told, secrets are not.
  private static final Set<String> TABLES = Set.of("settings", "secrets");

  private OrderText() {}

  static String of(Buffer body) {
    try {
      JsonNode order = JSON.readTree(body.getBytes());
      return order instanceof ObjectNode object ? told(object, false).toString() : "no order";
    } catch (IOException e) {
      return "not JSON";
    }
  }

  private static ObjectNode told(ObjectNode order, boolean secret) {
    ObjectNode told = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> field : order.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      boolean plain = value.isValueNode()
          || value instanceof ArrayNode list && list.valueStream().allMatch(JsonNode::isValueNode);
      if (!secret && TABLES.contains(name) && value instanceof ObjectNode table) {
        told.set(name, told(table, name.equals("secrets")));
      } else {
        told.set(name, !secret && plain && TOLD.contains(name) ? value : NOT_TOLD);
      }
    }
    return told;
  }
}

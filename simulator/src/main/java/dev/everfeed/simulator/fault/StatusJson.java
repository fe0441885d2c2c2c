package dev.everfeed.simulator.fault;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The console's JSON form of a [VenueStatus], both ways.
final class StatusJson {
  private StatusJson() {}

  static JsonObject of(VenueStatus status) {
    FaultKind kind = status.fault();
    JsonObject fault = kind == null
        ? null
        : new JsonObject()
            .put("kind", kind.word())
            .put("since", text(status.since()))
            .put("until", text(status.until()))
            .put("delay_ms", status.delayMillis())
            .put("symbol", status.symbol())
            .put("channel", status.channel());
    var paths = new JsonObject();
    status.paths().forEach(paths::put);
    return new JsonObject()
        .put("name", status.name())
        .put("venue", status.venue())
        .put("url", status.url().toString())
        .put("fault", fault)
        .put("requests", status.requests())
        .put("connections_open", status.connectionsOpen())
        .put("connections_accepted", status.connectionsAccepted())
        .put("weight_used", status.weightUsed())
        .put("paths", paths);
  }

  /// @throws RuntimeException when a field is missing or of another type
  static VenueStatus parse(JsonObject json) {
    JsonObject fault = json.getJsonObject("fault");
    Map<String, Long> paths = new LinkedHashMap<>();
    for (Map.Entry<String, Object> path : json.getJsonObject("paths")) {
      paths.put(path.getKey(), ((Number) path.getValue()).longValue());
    }
    return new VenueStatus(
        json.getString("name"),
        json.getString("venue"),
        URI.create(json.getString("url")),
        fault == null ? null : FaultKind.parse(fault.getString("kind")).orElseThrow(),
        fault == null ? null : instant(fault.getString("since")),
        fault == null ? null : instant(fault.getString("until")),
        fault == null ? null : fault.getLong("delay_ms"),
        fault == null ? null : fault.getString("symbol"),
        fault == null ? null : fault.getString("channel"),
        json.getLong("requests"),
        json.getLong("connections_open"),
        json.getLong("connections_accepted"),
        json.getLong("weight_used"),
        paths);
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}

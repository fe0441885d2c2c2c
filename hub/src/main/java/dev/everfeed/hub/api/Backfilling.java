package dev.everfeed.hub.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.everfeed.core.model.Interval;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `/v1/backfills`: orders in, how far they are out. Runs on the server's event loop.
///
/// An order is read as strictly as a query: each field is known and stands once.
final class Backfilling {
  private static final List<String> FIELDS =
      List.of("symbol", "interval", "from", "to", "exchange", "again");

  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private final Desk desk;

  Backfilling(Desk desk) {
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.of("/v1/backfills", () -> Answer.json(list()))
            .with(HttpMethod.POST, new Endpoint.Action(true, (_, body) -> order(body))),
        Endpoint.of("/v1/backfills/{id}", List.of(), p -> Answer.json(one(p).json()))
            .with(HttpMethod.DELETE, new Endpoint.Action(false, (p, _) -> cancel(p))));
  }

  private String list() {
    JsonText json = new JsonText().open().key("backfills").openList();
    desk.backfills().map(Backfiller::all).orElse(List.of()).forEach(each -> each.write(json));
    return json.closeList().close().toString();
  }

  private BackfillView one(Parameters p) {
    String id = p.required("id", "1f0c22aa");
    return desk.backfills().flatMap(known -> known.find(id)).orElseThrow(() -> unknown(id));
  }

  private Answer cancel(Parameters p) {
    String id = p.required("id", "1f0c22aa");
    BackfillView view =
        desk.backfills().flatMap(known -> known.cancel(id)).orElseThrow(() -> unknown(id));
    return new Answer(202, Answer.JSON, Buffer.buffer(view.json()));
  }

  private static Problem unknown(String id) {
    return Problem.of(
        404,
        "unknown-backfill",
        "The backfill is not known",
        "no backfill \"%s\" is known here; the last ones are, until the hub is restarted"
            .formatted(Parameters.shown(id)));
  }

  private Answer order(Buffer body) {
    BackfillOrder order = read(body);
    Backfiller backfills = desk.backfills()
        .orElseThrow(() -> Problem.of(
            409,
            "nothing-is-kept",
            "This hub keeps nothing",
            "a backfill fills the store, and store.enabled is false"));
    try {
      Backfiller.Started started = backfills.start(order);
      return new Answer(
          started.joined() ? 200 : 202,
          Answer.JSON,
          Buffer.buffer(started.backfill().json()));
    } catch (BackfillRefused e) {
      String why = String.valueOf(e.getMessage());
      throw switch (e.reason()) {
        case MISTAKEN -> Problem.of(400, "invalid-order", "The order is wrong", why);
        case BUSY -> Problem.of(429, "too-many-backfills", "Enough is under way", why);
        case IMPOSSIBLE -> Problem.of(503, "stopping", "The hub is stopping", why);
      };
    }
  }

  private static BackfillOrder read(Buffer body) {
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
      if (!FIELDS.contains(field.getKey())) {
        throw Problem.listing(
            400,
            "unknown-field",
            "A field is not known",
            "field \"%s\" is not known here; known: %s"
                .formatted(Parameters.shown(field.getKey()), String.join(", ", FIELDS)),
            FIELDS,
            FIELDS.size());
      }
    }
    String interval = required(order, "interval", "1m");
    if (Interval.parse(interval).isEmpty()) {
      List<String> valid = Arrays.stream(Interval.values()).map(Interval::text).toList();
      throw Problem.listing(
          400,
          "unknown-interval",
          "The interval is not known",
          "interval \"%s\" is none; there are %s"
              .formatted(Parameters.shown(interval), String.join(", ", valid)),
          valid,
          valid.size());
    }
    try {
      return BackfillOrder.parse(
          required(order, "symbol", "BTC/USDT"),
          interval,
          required(order, "from", "2024-01-01"),
          text(order, "to"),
          text(order, "exchange"),
          isTrue(order, "again"));
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private static String required(JsonNode order, String name, String example) {
    String text = text(order, name);
    if (text == null) {
      throw wrong("%s is required, as in \"%s\": \"%s\"".formatted(name, name, example));
    }
    return text;
  }

  private static @Nullable String text(JsonNode order, String name) {
    JsonNode value = order.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw wrong("%s must be a text, was %s".formatted(name, Parameters.shown(value.toString())));
    }
    return value.textValue();
  }

  private static boolean isTrue(JsonNode order, String name) {
    JsonNode value = order.get(name);
    if (value != null && !value.isNull() && !value.isBoolean()) {
      throw wrong(
          "%s must be true or false, was %s".formatted(name, Parameters.shown(value.toString())));
    }
    return value != null && value.asBoolean();
  }

  private static Problem wrong(String detail) {
    return Problem.of(400, "invalid-order", "The order is wrong", detail);
  }
}

package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// One connection to Binance's market streams: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, and
/// the property `combined` (web-socket-streams.md, "Live subscribing/unsubscribing").
///
/// A stream that does not exist is acknowledged like any other and stays silent. Errors are the
/// codes 0 to 3 of that document; the texts after "Invalid request:" follow its examples.
final class BinanceTalk implements StreamTalk {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final String DATA = ",\"data\":";

  private final Set<String> streams;
  private boolean combined;

  BinanceTalk(boolean combined, Set<String> streams) {
    this.combined = combined;
    this.streams = new LinkedHashSet<>(streams);
  }

  @Override
  public Set<String> streams() {
    return streams;
  }

  @Override
  public String tell(StreamEvent event) {
    return wrapped(event.stream(), event.data());
  }

  private String wrapped(String stream, String data) {
    return combined
        ? new JsonText()
            .object()
            .text("stream", stream)
            .raw("data", data)
            .endObject()
            .toString()
        : data;
  }

  @Override
  public String replayed(String recorded) {
    int data = recorded.indexOf(DATA);
    return !combined && recorded.startsWith("{\"stream\":") && data > 0
        ? recorded.substring(data + DATA.length(), recorded.length() - 1)
        : recorded;
  }

  @Override
  public List<String> farewell(long nowMillis) {
    return List.of(wrapped("!serverShutdown", BinanceStreamText.shutdown(nowMillis)));
  }

  @Override
  public List<String> hear(String message, long nowMillis, ToLongFunction<String> upToMillis) {
    return List.of(answer(message));
  }

  private String answer(String message) {
    JsonNode request;
    try {
      request = JSON.readTree(message);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      return error(
          3,
          "Invalid JSON: expected value at line %d column %d"
              .formatted(at == null ? 1 : at.getLineNr(), at == null ? 1 : at.getColumnNr()),
          null);
    }
    JsonNode id = request.get("id");
    if (!request.isObject()) {
      return invalid("expected an object", null);
    }
    if (id != null && !id.isNull() && !isId(id)) {
      return invalid("request ID must be an unsigned integer", null);
    }
    JsonNode method = request.get("method");
    if (method == null) {
      return invalid("missing field `method` at line 1 column " + message.length(), id);
    }
    return switch (method.asText()) {
      case "SUBSCRIBE" -> change(request, id, true);
      case "UNSUBSCRIBE" -> change(request, id, false);
      case "LIST_SUBSCRIPTIONS" -> result(JSON.valueToTree(streams).toString(), id);
      case "SET_PROPERTY", "GET_PROPERTY" -> property(request, method.asText(), id);
      default ->
        invalid(
            ("unknown variant `%s`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`,"
                    + " `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`")
                .formatted(method.asText()),
            id);
    };
  }

  /// A number without a sign, or up to 36 letters and digits.
  private static boolean isId(JsonNode id) {
    return id.isTextual()
        ? id.asText().matches("[A-Za-z0-9_-]{1,36}")
        : id.isIntegralNumber() && id.bigIntegerValue().signum() >= 0;
  }

  private String change(JsonNode request, @Nullable JsonNode id, boolean add) {
    JsonNode params = request.get("params");
    if (params == null || !params.isArray()) {
      return invalid("missing field `params`", id);
    }
    List<String> named = new ArrayList<>();
    for (JsonNode param : params) {
      if (!param.isTextual()) {
        return invalid("expected a string", id);
      }
      named.add(param.asText());
    }
    if (add) {
      Set<String> more = new LinkedHashSet<>(streams);
      more.addAll(named);
      if (more.size() > BinanceStreams.MOST_STREAMS) {
        return invalid("too many streams, at most " + BinanceStreams.MOST_STREAMS, id);
      }
      streams.addAll(named);
    } else {
      named.forEach(streams::remove);
    }
    return result("null", id);
  }

  private String property(JsonNode request, String method, @Nullable JsonNode id) {
    JsonNode params = request.get("params");
    boolean set = method.equals("SET_PROPERTY");
    if (params == null
        || !params.isArray()
        || params.isEmpty()
        || !params.get(0).isTextual()) {
      return invalid("property name must be a string", id);
    }
    if (params.size() > (set ? 2 : 1)) {
      return invalid("too many parameters", id);
    }
    if (!params.get(0).asText().equals("combined")) {
      return error(0, "Unknown property", id);
    }
    if (!set) {
      return result(Boolean.toString(combined), id);
    }
    JsonNode value = params.get(1);
    if (value == null || !value.isBoolean()) {
      return error(1, "Invalid value type: expected Boolean", id);
    }
    combined = value.asBoolean();
    return result("null", id);
  }

  private static String result(String result, @Nullable JsonNode id) {
    var out = new JsonText().object().raw("result", result);
    return out.raw("id", id == null ? "null" : id.toString()).endObject().toString();
  }

  private static String invalid(String what, @Nullable JsonNode id) {
    return error(2, "Invalid request: " + what, id);
  }

  private static String error(int code, String message, @Nullable JsonNode id) {
    JsonText out = new JsonText()
        .object()
        .number("code", code)
        .raw("msg", JSON.getNodeFactory().textNode(message).toString());
    if (id != null) {
      out.raw("id", id.toString());
    }
    return out.endObject().toString();
  }
}

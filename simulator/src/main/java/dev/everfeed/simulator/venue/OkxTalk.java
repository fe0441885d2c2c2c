package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// One connection to OKX's public channels: each channel of a request is answered by itself; a
/// refusal has no `arg`, only its text says what was refused. `ping` and `pong` are no JSON.
///
/// Who subscribes again is acknowledged again. The text of 60018 is the venue's, as clients quote
/// it; those of 60012 and 60014 are its documentation's (u).
final class OkxTalk implements StreamTalk {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final OkxStreams venue;
  private final boolean business;
  private final String connId;
  private final WindowLimit requests;
  private final Set<String> streams = new LinkedHashSet<>();

  /// @param business whether it is the address of candles and single trades
  /// @param mostRequests an hour; 0 for no limit
  OkxTalk(OkxStreams venue, boolean business, long connection, int mostRequests) {
    this.venue = venue;
    this.business = business;
    this.connId = "%08x".formatted((int) Noise.hash(connection, 5));
    this.requests = new WindowLimit(mostRequests, Duration.ofHours(1));
  }

  @Override
  public Set<String> streams() {
    return Collections.unmodifiableSet(streams);
  }

  @Override
  public @Nullable String tell(StreamEvent event) {
    return event.data();
  }

  @Override
  public List<String> farewell(long nowMillis) {
    return List.of(new JsonText()
        .object()
        .text("event", "notice")
        .text("code", "64008")
        .text("msg", "The connection will soon be closed for a service upgrade. Please reconnect.")
        .text("connId", connId)
        .endObject()
        .toString());
  }

  @Override
  public List<String> hear(String message, long nowMillis, ToLongFunction<String> upToMillis) {
    if (message.equals("ping")) {
      return List.of("pong");
    }
    JsonNode request;
    try {
      request = JSON.readTree(message);
    } catch (JsonProcessingException notJson) {
      return List.of(invalid(message));
    }
    String operation = request.path("op").asText();
    boolean subscribes = operation.equals("subscribe");
    JsonNode args = request.path("args");
    if ((!subscribes && !operation.equals("unsubscribe")) || !args.isArray() || args.isEmpty()) {
      return List.of(invalid(message));
    }
    if (!requests.take(1, Instant.ofEpochMilli(nowMillis))) {
      return List.of(error("60014", "Requests too frequent"));
    }
    List<String> answers = new ArrayList<>();
    for (JsonNode arg : args) {
      String channel = arg.path("channel").asText();
      String instId = arg.path("instId").asText();
      if (!venue.has(channel, business) || !venue.lists(instId)) {
        answers.add(error(
            "60018",
            ("Wrong URL or channel:%s,instId:%s doesn't exist."
                    + " Please use the correct URL, channel and parameters referring to API document.")
                .formatted(channel, instId)));
        continue;
      }
      String stream = OkxStreams.stream(channel, instId);
      answers.add(new JsonText()
          .object()
          .text("event", operation)
          .raw("arg", OkxText.arg(channel, instId))
          .text("connId", connId)
          .endObject()
          .toString());
      if (subscribes) {
        begin(stream, upToMillis, answers);
      } else {
        streams.remove(stream);
      }
    }
    return answers;
  }

  private void begin(String stream, ToLongFunction<String> upToMillis, List<String> answers) {
    long upTo = upToMillis.applyAsLong(stream);
    String first = streams.add(stream) && upTo != NOTHING ? venue.first(stream, upTo) : null;
    if (first != null) {
      answers.add(first);
    }
  }

  private String invalid(String message) {
    return error("60012", "Invalid request: " + message);
  }

  private String error(String code, String text) {
    return new JsonText()
        .object()
        .text("event", "error")
        .raw("msg", JSON.getNodeFactory().textNode(text).toString())
        .text("code", code)
        .text("connId", connId)
        .endObject()
        .toString();
  }
}

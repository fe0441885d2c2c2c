package dev.everfeed.simulator.venue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// One connection to Kraken's WebSocket, version 2: each symbol of a request is answered by
/// itself, and a refusal names the symbol and not the channel. Of bars a connection takes one
/// interval for each symbol.
///
/// The words of refusals are those that were seen of the venue (wire/cases/kraken_v2/ws_error,
/// and clients that quote them); those of a message that is no request are ours.
final class KrakenTalk implements StreamTalk {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Boolean> SNAPSHOT_UNLESS_SAID =
      Map.of("trade", false, "ticker", true, "ohlc", true);

  private final KrakenStreams venue;
  private final long connection;
  private final Set<String> streams = new LinkedHashSet<>();

  /// The interval that is subscribed to, by symbol.
  private final Map<String, Long> intervals = new LinkedHashMap<>();

  private long toldMillis;

  KrakenTalk(KrakenStreams venue, long connection) {
    this.venue = venue;
    this.connection = connection;
  }

  @Override
  public Set<String> streams() {
    return Collections.unmodifiableSet(streams);
  }

  @Override
  public List<String> greeting(long nowMillis) {
    return List.of(KrakenStreamText.status("online", connection));
  }

  @Override
  public List<String> farewell(long nowMillis) {
    return List.of(KrakenStreamText.status("maintenance", connection));
  }

  @Override
  public @Nullable String tell(StreamEvent event) {
    boolean heartbeat = event.kind() == StreamEvent.Kind.HEARTBEAT;
    if (heartbeat && event.timeMillis() - toldMillis < KrakenStreams.HEARTBEAT_MILLIS) {
      return null;
    }
    toldMillis = event.timeMillis();
    return event.data();
  }

  @Override
  public List<String> hear(String message, long nowMillis, ToLongFunction<String> upToMillis) {
    toldMillis = nowMillis;
    JsonNode request;
    try {
      request = JSON.readTree(message);
    } catch (JsonProcessingException notJson) {
      return List.of(new Asked("", null, nowMillis).refusal("Malformed request", null));
    }
    JsonNode id = request.path("req_id");
    Asked asked =
        new Asked(request.path("method").asText(), id.isNumber() ? id.asText() : null, nowMillis);
    return switch (asked.method()) {
      case "ping" -> List.of(asked.begin("pong").endObject().toString());
      case "subscribe" -> subscribe(asked, request.path("params"), upToMillis);
      case "unsubscribe" -> unsubscribe(asked, request.path("params"));
      default -> List.of(asked.refusal("Malformed request", null));
    };
  }

  private List<String> subscribe(Asked asked, JsonNode params, ToLongFunction<String> upToMillis) {
    String channel = params.path("channel").asText();
    Boolean otherwise = SNAPSHOT_UNLESS_SAID.get(channel);
    if (otherwise == null) {
      return List.of(asked.refusal("Unsupported channel " + channel, null));
    }
    long minutes = params.path("interval").asLong(1);
    if (channel.equals("ohlc") && !KrakenVenue.MINUTES.contains(minutes)) {
      return List.of(asked.refusal("Unsupported interval " + minutes, null));
    }
    boolean snapshot = params.path("snapshot").asBoolean(otherwise);
    List<String> answers = new ArrayList<>();
    for (JsonNode name : params.path("symbol")) {
      String symbol = name.asText();
      String stream = stream(channel, minutes, symbol);
      String refusal = refusal(channel, symbol, stream);
      if (refusal != null) {
        answers.add(asked.refusal(refusal, symbol));
        continue;
      }
      streams.add(stream);
      streams.add(KrakenStreams.HEARTBEAT);
      if (channel.equals("ohlc")) {
        intervals.put(symbol, minutes);
      }
      answers.add(asked.done(channel, minutes, symbol, snapshot));
      long upTo = upToMillis.applyAsLong(stream);
      String first = snapshot && upTo != NOTHING ? venue.snapshot(stream, upTo) : null;
      if (first != null) {
        answers.add(first);
      }
    }
    return answers;
  }

  private @Nullable String refusal(String channel, String symbol, String stream) {
    if (!venue.lists(symbol)) {
      return "Currency pair not supported " + symbol;
    }
    if (channel.equals("ohlc") && intervals.containsKey(symbol)) {
      return "Already subscribed to one ohlc interval on this symbol";
    }
    return streams.contains(stream) ? "Already subscribed" : null;
  }

  private List<String> unsubscribe(Asked asked, JsonNode params) {
    String channel = params.path("channel").asText();
    long minutes = params.path("interval").asLong(1);
    List<String> answers = new ArrayList<>();
    for (JsonNode name : params.path("symbol")) {
      String symbol = name.asText();
      if (streams.remove(stream(channel, minutes, symbol))) {
        if (channel.equals("ohlc")) {
          intervals.remove(symbol);
        }
        answers.add(asked.done(channel, minutes, symbol, null));
      } else {
        answers.add(asked.refusal("Subscription Not Found", symbol));
      }
    }
    if (streams.equals(Set.of(KrakenStreams.HEARTBEAT))) {
      streams.clear();
    }
    return answers;
  }

  private static String stream(String channel, long minutes, String symbol) {
    return KrakenStreams.stream(
        channel.equals("ohlc") ? KrakenStreams.bars(minutes) : channel, symbol);
  }

  /// A request that is answered.
  ///
  /// @param id as it was sent; null without one
  private record Asked(String method, @Nullable String id, long millis) {
    JsonText begin(String answer) {
      JsonText out = new JsonText().object().text("method", answer);
      if (id != null) {
        out.raw("req_id", id);
      }
      return end(out);
    }

    String done(String channel, long minutes, String symbol, @Nullable Boolean snapshot) {
      JsonText out = new JsonText()
          .object()
          .text("method", method)
          .name("result")
          .object()
          .text("channel", channel);
      if (channel.equals("ohlc")) {
        out.number("interval", minutes);
      }
      if (snapshot != null) {
        out.raw("snapshot", snapshot.toString());
      }
      out.text("symbol", symbol).endObject().raw("success", "true");
      if (id != null) {
        out.raw("req_id", id);
      }
      return end(out).endObject().toString();
    }

    String refusal(String why, @Nullable String symbol) {
      JsonText out =
          new JsonText().object().raw("error", quoted(why)).raw("method", quoted(method));
      if (id != null) {
        out.raw("req_id", id);
      }
      out.raw("success", "false");
      if (symbol != null) {
        out.raw("symbol", quoted(symbol));
      }
      return end(out).endObject().toString();
    }

    private JsonText end(JsonText out) {
      return out.text("time_in", KrakenStreamText.micros(millis))
          .text("time_out", KrakenStreamText.micros(millis));
    }

    /// What a client sent, which may have anything in it.
    private static String quoted(String text) {
      return JSON.getNodeFactory().textNode(text).toString();
    }
  }
}

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
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// One connection to Bybit's public streams: one answer for all topics of a request, which is
/// refused as a whole when one of them cannot be given.
///
/// The words of refusals are the venue's, as clients quote them.
final class BybitTalk implements StreamTalk {
  static final int MOST_ARGS = 10;

  /// Of all topics of a connection.
  static final int MOST_CHARACTERS = 21_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final BybitStreams venue;
  private final String connId;

  /// The venue's topics by stream.
  private final Map<String, String> topics = new LinkedHashMap<>();

  /// The books that this connection has been told whole.
  private final Set<String> whole = new LinkedHashSet<>();

  BybitTalk(BybitStreams venue, long connection) {
    this.venue = venue;
    this.connId = new UUID(Noise.hash(connection, 6, 1), Noise.hash(connection, 6, 2)).toString();
  }

  @Override
  public Set<String> streams() {
    return Collections.unmodifiableSet(topics.keySet());
  }

  /// What changes in a book means nothing to who was not told the book.
  @Override
  public @Nullable String tell(StreamEvent event) {
    String book = event.kind() == StreamEvent.Kind.QUOTE && whole.add(event.stream())
        ? venue.whole(event.stream(), event.timeMillis())
        : null;
    return book == null ? event.data() : book;
  }

  /// Nothing: what is planned is told at another address.
  @Override
  public List<String> farewell(long nowMillis) {
    return List.of();
  }

  @Override
  public List<String> hear(String message, long nowMillis, ToLongFunction<String> upToMillis) {
    JsonNode request;
    try {
      request = JSON.readTree(message);
    } catch (JsonProcessingException notJson) {
      return List.of(answer("", false, "Failed to decode incoming data", ""));
    }
    String operation = request.path("op").asText();
    String id = request.path("req_id").asText();
    return switch (operation) {
      case "ping" -> List.of(answer("ping", true, "pong", id));
      case "subscribe" -> {
        List<String> added = new ArrayList<>();
        String refusal = add(request.path("args"), added);
        if (refusal != null) {
          yield List.of(answer(operation, false, refusal, id));
        }
        List<String> answers = new ArrayList<>();
        answers.add(answer(operation, true, "subscribe", id));
        added.forEach(stream -> begin(stream, upToMillis, answers));
        yield answers;
      }
      case "unsubscribe" -> {
        for (JsonNode topic : request.path("args")) {
          String stream = stream(topic.asText());
          topics.remove(stream);
          whole.remove(stream);
        }
        yield List.of(answer(operation, true, "", id));
      }
      default -> List.of(answer(operation, false, "error:invalid op", id));
    };
  }

  /// Adds all topics or none; the reason in the latter case.
  private @Nullable String add(JsonNode args, List<String> added) {
    if (args.size() > MOST_ARGS) {
      return "args size >" + MOST_ARGS;
    }
    Map<String, String> more = new LinkedHashMap<>();
    for (JsonNode arg : args) {
      String topic = arg.asText();
      String stream = stream(topic);
      if (venue.kind(BybitStreams.channelOf(stream)) == null) {
        return "error:handler not found,topic:" + topic;
      }
      if (!venue.lists(topic.substring(topic.lastIndexOf('.') + 1))) {
        return "Invalid symbol :[%s]".formatted(topic);
      }
      if (topics.containsKey(stream)) {
        return "error:already subscribed,topic:" + topic;
      }
      more.put(stream, topic);
    }
    int characters = topics.values().stream().mapToInt(String::length).sum()
        + more.values().stream().mapToInt(String::length).sum();
    if (characters > MOST_CHARACTERS) {
      return "args length >" + MOST_CHARACTERS;
    }
    topics.putAll(more);
    added.addAll(more.keySet());
    return null;
  }

  private void begin(String stream, ToLongFunction<String> upToMillis, List<String> answers) {
    long upTo = upToMillis.applyAsLong(stream);
    String book = upTo == NOTHING ? null : venue.whole(stream, upTo);
    if (book != null && whole.add(stream)) {
      answers.add(book);
    }
  }

  /// `kline.1|BTCUSDT` for `kline.1.BTCUSDT`.
  private static String stream(String topic) {
    int dot = topic.lastIndexOf('.');
    return BybitStreams.stream(topic.substring(0, Math.max(0, dot)), topic.substring(dot + 1));
  }

  private String answer(String operation, boolean success, String text, String id) {
    return new JsonText()
        .object()
        .raw("success", Boolean.toString(success))
        .raw("ret_msg", quoted(text))
        .text("conn_id", connId)
        .raw("req_id", quoted(id))
        .raw("op", quoted(operation))
        .endObject()
        .toString();
  }

  /// What a client sent, which may have anything in it.
  private static String quoted(String text) {
    return JSON.getNodeFactory().textNode(text).toString();
  }
}

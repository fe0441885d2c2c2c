package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A reader of everything that a hub publishes, which keeps all that comes.
final class Reading implements WebSocket.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<JsonNode> messages = new CopyOnWriteArrayList<>();
  private final StringBuilder part = new StringBuilder();

  // Kept: a socket that nobody refers to may be closed.
  private @Nullable WebSocket socket;

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      try {
        messages.add(JSON.readTree(part.toString()));
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + part, e);
      }
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  List<JsonNode> of(String type) {
    assertThat(messages).noneMatch(m -> m.path("type").asText().equals("error"));
    return messages.stream().filter(m -> m.path("type").asText().equals(type)).toList();
  }

  List<JsonNode> events(String type) {
    return of("event").stream()
        .filter(m -> m.get("event_type").asText().equals(type))
        .toList();
  }

  /// Subscribed to all trades, quotes and events, and to bars of 1m and 5m.
  static Reading of(HttpClient client, int port) throws Exception {
    Reading reader = new Reading();
    WebSocket socket = client
        .newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:%d/v1/stream".formatted(port)), reader)
        .get(10, TimeUnit.SECONDS);
    reader.socket = socket;
    socket
        .sendText(
            "{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"trade\",\"quote\",\"bar\",\"event\"],\"symbols\":[\"*\"],\"intervals\":[\"1m\",\"5m\"]}",
            true)
        .get(10, TimeUnit.SECONDS);
    return reader;
  }

  /// The numbers between the first and the last that no message has; fails where they do not
  /// rise.
  static List<Long> numbered(List<JsonNode> messages, String field) {
    List<Long> missing = new ArrayList<>();
    long last = messages.getFirst().get(field).asLong() - 1;
    for (JsonNode message : messages) {
      long number = message.get(field).asLong();
      assertThat(number).as(field).isGreaterThan(last);
      for (long id = last + 1; id < number; id++) {
        missing.add(id);
      }
      last = number;
    }
    return missing;
  }

  static void eventually(Callable<Boolean> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not so after 30 s");
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}

package dev.everfeed.benchmarks.kills;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A reader of all trades and events of a hub, who proves from `seq` and the venue's trade ids,
/// which are dense, what it got. Filled by the socket's thread; figures are for others under its
/// lock.
final class Witness implements AutoCloseable {
  private static final int EVIDENCE_MAX = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final StringBuilder parts = new StringBuilder();
  private final Map<String, Long> lastSeq = new LinkedHashMap<>();
  private final Map<String, Ids> ids = new LinkedHashMap<>();
  private final Map<String, TreeSet<Long>> declared = new LinkedHashMap<>();
  private final List<String> evidence = new ArrayList<>();
  private final List<Told> failovers = new ArrayList<>();
  private final Consumer<Trade> onTrade;
  private long[] atNanos = new long[1 << 16];
  private long[] ageMicros = new long[1 << 16];
  private int arrivals;
  private long doubled;
  private long late;
  private long seqHoles;
  private @Nullable String epoch;
  private boolean answered;

  /// A trade as it came.
  ///
  /// @param atNanos by `System.nanoTime`
  record Trade(String symbol, String gateway, long atNanos) {}

  /// A `failover_executed`.
  record Told(long atNanos, JsonNode event) {}

  /// Which ids of a symbol have come.
  private static final class Ids {
    private final TreeSet<Long> holes = new TreeSet<>();
    private long first = -1;
    private long last;
    private long count;
  }

  /// What it adds up to.
  ///
  /// @param lost     declared as lost by the hub, and never come
  /// @param missing  not come, and not declared
  /// @param doubled  come twice
  /// @param late     come after a later one
  /// @param seqHoles places where `seq` did not go on
  record Sums(long trades, long lost, long missing, long doubled, long late, long seqHoles) {}

  /// Returns when it is answered.
  Witness(int port, List<String> symbols, Consumer<Trade> onTrade)
      throws IOException, InterruptedException {
    this.onTrade = onTrade;
    socket = client
        .newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:" + port + "/v1/stream"), new Frames())
        .join();
    say("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"event\"]}");
    say("{\"op\":\"subscribe\",\"id\":2,\"channels\":[\"trade\"],\"symbols\":"
        + JSON.writeValueAsString(symbols)
        + "}");
    long until = System.nanoTime() + 10_000_000_000L;
    while (!isAnswered()) {
      if (System.nanoTime() > until) {
        throw new IOException("the reader was not answered within 10 s");
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private synchronized boolean isAnswered() {
    return answered;
  }

  private void say(String text) {
    socket.sendText(text, true).join();
  }

  private final class Frames implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      long now = System.nanoTime();
      Instant wall = Instant.now();
      parts.append(text);
      if (last) {
        String message = parts.toString();
        parts.setLength(0);
        try {
          heard(JSON.readTree(message), now, wall);
        } catch (IOException | RuntimeException e) {
          note("not understood: " + e + ": " + message);
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      note("closed by the hub: " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      note("the connection failed: " + error);
    }
  }

  private synchronized void note(String what) {
    if (evidence.size() < EVIDENCE_MAX) {
      evidence.add(Instant.now() + " " + what);
    }
  }

  private synchronized void heard(JsonNode message, long now, Instant wall) {
    switch (message.path("type").asText()) {
      case "trade" -> {
        follows("trade|" + message.get("symbol").asText(), message);
        trade(message, now, wall);
      }
      case "event" -> {
        String type = message.get("event_type").asText();
        follows("event|" + type, message);
        if (type.equals("failover_executed")) {
          failovers.add(new Told(now, message));
        } else if (type.equals("gap_declared")) {
          note("declared: " + message);
          TreeSet<Long> of =
              declared.computeIfAbsent(message.get("symbol").asText(), _ -> new TreeSet<>());
          for (long id = message.get("first_id").asLong();
              id <= message.get("last_id").asLong();
              id++) {
            of.add(id);
          }
        }
      }
      case "ack" -> answered |= message.path("id").asInt() == 2;
      case "lagged", "error" -> note("told: " + message);
      default -> {
        // snapshots are of before
      }
    }
  }

  private void follows(String stream, JsonNode message) {
    long seq = message.get("seq").asLong();
    String ofEpoch = message.get("epoch").asText();
    if (epoch != null && !epoch.equals(ofEpoch)) {
      seqHoles++;
      note("epoch " + ofEpoch + " after " + epoch);
    }
    epoch = ofEpoch;
    Long last = lastSeq.put(stream, seq);
    if (last != null && seq != last + 1) {
      seqHoles++;
      note("%s: seq %d after %d: %s".formatted(stream, seq, last, message));
    }
  }

  private void trade(JsonNode message, long now, Instant wall) {
    String symbol = message.get("symbol").asText();
    long id = message.get("trade_id").asLong();
    Ids of = ids.computeIfAbsent(symbol, _ -> new Ids());
    if (of.first < 0) {
      of.first = id;
    } else if (id > of.last + 1) {
      for (long hole = of.last + 1; hole < id; hole++) {
        of.holes.add(hole);
      }
      note("%s: id %d after %d: %s".formatted(symbol, id, of.last, message));
    } else if (id <= of.last) {
      if (of.holes.remove(id)) {
        late++;
        note("%s: id %d came after %d: %s".formatted(symbol, id, of.last, message));
      } else {
        doubled++;
        note("%s: id %d came again after %d: %s".formatted(symbol, id, of.last, message));
      }
    }
    of.last = Math.max(of.last, id);
    of.count++;
    if (arrivals == atNanos.length) {
      atNanos = Arrays.copyOf(atNanos, 2 * arrivals);
      ageMicros = Arrays.copyOf(ageMicros, 2 * arrivals);
    }
    Instant time = Instant.parse(message.get("time").asText());
    atNanos[arrivals] = now;
    ageMicros[arrivals++] = java.time.Duration.between(time, wall).toNanos() / 1_000;
    onTrade.accept(new Trade(symbol, message.get("gateway").asText(), now));
  }

  synchronized Sums sums() {
    long trades = 0;
    long lost = 0;
    long missing = 0;
    for (Map.Entry<String, Ids> entry : ids.entrySet()) {
      TreeSet<Long> told = declared.getOrDefault(entry.getKey(), new TreeSet<>());
      trades += entry.getValue().count;
      for (long hole : entry.getValue().holes) {
        if (told.contains(hole)) {
          lost++;
        } else {
          missing++;
        }
      }
    }
    return new Sums(trades, lost, missing, doubled, late, seqHoles);
  }

  /// What was not as it should be, and what was declared.
  synchronized List<String> evidence() {
    return List.copyOf(evidence);
  }

  synchronized List<Told> failovers() {
    return List.copyOf(failovers);
  }

  /// What came within a stretch of time.
  ///
  /// @param pauseNanos the longest time in which nothing came
  /// @param ageMicros  of the trades, from the venue's time to the reader
  record Stretch(long pauseNanos, long[] ageMicros) {
    long oldestMicros() {
      return Arrays.stream(ageMicros).max().orElse(0);
    }
  }

  synchronized Stretch between(long fromNanos, long toNanos) {
    int from = lowerBound(fromNanos);
    int to = lowerBound(toNanos);
    long pause = 0;
    // a pause that has begun before, or ends afterwards, counts whole
    for (int i = Math.max(1, from); i <= Math.min(to, arrivals - 1); i++) {
      pause = Math.max(pause, atNanos[i] - atNanos[i - 1]);
    }
    return new Stretch(pause, Arrays.copyOfRange(ageMicros, from, to));
  }

  private int lowerBound(long nanos) {
    int low = 0;
    int high = arrivals;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (atNanos[middle] < nanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
  }
}

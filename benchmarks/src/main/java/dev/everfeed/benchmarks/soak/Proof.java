package dev.everfeed.benchmarks.soak;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the numbers of the messages prove: within a stream each goes on from the one before,
/// and of a source whose ids are dense each trade comes once or is declared as lost.
///
/// Filled by one thread at a time, asked by any.
final class Proof {
  /// The venue's trade ids rise by 1 (`wire/binance.md`).
  private static final String DENSE = "binance";

  private static final int EVIDENCE_MAX = 50;

  private final Map<String, Long> lastSeq = new HashMap<>();
  private final Map<String, Passage> passages = new HashMap<>();
  private final Map<String, TreeSet<Long>> declared = new HashMap<>();
  private final List<String> evidence = new ArrayList<>();
  private @Nullable String epoch;
  private long messages;
  private long trades;
  private long moves;
  private long holes;
  private long doubled;
  private long lagged;
  private long refused;

  /// Trades of one symbol from one source, without another one's between them.
  private static final class Passage {
    private String source = "";
    private final Map<String, Long> lastOf = new HashMap<>();
    private final TreeSet<Long> missing = new TreeSet<>();
  }

  /// What it adds up to.
  ///
  /// @param moves   how often the trades of a symbol came from another source than before
  /// @param lost    declared as lost, and never come
  /// @param missing not come, and not declared
  /// @param doubled come again, or after a later one
  /// @param holes   places where `seq` did not go on
  /// @param lagged  told that messages will not come
  /// @param refused what the reader said and the hub did not take
  record Sums(
      long messages,
      long trades,
      long moves,
      long lost,
      long missing,
      long doubled,
      long holes,
      long lagged,
      long refused) {
    long wrong() {
      return missing + doubled + holes + lagged + refused;
    }

    Sums plus(Sums other) {
      return new Sums(
          messages + other.messages,
          trades + other.trades,
          moves + other.moves,
          lost + other.lost,
          missing + other.missing,
          doubled + other.doubled,
          holes + other.holes,
          lagged + other.lagged,
          refused + other.refused);
    }
  }

  /// The last `seq` of each stream, to resume from; null before the first message.
  synchronized @Nullable String resumption() {
    if (epoch == null || lastSeq.isEmpty()) {
      return null;
    }
    List<String> streams = new ArrayList<>();
    lastSeq.forEach((stream, seq) ->
        streams.add("{\"stream\":\"%s\",\"epoch\":%s,\"seq\":%d}".formatted(stream, epoch, seq)));
    return "{\"op\":\"resume\",\"id\":3,\"streams\":[" + String.join(",", streams) + "]}";
  }

  /// The last `seq` of each stream of ticks.
  synchronized Map<String, Long> ticks() {
    Map<String, Long> ticks = new TreeMap<>(lastSeq);
    ticks.keySet().removeIf(stream -> stream.startsWith("event|"));
    return ticks;
  }

  synchronized void heard(JsonNode message) {
    switch (message.path("type").asText()) {
      case "trade" -> {
        follows("trade|" + message.get("symbol").asText(), message);
        trade(message);
      }
      case "quote" -> follows("quote|" + message.get("symbol").asText(), message);
      case "event" -> {
        follows("event|" + message.get("event_type").asText(), message);
        if (message.get("event_type").asText().equals("gap_declared")) {
          TreeSet<Long> of =
              declared.computeIfAbsent(message.get("symbol").asText(), _ -> new TreeSet<>());
          for (long id = message.get("first_id").asLong();
              id <= message.get("last_id").asLong();
              id++) {
            of.add(id);
          }
        }
      }
      case "lagged" -> {
        lagged++;
        note("told: " + message);
      }
      case "error" -> {
        refused++;
        note("told: " + message);
      }
      default -> {
        // snapshots are of before, acknowledgements of nothing
      }
    }
  }

  private void follows(String stream, JsonNode message) {
    messages++;
    long seq = message.get("seq").asLong();
    String ofEpoch = message.get("epoch").asText();
    if (epoch != null && !epoch.equals(ofEpoch)) {
      holes++;
      note("epoch " + ofEpoch + " after " + epoch);
    }
    epoch = ofEpoch;
    long skipped = message.path("skipped").asLong(0);
    Long last = lastSeq.put(stream, seq);
    if (last != null && seq - skipped != last + 1) {
      holes++;
      note("%s: seq %d after %d: %s".formatted(stream, seq, last, message));
    }
  }

  private void trade(JsonNode message) {
    trades++;
    String symbol = message.get("symbol").asText();
    String source = message.get("source").asText();
    Passage passage = passages.computeIfAbsent(symbol, _ -> new Passage());
    boolean goesOn = passage.source.equals(source);
    if (!goesOn && !passage.source.isEmpty()) {
      moves++;
    }
    passage.source = source;
    if (!source.equals(DENSE)) {
      return;
    }
    long id = message.get("trade_id").asLong();
    Long last = passage.lastOf.get(source);
    if (last == null) {
      passage.lastOf.put(source, id);
      return;
    }
    if (id <= last) {
      doubled++;
      note("%s: id %d after %d: %s".formatted(symbol, id, last, message));
      return;
    }
    if (goesOn) {
      for (long hole = last + 1; hole < id; hole++) {
        passage.missing.add(hole);
      }
    }
    passage.lastOf.put(source, id);
  }

  synchronized Sums sums() {
    long lost = 0;
    long missing = 0;
    for (Map.Entry<String, Passage> entry : passages.entrySet()) {
      TreeSet<Long> told = declared.getOrDefault(entry.getKey(), new TreeSet<>());
      for (long hole : entry.getValue().missing) {
        if (told.contains(hole)) {
          lost++;
        } else {
          missing++;
        }
      }
    }
    return new Sums(messages, trades, moves, lost, missing, doubled, holes, lagged, refused);
  }

  /// Trades that may be lost, and declared: one line at the least delivers but for the moments at
  /// which all are shut. Two seconds of each are until another venue has taken over; from then on
  /// nothing of the first one is missed.
  ///
  /// @param trades  that came in those seconds
  /// @param allShut how often all lines were shut
  static long mayBeLost(long trades, double seconds, int allShut) {
    return (long) Math.ceil(trades / seconds * 2 * allShut);
  }

  synchronized List<String> evidence() {
    return List.copyOf(evidence);
  }

  private void note(String what) {
    if (evidence.size() < EVIDENCE_MAX) {
      evidence.add(Instant.now() + " " + what);
    }
  }
}

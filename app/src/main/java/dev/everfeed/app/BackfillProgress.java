package dev.everfeed.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How far a backfill is, in one line for each exchange. Time is passed in; of one thread.
final class BackfillProgress {
  private static final int BAR = 24;
  private static final int REASON_MAX = 70;

  /// The rate is that of the last while: budgets come in bursts.
  private static final long RATE_OVER_NANOS = Duration.ofSeconds(20).toNanos();

  private record Seen(long atNanos, long covered) {}

  private final Map<String, Deque<Seen>> seen = new LinkedHashMap<>();

  /// @param backfill as the hub tells it
  List<String> lines(JsonNode backfill, long nowNanos, boolean withBar) {
    List<String> lines = new ArrayList<>();
    for (JsonNode part : backfill.path("exchanges")) {
      lines.add(line(part, nowNanos, withBar));
    }
    String state = backfill.path("state").asText();
    if (!backfill.path("reason").isNull() || state.equals("verifying")) {
      lines.add("%s%s"
          .formatted(
              state,
              backfill.path("reason").isNull()
                  ? ""
                  : ": " + cut(backfill.path("reason").asText())));
    }
    return lines;
  }

  private String line(JsonNode part, long nowNanos, boolean withBar) {
    String exchange = part.path("exchange").asText();
    long total = part.path("total").asLong();
    long covered = part.path("covered").asLong();
    double share = total == 0 ? 1 : (double) covered / total;
    double perSecond = rate(exchange, covered, nowNanos);
    StringBuilder line = new StringBuilder("%-10s ".formatted(exchange));
    if (withBar) {
      int full = (int) Math.floor(share * BAR);
      line.append('[').append("#".repeat(full)).append("-".repeat(BAR - full)).append("] ");
    }
    line.append("%5.1f %%  %,d of %,d intervals, %,d bars"
        .formatted(
            Math.floor(share * 1_000) / 10, covered, total, part.path("bars").asLong()));
    if (perSecond > 0 && covered < total) {
      line.append(", %,.0f/s, %s left"
          .formatted(perSecond, length((long) ((total - covered) / perSecond))));
    }
    String state = part.path("state").asText();
    if (!state.equals("running")) {
      line.append("; ").append(state);
    }
    if (!part.path("reason").isNull()) {
      line.append(": ").append(cut(part.path("reason").asText()));
    }
    return line.toString();
  }

  private double rate(String exchange, long covered, long nowNanos) {
    Deque<Seen> points = seen.computeIfAbsent(exchange, _ -> new ArrayDeque<>());
    points.addLast(new Seen(nowNanos, covered));
    while (points.size() > 2 && nowNanos - points.getFirst().atNanos() > RATE_OVER_NANOS) {
      points.removeFirst();
    }
    Seen first = points.getFirst();
    long nanos = nowNanos - first.atNanos();
    return nanos <= 0 ? 0 : (covered - first.covered()) * 1e9 / nanos;
  }

  /// `2 h 05 min`, `1 min 20 s`, `9 s`.
  static String length(long seconds) {
    if (seconds >= 3_600) {
      return "%d h %02d min".formatted(seconds / 3_600, seconds / 60 % 60);
    }
    return seconds >= 60 ? "%d min %02d s".formatted(seconds / 60, seconds % 60) : seconds + " s";
  }

  private static String cut(String text) {
    return text.length() <= REASON_MAX ? text : text.substring(0, REASON_MAX) + "…";
  }
}

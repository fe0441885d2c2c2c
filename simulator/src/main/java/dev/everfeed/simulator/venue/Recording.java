package dev.everfeed.simulator.venue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A payload recorded from the venue, served instead of a generated one.
///
/// It answers every request to `path` whose parameters include all of `query`. Of recorded
/// klines, rows are cut out of the text by `startTime`, `endTime` and `limit`, as the venue
/// would choose them, and each stays exactly as it was written; any other payload is served
/// whole. The venue must accept the request first: its limits count, and a symbol that it does
/// not list is refused.
public final class Recording {
  private static final int DEFAULT_LIMIT = 500;
  private static final int LIMIT_MAX = 1_000;

  private final String path;
  private final Map<String, String> query;
  private final byte[] whole;
  private final List<Row> rows;

  private record Row(long time, String text) {}

  private Recording(String path, Map<String, String> query, byte[] whole, List<Row> rows) {
    this.path = path;
    this.query = Map.copyOf(query);
    this.whole = whole;
    this.rows = rows;
  }

  /// Klines are the payloads of paths that end with `/klines`.
  ///
  /// @param path like `/api/v3/klines`
  /// @param query parameters that must be there, like `symbol=BTCUSDT`, `interval=1h`
  /// @throws IOException when the file cannot be read
  /// @throws IllegalArgumentException when recorded klines are not an array of rows that
  ///     begin with a time, oldest first
  public static Recording of(String path, Map<String, String> query, Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    List<Row> rows = path.endsWith("/klines")
        ? rows(new String(whole, StandardCharsets.UTF_8), file)
        : List.of();
    return new Recording(path, query, whole, rows);
  }

  boolean matches(Ask ask) {
    return ask.path().equals(path)
        && query.entrySet().stream().allMatch(e -> e.getValue().equals(ask.get(e.getKey())));
  }

  /// The caller has checked the request: numbers are numbers.
  byte[] body(Ask ask) {
    if (rows.isEmpty()) {
      return whole.clone();
    }
    boolean fromStart = ask.get("startTime") != null;
    long start = ask.parameter("startTime").map(Long::parseLong).orElse(Long.MIN_VALUE);
    long end = ask.parameter("endTime").map(Long::parseLong).orElse(Long.MAX_VALUE);
    long limit = Math.min(
        LIMIT_MAX, ask.parameter("limit").map(Long::parseLong).orElse((long) DEFAULT_LIMIT));
    List<String> within = rows.stream()
        .filter(row -> row.time >= start && row.time <= end)
        .map(Row::text)
        .toList();
    int count = (int) Math.min(limit, within.size());
    List<String> chosen =
        fromStart ? within.subList(0, count) : within.subList(within.size() - count, within.size());
    return ("[" + String.join(",", chosen) + "]").getBytes(StandardCharsets.UTF_8);
  }

  private static List<Row> rows(String text, Path file) {
    List<Row> rows = new ArrayList<>();
    int depth = 0;
    int rowStart = -1;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '[' && ++depth == 2) {
        rowStart = i;
      } else if (c == ']' && depth-- == 2) {
        rows.add(row(text.substring(rowStart, i + 1), file));
      }
    }
    if (depth != 0 || rows.isEmpty()) {
      throw new IllegalArgumentException(file + ": not an array of klines");
    }
    for (int i = 1; i < rows.size(); i++) {
      if (rows.get(i - 1).time >= rows.get(i).time) {
        throw new IllegalArgumentException(
            "%s: klines must be oldest first, row %d is not".formatted(file, i));
      }
    }
    return rows;
  }

  private static Row row(String text, Path file) {
    int comma = text.indexOf(',');
    try {
      return new Row(Long.parseLong(text.substring(1, comma).trim()), text);
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "%s: a kline must begin with its time, was %.40s".formatted(file, text), e);
    }
  }
}

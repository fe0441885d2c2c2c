package dev.everfeed.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The page of `status --watch`: what a hub told, as lines that fit a terminal. Pure.
///
/// The lines are shared out among the sections one by one, so that a long list never hides a
/// short one; what does not fit is counted.
final class StatusPage {
  /// How a line is meant.
  enum Tone {
    PLAIN,
    HEAD,
    WARN,
    BAD,
    /// Of before: the hub does not answer now.
    OLD
  }

  /// @param text without control characters, as wide as the terminal at most
  record Line(String text, Tone tone) {}

  /// @param head null for a section without a line of its own above
  private record Section(@Nullable String head, List<Line> rows) {}

  private final URI url;

  StatusPage(URI url) {
    this.url = url;
  }

  /// @param told    what was told last; null before the first answer
  /// @param silence why there was no answer to the last question; null when there was one
  /// @param since   when that began
  List<Line> lines(
      StatusSource.@Nullable Told told,
      @Nullable String silence,
      @Nullable Instant since,
      Instant now,
      int width,
      int height) {
    List<Line> lines = new ArrayList<>();
    if (silence != null) {
      long seconds = since == null ? 0 : Duration.between(since, now).toSeconds();
      lines.add(new Line(
          "hub %s: no answer for %d s, %s (%s)"
              .formatted(
                  url,
                  seconds,
                  told == null ? "never seen" : "last seen " + time(told.at()) + " UTC",
                  silence),
          Tone.BAD));
    }
    if (told != null) {
      lines.addAll(summary(told, silence == null));
      share(sections(told), height - lines.size(), lines);
    }
    boolean old = silence != null;
    List<Line> fitting = new ArrayList<>();
    for (int i = 0; i < Math.min(lines.size(), height); i++) {
      Line line = lines.get(i);
      fitting.add(new Line(cut(line.text(), width), old && i > 0 ? Tone.OLD : line.tone()));
    }
    return fitting;
  }

  private List<Line> summary(StatusSource.Told told, boolean answers) {
    String status = told.health().path("status").asText("unknown");
    Tone tone = status.equals("ok") ? Tone.HEAD : status.equals("down") ? Tone.BAD : Tone.WARN;
    JsonNode store = told.health().path("store");
    JsonNode journal = store.path("journal");
    List<Line> lines = new ArrayList<>();
    if (answers) {
      lines.add(new Line("hub %s: %s at %s UTC".formatted(url, status, time(told.at())), tone));
    }
    lines.add(new Line(
        "store %s %s%s, readers %d (%d slow), connections %d"
            .formatted(
                store.path("kind").asText("unknown"),
                store.path("state").asText("unknown"),
                journal.isObject()
                    ? ", %,d bytes wait".formatted(journal.path("waiting_bytes").asLong())
                    : "",
                told.meters().getOrDefault("everfeed_stream_readers", 0L),
                told.meters().getOrDefault("everfeed_stream_readers_slow", 0L),
                told.meters().getOrDefault("everfeed_http_connections", 0L)),
        Tone.PLAIN));
    return lines;
  }

  private static List<Section> sections(StatusSource.Told told) {
    List<Section> sections = new ArrayList<>();
    List<Line> reasons = new ArrayList<>();
    told.health()
        .path("reasons")
        .forEach(reason -> reasons.add(new Line("  ! " + reason.asText(), Tone.WARN)));
    sections.add(new Section(null, reasons));
    sections.add(routes(told));
    sections.add(streams(told.gateways()));
    sections.add(sources(told.gateways()));
    sections.add(gaps(told.gaps()));
    sections.add(failovers(told.failovers()));
    return sections;
  }

  private static Section routes(StatusSource.Told told) {
    Map<String, JsonNode> verdicts = new HashMap<>();
    told.verdicts().forEach(each -> verdicts.put(each.path("symbol").asText(), each));
    List<Line> rows = new ArrayList<>();
    for (JsonNode route : told.routes()) {
      String symbol = route.path("symbol").asText();
      JsonNode verdict = verdicts.getOrDefault(symbol, route.path("none"));
      String word = verdict.path("verdict").asText("-");
      JsonNode last = route.path("last_switch");
      String since = last.isObject() ? clock(last.path("at").asText("")) : "start";
      rows.add(new Line(
          "%-14s %-18s %-8s %-7s %8s  %s"
              .formatted(
                  symbol,
                  route.path("gateway").isNull()
                      ? "nobody"
                      : route.path("gateway").asText(),
                  since,
                  word,
                  verdict.path("age_ms").isNumber() ? verdict.path("age_ms").asText() : "-",
                  why(verdict, last)),
          word.equals("halt") ? Tone.BAD : word.equals("reduce") ? Tone.WARN : Tone.PLAIN));
    }
    return new Section(
        "%-14s %-18s %-8s %-7s %8s  %s"
            .formatted("SYMBOL", "ACTIVE", "SINCE", "VERDICT", "AGE MS", "WHY"),
        rows);
  }

  /// Why a program may not trade on it, else why it is where it is.
  private static String why(JsonNode verdict, JsonNode last) {
    JsonNode reasons = verdict.path("reasons");
    return reasons.isEmpty()
        ? last.path("trigger").asText("")
        : reasons.get(0).path("message").asText();
  }

  private static Section streams(JsonNode gateways) {
    List<Line> rows = new ArrayList<>();
    for (JsonNode gateway : gateways) {
      JsonNode stream = gateway.path("stream");
      if (stream.isObject()) {
        rows.add(new Line(
            "%-18s %-13s %-7s %6s %8s  %s"
                .formatted(
                    gateway.path("id").asText(),
                    gateway.path("state").asText(),
                    stream.path("standby").asText(),
                    stream.path("active_contracts").asText(),
                    stream.path("last_message_age_ms").isNull()
                        ? "-"
                        : stream.path("last_message_age_ms").asText(),
                    text(gateway.path("reason"))),
            tone(gateway)));
      }
    }
    return new Section(
        "%-18s %-13s %-7s %6s %8s  %s"
            .formatted("GATEWAY", "STATE", "STANDBY", "ACTIVE", "AGE MS", "REASON"),
        rows);
  }

  private static Section sources(JsonNode gateways) {
    List<Line> rows = new ArrayList<>();
    for (JsonNode gateway : gateways) {
      if (gateway.path("transport").asText().equals("poll")) {
        rows.add(new Line(
            "%-18s %-13s %-9s %s"
                .formatted(
                    gateway.path("id").asText(),
                    gateway.path("state").asText(),
                    gateway.path("status").asText(),
                    text(gateway.path("reason"))),
            tone(gateway)));
      }
    }
    return new Section(
        "%-18s %-13s %-9s %s".formatted("SOURCE", "STATE", "STATUS", "REASON"), rows);
  }

  private static Section gaps(JsonNode gaps) {
    long open = 0;
    long lost = 0;
    long filled = 0;
    for (JsonNode stream : gaps.path("summary").path("streams")) {
      open += stream.path("open").asLong();
      lost += stream.path("lost").asLong();
      filled += stream.path("refilled").asLong() + stream.path("filled_later").asLong();
    }
    List<Line> rows = new ArrayList<>();
    for (JsonNode gap : gaps.path("gaps")) {
      String state = gap.path("state").asText();
      rows.add(new Line(
          "%s %-16s %-10s %,d ticks (%s, %s): %s"
              .formatted(
                  clock(gap.path("detected_at").asText()),
                  gap.path("stream").asText(),
                  state,
                  gap.path("ticks").asLong(),
                  gap.path("gateway").asText(),
                  gap.path("kind").asText(),
                  text(gap.path("reason"))),
          state.equals("filled") ? Tone.PLAIN : Tone.WARN));
    }
    return new Section(
        "GAPS           trades open %,d, lost %,d, filled %,d".formatted(open, lost, filled), rows);
  }

  private static Section failovers(JsonNode failovers) {
    List<Line> rows = new ArrayList<>();
    for (JsonNode failover : failovers) {
      JsonNode metadata = failover.path("metadata");
      String result = failover.path("result").asText();
      rows.add(new Line(
          "%s %s %s -> %s, %s of %d moved: %s"
              .formatted(
                  clock(failover.path("decided_at").asText()),
                  result,
                  failover.path("failed_gateway_id").asText(),
                  failover.path("backup_gateway_id").isNull()
                      ? "nobody"
                      : failover.path("backup_gateway_id").asText(),
                  metadata.path("contracts_migrated").asText(),
                  failover.path("symbols").size(),
                  metadata.path("health_trigger").asText()),
          result.equals("executed") ? Tone.PLAIN : Tone.WARN));
    }
    return new Section("FAILOVERS", rows);
  }

  private static Tone tone(JsonNode gateway) {
    return switch (gateway.path("status").asText()) {
      case "ok" -> Tone.PLAIN;
      case "down" -> Tone.BAD;
      default -> Tone.WARN;
    };
  }

  private static String text(JsonNode node) {
    return node.isNull() || node.isMissingNode() ? "" : node.asText();
  }

  /// One line after the other to each section that has something to show, until there are no
  /// more; a section that is cut says by how much.
  private static void share(List<Section> sections, int height, List<Line> out) {
    int left = height;
    int[] given = new int[sections.size()];
    for (Section section : sections) {
      left -= section.head() == null ? 0 : 1;
    }
    for (boolean any = true; any && left > 0; ) {
      any = false;
      for (int i = 0; i < given.length && left > 0; i++) {
        if (given[i] < sections.get(i).rows().size()) {
          given[i]++;
          left--;
          any = true;
        }
      }
    }
    for (int i = 0; i < given.length; i++) {
      Section section = sections.get(i);
      int size = section.rows().size();
      if (section.head() != null) {
        out.add(new Line(
            given[i] == 0 && size > 0
                ? section.head() + "  … %d more".formatted(size)
                : section.head(),
            Tone.HEAD));
      }
      int shown = given[i] < size ? given[i] - 1 : size;
      out.addAll(section.rows().subList(0, Math.max(0, shown)));
      if (given[i] < size && given[i] > 0) {
        out.add(new Line("  … %d more".formatted(size - shown), Tone.PLAIN));
      }
    }
  }

  private static String cut(String text, int width) {
    String plain = text.replaceAll("\\p{Cntrl}", "·").stripTrailing();
    return plain.codePointCount(0, plain.length()) <= width
        ? plain
        : plain.substring(0, plain.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
  }

  private static String time(Instant at) {
    return clock(at.truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /// `2026-11-23T12:28:46.079Z` as `12:28:46`.
  private static String clock(String instant) {
    return instant.length() >= 19 ? instant.substring(11, 19) : instant;
  }
}

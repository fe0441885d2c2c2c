package dev.everfeed.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/// What came of a backfill: a table, and what is missing and why.
final class BackfillReport {
  private static final String ROW = "%-12s %12s %12s %14s %12s %12s%n";
  private static final int GAPS_SHOWN = 10;

  private final JsonNode backfill;

  /// @param backfill as the hub tells it, when it is over
  BackfillReport(JsonNode backfill) {
    this.backfill = backfill;
  }

  /// Nothing is missing, or only what no exchange has.
  boolean isWhole() {
    boolean any = false;
    for (JsonNode part : backfill.path("exchanges")) {
      JsonNode report = part.path("report");
      boolean refused = part.path("state").asText().equals("refused");
      any |= report.isObject();
      if (!refused && (!report.isObject() || report.path("missing").asLong() > 0)) {
        return false;
      }
    }
    return any && backfill.path("state").asText().equals("done");
  }

  void print(PrintWriter out) {
    out.printf(
        "%s %s from %s to %s: %s%s%n",
        backfill.path("symbol").asText(),
        backfill.path("interval").asText(),
        backfill.path("from").asText(),
        backfill.path("to").asText(),
        backfill.path("state").asText(),
        reason(backfill));
    out.printf(ROW, "EXCHANGE", "BARS", "NO TRADES", "VENUE HAS NONE", "UNAVAILABLE", "MISSING");
    for (JsonNode part : backfill.path("exchanges")) {
      JsonNode report = part.path("report");
      String name = part.path("exchange").asText();
      if (!report.isObject()) {
        out.printf("%-12s %s%s%n", name, part.path("state").asText(), reason(part));
        continue;
      }
      out.printf(
          ROW,
          name,
          number(report, "bars"),
          number(report, "no_trades"),
          number(report, "venue_has_none"),
          number(report, "unavailable"),
          number(report, "missing"));
    }
    backfill.path("exchanges").forEach(part -> lacking(part, out));
    out.flush();
  }

  private static String number(JsonNode report, String name) {
    return "%,d".formatted(report.path(name).asLong());
  }

  private static String reason(JsonNode node) {
    return node.path("reason").isTextual() ? ": " + node.path("reason").asText() : "";
  }

  private static void lacking(JsonNode part, PrintWriter out) {
    int shown = 0;
    int more = 0;
    for (JsonNode gap : part.at("/report/gaps")) {
      if (!gap.path("reason").isTextual()) {
        continue; // nobody traded, or the venue has lost it: there is no more to say
      }
      if (shown++ < GAPS_SHOWN) {
        out.printf(
            "  %s %s to %s: %,d %s: %s%n",
            part.path("exchange").asText(),
            gap.path("from").asText(),
            gap.path("to").asText(),
            gap.path("intervals").asLong(),
            gap.path("kind").asText(),
            gap.path("reason").asText());
      } else {
        more++;
      }
    }
    if (more > 0) {
      out.printf(
          "  %s: %,d more gaps are told by the hub%n", part.path("exchange").asText(), more);
    }
  }
}

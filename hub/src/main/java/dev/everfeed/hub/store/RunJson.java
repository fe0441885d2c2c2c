package dev.everfeed.hub.store;

import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.publish.CanonicalJson;

/// A run of the schedule as JSON.
final class RunJson {
  private RunJson() {}

  /// The errors of a run, as in the column `scheduler_run.errors`.
  static void appendErrors(StringBuilder out, Entry.RunEnded run) {
    out.append('[');
    String comma = "";
    for (Entry.RunError error : run.errors()) {
      out.append(comma).append("{\"source\":");
      CanonicalJson.appendString(
          out, error.source() == null ? null : error.source().name());
      out.append(",\"subject\":");
      CanonicalJson.appendString(out, error.subject());
      out.append(",\"kind\":");
      CanonicalJson.appendString(out, error.kind().text());
      out.append(",\"message\":");
      CanonicalJson.appendString(out, error.message());
      out.append(",\"at\":");
      CanonicalJson.appendString(out, Rfc3339.format(error.at()));
      out.append('}');
      comma = ",";
    }
    out.append(']');
  }

  /// All of it.
  static void append(StringBuilder out, Entry.RunEnded run) {
    out.append("{\"type\":\"run\",\"number\":").append(run.number());
    out.append(",\"started_at\":");
    CanonicalJson.appendString(out, Rfc3339.format(run.startedAt()));
    out.append(",\"ended_at\":");
    CanonicalJson.appendString(out, Rfc3339.format(run.at()));
    out.append(",\"questions\":").append(run.questions());
    out.append(",\"refreshed\":").append(run.refreshed());
    out.append(",\"errors\":");
    appendErrors(out, run);
    out.append(",\"errors_dropped\":").append(run.errorsDropped()).append(",\"asked\":[");
    String comma = "";
    for (Entry.Asked asked : run.asked()) {
      out.append(comma).append("{\"what\":");
      CanonicalJson.appendString(out, asked.what());
      out.append(",\"at\":");
      CanonicalJson.appendString(out, Rfc3339.format(asked.at()));
      out.append('}');
      comma = ",";
    }
    out.append("]}");
  }
}

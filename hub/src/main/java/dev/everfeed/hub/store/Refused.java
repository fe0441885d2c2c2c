package dev.everfeed.hub.store;

import dev.everfeed.core.model.Event;
import dev.everfeed.core.time.Rfc3339;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import dev.everfeed.hub.publish.CanonicalJson;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// An entry that goes to the table `quarantine`, and why.
///
/// @param payload JSON that PostgreSQL takes
record Refused(
    long position,
    String kind,
    @Nullable String source,
    String reason,
    String payload,
    long receivedAtMicros) {
  private static final int REASON_LENGTH_MAX = 1_000;

  static Refused of(Positioned entry, String reason) {
    StringBuilder json = new StringBuilder(200);
    String kind;
    String source;
    switch (entry.entry()) {
      case Entry.Received e -> {
        CanonicalJson.append(json, e.event());
        kind = kind(e.event());
        source = e.event().source().name();
      }
      case Entry.Rejected e -> {
        CanonicalJson.append(json, e.event());
        kind = kind(e.event());
        source = e.event().source().name();
      }
      case Entry.RunEnded e -> {
        RunJson.append(json, e);
        kind = "run";
        source = null;
      }
      case Entry.Happened e -> {
        json.append("{\"type\":\"event\",\"event_type\":");
        CanonicalJson.appendString(json, e.type());
        json.append(",\"at\":");
        CanonicalJson.appendString(json, Rfc3339.format(e.at()));
        json.append(",\"detail\":");
        CanonicalJson.appendString(json, e.detail());
        json.append('}');
        kind = "event";
        source = e.source() == null ? null : e.source().name();
      }
      case Entry.Covered e -> {
        json.append("{\"type\":\"coverage\",\"exchange\":");
        CanonicalJson.appendString(json, e.exchange());
        json.append(",\"symbol\":");
        CanonicalJson.appendString(json, e.symbol().text());
        json.append(",\"interval\":");
        CanonicalJson.appendString(json, e.interval().text());
        json.append(",\"from\":");
        CanonicalJson.appendString(json, e.span().from().toString());
        json.append(",\"to\":");
        CanonicalJson.appendString(json, e.span().to().toString());
        json.append('}');
        kind = "coverage";
        source = null;
      }
    }
    String safe = SafeText.of(reason);
    return new Refused(
        entry.position(),
        kind,
        source,
        safe.length() <= REASON_LENGTH_MAX
            ? safe
            : SafeText.of(safe.substring(0, REASON_LENGTH_MAX)) + "…",
        SafeText.json(json.toString()),
        Times.micros(entry.entry().at()));
  }

  /// A row that the database would not have.
  static Refused of(Positioned entry, SQLException because) {
    return of(entry, because.getSQLState() + ": " + because.getMessage());
  }

  private static String kind(Event event) {
    return switch (event) {
      case Event.Trade _ -> "trade";
      case Event.Quote _ -> "quote";
      case Event.Price _ -> "price";
      case Event.Bar _ -> "bar";
      case Event.Listing _ -> "instrument";
      case Event.ServerTime _ -> "time";
      case Event.SourceStatus _ -> "status";
      case Event.Ack _ -> "ack";
      case Event.Heartbeat _ -> "heartbeat";
      case Event.ProviderError _ -> "provider_error";
      case Event.Sentiment _ -> "sentiment";
    };
  }
}

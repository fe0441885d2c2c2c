package dev.everfeed.hub.store;

import dev.everfeed.core.model.Event;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// The table `sentiment`.
final class SentimentTable implements Table<SentimentTable.Mood> {
  private static final String UPSERT = """
      INSERT INTO sentiment AS o (source, measure, symbol, time, value, label, received_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (source, measure, symbol, time) DO UPDATE SET
          value = excluded.value, label = excluded.label, received_at = excluded.received_at
        WHERE (o.value, o.label) IS DISTINCT FROM (excluded.value, excluded.label)
          AND (excluded.received_at > o.received_at OR o.received_at > now())""";

  /// One measurement.
  ///
  /// @param timeMicros the source's, or that of receipt where it states none
  record Mood(Positioned entry, Event.Sentiment event, long timeMicros) implements Row {
    static final Comparator<Mood> BY_KEY = Comparator.comparing((Mood mood) -> mood.event.source())
        .thenComparing(mood -> mood.event.measure())
        .thenComparing(Mood::symbol)
        .thenComparingLong(Mood::timeMicros);

    static Mood of(Positioned entry, Event.Sentiment event) {
      return new Mood(
          entry, event, Times.micros(event.time() == null ? entry.entry().at() : event.time()));
    }

    String symbol() {
      return event.symbol() == null ? "" : SafeText.of(event.symbol().text());
    }
  }

  /// The rule of the statement, for the states of one batch.
  static boolean replaces(Mood stored, Mood next, Instant now) {
    Event.Sentiment a = stored.event;
    Event.Sentiment b = next.event;
    boolean same = a.value().equals(b.value()) && Objects.equals(a.label(), b.label());
    Instant storedAt = stored.entry.entry().at();
    return !same && (next.entry.entry().at().isAfter(storedAt) || storedAt.isAfter(now));
  }

  @Override
  public String name() {
    return "sentiment";
  }

  @Override
  public int write(Connection connection, List<Mood> rows) throws SQLException {
    try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
      for (Mood row : rows) {
        upsert.setString(1, row.event.source().name());
        upsert.setString(2, SafeText.of(row.event.measure()));
        upsert.setString(3, row.symbol());
        Parameters.time(upsert, 4, Times.ofMicros(row.timeMicros));
        Parameters.number(upsert, 5, row.event.value());
        upsert.setString(6, SafeText.orNull(row.event.label()));
        Parameters.time(upsert, 7, row.entry.entry().at());
        upsert.addBatch();
      }
      return Parameters.changed(upsert.executeBatch());
    }
  }
}

package dev.everfeed.hub.store;

import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/// The table `event`.
final class EventTable implements Table<EventTable.Happened> {
  private static final String INSERT = """
      INSERT INTO event (journal, position, type, source, at, detail)
        VALUES (?, ?, ?, ?, ?, ?::jsonb) ON CONFLICT DO NOTHING""";

  /// One happening.
  record Happened(UUID journal, Positioned entry, Entry.Happened happened) implements Row {}

  @Override
  public String name() {
    return "event";
  }

  @Override
  public int write(Connection connection, List<Happened> rows) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (Happened row : rows) {
        Entry.Happened happened = row.happened;
        insert.setObject(1, row.journal);
        insert.setLong(2, row.entry.position());
        insert.setString(3, SafeText.of(happened.type()));
        insert.setString(4, happened.source() == null ? null : happened.source().name());
        Parameters.time(insert, 5, happened.at());
        insert.setString(6, SafeText.json(happened.detail()));
        insert.addBatch();
      }
      return Parameters.changed(insert.executeBatch());
    }
  }
}

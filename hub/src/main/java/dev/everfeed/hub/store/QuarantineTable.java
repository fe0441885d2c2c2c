package dev.everfeed.hub.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.UUID;

/// The table `quarantine`. Its rows are made so that the database never refuses one.
final class QuarantineTable {
  static final String NAME = "quarantine";
  private static final String INSERT = """
      INSERT INTO quarantine (journal, position, kind, source, reason, payload, received_at,
          quarantined_at)
        VALUES (?, ?, ?, ?, ?, ?::jsonb, ?, now()) ON CONFLICT DO NOTHING""";

  private QuarantineTable() {}

  static int write(Connection connection, UUID journal, List<Refused> rows) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (Refused row : rows) {
        insert.setObject(1, journal);
        insert.setLong(2, row.position());
        insert.setString(3, row.kind());
        if (row.source() == null) {
          insert.setNull(4, Types.VARCHAR);
        } else {
          insert.setString(4, row.source());
        }
        insert.setString(5, row.reason());
        insert.setString(6, row.payload());
        Parameters.time(insert, 7, Times.ofMicros(row.receivedAtMicros()));
        insert.addBatch();
      }
      return Parameters.changed(insert.executeBatch());
    }
  }
}

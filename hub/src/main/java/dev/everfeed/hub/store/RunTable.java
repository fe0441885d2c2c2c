package dev.everfeed.hub.store;

import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/// The table `scheduler_run`.
final class RunTable implements Table<RunTable.Run> {
  private static final String INSERT = """
      INSERT INTO scheduler_run (journal, position, number, started_at, ended_at, questions,
          refreshed, errors, errors_dropped)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?) ON CONFLICT DO NOTHING""";

  /// One run.
  record Run(UUID journal, Positioned entry, Entry.RunEnded run) implements Row {}

  @Override
  public String name() {
    return "scheduler_run";
  }

  @Override
  public int write(Connection connection, List<Run> rows) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (Run row : rows) {
        Entry.RunEnded run = row.run;
        StringBuilder errors = new StringBuilder(100);
        RunJson.appendErrors(errors, run);
        insert.setObject(1, row.journal);
        insert.setLong(2, row.entry.position());
        insert.setLong(3, run.number());
        Parameters.time(insert, 4, run.startedAt());
        Parameters.time(insert, 5, run.at());
        insert.setInt(6, run.questions());
        insert.setInt(7, run.refreshed());
        insert.setString(8, SafeText.json(errors.toString()));
        insert.setInt(9, run.errorsDropped());
        insert.addBatch();
      }
      return Parameters.changed(insert.executeBatch());
    }
  }
}

package dev.everfeed.hub.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import javax.sql.DataSource;

/// The daily work on what is stored. Stateless but for the address; each call blocks.
final class Housekeeping {
  /// Deleted at once, so that no transaction holds much.
  private static final int AT_ONCE = 10_000;

  private static final List<String> RECORDS = List.of(
      "DELETE FROM scheduler_run WHERE ctid IN (SELECT ctid FROM scheduler_run WHERE ended_at < ? LIMIT %d)",
      "DELETE FROM event WHERE ctid IN (SELECT ctid FROM event WHERE at < ? LIMIT %d)",
      "DELETE FROM quarantine WHERE ctid IN (SELECT ctid FROM quarantine WHERE quarantined_at < ? LIMIT %d)",
      "DELETE FROM ohlcv_revision WHERE ctid IN (SELECT ctid FROM ohlcv_revision WHERE revised_at < ? LIMIT %d)");

  /// An unfinished bar this long after its start was never asked for again: its interval is over
  /// whatever it is, but for those of a week and more.
  private static final String FINDINGS = """
      SELECT jsonb_build_object(
        'unfinished_bars', (SELECT count(*) FROM ohlcv
           WHERE complete IS NOT TRUE AND interval NOT IN ('3d', '1w', '1M')
             AND time > now() - interval '8 days' AND time < now() - interval '2 days'),
        'quarantined_last_day', (SELECT count(*) FROM quarantine
           WHERE quarantined_at > now() - interval '1 day'),
        'revised_last_day', (SELECT count(*) FROM ohlcv_revision
           WHERE revised_at > now() - interval '1 day'),
        'lost_last_day', (SELECT count(*) FROM event
           WHERE type = 'journal_lost' AND at > now() - interval '1 day'),
        'database_bytes', pg_database_size(current_database()))""";

  private final DataSource database;

  Housekeeping(DataSource database) {
    this.database = database;
  }

  /// @return what was deleted, as a JSON object
  String deleteOld(Instant tradesBefore, Instant recordsBefore) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      List<String> days = new Partitions().dropBefore(connection, "trade", tradesBefore);
      long rows = 0;
      connection.setAutoCommit(true);
      for (String sql : RECORDS) {
        try (PreparedStatement delete = connection.prepareStatement(sql.formatted(AT_ONCE))) {
          delete.setObject(1, OffsetDateTime.ofInstant(recordsBefore, ZoneOffset.UTC));
          int deleted;
          do {
            deleted = delete.executeUpdate();
            rows += deleted;
          } while (deleted == AT_ONCE);
        }
      }
      return "{\"trade_days\":%d,\"records\":%d}".formatted(days.size(), rows);
    }
  }

  /// @return counts of what somebody should look at, as a JSON object
  String lookOver() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FINDINGS)) {
      row.next();
      return row.getString(1);
    }
  }
}

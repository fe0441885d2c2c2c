package dev.everfeed.benchmarks.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/// What one would write by hand for the same tables: COPY of ready bytes, for bars into a
/// temporary table and one upsert. No rule about who stays but that something differs, no
/// quarantine, no offset.
final class BareSql {
  private static final String STAGE =
      "CREATE TEMPORARY TABLE IF NOT EXISTS bare (LIKE ohlcv) ON COMMIT DELETE ROWS";
  private static final String UPSERT = """
      INSERT INTO ohlcv AS o SELECT * FROM bare
        ON CONFLICT (exchange, symbol, interval, time) DO UPDATE SET
          open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
          volume = excluded.volume, complete = excluded.complete, source = excluded.source,
          received_at = excluded.received_at
        WHERE (o.open, o.high, o.low, o.close, o.volume, o.complete) IS DISTINCT FROM
          (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
            excluded.complete)""";

  private final DataSource database;

  BareSql(DataSource database) {
    this.database = database;
  }

  void bars(Rows rows) throws SQLException, IOException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(STAGE);
      copy(connection, "COPY bare FROM STDIN", rows);
      statement.executeUpdate(UPSERT);
      connection.commit();
    }
  }

  void trades(Rows rows) throws SQLException, IOException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      copy(connection, "COPY trade FROM STDIN", rows);
      connection.commit();
    }
  }

  private static void copy(Connection connection, String sql, Rows rows)
      throws SQLException, IOException {
    connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn(sql, new ByteArrayInputStream(rows.copy()), 1 << 16);
  }
}

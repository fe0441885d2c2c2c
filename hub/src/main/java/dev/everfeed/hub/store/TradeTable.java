package dev.everfeed.hub.store;

import dev.everfeed.core.model.Event;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/// The table `trade`: rows are copied straight into it, and when one of them is there already,
/// all of them through a temporary table. A deal never changes: what is stored stays.
final class TradeTable implements Table<TradeTable.Trade> {
  private static final String STAGE =
      "CREATE TEMPORARY TABLE IF NOT EXISTS trade_staging (LIKE trade) ON COMMIT DELETE ROWS";
  private static final String CLEAR = "; TRUNCATE trade_staging";
  private static final String COLUMNS =
      " (exchange, symbol, id, time_ns, price, size, side, source, received_at)";
  private static final int FIELDS = 9;
  private static final String COPY = "COPY %s" + COLUMNS + " FROM STDIN (FORMAT binary)";
  private static final String INSERT = "INSERT INTO trade" + COLUMNS
      + " SELECT exchange, symbol, id, time_ns, price, size, side, source, received_at"
      + " FROM trade_staging ON CONFLICT DO NOTHING";

  /// One deal.
  record Trade(
      Positioned entry,
      Event.Trade trade,
      String exchange,
      String symbol,
      String id,
      long timeNanos,
      long receivedAtMicros)
      implements Row {
    static final Comparator<Trade> BY_KEY = Comparator.comparing(Trade::symbol)
        .thenComparing(Trade::exchange)
        .thenComparingLong(Trade::timeNanos)
        .thenComparing(Trade::id);

    /// @param timeNanos the venue's, since 1970
    static Trade of(UUID journal, Positioned entry, Event.Trade trade, long timeNanos) {
      return new Trade(
          entry,
          trade,
          trade.exchange() == null ? "" : SafeText.of(trade.exchange()),
          SafeText.of(trade.symbol().text()),
          trade.tradeId() == null ? journal + ":" + entry.position() : SafeText.of(trade.tradeId()),
          timeNanos,
          Times.micros(entry.entry().at()));
    }
  }

  private boolean staged;

  @Override
  public String name() {
    return "trade";
  }

  @Override
  public int write(Connection connection, List<Trade> rows) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      int copied = copy(connection, "trade", rows);
      connection.releaseSavepoint(before);
      return copied;
    } catch (SQLException e) {
      if (!SqlFaults.UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback(before);
      connection.releaseSavepoint(before);
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(staged ? STAGE + CLEAR : STAGE);
    }
    staged = true;
    copy(connection, "trade_staging", rows);
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      return insert.executeUpdate();
    }
  }

  private static int copy(Connection connection, String table, List<Trade> rows)
      throws SQLException {
    CopyRows copy = new CopyRows(connection, COPY.formatted(table));
    try {
      for (Trade row : rows) {
        Event.Trade trade = row.trade;
        copy.row(FIELDS)
            .text(row.exchange)
            .text(row.symbol)
            .text(row.id)
            .int8(row.timeNanos)
            .numeric(trade.price())
            .numeric(trade.size())
            .text(trade.side() == null ? null : trade.side().text())
            .text(trade.source().name())
            .timestamp(row.receivedAtMicros);
      }
      return (int) copy.end();
    } catch (SQLException e) {
      copy.cancel(e);
      throw e;
    }
  }
}

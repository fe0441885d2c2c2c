package dev.everfeed.hub.store;

import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongSupplier;
import javax.sql.DataSource;

/// Writes stretches of a journal into the database: all rows of a stretch and the journal's new
/// offset in one transaction, so that each entry has its effect exactly once, whatever dies
/// when.
///
/// Rows are written so that the same ones may come again (see each table's rule). A row that
/// the database refuses, and one that cannot be true, goes to `quarantine`; the others are
/// written. For that, a stretch with a refused row is written a second time, in halves down to
/// the row to blame. Every other failure (connection, full disk, timeout) is not the rows'
/// fault: everything is undone and the exception goes to the caller, who tries again later.
///
/// Of one thread. Several writers, of one hub or of several, may work on one database at once.
public final class StoreWriter {
  /// Of every transaction: nothing waits forever, and the commit is on disk when it returns,
  /// whatever the server's default is.
  static final String BOUNDS =
      "SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '60s';"
          + " SET LOCAL idle_in_transaction_session_timeout = '60s';"
          + " SELECT set_config('synchronous_commit', 'on', true)"
          + " WHERE current_setting('synchronous_commit') = 'off'";

  private static final String OFFSET = "SELECT position FROM journal_offset WHERE journal = ?";
  private static final String OPEN =
      BOUNDS + "; SELECT (SELECT position FROM journal_offset WHERE journal = ? FOR UPDATE), now()";
  private static final String BEGIN = "INSERT INTO journal_offset (journal, position, drained_at)"
      + " VALUES (?, ?, now()) ON CONFLICT DO NOTHING";
  private static final String MOVE =
      "UPDATE journal_offset SET position = ?, drained_at = now() WHERE journal = ?";
  private static final String BACK = "UPDATE journal_offset SET position = ?, drained_at = now()"
      + " WHERE journal = ? AND position = ?";

  private final DataSource database;
  private final LongSupplier nanoTime;
  private final Duration keepTrades;
  private final Partitions partitions = new Partitions();

  /// @param nanoTime   monotonic
  /// @param keepTrades trades of days that are over for longer are not written, since the daily
  ///     job would drop them at once: an answer that reaches years back would make a partition
  ///     for each of its days
  public StoreWriter(DataSource database, LongSupplier nanoTime, Duration keepTrades) {
    this.database = database;
    this.nanoTime = nanoTime;
    this.keepTrades = keepTrades;
  }

  /// How far a journal is in the database; empty when the database does not know it.
  public OptionalLong offset(UUID journal) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(OFFSET)) {
      select.setObject(1, journal);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /// Makes a journal known to the database, with everything before a position taken as written.
  /// Does nothing when it is known.
  ///
  /// @return how far the journal is in the database now
  public long begin(UUID journal, long position) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert = connection.prepareStatement(BEGIN)) {
      connection.setAutoCommit(true);
      insert.setObject(1, journal);
      insert.setLong(2, position);
      insert.executeUpdate();
    }
    return offset(journal).orElse(position);
  }

  /// Takes back what the database says of a journal that has fewer entries than the database
  /// knows of. What is written again from there on has its effect once, by the rows' keys.
  ///
  /// @param from where the database is; nothing is done when it is elsewhere by now
  /// @param to   from where on the journal is to be written again
  public void setBack(UUID journal, long from, long to) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement(BACK)) {
      connection.setAutoCommit(true);
      update.setLong(1, to);
      update.setObject(2, journal);
      update.setLong(3, from);
      update.executeUpdate();
    }
  }

  /// Writes a stretch.
  ///
  /// @param entries those of the journal from `from` on and before `to`, in order
  /// @param from    where the database must be
  /// @param to      where it is afterwards
  /// @throws OffsetMovedException when the database is not at `from`
  /// @throws SQLException when it could not be written; nothing is then, unless it was the
  ///     commit that failed: ask [#offset]
  public Written write(UUID journal, List<Positioned> entries, long from, long to)
      throws SQLException, OffsetMovedException {
    long began = nanoTime.getAsLong();
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      boolean carefully = false;
      boolean lookedAgain = false;
      while (true) {
        try {
          Instant now = open(connection, journal, from);
          Batch batch = new Batch(journal, entries, now, keepTrades);
          List<Partitions.Partition> missing = partitions.missing(batch);
          if (!missing.isEmpty()) {
            connection.rollback();
            partitions.make(connection, missing);
            continue;
          }
          SortedMap<String, Integer> rows = rows(connection, batch, carefully);
          int quarantined = QuarantineTable.write(connection, journal, batch.refused);
          move(connection, journal, to);
          connection.commit();
          rows.put(QuarantineTable.NAME, quarantined);
          return new Written(
              rows, batch.refused.size(), batch.ignored(), nanoTime.getAsLong() - began);
        } catch (SQLException e) {
          undo(connection, e);
          if (SqlFaults.isMissingPartition(e) && !lookedAgain) {
            partitions.forget();
            lookedAgain = true;
          } else if (SqlFaults.isOfTheData(e) && !carefully) {
            carefully = true;
          } else {
            throw e;
          }
        } catch (OffsetMovedException | RuntimeException e) {
          undo(connection, e);
          throw e;
        }
      }
    }
  }

  /// Begins the transaction: nobody else moves this journal's offset until it ends.
  ///
  /// @return the database's clock
  private static Instant open(Connection connection, UUID journal, long from)
      throws SQLException, OffsetMovedException {
    try (PreparedStatement open = connection.prepareStatement(OPEN)) {
      open.setObject(1, journal);
      boolean isResult = open.execute();
      Instant now = null;
      OptionalLong stored = OptionalLong.empty();
      while (isResult || open.getUpdateCount() >= 0) {
        if (isResult) {
          try (ResultSet row = open.getResultSet()) {
            if (row.getMetaData().getColumnCount() == 2 && row.next()) {
              long position = row.getLong(1);
              stored = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(position);
              now = row.getObject(2, OffsetDateTime.class).toInstant();
            }
          }
        }
        isResult = open.getMoreResults();
      }
      if (stored.isEmpty() || stored.getAsLong() != from) {
        throw new OffsetMovedException(journal, from, stored);
      }
      if (now == null) {
        throw new SQLException("the database did not tell its time", "XX000");
      }
      return now;
    }
  }

  /// The tables in an order that all writers share.
  private static SortedMap<String, Integer> rows(
      Connection connection, Batch batch, boolean carefully) throws SQLException {
    Session session = new Session(connection, batch, carefully);
    session.write(new BarTable(), batch.bars);
    session.write(new CoverageTable(), batch.coverage);
    session.write(new TradeTable(), batch.trades);
    session.write(new QuoteTable(), batch.quotes);
    session.write(new SentimentTable(), batch.moods);
    session.write(new RunTable(), batch.runs);
    session.write(new RefreshTable(), batch.asked);
    session.write(new EventTable(), batch.events);
    return session.rows;
  }

  /// One try to write a batch.
  private record Session(
      Connection connection, Batch batch, boolean carefully, SortedMap<String, Integer> rows) {

    Session(Connection connection, Batch batch, boolean carefully) {
      this(connection, batch, carefully, new TreeMap<>());
    }

    <R extends Row> void write(Table<R> table, List<R> all) throws SQLException {
      if (!all.isEmpty()) {
        int written = carefully ? halves(table, all) : table.write(connection, all);
        rows.merge(table.name(), written, Integer::sum);
      }
    }

    /// All rows but those that are refused.
    private <R extends Row> int halves(Table<R> table, List<R> some) throws SQLException {
      Savepoint before = connection.setSavepoint();
      try {
        int written = table.write(connection, some);
        connection.releaseSavepoint(before);
        return written;
      } catch (SQLException e) {
        if (!SqlFaults.isOfTheData(e)) {
          throw e;
        }
        connection.rollback(before);
        connection.releaseSavepoint(before);
        if (some.size() == 1) {
          batch.refused.add(Refused.of(some.getFirst().entry(), e));
          return 0;
        }
      }
      int half = some.size() / 2;
      return halves(table, some.subList(0, half)) + halves(table, some.subList(half, some.size()));
    }
  }

  private static void move(Connection connection, UUID journal, long to) throws SQLException {
    try (PreparedStatement move = connection.prepareStatement(MOVE)) {
      move.setLong(1, to);
      move.setObject(2, journal);
      move.executeUpdate();
    }
  }

  private static void undo(Connection connection, Exception because) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      because.addSuppressed(e);
    }
  }
}

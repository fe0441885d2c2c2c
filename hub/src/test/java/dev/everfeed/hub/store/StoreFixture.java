package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.everfeed.hub.journal.Entry;
import dev.everfeed.hub.journal.Positioned;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/// An empty store in a database of its own, and a writer of one journal.
final class StoreFixture implements AutoCloseable {
  private static final List<String> TABLES = List.of(
      "ohlcv",
      "ohlcv_coverage",
      "ohlcv_revision",
      "trade",
      "latest_quote",
      "sentiment",
      "scheduler_run",
      "refresh",
      "event",
      "quarantine",
      "journal_offset");

  /// Of trades: longer than there have been any.
  static final Duration FOR_EVER = Duration.ofDays(10_000);

  final TestDatabase database;
  final HikariDataSource pool;
  final UUID journal = new UUID(1, 2);
  final StoreWriter writer;
  final History history;

  StoreFixture() throws MigrationException {
    this(TestDatabase.create());
    assertThat(Migrations.run(database.dataSource())).isPositive();
  }

  /// @param database closed with this
  StoreFixture(TestDatabase database) {
    this.database = database;
    pool = pool(database);
    writer = new StoreWriter(pool, System::nanoTime, FOR_EVER);
    history = new History(pool, Duration.ofSeconds(10));
  }

  /// As the hub's: sessions are used again, with what earlier transactions left in them.
  private static HikariDataSource pool(TestDatabase database) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(database.dataSource());
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(1);
    return new HikariDataSource(config);
  }

  /// Everything away but the tables.
  void empty() {
    database.execute("TRUNCATE " + String.join(", ", TABLES));
  }

  /// Writes entries where the journal is now.
  Written write(Entry... entries) throws SQLException, OffsetMovedException {
    OptionalLong stored = writer.offset(journal);
    long from = stored.isPresent() ? stored.getAsLong() : writer.begin(journal, 0);
    return write(Sample.at(from, entries));
  }

  private Written write(List<Positioned> entries) throws SQLException, OffsetMovedException {
    long from = entries.getFirst().position();
    return writer.write(journal, entries, from, entries.getLast().position() + 100);
  }

  /// Rows as text, columns joined by `|`, null as `-`, in order.
  List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          String cell = row.getString(i);
          cells.add(cell == null ? "-" : cell);
        }
        rows.add(String.join("|", cells));
      }
    }
    return rows;
  }

  String one(String sql) throws SQLException {
    List<String> rows = rows(sql);
    assertThat(rows).hasSize(1);
    return rows.getFirst();
  }

  @Override
  public void close() {
    pool.close();
    database.close();
  }
}

package dev.everfeed.hub.account;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/// The table `market_data_account`. Stateless; it blocks the caller's thread, for a few seconds
/// at most while the database answers at all.
final class AccountTable {
  private static final int WITHIN_SECONDS = 5;
  private static final String UNIQUE_VIOLATION = "23505";

  private static final String COLUMNS =
      "id, gateway_type, settings::text, secrets::text, priority, is_enabled, description, version, created_at, updated_at";
  private static final String ALL = "SELECT " + COLUMNS + " FROM market_data_account ORDER BY id";
  private static final String ONE =
      "SELECT " + COLUMNS + " FROM market_data_account WHERE id = ? FOR UPDATE";
  private static final String COUNT = "SELECT count(*) FROM market_data_account";

  /// Readers go on; of two that insert at once the second waits, so that the bound holds.
  private static final String LOCK = "LOCK TABLE market_data_account IN SHARE ROW EXCLUSIVE MODE";

  private static final String NOW_MICROS =
      "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
  private static final String INSERT = """
      INSERT INTO market_data_account (id, gateway_type, settings, secrets, priority, is_enabled,
          description, version, created_at, updated_at)
        VALUES (?, ?, ?::jsonb, ?::jsonb, ?, ?, ?, %s, clock_timestamp(), clock_timestamp())
        RETURNING version""".formatted(NOW_MICROS);
  private static final String UPDATE = """
      UPDATE market_data_account SET settings = ?::jsonb, secrets = ?::jsonb, priority = ?,
          is_enabled = ?, description = ?, version = greatest(version + 1, %s),
          updated_at = clock_timestamp()
        WHERE id = ?""".formatted(NOW_MICROS);
  private static final String DELETE = "DELETE FROM market_data_account WHERE id = ?";
  private static final String REKEY =
      "UPDATE market_data_account SET secrets = ?::jsonb WHERE id = ? AND version = ? AND secrets = ?::jsonb";

  private final DataSource database;

  AccountTable(DataSource database) {
    this.database = database;
  }

  /// What an account is to be.
  record Row(
      String gatewayType,
      String settings,
      Map<String, String> secrets,
      int priority,
      boolean enabled,
      String description) {}

  /// What came of an insertion.
  enum Inserted {
    DONE,
    /// There is one by that name.
    EXISTS,
    /// There are as many as there may be.
    FULL
  }

  /// Decides what becomes of an account that is locked meanwhile.
  interface Change {
    /// Empty to delete it.
    Optional<Row> of(Account now) throws AccountRefused;
  }

  /// All of them, by name.
  List<Account> all() throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(true);
      try (PreparedStatement select = prepared(connection, ALL);
          ResultSet row = select.executeQuery()) {
        List<Account> accounts = new ArrayList<>();
        while (row.next()) {
          accounts.add(account(row));
        }
        return accounts;
      }
    }
  }

  /// @param most that there may be afterwards
  Inserted insert(String id, Row row, int most) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        if (count(connection) >= most) {
          connection.rollback();
          return Inserted.FULL;
        }
        insert(connection, id, row);
        connection.commit();
        return Inserted.DONE;
      } catch (SQLException e) {
        connection.rollback();
        if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
          return Inserted.EXISTS;
        }
        throw e;
      }
    }
  }

  private static int count(Connection connection) throws SQLException {
    try (PreparedStatement lock = prepared(connection, LOCK)) {
      lock.execute();
    }
    try (PreparedStatement count = prepared(connection, COUNT);
        ResultSet row = count.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void insert(Connection connection, String id, Row row) throws SQLException {
    try (PreparedStatement insert = prepared(connection, INSERT)) {
      insert.setString(1, id);
      insert.setString(2, row.gatewayType());
      insert.setString(3, row.settings());
      insert.setString(4, Json.of(row.secrets()));
      insert.setInt(5, row.priority());
      insert.setBoolean(6, row.enabled());
      insert.setString(7, row.description());
      insert.execute();
    }
  }

  /// Changes or deletes one; nobody changes it meanwhile.
  ///
  /// @return false when there is none by that name
  boolean change(String id, Change change) throws SQLException, AccountRefused {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      boolean done = false;
      try {
        Optional<Account> now = locked(connection, id);
        if (now.isPresent()) {
          Optional<Row> next = change.of(now.get());
          if (next.isPresent()) {
            update(connection, id, next.get());
          } else {
            delete(connection, id);
          }
        }
        connection.commit();
        done = true;
        return now.isPresent();
      } finally {
        if (!done) {
          connection.rollback();
        }
      }
    }
  }

  private static Optional<Account> locked(Connection connection, String id) throws SQLException {
    try (PreparedStatement select = prepared(connection, ONE)) {
      select.setString(1, id);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(account(row)) : Optional.empty();
      }
    }
  }

  private static void update(Connection connection, String id, Row row) throws SQLException {
    try (PreparedStatement update = prepared(connection, UPDATE)) {
      update.setString(1, row.settings());
      update.setString(2, Json.of(row.secrets()));
      update.setInt(3, row.priority());
      update.setBoolean(4, row.enabled());
      update.setString(5, row.description());
      update.setString(6, id);
      update.execute();
    }
  }

  private static void delete(Connection connection, String id) throws SQLException {
    try (PreparedStatement delete = prepared(connection, DELETE)) {
      delete.setString(1, id);
      delete.execute();
    }
  }

  /// Puts the same secrets there, encrypted anew, unless somebody has changed the account
  /// meanwhile. Its version stays: nothing that anybody reads is another.
  boolean rekey(Account account, Map<String, String> secrets) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(true);
      try (PreparedStatement rekey = prepared(connection, REKEY)) {
        rekey.setString(1, Json.of(secrets));
        rekey.setString(2, account.id());
        rekey.setLong(3, account.version());
        rekey.setString(4, Json.of(account.secrets()));
        return rekey.executeUpdate() == 1;
      }
    }
  }

  private static PreparedStatement prepared(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setQueryTimeout(WITHIN_SECONDS);
    return statement;
  }

  private static Account account(ResultSet row) throws SQLException {
    return new Account(
        row.getString(1),
        row.getString(2),
        Json.parsed(row.getString(3)).toString(), // without the database's blanks
        Json.texts(row.getString(4)),
        row.getInt(5),
        row.getBoolean(6),
        row.getString(7),
        row.getLong(8),
        row.getObject(9, OffsetDateTime.class).toInstant(),
        row.getObject(10, OffsetDateTime.class).toInstant());
  }
}

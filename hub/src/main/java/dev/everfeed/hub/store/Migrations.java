package dev.everfeed.hub.store;

import dev.everfeed.hub.store.MigrationException.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/// Brings a database to the tables that this program needs: the scripts `db/migration/V*.sql`,
/// by Flyway, each in one transaction. A database that dies meanwhile has the script wholly or
/// not at all, and the next try goes on from there.
///
/// Usually there is nothing to do, and one query finds that out. A database that a newer
/// program has changed is left alone. Other tables in the same schema are not touched, but
/// their names must not be ours. Stateless; it blocks the caller's thread.
public final class Migrations {
  /// The newest script. A test compares it with the folder.
  static final int NEWEST = 4;

  /// Seconds in which another hub must have done its changes.
  private static final int LOCK_SECONDS_MAX = 60;

  /// In what Flyway says when it waited in vain.
  private static final String LOCKED = "advisory lock";

  /// In what Flyway says when another hub has made its list between two looks at it, which it
  /// takes for the tables of somebody else. The list is there at the next try.
  private static final String MADE_MEANWHILE = "already exists, and is empty";

  /// Flyway's list of what was run: by a name of its own, so that another program in the same
  /// schema can have Flyway's usual one.
  static final String HISTORY = "everfeed_schema_history";

  /// Versions are whole numbers; version 0 stands for what was there before us.
  private static final String APPLIED = "SELECT max(version::int) FILTER (WHERE success) FROM "
      + HISTORY + " WHERE version IS NOT NULL";

  private Migrations() {}

  /// Does what is missing.
  ///
  /// @return how many scripts were run
  public static int run(DataSource database) throws MigrationException {
    return run(database, LOCK_SECONDS_MAX);
  }

  static int run(DataSource database, int lockSecondsMax) throws MigrationException {
    int applied;
    try (Connection connection = database.getConnection()) {
      applied = applied(connection);
    } catch (SQLException e) {
      throw failed(e, e);
    }
    if (applied > NEWEST) {
      throw new MigrationException(
          Reason.NEWER,
          "the database has tables of version %d, this program knows them up to %d: it was written"
                  .formatted(applied, NEWEST)
              + " by a newer everfeed. Nothing was changed. Run that version or a newer one");
    }
    if (applied == NEWEST) {
      return 0;
    }
    try {
      return migrate(database, lockSecondsMax);
    } catch (FlywayException e) {
      throw failed(e, cause(e));
    }
  }

  private static int migrate(DataSource database, int lockSecondsMax) {
    Flyway flyway = Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(database)
        .table(HISTORY)
        .locations("classpath:db/migration")
        .placeholderReplacement(false)
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .lockRetryCount(lockSecondsMax)
        .connectRetries(0)
        .load();
    try {
      return flyway.migrate().migrationsExecuted;
    } catch (FlywayException e) {
      if (!String.valueOf(e.getMessage()).contains(MADE_MEANWHILE)) {
        throw e;
      }
      return flyway.migrate().migrationsExecuted;
    }
  }

  /// The newest script that the database has, 0 when there is none.
  static int applied(Connection connection) throws SQLException {
    try (PreparedStatement there = connection.prepareStatement(
            "SELECT to_regclass(quote_ident(current_schema()) || '." + HISTORY + "')");
        ResultSet row = there.executeQuery()) {
      row.next();
      if (row.getString(1) == null) {
        return 0;
      }
    }
    try (PreparedStatement newest = connection.prepareStatement(APPLIED);
        ResultSet row = newest.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  private static @Nullable SQLException cause(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof SQLException e) {
        return e;
      }
    }
    return null;
  }

  private static MigrationException failed(Exception thrown, @Nullable SQLException e) {
    String state = e == null || e.getSQLState() == null ? "" : e.getSQLState();
    String said = String.valueOf((e == null ? thrown : e).getMessage());
    String oneLine = said.lines().findFirst().orElse(said);
    boolean waited =
        state.equals("55P03") || String.valueOf(thrown.getMessage()).contains(LOCKED);
    if (waited) {
      return new MigrationException(
          Reason.BUSY,
          "another hub has been changing the tables for too long (limit %d s); it is tried again"
              .formatted(LOCK_SECONDS_MAX),
          thrown);
    }
    if (e != null && SqlFaults.isConnection(state)) {
      return new MigrationException(
          Reason.AWAY,
          "the database went away before its tables were ready (SQLSTATE %s): %s. What was begun is"
                  .formatted(state, oneLine)
              + " undone; it is tried again",
          thrown);
    }
    if (SqlFaults.isAccess(state)) {
      return new MigrationException(
          Reason.REFUSED,
          "the database does not let this program in (SQLSTATE %s): %s".formatted(state, oneLine),
          thrown);
    }
    return new MigrationException(
        Reason.REFUSED,
        "the database refused to have its tables made or changed (SQLSTATE %s): %s. The change was"
                .formatted(state.isEmpty() ? "unknown" : state, oneLine)
            + " undone",
        thrown);
  }
}

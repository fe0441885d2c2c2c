package dev.everfeed.hub.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/// What a refusal of the database means, by its SQLSTATE (PostgreSQL manual, appendix A).
final class SqlFaults {
  static final String UNIQUE_VIOLATION = "23505";
  private static final String CHECK_VIOLATION = "23514";
  private static final String PROGRAM_LIMIT = "54000";

  private SqlFaults() {}

  /// Whether the rows are to blame: they would be refused again, whoever writes them. Class 22
  /// (data), class 23 (constraints), and 54000, with which an index refuses a key that is too
  /// long.
  static boolean isOfTheData(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && (state.startsWith("22") || state.startsWith("23") || state.equals(PROGRAM_LIMIT))
        && !isMissingPartition(e);
  }

  /// Whether a row has no partition: PostgreSQL says so with the state of a violated check that
  /// has no name.
  static boolean isMissingPartition(SQLException e) {
    if (!CHECK_VIOLATION.equals(e.getSQLState())) {
      return false;
    }
    ServerErrorMessage said = serverMessage(e);
    return said != null && said.getConstraint() == null;
  }

  /// Whether the connection could not be made, or broke: classes 08 and 57P0x (shut down,
  /// starting), too many clients, and what the driver and the pool say without a state.
  static boolean isConnection(String state) {
    return state.isEmpty()
        || state.startsWith("08")
        || state.startsWith("57P0")
        || state.equals("53300");
  }

  /// Whether the name or the password is wrong, or the database is not there (classes 28 and
  /// 3D).
  static boolean isAccess(String state) {
    return state.startsWith("28") || state.startsWith("3D");
  }

  private static @Nullable ServerErrorMessage serverMessage(SQLException e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof PSQLException p) {
        return p.getServerErrorMessage();
      }
    }
    return null;
  }
}

package dev.everfeed.hub.store;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// Can the database be used, and if not, why: in one sentence for the one who has to do
/// something.
public final class DatabaseCheck {
  /// The first with everything the schema uses; 14 is supported until November 2026
  /// (postgresql.org/support/versioning).
  public static final int OLDEST_VERSION = 140_000;

  private DatabaseCheck() {}

  public sealed interface Result {}

  /// @param versionNumber `server_version_num`, 180006 for 18.6
  /// @param version       as the server says it
  /// @param hypertables   the extension timescaledb is there or can be made
  public record Up(int versionNumber, String version, boolean hypertables) implements Result {}

  /// @param sentence without a stop at its end, and without the address
  public record Down(Reason reason, String sentence) implements Result {}

  public enum Reason {
    REFUSED,
    TIMEOUT,
    UNKNOWN_HOST,
    WRONG_PASSWORD,
    UNKNOWN_DATABASE,
    TOO_OLD,
    READ_ONLY,
    TOO_MANY_CONNECTIONS,
    STARTING,
    OTHER
  }

  /// Opens a connection of its own and closes it; blocks no longer than the address's timeouts.
  public static Result check(DatabaseAddress address) {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement();
        ResultSet answer =
            statement.executeQuery("select current_setting('server_version_num')::int,"
                + " current_setting('server_version'),"
                + " pg_is_in_recovery(),"
                + " current_setting('transaction_read_only') = 'on',"
                + " exists (select from pg_available_extensions where name = 'timescaledb')")) {
      answer.next();
      return judge(
          answer.getInt(1),
          answer.getString(2),
          answer.getBoolean(3),
          answer.getBoolean(4),
          answer.getBoolean(5));
    } catch (SQLException failure) {
      return explain(failure);
    }
  }

  static Result judge(
      int versionNumber, String version, boolean standby, boolean readOnly, boolean hypertables) {
    if (versionNumber < OLDEST_VERSION) {
      return new Down(
          Reason.TOO_OLD,
          "it is PostgreSQL %s, and %d or newer is needed"
              .formatted(version, OLDEST_VERSION / 10_000));
    }
    if (standby) {
      return new Down(Reason.READ_ONLY, "it is a standby, which cannot be written to");
    }
    if (readOnly) {
      return new Down(
          Reason.READ_ONLY, "it is read-only for us (default_transaction_read_only is on)");
    }
    return new Up(versionNumber, version, hypertables);
  }

  /// What a failure to connect means, or one of a connection that was there.
  public static Down explain(SQLException failure) {
    String state = failure.getSQLState() == null ? "" : failure.getSQLState();
    return switch (state) {
      case "28P01" -> down(Reason.WRONG_PASSWORD, "it does not accept the password", failure);
      case "28000" -> down(Reason.WRONG_PASSWORD, "it does not let this user in", failure);
      case "3D000" -> down(Reason.UNKNOWN_DATABASE, "it has no such database", failure);
      case "53300" -> down(Reason.TOO_MANY_CONNECTIONS, "it has too many connections", failure);
      case "57P03" -> down(Reason.STARTING, "it is starting, stopping or recovering", failure);
      case "25006" -> down(Reason.READ_ONLY, "it is read-only for us", failure);
      default -> byCause(failure, state);
    };
  }

  private static Down byCause(SQLException failure, String state) {
    @Nullable Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 8; depth++, cause = cause.getCause()) {
      switch (cause) {
        case ConnectException _ -> {
          return down(Reason.REFUSED, "no connection is accepted there", cause);
        }
        case SocketTimeoutException _ -> {
          return down(Reason.TIMEOUT, "it did not answer in time", cause);
        }
        case UnknownHostException _ -> {
          return down(Reason.UNKNOWN_HOST, "the host's name is not known", cause);
        }
        default -> {
          // what has caused it may say more
        }
      }
    }
    String message = String.valueOf(failure.getMessage());
    if (message.contains("targetServerType")) {
      return down(Reason.READ_ONLY, "none of the hosts is a primary", failure);
    }
    return down(Reason.OTHER, other(state), failure);
  }

  private static String other(String state) {
    if (state.isEmpty() || state.startsWith("08")) {
      return "no connection was made, or it broke";
    }
    return state.equals("57P01") || state.equals("57P02")
        ? "it ended the connection"
        : "it could not do what it was asked (SQLSTATE " + state + ")";
  }

  private static Down down(Reason reason, String sentence, Throwable seen) {
    String words =
        String.valueOf(seen.getMessage()).lines().findFirst().orElse("").strip();
    return new Down(reason, words.isEmpty() ? sentence : sentence + ": " + words);
  }
}

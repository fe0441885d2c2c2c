package dev.everfeed.hub.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import javax.sql.DataSource;

/// Which of several hubs on one database has a duty: the one that holds the lease.
///
/// All times are the database's, so that hubs with different clocks agree. The token rises by
/// one whenever the duty changes hands, never when the holder renews: whoever acts under it can
/// be told from an earlier holder that does not know yet (RESILIENCE section 5, fencing).
///
/// | the lease is | held by me   | held by another | run out           |
/// |--------------|--------------|-----------------|-------------------|
/// | take         | Mine, longer | Theirs          | Mine, token + 1   |
/// | release      | run out      | -               | -                 |
///
/// Stateless; any thread, each call one statement.
public final class Lease {
  private static final String TAKE = """
      INSERT INTO lease AS l (name, holder, token, until)
      VALUES (?, ?, 1, clock_timestamp() + ? * interval '1 millisecond')
      ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder,
        token = CASE WHEN l.holder = excluded.holder THEN l.token ELSE l.token + 1 END,
        until = excluded.until
      WHERE l.holder = excluded.holder OR l.until <= clock_timestamp()
      RETURNING token""";
  private static final String LOOK = "SELECT holder, until FROM lease WHERE name = ?";
  private static final String RELEASE =
      "UPDATE lease SET until = clock_timestamp() WHERE name = ? AND holder = ?";

  /// Who holds it now.
  public sealed interface Grant {}

  /// This hub does, for the lease's length from now.
  public record Mine(long token) implements Grant {}

  /// Another one does.
  public record Theirs(UUID holder, Instant until) implements Grant {}

  private final DataSource database;
  private final String name;
  private final UUID holder;
  private final Duration length;

  /// @param holder this hub's identity, the same over restarts: it need not wait for itself
  public Lease(DataSource database, String name, UUID holder, Duration length) {
    this.database = database;
    this.name = name;
    this.holder = holder;
    this.length = length;
  }

  /// Takes it if it is free, renews it if it is ours.
  public Grant take() throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(true);
      try (PreparedStatement take = connection.prepareStatement(TAKE)) {
        take.setString(1, name);
        take.setObject(2, holder);
        take.setLong(3, length.toMillis());
        try (ResultSet taken = take.executeQuery()) {
          if (taken.next()) {
            return new Mine(taken.getLong(1));
          }
        }
      }
      try (PreparedStatement look = connection.prepareStatement(LOOK)) {
        look.setString(1, name);
        try (ResultSet found = look.executeQuery()) {
          if (!found.next()) {
            throw new SQLException(
                "lease %s: neither taken nor held by another, its row has been deleted meanwhile"
                    .formatted(name),
                "40001");
          }
          return new Theirs(
              found.getObject(1, UUID.class),
              found.getObject(2, OffsetDateTime.class).toInstant());
        }
      }
    }
  }

  /// Gives it up if it is ours, so that another hub need not wait for its end.
  public void release() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement release = connection.prepareStatement(RELEASE)) {
      connection.setAutoCommit(true);
      release.setString(1, name);
      release.setObject(2, holder);
      release.executeUpdate();
    }
  }
}

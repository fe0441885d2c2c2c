package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A connection that leads to a server that goes away is not lent again.
class ConnectionPoolTest {
  private static TestDatabase database;

  @BeforeAll
  static void open() {
    database = TestDatabase.create();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Test
  void aConnectionIsLentAgain() throws Exception {
    try (ConnectionPool pool = pool()) {
      int first = backend(pool.dataSource());
      assertThat(backend(pool.dataSource())).isEqualTo(first);
      assertThat(pool.check()).isInstanceOf(DatabaseCheck.Up.class);
    }
  }

  /// 57P01: an administrator, or the server's shutdown, has ended the session.
  @Test
  void aConnectionThatTheServerHasEndedIsNotLentAgain() throws Exception {
    try (ConnectionPool pool = pool()) {
      int ended;
      try (Connection connection = pool.dataSource().getConnection()) {
        ended = backend(connection);
        database.execute("select pg_terminate_backend(" + ended + ", 5000)");
        assertThatThrownBy(() -> backend(connection))
            .isInstanceOfSatisfying(
                SQLException.class,
                failure -> assertThat(failure.getSQLState()).isEqualTo("57P01"));
      }
      assertThat(backend(pool.dataSource())).isNotEqualTo(ended);
    }
  }

  /// 25006: the server under an address has become a standby, and the new primary is elsewhere.
  @Test
  void aConnectionThatHasBecomeReadOnlyIsNotLentAgain() throws Exception {
    try (ConnectionPool pool = pool()) {
      int readOnly;
      try (Connection connection = pool.dataSource().getConnection();
          var statement = connection.createStatement()) {
        readOnly = backend(connection);
        statement.execute("set default_transaction_read_only = on");
        assertThatThrownBy(() -> statement.execute("create table t (a int)"))
            .isInstanceOfSatisfying(
                SQLException.class,
                failure -> assertThat(failure.getSQLState()).isEqualTo("25006"));
      }
      assertThat(backend(pool.dataSource())).isNotEqualTo(readOnly);
    }
  }

  /// A mistake in one statement is no reason to open a new connection.
  @Test
  void aConnectionWithARefusedRowIsLentAgain() throws Exception {
    try (ConnectionPool pool = pool()) {
      int first;
      try (Connection connection = pool.dataSource().getConnection();
          var statement = connection.createStatement()) {
        first = backend(connection);
        assertThatThrownBy(() -> statement.execute("select 1 / 0"))
            .isInstanceOf(SQLException.class);
      }
      assertThat(backend(pool.dataSource())).isEqualTo(first);
    }
  }

  @Test
  void withoutADatabaseTheBorrowerIsToldInTime() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
    DatabaseAddress nobody =
        DatabaseAddress.parse("postgres://u:p@127.0.0.1:" + port + "/db", null, null);
    try (ConnectionPool pool = new ConnectionPool(nobody, 2, Duration.ofMillis(300), null)) {
      long from = System.nanoTime();
      assertThatThrownBy(() -> pool.dataSource().getConnection())
          .isInstanceOf(SQLTransientConnectionException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(5));
      assertThat(pool.check()).isInstanceOf(DatabaseCheck.Down.class);
    }
  }

  private static ConnectionPool pool() {
    return new ConnectionPool(database.address(), 1, Duration.ofSeconds(10), null);
  }

  private static int backend(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection()) {
      return backend(connection);
    }
  }

  private static int backend(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("select pg_backend_pid()")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}

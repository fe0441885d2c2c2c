package dev.everfeed.hub.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// A few open connections to one database, lent and taken back.
///
/// Made whether or not the database answers: who borrows waits for a bounded time and is then
/// told. A connection that has shown that its server goes away, or is no longer the primary, is
/// closed, and so are the idle ones beside it, for they lead to the same place.
///
/// Any thread may borrow. The pool has threads of its own, which open and close connections.
public final class ConnectionPool implements AutoCloseable {
  /// The writer, history's readers, jobs and the lease, one or two each.
  public static final int SIZE = 6;

  /// For a free or a new connection.
  public static final Duration WAIT = Duration.ofSeconds(5);

  /// An idle connection is asked whether it lives, before a firewall forgets it.
  private static final Duration KEEPALIVE = Duration.ofMinutes(1);

  /// Then a connection is replaced: names get new addresses, and a server's process grows.
  private static final Duration LIFETIME = Duration.ofMinutes(15);

  private static final Duration VALIDATION = Duration.ofSeconds(2);

  /// Ended by an administrator, crashed, cannot connect now, read-only (a standby by now). Class
  /// 08 is in Hikari's own list.
  private static final Set<String> SERVER_IS_LEAVING = Set.of("57P01", "57P02", "57P03", "25006");

  private final DatabaseAddress address;
  private final HikariDataSource pool;

  public ConnectionPool(DatabaseAddress address) {
    this(address, SIZE, WAIT, null);
  }

  /// @param size    connections at most, 1 or more
  /// @param wait    for a connection, 250 ms or more
  /// @param metrics where the pool's gauges go (`hikaricp.*`), or null
  public ConnectionPool(
      DatabaseAddress address, int size, Duration wait, @Nullable MeterRegistry metrics) {
    this.address = address;
    HikariConfig config = new HikariConfig();
    config.setPoolName("store");
    config.setDataSource(address.dataSource());
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(size);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(wait.toMillis());
    config.setValidationTimeout(Math.min(wait.toMillis(), VALIDATION.toMillis()));
    config.setKeepaliveTime(KEEPALIVE.toMillis());
    config.setMaxLifetime(LIFETIME.toMillis());
    config.setLeakDetectionThreshold(0);
    config.setExceptionOverride(new LeavingServer());
    if (metrics != null) {
      config.setMetricRegistry(metrics);
    }
    this.pool = new HikariDataSource(config);
  }

  /// Whose `getConnection` lends: after [#WAIT] at most it throws
  /// `java.sql.SQLTransientConnectionException`.
  public DataSource dataSource() {
    return pool;
  }

  /// Asks the database with a connection of its own, however busy the pool is.
  public DatabaseCheck.Result check() {
    return DatabaseCheck.check(address);
  }

  /// Closes what is idle, and cuts what is lent after 10 s.
  @Override
  public void close() {
    pool.close();
  }

  private final class LeavingServer implements SQLExceptionOverride {
    @java.lang.Override
    public SQLExceptionOverride.Override adjudicate(SQLException failure) {
      if (failure.getSQLState() == null || !SERVER_IS_LEAVING.contains(failure.getSQLState())) {
        return SQLExceptionOverride.Override.CONTINUE_EVICT;
      }
      HikariPoolMXBean connections = pool.getHikariPoolMXBean();
      if (connections != null) {
        connections.softEvictConnections();
      }
      return SQLExceptionOverride.Override.MUST_EVICT;
    }
  }
}

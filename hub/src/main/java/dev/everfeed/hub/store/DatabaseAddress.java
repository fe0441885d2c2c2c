package dev.everfeed.hub.store;

import dev.everfeed.hub.config.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/// Where a PostgreSQL database is, who we are to it, and how long we wait for it.
///
/// Immutable, and never shows the password. With several hosts the primary is looked for, and a
/// host that failed is asked again after a second, unless the address says otherwise.
public final class DatabaseAddress {
  /// For a host to accept a connection.
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /// For an answer, once connected.
  static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

  /// Beyond the connect timeout, for a host that accepts and then does not shake hands: it must
  /// not cost a whole [#SOCKET_TIMEOUT] before the next host is asked.
  private static final Duration HANDSHAKE = Duration.ofSeconds(3);

  static final int DEFAULT_PORT = 5432;

  /// @param port 1 to 65535
  record Host(String name, int port) {
    @Override
    public String toString() {
      return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
    }
  }

  private final List<Host> hosts;
  private final String database;
  private final String user;
  private final @Nullable Secret password;

  /// The driver's, by its own names, as the address has them.
  private final Map<String, String> parameters;

  private final Duration connectTimeout;
  private final Duration socketTimeout;

  DatabaseAddress(
      List<Host> hosts,
      String database,
      String user,
      @Nullable Secret password,
      Map<String, String> parameters,
      Duration connectTimeout,
      Duration socketTimeout) {
    this.hosts = List.copyOf(hosts);
    this.database = database;
    this.user = user;
    this.password = password;
    this.parameters = Map.copyOf(parameters);
    this.connectTimeout = connectTimeout;
    this.socketTimeout = socketTimeout;
  }

  /// Reads `store.url`, in the driver's form (`jdbc:postgresql://h1:5432,h2:5432/db?…`) or in
  /// libpq's (`postgres://user:password@h1:5432,h2/db?sslmode=require`). A port not given is
  /// 5432, a host not given this machine, a database not given has the user's name.
  ///
  /// @param user     instead of the one in the address, if not null
  /// @param password likewise
  /// @throws IllegalArgumentException if it is neither; the message says what is allowed, and
  ///     repeats nothing that may be part of a password
  public static DatabaseAddress parse(
      String url, @Nullable String user, @Nullable Secret password) {
    return new DatabaseUrl(url).read(user, password);
  }

  static DatabaseAddress local(int port, String database, String user, Secret password) {
    return new DatabaseAddress(
        List.of(new Host("127.0.0.1", port)),
        database,
        user,
        password,
        // Nobody else may take the port and ask for the password itself.
        Map.of(
            PGProperty.REQUIRE_AUTH.getName(), "scram-sha-256",
            // It has no certificate, and asking costs a round trip.
            PGProperty.SSL_MODE.getName(), "disable",
            PGProperty.GSS_ENC_MODE.getName(), "disable"),
        CONNECT_TIMEOUT,
        SOCKET_TIMEOUT);
  }

  /// @param connect for a host to accept a connection, in whole seconds, 1 s at least
  /// @param socket  for an answer, likewise
  public DatabaseAddress withTimeouts(Duration connect, Duration socket) {
    return new DatabaseAddress(hosts, database, user, password, parameters, connect, socket);
  }

  /// Another database of the same server.
  public DatabaseAddress withDatabase(String name) {
    return new DatabaseAddress(
        hosts, name, user, password, parameters, connectTimeout, socketTimeout);
  }

  public String database() {
    return database;
  }

  public String user() {
    return user;
  }

  List<Host> hosts() {
    return hosts;
  }

  /// Without parameters: they are in [#properties].
  public String jdbcUrl() {
    return "jdbc:postgresql://%s/%s"
        .formatted(listed(), URLEncoder.encode(database, StandardCharsets.UTF_8));
  }

  /// For the driver, with the password.
  public Properties properties() {
    Map<String, String> all = new TreeMap<>();
    all.put(PGProperty.APPLICATION_NAME.getName(), "everfeed");
    all.put(PGProperty.REWRITE_BATCHED_INSERTS.getName(), "true");
    all.put(PGProperty.TCP_KEEP_ALIVE.getName(), "true");
    all.put(PGProperty.CONNECT_TIMEOUT.getName(), seconds(connectTimeout));
    all.put(PGProperty.SOCKET_TIMEOUT.getName(), seconds(socketTimeout));
    if (hosts.size() > 1) {
      all.put(PGProperty.TARGET_SERVER_TYPE.getName(), "primary");
      all.put(PGProperty.HOST_RECHECK_SECONDS.getName(), "1");
    }
    all.putAll(parameters);
    all.put(PGProperty.USER.getName(), user);
    if (password != null) {
      all.put(PGProperty.PASSWORD.getName(), password.reveal());
    }
    Properties properties = new Properties();
    all.forEach(properties::setProperty);
    return properties;
  }

  /// Opens one connection, whose session is in UTC: each host within the connect timeout and 3
  /// s for the handshake; after that, each answer within the socket timeout.
  ///
  /// @throws SQLException see [DatabaseCheck#explain] for what it means
  public Connection connect() throws SQLException {
    Properties properties = properties();
    int answerSeconds = wholeSeconds(properties, PGProperty.SOCKET_TIMEOUT);
    int connectSeconds = wholeSeconds(properties, PGProperty.CONNECT_TIMEOUT);
    if (connectSeconds > 0) {
      long handshake = connectSeconds + HANDSHAKE.toSeconds();
      properties.setProperty(
          PGProperty.SOCKET_TIMEOUT.getName(),
          Long.toString(answerSeconds == 0 ? handshake : Math.min(answerSeconds, handshake)));
    }
    Connection connection = new Driver().connect(jdbcUrl(), properties);
    if (connection == null) {
      throw new IllegalStateException("the driver does not take " + jdbcUrl());
    }
    try (Statement statement = connection.createStatement()) {
      connection.setNetworkTimeout(Runnable::run, (int) TimeUnit.SECONDS.toMillis(answerSeconds));
      // The driver gives the session this machine's time zone, on which a day's bounds would
      // depend.
      statement.execute("set time zone 'UTC'");
      return connection;
    } catch (SQLException | RuntimeException failure) {
      try {
        connection.close();
      } catch (SQLException second) {
        failure.addSuppressed(second);
      }
      throw failure;
    }
  }

  /// Opens a new connection each time it is asked.
  public DataSource dataSource() {
    return new DirectDataSource(this);
  }

  /// Whether every host is this machine, by its usual names.
  public boolean isLocal() {
    return hosts.stream()
        .map(Host::name)
        .allMatch(
            name -> name.equals("localhost") || name.startsWith("127.") || name.equals("::1"));
  }

  /// `h1:5432,h2:5432/db as everfeed`
  public String describe() {
    return "%s/%s as %s".formatted(listed(), database, user);
  }

  @Override
  public String toString() {
    return describe();
  }

  /// A value of the driver's that the address itself has.
  Optional<String> parameter(PGProperty property) {
    return Optional.ofNullable(parameters.get(property.getName()));
  }

  private String listed() {
    return hosts.stream().map(Host::toString).collect(Collectors.joining(","));
  }

  private static int wholeSeconds(Properties properties, PGProperty property) {
    return Integer.parseInt(properties.getProperty(property.getName()));
  }

  private static String seconds(Duration duration) {
    return Long.toString(Math.clamp(duration.toSeconds(), 1, Integer.MAX_VALUE / 1000));
  }
}

package dev.everfeed.hub.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// An empty database of a real PostgreSQL, for one test class.
///
/// One server serves all classes of a JVM: the hub's own embedded one, kept in
/// `target/test-postgres-1` (the number is the JVM's among those that run tests beside each other)
/// and stopped when the JVM ends; or, if `EVERFEED_TEST_POSTGRES_URL` is set (a superuser's, in a
/// form that `store.url` has), that one.
///
/// ```java
/// private static TestDatabase database;
/// @BeforeAll static void open() { database = TestDatabase.create(); }
/// @AfterAll static void close() { database.close(); }
/// ```
public final class TestDatabase implements AutoCloseable {
  private static final String ENVIRONMENT = "EVERFEED_TEST_POSTGRES_URL";
  private static @Nullable DatabaseAddress server;

  private final DatabaseAddress maintenance;
  private final DatabaseAddress address;

  private TestDatabase(DatabaseAddress maintenance, DatabaseAddress address) {
    this.maintenance = maintenance;
    this.address = address;
  }

  /// Starts the server if this is the first call, and makes a database by a name that nobody
  /// has.
  public static TestDatabase create() {
    DatabaseAddress maintenance = server();
    String name =
        "test_" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    execute(maintenance, "create database " + name);
    return new TestDatabase(maintenance, maintenance.withDatabase(name));
  }

  /// The address of the one server, at a database that is always there.
  static synchronized DatabaseAddress server() {
    if (server == null) {
      String url = System.getenv(ENVIRONMENT);
      server =
          url == null || url.isEmpty() ? startEmbedded() : DatabaseAddress.parse(url, null, null);
    }
    return server;
  }

  /// A hub with an embedded server of its own in this data folder does not unpack it anew, which
  /// takes three seconds of a processor: the programs are linked there.
  public static void lendPrograms(Path data) throws IOException {
    server();
    Path unpacked = folder().resolve("postgres");
    if (!Files.isDirectory(unpacked)) {
      return; // the server is not an embedded one
    }
    List<Path> programs = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(unpacked, "binaries-*")) {
      for (Path each : found) {
        try (Stream<Path> files = Files.walk(each)) {
          programs.addAll(files.toList());
        }
      }
    }
    for (Path each : programs) {
      Path own = data.resolve("postgres").resolve(unpacked.relativize(each));
      if (Files.isSymbolicLink(each)) {
        Files.createSymbolicLink(own, Files.readSymbolicLink(each));
      } else if (Files.isDirectory(each)) {
        Files.createDirectories(own);
      } else if (Files.getFileStore(each).equals(Files.getFileStore(own.getParent()))) {
        Files.createLink(own, each);
      } else {
        Files.copy(each, own, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  /// Kept between runs, so that only the first one unpacks and makes it.
  private static Path folder() {
    String name = System.getProperty("everfeed.test.postgres", "test-postgres-1");
    return Path.of("target", name).toAbsolutePath();
  }

  private static DatabaseAddress startEmbedded() {
    try {
      Path folder = folder();
      Files.createDirectories(folder);
      DataDirectory data = DataDirectory.open(folder);
      EmbeddedServer embedded =
          new EmbeddedServer(data.path().resolve("postgres"), System::nanoTime);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {
        embedded.close();
        data.close();
      }));
      DatabaseAddress address = embedded.start(Duration.ofSeconds(60)).withDatabase("postgres");
      dropOld(address);
      stretchLess(address);
      return address;
    } catch (IOException | DataDirectoryInUseException | EmbeddedServerException failure) {
      throw new IllegalStateException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  /// With the first compiler alone each connection takes 20 ms for the usual 4,096 rounds.
  private static void stretchLess(DatabaseAddress maintenance) {
    Properties account = maintenance.properties();
    try (Connection connection = maintenance.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set scram_iterations = 1");
      statement.execute("alter role \"%s\" password '%s'"
          .formatted(account.getProperty("user"), account.getProperty("password")));
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /// Databases of a run that was killed.
  private static void dropOld(DatabaseAddress maintenance) {
    try (Connection connection = maintenance.connect();
        Statement statement = connection.createStatement()) {
      var names = new ArrayList<String>();
      try (var rows = statement.executeQuery(
          "select datname from pg_database where datname ~ '^test_[0-9a-f]{16}$'")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      for (String name : names) {
        statement.execute("drop database " + name + " with (force)");
      }
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  public DatabaseAddress address() {
    return address;
  }

  /// As `store.url` takes it, the password included.
  public String url() {
    Properties properties = address.properties();
    return address
        .jdbcUrl()
        .replace(
            "jdbc:postgresql://",
            "postgres://%s:%s@"
                .formatted(properties.getProperty("user"), properties.getProperty("password", "")));
  }

  /// Each connection is a new one, and the caller's to close.
  public DataSource dataSource() {
    return address.dataSource();
  }

  /// Runs statements, each in a transaction of its own.
  public void execute(String... statements) {
    for (String statement : statements) {
      execute(address, statement);
    }
  }

  private static void execute(DatabaseAddress address, String sql) {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql + ": " + failure.getMessage(), failure);
    }
  }

  /// Drops the database, whoever is still connected to it.
  @Override
  public void close() {
    execute(maintenance, "drop database if exists " + address.database() + " with (force)");
  }
}

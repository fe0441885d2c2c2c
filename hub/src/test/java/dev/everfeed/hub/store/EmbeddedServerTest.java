package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.everfeed.hub.config.Secret;
import dev.everfeed.hub.store.EmbeddedServerException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real server, made once for all of these, and then stopped, killed, left behind and found
/// again. Every test starts from a server that runs and has one row.
class EmbeddedServerTest {
  private static final Duration BOUND = EmbeddedServer.START_WITHIN;

  @TempDir
  private static Path directory;

  private static Path folder;

  private EmbeddedServer server;

  /// The only one that unpacks and makes; the rest find what it has left.
  @BeforeAll
  static void theFirstStart() throws Exception {
    folder = directory.resolve("postgres");
    try (EmbeddedServer server = new EmbeddedServer(folder, System::nanoTime)) {
      long from = System.nanoTime();
      DatabaseAddress address = server.start(BOUND);
      report("first start", from);
      execute(address, "create table kept (what text primary key)");
      execute(address, "insert into kept values ('by the first start')");
    }
  }

  @BeforeEach
  void open() {
    server = new EmbeddedServer(folder, System::nanoTime);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void laterStartsFindTheRows() throws Exception {
    for (int start = 0; start < 3; start++) {
      long from = System.nanoTime();
      DatabaseAddress address = server.start(BOUND);
      report("later start", from);
      assertThat(count(address)).isEqualTo(1);
      server.stop();
    }
  }

  @Test
  void whatIsCommittedIsDurableAndOnlyTheHubGetsIn() throws Exception {
    DatabaseAddress address = server.start(BOUND);

    assertThat(List.of(
            setting(address, "listen_addresses"),
            setting(address, "unix_socket_directories"),
            setting(address, "fsync"),
            setting(address, "synchronous_commit"),
            setting(address, "full_page_writes"),
            setting(address, "data_checksums"),
            setting(address, "server_encoding"),
            setting(address, "TimeZone"),
            setting(address, "jit"),
            setting(address, "shared_buffers"),
            setting(address, "max_connections")))
        .containsExactly(
            "127.0.0.1", "", "on", "on", "on", "on", "UTF8", "UTC", "off", "64MB", "40");
    assertThat(Files.getPosixFilePermissions(folder.resolve("password")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.readString(folder.resolve("password")).strip()).hasSize(43);
    DatabaseAddress stranger = DatabaseAddress.local(
        address.hosts().getFirst().port(), "everfeed", "everfeed", new Secret("guessed"));
    assertThat(DatabaseCheck.check(stranger))
        .isInstanceOfSatisfying(
            DatabaseCheck.Down.class,
            down -> assertThat(down.reason()).isEqualTo(DatabaseCheck.Reason.WRONG_PASSWORD));
  }

  /// The server dies, the hub lives: it is told, and starts it again at the same address.
  @Test
  void aKilledServerIsNoticedAndKeepsWhatWasCommitted() throws Exception {
    DatabaseAddress before = server.start(BOUND);
    var exited = server.exited();
    assertThat(exited).isNotDone();
    try (ConnectionPool pool = new ConnectionPool(before, 2, Duration.ofSeconds(10), null)) {
      try (Connection connection = pool.dataSource().getConnection();
          var statement = connection.createStatement()) {
        statement.execute("create table killed as select 1 as a");

        server.process().destroyForcibly();

        exited.get(10, TimeUnit.SECONDS);
        DatabaseAddress after = server.start(BOUND);
        assertThat(after.jdbcUrl()).isEqualTo(before.jdbcUrl());
        assertThatThrownBy(() -> statement.execute("drop table killed"))
            .isInstanceOf(SQLException.class);
      }
      try (Connection connection = pool.dataSource().getConnection();
          var statement = connection.createStatement()) {
        statement.execute("drop table killed");
      }
    }
  }

  /// A process that computes does not notice that its server is gone, and holds on to the shared
  /// memory, beside which PostgreSQL does not start.
  @Test
  void aStatementThatOutlivesItsServerDoesNotKeepTheNextOneOut() throws Exception {
    DatabaseAddress before = server.start(BOUND);
    try (Connection connection = before.connect();
        var statement = connection.createStatement()) {
      statement.execute("set max_parallel_workers_per_gather = 0");
      long backend = Long.parseLong(ask(connection, "select pg_backend_pid()"));
      Thread client = Thread.ofVirtual().start(() -> {
        try {
          statement.execute("select count(*) from generate_series(1, 1e12::bigint)");
        } catch (SQLException cutOff) {
          // as it should be
        }
      });
      while (!ask(before, "select state from pg_stat_activity where pid = " + backend)
          .equals("active")) {
        Thread.onSpinWait();
      }
      server.process().destroyForcibly();
      server.exited().get(10, TimeUnit.SECONDS);

      assertThat(count(server.start(BOUND))).isEqualTo(1);

      assertThat(PostmasterFile.isAlive(backend)).isFalse();
      client.join();
    }
  }

  @Test
  void aServerThatAHubHasLeftBehindIsTakenOver() throws Exception {
    try (ChildHub hub =
        ChildHub.start(List.of(), System.getProperty("java.class.path"), directory)) {
      assertThat(hub.answer).startsWith("ready ");
      hub.kill();

      DatabaseAddress address = server.start(BOUND);

      assertThat(server.process().pid()).isEqualTo(hub.serverPid());
      assertThat(address.hosts().getFirst().port()).isEqualTo(hub.port());
      assertThat(count(address)).isEqualTo(1);
      var exited = server.exited();
      server.stop();
      assertThat(PostmasterFile.isAlive(hub.serverPid())).isFalse();
      exited.get(10, TimeUnit.SECONDS);
    }
  }

  /// Stopped by a signal it still accepts connections, or rather its kernel does.
  @Test
  void aServerThatWasLeftBehindAndDoesNotAnswerIsReplaced() throws Exception {
    try (ChildHub hub =
        ChildHub.start(List.of(), System.getProperty("java.class.path"), directory)) {
      hub.kill();
      assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(hub.serverPid()))
              .start()
              .waitFor())
          .isZero();

      DatabaseAddress address = server.start(BOUND);

      assertThat(server.process().pid()).isNotEqualTo(hub.serverPid());
      assertThat(PostmasterFile.isAlive(hub.serverPid())).isFalse();
      assertThat(count(address)).isEqualTo(1);
    }
  }

  /// After a restart of the machine, a number from before is anybody's.
  @Test
  void aNumberThatIsNowAnotherProgramsHurtsNobody() throws Exception {
    server.start(BOUND);
    Path file = folder.resolve("data").resolve("postmaster.pid");
    List<String> lines = Files.readAllLines(file);
    server.process().destroyForcibly();
    server.exited().get(10, TimeUnit.SECONDS);
    Process bystander = new ProcessBuilder("sleep", "60").start();
    try {
      lines.set(0, Long.toString(bystander.pid()));
      Files.write(file, lines);

      assertThat(count(server.start(BOUND))).isEqualTo(1);

      server.stop();
      assertThat(bystander.isAlive()).isTrue();
    } finally {
      bystander.destroyForcibly();
    }
  }

  @Test
  void dataOfAnotherVersionAreRefusedAndNotTouched() throws Exception {
    Path other = folderWithPrograms("other-version");
    Path version = Files.createDirectory(other.resolve("data")).resolve("PG_VERSION");
    Files.writeString(version, "16\n");

    try (EmbeddedServer refused = new EmbeddedServer(other, System::nanoTime)) {
      assertThatThrownBy(() -> refused.start(BOUND))
          .isInstanceOfSatisfying(
              EmbeddedServerException.class,
              failure -> assertThat(failure.reason()).isEqualTo(Reason.FOREIGN_DATA))
          .hasMessageContaining("written by PostgreSQL 16")
          .hasMessageContaining("carries 18")
          .hasMessageContaining("pg_dump")
          .hasMessageContaining(other.resolve("data").toString());
    }
    assertThat(version).hasContent("16\n");
    assertThat(other.resolve("data").toFile().list()).containsExactly("PG_VERSION");
  }

  @Test
  void aFolderThatIsNoDatabaseIsRefusedAndAnEmptyOneIsNot() throws Exception {
    Path other = folderWithPrograms("somebodys");
    Path data = Files.createDirectory(other.resolve("data"));
    Path somebodys = Files.writeString(data.resolve("holiday.jpg"), "a beach");

    try (EmbeddedServer made = new EmbeddedServer(other, System::nanoTime)) {
      assertThatThrownBy(() -> made.start(BOUND)).hasMessageContaining("no PG_VERSION");
      assertThat(somebodys).hasContent("a beach");

      Files.delete(somebodys);
      // An initdb that was killed has left this.
      Files.createDirectories(other.resolve("data-making/data/base"));
      assertThat(setting(made.start(BOUND), "data_checksums")).isEqualTo("on");
      assertThat(other.resolve("data-making")).doesNotExist();
      made.stop();

      Files.delete(other.resolve("password"));
      assertThatThrownBy(() -> made.start(BOUND)).hasMessageContaining("password is missing");
    }
  }

  @Test
  void aServerThatEndsWhileStartingIsQuoted() throws Exception {
    Path settings = folder.resolve("data").resolve("postgresql.conf");
    String good = Files.readString(settings);
    Files.writeString(settings, good + "\nmax_conections = 40\n");
    try {
      assertThatThrownBy(() -> server.start(BOUND))
          .hasMessageContaining("unrecognized configuration parameter \"max_conections\"")
          .hasMessageContaining("server.log");
    } finally {
      Files.writeString(settings, good);
    }
  }

  private static Path folderWithPrograms(String name) throws IOException {
    Path other = Files.createDirectory(directory.resolve(name));
    try (var folders = Files.newDirectoryStream(folder, "binaries-*")) {
      Path programs = folders.iterator().next();
      Files.createSymbolicLink(other.resolve(programs.getFileName()), programs);
    }
    return other;
  }

  private static long count(DatabaseAddress address) throws SQLException {
    return Long.parseLong(ask(address, "select count(*) from kept"));
  }

  private static String setting(DatabaseAddress address, String name) throws SQLException {
    return ask(address, "select current_setting('" + name + "')");
  }

  private static String ask(DatabaseAddress address, String sql) throws SQLException {
    try (Connection connection = address.connect()) {
      return ask(connection, sql);
    }
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void execute(DatabaseAddress address, String sql) throws SQLException {
    try (var connection = address.connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void report(String what, long fromNanos) {
    System.out.printf("%s: %d ms%n", what, (System.nanoTime() - fromNanos) / 1_000_000);
  }
}

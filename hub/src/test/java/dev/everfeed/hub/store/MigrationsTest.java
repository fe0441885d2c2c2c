package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.everfeed.hub.store.MigrationException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tables made and changed in a real PostgreSQL.
class MigrationsTest {
  private TestDatabase database;

  @BeforeEach
  void open() {
    database = TestDatabase.create();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void anEmptyDatabaseGetsItsTablesOnce() throws Exception {
    assertThat(Migrations.run(database.dataSource())).isEqualTo(Migrations.NEWEST);
    assertThat(count("pg_tables WHERE tablename = 'ohlcv'")).isEqualTo(1);

    assertThat(Migrations.run(database.dataSource())).isZero();
  }

  @Test
  void theNewestVersionIsThatOfTheFolder() throws Exception {
    Pattern name = Pattern.compile("V(\\d+)__\\w+\\.sql");
    Path folder = Path.of(System.getProperty("everfeed.project"))
        .resolve("hub/src/main/resources/db/migration");
    List<Integer> versions = new ArrayList<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Matcher matcher = name.matcher(file.getFileName().toString());
        assertThat(matcher.matches()).as("%s is V1__words.sql", file).isTrue();
        versions.add(Integer.valueOf(matcher.group(1)));
      }
    }
    assertThat(versions).contains(Migrations.NEWEST).allMatch(v -> v <= Migrations.NEWEST);
  }

  @Test
  void severalHubsStartingAtOnceMakeTheTablesOnce() throws Exception {
    int hubs = 4;
    try (ExecutorService pool = Executors.newFixedThreadPool(hubs)) {
      Callable<Integer> start = () -> Migrations.run(database.dataSource());
      List<Future<Integer>> runs = pool.invokeAll(List.of(start, start, start, start));
      int sum = 0;
      for (Future<Integer> run : runs) {
        sum += run.get();
      }
      assertThat(sum).isEqualTo(Migrations.NEWEST);
    }
    assertThat(count("everfeed_schema_history WHERE success AND version = '1'")).isEqualTo(1);
  }

  /// The first hub is held up in the middle of its script, by an event trigger.
  @Test
  void aHubDoesNotWaitForeverForAnother() throws Exception {
    database.execute(
        """
        CREATE FUNCTION dawdle() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
              WHERE object_identity = 'public.quarantine') THEN
            PERFORM pg_advisory_xact_lock(1);
          END IF;
        END $$""", "CREATE EVENT TRIGGER dawdle ON ddl_command_end EXECUTE FUNCTION dawdle()");
    try (ExecutorService pool = Executors.newFixedThreadPool(1);
        Connection holder = database.dataSource().getConnection();
        Statement statement = holder.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(1)");
      Future<Integer> first = pool.submit(() -> Migrations.run(database.dataSource()));
      while (count("pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0) {
        Thread.onSpinWait();
      }
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(() -> Migrations.run(database.dataSource(), 1))
          .withMessageContaining("another hub")
          .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BUSY));

      statement.execute("SELECT pg_advisory_unlock(1)");
      assertThat(first.get()).isEqualTo(Migrations.NEWEST);
    }
  }

  @Test
  void tablesOfSomebodyElseAreLeftAlone() throws Exception {
    database.execute("CREATE TABLE customer (id int)", "INSERT INTO customer VALUES (1)");
    Migrations.run(database.dataSource());
    assertThat(count("customer")).isEqualTo(1);
    assertThat(Migrations.run(database.dataSource())).isZero();
  }

  @Test
  void aTableOfSomebodyElseWithOurNameIsRefusedAndNothingIsLeftBehind() throws Exception {
    database.execute("CREATE TABLE lease (id int)");

    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(() -> Migrations.run(database.dataSource()))
        .withMessageContaining("relation \"lease\" already exists")
        .withMessageContaining("SQLSTATE 42P07")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED));
    assertThat(count("pg_tables WHERE tablename = 'ohlcv'")).isZero();

    database.execute("DROP TABLE lease");
    assertThat(Migrations.run(database.dataSource())).isEqualTo(Migrations.NEWEST);
  }

  @Test
  void aDatabaseOfANewerProgramIsRefusedUntouched() throws Exception {
    Migrations.run(database.dataSource());
    database.execute(
        "INSERT INTO everfeed_schema_history (installed_rank, version, description, type,"
            + " script, installed_by, execution_time, success)"
            + " VALUES (99, '99', 'newer', 'SQL', 'V99__newer.sql', 'test', 0, true)");

    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(() -> Migrations.run(database.dataSource()))
        .withMessageContaining("version 99")
        .withMessageContaining("Nothing was changed")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NEWER));
    assertThat(count("everfeed_schema_history")).isEqualTo(Migrations.NEWEST + 1);
  }

  /// The server ends the connection in the middle of the script: an event trigger does it when
  /// the table `quarantine` is made.
  @Test
  void aDatabaseThatDiesInTheMiddleIsMigratedByTheNextTry() throws Exception {
    database.execute("""
        CREATE FUNCTION die() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
              WHERE object_identity = 'public.quarantine') THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
            PERFORM pg_sleep(10);
          END IF;
        END $$""", "CREATE EVENT TRIGGER die ON ddl_command_end EXECUTE FUNCTION die()");

    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(() -> Migrations.run(database.dataSource()))
        .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.AWAY));
    assertThat(count("pg_tables WHERE tablename = 'ohlcv'")).isZero();

    database.execute("DROP EVENT TRIGGER die");
    assertThat(Migrations.run(database.dataSource())).isEqualTo(Migrations.NEWEST);
    assertThat(count("pg_tables WHERE tablename = 'quarantine'")).isEqualTo(1);
  }

  @Test
  void aDatabaseThatIsNotThereIsToldAsSuch() {
    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(() ->
            Migrations.run(database.address().withDatabase("there_is_none").dataSource()))
        .withMessageContaining("does not let this program in")
        .withMessageContaining("there_is_none")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED));
  }

  private int count(String from) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + from)) {
      row.next();
      return row.getInt(1);
    }
  }
}
